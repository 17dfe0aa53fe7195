"""A topic is talked about far more than it ever is: the rule on mention volume (pure, one step a bucket).

Good or bad talk alike: a viral post, a campaign, a competitor's launch. What is usual is a level with an hour-of-day
rhythm in the logarithm of smoothed counts, forgetting exponentially; its scatter is robust, because one step moves
neither further than `CLIP` scatters. How far a topic's spikes go is heavy-tailed and its own: so the limit is not a
number of scatters but `height` deviations above what the topic's busiest quarter hour of a day usually reaches. After
an alert the rule is silent for `silent_hours`: a story that goes on is no second one.

What it will not do: say whether the talk is good or bad, or see a change without a spike.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

CLIP = 2.5  # one bucket pulls level and scatter by at most so many scatters
_CLIP_DAY = 2.0  # one day pulls the usual peak by at most so many deviations
_START_SCATTER, _LEAST_SCATTER = 0.5, 0.1  # of the logarithm
_START_BUCKETS = 12  # the first level is the mean of about so many
_RHYTHM = 0.015  # how fast the hour-of-day rhythm learns, at most


@dataclass(frozen=True, slots=True)
class VolumeSettings:
    """One setting for all topics."""

    bucket_min: int = 5
    smooth_min: int = 15
    half_life_days: float = 7.0
    little: float = 5.0  # added to counts: below about so many a bucket, a change means little
    height: float = 1.2
    least: float = 3.0  # scatters above the usual that a spike has at least
    peak: float = 4.0  # scatters that the busiest moment of a day usually reaches, before the topic has shown
    peak_spread: float = 2.0
    peak_days: float = 2.0  # days of evidence that these two count for
    memory_days: float = 28.0
    # 12 to 30 score alike on NAB; from 36 on, one false alarm hides the next spike.
    silent_hours: float = 20.0


@dataclass(frozen=True, slots=True)
class Spike:
    """An alert: `count` is the smoothed count a bucket, `usual` what is usual now, `scatters` how far it is off."""

    count: float
    usual: float
    scatters: float
    limit: float


@dataclass(frozen=True, slots=True)
class VolumeState:
    """What is known of a topic after some buckets. `VolumeState()` knows nothing; frozen, and small."""

    buckets: int = 0
    last: tuple[float, ...] = ()
    level: float = 0.0
    scatter: float = _START_SCATTER
    rhythm: tuple[float, ...] = field(default=(0.0,) * 24)
    today: float = -math.inf
    peak: float | None = None
    spread: float = 0.0
    days: float = 0.0
    alerted: int | None = None


def look(
    state: VolumeState, count: float, hour: int, settings: VolumeSettings
) -> tuple[VolumeState, Spike | None]:
    """The next bucket with `count` mentions at local `hour`: the new state, and a spike if it is one."""
    known = _started(state, settings)
    last = (*known.last, count)[-max(1, settings.smooth_min // settings.bucket_min) :]
    smooth = sum(last) / len(last)
    value = math.log(smooth + settings.little)
    level = known.level if known.buckets else value
    off = value - level - known.rhythm[hour]
    scatters = off / known.scatter
    assert known.peak is not None
    limit = max(settings.least, known.peak + settings.height * known.spread)
    silent = known.alerted is not None and (
        (known.buckets - known.alerted) * settings.bucket_min <= settings.silent_hours * 60
    )
    spike = None
    if scatters > limit and not silent:
        usual = max(0.0, math.exp(level + known.rhythm[hour]) - settings.little)
        spike = Spike(smooth, usual, scatters, limit)
    learned = _learned(replace(known, last=last, level=level), off, scatters, hour, settings)
    return (learned if spike is None else replace(learned, alerted=known.buckets)), spike


def _started(state: VolumeState, settings: VolumeSettings) -> VolumeState:
    if state.peak is not None:
        return state
    return replace(state, peak=settings.peak, spread=settings.peak_spread, days=settings.peak_days)


def _learned(
    state: VolumeState, off: float, scatters: float, hour: int, settings: VolumeSettings
) -> VolumeState:
    """`state` one bucket older."""
    a_day = 1440 / settings.bucket_min
    pace = max(1 - 0.5 ** (1 / (settings.half_life_days * a_day)), 1 / (state.buckets + _START_BUCKETS))
    pull = max(-CLIP * state.scatter, min(CLIP * state.scatter, off))
    rhythm = list(state.rhythm)
    rhythm[hour] += min(_RHYTHM, 3.6 * pace) * pull
    variance = (1 - pace) * state.scatter**2 + 1.1 * pace * pull**2
    older = replace(
        state,
        buckets=state.buckets + 1,
        level=state.level + pace * pull,
        rhythm=tuple(rhythm),
        scatter=max(_LEAST_SCATTER, math.sqrt(variance)),
        today=max(state.today, scatters),
    )
    return older if older.buckets % round(a_day) else _a_day_older(older, settings)


def _a_day_older(state: VolumeState, settings: VolumeSettings) -> VolumeState:
    """`state` after a full day: its busiest moment becomes part of what peaks usually reach."""
    assert state.peak is not None
    days = state.days + 1
    pace = 1 / min(days, settings.memory_days)
    pull = max(-_CLIP_DAY * state.spread, min(_CLIP_DAY * state.spread, state.today - state.peak))
    spread = math.sqrt((1 - pace) * state.spread**2 + pace * pull**2)
    return replace(state, peak=state.peak + pace * pull, spread=spread, days=days, today=-math.inf)
