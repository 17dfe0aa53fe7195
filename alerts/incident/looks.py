"""When the posts behind an incident's evidence are asked for again, and what an answer proves (pure).

A post counts as deleted when its address says so twice in a row, some minutes apart: a server that is being
restarted says 404 too. Nothing else is proof: no answer, a closed door and a tired server say nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.cases import Fate
from storage.looks import Held

FIRST_LOOK = timedelta(hours=1)
AFTER_RESOLVED = timedelta(days=7)
CONFIRM = timedelta(minutes=10)
_AGES = (  # by how long the copy is held: who deletes, mostly does so early
    (timedelta(days=1), FIRST_LOOK),
    (timedelta(days=7), timedelta(hours=4)),
)
_LATER = timedelta(days=1)
_GONE = (404, 410)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a look proves (None: nothing), what is still to be confirmed, and when to look again."""

    fate: Fate | None
    missing_at: datetime | None
    next_at: datetime


def wait(locked_at: datetime, now: datetime) -> timedelta:
    """How long until the next look: one hour on the first day, four in the first week, then a day."""
    return next((pause for age, pause in _AGES if now - locked_at < age), _LATER)


def judge(status: int | None, one: Held, now: datetime) -> Finding:
    """`status` is what the address answered over HTTP, None when it did not."""
    later = now + wait(one.locked_at, now)
    if status is not None and (200 <= status < 300 or status == 304):
        return Finding(Fate.BACK, None, later)
    if status not in _GONE:
        return Finding(None, None, later)
    if one.missing_at is None:
        return Finding(None, now, now + CONFIRM)
    if now - one.missing_at < CONFIRM / 2:
        return Finding(None, one.missing_at, one.missing_at + CONFIRM)
    return Finding(Fate.GONE, None, now + _LATER)


def in_turn(held: Iterable[Held]) -> list[tuple[Held, ...]]:
    """Those with one address together, and who comes first: what is to be confirmed, then the main stories."""
    groups: dict[str, list[Held]] = {}
    for one in held:
        groups.setdefault(one.url, []).append(one)
    return [tuple(group) for group in sorted(groups.values(), key=_place)]


def _place(group: Sequence[Held]) -> tuple[bool, int, int]:
    to_confirm = any(one.missing_at is not None for one in group)
    return (not to_confirm, -max(one.story for one in group), min(one.evidence_id for one in group))
