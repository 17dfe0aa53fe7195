"""The recent mentions as columns: how many different people spoke in a window, in microseconds (pure).

Whether a mention is the first of its voice in a window depends only on when that voice spoke before. So what
came before is worked out once, and a window is a few comparisons of arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from alerts.baseline import voice
from storage.types import Label, Observation

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Codes = NDArray[np.int64]
NEVER = -np.inf


@dataclass(frozen=True, slots=True)
class Together:
    """Who in a window tells of the same cause: everybody if it is bad (alerts/excess.py), else the negative.

    `joined` are those beyond the first of each cause, `most` those of the largest; `neutral` of them are not negative
    themselves. `unsure` tell neutrally of what so few tell that nobody can say whether it is bad.
    """

    neutral: int = 0
    joined: int = 0
    most: int = 0
    unsure: int = 0


@dataclass(frozen=True, slots=True)
class Talk:
    """One row a mention, oldest first; times are seconds since 1970.

    `voice_before` is when the same voice last spoke as negatively (or not), `voice_second` and `voice_third` when
    it did so the times before that; `story_before` is when the mention was made that leaves this one above the
    limit for copies of one text. All are `NEVER` when there is none. `cause` is what it tells of, below 0 when
    nobody knows; `voice` is a number for who speaks, `regular` whether that is a regular.
    """

    at: Array
    negative: Flags
    voice_before: Array
    voice_second: Array
    voice_third: Array
    story_before: Array
    cause: Codes
    voice: Codes
    regular: Flags

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
            self.cause[rows],
            self.voice[rows],
            self.regular[rows],
        )

    def count(self, start: float, end: float) -> tuple[int, int]:
        """Different voices that spoke negatively after `start` and up to `end`, and those that spoke otherwise."""
        rows, first = self._first(start, end)
        voices = int(np.count_nonzero(first))
        negative = int(np.count_nonzero(first & self.negative[rows]))
        return negative, voices - negative

    def together(self, start: float, end: float, bad: Callable[[int, int], bool | None]) -> Together:
        """Those of the voices in the window who tell of the same thing; who is negative is not neutral, too.

        `bad` says whether a cause is, of which so many tell negatively, and so many otherwise; None: nobody can say.
        """
        rows = self._between(start, end)
        blame, voice = self.negative[rows], self.voice[rows]
        telling = (self.cause[rows] >= 0) & (self.story_before[rows] <= start)
        quiet = telling & ~blame
        if quiet.any():
            telling[quiet] = ~np.isin(voice[quiet], voice[blame])
        if not telling.any():
            return Together()
        blames, cause = _one_cause_each(voice[telling], blame[telling], self.cause[rows][telling])
        people = np.bincount(cause)
        negative = np.bincount(cause, weights=blames).astype(np.int64)
        neutral = people - negative
        verdicts = [bad(*one) for one in zip(negative.tolist(), neutral.tolist(), strict=True)]
        is_bad, is_unsure = (np.array([one is which for one in verdicts]) for which in (True, None))
        same = np.where(is_bad, people, negative)
        return Together(
            neutral=int(neutral[is_bad].sum()),
            joined=int(np.maximum(same - 1, 0).sum()),
            most=int(same.max()),
            unsure=int(neutral[is_unsure].sum()),
        )

    def regulars(self, start: float, end: float) -> int:
        """Those of the different voices that spoke negatively who are regulars."""
        rows, first = self._first(start, end)
        return int(np.count_nonzero(first & self.negative[rows] & self.regular[rows]))

    def insistent(self, start: float, end: float, times: Literal[2, 3]) -> int:
        """Different voices that spoke negatively so many `times` or more."""
        rows = self._between(start, end)
        earlier, too_early = (
            (self.voice_before, self.voice_second) if times == 2 else (self.voice_second, self.voice_third)
        )
        reached = (earlier[rows] > start) & (too_early[rows] <= start)
        return int(np.count_nonzero(reached & self.negative[rows]))

    def negative_rows(self, start: float, end: float) -> list[int]:
        """The rows of negative mentions after `start` and up to `end`."""
        rows = self._between(start, end)
        found: list[int] = (np.flatnonzero(self.negative[rows]) + rows.start).tolist()
        return found

    def _first(self, start: float, end: float) -> tuple[slice, Flags]:
        """The rows of the window, and which of them are the first of their voice and no copy too many."""
        rows = self._between(start, end)
        return rows, (self.voice_before[rows] <= start) & (self.story_before[rows] <= start)

    def _between(self, start: float, end: float) -> slice:
        return slice(int(self.at.searchsorted(start, "right")), int(self.at.searchsorted(end, "right")))


def _one_cause_each(voice: Codes, blame: Flags, cause: Codes) -> tuple[Flags, Codes]:
    """For each voice whether it is negative, and the one of its causes that most voices tell of, numbered from 0."""
    _, number = np.unique(cause, return_inverse=True)
    _, once = np.unique(voice * (number.max() + 1) + number, return_index=True)
    voice, blame, number = voice[once], blame[once], number[once]
    order = np.lexsort((-np.bincount(number)[number], voice))
    _, first = np.unique(voice[order], return_index=True)
    chosen = order[first]
    _, number = np.unique(number[chosen], return_inverse=True)
    return blame[chosen], number


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
        np.array([-1 if seen.cause is None else seen.cause for seen in recent], dtype=np.int64),
        np.array([seen.regular for seen in recent], dtype=np.bool_),
    )


def columns(
    at: Array,
    negative: Flags,
    voices: Codes,
    stories: Codes,
    story_limit: int,
    causes: Codes | None = None,
    regular: Flags | None = None,
) -> Talk:
    """`Talk` from plain columns; a story or a cause below 0 is none, a voice by default no regular."""
    side = voices * 2 + negative
    alone = np.where(stories < 0, -1 - np.arange(len(stories)), stories)
    first, second, third = (_before(side, at, back) for back in (1, 2, 3))
    cause = np.full(len(at), -1, dtype=np.int64) if causes is None else causes
    known = np.zeros(len(at), dtype=np.bool_) if regular is None else regular
    return Talk(at, negative, first, second, third, _before(alone, at, story_limit), cause, voices, known)


def _before(groups: Codes, at: Array, back: int) -> Array:
    """When the row `back` places earlier in the same group was made."""
    found = np.full(len(groups), NEVER)
    order = np.argsort(groups, kind="stable")
    sorted_groups = groups[order]
    same = np.flatnonzero(sorted_groups[back:] == sorted_groups[:-back]) + back
    found[order[same]] = at[order[same - back]]
    return found
