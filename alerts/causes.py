"""Which mentions tell of the same thing in words of their own: one cause (pure).

A copy is found by its letters (nlp/stories.py). People who speak of the same event write each their own sentence, but
they share words that are rare otherwise: 「スコップ」, 「港通り店」, the address of the same video. How much a shared
word tells is its information, -ln of the part of posts that use it, in nats: general use (nlp/rarity.py) or the
topic's own earlier use, whichever is larger. A mention belongs to the cause of the one of the last 48 hours that it
shares most with, from `ALIKE` on; or to that of a word which so many use within twelve hours that chance does not
explain it (`VOGUE`); otherwise it may be the first of a cause of its own.

What it will not do: recognise a curse that names nothing (「最悪」) as part of anything.
"""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from storage.types import Label, Observation

NEAR = timedelta(hours=48)  # two mentions further apart are not compared
NEWS = timedelta(hours=48)  # a cause that people have told of for longer is no news any more
ALIKE = 9.0  # nats: one word in 8,000, or two in 90
VOGUE, VOGUE_WITHIN = 12.0, timedelta(hours=12)  # nats: so many use one word by chance once in 160,000 times
_TELLING = 2.0  # nats: a word that one post in seven uses says nothing
_COMPARED = 200  # of the mentions that use a word, so many of the newest
_REMEMBERED = 4000.0  # earlier mentions whose words count; beyond, the older ones fade
_UNSURE = 20.0  # so many mentions that use no word are added to the topic's own

Words = Callable[[str], frozenset[str]]


@dataclass(frozen=True, slots=True)
class _Told:
    mention_id: int
    at: datetime
    cause: int
    words: frozenset[str]
    negative: bool


class Joining:
    """How often a negative mention tells of what another one told of.

    Of every cause the first two negative mentions count, so that a past crisis is one case and no more.
    """

    def __init__(self) -> None:
        self.joined, self.of = 0, 0
        self._times: dict[int, int] = {}

    def add(self, cause: int | None) -> None:
        """One more negative mention; `cause` None: it is known to share its cause with nobody."""
        times = 1 if cause is None else self._times.get(cause, 0) + 1
        if cause is not None:
            self._times[cause] = times
        self.joined += times == 2
        self.of += times <= 2

    def fade(self, active: Set[int]) -> None:
        """Count what was for half, and forget the causes that are not `active`."""
        self._times = {cause: times for cause, times in self._times.items() if cause in active}
        self.joined, self.of = self.joined // 2, self.of // 2


class Causes:
    """The causes of one topic, from its mentions in the order in which they were made."""

    def __init__(self, words: Words, share: Callable[[str], float]) -> None:
        """`words`: those of a text that say what it is about; `share`: the part of posts anywhere that use a word."""
        self._words, self._share = words, share
        self._told: dict[int, _Told] = {}
        self._by_word: dict[str, deque[_Told]] = {}
        self._began: dict[int, datetime] = {}
        self._earlier: Counter[str] = Counter()
        self._earlier_mentions = 0.0
        self._lately: deque[datetime] = deque()
        self._joining = Joining()

    @property
    def joining(self) -> tuple[int, int]:
        """How many negative mentions told of what another one told of, and of how many; up to two days ago."""
        return self._joining.joined, self._joining.of

    def given(self, seen: Sequence[Observation]) -> tuple[Observation, ...]:
        """`seen`, oldest first, each with its cause; None where the cause is no news any more.

        Mentions that were given before keep their cause.
        """
        return tuple(replace(one, cause=self._cause(one)) for one in seen)

    def _cause(self, seen: Observation) -> int | None:
        told = self._told.get(seen.mention_id)
        if told is None:
            self._forget(seen.at - NEAR)
            told = self._add(seen)
        return told.cause if seen.at - self._began.get(told.cause, told.at) <= NEWS else None

    def _add(self, seen: Observation) -> _Told:
        words = frozenset(word for word in self._words(seen.text) if self._tells(word) >= _TELLING)
        alike: dict[int, float] = {}
        for word in words:
            weight = self._tells(word)
            for other in self._by_word.get(word, ()):
                alike[other.mention_id] = alike.get(other.mention_id, 0.0) + weight
        most = max(alike, key=lambda number: (alike[number], number), default=0)
        cause = self._told[most].cause if alike.get(most, 0.0) >= ALIKE else self._in_vogue(seen.at, words)
        cause = seen.mention_id if cause is None else cause
        told = _Told(seen.mention_id, seen.at, cause, words, seen.label is Label.NEGATIVE)
        self._told[seen.mention_id] = told
        self._began.setdefault(cause, seen.at)
        self._lately.append(seen.at)
        for word in words:
            self._by_word.setdefault(word, deque(maxlen=_COMPARED)).append(told)
        return told

    def _in_vogue(self, at: datetime, words: frozenset[str]) -> int | None:
        """The cause of those who use a word that hardly ever so many use at once: half of a day's 「動画」, say."""
        since = at - VOGUE_WITHIN
        while self._lately and self._lately[0] <= since:
            self._lately.popleft()
        spoken = 1 + len(self._lately)
        most, cause = VOGUE, None
        for word in sorted(words):
            users = [told for told in self._by_word.get(word, ()) if told.at > since]
            surprise = _surprise(len(users) + 1, spoken, math.exp(-self._tells(word))) if users else 0.0
            if surprise >= most:
                most, cause = surprise, users[-1].cause
        return cause

    def _tells(self, word: str) -> float:
        own = self._earlier[word] / (self._earlier_mentions + _UNSURE)
        return -math.log(max(self._share(word), own))

    def _forget(self, until: datetime) -> None:
        """Mentions made before `until` are compared no more: their words become what is usual."""
        while self._told:
            oldest = next(iter(self._told.values()))
            if oldest.at >= until:
                return
            del self._told[oldest.mention_id]
            self._earlier.update(oldest.words)
            self._earlier_mentions += 1
            if oldest.negative:
                self._joining.add(oldest.cause)
            for word in oldest.words:
                users = self._by_word[word]
                if users and users[0].mention_id == oldest.mention_id:
                    users.popleft()
                if not users:
                    del self._by_word[word]
            self._fade()

    def _fade(self) -> None:
        if self._earlier_mentions <= _REMEMBERED:
            return
        self._earlier_mentions /= 2
        self._earlier = Counter({word: count // 2 for word, count in self._earlier.items() if count > 1})
        active = {told.cause for told in self._told.values()}
        self._began = {cause: at for cause, at in self._began.items() if cause in active}
        self._joining.fade(active)


def _surprise(users: int, of: int, usual: float) -> float:
    """-ln of the chance that `users` of `of` use a word which the part `usual` uses; 0 for no more than usual."""
    if users <= of * usual:
        return 0.0
    ways = math.lgamma(of + 1) - math.lgamma(users + 1) - math.lgamma(of - users + 1)
    return -(ways + users * math.log(usual) + (of - users) * math.log1p(-usual))
