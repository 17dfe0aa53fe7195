"""Fine-tune the encoder with all heads at once. Resumes from `checkpoint.pt` in the output folder."""

from __future__ import annotations

import logging
import math
import random
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import torch
from rich.progress import track
from torch import Tensor
from torch.nn import functional

from nlp.sentiment.encode import PAD, Encoder
from nlp.training.data import UNKNOWN, Line, epoch
from nlp.training.network import HEADS, Network, split_heads

_log = logging.getLogger("kikimimi.training")

_BATCH = 32
_WARM_UP = 0.06  # of all steps
_WEIGHTS = {"sentiment": 1.0, "emotion": 0.5, "signals": 1.5, "disclosure": 0.5, "sarcasm": 0.5}
_BUCKET = 50  # batches' worth of lines sorted together by length: 2× the speed of random padding


@dataclass(frozen=True, slots=True)
class Recipe:
    """One run. `start`: the checkpoint of an earlier run to go on from; `mix`: how much of the public corpora
    is mixed in; `seed`: which lines lose their target and in which order; `limit` caps an epoch, to try it.
    """

    epochs: int
    rate: float = 8e-5
    mix: float = 1.0
    seed: int = 0
    start: Path | None = None
    limit: int | None = None


def train(training: Sequence[Line], recipe: Recipe, *, folder: Path, out: Path) -> Network:
    """Train on `training` (and the corpora in `folder`), keeping a checkpoint after every epoch in `out`."""
    torch.manual_seed(recipe.seed)
    torch.set_flush_denormal(True)  # else a trained attention's tiny weights slow an epoch down twofold
    base = folder / "model" / "e5-small-ja"
    encoder = Encoder(base / "tokenizer.json")
    network = Network(base)
    if recipe.start:
        network.load_state_dict(torch.load(recipe.start, weights_only=True)["network"])
    network.encoder.embeddings.requires_grad_(False)
    plan = [
        epoch(list(training), folder, seed=recipe.seed + number, mix=recipe.mix)[: recipe.limit]
        for number in range(recipe.epochs)
    ]
    steps = sum(math.ceil(len(lines) / _BATCH) for lines in plan)
    optimizer = torch.optim.AdamW(_groups(network), lr=recipe.rate, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, steps))
    checkpoint = out / "checkpoint.pt"
    first = 0
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        network.load_state_dict(saved["network"])
        optimizer.load_state_dict(saved["optimizer"])
        schedule.load_state_dict(saved["schedule"])
        first = saved["epochs"]
        _log.info("resumed after epoch %d", first)
    for number in range(first, recipe.epochs):
        loss = _one_epoch(network, plan[number], encoder, optimizer, schedule, number)
        _log.info("epoch %d of %d: loss %.4f", number + 1, recipe.epochs, loss)
        _save(checkpoint, network, optimizer, schedule, number + 1)
    return network.eval()


def _rate(step: int, steps: int) -> float:
    warm = max(1, int(steps * _WARM_UP))
    return (step + 1) / warm if step < warm else max(0.02, (steps - step) / (steps - warm))


def _groups(network: Network) -> list[dict[str, object]]:
    trained = [(name, weight) for name, weight in network.named_parameters() if weight.requires_grad]
    return [
        {"params": [w for n, w in trained if w.ndim > 1], "weight_decay": 0.01},
        {"params": [w for n, w in trained if w.ndim <= 1], "weight_decay": 0.0},
    ]


def _one_epoch(
    network: Network,
    lines: list[Line],
    encoder: Encoder,
    optimizer: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LambdaLR,
    number: int,
) -> float:
    network.train()
    ids = encoder.encode([(line.text, line.target) for line in lines])
    batches = _batches([len(row) for row in ids], random.Random(number))
    total = 0.0
    for count, batch in enumerate(track(batches, description=f"epoch {number + 1}")):
        if count % 50 == 0:
            _log.info("epoch %d, batch %d of %d", number + 1, count, len(batches))
        rows, mask = pad([ids[index] for index in batch])
        with autocast():
            logits = network(rows, mask)
        loss = _loss(logits.float(), [lines[index] for index in batch])
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad(set_to_none=True)
        total += loss.item()
    return total / len(batches)


def autocast() -> AbstractContextManager[None]:
    return torch.autocast("cpu", dtype=torch.bfloat16)


def pad(rows: list[list[int]]) -> tuple[Tensor, Tensor]:
    """Ids and mask of shape (posts, longest)."""
    width = max(map(len, rows))
    ids = torch.tensor([row + [PAD] * (width - len(row)) for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in rows])
    return ids, mask


def _batches(lengths: list[int], chance: random.Random) -> list[list[int]]:
    """Indices in batches of like lengths, batches in random order."""
    order = list(range(len(lengths)))
    chance.shuffle(order)
    batches: list[list[int]] = []
    for start in range(0, len(order), _BATCH * _BUCKET):
        bucket = sorted(order[start : start + _BATCH * _BUCKET], key=lengths.__getitem__)
        batches += [bucket[at : at + _BATCH] for at in range(0, len(bucket), _BATCH)]
    chance.shuffle(batches)
    return batches


def _loss(logits: Tensor, lines: list[Line]) -> Tensor:
    """Weighted sum over the heads; a head that a line does not label takes no part."""
    heads = split_heads(logits)
    total = logits.new_zeros(())
    for head in HEADS:
        if head == "signals":
            known = [index for index, line in enumerate(lines) if line.signals]
            if known:
                truth = torch.tensor([lines[index].signals for index in known], dtype=torch.float32)
                loss = functional.binary_cross_entropy_with_logits(heads[head][known], truth)
                total = total + _WEIGHTS[head] * loss * len(known) / len(lines) * 2
            continue
        classes = torch.tensor([getattr(line, head) for line in lines])
        count = int((classes != UNKNOWN).sum())
        if count:
            loss = functional.cross_entropy(
                heads[head],
                classes,
                ignore_index=UNKNOWN,
                label_smoothing=0.05 if head == "sentiment" else 0.0,
            )
            total = total + _WEIGHTS[head] * loss * count / len(lines)
    return total


def _save(
    path: Path,
    network: Network,
    optimizer: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LambdaLR,
    epochs: int,
) -> None:
    """Whole or not at all: a kill while writing leaves the checkpoint before."""
    state = {
        "network": network.state_dict(),
        "optimizer": optimizer.state_dict(),
        "schedule": schedule.state_dict(),
        "epochs": epochs,
    }
    torch.save(state, path.with_suffix(".part"))
    path.with_suffix(".part").replace(path)
