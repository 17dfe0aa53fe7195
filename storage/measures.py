"""What the rules about single posts, talk and stars read: frozen values with the standard library only.

`Store.pulses` gives them. Times are aware UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from storage.types import Label


@dataclass(frozen=True, slots=True)
class Reading:
    """So many reactions (likes, reposts, replies and quotes) a post had when it was read."""

    at: datetime
    reactions: int


@dataclass(frozen=True, slots=True)
class Pulse:
    """One mention's readings, oldest first. A reading is there for each time its count had changed."""

    mention_id: int
    created_at: datetime
    readings: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class Voice:
    """Somebody spoke about a topic. `author` is a number of ours, None where the source names nobody."""

    at: datetime
    author: int | None
    label: Label


@dataclass(frozen=True, slots=True)
class Stars:
    """One review: 1…5 stars, from which source, of which version ("" where the source does not say)."""

    mention_id: int
    source: str
    at: datetime
    stars: float
    version: str = ""
