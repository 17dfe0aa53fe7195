"""Which posts of locked evidence are to be asked for again, and what their addresses answered.

`Store.looks` is the door to it. What a look finds is a `Mark` in the casebook; here is only when, so that
two processes never ask the same post twice.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, and_, func, or_, select, update

from storage.engine import Database
from storage.models import MENTION, POST
from storage.models_alerting import EVIDENCE, INCIDENT
from storage.models_casebook import LOOK
from storage.types import IncidentState
from storage.upsert import insert

LONGEST_LIST = 2000  # copies of all running incidents that one look chooses from


@dataclass(frozen=True, slots=True)
class Held:
    """A locked copy whose post may be asked for; `story` is how many mentions say the same, itself included.

    `next_at` is None before the first look. `missing_at`: the address answered then that there is no such post.
    """

    evidence_id: int
    incident_id: int
    mention_id: int
    url: str
    locked_at: datetime
    story: int = 1
    next_at: datetime | None = None
    missing_at: datetime | None = None


class Looks:
    """When the posts behind the evidence are asked for."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def due(
        self, now: datetime, *, locked_until: datetime, resolved_since: datetime, sources: Collection[str]
    ) -> list[Held]:
        """The copies of incidents that run, or were resolved since then, whose posts `sources` brought.

        Those locked by then and never asked for, and those whose time has come; in no order that matters.
        """
        runs = or_(INCIDENT.c.state != IncidentState.RESOLVED.value, INCIDENT.c.resolved_at >= resolved_since)
        same = MENTION.alias("same")
        told = select(func.count()).where(same.c.story == MENTION.c.story, same.c.topic == MENTION.c.topic)
        first = and_(LOOK.c.next_at.is_(None), EVIDENCE.c.locked_at <= locked_until)
        wanted = (
            select(
                *(EVIDENCE.c[name] for name in ("id", "incident_id", "mention_id", "url", "locked_at")),
                told.scalar_subquery().label("story"), LOOK.c.next_at, LOOK.c.missing_at,
            )
            .join_from(EVIDENCE, INCIDENT, INCIDENT.c.id == EVIDENCE.c.incident_id)
            .join(MENTION, MENTION.c.id == EVIDENCE.c.mention_id)
            .join(POST, and_(POST.c.id == MENTION.c.post_id, POST.c.source.in_(list(sources))))
            .outerjoin(LOOK, LOOK.c.evidence_id == EVIDENCE.c.id)
            .where(runs, EVIDENCE.c.url.like("http%"), or_(first, LOOK.c.next_at <= now))
            .order_by(EVIDENCE.c.id)
            .limit(LONGEST_LIST)
        )  # fmt: skip
        with self._database.read() as connection:
            return [_held(row) for row in connection.execute(wanted).mappings()]

    def begin(self, some: Sequence[Held], now: datetime, next_at: datetime) -> list[Held]:
        """Write down that these are asked for, before they are; those that no other process was first to take."""
        with self._database.write() as connection:
            return [one for one in some if _take(connection, one.evidence_id, now, next_at)]

    def answered(self, some: Sequence[Held], *, missing_at: datetime | None, next_at: datetime) -> None:
        """What the address said: since when there is no such post (None: it is there, or is known to be gone)."""
        ids = [one.evidence_id for one in some]
        with self._database.write() as connection:
            values = {"missing_at": missing_at, "next_at": next_at}
            connection.execute(update(LOOK).where(LOOK.c.evidence_id.in_(ids)).values(values))


def _take(connection: Connection, evidence_id: int, now: datetime, next_at: datetime) -> bool:
    row = {"evidence_id": evidence_id, "asked_at": now, "next_at": next_at}
    taken = (
        insert(connection, LOOK)
        .values(row)
        .on_conflict_do_update(
            index_elements=["evidence_id"],
            set_={"asked_at": now, "next_at": next_at},
            where=LOOK.c.next_at <= now,
        )
    )
    return connection.execute(taken).rowcount == 1


def _held(row: RowMapping) -> Held:
    fields = dict(row)
    number, story = fields.pop("id"), fields.pop("story")
    return Held(evidence_id=number, story=max(1, story), **fields)
