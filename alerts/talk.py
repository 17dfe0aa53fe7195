"""The recent mentions as columns: how many different people spoke in a window, in microseconds (pure).

Whether a mention is the first of its voice in a window depends only on when that voice spoke before. So what
came before is worked out once, and a window is a few comparisons of arrays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alerts.baseline import voice
from storage.types import Label, Observation

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Codes = NDArray[np.int64]
NEVER = -np.inf


@dataclass(frozen=True, slots=True)
class Talk:
    """One row a mention, oldest first; times are seconds since 1970.

    `voice_before` is when the same voice last spoke as negatively (or not), `voice_second` and `voice_third` when
    it did so the times before that; `story_before` is when the mention was made that leaves this one above the
    limit for copies of one text. All are `NEVER` when there is none.
    """

    at: Array
    negative: Flags
    voice_before: Array
    voice_second: Array
    voice_third: Array
    story_before: Array

    def part(self, first: int, last: int) -> Talk:
        """The rows `first` to `last`, the last one left out."""
        rows = slice(first, last)
        return Talk(
            self.at[rows],
            self.negative[rows],
            self.voice_before[rows],
            self.voice_second[rows],
            self.voice_third[rows],
            self.story_before[rows],
        )

    def count(self, start: float, end: float) -> tuple[int, int]:
        """Different voices that spoke negatively after `start` and up to `end`, and those that spoke otherwise."""
        rows = self._between(start, end)
        first = (self.voice_before[rows] <= start) & (self.story_before[rows] <= start)
        voices = int(np.count_nonzero(first))
        negative = int(np.count_nonzero(first & self.negative[rows]))
        return negative, voices - negative

    def insistent(self, start: float, end: float) -> int:
        """Different voices that spoke negatively three times or more."""
        rows = self._between(start, end)
        third = (self.voice_second[rows] > start) & (self.voice_third[rows] <= start)
        return int(np.count_nonzero(third & self.negative[rows]))

    def negative_rows(self, start: float, end: float) -> list[int]:
        """The rows of negative mentions after `start` and up to `end`."""
        rows = self._between(start, end)
        found: list[int] = (np.flatnonzero(self.negative[rows]) + rows.start).tolist()
        return found

    def _between(self, start: float, end: float) -> slice:
        return slice(int(self.at.searchsorted(start, "right")), int(self.at.searchsorted(end, "right")))


def talk_of(recent: Sequence[Observation], story_limit: int) -> Talk:
    """The columns of `recent`, which is oldest first. At most `story_limit` mentions of one story count."""
    codes: dict[str, int] = {}
    voices = [codes.setdefault(voice(seen), len(codes)) for seen in recent]
    stories = [-1 if seen.story is None else seen.story for seen in recent]
    return columns(
        np.array([seen.at.timestamp() for seen in recent], dtype=np.float64),
        np.array([seen.label is Label.NEGATIVE for seen in recent], dtype=np.bool_),
        np.array(voices, dtype=np.int64),
        np.array(stories, dtype=np.int64),
        story_limit,
    )


def columns(at: Array, negative: Flags, voices: Codes, stories: Codes, story_limit: int) -> Talk:
    """`Talk` from plain columns; a story below 0 is none."""
    side = voices * 2 + negative
    alone = np.where(stories < 0, -1 - np.arange(len(stories)), stories)
    first, second, third = (_before(side, at, back) for back in (1, 2, 3))
    return Talk(at, negative, first, second, third, _before(alone, at, story_limit))


def _before(groups: Codes, at: Array, back: int) -> Array:
    """When the row `back` places earlier in the same group was made."""
    found = np.full(len(groups), NEVER)
    order = np.argsort(groups, kind="stable")
    sorted_groups = groups[order]
    same = np.flatnonzero(sorted_groups[back:] == sorted_groups[:-back]) + back
    found[order[same]] = at[order[same - back]]
    return found
