"""How often the bundled model is right, beside the word-list baseline: `python -m benchmarks.quality [--write]`.

Both see the 1,166 held-out mentions (no name of theirs is in training). `--write` puts the tables into
docs/model-card.md between the marks. Takes about a minute on two cores.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.markdown import Markdown

from nlp.analyze import Analyzer, Request
from nlp.sentiment import EMOTIONS, LABELS, SIGNALS, SentimentModel, load
from nlp.training.data import MENTIONS, Line, mention, read
from nlp.training.evaluate import calibration_error, macro_f1, score, truth
from storage.types import Analysis, DisclosureKind

CARD = Path(__file__).parents[1] / "docs" / "model-card.md"

Chosen = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Judged:
    """A model's word on every held-out line. `shares` has shape (lines, 3)."""

    name: str
    found: list[Analysis]
    shares: npt.NDArray[np.float64]

    @property
    def labels(self) -> npt.NDArray[np.int64]:
        best: npt.NDArray[np.int64] = self.shares.argmax(axis=1)
        return best


def judge(model: SentimentModel, lines: Sequence[Line], *, with_target: bool = True) -> Judged:
    pairs = [(line.text, line.target if with_target else None) for line in lines]
    found = Analyzer(model).analyze([Request(text, target) for text, target in pairs])
    shares = np.array([prediction.sentiment for prediction in model.predict(pairs)])
    return Judged(model.name, found, shares)


def write(name: str, text: str) -> None:
    """Replace what stands between `<!-- name -->` and `<!-- /name -->` in the model card."""
    card = CARD.read_text(encoding="utf-8")
    pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
    if not pattern.search(card):
        raise SystemExit(
            f"{CARD} has no <!-- {name} --> … <!-- /{name} --> to write into; put the two marks back"
        )
    CARD.write_text(pattern.sub(lambda match: f"{match[1]}{text}\n{match[2]}", card), encoding="utf-8")


def _sentiment(judged: Sequence[Judged], rows: list[dict[str, str]], lines: list[Line]) -> list[str]:
    right = truth(lines, "sentiment")
    slices: list[tuple[str, Callable[[int], bool]]] = [
        ("all", lambda index: True),
        ("Japanese", lambda index: rows[index]["lang"] == "ja"),
        ("English", lambda index: rows[index]["lang"] == "en"),
        ("plain wording", lambda index: rows[index]["style"] == "plain"),
        ("witty wording", lambda index: rows[index]["style"] == "witty"),
        ("posts", lambda index: rows[index]["source"] == "post"),
        ("reviews", lambda index: rows[index]["source"] == "review"),
        ("news", lambda index: rows[index]["source"] == "news"),
        ("sarcastic", lambda index: bool(lines[index].sarcasm)),
    ]
    heads = " | ".join(f"{each.name} macro-F1 | accuracy" for each in judged)
    table = [f"| slice | lines | {heads} |", "|---|" + "---:|" * (1 + 2 * len(judged))]
    for name, chosen in slices:
        pick = np.array([chosen(index) for index in range(len(lines))])
        cells = [
            f"{macro_f1(each.labels[pick], right[pick], classes=3):.3f} | {(each.labels == right)[pick].mean():.3f}"
            for each in judged
        ]
        table.append(f"| {name} | {pick.sum()} | {' | '.join(cells)} |")
    return table


def _confusion(judged: Judged, lines: list[Line]) -> list[str]:
    right = truth(lines, "sentiment")
    table = ["| is ↓ said → | positive | neutral | negative |", "|---|---:|---:|---:|"]
    for index, label in enumerate(LABELS):
        counts = [int(((right == index) & (judged.labels == said)).sum()) for said in range(3)]
        table.append(f"| {label.value} | {' | '.join(map(str, counts))} |")
    return table


def _questions(judged: Judged, lines: list[Line]) -> list[str]:
    """Each yes-or-no question, at the thresholds that the model brings (rules included for disclosure)."""
    kinds = truth(lines, "signals") == 1
    asked: list[tuple[str, Chosen, Chosen]] = [
        (
            "disclosure: sponsored",
            np.array([found.disclosure.kind is DisclosureKind.SPONSORED for found in judged.found]),
            truth(lines, "disclosure") == 1,
        ),
        ("sarcasm", np.array([found.sarcasm for found in judged.found]), truth(lines, "sarcasm") == 1),
    ]
    for index, kind in enumerate(SIGNALS):
        said = np.array([found.has(kind) for found in judged.found])
        asked.append((f"signal: {kind.value}", said, kinds[:, index]))
    table = ["| question | lines | precision | recall | F1 |", "|---|---:|---:|---:|---:|"]
    for name, said, right in asked:
        one = score(said, right)
        table.append(f"| {name} | {one.support} | {one.precision:.2f} | {one.recall:.2f} | {one.f1:.2f} |")
    return table


def _emotion(judged: Judged, lines: list[Line]) -> str:
    said = np.array([EMOTIONS.index(found.emotion) for found in judged.found])
    right = truth(lines, "emotion")
    each = ", ".join(f"{kind.value} {score(said == i, right == i).f1:.2f}" for i, kind in enumerate(EMOTIONS))
    mean = macro_f1(said, right, classes=len(EMOTIONS))
    return f"Emotion: accuracy {(said == right).mean():.3f}, macro-F1 {mean:.3f} ({each})."


def report() -> str:
    rows = list(read(MENTIONS / "mentions.dev.jsonl.gz"))
    lines = [mention(row) for row in rows]
    bundled, lexicon = load("bundled"), load("lexicon")
    ours, baseline = judge(bundled, lines), judge(lexicon, lines)
    untold = judge(bundled, lines, with_target=False)
    right = truth(lines, "sentiment")
    parts = [
        f"Measured {datetime.now(UTC):%Y-%m-%d} on {len(lines)} held-out mentions.",
        "",
        *_sentiment([ours, baseline], rows, lines),
        "",
        f"Not told the target: macro-F1 {macro_f1(untold.labels, right, classes=3):.3f}, accuracy"
        f" {(untold.labels == right).mean():.3f}. Expected calibration error of the confidence:"
        f" {calibration_error(ours.shares, right):.3f} (15 bins).",
        "",
        *_confusion(ours, lines),
        "",
        *_questions(ours, lines),
        "",
        _emotion(ours, lines),
    ]
    return "\n".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the tables into docs/model-card.md")
    arguments = parser.parse_args()
    text = report()
    Console().print(Markdown(text))
    if arguments.write:
        write("quality", text)


if __name__ == "__main__":
    main()
