"""Who writes in own words: near-copies within hours by several accounts (rings), and of one's own earlier posts.

A text becomes the set of its letter 3-grams without the brand's name, numbers and marks, and that set a sketch of
`_HASHES` minima: the share of equal minima estimates how much two sets have in common (Broder 1997). Honest people
write alike by chance, so across accounts only what comes within `_TOGETHER` counts, and a ring is a habit: it takes
more than one such burst. Pure.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache

import numpy as np

from alerts.advocacy.wording import folded
from storage.types import Mention

_HASHES, _BAND = 48, 3
_SHORT = 12  # letters: fewer say nothing about who wrote them
_ALIKE, _SAME = 0.5, 0.8  # share of equal minima: a template with changed words; one's own text again
_TOGETHER = timedelta(hours=12)
_CROWD = 3  # accounts
_NEWEST = 50  # crowds looked at for each key of a line
_MEETINGS = 3  # times that two accounts post alike within hours before it is no chance
_AGAIN = timedelta(days=14)  # later, a fan may well say the same of the same cake
_OWN_COMPARED = 200
_NOISE = re.compile(r"https?://\S+|[@#]\w+|[\W\d_]+")
_PRIME = (1 << 31) - 1
_DICE = np.random.default_rng(20231001)
_A = _DICE.integers(1, _PRIME, _HASHES, dtype=np.uint64)
_B = _DICE.integers(0, _PRIME, _HASHES, dtype=np.uint64)
_Key = tuple[int, bytes]
Minima = np.ndarray[tuple[int], np.dtype[np.uint64]]


@dataclass(frozen=True, slots=True, eq=False)
class Sketch:
    """A text's minima, and the few of them at a time by which a like text is looked for."""

    minima: Minima
    bands: tuple[tuple[int, bytes], ...]


@dataclass(frozen=True, slots=True)
class Copies:
    """By the index of the person: which of their mentions (by position) are not their own words.

    `crowd`: written within hours of the like by at least two other accounts, and not first. `own`: one's own text
    again. `bursts` counts the crowds that an author took part in, `meetings` how often the most frequent companion
    had posted the like before.
    """

    crowd: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    own: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    bursts: Counter[int] = field(default_factory=Counter)
    meetings: Counter[int] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class _Line:
    person: int
    place: int
    mention: Mention
    sketch: Sketch | None


def find(histories: Sequence[Sequence[Mention]], names: tuple[str, ...]) -> Copies:
    """Copies among the mentions of all authors; each history is oldest first."""
    lines = [
        _Line(person, place, mention, sketch(mention.post.full_text, names))
        for person, history in enumerate(histories)
        for place, mention in enumerate(history)
    ]
    copies = Copies()
    after: Counter[tuple[int, int]] = Counter()  # the later one, and whom they came after
    for crowd in _crowds(lines):
        crowd.sort(key=lambda line: line.mention.post.created_at)
        people = list(dict.fromkeys(line.person for line in crowd))
        after.update(_pairs(people[:50]))
        if len(people) < _CROWD:
            continue
        first = crowd[0]
        copies.bursts.update(people)
        for line in crowd:
            if line.person != first.person:
                copies.crowd[line.person].add(line.place)
    for (person, _), times in after.items():
        copies.meetings[person] = max(copies.meetings[person], times)
    for person, places in _repeats(lines):
        copies.own[person] |= places
    return copies


def in_ring(copies: Copies, person: int, mentions: int) -> bool:
    """Posts the same as others within hours, again and again: chance does that once."""
    often = copies.bursts[person] >= 2 and len(copies.crowd[person]) >= max(2, 0.3 * mentions)
    return often or copies.meetings[person] >= max(_MEETINGS, 0.3 * mentions)


@lru_cache(maxsize=50_000)
def sketch(text: str, names: tuple[str, ...]) -> Sketch | None:
    """The sketch of a text; None for one too short to be anybody's copy."""
    letters = folded(text)
    for name in names:
        letters = letters.replace(name, "")
    letters = _NOISE.sub("", letters)
    if len(letters) < _SHORT:
        return None
    grams = {zlib.crc32(letters[at : at + 3].encode("utf-8", "replace")) for at in range(len(letters) - 2)}
    hashed = np.fromiter(grams, dtype=np.uint64, count=len(grams)) % _PRIME
    minima: Minima = ((hashed[:, None] * _A + _B) % _PRIME).min(axis=0)
    every, width = minima.tobytes(), _BAND * minima.itemsize
    bands = tuple((at, every[at : at + width]) for at in range(0, len(every), width))
    return Sketch(minima, bands)


def _crowds(lines: Iterable[_Line]) -> list[list[_Line]]:
    """Groups of like lines within `_TOGETHER` of the group's first one, two lines at least."""
    waiting: dict[_Key, list[list[_Line]]] = defaultdict(list)
    open_since: deque[tuple[datetime, list[_Key]]] = deque()
    crowds: list[list[_Line]] = []
    for line in sorted(lines, key=lambda one: (one.mention.post.created_at, one.person, one.place)):
        at = line.mention.post.created_at
        while open_since and open_since[0][0] < at - _TOGETHER:
            _close(waiting, open_since.popleft()[1])
        keys = list(_keys(line))
        crowd = _joined(line, keys, waiting)
        if crowd is None:
            crowd = []
            crowds.append(crowd)
            open_since.append((at, keys))
            for key in keys:
                waiting[key].append(crowd)
        crowd.append(line)
    return [crowd for crowd in crowds if len(crowd) > 1]


def _close(waiting: dict[_Key, list[list[_Line]]], keys: Sequence[_Key]) -> None:
    """Take the oldest crowd away from where it is looked for."""
    for key in keys:
        waiting[key].pop(0)
        if not waiting[key]:
            del waiting[key]


def _joined(line: _Line, keys: Sequence[_Key], waiting: dict[_Key, list[list[_Line]]]) -> list[_Line] | None:
    """The crowd that the line belongs to; the newest ones are looked at."""
    tried: set[int] = set()
    for key in keys:
        for crowd in waiting.get(key, [])[: -_NEWEST - 1 : -1]:
            if id(crowd) not in tried and _like(crowd[0], line, _ALIKE):
                return crowd
            tried.add(id(crowd))
    return None


def _keys(line: _Line) -> Iterator[_Key]:
    """Where a like line is looked for: its story, and each few minima of its sketch."""
    if line.mention.story is not None:
        yield -1, str(line.mention.story).encode()
    if line.sketch is not None:
        yield from line.sketch.bands


def _like(one: _Line, other: _Line, share: float) -> bool:
    story = one.mention.story
    if story is not None and story == other.mention.story:
        return True
    if one.sketch is None or other.sketch is None:
        return False
    return float(np.mean(one.sketch.minima == other.sketch.minima)) >= share


def _pairs(people: Sequence[int]) -> Iterator[tuple[int, int]]:
    """(later, earlier): who wrote first copied nobody."""
    for at, person in enumerate(people):
        for earlier in people[:at]:
            yield person, earlier


def _repeats(lines: Sequence[_Line]) -> Iterator[tuple[int, set[int]]]:
    """For each person the places at which an earlier text of their own stands again."""
    mine: dict[int, list[_Line]] = defaultdict(list)
    for line in lines:
        mine[line.person].append(line)
    for person, theirs in mine.items():
        lately = theirs[-_OWN_COMPARED:]
        again = {
            line.place
            for at, line in enumerate(lately)
            if any(_repeats_it(earlier, line) for earlier in lately[:at])
        }
        if again:
            yield person, again


def _repeats_it(earlier: _Line, line: _Line) -> bool:
    story = line.mention.story
    if story is not None and story == earlier.mention.story:
        return True
    soon = line.mention.post.created_at - earlier.mention.post.created_at <= _AGAIN
    return soon and _like(earlier, line, _SAME)
