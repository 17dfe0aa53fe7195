"""Who has spoken of a topic before: its regulars (pure).

A few people speak of a quiet topic again and again. When three of them complain, that is an ordinary evening; when
three complain of whom nobody was ever heard, something may have happened. A regular is who also spoke on one of the
`KNOWN_FOR` days before, the last two left out, because a crisis may have run since.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from statistics import median

from storage.types import Observation

KNOWN_FOR = 28  # days
_LAG = 2  # the newest days, which make a regular of nobody
_LEARNING = 14  # days of mentions from which on a day says how many regulars are usual
# An ordinary day has at most so many times the median, and so many more: a campaign brings strangers for two days.
_BUSY, _BUSY_MORE = 1.5, 2.0


@dataclass(slots=True)
class _Day:
    """Who was heard in which hour, as windows of minutes meet people, and how many of them were regulars."""

    heard: set[tuple[int, str]] = field(default_factory=set)
    regulars: int = 0


class Regulars:
    """The regulars of one topic, from its mentions in the order in which they were made."""

    def __init__(self) -> None:
        self._days: dict[int, _Day] = {}
        self._today = 0
        self._began: int | None = None
        self._known: Set[str] = frozenset()
        self._told: dict[int, tuple[int, bool]] = {}
        self.usual: tuple[float, float] = (0.0, 0.0)
        """So many of the people of ordinary hours were regulars, and of how many; up to two days ago."""

    def given(self, seen: Sequence[Observation]) -> tuple[Observation, ...]:
        """`seen`, oldest first, each with whether its author is a regular. What was given before keeps its answer."""
        return tuple(replace(one, regular=self._regular(one)) for one in seen)

    def _regular(self, seen: Observation) -> bool:
        if not seen.author:
            return False
        if seen.mention_id not in self._told:
            today = _day(seen.at)
            if today > self._today:
                self._turn(today)
            regular = seen.author in self._known
            day = self._days.setdefault(today, _Day())
            voice = seen.at.hour, seen.author
            day.regulars += regular and voice not in day.heard
            day.heard.add(voice)
            self._told[seen.mention_id] = today, regular
        return self._told[seen.mention_id][1]

    def _turn(self, today: int) -> None:
        """A day begins: forget the oldest, and learn from those that are over."""
        self._today = today
        self._began = today if self._began is None else self._began
        self._days = {number: day for number, day in self._days.items() if number >= today - KNOWN_FOR}
        self._told = {key: told for key, told in self._told.items() if told[0] >= today - _LAG - 1}
        over = {number: day for number, day in self._days.items() if number <= today - _LAG}
        self._known = frozenset(author for day in over.values() for _, author in day.heard)
        learned = range(max(self._began + _LEARNING, today - KNOWN_FOR), today - _LAG + 1)
        self.usual = _usual([over.get(number, _Day()) for number in learned])


def _usual(days: Sequence[_Day]) -> tuple[float, float]:
    if not days:
        return 0.0, 0.0
    most = _BUSY * median(len(day.heard) for day in days) + _BUSY_MORE
    ordinary = [day for day in days if len(day.heard) <= most]
    return float(sum(day.regulars for day in ordinary)), float(sum(len(day.heard) for day in ordinary))


def _day(at: datetime) -> int:
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(days=1)
