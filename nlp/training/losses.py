"""What a batch did wrong: the labels' losses over all heads, and a teacher's where there is one."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from nlp.sentiment.network import split_heads
from nlp.sentiment.trained import HEADS
from nlp.training.data import UNKNOWN, Line

_WEIGHTS = {"sentiment": 1.0, "emotion": 0.5, "signals": 3.0, "disclosure": 0.5, "sarcasm": 0.5}
_SMOOTHING = {"sentiment": 0.05}  # label smoothing: a second annotator disagrees on 3 of 100
_SOFTENED = 2.0  # temperature of a teacher's answer: what it thinks of the other classes shows


def labelled(logits: Tensor, lines: Sequence[Line]) -> Tensor:
    """Weighted sum over the heads, a scalar; a head that a line does not label takes no part for that line."""
    heads = split_heads(logits)
    weights = torch.tensor([line.weight for line in lines], device=logits.device)
    total = logits.new_zeros(())
    for head in HEADS:
        loss = _signals(heads[head], lines) if head == "signals" else _classes(heads[head], lines, head)
        total = total + _WEIGHTS[head] * (loss * weights).sum() / weights.sum()
    return total


def taught(logits: Tensor, teacher: Tensor) -> Tensor:
    """How far the answers are from the teacher's, a scalar. Both of shape (lines, 25)."""
    ours, theirs = split_heads(logits), split_heads(teacher)
    total = logits.new_zeros(())
    for head in HEADS:
        if head == "signals":
            loss = functional.binary_cross_entropy_with_logits(ours[head], theirs[head].sigmoid())
        else:
            loss = functional.kl_div(
                (ours[head] / _SOFTENED).log_softmax(-1),
                (theirs[head] / _SOFTENED).log_softmax(-1),
                log_target=True,
                reduction="batchmean",
            )
            loss = loss * _SOFTENED**2
        total = total + _WEIGHTS[head] * loss
    return total


def _classes(logits: Tensor, lines: Sequence[Line], head: str) -> Tensor:
    """Cross-entropy of each line, 0 where it does not say: shape (lines,)."""
    truth = torch.tensor([getattr(line, head) for line in lines], device=logits.device)
    return functional.cross_entropy(
        logits, truth, ignore_index=UNKNOWN, reduction="none", label_smoothing=_SMOOTHING.get(head, 0.0)
    )


def _signals(logits: Tensor, lines: Sequence[Line]) -> Tensor:
    """Mean cross-entropy over the kinds that a line labels, 0 where it labels none: shape (lines,)."""
    none = (UNKNOWN,) * logits.shape[1]
    truth = torch.tensor([line.signals or none for line in lines], dtype=torch.float32, device=logits.device)
    known = (truth != UNKNOWN).float()
    loss = functional.binary_cross_entropy_with_logits(logits, truth.clamp_min(0), reduction="none")
    return (loss * known).mean(-1)
