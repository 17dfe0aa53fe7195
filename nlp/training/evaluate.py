"""Figures: how often the model is right, how sure it may be, and the calibration of both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nlp.sentiment import SIGNALS
from nlp.sentiment.trained import HEADS, probabilities
from nlp.training.data import UNKNOWN, Line

Floats = npt.NDArray[np.floating[Any]]
Ints = npt.NDArray[np.integer[Any]]

_TEMPERATURES = np.exp(np.linspace(np.log(0.4), np.log(4.0), 60))
_BINS = 15
_ONES = dict.fromkeys(HEADS, 1.0)


@dataclass(frozen=True, slots=True)
class Score:
    """Precision, recall and F1 of one class, with how many lines have it."""

    precision: float
    recall: float
    f1: float
    support: int


def truth(lines: Sequence[Line], head: str) -> Ints:
    """The labels of one head: shape (lines,), for signals (lines, kinds)."""
    return np.array([getattr(line, head) for line in lines])


def score(said: npt.NDArray[np.bool_], right: npt.NDArray[np.bool_]) -> Score:
    hits = int((said & right).sum())
    precision, recall = hits / max(1, int(said.sum())), hits / max(1, int(right.sum()))
    return Score(precision, recall, 2 * precision * recall / max(1e-9, precision + recall), int(right.sum()))


def macro_f1(said: Ints, right: Ints, *, classes: int) -> float:
    """The mean F1 of the classes that occur."""
    present = [index for index in range(classes) if (right == index).any()]
    return float(np.mean([score(said == index, right == index).f1 for index in present]))


def calibration_error(shares: Floats, right: Ints) -> float:
    """Expected calibration error of the top class over 15 equal bins: 0 is perfect."""
    sure, said = shares.max(axis=1), shares.argmax(axis=1)
    bins = np.minimum((sure * _BINS).astype(int), _BINS - 1)
    gaps = [
        (bins == index).mean() * abs((said == right)[bins == index].mean() - sure[bins == index].mean())
        for index in range(_BINS)
        if (bins == index).any()
    ]
    return float(sum(gaps))


def fit_temperatures(logits: npt.NDArray[np.float32], lines: Sequence[Line]) -> dict[str, float]:
    """For each head the temperature with the least log loss on `lines`."""
    return {
        head: float(min(_TEMPERATURES, key=lambda value: _log_loss(logits, lines, head, float(value))))
        for head in HEADS
    }


def _log_loss(logits: npt.NDArray[np.float32], lines: Sequence[Line], head: str, temperature: float) -> float:
    shares = np.clip(probabilities(logits, {**_ONES, head: temperature})[head], 1e-7, 1 - 1e-7)
    right = truth(lines, head)
    known = right != UNKNOWN
    if head == "signals":
        return float(-np.log(np.where(right == 1, shares, 1 - shares))[known].mean())
    return float(-np.log(shares[np.arange(len(right)), right])[known].mean())


def fit_thresholds(heads: Mapping[str, Floats], lines: Sequence[Line]) -> dict[str, Any]:
    """For each yes-or-no question the probability from which yes has the best F1 on `lines`."""
    signals = truth(lines, "signals")
    return {
        "disclosure": _threshold(heads["disclosure"][:, 1], truth(lines, "disclosure")),
        "sarcasm": _threshold(heads["sarcasm"][:, 1], truth(lines, "sarcasm")),
        "signals": {
            kind.value: _threshold(heads["signals"][:, index], signals[:, index])
            for index, kind in enumerate(SIGNALS)
        },
    }


def _threshold(shares: Floats, truth: Ints) -> float:
    """Few examples make a jagged curve, so each F1 is averaged with its neighbours' before the best is taken."""
    shares, right = shares[truth != UNKNOWN], truth[truth != UNKNOWN] == 1
    steps = np.arange(0.05, 0.76, 0.025)
    curve = np.array([score(shares >= step, right).f1 for step in steps])
    smooth = np.convolve(np.pad(curve, 2, mode="edge"), np.ones(5) / 5, mode="valid")
    return round(float(steps[int(smooth.argmax())]), 3)
