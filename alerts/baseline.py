"""What is usual for a topic: the level, rhythm and scatter of its mentions (pure).

Two counts are expected in a window: different people who speak negatively, and different people who do not. Their
means come from the topic's own hourly roll-ups (exponentially forgetting, with the hours of working and of free days
in the topic's timezone); their common scatter from how much windows of that length differed from their mean in
the past. Mentions become people by the topic's own habit: n mentions come from about n^`repeat` people, learned
from the authors of each hour. A young topic leans on a prior, and the fewer mentions were seen the wider the
distribution, so a new topic does not cry wolf.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import jpholiday
import numpy as np
from numpy.typing import NDArray

from alerts.chance import count_tail, share_tail
from storage.types import Bucket, History, Observation

HOUR = timedelta(hours=1)
Array = NDArray[np.float64]
Whole = NDArray[np.int64]
Span = tuple[datetime, datetime]

# A plain waking day (quiet before dawn, a lunch and an evening rise), mean 1. Only a young topic leans on it.
_TYPICAL_DAY = (
    0.6, 0.35, 0.25, 0.2, 0.2, 0.3, 0.55, 0.85, 1.0, 1.0, 1.05, 1.15,
    1.4, 1.2, 1.05, 1.05, 1.1, 1.2, 1.35, 1.45, 1.55, 1.55, 1.4, 1.05,
)  # fmt: skip
_PROFILE_WEIGHT = 240.0  # mentions that the typical day counts for
_KIND_WEIGHT = 40.0  # mentions an hour of free (or working) days needs to differ from the mean of all days
_RATE_SHAPE = 0.5  # mentions that each prior rate counts for
_SCATTER = 0.6  # prior 1/k of the gamma for the level, and the weight it has against sums of squared means
_SCATTER_WEIGHT = 2.0
_SCATTER_FLOOR = 0.05
_SHARE_WEIGHT = 20.0  # mentions that the prior share counts for
_SHARE_SPREAD = 40.0  # how firmly a topic's negative share holds from one window to the next (beta-binomial)
_ODDS_SCATTER = 0.02  # 1/k by which the odds of a negative voice differ from window to window
_REPEAT, _REPEAT_WEIGHT = 0.95, 3.0  # prior exponent of people by mentions, and its weight
_HALF_LIFE_DAYS = 14.0


@dataclass(frozen=True, slots=True)
class Expected:
    """People usual in one window: `negative` who speak negatively, `other` who do not; `scatter` is 1/k."""

    negative: float
    other: float
    scatter: float


@dataclass(frozen=True, slots=True)
class Baseline:
    """What is usual. `rate` is negative mentions an hour, averaged over the day; `other_rate` all the others.

    `profile` has a row of 24 for working days and one for free days. `scatter` is 1/k for sums over the hours of
    `scatter_hours`. `evidence` and `other_evidence` are how many mentions the rates rest on, priors included.
    """

    timezone: ZoneInfo
    profile: tuple[tuple[float, ...], tuple[float, ...]]
    rate: float
    other_rate: float
    evidence: float
    other_evidence: float
    scatter_hours: tuple[int, ...]
    scatter: tuple[float, ...]
    repeat: float
    share: float
    hours: float

    def usual_hours(self, start: datetime, end: datetime) -> float:
        """Hours between `start` and `end`, each counted as busy as it usually is."""
        left, right, total = start.astimezone(self.timezone), end.astimezone(self.timezone), 0.0
        day = left.date()
        while day <= right.date():
            row = self.profile[is_free(day, self.timezone.key)]
            opens = _hour_of(left) if day == left.date() else 0.0
            closes = _hour_of(right) if day == right.date() else 24.0
            total += _area(row, closes) - _area(row, opens)
            day += timedelta(days=1)
        return total

    def expected(self, start: datetime, end: datetime) -> float:
        """Negative mentions that are usual between `start` and `end`."""
        return self.usual_hours(start, end) * self.rate

    def people(self, hours: float, minutes: float) -> Expected:
        """What is usual in a window of `minutes` that counts as much as `hours` of the usual day."""
        scatter = float(np.interp(minutes / 60, self.scatter_hours, self.scatter))
        return Expected(
            max(1e-6, _people(hours * self.rate, self.repeat)),
            max(1e-6, _people(hours * self.other_rate, self.repeat)),
            scatter * self.repeat**2,
        )

    def level(self, other: int, usual: Expected) -> tuple[float, float]:
        """How many times as much as usual is spoken, by the `other` people; and how many people that rests on.

        The level of a window is a gamma around 1, and those who are not negative tell what it is now.
        """
        k = 1 / usual.scatter
        return (k + other) / (k + usual.other), k + other

    def surprise(self, negative: int, usual: Expected, level: tuple[float, float]) -> tuple[float, float]:
        """The chance of `negative` or more negative people at this level of talk; and their usual number there.

        Talk that doubles doubles both sides, talk that turns takes from one what it gives to the other.
        """
        times, people = level
        mean = usual.negative * times
        return count_tail(negative, mean, 1 / (1 / people + _ODDS_SCATTER + 1 / self.evidence)), mean

    def share_surprise(self, negative: int, other: int, usual: Expected) -> float:
        """The chance that so many of those who speak are negative, whatever made them speak."""
        share = usual.negative / (usual.negative + usual.other)
        firm = 1 / (1 / _SHARE_SPREAD + 1 / (self.evidence + self.other_evidence + _SHARE_WEIGHT))
        return share_tail(negative, negative + other, share * firm, (1 - share) * firm)


@lru_cache(maxsize=1000)
def is_free(day: date, timezone: str) -> bool:
    """Saturday, Sunday, and in Japan a 祝日."""
    return day.weekday() >= 5 or (timezone == "Asia/Tokyo" and bool(jpholiday.is_holiday(day)))


def _hour_of(local: datetime) -> float:
    return local.hour + local.minute / 60 + local.second / 3600


def _area(row: Sequence[float], hour: float) -> float:
    whole = int(hour)
    return sum(row[:whole]) + (row[whole] * (hour - whole) if hour > whole else 0.0)


def _people(mentions: float, repeat: float) -> float:
    return mentions if mentions <= 1 else float(mentions**repeat)


def learn(
    history: History,
    now: datetime,
    *,
    windows: Sequence[int],
    days: int = 42,
    lag_hours: int = 48,
    prior_per_day: float = 2.0,
    prior_share: float = 0.15,
    unusual: Sequence[Span] = (),
) -> Baseline:
    """The baseline from `days` of roll-ups that end `lag_hours` before `now`.

    The lag keeps a slow crisis out of its own baseline. Hours before we began to watch, in a gap or in an
    `unusual` span (a known incident) are no data, not zero. One day counts at most three times the usual day
    (plus three), so that a past crisis nobody knows of does not hide the next one.
    """
    zone = ZoneInfo(history.topic.timezone)
    until = now - timedelta(hours=lag_hours)
    buckets = _usable(history, until - timedelta(days=days), until, unusual)
    ages = np.array([(until - bucket.start) / timedelta(days=1) for bucket in buckets])
    weight = 0.5 ** (ages / _HALF_LIFE_DAYS)
    volume = np.array([bucket.volume for bucket in buckets], dtype=np.float64)
    local = [bucket.start.astimezone(zone) for bucket in buckets]
    hours = np.array([moment.hour for moment in local], dtype=np.int64)
    free = np.array([is_free(moment.date(), zone.key) for moment in local], dtype=np.int64)
    negative = _tamed(np.array([bucket.negative for bucket in buckets], dtype=np.float64), ages)
    every = _tamed(volume, ages)
    other = np.maximum(every - negative, 0.0)
    profile = _profile(volume, hours, free)
    busy = profile[free, hours] if len(buckets) else weight
    exposure = float((weight * busy).sum())
    bad, rest = float((weight * negative).sum()), float((weight * other).sum())
    rate = (_RATE_SHAPE + bad) / (_RATE_SHAPE / (prior_per_day / 24) + exposure)
    prior_other = prior_per_day * (1 - prior_share) / prior_share
    other_rate = (_RATE_SHAPE + rest) / (_RATE_SHAPE / (prior_other / 24) + exposure)
    share = (prior_share * _SHARE_WEIGHT + bad) / (_SHARE_WEIGHT + bad + rest)
    lengths = tuple(sorted({max(1, minutes // 60) for minutes in windows}))
    return Baseline(
        timezone=zone,
        profile=(tuple(map(float, profile[0])), tuple(map(float, profile[1]))),
        rate=rate,
        other_rate=other_rate,
        evidence=_RATE_SHAPE + bad,
        other_evidence=_RATE_SHAPE + rest,
        scatter_hours=lengths,
        scatter=tuple(_scatter(every, (rate + other_rate) * busy, ages, length) for length in lengths),
        repeat=_repeat(buckets),
        share=min(max(share, 0.01), 0.95),
        hours=float(len(buckets)),
    )


def _usable(history: History, start: datetime, end: datetime, unusual: Sequence[Span]) -> list[Bucket]:
    start = max(start, history.since)
    chosen = [bucket for bucket in history.buckets if start <= bucket.start and bucket.start + HOUR <= end]
    out = (*history.gaps, *unusual)
    if not out:
        return chosen
    return [b for b in chosen if not any(g0 < b.start + HOUR and b.start < g1 for g0, g1 in out)]


def _repeat(buckets: Sequence[Bucket]) -> float:
    """The exponent of people by mentions (Heaps' law), by least squares through one mention by one person."""
    known = [(b.volume, min(b.authors, b.volume)) for b in buckets if b.volume >= 2 and b.authors > 0]
    if not known:
        return 1.0
    mentions, people = np.log(np.array(known, dtype=np.float64)).T
    return float(
        ((mentions * people).sum() + _REPEAT_WEIGHT * _REPEAT) / ((mentions**2).sum() + _REPEAT_WEIGHT)
    )


def _tamed(counts: Array, ages: Array) -> Array:
    """`counts` with the hours of an extraordinary day scaled down together."""
    if not len(counts):
        return counts
    day = ages.astype(np.int64)
    sums = np.bincount(day, weights=counts)
    full = np.bincount(day) > 0
    cap = 3.0 * float(np.median(sums[full])) + 3.0
    factor: Array = np.minimum(1.0, cap / np.maximum(sums, 1.0))
    return counts * factor[day]


def _profile(volume: Array, hours: Whole, free: Whole) -> Array:
    """How busy each hour of a working day and of a free day is, mean 1 over the days seen; two rows of 24."""
    typical = np.array(_TYPICAL_DAY) / float(np.mean(_TYPICAL_DAY))
    if not len(volume):
        return np.vstack([typical, typical])
    # The square root of an hour's volume keeps one busy evening from bending the profile.
    calm = np.minimum(volume, 4 * np.sqrt(volume.mean()) + 2 * volume.mean())
    level = calm.mean() or 1.0
    prior = _PROFILE_WEIGHT / 24
    seen = np.bincount(hours, minlength=24)
    every = (np.bincount(hours, weights=calm, minlength=24) + prior * typical) / (seen * level + prior)
    every /= every.mean()
    rows = []
    for kind in (0, 1):
        mine = free == kind
        sums = np.bincount(hours[mine], weights=calm[mine], minlength=24)
        usual = np.bincount(hours[mine], minlength=24) * level * every
        rows.append(every * (sums + _KIND_WEIGHT) / (usual + _KIND_WEIGHT))
    return np.vstack(rows)


def _scatter(counts: Array, mean: Array, ages: Array, hours: int) -> float:
    """1/k for sums over `hours`, by moments, shrunk to the prior where means are small."""
    prior = _SCATTER * _SCATTER_WEIGHT
    if not len(counts):
        return _SCATTER
    block = (ages * 24 / hours).astype(np.int64)
    full = np.bincount(block) == hours
    sums = np.bincount(block, weights=counts)[full]
    means = np.bincount(block, weights=mean)[full]
    extra = float(((sums - means) ** 2 - means).sum())
    return max(_SCATTER_FLOOR, (max(extra, 0.0) + prior) / (float((means**2).sum()) + _SCATTER_WEIGHT))


def voice(seen: Observation) -> str:
    """Who speaks. An unknown author is told apart by what is said."""
    return seen.author or f"?{seen.story if seen.story is not None else -seen.mention_id}"
