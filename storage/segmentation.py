"""Segments: saved filters over advocates (pure). A segment holds what is asked for, and never who answers to it.

Frozen values with the standard library only, as in `storage.types`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from storage.types import Stage

LONGEST_NAME = 60
LONGEST_DAYS = 365


class SegmentError(ValueError):
    """A segment that may not be saved; `code` says why, `values` what of it.

    name, long, taken, empty (asks for nothing), stage, score, days, unknown (no such segment).
    """

    def __init__(self, code: str, **values: Any) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which advocates; every field left as it is lets all through, and what is given must all hold.

    `stage` empty lets everybody through but those who left. Scores are 0…100, both ends included. `programme`,
    `aspect` and `region` are codes of `alerts.advocacy`. `within_days`: the latest post is no older.
    """

    topic: str = ""
    stage: str = ""
    organic: bool | None = None
    min_score: float = 0.0
    max_score: float = 100.0
    owner: str = ""
    tag: str = ""
    programme: str = ""
    platform: str = ""
    lang: str = ""
    aspect: str = ""
    region: str = ""
    within_days: int | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """A filter with a name. `by` and `at`: who saved it last, and when."""

    name: str
    wanted: Wanted
    by: str
    at: datetime
    id: int | None = None


NOTHING = Wanted()
_NAMES = tuple(field.name for field in fields(Wanted))


def given(wanted: Wanted) -> dict[str, Any]:
    """The conditions that were set, by name: what is stored and shown."""
    return {name: value for name in _NAMES if (value := getattr(wanted, name)) != getattr(NOTHING, name)}


def wanted_of(stored: Mapping[str, Any]) -> Wanted:
    """The filter again. A condition that this version does not know would let more people in: KeyError."""
    if unknown := set(stored) - set(_NAMES):
        raise KeyError(f"unknown conditions: {', '.join(sorted(unknown))}")
    return Wanted(**stored)


def folded(name: str) -> str:
    """Two names that fold to the same are one name: width, case and spaces around make no difference."""
    return unicodedata.normalize("NFKC", name).casefold().strip()


def check(name: str, wanted: Wanted) -> None:
    """Raises SegmentError with the first thing that is wrong."""
    if not folded(name):
        raise SegmentError("name")
    if len(name.strip()) > LONGEST_NAME:
        raise SegmentError("long", most=LONGEST_NAME)
    if wanted == NOTHING:
        raise SegmentError("empty")
    if wanted.stage and wanted.stage not in set(Stage):
        raise SegmentError("stage", stage=wanted.stage)
    if not 0 <= wanted.min_score <= wanted.max_score <= 100:
        raise SegmentError("score")
    if wanted.within_days is not None and not 1 <= wanted.within_days <= LONGEST_DAYS:
        raise SegmentError("days", most=LONGEST_DAYS)
