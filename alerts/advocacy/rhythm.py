"""When an author posts: like a machine, or like somebody at work whenever the brand has news. Pure.

Habits alone prove nothing about a person. They only add up: office hours alone are a night nurse's free time, so a
doubt takes two habits that together are far rarer among this author's posts than among everybody's.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from statistics import median
from zoneinfo import ZoneInfo

from alerts.advocacy.wording import Marks
from storage.types import Mention

_MACHINE_POSTS = 6
_STEADY_MIN = 12.0  # minutes by which a machine's intervals differ, in the median
_OFFICE = range(9, 18)
_LEAST_BASE = {"office": 0.15, "insider": 0.02, "announcing": 0.04, "launch": 0.08}
_HABIT, _ALL_HABITS = 2.0, 8.0  # nats: one habit that counts, and all of them together for a doubt
_FULL_DOUBT = 14.0


@dataclass(frozen=True, slots=True)
class Usual:
    """Shares of all mentions of a topic, by habit, and the days on which the brand had news."""

    shares: dict[str, float]
    launches: frozenset[date]


@dataclass(frozen=True, slots=True)
class Habits:
    """`doubt` 0…1: how much the habits look like the brand's own people; `words` of them, to show."""

    doubt: float = 0.0
    words: str = ""
    shown: tuple[int, ...] = ()  # places of the mentions that show it


def machine_like(times: Sequence[datetime]) -> bool:
    """Intervals that differ by minutes only, six posts at least. Times that are dates say nothing."""
    exact = [at for at in times if at.minute or at.second]
    if len(exact) < _MACHINE_POSTS or len(exact) < len(times):
        return False
    gaps = [(after - before).total_seconds() / 60 for before, after in pairwise(exact)]
    middle = median(gaps)
    apart = median([abs(gap - middle) for gap in gaps])
    return middle >= 20 and apart <= min(_STEADY_MIN, 0.1 * middle)


def usual(posts: Sequence[tuple[Mention, Marks]], zone: ZoneInfo) -> Usual:
    """What is usual among all mentions of the topic."""
    news = Counter(_day(mention, zone) for mention, marks in posts if marks.announcing)
    mean = sum(news.values()) / max(1, len({_day(mention, zone) for mention, _ in posts}))
    launches = frozenset(day for day, count in news.items() if count >= 4 and count >= 4 * mean)
    count = Counter(habit for mention, marks in posts for habit in _of(mention, marks, zone, launches))
    shares = {habit: max(least, count[habit] / max(1, len(posts))) for habit, least in _LEAST_BASE.items()}
    return Usual(shares, launches)


def habits(posts: Sequence[tuple[Mention, Marks]], known: Usual, zone: ZoneInfo) -> Habits:
    """How this author's habits differ from what is usual. Whose words say nothing is not judged by the clock."""
    if not any(marks.insider or marks.announcing for _, marks in posts):
        return Habits()
    seen = [_of(mention, marks, zone, known.launches) for mention, marks in posts]
    count = Counter(habit for one in seen for habit in one)
    told = {habit: _surprise(count[habit], len(posts), share) for habit, share in known.shares.items()}
    speaking = [habit for habit, nats in told.items() if nats >= _HABIT]
    total = sum(told.values())
    if len(speaking) < 2 or total < _ALL_HABITS or not {"insider", "announcing"} & set(speaking):
        return Habits()
    shown = tuple(n for n, one in enumerate(seen) if {"insider", "announcing"} & one)
    words = dict.fromkeys(word for _, marks in posts for word in (marks.insider, marks.announcing) if word)
    return Habits(min(1.0, total / _FULL_DOUBT), "、".join(list(words)[:4]), shown)


def _of(mention: Mention, marks: Marks, zone: ZoneInfo, launches: frozenset[date]) -> set[str]:
    at = mention.post.created_at.astimezone(zone)
    found = {
        "office": at.weekday() < 5 and at.hour in _OFFICE,
        "insider": bool(marks.insider),
        "announcing": bool(marks.announcing),
        "launch": at.date() in launches,
    }
    return {habit for habit, is_so in found.items() if is_so}


def _surprise(count: int, size: int, share: float) -> float:
    """Log-likelihood in nats by which this share fits better than the usual one; 0 where it is not above it."""
    own = count / size
    if own <= share:
        return 0.0
    rest = (1 - own) * math.log((1 - own) / (1 - share)) if own < 1 else 0.0
    return size * (own * math.log(own / share) + rest)


def _day(mention: Mention, zone: ZoneInfo) -> date:
    return mention.post.created_at.astimezone(zone).date()
