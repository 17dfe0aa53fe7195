"""Which span of time a page looks at, and a topic's buckets folded into the bars of its chart. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from itertools import pairwise

from storage.types import Bucket

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Period:
    """A choice of the range switch: how many bars, and how many hours each bar covers."""

    code: str
    bars: int
    hours: int


PERIODS: dict[str, Period] = {
    period.code: period
    for period in (Period("24h", 24, 1), Period("7d", 28, 6), Period("30d", 30, 24), Period("90d", 90, 24))
}
DEFAULT_PERIOD = "7d"


@dataclass(frozen=True, slots=True)
class Window:
    """The bars' edges (one more than bars, UTC), and the same stretch of time one period earlier.

    The last bar is the running one, so the earlier stretch ends at the same time of day: a morning is
    never compared with a whole day.
    """

    edges: tuple[datetime, ...]
    start: datetime
    end: datetime
    previous_start: datetime
    previous_end: datetime
    hours: int


@dataclass(frozen=True, slots=True)
class Slot:
    """One bar: the sums of the buckets that begin in start ≤ t < end."""

    start: datetime
    end: datetime
    volume: int
    positive: int
    neutral: int
    negative: int
    score: float | None


def window(period: Period, now: datetime, zone: tzinfo) -> Window:
    """Bars end in the running hour; bars of six hours or a day begin on the wall clock of `zone`."""
    end = _hour(now) + HOUR
    if period.hours == 1:
        edges = [end - HOUR * n for n in range(period.bars, -1, -1)]
    else:
        edges = _wall_clock_edges(period, now.astimezone(zone))
    length = HOUR * period.hours * period.bars
    return Window(
        edges=tuple(edges),
        start=edges[0],
        end=end,
        previous_start=edges[0] - length,
        previous_end=end - length,
        hours=period.hours,
    )


def span_window(start: datetime, end: datetime, hours: int = 1) -> Window:
    """Bars of `hours` hours from the hour of `start` to past `end`; the earlier stretch is as long."""
    first, last = _hour(start), _hour(end) + HOUR
    edges = [first]
    while edges[-1] < last:
        edges.append(edges[-1] + HOUR * hours)
    length = last - first
    return Window(tuple(edges), first, last, first - length, first, hours)


def slots(buckets: Iterable[Bucket], view: Window) -> tuple[Slot, ...]:
    """Sum hourly buckets into bars; buckets outside the window are left out."""
    groups: list[list[Bucket]] = [[] for _ in view.edges[1:]]
    for bucket in buckets:
        position = bisect_right(view.edges, bucket.start) - 1
        if 0 <= position < len(groups):
            groups[position].append(bucket)
    return tuple(
        _slot(start, end, group) for (start, end), group in zip(pairwise(view.edges), groups, strict=True)
    )


def mean_score(bucket: Bucket) -> float | None:
    """The mean sentiment score −1…1; `None` without mentions, which is not a neutral 0."""
    return bucket.score_sum / bucket.volume if bucket.volume else None


def _slot(start: datetime, end: datetime, group: Sequence[Bucket]) -> Slot:
    volume = sum(bucket.volume for bucket in group)
    return Slot(
        start=start,
        end=end,
        volume=volume,
        positive=sum(bucket.positive for bucket in group),
        neutral=sum(bucket.neutral for bucket in group),
        negative=sum(bucket.negative for bucket in group),
        score=sum(bucket.score_sum for bucket in group) / volume if volume else None,
    )


def _wall_clock_edges(period: Period, local: datetime) -> list[datetime]:
    """Edges at 0, 6, 12, 18 o'clock or at midnight; a day with a clock change is simply longer or shorter."""
    midnight = datetime.combine(local.date(), time())
    first_of_running = midnight + HOUR * (local.hour // period.hours * period.hours)
    naive = [first_of_running + HOUR * period.hours * n for n in range(1 - period.bars, 2)]
    return [moment.replace(tzinfo=local.tzinfo).astimezone(UTC) for moment in naive]


def _hour(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
