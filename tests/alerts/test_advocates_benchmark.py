"""The invented population: repeatable, without its labels in the file, and judged by figures that are right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from benchmarks.advocates import figures
from benchmarks.population import ADVOCATES, DAYS, FORBIDDEN, SHARES, START, population, rows
from benchmarks.remembered import Remembered
from listener.collectors.columns import COLUMNS
from nlp.sentiment import Prediction, Thresholds


def test_a_seed_is_a_population() -> None:
    assert population(5, 300) == population(5, 300)
    assert population(5, 300) != population(6, 300)


def test_the_file_has_known_columns_only_and_no_label() -> None:
    writers = population(5, 400)
    written = list(rows(writers))
    assert all(set(row) <= set(COLUMNS) for row in written)
    kinds = {*SHARES, "passer_by"}
    assert not [row for row in written if any(kind in str(value) for value in row.values() for kind in kinds)]
    assert len({(row["source"], row["id"]) for row in written}) == len(written)
    times = [row["created_at"] for row in written]
    assert times == sorted(times)
    assert START.isoformat() <= times[0]
    assert times[-1] < (START + timedelta(days=DAYS)).isoformat()


def test_classes_have_realistic_sizes() -> None:
    count = Counter(writer.kind for writer in population(5, 1000))
    assert 0.01 <= sum(count[kind] for kind in ADVOCATES) / 1000 <= 0.03
    assert all(count[kind] for kind in FORBIDDEN)
    assert count["passer_by"] > 400


def test_honest_people_write_alike_by_chance() -> None:
    texts = Counter(
        text
        for writer in population(5, 1000)
        if writer.kind != "bot"
        for text in {post.text for post in writer.posts}
    )
    assert sum(times > 1 for times in texts.values()) > 100


def test_the_figures() -> None:
    kinds = {"a": "advocate", "b": "casual", "c": "influencer_unpaid", "d": "bot", "e": "advocate"}
    found = figures(["a", "b", "c", "d"], kinds)
    assert found["average_precision"] == pytest.approx((1 + 2 / 3) / 3, abs=1e-4)
    assert found["precision_at_50"] == 2 / 50
    assert found["forbidden_in_100"] == {"bot": 1}
    twice = figures(["a", "a", "c", "e"], kinds)  # a writer listed twice counts once
    assert twice["average_precision"] == 1


class _Counting:
    """A model that counts what it is asked."""

    name = "counting-1"
    thresholds = Thresholds()

    def __init__(self) -> None:
        self.asked = 0

    def predict(self, texts: Sequence[tuple[str, str | None]]) -> list[Prediction]:
        self.asked += len(texts)
        return [Prediction((len(text) / 100, 0.0, 0.1), (), (0.5,) * 11, 0.25, 0.125) for text, _ in texts]


def test_a_text_is_read_once(tmp_path: Path) -> None:
    model = _Counting()
    asked = [("おいしい", "ミナモ"), ("おいしい", None), ("おいしい", "ミナモ")]
    first = Remembered(model, tmp_path / "said.sqlite").predict(asked)
    again = Remembered(model, tmp_path / "said.sqlite").predict(asked)
    assert model.asked == 2
    assert first == again == model.predict(asked)
