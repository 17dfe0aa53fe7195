"""What people answered, as figures: NPS, CSAT and CES with their 95 % intervals, by segment and over time. Pure.

NPS has the interval of the implied one (Bonett and Price 2012). CSAT is the share of the two best scores, with
Wilson's. CES is a mean; its interval is a bootstrap of the answers and one more at each end of the scale, so that it
does not collapse where ten people said the same. A difference is claimed only where two intervals do not overlap.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import Literal, TypeVar

import numpy as np

from alerts.advocacy.nps import net
from storage.responses import Scale, SurveyKind, SurveyResponse

FEW = 10  # answers below which a figure is too few to read
MOST_SEGMENTS = 20
_Z = 1.96  # 95 %
_RESAMPLES = 4000
_SEED = 20251122  # the same answers give the same interval
K = TypeVar("K", bound=Hashable)
Step = Literal["month", "quarter"]


class Verdict(StrEnum):
    """How a figure stands to another. SAME: the intervals overlap, so nothing may be claimed."""

    ABOVE = "above"
    BELOW = "below"
    SAME = "same"
    FEW = "few"


@dataclass(frozen=True, slots=True)
class Figure:
    """One number from `n` answers, with its 95 % interval; None without any.

    NPS −100…100; CSAT 0…1; CES on its scale. `counts` are the answers by score, lowest first, every score of the scale.
    """

    kind: SurveyKind
    scale: Scale
    n: int
    value: float | None
    low: float | None
    high: float | None
    counts: tuple[int, ...]

    @property
    def few(self) -> bool:
        return self.n < FEW

    @property
    def promoters(self) -> int:
        return sum(self.counts[9:])

    @property
    def passives(self) -> int:
        return sum(self.counts[7:9])

    @property
    def detractors(self) -> int:
        return sum(self.counts[:7])


@dataclass(frozen=True, slots=True)
class SegmentFigure:
    """One value of a property, beside everybody else who has that property."""

    value: str
    figure: Figure
    rest: Figure
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Period:
    """A month or a quarter in the topic's time zone, beside the one before that had answers."""

    start: datetime
    figure: Figure
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class Summary:
    """One question's figure as a whole, over time, and by every property that came with the answers."""

    figure: Figure
    periods: tuple[Period, ...]
    segments: dict[str, tuple[SegmentFigure, ...]]


def figure(kind: SurveyKind, scale: Scale, scores: Iterable[int]) -> Figure:
    met = Counter(scores)
    counts = tuple(met[score] for score in range(scale.low, scale.high + 1))
    n = sum(counts)
    if n == 0:
        return Figure(kind, scale, 0, None, None, None, counts)
    if kind is SurveyKind.NPS:
        value, low, high = net(sum(counts[9:]), sum(counts[:7]), n)
    elif kind is SurveyKind.CSAT:
        value = sum(counts[-2:]) / n
        low, high = wilson(sum(counts[-2:]), n)
    else:
        value = sum(score * count for score, count in zip(_scores(scale), counts, strict=True)) / n
        low, high = _mean_interval(scale, counts)
    return Figure(kind, scale, n, round(value, 4), round(low, 4), round(high, 4), counts)


def wilson(hits: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927); `n` at least 1."""
    share, z2 = hits / n, _Z**2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def compare(one: Figure, other: Figure) -> Verdict:
    """How `one` stands to `other`; never a difference where the intervals overlap or answers are few."""
    if one.few or other.few:
        return Verdict.FEW
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return Verdict.FEW
    if one.low > other.high:
        return Verdict.ABOVE
    return Verdict.BELOW if one.high < other.low else Verdict.SAME


def summaries(responses: Sequence[SurveyResponse], zone: tzinfo, step: Step = "month") -> list[Summary]:
    """One for each question asked, in the order NPS, CSAT, CES; another scale is another question."""
    groups = _grouped(
        responses, lambda one: (list(SurveyKind).index(one.kind), one.scale.low, one.scale.high)
    )
    return [_summary(some, zone, step) for _, some in sorted(groups.items())]


def _summary(responses: Sequence[SurveyResponse], zone: tzinfo, step: Step) -> Summary:
    names = sorted({name for one in responses for name in one.properties})
    segments = {name: found for name in names if (found := _segments(responses, name))}
    return Summary(_figure(responses), _periods(responses, zone, step), segments)


def _segments(responses: Sequence[SurveyResponse], name: str) -> tuple[SegmentFigure, ...]:
    """The values of a property, most answers first; a property of one value tells nothing apart."""
    groups = _grouped((one for one in responses if name in one.properties), lambda one: one.properties[name])
    if len(groups) < 2:
        return ()
    largest = sorted(groups.items(), key=lambda pair: (-len(pair[1]), pair[0]))[:MOST_SEGMENTS]
    found = []
    for value, some in largest:
        own = _figure(some)
        rest = _figure([one for other, group in groups.items() if other != value for one in group])
        found.append(SegmentFigure(value, own, rest, compare(own, rest)))
    return tuple(found)


def _periods(responses: Sequence[SurveyResponse], zone: tzinfo, step: Step) -> tuple[Period, ...]:
    groups = _grouped(responses, lambda one: start_of(one.at, zone, step))
    found: list[Period] = []
    for start, some in sorted(groups.items()):
        own = _figure(some)
        found.append(Period(start, own, compare(own, found[-1].figure) if found else None))
    return tuple(found)


def start_of(moment: datetime, zone: tzinfo, step: Step) -> datetime:
    """The first moment of the month or quarter there."""
    local = moment.astimezone(zone)
    month = local.month if step == "month" else (local.month - 1) // 3 * 3 + 1
    return datetime(local.year, month, 1, tzinfo=zone)


def _figure(responses: Sequence[SurveyResponse]) -> Figure:
    first = responses[0]
    return figure(first.kind, first.scale, (one.score for one in responses))


def _grouped(
    responses: Iterable[SurveyResponse], key: Callable[[SurveyResponse], K]
) -> dict[K, list[SurveyResponse]]:
    groups: dict[K, list[SurveyResponse]] = {}
    for one in responses:
        groups.setdefault(key(one), []).append(one)
    return groups


def _scores(scale: Scale) -> range:
    return range(scale.low, scale.high + 1)


def _mean_interval(scale: Scale, counts: Sequence[int]) -> tuple[float, float]:
    weights = np.array(counts, dtype=float)
    weights[0] += 1
    weights[-1] += 1
    n = int(weights.sum())
    drawn = np.random.default_rng(_SEED).multinomial(n, weights / n, size=_RESAMPLES)
    means = drawn @ np.array(_scores(scale), dtype=float) / n
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)
