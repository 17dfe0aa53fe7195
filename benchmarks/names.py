"""How much a bare name weighs: the same lines about other brands should get the same answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from nlp.analyze import model_input
from nlp.sentiment import SentimentModel
from nlp.training.data import Line, is_plain_name, renamed

#: Invented, of several trades and scripts, and no name of the training lines.
OTHERS = (
    "ミナモ珈琲",
    "ひがし湊銀行",
    "ツキヨミ物語",
    "Lumoa",
    "鉄板まるやま",
    "ソラトモバイル",
    "月影温泉",
    "ノルテ化粧品",
)


def measure(model: SentimentModel, lines: Sequence[Line]) -> dict[str, Any]:
    """Of the lines whose target can be exchanged: the share that keeps its label, and is right, with each name."""
    fit = [line for line in lines if line.target and is_plain_name(line)]
    right = np.array([line.sentiment for line in fit])
    own = _labels(model, fit)
    rows = []
    for name in OTHERS:
        said = _labels(model, [renamed(line, name) for line in fit])
        same, accuracy = float((said == own).mean()), float((said == right).mean())
        rows.append({"name": name, "same": round(same, 4), "accuracy": round(accuracy, 4)})
    return {"lines": len(fit), "accuracy": round(float((own == right).mean()), 4), "names": rows}


def _labels(model: SentimentModel, lines: Sequence[Line]) -> npt.NDArray[np.int64]:
    said = model.predict([model_input(line.text, line.target) for line in lines])
    return np.array([int(np.argmax(each.sentiment)) for each in said])
