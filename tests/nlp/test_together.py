"""Callers that come while the model is busy share its next batch, and get their own answers."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from nlp.sentiment import Prediction, Thresholds
from nlp.sentiment.together import Together, _Call


class Slow:
    """Answers with the text's length, after `gate` opens; fails on the text "bad"."""

    name = "slow-1"
    thresholds = Thresholds()

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.batches: list[int] = []

    def predict(self, texts: Sequence[tuple[str, str | None]]) -> list[Prediction]:
        self.batches.append(len(texts))
        assert self.gate.wait(10)
        if any(text == "bad" for text, _ in texts):
            raise RuntimeError("bad text")
        return [Prediction(sentiment=(float(len(text)), 0.0, 0.0)) for text, _ in texts]


def asked(model: Together, count: int, letter: str) -> list[float]:
    return [found.sentiment[0] for found in model.predict([(letter * n, None) for n in range(1, count + 1)])]


def test_who_waits_is_served_together_and_rightly() -> None:
    slow = Slow()
    model = Together(slow)
    with ThreadPoolExecutor(9) as pool:
        calls = [pool.submit(asked, model, count, "あ") for count in range(1, 10)]
        while len(model._waiting) < 8:  # all but the one that is being served
            threading.Event().wait(0.01)
        slow.gate.set()
        assert [call.result(10) for call in calls] == [
            [float(n) for n in range(1, count + 1)] for count in range(1, 10)
        ]
    assert len(slow.batches) == 2
    assert sum(slow.batches) == 45
    assert model._waiting == []


def test_a_failure_is_told_and_leaves_nothing_behind() -> None:
    slow = Slow()
    slow.gate.set()
    model = Together(slow)
    with pytest.raises(RuntimeError, match="bad text"):
        model.predict([("bad", None)])
    assert model._waiting == []
    assert asked(model, 2, "う") == [1.0, 2.0]


def test_who_shared_a_failed_batch_tries_again_alone() -> None:
    slow = Slow()
    slow.gate.set()
    model = Together(slow)
    bad, good = _Call([("bad", None)]), _Call([("うう", None)])
    model._waiting += [bad, good]
    with pytest.raises(RuntimeError, match="bad text"):
        model._serve(model._with(bad))
    model._serve(model._with(good))  # what its thread does when it gets its turn
    assert good.found == [Prediction(sentiment=(2.0, 0.0, 0.0))]
    assert slow.batches == [2, 1]


def test_nothing_asked_is_nothing_answered() -> None:
    slow = Slow()
    slow.gate.set()
    assert Together(slow).predict([]) == []
    assert Together(slow).name == "slow-1"
