"""Who was in the programme when, by the steps that people took: the stage at a moment, and the funnel (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.journeys import ENROLLED, Step, StepKind, Task, tasks
from storage.types import Advocate, Stage

SILENT = timedelta(days=60)  # without a post: asleep, whatever the stage says


@dataclass(frozen=True, slots=True)
class Member:
    """An advocate with their moves, oldest first. `contacted_at`: from then on their posts are the programme's."""

    advocate: Advocate
    contacted_at: datetime | None
    moves: tuple[Step, ...]
    tasks: tuple[Task, ...] = ()

    @property
    def id(self) -> int:
        return self.advocate.id or 0

    def stage_at(self, moment: datetime) -> Stage:
        before = [step for step in self.moves if step.at <= moment]
        return Stage(before[-1].values["to"]) if before else Stage.CANDIDATE

    def enrolled_at(self, moment: datetime) -> bool:
        """In a stage that needs a consent; who left is not."""
        return self.stage_at(moment) in ENROLLED

    def in_programme_at(self, moment: datetime) -> bool:
        """Contacted, and not left: what they post then has to say that we are behind it."""
        contacted = self.contacted_at is not None and moment >= self.contacted_at
        return contacted and self.stage_at(moment) is not Stage.LEFT


@dataclass(frozen=True, slots=True)
class Rung:
    """One stage: how many stood there at the end and at the start of a stretch, who came and who went.

    `steps` are the moves into it.
    """

    stage: Stage
    at_end: int
    at_start: int
    came: int
    went: int
    steps: tuple[int, ...] = ()


def members(
    advocates: Sequence[Advocate], contacted: Mapping[int, datetime], steps: Mapping[int, Sequence[Step]]
) -> tuple[Member, ...]:
    """Everybody with a step or a first contact; the others are only candidates."""
    found = []
    for one in advocates:
        number = one.id or 0
        written = steps.get(number, ())
        if written or number in contacted:
            moved = [step for step in written if step.kind is StepKind.MOVED]
            moves = tuple(sorted(moved, key=lambda step: (step.at, step.id or 0)))
            found.append(Member(one, contacted.get(number), moves, tuple(tasks(written))))
    return tuple(found)


def funnel(people: Sequence[Member], start: datetime, end: datetime) -> tuple[Rung, ...]:
    """Every stage from reviewed on; somebody who came twice in the stretch counts once."""
    found = []
    for stage in [one for one in Stage if one is not Stage.CANDIDATE]:
        moved = [(one.id, step) for one in people for step in one.moves if start <= step.at < end]
        into = [(who, step) for who, step in moved if step.values["to"] == stage.value]
        out = {who for who, step in moved if step.values["from"] == stage.value}
        found.append(
            Rung(
                stage,
                sum(one.stage_at(end) is stage for one in people),
                sum(one.stage_at(start) is stage for one in people),
                len({who for who, _ in into}),
                len(out),
                tuple(step.id for _, step in into if step.id is not None),
            )
        )
    return tuple(found)


def open_tasks(people: Sequence[Member]) -> tuple[Task, ...]:
    """What is still to do, what is due soonest first."""
    waiting = [task for one in people for task in one.tasks if task.done_at is None]
    return tuple(sorted(waiting, key=lambda task: (task.due is None, task.due or task.id, task.id)))
