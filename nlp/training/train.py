"""Fine-tune the encoder with all heads at once. Resumes from `checkpoint.pt` in the output folder."""

from __future__ import annotations

import logging
import math
import random
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import torch
from rich.console import Console
from rich.progress import track
from torch import Tensor

from nlp.analyze import model_input
from nlp.sentiment.encode import PAD, Encoder
from nlp.sentiment.network import Network
from nlp.training import losses
from nlp.training.data import Line, epoch
from nlp.training.rounding import rounding

_log = logging.getLogger("kikimimi.training")

_BATCH = 32
_HEADS_FASTER = 10.0
_WARM_UP = 0.06  # of all steps
_BUCKET = 50  # batches' worth of lines sorted together by length: 2× the speed of random padding
_TAUGHT = 0.7  # a teacher's share of the loss; the labels have the rest
_screen = Console(stderr=True)

#: The teacher's logits for lines: shape (lines, 25).
Teacher = Callable[[Sequence[Line]], Tensor]


@dataclass(frozen=True, slots=True)
class Recipe:
    """One run. `mix`: how much of the public corpora is mixed in; `seed`: which lines lose their target and in
    which order; `rounded`: in how many epochs at the end the network sees int8's rounding; `limit` caps an
    epoch, to try it; `device`: cpu or cuda; `average`: the part of the weights before the last epoch in the result
    (the mean of two points of one run is often better than either).
    """

    epochs: int
    rounded: int = 1
    rate: float = 8e-5
    mix: float = 1.0
    seed: int = 0
    limit: int | None = None
    device: str = "cpu"
    average: float = 0.0


def train(
    network: Network,
    training: Sequence[Line],
    recipe: Recipe,
    *,
    encoder: Encoder,
    folder: Path | None,
    out: Path,
    teacher: Teacher | None = None,
) -> Network:
    """Train `network` on `training` and the corpora in `folder`; a checkpoint after every epoch goes to `out`."""
    torch.manual_seed(recipe.seed)
    torch.set_flush_denormal(True)  # else a trained attention's tiny weights slow an epoch down twofold
    try:
        return _train(network, training, recipe, encoder, folder, out, teacher)
    finally:
        torch.set_flush_denormal(False)


def _train(
    network: Network,
    training: Sequence[Line],
    recipe: Recipe,
    encoder: Encoder,
    folder: Path | None,
    out: Path,
    teacher: Teacher | None,
) -> Network:
    network.to(recipe.device).encoder.embeddings.requires_grad_(False)
    plan = [
        epoch(list(training), folder, seed=recipe.seed + number, mix=recipe.mix)[: recipe.limit]
        for number in range(recipe.epochs)
    ]
    steps = sum(math.ceil(len(lines) / _BATCH) for lines in plan)
    optimizer = torch.optim.AdamW(_groups(network, recipe.rate), lr=recipe.rate, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, steps))
    course = _Course(network, encoder, optimizer, schedule, teacher)
    checkpoint = out / "checkpoint.pt"
    first = course.resume(checkpoint)
    for number in range(first, recipe.epochs):
        rounding(network, on=number >= recipe.epochs - recipe.rounded)
        last = number == recipe.epochs - 1
        before = _copy(network) if last and recipe.average else None
        loss = course.one_epoch(plan[number], number, recipe.epochs)
        if before is not None:
            _mix(network, before, recipe.average)
        _log.info("epoch %d of %d: loss %.4f", number + 1, recipe.epochs, loss)
        course.save(checkpoint, number + 1)
    return network.eval()


def _copy(network: Network) -> dict[str, Tensor]:
    return {name: weight.detach().clone() for name, weight in network.state_dict().items()}


def _mix(network: Network, before: dict[str, Tensor], part: float) -> None:
    """Weights that are `part` of `before`, and else of what the network has, in place."""
    now = network.state_dict()
    network.load_state_dict(
        {
            name: (1 - part) * weight + part * before[name] if weight.is_floating_point() else weight
            for name, weight in now.items()
        }
    )


@dataclass(frozen=True, slots=True)
class _Course:
    """What moves while training."""

    network: Network
    encoder: Encoder
    optimizer: torch.optim.Optimizer
    schedule: torch.optim.lr_scheduler.LambdaLR
    teacher: Teacher | None

    def one_epoch(self, lines: list[Line], number: int, of: int) -> float:
        """The mean loss of one pass over `lines`."""
        self.network.train()
        device = self.network.heads.weight.device
        ids = encode(self.encoder, lines)
        answers = self.teacher(lines) if self.teacher else None
        batches = _batches([len(row) for row in ids], random.Random(number))
        total = 0.0
        title = f"epoch {number + 1} of {of}"
        for count, batch in enumerate(track(batches, description=title, console=_screen)):
            if count % 100 == 0:
                _log.info("%s, batch %d of %d", title, count, len(batches))
            rows, mask = pad([ids[index] for index in batch])
            with autocast(device):
                logits = self.network(rows.to(device), mask.to(device)).float()
            loss = losses.labelled(logits, [lines[index] for index in batch])
            if answers is not None:
                told = losses.taught(logits, answers[batch].to(device))
                loss = _TAUGHT * told + (1 - _TAUGHT) * loss
            self._step(loss)
            total += loss.item()
        return total / len(batches)

    def _step(self, loss: Tensor) -> None:
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizer.step()
        self.schedule.step()
        self.optimizer.zero_grad(set_to_none=True)

    def resume(self, path: Path) -> int:
        """Go on from a checkpoint, if there is one. Returns how many epochs it has seen."""
        if not path.exists():
            return 0
        saved = torch.load(path, weights_only=True)
        self.network.load_state_dict(saved["network"])
        self.optimizer.load_state_dict(saved["optimizer"])
        self.schedule.load_state_dict(saved["schedule"])
        _log.info("resumed after epoch %d", saved["epochs"])
        return int(saved["epochs"])

    def save(self, path: Path, epochs: int) -> None:
        """Whole or not at all: a kill while writing leaves the checkpoint before."""
        state = {
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
            "epochs": epochs,
        }
        part = path.with_suffix(".part")
        torch.save(state, part)
        part.replace(path)


def encode(encoder: Encoder, lines: Sequence[Line]) -> list[list[int]]:
    """Token ids of each line, as the product would give it to the model."""
    return encoder.encode([model_input(line.text, line.target) for line in lines])


def answers(network: Network, encoder: Encoder, lines: Sequence[Line], *, vectors: bool = False) -> Tensor:
    """Logits of shape (lines, 25), or sentence vectors of shape (lines, hidden), on the CPU."""
    network.eval()
    device = network.heads.weight.device
    ids = encode(encoder, lines)
    order = sorted(range(len(ids)), key=lambda index: len(ids[index]))
    found: Tensor | None = None
    for start in range(0, len(order), 2 * _BATCH):
        batch = order[start : start + 2 * _BATCH]
        rows, mask = (values.to(device) for values in pad([ids[index] for index in batch]))
        with torch.inference_mode(), autocast(device):
            said = (network.pool(rows, mask) if vectors else network(rows, mask)).float().cpu()
        if found is None:
            found = torch.empty(len(ids), said.shape[1])
        found[batch] = said
    return torch.empty(0, 0) if found is None else found


def autocast(device: torch.device) -> AbstractContextManager[None]:
    return torch.autocast(device.type, dtype=torch.bfloat16)


def pad(rows: list[list[int]]) -> tuple[Tensor, Tensor]:
    """Ids and mask of shape (posts, longest)."""
    width = max(map(len, rows))
    ids = torch.tensor([row + [PAD] * (width - len(row)) for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in rows])
    return ids, mask


def _rate(step: int, steps: int) -> float:
    warm = max(1, int(steps * _WARM_UP))
    return (step + 1) / warm if step < warm else max(0.02, (steps - step) / (steps - warm))


def _groups(network: Network, rate: float) -> list[dict[str, object]]:
    """Parameters by learning rate and decay; the heads start from nothing and learn ten times as fast."""
    heads = set(network.heads.parameters())
    body = [weight for weight in network.parameters() if weight.requires_grad and weight not in heads]
    return [
        {"params": [weight for weight in body if weight.ndim > 1], "weight_decay": 0.01},
        {"params": [weight for weight in body if weight.ndim <= 1], "weight_decay": 0.0},
        {"params": list(heads), "weight_decay": 0.01, "lr": rate * _HEADS_FASTER},
    ]


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
