"""An advocate's way through the programme: which step may follow which, and what people wrote down (pure).

Frozen values with the standard library only, as in `storage.types`. Times are aware UTC.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from storage.types import Stage

MOVES: Mapping[Stage, tuple[Stage, ...]] = MappingProxyType(
    {
        Stage.CANDIDATE: (Stage.REVIEWED, Stage.LEFT),
        Stage.REVIEWED: (Stage.CONTACTED, Stage.CANDIDATE, Stage.LEFT),
        Stage.CONTACTED: (Stage.CONSENTED, Stage.LEFT),
        Stage.CONSENTED: (Stage.ONBOARDED, Stage.LEFT),
        Stage.ONBOARDED: (Stage.ACTIVE, Stage.LEFT),
        Stage.ACTIVE: (Stage.DORMANT, Stage.RETAINED, Stage.LEFT),
        Stage.DORMANT: (Stage.ACTIVE, Stage.RETAINED, Stage.LEFT),
        Stage.RETAINED: (Stage.ACTIVE, Stage.DORMANT, Stage.LEFT),
        Stage.LEFT: (Stage.REVIEWED,),
    }
)
"""From where to where. `consented` is reached only by writing a consent into the ledger."""

ENROLLED = frozenset(MOVES) - {Stage.CANDIDATE, Stage.REVIEWED, Stage.CONTACTED, Stage.LEFT}
"""The stages that need a consent."""


class StepKind(StrEnum):
    MOVED = "moved"
    NOTE = "note"
    CONTACT = "contact"  # a talk with the person: a mail, a message, a call
    OWNER = "owner"
    TAGS = "tags"
    TASK = "task"
    DONE = "done"
    CONSENT = "consent"
    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"


PEOPLE_WRITE = (StepKind.NOTE, StepKind.CONTACT, StepKind.TASK, StepKind.DONE)
"""The steps that only add words; the others change something, and are written along with it."""


@dataclass(frozen=True, slots=True)
class Step:
    """One line of an advocate's history: who, when, what. Added, never changed."""

    advocate_id: int
    kind: StepKind
    at: datetime
    by: str
    note: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """Something that somebody is to do until `due` (None: some day); `id` is that of the step that set it."""

    id: int
    advocate_id: int
    title: str
    by: str
    due: datetime | None
    done_at: datetime | None = None
    done_by: str = ""


@dataclass(frozen=True, slots=True)
class Journey:
    """Where an advocate stands besides the stage. `contacted_at`: from then on their posts are programme posts."""

    advocate_id: int
    owner: str = ""
    contacted_at: datetime | None = None
    opted_out_at: datetime | None = None
    tags: tuple[str, ...] = ()


def tasks(steps: Iterable[Step]) -> list[Task]:
    """The open ones first, those due soonest before the others."""
    written = list(steps)
    done = {int(one.values["task"]): one for one in written if one.kind is StepKind.DONE}
    found = []
    for step in written:
        if step.kind is not StepKind.TASK or step.id is None:
            continue
        due = datetime.fromisoformat(step.values["due"]) if step.values.get("due") else None
        ending = done.get(step.id)
        end = (ending.at, ending.by) if ending else (None, "")
        found.append(Task(step.id, step.advocate_id, step.note, step.by, due, *end))
    return sorted(
        found, key=lambda one: (one.done_at is not None, one.due is None, one.due or one.id, one.id)
    )
