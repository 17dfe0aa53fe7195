"""Logistic regression with an L2 penalty, fitted by Newton's method (IRLS). Pure.

Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, 2nd ed., sections 3.4.1 and 4.4.1: inputs are
standardised, the intercept is not penalised and starts at the log-odds of the base rate, and each step solves a
weighted least-squares problem. It is halved while it would make the fit worse, so it always ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Vector = np.ndarray[tuple[int], np.dtype[np.float64]]
Matrix = np.ndarray[tuple[int, int], np.dtype[np.float64]]

_STEPS, _ENOUGH = 60, 1e-9
_FAR = 4.0  # standard deviations: beyond them nothing was learned, so nothing more is claimed


@dataclass(frozen=True, slots=True)
class Regression:
    """Means and scales of the inputs, one weight each for the standardised ones, and the intercept."""

    means: tuple[float, ...]
    scales: tuple[float, ...]
    weights: tuple[float, ...]
    intercept: float

    def standard(self, rows: Matrix) -> Matrix:
        scaled: Matrix = np.clip((rows - np.array(self.means)) / np.array(self.scales), -_FAR, _FAR)
        return scaled

    def probabilities(self, rows: Matrix) -> Vector:
        """One for each row, 0…1."""
        return _sigmoid(self.standard(rows) @ np.array(self.weights) + self.intercept)

    def contributions(self, rows: Matrix) -> Matrix:
        """Log-odds that each input adds to those of an average row."""
        found: Matrix = self.standard(rows) * np.array(self.weights)
        return found


def fit(
    rows: Matrix, happened: Vector, *, penalties: Sequence[float], signs: Sequence[int] = ()
) -> Regression:
    """Weights for `rows` (cases × inputs) and what `happened` (0 or 1); both outcomes must be among them.

    `penalties`: one for each input, in cases that speak against its having any weight. `signs`: +1 or −1 where the
    weight of an input may only speak that way, 0 where it is free. An input whose weight would speak the other way does
    so in place of a like one: it is left out (weight 0), the worst first.
    """
    means, scales = rows.mean(axis=0), rows.std(axis=0)
    scales[scales < 1e-12] = 1.0
    scaled = np.clip((rows - means) / scales, -_FAR, _FAR)
    kept = list(range(rows.shape[1]))
    wanted, shrink = np.array(signs or [0] * rows.shape[1]), np.array(penalties, dtype=float)
    while True:
        intercept, weights = _newton(scaled[:, kept], happened, shrink[kept])
        wrong = weights * wanted[kept]
        if not kept or wrong.min() >= 0:
            break
        kept.pop(int(wrong.argmin()))
    every = np.zeros(rows.shape[1])
    every[kept] = weights
    return Regression(tuple(means.tolist()), tuple(scales.tolist()), tuple(every.tolist()), intercept)


def _newton(scaled: Matrix, happened: Vector, penalties: Vector) -> tuple[float, Vector]:
    rate = float(happened.mean())
    if not 0 < rate < 1:
        raise ValueError("both outcomes must be among the cases")
    inputs = np.column_stack([np.ones(len(scaled)), scaled])
    shrink = np.concatenate([[0.0], penalties])
    found = np.zeros(inputs.shape[1])
    found[0] = np.log(rate / (1 - rate))
    loss = _loss(inputs, happened, found, shrink)
    for _ in range(_STEPS):
        likely = _sigmoid(inputs @ found)
        slope = inputs.T @ (happened - likely) - shrink * found
        spread = np.maximum(likely * (1 - likely), 1e-10)
        step = np.linalg.solve((inputs * spread[:, None]).T @ inputs + np.diag(shrink + 1e-10), slope)
        while (after := _loss(inputs, happened, found + step, shrink)) > loss and np.abs(
            step
        ).max() > _ENOUGH:
            step = step / 2
        found, gained, loss = found + step, loss - after, after
        if gained < _ENOUGH * len(scaled):
            break
    return float(found[0]), found[1:]


def _loss(inputs: Matrix, happened: Vector, found: Vector, shrink: Vector) -> float:
    odds = inputs @ found
    return float(np.sum(np.logaddexp(0, odds) - happened * odds) + 0.5 * np.sum(shrink * found**2))


def _sigmoid(odds: Vector) -> Vector:
    likely: Vector = 1 / (1 + np.exp(-np.clip(odds, -35, 35)))
    return likely
