"""The lines a model learns from, each with the heads that it labels.

Mentions ship with the repository. Two public corpora are mixed in when they lie in the data folder (see
docs/model-card.md for where they come from): they label sentiment, and emotion for the English one, only.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nlp.sentiment import EMOTIONS, LABELS, SIGNALS
from storage.types import Emotion, Label

MENTIONS = Path(__file__).parent / "data"
#: Own lines that are only ever tested on; crisis: posts with a target, of the first hours of an affair.
SLICES = ("hotel", "shop", "forum", "crisis")
UNKNOWN = -1  # this line does not label this head: no loss

_ECONOMY_LINES = 4500
_GOEMOTIONS_LINES = 1500
_WITHOUT_TARGET = 0.35
_RENAMED = 0.5  # of the mentions in an epoch: what is said counts, not of whom
_TAGGED = 0.15  # of the short ones: the name stands (again) at the end, as a tag does
_SHORT = 60  # characters
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

    `signals` are 0, 1 or UNKNOWN, empty when the line labels none of them. `weight`: of its loss.
    """

    text: str
    target: str | None
    sentiment: int
    emotion: int = UNKNOWN
    signals: tuple[int, ...] = ()
    disclosure: int = UNKNOWN
    sarcasm: int = UNKNOWN
    lang: str = "ja"
    weight: float = 1.0


def read(path: Path) -> Iterator[dict[str, Any]]:
    """The JSON objects of a gzipped JSONL file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def mention(row: Mapping[str, Any], *, weight: float = 1.0) -> Line:
    """A line of the corpus. What a row lacks or has as null is UNKNOWN, as are the signals that it calls `unsure`."""
    signals, unsure = row.get("signals"), row.get("unsure", ())
    disclosure, sarcasm, emotion = row.get("disclosure"), row.get("sarcasm"), row.get("emotion")
    return Line(
        text=row["text"],
        target=row.get("target"),
        sentiment=LABELS.index(Label(row["sentiment"])) if row.get("sentiment") else UNKNOWN,
        emotion=EMOTIONS.index(Emotion(emotion)) if emotion else UNKNOWN,
        signals=()
        if signals is None
        else tuple(UNKNOWN if kind.value in unsure else int(kind.value in signals) for kind in SIGNALS),
        disclosure=UNKNOWN if disclosure is None else int(disclosure == "sponsored"),
        sarcasm=UNKNOWN if sarcasm is None else int(sarcasm),
        lang=row.get("lang") or "ja",
        weight=weight,
    )


def mentions(split: str) -> list[Line]:
    """ "train", "written" or "dev" of the mention corpus, or one of SLICES."""
    return [mention(row) for row in read(MENTIONS / f"mentions.{split}.jsonl.gz")]


def corpus() -> tuple[list[Line], list[Line]]:
    """(training, calibration): every mention that may be learned from, and those kept to calibrate on.

    Calibration lines share neither a name nor a text with training. The mentions written where the model was wrong
    are not among them: rare answers are several times as frequent there as in life, and thresholds follow that.
    """
    training, held = hold_out(mentions("train"))
    texts, names = {line.text for line in held}, {line.target for line in held}
    written = [line for line in mentions("written") if line.text not in texts and line.target not in names]
    return training + written, held


def hold_out(lines: list[Line], *, share: float = 0.08, seed: int = 7) -> tuple[list[Line], list[Line]]:
    """(training, calibration), split by target so that no name is in both."""
    targets = sorted({line.target or "" for line in lines})
    random.Random(seed).shuffle(targets)
    held = set(targets[: int(len(targets) * share)])
    return [x for x in lines if x.target not in held], [x for x in lines if x.target in held]


def epoch(training: list[Line], folder: Path | None, *, seed: int, mix: float = 1.0) -> list[Line]:
    """One epoch's lines, shuffled: the mentions, a share of them again without target, and the mixed-in.

    `mix` is the part of the usual number of lines that is taken from the public corpora.
    """
    chance = random.Random(seed)
    lines = _retold(training, chance)
    lines += [replace(x, target=None) for x in _of_one_mind(training) if chance.random() < _WITHOUT_TARGET]
    if folder:
        lines += _economy(folder, chance, mix) + _goemotions(folder, chance, mix)
    chance.shuffle(lines)
    return lines


def _retold(training: list[Line], chance: random.Random) -> list[Line]:
    """The lines with other names and, where short, with the name at another place; labels hold as they are.

    Without it the model holds some names for good news: of 24 short curses it called 11 praise when they were about
    「ミナモ珈琲」, 4 when about 「みなと銀行」.
    """
    names = sorted({line.target for line in training if line.target and is_plain_name(line)})
    lines = []
    for line in training:
        if is_plain_name(line) and chance.random() < _RENAMED:
            other = chance.choice(names)
            line = line if other in line.text else renamed(line, other)
        if (
            line.target
            and len(line.text) <= _SHORT
            and line.target in line.text
            and chance.random() < _TAGGED
        ):
            line = replace(line, text=_tagged(line.text, line.target, chance))
        lines.append(line)
    return lines


def renamed(line: Line, name: str) -> Line:
    """The same said of `name`."""
    return replace(line, text=line.text.replace(line.target or name, name), target=name)


def is_plain_name(line: Line) -> bool:
    """The target has some length and stands in the text, and in no longer Latin word."""
    name = line.target or ""
    if len(name) < 3 or name not in line.text:
        return False
    return not re.search(rf"[A-Za-z]{re.escape(name)}|{re.escape(name)}[A-Za-z]", line.text)


def _tagged(text: str, name: str, chance: random.Random) -> str:
    """「名前、もう無理」 or 「名前もう無理」 as 「もう無理 名前」 or with the name at both ends."""
    body = re.sub(rf"^{re.escape(name)}[、,。 　！!]\s*", "", text)
    return f"{body or text}{chance.choice((' ', ' ', chr(10), '。', '　'))}{name}"


def _of_one_mind(lines: list[Line]) -> list[Line]:
    """The lines whose text can be judged without its target: no other brand in it is judged otherwise."""
    verdicts: dict[str, set[int]] = {}
    for line in lines:
        verdicts.setdefault(line.text, set()).add(line.sentiment)
    return [line for line in lines if line.target and len(verdicts[line.text]) == 1]


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
