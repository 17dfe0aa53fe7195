"""One run from start to finish: weights to start from, training, calibration, the files of a model.

The finished folder can be named in config.yaml (`model: DIR`); the shipped models are such folders.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from safetensors.torch import load_file, save_file
from transformers import BertConfig

from nlp.analyze import model_input
from nlp.sentiment import SIGNALS, ModelError
from nlp.sentiment.encode import Encoder
from nlp.sentiment.network import Network
from nlp.sentiment.trained import HEADS, probabilities
from nlp.sentiment.transformer import BUNDLED, graph_model
from nlp.sentiment.unpack import shape_of, state_of
from nlp.training import evaluate
from nlp.training.data import Line
from nlp.training.export import describe, export
from nlp.training.rounding import rounding
from nlp.training.teach import Teachers, thin
from nlp.training.train import Recipe, train

_log = logging.getLogger("kikimimi.training")

WEIGHTS, SHAPE = "network.safetensors", "encoder.json"


@dataclass(frozen=True, slots=True)
class Order:
    """What to make. `start`: a model's folder, the shipped one's if None, or a base encoder's (BertModel).

    `layers`: keep so many of the start's layers (None: all). `teachers`: folders of models whose mean answer is
    learned, too. `data`: the folder with the public corpora, if there is one. `name` goes into every judgement.
    """

    out: Path
    name: str
    recipe: Recipe
    start: Path | None = None
    layers: int | None = None
    teachers: Sequence[Path] = field(default=())
    data: Path | None = None


def make(order: Order, training: Sequence[Line], held: Sequence[Line]) -> Path:
    """Train, calibrate on `held`, and write the model into `out`/model. Returns that folder."""
    order.out.mkdir(parents=True, exist_ok=True)
    network, tokenizer = begin(order.start)
    encoder = Encoder(tokenizer)
    teacher = Teachers([begin(each)[0] for each in order.teachers], encoder) if order.teachers else None
    if order.layers:
        thin(network, order.layers)
    train(network, training, order.recipe, encoder=encoder, folder=order.data, out=order.out, teacher=teacher)
    folder = order.out / "model"
    write(network.cpu(), tokenizer, folder, name=order.name)
    calibrate(folder, held)
    same = agreement(folder, held)
    _log.info("int8 and fp32 give the same label to %.1f %% of %d mentions", 100 * same, len(held))
    return folder


def begin(start: Path | None) -> tuple[Network, Path]:
    """The network in a folder, and its tokenizer's file. Raises ModelError when the folder holds none."""
    folder = start or BUNDLED
    tokenizer = folder / "tokenizer.json"
    if not tokenizer.exists():
        raise ModelError(f"{folder} has no tokenizer.json; name a model's folder or a base encoder's")
    if (folder / WEIGHTS).exists():
        state = load_file(folder / WEIGHTS)
        shape = BertConfig.from_json_file(folder / SHAPE)
    elif (folder / "model.onnx").exists():
        state = state_of(folder / "model.onnx")
        shape = shape_of(state)
    else:
        return _fresh(folder), tokenizer
    network = Network(shape)
    network.load_state_dict({name: table.float() for name, table in state.items()})
    return network, tokenizer


def _fresh(base: Path) -> Network:
    try:
        return Network(base)
    except (OSError, ValueError) as problem:
        raise ModelError(
            f"{base} is neither a trained model nor a base encoder that transformers can load as a BertModel"
        ) from problem


def write(network: Network, tokenizer: Path, folder: Path, *, name: str) -> None:
    """The files of a model, not yet calibrated: the graphs, the weights for a GPU, and the tokenizer."""
    rounding(network, on=False)
    export(network, tokenizer, folder)
    state = {key: table.half().contiguous() for key, table in network.state_dict().items()}
    save_file(state, folder / WEIGHTS)
    (folder / SHAPE).write_text(
        json.dumps(network.encoder.config.to_diff_dict(), indent=2) + "\n", encoding="utf-8"
    )
    flat = dict.fromkeys(HEADS, 1.0)
    even = {"disclosure": 0.5, "sarcasm": 0.5, "signals": {kind.value: 0.5 for kind in SIGNALS}}
    describe(folder, flat, even, name=name)


def calibrate(folder: Path, held: Sequence[Line]) -> None:
    """Temperatures and thresholds of the exported graph, on mentions that it did not learn from."""
    name = json.loads((folder / "config.json").read_text(encoding="utf-8"))["name"]
    logits = graph_model(folder).logits(pairs(held))
    temperatures = evaluate.fit_temperatures(logits, held)
    describe(
        folder, temperatures, evaluate.fit_thresholds(probabilities(logits, temperatures), held), name=name
    )


def agreement(folder: Path, lines: Sequence[Line]) -> float:
    """Share of `lines` to which the int8 graph gives the same sentiment as the fp32 one."""
    small, full = (
        graph_model(folder, graph=graph).logits(pairs(lines))[:, : HEADS["sentiment"]].argmax(axis=1)
        for graph in ("model.onnx", "model.fp32.onnx")
    )
    return float((small == full).mean())


def pairs(lines: Sequence[Line]) -> list[tuple[str, str | None]]:
    """The lines as the product gives them to a model."""
    return [model_input(line.text, line.target) for line in lines]
