"""How good probabilities were, against what happened. Pure.

Brier score and skill (against saying the base rate every time), the area under the ROC curve and average precision
(ties share their place), and calibration bins with Wilson's interval. One person stands in several months, so a bin's
interval counts people and not cases: it is never narrower than what was seen allows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from alerts.advocacy.logistic import Vector

EDGES = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 1.0)
LEAST_PEOPLE = 15  # in a bin; smaller ones are put together with the next
_Z = 1.96  # 95 %


@dataclass(frozen=True, slots=True)
class Quality:
    """`brier` is a mean squared error, `skill` the share of the base rate's that is saved (1 is perfect, 0 no gain)."""

    auc: float
    brier: float
    skill: float
    average_precision: float


@dataclass(frozen=True, slots=True)
class Bin:
    """Cases said to be between `low` and `high` likely: the mean of it, and the share that `happened`, 95 % sure to
    lie between `floor` and `ceiling`."""

    low: float
    high: float
    said: float
    happened: float
    floor: float
    ceiling: float
    cases: int
    people: int


def quality(said: Vector, happened: Vector) -> Quality:
    """Both outcomes must be among the cases."""
    rate = float(happened.mean())
    brier = float(np.mean((said - happened) ** 2))
    return Quality(_auc(said, happened), brier, 1 - brier / (rate * (1 - rate)), _precision(said, happened))


def bins(said: Vector, happened: Vector, people: Sequence[str]) -> tuple[Bin, ...]:
    """Neighbouring bins are put together until each has `LEAST_PEOPLE`."""
    found: list[Bin] = []
    who = np.array(people)
    high = EDGES[-1]
    for low in reversed(EDGES[:-1]):
        inside = (said >= low) & ((said < high) | (high == EDGES[-1]))
        if len(set(who[inside])) >= LEAST_PEOPLE or (low == EDGES[0] and not found and inside.any()):
            found.append(_bin(low, high, said[inside], happened[inside], who[inside]))
            high = low
    if found and high > EDGES[0]:  # too few are left at the low end
        last = found.pop()
        inside = (said < last.high) | (last.high == EDGES[-1])
        found.append(_bin(EDGES[0], last.high, said[inside], happened[inside], who[inside]))
    return tuple(reversed(found))


def bin_of(found: Sequence[Bin], said: float) -> Bin:
    """The bin that a probability belongs to; bins cover 0…1 without a gap."""
    return next((one for one in found if one.low <= said < one.high), found[-1])


def wilson(share: float, count: float) -> tuple[float, float]:
    """The 95 % interval of a share seen in `count` (Wilson 1927)."""
    if count <= 0:
        return 0.0, 1.0
    middle = (share + _Z**2 / (2 * count)) / (1 + _Z**2 / count)
    half = _Z / (1 + _Z**2 / count) * math.sqrt(share * (1 - share) / count + _Z**2 / (4 * count**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def _bin(
    low: float, high: float, said: Vector, happened: Vector, who: np.ndarray[tuple[int], np.dtype[np.str_]]
) -> Bin:
    people = len(set(who))
    share = float(happened.mean())
    return Bin(low, high, float(said.mean()), share, *wilson(share, people), len(said), people)


def _auc(said: Vector, happened: Vector) -> float:
    """The chance that one who made it was rated above one who did not; a tie counts half."""
    _, place, times = np.unique(said, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(times) - (times - 1) / 2)[place]
    good = float(happened.sum())
    bad = len(happened) - good
    return float((ranks[happened > 0].sum() - good * (good + 1) / 2) / (good * bad))


def _precision(said: Vector, happened: Vector) -> float:
    _, place, times = np.unique(-said, return_inverse=True, return_counts=True)
    hits = np.bincount(place, weights=happened)
    precision = np.cumsum(hits) / np.cumsum(times)
    return float(np.sum(precision * hits) / happened.sum())
