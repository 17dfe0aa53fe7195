"""`Store.testimonials`: what people decided about quotable sentences, and where sentences were published."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, RowMapping, delete, select, update

from storage import people
from storage.consents import Scope, standing
from storage.engine import Database
from storage.models_testimonials import CURATION, PUBLICATION
from storage.quotes import Choice, Curation, Place, Publication, QuoteError
from storage.upsert import Row, insert, upsert


class Testimonials:
    """Sentences that people looked at, and those that stand somewhere."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def curations(self) -> dict[int, Curation]:
        """What was decided, by mention."""
        with self._database.read() as connection:
            rows = connection.execute(select(CURATION)).mappings()
            return {row["mention_id"]: _curation_of(row) for row in rows}

    def curate(self, curation: Curation) -> None:
        """The latest word about a mention's sentence stands. The mention must be stored."""
        row: Row = {**asdict(curation), "choice": curation.choice.value}
        with self._database.write() as connection:
            upsert(connection, CURATION, [row], key=["mention_id"])

    def publications(self, advocate_id: int | None = None) -> list[Publication]:
        """The latest first; of everybody when `advocate_id` is None."""
        wanted = select(PUBLICATION).order_by(PUBLICATION.c.at.desc(), PUBLICATION.c.id.desc())
        if advocate_id is not None:
            wanted = wanted.where(PUBLICATION.c.advocate_id == advocate_id)
        with self._database.read() as connection:
            return [_publication_of(row) for row in connection.execute(wanted).mappings()]

    def publish(self, publication: Publication, now: datetime) -> Publication:
        """Note that a sentence stands somewhere since `at`. Raises QuoteError.

        A consent to be quoted must have stood at `at`, and must stand now: what may be published no more is not noted
        as published, it is taken down.
        """
        if not publication.place.strip():
            raise QuoteError("place")
        if publication.at > now:
            raise QuoteError("future")
        with self._database.write() as connection:
            ledger = people.ledgers(connection, [publication.advocate_id]).get(publication.advocate_id, [])
            for moment in (publication.at, now):
                stands = standing(ledger, moment)
                if stands is None or Scope.QUOTE not in stands.scopes:
                    raise QuoteError("consent")
            row = {name: value for name, value in asdict(publication).items() if name != "id"}
            new = insert(connection, PUBLICATION).values(row).returning(PUBLICATION)
            return _publication_of(connection.execute(new).mappings().one())

    def take_down(self, publication_id: int, *, by: str, now: datetime) -> bool:
        """Somebody took it down there; False when that was noted before, or there is no such note."""
        standing_there = (PUBLICATION.c.id == publication_id, PUBLICATION.c.down_at.is_(None))
        with self._database.write() as connection:
            taking = update(PUBLICATION).where(*standing_there).values(down_at=now, down_by=by)
            return connection.execute(taking).rowcount == 1

    def to_take_down(self, now: datetime, advocate_id: int | None = None) -> list[Publication]:
        """What still stands somewhere though its author allows it no more, the oldest first."""
        wanted = select(PUBLICATION).where(PUBLICATION.c.down_at.is_(None)).order_by(PUBLICATION.c.at)
        if advocate_id is not None:
            wanted = wanted.where(PUBLICATION.c.advocate_id == advocate_id)
        with self._database.read() as connection:
            found = [_publication_of(row) for row in connection.execute(wanted).mappings()]
            ledgers = people.ledgers(connection, sorted({one.advocate_id for one in found}))
        allowed = {
            number
            for number, rows in ledgers.items()
            if (stands := standing(rows, now)) is not None and Scope.QUOTE in stands.scopes
        }
        return [one for one in found if one.advocate_id not in allowed]


def forget(connection: Connection, advocate_ids: Sequence[int]) -> tuple[Place, ...]:
    """Part of an erasure: away with the notes about these advocates; returns where their words still stand.

    Curations go with their mentions.
    """
    theirs = PUBLICATION.c.advocate_id.in_(advocate_ids)
    rows: Iterable[RowMapping] = connection.execute(
        select(PUBLICATION).where(theirs, PUBLICATION.c.down_at.is_(None)).order_by(PUBLICATION.c.at)
    ).mappings()
    places = tuple(Place(row["place"], row["at"]) for row in rows)
    connection.execute(delete(PUBLICATION).where(theirs))
    return places


def _curation_of(row: RowMapping) -> Curation:
    return Curation(**{**row, "choice": Choice(row["choice"])})


def _publication_of(row: RowMapping) -> Publication:
    return Publication(**row)
