"""`kikimimi review`, `correct` and `corrections export`, as a person or a script meets them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from nlp.analyze import model_input
from nlp.training.data import mention as training_line
from storage.db import Store
from tests.test_cli import kikimimi, write

CONFIG = """
model: lexicon
review: {min_confidence: 1}
topics:
  - {name: ミナモ, brand: ミナモ珈琲, aliases: [ミナモ]}
  - {name: トマリギ, brand: トマリギコーヒー, own: false}
sources:
  - {name: posts, kind: file, path: posts.jsonl}
"""
TEXTS = {
    "a": "#ミナモ珈琲 のラテ、微妙だけど悪くない #ミナモ珈琲",
    "b": "ミナモ、最高。ただし待ち時間は最悪",
    "c": "トマリギコーヒーは最高だったりひどかったり",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    now = datetime.now(UTC)
    rows = [
        {"id": name, "author": name, "text": text, "created_at": (now - timedelta(hours=turn)).isoformat()}
        for turn, (name, text) in enumerate(TEXTS.items(), start=1)
    ]
    write(tmp_path / "posts.jsonl", rows)
    (tmp_path / "config.yaml").write_text(CONFIG, encoding="utf-8")
    done = kikimimi("collect", "posts", "--once", folder=tmp_path)
    assert json.loads(done.stdout)["mentions"] == 3, done.stderr
    return tmp_path


def waiting(folder: Path, *more: str) -> dict[str, int]:
    """The numbers of the mentions that wait, by the post's own id."""
    done = kikimimi("review", "--json", *more, folder=folder)
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    assert all(one["why"] == "doubt" and 0 <= one["margin"] <= 1 for one in found)
    return {one["mention"]["external_id"]: one["mention"]["id"] for one in found}


def correct(folder: Path, number: int, *words: str) -> dict[str, Any]:
    done = kikimimi("correct", str(number), *words, "--json", folder=folder)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_a_mention_is_reviewed_corrected_and_undone(folder: Path) -> None:
    numbers = waiting(folder)
    assert set(numbers) == {"a", "b"}
    assert set(waiting(folder, "--topic", "トマリギ")) == {"c"}
    table = kikimimi("review", folder=folder).stdout
    assert "待ち時間は最悪" in table
    told = correct(
        folder, numbers["b"], "--sentiment", "negative", "--signal", "complaint", "--signal", "warn",
        "--emotion", "anger", "--disclosure", "organic", "--no-sarcasm", "--by", "佐藤", "--note", "行列",
    )  # fmt: skip
    assert told["sentiment"]["label"] == "negative"
    assert [one["kind"] for one in told["signals"]] == ["complaint", "warn"]
    assert (told["correction"]["by"], told["correction"]["note"]) == ("佐藤", "行列")
    assert told["model_said"]["sentiment"]["model"] != "person"
    assert set(waiting(folder)) == {"a"}
    done = kikimimi("correct", str(numbers["b"]), "--undo", folder=folder)
    assert f"mention {numbers['b']}:" in done.stdout
    assert "as the model judged it" in done.stdout
    assert set(waiting(folder)) == {"a", "b"}
    with Store.open(f"sqlite:///{folder}/var/kikimimi.db") as store:
        assert store.integrity() == []
        told_us, took_back = store.judgements.corrections_of(numbers["b"])
        assert told_us.by == "佐藤"
        assert took_back.by  # whoever is logged in


def test_set_aside_confirmed_and_nothing_left(folder: Path) -> None:
    numbers = waiting(folder)
    done = kikimimi("correct", str(numbers["a"]), "--irrelevant", "--by", "佐藤", folder=folder)
    assert "not about ミナモ, counts nowhere (says 佐藤)" in done.stdout
    confirmed = kikimimi("correct", str(numbers["b"]), "--confirm", "--by", "佐藤", folder=folder)
    assert "(says 佐藤; the model:" in confirmed.stdout
    assert "Nothing waits" in kikimimi("review", folder=folder).stderr
    exported = kikimimi("export", "mentions", "--format", "jsonl", folder=folder).stdout
    assert [json.loads(line)["post"]["external_id"] for line in exported.splitlines()] == ["b", "c"]
    counts = kikimimi("export", "history", "--topic", "ミナモ", "--format", "jsonl", folder=folder).stdout
    assert sum(json.loads(line)["volume"] for line in counts.splitlines()) == 1


def test_corrections_are_exported_as_training_lines(folder: Path) -> None:
    numbers = waiting(folder)
    correct(folder, numbers["a"], "--sentiment", "neutral", "--no-signals")
    correct(folder, numbers["b"], "--confirm")
    done = kikimimi("corrections", "export", "lessons.jsonl", folder=folder)
    assert done.returncode == 0, done.stderr
    assert "2 corrected mentions" in done.stderr
    text = (folder / "lessons.jsonl").read_text(encoding="utf-8")
    first, second = (json.loads(line) for line in text.splitlines())
    words, target = model_input(TEXTS["a"], "ミナモ珈琲")
    assert first == {
        "text": words, "target": target, "sentiment": "neutral", "signals": [], "disclosure": None,
        "emotion": None, "sarcasm": None, "lang": "ja", "source": "post",
    }  # fmt: skip
    assert (first["target"], second["target"]) == ("ミナモ珈琲", "ミナモ")
    assert None not in second.values()
    assert training_line(first).sentiment == 1
    assert kikimimi("corrections", "export", "-", folder=folder).stdout == text


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("correct", "999", "--confirm"), 1, "kikimimi review"),
        (("correct", "1"), 2, "--irrelevant or --undo"),
        (("correct", "1", "--confirm", "--undo"), 2, "one thing"),
        (("correct", "1", "--sentiment", "negative", "--irrelevant"), 2, "one thing"),
        (("correct", "1", "--signal", "warn", "--no-signals"), 2, "one thing"),
        (("correct", "1", "--sentiment", "angry"), 2, "angry"),
        (("correct", "1", "--undo"), 1, "no correction to undo"),
        (("review", "--topic", "なし"), 1, "ミナモ"),
        (("corrections", "export", "no/such/folder/x.jsonl"), 1, "FILE: no/such/folder"),
        (("corrections",), 2, "export"),
    ],
)
def test_a_mistake_gets_words_and_an_exit_code(
    folder: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    done = kikimimi(*words, folder=folder)
    assert done.returncode == code, done.stderr
    assert said in done.stderr + (done.stdout if words == ("corrections",) else "")
    assert "Traceback" not in done.stderr
