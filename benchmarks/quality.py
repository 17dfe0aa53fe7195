"""How often the bundled model is right: `python -m benchmarks.quality [--write] [--json] [--peers] [--fp32 DIR]`.

It is asked about the held-out mentions (no name of theirs is in training) and about slices of hotel, shop, forum and
crisis lines that nothing was trained on, beside the word list and, with `--peers`, beside what other packages from
PyPI say of the same lines. `--fp32 DIR`: a folder with `model.fp32.onnx`, to see what int8 costs. `--write` puts
tables and figures into docs/model-card.md. Takes two minutes on two cores, and some more for the peers.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.markdown import Markdown

from benchmarks import figures, names, peers, quality_page
from benchmarks.card import draw, write
from benchmarks.slices import Slice, slice_of, slices
from nlp.analyze import Analyzer, Request, model_input
from nlp.sentiment import EMOTIONS, LABELS, SIGNALS, SentimentModel, load
from nlp.sentiment.transformer import graph_model
from nlp.training.data import MENTIONS, SLICES, UNKNOWN, Line, mention, read
from nlp.training.evaluate import calibration_error, macro_f1, score, truth
from storage.types import Analysis, DisclosureKind

Ints = npt.NDArray[np.integer[Any]]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Rows = list[dict[str, Any]]
Figures = dict[str, Any]

_BINS = 15
_EXAMPLES, _EXAMPLES_EACH = 12, 3
_WORDS = [label.value for label in LABELS]
_log = logging.getLogger("kikimimi.bench")


@dataclass(frozen=True, slots=True)
class Judged:
    """A model's word on every line. `shares` has shape (lines, 3)."""

    name: str
    found: list[Analysis]
    shares: Floats

    @property
    def labels(self) -> Ints:
        best: Ints = self.shares.argmax(axis=1)
        return best


def judge(model: SentimentModel, lines: Sequence[Line], *, with_target: bool = True) -> Judged:
    pairs = [(line.text, line.target if with_target else None) for line in lines]
    found = Analyzer(model).analyze([Request(text, target) for text, target in pairs])
    said = model.predict([model_input(text, target) for text, target in pairs])  # remembered: costs nothing
    return Judged(model.name, found, np.array([prediction.sentiment for prediction in said]))


def rates(said: Ints, right: Ints) -> Figures:
    """Three-class accuracy and macro-F1."""
    return {
        "accuracy": round(float((said == right).mean()), 4),
        "macro_f1": round(macro_f1(said, right, classes=3), 4),
    }


def by_slice(found: Sequence[Slice], right: Ints, judged: dict[str, Ints]) -> list[Figures]:
    rows = []
    for each in found:
        chosen = list(each.indices)
        of_models = {name: rates(said[chosen], right[chosen]) for name, said in judged.items()}
        rows.append({"group": each.group, "slice": each.name, "lines": len(chosen), **of_models})
    return rows


def questions(found: Sequence[Analysis], lines: Sequence[Line]) -> list[Figures]:
    """Each yes-or-no question as the product answers it: thresholds and rules included. Unsure lines are left out."""
    signals = truth(lines, "signals")
    asked: list[tuple[str, list[bool], Ints]] = [
        (
            "disclosure: sponsored",
            [each.disclosure.kind is DisclosureKind.SPONSORED for each in found],
            truth(lines, "disclosure"),
        ),
        ("sarcasm", [each.sarcasm for each in found], truth(lines, "sarcasm")),
    ]
    asked += [
        (f"signal: {kind.value}", [each.has(kind) for each in found], signals[:, index])
        for index, kind in enumerate(SIGNALS)
    ]
    rows = []
    for name, said, right in asked:
        labelled = right != UNKNOWN
        one = score(np.array(said)[labelled], right[labelled] == 1)
        rows.append({"question": name, **{key: round(value, 4) for key, value in asdict(one).items()}})
    return rows


def emotion(found: Sequence[Analysis], lines: Sequence[Line]) -> Figures:
    right = truth(lines, "emotion")
    labelled = right != UNKNOWN
    said = np.array([EMOTIONS.index(each.emotion) for each in found])[labelled]
    right = right[labelled]
    f1 = {kind.value: round(score(said == i, right == i).f1, 4) for i, kind in enumerate(EMOTIONS)}
    mean = macro_f1(said, right, classes=len(EMOTIONS))
    return {"accuracy": round(float((said == right).mean()), 4), "macro_f1": round(mean, 4), "f1": f1}


def reliability(shares: Floats, right: Ints) -> list[figures.Bin]:
    """The bins that the expected calibration error is made of, empty ones left out."""
    sure, hits = shares.max(axis=1), shares.argmax(axis=1) == right
    bins = np.minimum((sure * _BINS).astype(int), _BINS - 1)
    return [
        figures.Bin(
            low=round(index / _BINS, 4),
            high=round((index + 1) / _BINS, 4),
            lines=int((bins == index).sum()),
            sure=round(float(sure[bins == index].mean()), 4),
            right=round(float(hits[bins == index].mean()), 4),
        )
        for index in range(_BINS)
        if (bins == index).any()
    ]


def confusion(said: Ints, right: Ints) -> list[list[int]]:
    """Rows: what it is. Columns: what was said."""
    return [[int(((right == a) & (said == b)).sum()) for b in range(3)] for a in range(3)]


def failures(ours: Judged, rows: Rows, right: Ints, found: Sequence[Slice]) -> list[Figures]:
    """The wrong answers given with the most confidence, at most three of a slice."""
    sure = ours.shares.max(axis=1)
    wrong = sorted(np.flatnonzero(ours.labels != right).tolist(), key=lambda index: -sure[index])
    taken: list[Figures] = []
    for index in wrong:
        part = slice_of(index, found)
        if len(taken) < _EXAMPLES and sum(each["slice"] == part for each in taken) < _EXAMPLES_EACH:
            taken.append(
                {
                    "slice": part,
                    "text": rows[index]["text"],
                    "target": rows[index]["target"],
                    "is": _WORDS[right[index]],
                    "said": _WORDS[ours.labels[index]],
                    "confidence": round(float(sure[index]), 3),
                }
            )
    return taken


def rounding(folder: Path, ours: Judged, lines: Sequence[Line], right: Ints) -> Figures:
    """What int8 costs: labels changed, macro-F1 lost, against the fp32 graph in `folder`."""
    full = graph_model(folder, graph="model.fp32.onnx", cache=len(lines))
    shares = np.array(
        [each.sentiment for each in full.predict([model_input(x.text, x.target) for x in lines])]
    )
    said = shares.argmax(axis=1)
    whole, small = (macro_f1(each, right, classes=3) for each in (said, ours.labels))
    same = float((said == ours.labels).mean())
    return {"same_labels": round(same, 4), "fp32_macro_f1": round(whole, 4), "loss": round(whole - small, 4)}


def read_sets(some: int | None) -> dict[str, Rows]:
    """The held-out mentions as "mentions", and those of SLICES that are there. `some`: so many lines of each only."""
    found = {}
    for name, split in [("mentions", "dev"), *((name, name) for name in SLICES)]:
        path = MENTIONS / f"mentions.{split}.jsonl.gz"
        if path.exists() and (rows := list(read(path))):
            found[name] = rows[:: max(1, len(rows) // some)] if some else rows
    return found


def beside(sets: dict[str, Rows], models: Sequence[SentimentModel], *, with_peers: bool) -> list[Figures]:
    """Models and peers on the same lines: the Japanese of each set, which is what the peers are made for."""
    japanese = {name: [row for row in rows if row["lang"] == "ja"] for name, rows in sets.items()}
    lines = [mention(row) for rows in japanese.values() for row in rows]
    spans, at = {}, 0
    for name, rows in japanese.items():
        spans[name] = slice(at, at + len(rows))
        at += len(rows)
    right = truth(lines, "sentiment")

    def row(name: str, said: Ints) -> Figures:
        return {"name": name, **{part: rates(said[span], right[span]) for part, span in spans.items()}}

    table = [row(model.name, judge(model, lines).labels) for model in models]
    for each in peers.ask([line.text for line in lines]) if with_peers else []:
        if each.problem:
            table.append({"name": each.name, "problem": each.problem})
        else:
            table.append(row(each.name, np.array([_WORDS.index(word) for word in each.classes])))
    return table


def measure(*, with_peers: bool = False, fp32: Path | None = None, some: int | None = None) -> Figures:
    """Every figure of the model card's quality part, ready for JSON."""
    sets = read_sets(some)
    rows = sets["mentions"]
    lines = [mention(row) for row in rows]
    right = truth(lines, "sentiment")
    bundled, lexicon = load("bundled"), load("lexicon")
    _log.info("%s and %s read %d mentions", bundled.name, lexicon.name, len(lines))
    ours, untold, listed = (
        judge(bundled, lines),
        judge(bundled, lines, with_target=False),
        judge(lexicon, lines),
    )
    found = slices(rows)
    return {
        "measured": f"{datetime.now(UTC):%Y-%m-%d}",
        "model": bundled.name,
        "lexicon": lexicon.name,
        "lines": {name: len(each) for name, each in sets.items()},
        "slices": by_slice(
            found, right, {"ours": ours.labels, "untold": untold.labels, "lexicon": listed.labels}
        ),
        "confusion": confusion(ours.labels, right),
        "questions": questions(ours.found, lines),
        "emotion": emotion(ours.found, lines),
        "ece": round(calibration_error(ours.shares, right), 4),
        "reliability": [asdict(each) for each in reliability(ours.shares, right)],
        "failures": failures(ours, rows, right, found),
        "names": names.measure(bundled, lines),
        "beside": beside(sets, [bundled, lexicon], with_peers=with_peers),
        "rounding": rounding(fp32, ours, lines, right) if fp32 else None,
    }


def put(said: Figures, *, with_peers: bool) -> None:
    """Into the model card: tables, and figures as SVG. Peers and int8 only where they were measured this time."""
    write("quality", quality_page.quality(said))
    write("failures", quality_page.failures(said))
    write("learning", quality_page.learning(figures.runs()))
    if with_peers:
        write("peers", quality_page.peers(said))
    if said["rounding"]:
        write("rounding", quality_page.rounding(said))
    draw(
        "calibration", figures.calibration([figures.Bin(**each) for each in said["reliability"]], said["ece"])
    )
    draw("learning", figures.learning(figures.runs()))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=__doc__)
    parser.add_argument("--write", action="store_true", help="put tables and figures into docs/model-card.md")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--peers", action="store_true", help="ask the peers, too (installs them into var/peers once)"
    )
    parser.add_argument(
        "--fp32", type=Path, metavar="DIR", help="a folder with model.fp32.onnx, to compare int8 with"
    )
    parser.add_argument(
        "--lines", type=int, help="a quick look at about so many lines of each set; not written"
    )
    options = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    _log.setLevel(logging.INFO)
    said = measure(with_peers=options.peers, fp32=options.fp32, some=options.lines)
    if options.json:
        sys.stdout.write(json.dumps(said, ensure_ascii=False) + "\n")
    else:
        Console().print(Markdown(quality_page.whole(said)))
    if options.write and not options.lines:
        put(said, with_peers=options.peers)


if __name__ == "__main__":
    main()
