"""Fit the rare questions' heads to the end, on the finished encoder's sentence vectors.

In the few epochs that are good for the encoder, the heads of rare answers (one line in forty asks for something)
hardly leave their start. A linear head on fixed vectors is a small convex problem: seconds, and exact.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from nlp.sentiment.encode import Encoder
from nlp.sentiment.network import Network
from nlp.sentiment.trained import HEADS
from nlp.training.data import UNKNOWN, Line
from nlp.training.train import answers

_log = logging.getLogger("kikimimi.training")

# On vectors of unit variance; of 3e-3 … 1e-1 the best F1 of signals on the calibration mentions.
_DECAY = 3e-3
_STEPS = 60


def fit_heads(network: Network, encoder: Encoder, lines: Sequence[Line], *, decay: float = _DECAY) -> None:
    """Fit every head but sentiment on those of `lines` that label it, in place."""
    vectors = answers(network, encoder, lines, vectors=True)
    mean, deviation = vectors.mean(0), vectors.std(0) + 1e-6
    scaled = (vectors - mean) / deviation
    at = 0
    for head, size in HEADS.items():
        if head != "sentiment":
            weight, bias = _fit(scaled, _truth(lines, head, size), size, decay)
            rows = slice(at, at + size)
            with torch.no_grad():
                network.heads.weight[rows] = (weight / deviation).to(network.heads.weight.device)
                network.heads.bias[rows] = (bias - (weight / deviation) @ mean).to(network.heads.bias.device)
        at += size
    _log.info("fitted %d heads on %d lines", len(HEADS) - 1, len(lines))


def _truth(lines: Sequence[Line], head: str, size: int) -> Tensor:
    """The labels, UNKNOWN where a line does not say: shape (lines,), for signals (lines, kinds)."""
    if head == "signals":
        return torch.tensor([line.signals or (UNKNOWN,) * size for line in lines])
    return torch.tensor([getattr(line, head) for line in lines])


def _fit(vectors: Tensor, truth: Tensor, size: int, decay: float) -> tuple[Tensor, Tensor]:
    """Logistic regression by L-BFGS: one of `size` classes, or `size` independent answers."""
    weight = torch.zeros(size, vectors.shape[1], requires_grad=True)
    bias = torch.zeros(size, requires_grad=True)
    optimizer = torch.optim.LBFGS([weight, bias], max_iter=_STEPS, line_search_fn="strong_wolfe")
    known = truth != UNKNOWN

    def loss() -> Tensor:
        optimizer.zero_grad()
        logits = vectors @ weight.T + bias
        if truth.ndim == 2:
            each = functional.binary_cross_entropy_with_logits(
                logits, truth.clamp_min(0).float(), reduction="none"
            )
            value = (each * known).sum() / len(truth)
        else:
            value = functional.cross_entropy(logits, truth, ignore_index=UNKNOWN)
        value = value + decay * weight.square().sum()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    return weight.detach(), bias.detach()
