"""Where the parts of a chart stand. Pure geometry; templates/chart.html draws it.

Horizontal places are percentages of the plot's width and vertical ones are pixels, so the drawing fills any
screen while its text and lines keep their size, with no script.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from listener.web.periods import Slot, Window
from storage.types import Incident

TOP = 16.0
GAP = 30.0
SCORE_LABEL = 18.0
FOOT = 22.0


@dataclass(frozen=True, slots=True)
class Part:
    """One colour of one bar."""

    kind: str
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One slot: its place, its stacked parts from the baseline up, the place of its score."""

    slot: Slot
    x: float
    width: float
    left: float
    span: float
    parts: tuple[Part, ...]
    centre: float
    score_y: float | None


@dataclass(frozen=True, slots=True)
class Tick:
    """A labelled place on an axis; minor ones are left out on a narrow screen."""

    at: float
    value: float
    moment: datetime | None = None
    minor: bool = False


@dataclass(frozen=True, slots=True)
class Marker:
    """An incident's stretch of the plot."""

    incident: Incident
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Chart:
    bars: tuple[Bar, ...]
    height: float
    volume_bottom: float
    score_top: float
    score_zero: float
    score_bottom: float
    volume_ticks: tuple[Tick, ...]
    score_ticks: tuple[Tick, ...]
    time_ticks: tuple[Tick, ...]
    lines: tuple[str, ...]
    markers: tuple[Marker, ...]
    hours: int

    @property
    def total(self) -> int:
        return sum(bar.slot.volume for bar in self.bars)


def build(
    slots: Sequence[Slot],
    view: Window,
    *,
    incidents: Sequence[Incident] = (),
    volume_height: float = 150.0,
    score_height: float = 64.0,
) -> Chart:
    """Lay out stacked bars of volume above a line of the mean score, with a band for each incident."""
    top_value, step = nice_scale(max((slot.volume for slot in slots), default=0))
    reach = _score_reach(slots)
    volume_bottom = TOP + volume_height
    score_top = volume_bottom + GAP + SCORE_LABEL
    score_bottom = score_top + score_height
    zero = score_top + score_height / 2
    bars = tuple(
        _bar(
            slot, index, len(slots), volume_height / top_value, volume_bottom, zero, score_height / 2 / reach
        )
        for index, slot in enumerate(slots)
    )
    return Chart(
        bars=bars,
        height=score_bottom + FOOT,
        volume_bottom=volume_bottom,
        score_top=score_top,
        score_zero=zero,
        score_bottom=score_bottom,
        volume_ticks=tuple(
            Tick(volume_bottom - value * volume_height / top_value, value)
            for value in range(0, top_value + 1, step)
        ),
        score_ticks=(Tick(score_top, reach), Tick(zero, 0.0), Tick(score_bottom, -reach)),
        time_ticks=_time_ticks(bars),
        lines=_lines(bars),
        markers=tuple(marker for incident in incidents if (marker := _marker(incident, view)) is not None),
        hours=view.hours,
    )


def nice_scale(largest: int) -> tuple[int, int]:
    """The axis' top and its step (1, 2 or 5 times a power of ten), with two to four steps to the top."""
    if largest <= 4:
        return 4, 2
    rough = largest / 3
    power = 10 ** math.floor(math.log10(rough))
    step = max(1, next(power * m for m in (1, 2, 5, 10) if power * m >= rough))
    return math.ceil(largest / step) * step, step


def _bar(
    slot: Slot, index: int, count: int, scale: float, bottom: float, zero: float, score_scale: float
) -> Bar:
    span = 100 / count
    inset = span * (0.14 if count <= 40 else 0.1)
    parts: list[Part] = []
    base = bottom
    for kind, value in (("negative", slot.negative), ("neutral", slot.neutral), ("positive", slot.positive)):
        if value:
            base -= value * scale
            parts.append(Part(kind, round(base, 2), round(value * scale, 2)))
    return Bar(
        slot=slot,
        x=round(index * span + inset, 3),
        width=round(span - 2 * inset, 3),
        left=round(index * span, 3),
        span=round(span, 3),
        parts=tuple(parts),
        centre=round((index + 0.5) * span, 3),
        score_y=None if slot.score is None else round(zero - slot.score * score_scale, 2),
    )


def _lines(bars: Sequence[Bar]) -> tuple[str, ...]:
    """Point lists of the score's line; it breaks where a slot has no mention: nothing is not neutral."""
    runs: list[list[str]] = [[]]
    for bar in bars:
        if bar.score_y is None:
            runs.append([])
        else:
            runs[-1].append(f"{bar.centre},{bar.score_y}")
    return tuple(" ".join(run) for run in runs if len(run) > 1)


def _score_reach(slots: Sequence[Slot]) -> float:
    """The score axis' end: ±0.5, or ±1 when a slot is beyond that."""
    largest = max((abs(slot.score) for slot in slots if slot.score is not None), default=0.0)
    return 0.5 if largest <= 0.5 else 1.0


def _time_ticks(bars: Sequence[Bar]) -> tuple[Tick, ...]:
    """Six to eight labels, every second one left out on a phone."""
    every = max(1, round(len(bars) / 7))
    if len(bars) == 28:
        every = 4  # bars of six hours: one label a day
    chosen = list(bars[::every])
    return tuple(
        Tick(at=bar.left, value=0, moment=bar.slot.start, minor=number % 2 == 1)
        for number, bar in enumerate(chosen)
        if bar.left <= 92
    )


def _marker(incident: Incident, view: Window) -> Marker | None:
    first, last = view.edges[0], view.edges[-1]
    begin = max(incident.opened_at, first)
    end = min(incident.resolved_at or view.end, last)
    if end < first or begin > last:
        return None
    whole = (last - first).total_seconds()
    x = (begin - first).total_seconds() / whole * 100
    width = max((end - begin).total_seconds() / whole * 100, 0.6)
    return Marker(incident, round(x, 3), round(width, 3))
