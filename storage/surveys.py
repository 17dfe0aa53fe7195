"""Survey responses. `Store.surveys` is the door to them.

Respondents are in it as salted digests of their addresses. Which advocate an answer is from is never stored: it is
worked out at every read, from consents that stand at that moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, RowMapping, select
from sqlalchemy.sql.elements import ColumnElement

from storage import addresses, refusals
from storage.engine import Database
from storage.models_surveys import SURVEY
from storage.once import Added, once
from storage.responses import Scale, SurveyGiven, SurveyKind, SurveyResponse
from storage.upsert import Row


class Surveys:
    """Answers of all topics."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self, topic: str, source: str, given: Sequence[SurveyGiven], now: datetime, *, dry: bool = False
    ) -> Added:
        """Store these answers, all or nothing; what is there already stays, and erased people are left out.

        `dry` counts only: nothing is written.
        """
        with self._database.write(ingest=True) as connection:  # no erasure may come between
            salted = addresses.digester(connection)
            rows = [_row(topic, source, one, salted(one.email), now) for one in given]
            return once(
                connection, SURVEY, rows, [one.external_id for one in given], people=("person",), dry=dry
            )

    def between(
        self, topic: str | None, since: datetime, until: datetime, *, now: datetime | None = None
    ) -> list[SurveyResponse]:
        """From `since` up to, not including, `until`; the oldest first. `topic` None: of all topics.

        `now` is when consents are asked for (the clock of this machine when left out).
        """
        within = (SURVEY.c.at >= since) & (SURVEY.c.at < until)
        where = within if topic is None else within & (SURVEY.c.topic == topic)
        with self._database.read() as connection:
            return _found(connection, where, now)

    def of_address(self, address: str, now: datetime) -> list[SurveyResponse]:
        """Everything that somebody with this address answered."""
        with self._database.read() as connection:
            digest = refusals.hasher(connection)(addresses.name(address))
            return _found(connection, SURVEY.c.person == digest, now) if digest else []


def _found(connection: Connection, where: ColumnElement[bool], now: datetime | None) -> list[SurveyResponse]:
    people = addresses.joined(connection, now or datetime.now(UTC))
    rows = connection.execute(select(SURVEY).where(where).order_by(SURVEY.c.at, SURVEY.c.id)).mappings()
    return [_response_of(row, people) for row in rows]


def _response_of(row: RowMapping, people: addresses.Joined) -> SurveyResponse:
    return SurveyResponse(
        topic=row["topic"],
        kind=SurveyKind(row["kind"]),
        at=row["at"],
        score=int(row["score"]),
        scale=Scale(int(row["low"]), int(row["high"])),
        comment=row["comment"],
        person=row["person"],
        advocate_id=people.get((row["topic"], row["person"])),
        properties=row["properties"],
        source=row["source"],
        external_id=row["external_id"],
        id=row["id"],
    )


def _row(topic: str, source: str, one: SurveyGiven, person: str, now: datetime) -> Row:
    """Addresses that somebody wrote into a comment are blackened."""
    return {
        "topic": topic,
        "kind": one.kind.value,
        "at": one.at,
        "score": float(one.score),
        "low": float(one.scale.low),
        "high": float(one.scale.high),
        "comment": addresses.hidden(one.comment),
        "person": person,
        "properties": {name: addresses.hidden(cell) for name, cell in sorted(one.properties.items())},
        "source": source,
        "imported_at": now,
    }
