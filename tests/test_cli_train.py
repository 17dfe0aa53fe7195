"""`kikimimi train` as a user meets it: corrections in, a model out that `model:` takes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.nlp.small import small_encoder
from tests.test_cli import CONFIG, kikimimi, write


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation where a person corrected one mention and confirmed another."""
    folder = tmp_path_factory.mktemp("train")
    texts = ("ミナモ珈琲、さすがの待ち時間ですね", "ミナモ珈琲のラテ最高", "ミナモ珈琲に寄った")
    post = {"author": "ゆき", "created_at": "2026-11-01T09:00:00+09:00"}
    write(folder / "posts.jsonl", [{**post, "id": str(n), "text": text} for n, text in enumerate(texts)])
    (folder / "config.yaml").write_text(CONFIG, encoding="utf-8")
    (folder / "base").mkdir()
    small_encoder(folder / "base")
    for arguments in (
        ("collect", "posts", "--once"),
        ("correct", "1", "--sentiment", "negative", "--signal", "complaint", "--by", "広報"),
        ("correct", "2", "--confirm", "--by", "広報"),
    ):
        done = kikimimi(*arguments, folder=folder)
        assert done.returncode == 0, done.stderr
    return folder


def test_corrections_are_learned_from_and_the_model_can_be_used(folder: Path) -> None:
    wanted = ("--start", "base", "--epochs", "1", "--limit", "64", "--name", "own-7", "--device", "cpu")
    done = kikimimi("train", "--out", "models", *wanted, "--with-corrections", folder=folder)
    assert done.returncode == 0, done.stderr
    assert "2 corrections to learn from" in done.stderr
    assert "models/model" in done.stderr
    table = [line.split("│") for line in done.stdout.splitlines() if "│" in line]
    counts = {cells[1].strip(): cells[2].strip() for cells in table}
    assert counts == {"held-out mentions": "1166", "corrections (learned)": "2"}
    lines = folder / "lines.jsonl"
    write(lines, [{"text": "ミナモ珈琲の店員さん親切", "target": "ミナモ珈琲"}])
    scored = kikimimi("score", "--file", "lines.jsonl", "--model", "models/model", folder=folder)
    assert scored.returncode == 0, scored.stderr
    assert json.loads(scored.stdout)["model"] == "own-7"


def test_a_start_without_a_model_says_what_is_missing(folder: Path) -> None:
    (folder / "empty").mkdir()
    done = kikimimi("train", "--out", "models2", "--start", "empty", folder=folder)
    assert done.returncode == 1
    assert "empty has no tokenizer.json" in done.stderr
    assert "Traceback" not in done.stderr
