"""What is usual for a topic: the level, rhythm and scatter of its negative mentions (pure).

A count of negative voices in a window is compared with a negative binomial distribution. Its mean comes from
the topic's own hourly roll-ups (exponentially forgetting, hour-of-day profile in the topic's timezone); its
scatter from how much windows of that length differed from their mean in the past. A young topic leans on a
prior, and the fewer mentions were seen the wider the distribution, so a new topic does not cry wolf.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from storage.types import Bucket, History, Label, Observation

HOUR = timedelta(hours=1)
Array = NDArray[np.float64]

# A plain waking day (quiet before dawn, a lunch and an evening rise), mean 1. Only a young topic leans on it.
_TYPICAL_DAY = (
    0.6, 0.35, 0.25, 0.2, 0.2, 0.3, 0.55, 0.85, 1.0, 1.0, 1.05, 1.15,
    1.4, 1.2, 1.05, 1.05, 1.1, 1.2, 1.35, 1.45, 1.55, 1.55, 1.4, 1.05,
)  # fmt: skip
_PROFILE_WEIGHT = 240.0  # mentions that the typical day counts for
_RATE_SHAPE = 0.5  # negative mentions that the prior rate counts for
_SCATTER = 0.6  # prior 1/k of the negative binomial, and the weight it has against sums of squared means
_SCATTER_WEIGHT = 2.0
_SCATTER_FLOOR = 0.05
_SHARE_WEIGHT = 20.0  # mentions that the prior share counts for
_SHARE_SPREAD = 40.0  # how firmly a topic's negative share holds from one window to the next (beta-binomial)
_HALF_LIFE_DAYS = 14.0


@dataclass(frozen=True, slots=True)
class Baseline:
    """What is usual. `rate` is negative mentions an hour, averaged over the day.

    `scatter` is 1/k by window length in minutes; `distinct` is distinct negative voices per negative mention
    by window length; `evidence` is how many negative mentions the rate rests on, the prior included.
    """

    timezone: ZoneInfo
    profile: tuple[float, ...]
    rate: float
    evidence: float
    scatter: Mapping[int, float]
    distinct: Mapping[int, float]
    share: float
    hours: float

    def expected(self, start: datetime, end: datetime) -> float:
        """Negative mentions that are usual between `start` and `end`."""
        local, total = start.astimezone(self.timezone), 0.0
        offset = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        edge, hour, left = start - offset, local.hour, start
        while left < end:
            edge += HOUR
            right = min(edge, end)
            total += self.profile[hour] * ((right - left) / HOUR)
            left, hour = right, (hour + 1) % 24
        return total * self.rate

    def surprise(self, count: int, minutes: int, expected: float) -> float:
        """The chance of `count` or more negative voices in a window of `minutes`, given `expected`."""
        return count_tail(count, expected, 1 / (self.scatter[minutes] + 1 / self.evidence))

    def share_surprise(self, negative: float, voices: int) -> float:
        """The chance that `negative` or more of `voices` are negative at the usual share."""
        a, b = self.share * _SHARE_SPREAD, (1 - self.share) * _SHARE_SPREAD
        return share_tail(round(negative), voices, a, b)


def count_tail(count: int, mean: float, k: float) -> float:
    """P(X >= count) for a negative binomial with this mean and variance mean + mean²/k."""
    if count <= 0:
        return 1.0
    if mean <= 0:
        return 0.0
    odds = mean / (mean + k)
    log_first = (
        math.lgamma(count + k) - math.lgamma(k) - math.lgamma(count + 1)
        + count * math.log(odds) + k * math.log1p(-odds)
    )  # fmt: skip
    if count > mean:  # sum upwards: exact where it matters, in the far tail
        term = total = 1.0
        n = count
        while term > total * 1e-9:
            term *= (n + k) / (n + 1) * odds
            total += term
            n += 1
        return min(1.0, math.exp(log_first) * total)
    term, total, n = math.exp(log_first), 0.0, count
    while n > 0:
        term *= n / ((n - 1 + k) * odds)
        total += term
        n -= 1
    return max(0.0, 1.0 - total)


def share_tail(successes: int, trials: int, a: float, b: float) -> float:
    """P(X >= successes) of `trials` for a beta-binomial; the normal curve from 300 trials on."""
    if successes <= 0 or trials <= 0:
        return 1.0
    mean = a / (a + b)
    if trials > 300:
        variance = trials * mean * (1 - mean) * (a + b + trials) / (a + b + 1)
        return 0.5 * math.erfc((successes - 0.5 - trials * mean) / math.sqrt(2 * variance))
    total = 0.0
    log_term = _log_beta_binomial(successes, trials, a, b)
    for x in range(successes, trials + 1):
        total += math.exp(log_term)
        if x < trials:
            log_term += math.log((trials - x) * (a + x) / ((x + 1) * (b + trials - x - 1)))
    return min(1.0, total)


def _log_beta_binomial(x: int, n: int, a: float, b: float) -> float:
    choose = math.lgamma(n + 1) - math.lgamma(x + 1) - math.lgamma(n - x + 1)
    top = math.lgamma(x + a) + math.lgamma(n - x + b) - math.lgamma(n + a + b)
    return choose + top - (math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b))


def learn(
    history: History,
    now: datetime,
    *,
    windows: Sequence[int],
    days: int = 42,
    lag_hours: int = 48,
    prior_per_day: float = 2.0,
    prior_share: float = 0.15,
    story_limit: int = 2,
) -> Baseline:
    """The baseline from `days` of roll-ups that end `lag_hours` before `now`.

    The lag keeps a slow crisis out of its own baseline. Hours before we began to watch and hours in a gap are
    no data, not zero. One day counts at most three times the usual day (plus three), so that a past crisis
    does not hide the next one.
    """
    zone = ZoneInfo(history.topic.timezone)
    until = now - timedelta(hours=lag_hours)
    buckets = _usable(history, until - timedelta(days=days), until)
    ages = np.array([(until - bucket.start) / timedelta(days=1) for bucket in buckets])
    weight = 0.5 ** (ages / _HALF_LIFE_DAYS)
    volume = np.array([bucket.volume for bucket in buckets], dtype=np.float64)
    negative = np.array([bucket.negative for bucket in buckets], dtype=np.float64)
    negative = _tamed(negative, ages)
    hours = np.array([bucket.start.astimezone(zone).hour for bucket in buckets], dtype=np.int64)
    profile = _profile(volume, hours)
    exposure = weight * profile[hours] if len(buckets) else weight
    prior_hours = _RATE_SHAPE / (prior_per_day / 24)
    evidence = _RATE_SHAPE + float((weight * negative).sum())
    rate = evidence / (prior_hours + float(exposure.sum()))
    mean = rate * profile[hours] if len(buckets) else weight
    share = (prior_share * _SHARE_WEIGHT + float((weight * negative).sum())) / (
        _SHARE_WEIGHT + float((weight * volume).sum())
    )
    return Baseline(
        timezone=zone,
        profile=tuple(float(x) for x in profile),
        rate=rate,
        evidence=evidence,
        scatter={w: _scatter(negative, mean, ages, max(1, w // 60)) for w in windows},
        distinct={w: _distinct(history.recent, now, w, story_limit) for w in windows},
        share=min(max(share, 0.01), 0.95),
        hours=float(len(buckets)),
    )


def _usable(history: History, start: datetime, end: datetime) -> list[Bucket]:
    start = max(start, history.since)
    chosen = [bucket for bucket in history.buckets if start <= bucket.start and bucket.start + HOUR <= end]
    if not history.gaps:
        return chosen
    return [b for b in chosen if not any(g0 < b.start + HOUR and b.start < g1 for g0, g1 in history.gaps)]


def _tamed(negative: Array, ages: Array) -> Array:
    """`negative` with the hours of an extraordinary day scaled down together."""
    if not len(negative):
        return negative
    day = ages.astype(np.int64)
    sums = np.bincount(day, weights=negative)
    full = np.bincount(day) > 0
    cap = 3.0 * float(np.median(sums[full])) + 3.0
    factor: Array = np.minimum(1.0, cap / np.maximum(sums, 1.0))
    return negative * factor[day]


def _profile(volume: Array, hours: NDArray[np.int64]) -> Array:
    """How busy each hour of the local day is, mean 1."""
    typical = np.array(_TYPICAL_DAY) / float(np.mean(_TYPICAL_DAY))
    if not len(volume):
        return typical
    # The square root of an hour's volume keeps one busy evening from bending the profile.
    calm = np.minimum(volume, 4 * np.sqrt(volume.mean()) + 2 * volume.mean())
    sums = np.bincount(hours, weights=calm, minlength=24)
    seen = np.bincount(hours, minlength=24)
    level = calm.mean() or 1.0
    profile: Array = (sums + _PROFILE_WEIGHT / 24 * typical) / (seen * level + _PROFILE_WEIGHT / 24)
    level_one: Array = profile / profile.mean()
    return level_one


def _scatter(negative: Array, mean: Array, ages: Array, hours: int) -> float:
    """1/k for sums over `hours`, by moments, shrunk to the prior where means are small."""
    prior = _SCATTER * _SCATTER_WEIGHT
    if not len(negative):
        return _SCATTER
    block = (ages * 24 / hours).astype(np.int64)
    full = np.bincount(block) == hours
    sums = np.bincount(block, weights=negative)[full]
    means = np.bincount(block, weights=mean)[full]
    extra = float(((sums - means) ** 2 - means).sum())
    return max(_SCATTER_FLOOR, (max(extra, 0.0) + prior) / (float((means**2).sum()) + _SCATTER_WEIGHT))


def _distinct(recent: Iterable[Observation], now: datetime, minutes: int, story_limit: int) -> float:
    """Distinct negative voices per negative mention in windows of `minutes`, from before the present one."""
    length = timedelta(minutes=minutes)
    newest = now - timedelta(hours=24 if minutes > 360 else 6)
    voices: set[tuple[int, str]] = set()
    stories: dict[tuple[int, int], int] = {}
    mentions = 0
    for seen in recent:
        if seen.at >= newest:
            break
        if seen.label is not Label.NEGATIVE:
            continue
        mentions += 1
        block = (newest - seen.at) // length
        if seen.story is not None:
            stories[block, seen.story] = stories.get((block, seen.story), 0) + 1
            if stories[block, seen.story] > story_limit:
                continue
        voices.add((block, voice(seen)))
    return (len(voices) + 5) / (mentions + 5)


def voice(seen: Observation) -> str:
    """Who speaks. An unknown author is told apart by what is said."""
    return seen.author or f"?{seen.story if seen.story is not None else -seen.mention_id}"
