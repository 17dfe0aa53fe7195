"""Posts a second, milliseconds, megabytes: `python -m benchmarks.speed [--write] [--json] [--rounds N] [--also DIR]`.

Everything scores the same 512 held-out posts with their targets, in turns within one run, with the same number of
threads and no cache: a busy neighbour slows all of them, so read the ratios. Beside our models: a classifier of
BERT-base size in `transformers.pipeline` with the usual Japanese tokenizer, our network in torch, and OpenVINO where
it is installed. `--also DIR` (repeatable) adds a model's folder to the table and to the quality/speed curve. `--write`
puts table and curve into docs/model-card.md and keeps the curve's points in benchmarks/curve.json.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import platform
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import onnxruntime
import torch
import transformers
from rich.console import Console
from rich.markdown import Markdown

from benchmarks import figures, memory, speed_page
from benchmarks.card import ROOT, draw, write
from benchmarks.engines import (
    Engine,
    Run,
    bert_base,
    fp32_graph,
    in_torch,
    onnx_runtime,
    openvino,
    ours,
    singly,
)
from nlp.sentiment.trained import HEADS, Pairs
from nlp.sentiment.transformer import BUNDLED, graph_model
from nlp.sentiment.unpack import shape_of, state_of
from nlp.training.data import Line, mentions
from nlp.training.evaluate import macro_f1, truth
from nlp.training.make import pairs as as_given

POSTS = 512
FAST = BUNDLED.parent / "fast"
Figures = dict[str, Any]

_FEW = 64  # of the 512, for what takes a second or so a post
_WARM = 16
_OUT = ROOT / "var" / "bench"
_log = logging.getLogger("kikimimi.bench")


def posts(count: int) -> Pairs:
    """Held-out posts with their targets, taken evenly from the whole list so that every kind is among them."""
    lines = [line for line in mentions("dev") if line.target]
    chosen = [lines[round(at)] for at in np.linspace(0, len(lines) - 1, min(count, len(lines)))]
    return as_given(chosen)


def layers(folder: Path) -> int:
    """How many layers the model's encoder has, as its graph says."""
    return int(shape_of(state_of(folder / "model.onnx")).num_hidden_layers)


def seconds(run: Run, pairs: Pairs) -> float:
    start = time.perf_counter()
    run(pairs)
    return time.perf_counter() - start


def race(engines: Sequence[Engine], pairs: Pairs, rounds: int) -> dict[str, list[float]]:
    """Posts a second of every engine in every round, in turns."""
    for engine in engines:
        engine.run(pairs[:_WARM])
    rates: dict[str, list[float]] = {engine.key: [] for engine in engines}
    for number in range(1, rounds + 1):
        for engine in engines:
            given = pairs[:: max(1, len(pairs) // engine.posts)] if engine.posts else pairs
            rates[engine.key].append(len(given) / seconds(engine.run, given))
            _log.info("round %d of %d: %s, %.1f posts/s", number, rounds, engine.name, rates[engine.key][-1])
    return rates


def latency(run: Run, pairs: Pairs) -> dict[str, float]:
    """Milliseconds of one post alone, over all of them."""
    taken = [1000 * seconds(run, [pair]) for pair in pairs]
    return {"median_ms": round(median(taken), 2), "p95_ms": round(float(np.percentile(taken, 95)), 2)}


def quality(folder: Path, lines: Sequence[Line]) -> float:
    """Macro-F1 on the held-out mentions."""
    logits = graph_model(folder, cache=0).logits(as_given(lines))
    said = logits[:, : HEADS["sentiment"]].argmax(axis=1)
    return macro_f1(said, truth(lines, "sentiment"), classes=3)


def line_up(folders: dict[str, Path], threads: int, place: Path) -> tuple[list[Engine], dict[str, str]]:
    """Everything that runs, and why the rest does not."""
    found, absent = [], {}
    for key, folder in folders.items():
        name, run = ours(folder, threads)
        found.append(Engine(key, f"{name}, int8", run))
        if key in ("bundled", "fast"):
            found.append(Engine(f"{key} singly", f"{name}, int8, one by one", singly(run)))
    peer = bert_base(place)
    found.append(Engine("bert 32", "BERT-base size, torch fp32, pipeline, batch 32", peer(32)))
    found.append(Engine("bert 1", "BERT-base size, torch fp32, pipeline, batch 1", peer(1), _FEW))
    found.append(Engine("torch", "our network, torch fp32", in_torch(BUNDLED)))
    graph = fp32_graph(BUNDLED, _OUT)
    name = "our network, fp32 graph, ONNX Runtime"
    found.append(Engine("onnx fp32", name, onnx_runtime(graph, BUNDLED, threads, _OUT)))
    for key, name, file, precision in (
        ("openvino f32", "our network, fp32 graph, OpenVINO in fp32", graph, "f32"),
        ("openvino bf16", "our network, fp32 graph, OpenVINO in bf16", graph, "bf16"),
        ("openvino int8", "our int8 graph, OpenVINO", BUNDLED / "model.onnx", "f32"),
    ):
        made = openvino(file, BUNDLED, threads, precision)
        if isinstance(made, str):
            absent[name] = made
        else:
            found.append(Engine(key, name, made))
    return found, absent


def measure(folders: dict[str, Path], *, count: int, rounds: int, threads: int) -> Figures:
    """Every figure of the model card's speed part, ready for JSON."""
    torch.set_num_threads(threads)
    pairs, lines = posts(count), mentions("dev")
    used = {key: memory.of_process(folder, pairs) for key, folder in folders.items()}
    with tempfile.TemporaryDirectory() as place:
        engines, absent = line_up(folders, threads, Path(place))
        rates = race(engines, pairs, rounds)
    alone = {key: latency(ours(folder, threads)[1], pairs) for key, folder in folders.items()}
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    names = {engine.key: engine.name for engine in engines}
    return {
        "measured": today,
        "posts": len(pairs),
        "few": {engine.key: engine.posts for engine in engines if engine.posts},
        "rounds": rounds,
        "threads": threads,
        "machine": f"{processor()}, ONNX Runtime {onnxruntime.__version__}, torch {torch.__version__},"
        f" transformers {transformers.__version__}",
        "names": names,
        "rates": {key: [round(rate, 2) for rate in each] for key, each in rates.items()},
        "absent": absent,
        "ratios": list(speed_page.ratios(rates)),
        "latency": alone,
        "memory": used,
        "curve": [
            {
                "name": names[key].removesuffix(", int8"),
                "layers": layers(folder),
                "posts_per_second": round(median(rates[key]), 1),
                "macro_f1": round(quality(folder, lines), 4),
                "measured": today,
            }
            for key, folder in folders.items()
        ],
    }


def processor() -> str:
    """The processor's name, where the system says it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.machine()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__)
    parser.add_argument("--posts", type=int, default=POSTS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument(
        "--also", type=Path, action="append", default=[], metavar="DIR", help="one more model's folder"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--write", action="store_true", help="put the result into docs/model-card.md")
    options = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    _log.setLevel(logging.INFO)
    transformers.logging.set_verbosity_error()
    folders = {"bundled": BUNDLED, **({"fast": FAST} if (FAST / "model.onnx").exists() else {})}
    folders.update({str(folder): folder for folder in options.also})
    said = measure(folders, count=options.posts, rounds=options.rounds, threads=options.threads)
    if options.json:
        sys.stdout.write(json.dumps(said, ensure_ascii=False) + "\n")
    else:
        Console().print(Markdown(speed_page.speed(said)))
    if options.write:
        write("speed", speed_page.speed(said))
        points = figures.keep([figures.Placed(**each) for each in said["curve"]])
        write("curve", speed_page.curve(points))
        draw("curve", figures.curve(points))


if __name__ == "__main__":
    main()
