"""What figures about the programme as a whole are made from. `Store.impact` is the door to it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from storage.engine import Database
from storage.journeys import Step, StepKind
from storage.models import ADVOCATE, MENTION
from storage.models_people import JOURNEY, STEP
from storage.upsert import chunks


class Impact:
    """Everybody's steps, and how many could see a mention. One person's file is at `Store.people`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def steps(self, topic: str) -> dict[int, list[Step]]:
        """By advocate, in the order in which they were written. Nothing of people who opted out or were erased."""
        opted_out = select(JOURNEY.c.advocate_id).where(JOURNEY.c.opted_out_at.is_not(None))
        wanted = select(STEP).join_from(STEP, ADVOCATE, STEP.c.advocate_id == ADVOCATE.c.id)
        wanted = wanted.where(ADVOCATE.c.topic == topic, STEP.c.advocate_id.not_in(opted_out))
        found: dict[int, list[Step]] = {}
        with self._database.read() as connection:
            for row in connection.execute(wanted.order_by(STEP.c.id)).mappings():
                step = Step(**{**row, "kind": StepKind(row["kind"])})
                found.setdefault(step.advocate_id, []).append(step)
        return found

    def reach(self, ids: Iterable[int]) -> dict[int, int]:
        """The author's followers when each mention was last seen; mentions of which that is unknown are left out."""
        found: dict[int, int] = {}
        with self._database.read() as connection:
            for some in chunks(ids):
                known = select(MENTION.c.id, MENTION.c.reach).where(MENTION.c.id.in_(some))
                for number, reach in connection.execute(known.where(MENTION.c.reach.is_not(None))):
                    found[number] = reach
        return found
