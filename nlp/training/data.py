"""The lines a model learns from, each with the heads that it labels.

Mentions ship with the repository. Two public corpora are mixed in when they lie in the data folder (see
docs/model-card.md for where they come from): they label sentiment, and emotion for the English one, only.
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nlp.sentiment import EMOTIONS, LABELS, SIGNALS
from storage.types import Emotion, Label, SignalKind

MENTIONS = Path(__file__).parent / "data"
UNKNOWN = -1  # this line does not label this head: no loss

_ECONOMY_LINES = 4500
_GOEMOTIONS_LINES = 1500
_WITHOUT_TARGET = 0.35
_JOY = "admiration amusement approval caring excitement gratitude joy love optimism pride relief desire"
_EMOTIONS: dict[str, Emotion] = {
    **dict.fromkeys(_JOY.split(), Emotion.JOY),
    **dict.fromkeys(("anger", "annoyance", "disapproval"), Emotion.ANGER),
    **dict.fromkeys(("sadness", "disappointment", "embarrassment", "grief", "remorse"), Emotion.SADNESS),
    **dict.fromkeys(("fear", "nervousness"), Emotion.FEAR),
    "disgust": Emotion.DISGUST,
    "surprise": Emotion.SURPRISE,
    "neutral": Emotion.NONE,
}


@dataclass(frozen=True, slots=True)
class Line:
    """One training line. A class is its index in the head's order; UNKNOWN where the line does not say.

    `signals` are 0 or 1, empty when the line does not label them.
    """

    text: str
    target: str | None
    sentiment: int
    emotion: int = UNKNOWN
    signals: tuple[int, ...] = ()
    disclosure: int = UNKNOWN
    sarcasm: int = UNKNOWN
    lang: str = "ja"


def read(path: Path) -> Iterator[dict[str, Any]]:
    """The JSON objects of a gzipped JSONL file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def mention(row: Mapping[str, Any]) -> Line:
    return Line(
        text=row["text"],
        target=row["target"],
        sentiment=LABELS.index(Label(row["sentiment"])),
        emotion=EMOTIONS.index(Emotion(row["emotion"])),
        signals=tuple(int(kind in map(SignalKind, row["signals"])) for kind in SIGNALS),
        disclosure=int(row["disclosure"] == "sponsored"),
        sarcasm=int(row["sarcasm"]),
        lang=row["lang"],
    )


def mentions(split: str) -> list[Line]:
    """ "train" or "dev" of the mention corpus."""
    return [mention(row) for row in read(MENTIONS / f"mentions.{split}.jsonl.gz")]


def hold_out(lines: list[Line], *, share: float = 0.08, seed: int = 7) -> tuple[list[Line], list[Line]]:
    """(training, calibration), split by target so that no name is in both."""
    targets = sorted({line.target or "" for line in lines})
    random.Random(seed).shuffle(targets)
    held = set(targets[: int(len(targets) * share)])
    return [x for x in lines if x.target not in held], [x for x in lines if x.target in held]


def epoch(training: list[Line], folder: Path, *, seed: int, mix: float = 1.0) -> list[Line]:
    """One epoch's lines, shuffled: the mentions, a share of them again without target, and the mixed-in.

    `mix` is the part of the usual number of lines that is taken from the public corpora.
    """
    chance = random.Random(seed)
    lines = list(training)
    lines += [replace(x, target=None) for x in training if chance.random() < _WITHOUT_TARGET]
    lines += _economy(folder, chance, mix) + _goemotions(folder, chance, mix)
    chance.shuffle(lines)
    return lines


def _economy(folder: Path, chance: random.Random, mix: float) -> list[Line]:
    path = folder / "text" / "economy_watchers.train.jsonl.gz"
    if not path.exists():
        return []
    lines = [Line(row["text"], None, LABELS.index(Label(row["sentiment"]))) for row in read(path)]
    return _balanced(lines, round(_ECONOMY_LINES * mix), chance)


def _goemotions(folder: Path, chance: random.Random, mix: float) -> list[Line]:
    path = folder / "text" / "goemotions_en.train.jsonl.gz"
    if not path.exists():
        return []
    lines = []
    for row in read(path):
        emotions = {_EMOTIONS.get(raw) for raw in row["raw"]}
        emotion = emotions.pop() if len(emotions) == 1 else None
        index = UNKNOWN if emotion is None else EMOTIONS.index(emotion)
        lines.append(Line(row["text"], None, LABELS.index(Label(row["sentiment"])), index, lang="en"))
    return _balanced(lines, round(_GOEMOTIONS_LINES * mix), chance)


def _balanced(lines: list[Line], count: int, chance: random.Random) -> list[Line]:
    chosen: list[Line] = []
    for label in range(len(LABELS)):
        of_label = [line for line in lines if line.sentiment == label]
        chosen += chance.sample(of_label, min(len(of_label), count // len(LABELS)))
    return chosen
