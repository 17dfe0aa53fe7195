"""Where the parts of the survey page's drawings stand. Pure geometry; templates/survey_parts.html draws it.

Horizontal places are percentages of the width and vertical ones are pixels, as in `listener.web.charts`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.advocacy.surveys import Figure, Period
from listener.web import formats
from storage.responses import SurveyKind

TOP, HEIGHT, FOOT = 10.0, 150.0, 24.0
SHOWN_PERIODS = 24
MOST_LABELS = 6
BARS = 90.0  # pixels of the highest bar of a distribution


@dataclass(frozen=True, slots=True)
class Gauge:
    """A figure on its range: the dot and the interval in percent of the width."""

    value: float
    low: float
    high: float
    zero: float | None


@dataclass(frozen=True, slots=True)
class Dot:
    """One period of the trend; `label` is False where there is no room for its name."""

    start: datetime
    figure: Figure
    x: float
    y: float
    low: float
    high: float
    label: bool


@dataclass(frozen=True, slots=True)
class Trend:
    dots: tuple[Dot, ...]
    height: float
    bottom: float
    ticks: tuple[tuple[float, float], ...]  # (y, value)
    line: str


@dataclass(frozen=True, slots=True)
class Column:
    """One score of a distribution; `tone` is what answering it makes of somebody."""

    score: int
    count: int
    share: float
    height: float
    tone: str


def gauge(figure: Figure) -> Gauge | None:
    if figure.value is None or figure.low is None or figure.high is None:
        return None
    bottom, top = _range(figure)

    def place(amount: float) -> float:
        return round(100 * (amount - bottom) / (top - bottom), 2)

    zero = 50.0 if figure.kind is SurveyKind.NPS else None
    return Gauge(place(figure.value), place(figure.low), place(figure.high), zero)


def trend(periods: Sequence[Period]) -> Trend | None:
    """The last two years of periods; None where there is nothing to compare."""
    shown = [one for one in periods if one.figure.value is not None][-SHOWN_PERIODS:]
    if len(shown) < 2:
        return None
    bottom, top = _range(shown[0].figure)
    step, every = 100 / len(shown), -(-len(shown) // MOST_LABELS)

    def y(value: float | None) -> float:
        return round(TOP + HEIGHT * (top - (value if value is not None else bottom)) / (top - bottom), 1)

    dots = tuple(
        Dot(
            one.start,
            one.figure,
            round(step * (index + 0.5), 2),
            y(one.figure.value),
            y(one.figure.low),
            y(one.figure.high),
            (len(shown) - 1 - index) % every == 0,
        )
        for index, one in enumerate(shown)
    )
    ticks = tuple((y(value), value) for value in (bottom, (bottom + top) / 2, top))
    line = " ".join(f"{dot.x},{dot.y}" for dot in dots)
    return Trend(dots, TOP + HEIGHT + FOOT, TOP + HEIGHT, ticks, line)


def columns(figure: Figure) -> tuple[Column, ...]:
    most = max(figure.counts, default=0) or 1
    found = []
    for index, count in enumerate(figure.counts):
        score = figure.scale.low + index
        height = round(BARS * count / most, 1)
        found.append(Column(score, count, count / (figure.n or 1), height, _tone(figure, score)))
    return tuple(found)


def value(figure: Figure, amount: float | None) -> str:
    """The figure's number as a reader sees it."""
    if amount is None:
        return formats.DASH
    if figure.kind is SurveyKind.NPS:
        rounded = round(amount)
        return f"{'+' if rounded > 0 else formats.MINUS if rounded < 0 else '±'}{abs(rounded)}"
    return f"{amount * 100:.0f}%" if figure.kind is SurveyKind.CSAT else f"{amount:.1f}"


def money(amount: float, currency: str) -> str:
    """Yen and other money without small coins in whole numbers."""
    digits = 0 if currency in {"JPY", "KRW", "VND", "CLP"} else 2
    return f"{amount:,.{digits}f} {currency}"


def _range(figure: Figure) -> tuple[float, float]:
    if figure.kind is SurveyKind.NPS:
        return -100.0, 100.0
    if figure.kind is SurveyKind.CSAT:
        return 0.0, 1.0
    return float(figure.scale.low), float(figure.scale.high)


def _tone(figure: Figure, score: int) -> str:
    if figure.kind is SurveyKind.NPS:
        return "positive" if score >= 9 else "neutral" if score >= 7 else "negative"
    return "positive" if score >= figure.scale.high - 1 else "neutral"
