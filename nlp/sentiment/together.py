"""Several sources' posts in one batch: while the model is busy, who comes waits, and is then judged together.

A source brings a handful of posts at a time, and a model is several times as fast on many as on few. Nobody waits
for company: a caller that finds the model free is served at once.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from nlp.sentiment import Prediction, SentimentModel, Thresholds, predict_once

_MOST = 512  # texts in one batch, so that a backlog does not make the next caller wait for all of it


@dataclass(slots=True)
class _Call:
    """One caller's texts and their answers, None until they are there."""

    texts: Sequence[tuple[str, str | None]]
    found: list[Prediction] | None = None


class Together:
    """A model whose concurrent callers share its batches. The same answers.

    Where a batch fails, the error goes to the caller who ran it, and the others try again by themselves.
    """

    def __init__(self, model: SentimentModel) -> None:
        self._model = model
        self._waiting: list[_Call] = []
        self._list = threading.Lock()
        self._busy = threading.Lock()

    @property
    def name(self) -> str:
        return self._model.name

    @property
    def thresholds(self) -> Thresholds:
        return self._model.thresholds

    def predict(self, texts: Sequence[tuple[str, str | None]]) -> list[Prediction]:
        call = _Call(texts)
        with self._list:
            self._waiting.append(call)
        with self._busy:
            if call.found is None:  # else whoever was busy before has answered already
                self._serve(self._with(call))
        return call.found or []

    def predict_once(self, texts: Sequence[tuple[str, str | None]]) -> list[Prediction]:
        """As `predict`, but on its own and out of the model's memory."""
        return predict_once(self._model, texts)

    def _with(self, mine: _Call) -> list[_Call]:
        """My call and those that wait besides, as many as go into one batch."""
        chosen, room = [mine], _MOST - len(mine.texts)
        with self._list:
            for other in self._waiting:
                if other is not mine and len(other.texts) <= room:
                    chosen.append(other)
                    room -= len(other.texts)
            self._waiting = [call for call in self._waiting if not any(call is one for one in chosen)]
        return chosen

    def _serve(self, calls: list[_Call]) -> None:
        """Answer all of them in one batch."""
        found = self._model.predict([text for call in calls for text in call.texts])
        at = 0
        for call in calls:
            call.found = found[at : at + len(call.texts)]
            at += len(call.texts)
