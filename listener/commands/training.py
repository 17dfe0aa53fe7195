"""`kikimimi train`: make the model again, or teach it people's corrections."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from rich.table import Table

from listener.commands.errors import CommandError
from listener.commands.output import err, load_config
from listener.commands.output import out as screen
from listener.review import lesson_line
from nlp.sentiment import ModelError
from storage.db import Store

if TYPE_CHECKING:
    from nlp.training.data import Line

_log = logging.getLogger("kikimimi.training")
_CORRECTION = 4.0  # one person's word on this brand's own posts counts as much as so many training mentions


class Plan(NamedTuple):
    """How to train: see `kikimimi train --help`."""

    epochs: int
    rounded: int
    rate: float
    mix: float
    seed: int
    limit: int | None
    device: str
    average: float


def train(
    plan: Plan,
    config: Path | None,
    *,
    out: Path,
    start: Path | None,
    data: Path | None,
    layers: int | None,
    teachers: Sequence[Path],
    name: str,
) -> None:
    """Train, calibrate, export, and compare with the model that it started from.

    `config`: learn from the corrections in this installation's database, too.
    """
    from nlp.sentiment.torch_model import chosen_device
    from nlp.training.data import corpus
    from nlp.training.make import Order, make
    from nlp.training.train import Recipe

    training, held = corpus()
    corrected = _corrections(config) if config else []
    training += corrected
    try:
        device = chosen_device(None if plan.device == "auto" else plan.device).type
        recipe = Recipe(
            plan.epochs, plan.rounded, plan.rate, plan.mix, plan.seed, plan.limit, device, plan.average
        )
        order = Order(out, name, recipe, start, layers, teachers, data)
        folder = make(order, training, held)
    except ModelError as problem:
        raise CommandError(str(problem)) from problem
    _compare(start, folder, corrected)
    err.print(f"The model is in {folder}. Use it with `model: {folder}` in config.yaml.")


def _compare(start: Path | None, folder: Path, corrected: Sequence[Line]) -> None:
    """Sentiment before and after, on mentions that neither learned from and on the corrections."""
    from nlp.sentiment.trained import is_trained
    from nlp.sentiment.transformer import BUNDLED
    from nlp.training.data import UNKNOWN, mentions

    before = start or BUNDLED
    table = Table("lines", "count", "before", "after", title="macro-F1 of sentiment")
    for name, lines in {"held-out mentions": mentions("dev"), "corrections (learned)": corrected}.items():
        known = [line for line in lines if line.sentiment != UNKNOWN]
        if known:
            old = f"{_f1(before, known):.3f}" if is_trained(before) else "–"
            table.add_row(name, str(len(known)), old, f"{_f1(folder, known):.3f}")
    screen.print(table)


def _f1(folder: Path, lines: Sequence[Line]) -> float:
    from nlp.sentiment.transformer import graph_model
    from nlp.training.evaluate import macro_f1, truth
    from nlp.training.make import pairs

    said = graph_model(folder).logits(pairs(lines))[:, :3].argmax(axis=1)
    return macro_f1(said, truth(lines, "sentiment"), classes=3)


def _corrections(config: Path) -> list[Line]:
    """What people corrected or confirmed here, as lines to learn from."""
    from nlp.training.data import mention

    with Store.open(load_config(config).database_url) as store:
        found = [
            mention(lesson_line(lesson), weight=_CORRECTION) for lesson in store.judgements.corrections()
        ]
    _log.info("%d corrections to learn from", len(found))
    return found
