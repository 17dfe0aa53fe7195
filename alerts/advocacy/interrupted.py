"""Before and after an event in each person's life: changes of level and slope, with 95 % intervals (pure).

The interval is made from people, not from weeks. Each person gives one number (an ordinary least squares fit of
their own weeks, or the difference of two means), and the spread of these numbers among people is the error: whatever
a person's weeks do among themselves, over-dispersion and autocorrelation included, is in it. (Matthews et al. 1990,
"Analysis of serial measurements in medical research"; Bertrand, Duflo and Mullainathan 2004, "How much should we
trust differences-in-differences estimates?", who collapse to before and after.) The segmented model is that of
Wagner et al. 2002 for interrupted time series.

Newey and West's errors of the one summed series were tried first: over 16 to 52 weeks their 95 % interval covered
71 to 90 % of the truth in the same simulation (`python -m benchmarks.impact`), so they are not used.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

FEWEST = 3  # people
ALIKE = 1e-9  # a spread below this is rounding

# The 97.5 % points of Student's t for 1 … 30 degrees of freedom.
_T = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
    2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Estimate:
    """A change with its 95 % interval, made from so many people."""

    value: float
    low: float
    high: float
    people: int

    @property
    def clear(self) -> bool:
        """True when the interval leaves zero out."""
        return self.low > 0 or self.high < 0


def t95(freedom: float) -> float:
    """The 97.5 % point of Student's t, linear between whole degrees of freedom and at least one."""
    if freedom >= len(_T):
        return 1.95996 + 2.4226 / freedom  # within 0.003 of the exact value from 30 on
    at = max(freedom, 1.0)
    low = int(at)
    following = _T[low] if low < len(_T) else _T[-1]
    return _T[low - 1] + (following - _T[low - 1]) * (at - low)


def mean_of(values: Matrix) -> Estimate | None:
    """The mean of one number a person; None from too few people, or where all are alike and show no spread."""
    size = len(values)
    if size < FEWEST or np.ptp(values) < ALIKE:
        return None
    half = t95(size - 1) * float(values.std(ddof=1)) / math.sqrt(size)
    middle = float(values.mean())
    return Estimate(middle, middle - half, middle + half, size)


def segmented(weeks: Matrix) -> tuple[Estimate | None, Estimate | None]:
    """The changes of level (a week) and of slope (a week, each week) at the middle of people × weeks.

    y = a + b·week + level·after + slope·after·week, fitted for each person and averaged: for weeks that all have, the
    mean of the fits is the fit of the mean.
    """
    half = weeks.shape[1] // 2
    week = np.arange(-half, half) + 0.5
    after = (week > 0).astype(float)
    design = np.column_stack([np.ones(2 * half), week, after, after * week])
    fitted = weeks @ np.linalg.pinv(design).T
    return mean_of(fitted[:, 2]), mean_of(fitted[:, 3])


def change(weeks: Matrix) -> Matrix:
    """Each person's mean after less their mean before."""
    half = weeks.shape[1] // 2
    difference: Matrix = weeks[:, half:].mean(axis=1) - weeks[:, :half].mean(axis=1)
    return difference


def beyond(changes: Matrix, shares: Matrix, others: Matrix) -> Estimate | None:
    """Difference in differences: the changes of people less those of their comparisons.

    `shares[i, j]` is how much person j counts in the comparison for person i (rows add up to 1), `others[i, j]` their
    change over i's weeks. One other may stand beside several people, so the error of the comparison is made from the
    others, each taken as a whole; the degrees of freedom are Welch and Satterthwaite's.
    """
    size = len(changes)
    weight = shares.sum(axis=0) / max(size, 1)
    used = weight > 0
    if size < FEWEST or used.sum() < FEWEST:
        return None
    part = (shares * others).sum(axis=0)[used] / size
    usual = float(part.sum())
    alike = 1 / float((weight[used] ** 2).sum())  # so many others of equal weight
    own = float(changes.var(ddof=1)) / size
    theirs = float(((part - weight[used] * usual) ** 2).sum()) * alike / max(alike - 1, 1.0)
    if own + theirs < ALIKE**2:
        return None
    freedom = (own + theirs) ** 2 / (own**2 / (size - 1) + theirs**2 / max(alike - 1, 1.0))
    value, half = float(changes.mean()) - usual, t95(freedom) * math.sqrt(own + theirs)
    return Estimate(value, value - half, value + half, size)
