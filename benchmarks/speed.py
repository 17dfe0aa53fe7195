"""Posts a second, beside a BERT-base in torch as it is usually run: `python -m benchmarks.speed [--write]`.

The peer is a randomly initialised fp32 classifier of BERT-base size (12 layers of 768) with the bundled
tokenizer, so that both read the same tokens, in `transformers.pipeline` with batches of 32. Both score the
same held-out mentions in turns in one run with the same number of threads; caches are off. Machines and
neighbours differ: read the ratio. `--write` puts the result into docs/model-card.md.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from collections.abc import Callable
from datetime import UTC, datetime
from statistics import median

import onnxruntime
import torch
import transformers
from rich.console import Console
from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast, pipeline

from benchmarks.quality import write
from nlp.sentiment.transformer import BUNDLED, TransformerModel
from nlp.training.data import mentions


def peer() -> Callable[[list[str]], object]:
    """A BERT-base classifier with random weights: speed does not depend on what they are."""
    config = BertConfig(vocab_size=63_718, num_labels=3)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_file=str(BUNDLED / "tokenizer.json"), pad_token="<pad>", model_max_length=512
    )
    run = pipeline(
        "text-classification",
        model=BertForSequenceClassification(config).eval(),
        tokenizer=tokenizer,
        device="cpu",
        batch_size=32,
    )
    return lambda texts: run(texts, truncation=True)


def seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def measure(posts: int, rounds: int, threads: int) -> str:
    lines = mentions("dev")[:posts]
    texts = [line.text for line in lines]
    pairs = [(line.text, line.target) for line in lines]
    torch.set_num_threads(threads)
    ours = TransformerModel(BUNDLED, threads=threads, cache=0)
    theirs = peer()
    ours.predict(pairs[:32])
    theirs(texts[:32])
    rates: list[tuple[float, float]] = []
    for _ in range(rounds):  # in turns, so that a busy neighbour slows both
        rates.append((posts / seconds(lambda: ours.predict(pairs)), posts / seconds(lambda: theirs(texts))))
    fast, slow = (median(column) for column in zip(*rates, strict=True))
    ratios = sorted(ours_rate / theirs_rate for ours_rate, theirs_rate in rates)
    return "\n".join(
        [
            f"Measured {datetime.now(UTC):%Y-%m-%d}: {posts} posts, {rounds} rounds in turns, {threads} threads,"
            f" {platform.machine()}, ONNX Runtime {onnxruntime.__version__}, torch {torch.__version__},"
            f" transformers {transformers.__version__}.",
            "",
            "| model | posts a second (median) |",
            "|---|---:|",
            f"| {ours.name}, int8, with target | {fast:.0f} |",
            f"| BERT-base size, torch fp32, pipeline batch 32 | {slow:.1f} |",
            "",
            f"Ratio: {median(ratios):.1f}× (lowest {ratios[0]:.1f}×, highest {ratios[-1]:.1f}×).",
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__)
    parser.add_argument("--posts", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=min(8, len(os.sched_getaffinity(0))))
    parser.add_argument("--write", action="store_true", help="put the result into docs/model-card.md")
    arguments = parser.parse_args()
    text = measure(arguments.posts, arguments.rounds, arguments.threads)
    Console().print(text)
    if arguments.write:
        write("speed", text)


if __name__ == "__main__":
    main()
