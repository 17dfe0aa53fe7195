"""A single post goes viral: it gathers reactions faster than the topic's posts of that age do (pure).

What is usual is the logarithm of reactions an hour in four bands of age, from the topic's own posts of the last
14 days: its median, and a scatter that one post cannot move. Both lean on a prior until there are some twenty
posts. The limit is so high that the topic's own past has one such post in `rare_days`, and never below
`min_per_hour`, which is all there is without history.

What it will not do: see reactions between two readings, or posts whose source gives no counts or brings them once.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from itertools import pairwise
from statistics import NormalDist, median, quantiles

from pydantic import BaseModel, ConfigDict, Field

from storage.measures import Pulse, Reading

HOUR = timedelta(hours=1)
MEMORY = timedelta(days=14)  # as long as readings are kept
_BANDS_H = (0, 1, 3, 12, 48)
_SHORTEST_H = 0.5  # a shorter time counts as so long: three likes in a minute are not 180 an hour
_LATELY = timedelta(hours=2)  # growth is measured from a reading so young, or from the last one before
_PRIOR_POSTS, _PRIOR_MEDIAN, _PRIOR_SCATTER = 20, 0.7, 1.2  # of log(1 + reactions an hour): about one an hour
_LEAST_SCATTER = 0.3
_MOST_LIKELY = 0.02  # however few posts there are, a limit is passed by one post in fifty at most
_TO_NORMAL = 1.4826  # median distance from the median → standard deviation of a normal curve
_NINE_TENTHS = NormalDist().inv_cdf(0.9)
_DOUBLING_FROM = 10  # from fewer reactions on, doubling says nothing
_DOUBLING_HELPS = 0.5  # a post that has doubled within the hour needs this part of the limit


class ViralSettings(BaseModel):
    """When a single post counts as viral."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool = Field(default=True, description="false: no such alerts")
    min_reactions: int = Field(
        default=100, ge=1, description="fewest likes, reposts, replies and quotes together"
    )
    min_per_hour: float = Field(default=60.0, gt=0, description="fewest reactions an hour, whatever is usual")
    very_ratio: float = Field(default=5.0, gt=1, description="times the limit for a very viral post")
    rare_days: float = Field(
        default=7.0, gt=0, description="days between two such posts, as the topic's own past has it"
    )
    max_age_hours: float = Field(default=48.0, gt=0, le=48, description="older posts are not news")


class Level(IntEnum):
    CALM = 0
    GOING = 1
    VERY = 2


@dataclass(frozen=True, slots=True)
class Usual:
    """What a topic's posts of one band of age gather an hour."""

    median: float
    limit: float


@dataclass(frozen=True, slots=True)
class Viral:
    """A post that goes viral. `doubling_min` is None when the reactions do not grow from ten or more."""

    mention_id: int
    level: Level
    reactions: int
    per_hour: float
    usual: float
    limit: float
    age_hours: float
    doubling_min: float | None


@dataclass(frozen=True, slots=True)
class Growth:
    per_hour: float
    doubling_min: float | None


def usual_by_age(
    pulses: Sequence[Pulse], days: float, settings: ViralSettings, *, without: frozenset[int] = frozenset()
) -> tuple[Usual, ...]:
    """One for each band of age, from what was read in `days`. `without` are the posts that are judged."""
    paces: list[list[float]] = [[] for _ in pairwise(_BANDS_H)]
    for pulse in pulses:
        if pulse.mention_id not in without:
            for band, pace in _best_by_band(pulse).items():
                paces[band].append(math.log1p(pace))
    return tuple(_usual(known, max(days, 1.0), settings) for known in paces)


def judge(pulse: Pulse, usual: Sequence[Usual], settings: ViralSettings, now: datetime) -> Viral | None:
    """The post if it goes viral now, and never was at a higher level before."""
    last = pulse.readings[-1]
    if now - pulse.created_at > timedelta(hours=settings.max_age_hours) or now - last.at > _LATELY:
        return None
    history = (Reading(pulse.created_at, 0), *pulse.readings)
    levels = [_level(history[: n + 1], usual, settings) for n in range(1, len(history))]
    level = levels[-1]
    if level is Level.CALM or level < max(levels):
        return None
    grown, typical = _growth(history), usual[_band(last.at - pulse.created_at)]
    return Viral(
        mention_id=pulse.mention_id,
        level=level,
        reactions=last.reactions,
        per_hour=grown.per_hour,
        usual=typical.median,
        limit=typical.limit,
        age_hours=max((last.at - pulse.created_at) / HOUR, 0.0),
        doubling_min=grown.doubling_min,
    )


# ------------------------------------------------------------------ how fast


def _growth(history: Sequence[Reading]) -> Growth:
    """How fast the last reading's count came together; `history` begins with nothing at the post's birth."""
    *earlier, last = history
    young = [one for one in earlier if last.at - one.at <= _LATELY]
    old = [one for one in earlier if last.at - one.at > _LATELY][-1:]
    base = max((*old, *young), key=lambda one: _per_hour(one, last))
    doubling = None
    if _DOUBLING_FROM <= base.reactions < last.reactions:
        doubling = (last.at - base.at) / timedelta(minutes=1) / math.log2(last.reactions / base.reactions)
    return Growth(_per_hour(base, last), doubling)


def _per_hour(first: Reading, last: Reading) -> float:
    hours = max((last.at - first.at) / HOUR, _SHORTEST_H)
    return max(last.reactions - first.reactions, 0) / hours


def _level(history: Sequence[Reading], usual: Sequence[Usual], settings: ViralSettings) -> Level:
    last = history[-1]
    if last.reactions < settings.min_reactions:
        return Level.CALM
    grown, limit = _growth(history), usual[_band(last.at - history[0].at)].limit
    doubled = grown.doubling_min is not None and grown.doubling_min <= 60
    needed = max(limit * (_DOUBLING_HELPS if doubled else 1.0), settings.min_per_hour)
    if grown.per_hour < needed:
        return Level.CALM
    return Level.VERY if grown.per_hour >= settings.very_ratio * limit else Level.GOING


def _band(age: timedelta) -> int:
    hours = age / HOUR
    return sum(hours >= edge for edge in _BANDS_H[1:-1])


# ------------------------------------------------------------------ what is usual


def _best_by_band(pulse: Pulse) -> Mapping[int, float]:
    """The post's fastest growth in each band of age in which it was read."""
    history = (Reading(pulse.created_at, 0), *pulse.readings)
    best: dict[int, float] = {}
    for n in range(1, len(history)):
        band = _band(history[n].at - pulse.created_at)
        best[band] = max(best.get(band, 0.0), _growth(history[: n + 1]).per_hour)
    return best


def _usual(known: Sequence[float], days: float, settings: ViralSettings) -> Usual:
    """`known` are logarithms. The scatter is that of the middle or of the upper tenth, whichever is larger."""
    centre = scatter = 0.0
    if len(known) >= 2:
        centre = median(known)
        middle = _TO_NORMAL * median(abs(one - centre) for one in known)
        upper = (quantiles(known, n=10, method="inclusive")[-1] - centre) / _NINE_TENTHS
        scatter = max(middle, upper)
    weight = len(known) / (len(known) + _PRIOR_POSTS) if len(known) >= 2 else 0.0
    centre = weight * centre + (1 - weight) * _PRIOR_MEDIAN
    scatter = max(weight * scatter + (1 - weight) * _PRIOR_SCATTER, _LEAST_SCATTER)
    chance = min(1 / (settings.rare_days * max(len(known) / days, 1.0)), _MOST_LIKELY)
    limit = math.expm1(centre + NormalDist().inv_cdf(1 - chance) * scatter)
    return Usual(median=math.expm1(centre), limit=max(limit, settings.min_per_hour))
