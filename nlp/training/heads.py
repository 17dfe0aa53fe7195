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
from nlp.training.data import Line
from nlp.training.network import HEADS, Network
from nlp.training.train import autocast, pad

_log = logging.getLogger("kikimimi.training")

_BATCH = 64
# On vectors of unit variance; of 3e-3 … 1e-1 the best F1 of signals on the calibration mentions.
_DECAY = 3e-3
_STEPS = 60


def fit_heads(network: Network, encoder: Encoder, lines: Sequence[Line], *, decay: float = _DECAY) -> None:
    """Fit every head but sentiment on `lines` (all heads labelled), in place."""
    vectors = sentence_vectors(network, encoder, lines)
    mean, deviation = vectors.mean(0), vectors.std(0) + 1e-6
    scaled = (vectors - mean) / deviation
    at = 0
    for head, size in HEADS.items():
        if head != "sentiment":
            truth = torch.tensor([getattr(line, head) for line in lines])
            weight, bias = _fit(scaled, truth, size, decay)
            rows = slice(at, at + size)
            with torch.no_grad():
                network.heads.weight[rows] = weight / deviation
                network.heads.bias[rows] = bias - (weight / deviation) @ mean
        at += size
    _log.info("fitted %d heads on %d lines", len(HEADS) - 1, len(lines))


def sentence_vectors(network: Network, encoder: Encoder, lines: Sequence[Line]) -> Tensor:
    """Mean-pooled vectors of shape (lines, hidden)."""
    network.eval()
    ids = encoder.encode([(line.text, line.target) for line in lines])
    order = sorted(range(len(ids)), key=lambda index: len(ids[index]))
    found = torch.empty(len(ids), network.heads.in_features)
    for start in range(0, len(order), _BATCH):
        batch = order[start : start + _BATCH]
        rows, mask = pad([ids[index] for index in batch])
        with torch.inference_mode(), autocast():
            found[batch] = network.pool(rows, mask).float()
    return found


def _fit(vectors: Tensor, truth: Tensor, size: int, decay: float) -> tuple[Tensor, Tensor]:
    """Logistic regression by L-BFGS: one of `size` classes, or `size` independent answers."""
    weight = torch.zeros(size, vectors.shape[1], requires_grad=True)
    bias = torch.zeros(size, requires_grad=True)
    optimizer = torch.optim.LBFGS([weight, bias], max_iter=_STEPS, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        logits = vectors @ weight.T + bias
        if truth.ndim == 2:
            value = functional.binary_cross_entropy_with_logits(logits, truth.float(), reduction="sum")
            value = value / len(truth)
        else:
            value = functional.cross_entropy(logits, truth)
        value = value + decay * weight.square().sum()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    return weight.detach(), bias.detach()
