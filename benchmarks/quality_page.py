"""The quality figures as Markdown for the model card. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.card import table
from benchmarks.figures import Trained
from nlp.sentiment import LABELS

Figures = Mapping[str, Any]

_NAMES = {
    "mentions": "held-out mentions",
    "hotel": "hotel",
    "shop": "shop",
    "forum": "forum",
    "crisis": "crisis",
}
_LONGEST = 160


def whole(said: Figures) -> str:
    """Everything, for the terminal."""
    parts = [quality(said), "## Beside others", peers(said)]
    if said["rounding"]:
        parts += ["## int8 and fp32", rounding(said)]
    return "\n\n".join([*parts, "## Surest errors", failures(said)])


def quality(said: Figures) -> str:
    return "\n".join(
        [
            f"Measured {said['measured']}: {said['model']} on {said['lines']['mentions']} held-out mentions. F1 is the"
            " mean of the three classes' F1.",
            "",
            *_slices(said),
            "",
            *_confusion(said),
            "",
            *_questions(said),
            "",
            _emotion(said),
            "",
            f"Expected calibration error of the confidence: {said['ece']:.3f} (15 bins).",
            "",
            *_reliability(said),
            "",
            *_names(said),
        ]
    )


def _slices(said: Figures) -> list[str]:
    head = ["slice", "lines", "F1", "accuracy", "F1, target not told", f"F1 of {said['lexicon']}", "accuracy"]
    rows = [
        [
            f"{row['group']}: {row['slice']}" if row["group"] else f"**{row['slice']}**",
            str(row["lines"]),
            *(f"{row['ours'][rate]:.3f}" for rate in ("macro_f1", "accuracy")),
            f"{row['untold']['macro_f1']:.3f}",
            *(f"{row['lexicon'][rate]:.3f}" for rate in ("macro_f1", "accuracy")),
        ]
        for row in said["slices"]
    ]
    return table(head, rows)


def _confusion(said: Figures) -> list[str]:
    words = [label.value for label in LABELS]
    rows = [[word, *map(str, counts)] for word, counts in zip(words, said["confusion"], strict=True)]
    return table(["is ↓ said →", *words], rows)


def _questions(said: Figures) -> list[str]:
    rows = [
        [
            one["question"],
            str(one["support"]),
            *(f"{one[rate]:.2f}" for rate in ("precision", "recall", "f1")),
        ]
        for one in said["questions"]
    ]
    return table(["question", "lines", "precision", "recall", "F1"], rows)


def _emotion(said: Figures) -> str:
    found = said["emotion"]
    each = ", ".join(f"{name} {value:.2f}" for name, value in found["f1"].items())
    return f"Emotion: accuracy {found['accuracy']:.3f}, macro-F1 {found['macro_f1']:.3f} ({each})."


def _reliability(said: Figures) -> list[str]:
    rows = [
        [
            f"{one['low']:.2f}–{one['high']:.2f}",
            str(one["lines"]),
            f"{one['sure']:.2f}",
            f"{one['right']:.2f}",
        ]
        for one in said["reliability"]
    ]
    return table(["confidence", "lines", "mean confidence", "right"], rows)


def _names(said: Figures) -> list[str]:
    found = said["names"]
    rows = [[one["name"], f"{100 * one['same']:.1f} %", f"{one['accuracy']:.3f}"] for one in found["names"]]
    return [
        f"The same {found['lines']} mentions about another brand (accuracy with their own name"
        f" {found['accuracy']:.3f}):",
        "",
        *table(["name put in", "same label", "accuracy"], rows),
    ]


def peers(said: Figures) -> str:
    """Accuracy and macro-F1 of everyone on the same Japanese lines."""
    sets = [name for name in _NAMES if name in said["lines"]]
    rows = []
    for one in said["beside"]:
        if "problem" in one:
            rows.append([f"{one['name']} (did not run: {one['problem']})", *["–"] * len(sets)])
        else:
            cells = [f"{one[name]['accuracy']:.3f} · {one[name]['macro_f1']:.3f}" for name in sets]
            rows.append([one["name"], *cells])
    return "\n".join(
        [
            f"Measured {said['measured']}, in one run on the same Japanese lines: accuracy · macro-F1.",
            "",
            *table(["", *(_NAMES[name] for name in sets)], rows),
        ]
    )


def rounding(said: Figures) -> str:
    found = said["rounding"]
    return (
        f"int8 gives {100 * found['same_labels']:.1f} % of the held-out mentions the label of fp32; macro-F1"
        f" {found['fp32_macro_f1']:.3f} in fp32, so int8 loses {100 * found['loss']:.1f} points."
    )


def failures(said: Figures) -> str:
    """The surest errors, grouped by what is particular about them, the largest group first."""
    groups = Counter(one["slice"] for one in said["failures"])
    parts = []
    for name, _ in groups.most_common():
        parts.append(f"{name[:1].upper()}{name[1:]}:\n")
        parts += [_failure(one) for one in said["failures"] if one["slice"] == name]
        parts.append("")
    return "\n".join(parts)


def _failure(one: Figures) -> str:
    text = " ".join(one["text"].split())
    text = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    target = f" toward {one['target']}" if one["target"] else ""
    return f"- 「{text}」 is {one['is']}{target}; it said {one['said']}, {one['confidence']:.2f} sure."


def learning(runs: Sequence[Trained]) -> str:
    ordered = sorted(runs, key=lambda run: run.mentions)
    rows = [[f"{run.mentions:,}", f"{run.dev_macro_f1:.3f}", run.note] for run in ordered]
    return "\n".join(table(["mentions learned from", "macro-F1, held out", ""], rows))
