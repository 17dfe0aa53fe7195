"""Make the shipped model: `python -m nlp.training --data DIR --out DIR [--epochs N]`.

DIR of `--data` holds `model/e5-small-ja` (the base encoder) and, if there, `text/economy_watchers.train.jsonl.gz`
and `text/goemotions_en.train.jsonl.gz`; docs/model-card.md says where to get them. The mentions ship with the
code. A stopped run goes on from its last epoch. An epoch takes 5 minutes on two cores with bf16.
"""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

from nlp.sentiment import SIGNALS
from nlp.sentiment.encode import Encoder
from nlp.sentiment.transformer import TransformerModel, probabilities
from nlp.training import data, evaluate
from nlp.training.export import describe, export
from nlp.training.heads import fit_heads
from nlp.training.network import HEADS
from nlp.training.train import Recipe, train

_log = logging.getLogger("kikimimi.training")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m nlp.training", description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with model/ and text/")
    parser.add_argument("--out", type=Path, required=True, help="folder for the checkpoint and bundle/")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--rate", type=float, default=8e-5, help="highest learning rate")
    parser.add_argument("--mix", type=float, default=1.0, help="share of the public corpora that is mixed in")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--start", type=Path, help="checkpoint.pt of an earlier run to go on from")
    parser.add_argument("--limit", type=int, help="lines an epoch, to try it out")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    _log.setLevel(logging.INFO)
    arguments.out.mkdir(parents=True, exist_ok=True)
    training, held = data.hold_out(data.mentions("train"))
    recipe = Recipe(
        arguments.epochs, arguments.rate, arguments.mix, arguments.seed, arguments.start, arguments.limit
    )
    network = train(training, recipe, folder=arguments.data, out=arguments.out)
    bundle = arguments.out / "bundle"
    tokenizer = arguments.data / "model" / "e5-small-ja" / "tokenizer.json"
    fit_heads(network, Encoder(tokenizer), training)
    export(network, tokenizer, bundle)
    calibrate(bundle, held)
    same = agreement(bundle, held)
    _log.info("int8 and fp32 give the same label to %.1f %% of %d mentions", 100 * same, len(held))
    _log.info("the model is in %s; copy it to nlp/sentiment/bundled, without model.fp32.onnx", bundle)


def calibrate(bundle: Path, held: list[data.Line]) -> None:
    """Temperatures and thresholds of the exported graph, on mentions that it did not learn from."""
    flat = dict.fromkeys(HEADS, 1.0)
    even = {"disclosure": 0.5, "sarcasm": 0.5, "signals": {kind.value: 0.5 for kind in SIGNALS}}
    describe(bundle, flat, even)
    logits = TransformerModel(bundle).logits([(line.text, line.target) for line in held])
    temperatures = evaluate.fit_temperatures(logits, held)
    describe(bundle, temperatures, evaluate.fit_thresholds(probabilities(logits, temperatures), held))


def agreement(bundle: Path, lines: list[data.Line]) -> float:
    """Share of `lines` to which the int8 graph gives the same sentiment as the fp32 one."""
    pairs = [(line.text, line.target) for line in lines]
    small, full = (
        TransformerModel(bundle, graph=graph).logits(pairs)[:, : HEADS["sentiment"]].argmax(axis=1)
        for graph in ("model.onnx", "model.fp32.onnx")
    )
    return float((small == full).mean())


if __name__ == "__main__":
    main()
