"""Is it growing? The course of a crisis from the times of its posts (pure).

Posts are counted in equal bins that end at `until`, the last moment up to which the sources were read: a bin that
is still filling would look like a fall. A Poisson log-linear fit with over-dispersion over the latest stretch gives
the rate's doubling or halving time with a 95 % interval. The stretch begins at the last peak, or at the last valley
when there was a second wave.

What it will not do: know the hour of the day (a crisis seems to fall asleep at 2 a.m.), nor say anything from fewer
than `ENOUGH` posts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

ENOUGH = 10
_BINS_MIN = (5, 10, 15, 30, 60, 120, 180, 360)
_MOST_BINS = 24
_RECENT = 12  # bins of the fit when the peak is now
_WIDE = 3  # bins summed to look for peaks and valleys
_CLEAR = (
    3.0  # standard deviations between a peak and what follows: the peak was chosen as the largest of many
)
_LOWER = 0.6  # what follows a peak is at most this part of it
_T95 = (12.7, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.20, 2.18)  # Student's t, df 1…12
_VAGUE = 4.0  # a forecast whose ends differ more than so many times says nothing


class Course(StrEnum):
    RISING = "rising"
    FALLING = "falling"
    STEADY = "steady"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Interval:
    """The middle and the ends of a 95 % interval; `high` is infinite where the data set no bound."""

    low: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """So many posts in the time after `Growth.until`, if it goes on like this."""

    length: timedelta
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Growth:
    """`counts` are posts a bin, the last bin ends at `until`. `pace` in minutes: to double, or to halve.

    `peak_passed` is None when nothing can be said. `waves` counts the peaks with a clear valley between them.
    """

    course: Course
    start: datetime
    until: datetime
    bin: timedelta
    counts: tuple[int, ...]
    pace: Interval | None = None
    peak_at: datetime | None = None
    peak_count: int = 0
    peak_passed: bool | None = None
    waves: int = 1
    forecast: Forecast | None = None

    @property
    def latest(self) -> int:
        """Posts in the last whole bin."""
        return self.counts[-1] if self.counts else 0


@dataclass(frozen=True, slots=True)
class _Fit:
    """log rate = `level` + `slope` · bins from the middle of the last bin; the variances count the spread."""

    slope: float
    slope_error: float
    level: float
    level_error: float
    spread: float
    bins: int

    @property
    def ends(self) -> tuple[float, float]:
        reach = _T95[min(self.bins - 2, len(_T95)) - 1] * self.slope_error
        return self.slope - reach, self.slope + reach


def growth(times: Sequence[datetime], start: datetime, until: datetime) -> Growth:
    """The course of the posts made in [start, until)."""
    seen = sorted(one for one in times if start <= one < until)
    width = _width(until - (seen[0] if seen else start))
    first, counts = _bins(seen, until, width)
    bare = Growth(Course.UNCLEAR, first, until, width, counts)
    if len(seen) < ENOUGH or len(counts) < 4:
        return bare
    valley = _last_valley(counts)
    wave = counts[valley:]
    fit = _fit(_stretch(wave))
    course = Course.UNCLEAR if fit is None else _course(fit)
    top = _peak(counts)
    return Growth(
        course=course,
        start=first,
        until=until,
        bin=width,
        counts=counts,
        pace=_pace(fit, course, width),
        peak_at=first + width * top,
        peak_count=counts[top],
        peak_passed=_passed(wave, course),
        waves=_waves(counts),
        forecast=_forecast(fit, course, width),
    )


def _width(length: timedelta) -> timedelta:
    fitting = (minutes for minutes in _BINS_MIN if length / timedelta(minutes=minutes) <= _MOST_BINS)
    return timedelta(minutes=next(fitting, _BINS_MIN[-1]))


def _bins(seen: Sequence[datetime], until: datetime, width: timedelta) -> tuple[datetime, tuple[int, ...]]:
    if not seen:
        return until, ()
    count = max(1, math.ceil((until - seen[0]) / width))
    counts = [0] * count
    for at in seen:
        counts[min(count - 1, count - math.ceil((until - at) / width))] += 1
    return until - width * count, tuple(counts)


# ------------------------------------------------------------------ peaks and valleys


def _sums(counts: Sequence[int]) -> list[int]:
    """Sums of `_WIDE` neighbouring bins; sum i begins at bin i."""
    return [sum(counts[at : at + _WIDE]) for at in range(len(counts) - _WIDE + 1)]


def _clearly_less(less: int, more: int) -> bool:
    """Whether two counts over equal times differ beyond chance, crowds being lumpier than Poisson."""
    return less <= _LOWER * more and more - less > _CLEAR * math.sqrt(1.5 * (more + less))


def _valleys(counts: Sequence[int]) -> list[int]:
    """Where a clear valley lies between two clear peaks: the index of its lowest stretch, oldest first."""
    sums = _sums(counts)
    found: list[int] = []
    top, low, low_at = 0, math.inf, 0
    for at, total in enumerate(sums):
        if low < math.inf and _clearly_less(int(low), total):
            found.append(low_at)
            top, low = total, math.inf
        elif total > top:
            top, low = total, math.inf
        elif total < low and _clearly_less(total, top):
            low, low_at = total, at
    return found


def _last_valley(counts: Sequence[int]) -> int:
    return next(reversed(_valleys(counts)), 0)


def _waves(counts: Sequence[int]) -> int:
    return 1 + len(_valleys(counts))


def _peak(counts: Sequence[int]) -> int:
    """The fullest bin of the fullest stretch: a lone full bin is no peak."""
    sums = _sums(counts)
    if not sums:
        return max(range(len(counts)), key=counts.__getitem__, default=0)
    begin = max(range(len(sums)), key=sums.__getitem__)
    return max(range(begin, begin + _WIDE), key=counts.__getitem__)


def _behind(wave: Sequence[int]) -> bool:
    """Whether the wave's peak clearly lies behind us."""
    sums = _sums(wave)
    return bool(sums) and _peak(wave) < len(wave) - _WIDE and _clearly_less(sums[-1], max(sums))


def _passed(wave: Sequence[int], course: Course) -> bool | None:
    if course is Course.RISING:
        return False
    return True if _behind(wave) else None


# ------------------------------------------------------------------ the latest stretch


def _stretch(wave: Sequence[int]) -> Sequence[int]:
    """From the peak on when it lies behind us, else the last few bins."""
    return wave[max(_peak(wave), len(wave) - 2 * _RECENT) :] if _behind(wave) else wave[-_RECENT:]


def _fit(counts: Sequence[int]) -> _Fit | None:
    """Newton's method for a Poisson regression on time; None with too few bins or posts."""
    if len(counts) < 4 or sum(counts) < ENOUGH:
        return None
    places = [float(at - len(counts) + 1) for at in range(len(counts))]
    level, slope = math.log(sum(counts) / len(counts)), 0.0
    for _ in range(60):
        rates = [math.exp(max(-30.0, min(30.0, level + slope * x))) for x in places]
        s0, s1, s2 = (
            sum(rate * x**power for rate, x in zip(rates, places, strict=True)) for power in (0, 1, 2)
        )
        g0 = sum(counts) - s0
        g1 = sum(x * (n - rate) for x, n, rate in zip(places, counts, rates, strict=True))
        whole = s0 * s2 - s1 * s1
        if whole <= 1e-9:
            return None
        step, turn = (s2 * g0 - s1 * g1) / whole, (s0 * g1 - s1 * g0) / whole
        level, slope = level + max(-2.0, min(2.0, step)), slope + max(-1.0, min(1.0, turn))
        if abs(step) + abs(turn) < 1e-8:
            break
    misses = sum((n - rate) ** 2 / rate for n, rate in zip(counts, rates, strict=True))
    spread = max(1.0, misses / (len(counts) - 2))
    slope_error, level_error = math.sqrt(spread * s0 / whole), math.sqrt(spread * s2 / whole)
    return _Fit(slope, slope_error, level, level_error, spread, len(counts))


def _course(fit: _Fit) -> Course:
    low, high = fit.ends
    if low > 0:
        return Course.RISING
    if high < 0:
        return Course.FALLING
    # Steady is a finding too: even at the interval's ends it changed less than fourfold over the stretch.
    return Course.STEADY if max(-low, high) * (fit.bins - 1) < math.log(4) else Course.UNCLEAR


def _pace(fit: _Fit | None, course: Course, width: timedelta) -> Interval | None:
    if fit is None or course not in (Course.RISING, Course.FALLING):
        return None
    per_bin = math.log(2) * (width / timedelta(minutes=1))
    slow, fast = sorted(abs(end) for end in fit.ends)
    return Interval(per_bin / fast, per_bin / abs(fit.slope), per_bin / slow)


def _forecast(fit: _Fit | None, course: Course, width: timedelta) -> Forecast | None:
    """The next hour, but never further than half of what was looked at; None when it would say nothing."""
    if fit is None or course is Course.UNCLEAR:
        return None
    bins = min(timedelta(hours=1), width * fit.bins / 2) / width
    middle = (1 + bins) / 2
    expected = bins * math.exp(fit.level + fit.slope * middle)
    log_error = math.hypot(fit.level_error, middle * fit.slope_error)
    low = expected * math.exp(-2 * log_error) - 2 * math.sqrt(fit.spread * expected)
    high = expected * math.exp(2 * log_error) + 2 * math.sqrt(fit.spread * expected)
    if low < 1 or high / low > _VAGUE:
        return None
    return Forecast(width * bins, math.floor(low), math.ceil(high))
