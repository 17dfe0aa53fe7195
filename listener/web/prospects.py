"""Prospects in words, and the plot of how often the predictions were right. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from alerts.advocacy.ahead import MOST_WEEKS, Missing
from alerts.advocacy.calibration import Bin
from alerts.advocacy.prospects import Backtest, Influence
from listener.web.formats import percent
from listener.web.language import TABLES, Words
from storage.types import Reason

WIDTH, HEIGHT = 420.0, 330.0
LEFT, RIGHT, TOP, BOTTOM = 46.0, 398.0, 12.0, 280.0
TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
_SHARES = ("criticism", "own_words", "talks", "doubt")
_DECIMALS = {"attitude": 2, "pace": 1}


@dataclass(frozen=True, slots=True)
class Dot:
    """A bin: what was said, what happened, and the interval of that; `radius` grows with the people in it."""

    x: float
    y: float
    top: float
    bottom: float
    radius: float
    says: str


@dataclass(frozen=True, slots=True)
class Plot:
    """What was said along the bottom, what happened up the side; `ticks` are places and words of both axes."""

    dots: tuple[Dot, ...]
    across: tuple[tuple[float, str], ...]
    up: tuple[tuple[float, str], ...]


def plot(bins: Sequence[Bin], words: Words) -> Plot:
    most = max((one.people for one in bins), default=1)
    dots = tuple(
        Dot(
            x=_x(one.said),
            y=_y(one.happened),
            top=_y(one.ceiling),
            bottom=_y(one.floor),
            radius=round(3 + 4 * (one.people / most) ** 0.5, 1),
            says=bin_words(one, words),
        )
        for one in bins
    )
    return Plot(
        dots,
        tuple((_x(tick), percent(tick)) for tick in TICKS),
        tuple((_y(tick), percent(tick)) for tick in TICKS),
    )


def bin_words(one: Bin, words: Words) -> str:
    return words(
        "prospects.bin",
        said=percent(one.said),
        happened=percent(one.happened),
        low=percent(one.floor),
        high=percent(one.ceiling),
        people=one.people,
    )


def right(tried: Backtest, words: Words) -> str:
    """One sentence on how often the predictions came true."""
    return words(
        "prospects.right",
        first=f"{tried.first:%Y-%m-%d}",
        last=f"{tried.last:%Y-%m-%d}",
        listed=tried.listed,
        hits=tried.hits,
        share=percent(tried.hits / tried.listed),
        usual=_small(tried.outcomes / tried.cases),
    )


def why_not(reason: Reason, words: Words) -> str:
    """Why there are no probabilities."""
    return words(f"prospects.fallback.{reason.code}", **reason.values)


def influence(one: Influence, words: Words) -> str:
    """A trait in plain words, with its value."""
    places = _DECIMALS.get(one.trait, 0)
    number = percent(one.value) if one.trait in _SHARES else f"{one.value:.{places}f}"
    none = f"prospects.without.{one.trait}"
    if round(one.value, places or 2) == 0 and none in TABLES[words.lang]:
        return words(none)
    if one.trait == "trend":
        number = f"{one.value:+.0f}"
    return words(f"prospects.trait.{one.trait}", value=number)


def to_go(missing: Missing, words: Words) -> str:
    """What is still missing."""
    plain, recommending = missing.praise, missing.recommending
    if plain is None and recommending is None:
        return words("prospects.missing.far", weeks=MOST_WEEKS)
    if plain is None:
        return words("prospects.missing.recommend", n=recommending)
    said = words("prospects.missing.praise", n=plain)
    if recommending is not None and recommending < plain:
        return said + words("prospects.missing.sooner", n=recommending)
    return said


def chance(probability: float | None, low: float | None, high: float | None, words: Words) -> str:
    """A probability with the interval that was measured for such cases."""
    if probability is None or low is None or high is None:
        return words("unknown.dash")
    return words("prospects.chance", value=_small(probability), low=_small(low), high=_small(high))


def _small(share: float) -> str:
    """Below one percent, a decimal."""
    return f"{share * 100:.1f}%" if 0 < share < 0.01 else percent(share)


def _x(share: float) -> float:
    return round(LEFT + (RIGHT - LEFT) * share, 1)


def _y(share: float) -> float:
    return round(BOTTOM - (BOTTOM - TOP) * share, 1)
