"""`kikimimi backtest` as an operator meets it: a file of posts in, a table, JSON and a picture out."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.test_cli import kikimimi, write

BEGIN = datetime(2026, 8, 1, tzinfo=UTC)
BURST = BEGIN + timedelta(days=33, hours=4)
CONFIG = """
model: lexicon
storage: {path: var/own.db}
topics:
  - {name: ミナモ, brand: ミナモ珈琲}
"""
PLAIN = ("で仕事中", "に来た", "で待ち合わせ", "の前を通った", "で本を読む")
BLAME = ("の対応が最悪で怒り", "はひどい、不快", "にがっかり。最低", "の接客が最悪。二度と行かない")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("backtest")
    dice = random.Random(5)
    rows = [row(BEGIN + timedelta(days=40) * dice.random(), n, dice.choice(PLAIN)) for n in range(400)]
    rows += [row(BURST + timedelta(minutes=5 * n), 1000 + n, BLAME[n % 4]) for n in range(30)]
    write(folder / "posts.jsonl", sorted(rows, key=lambda one: one["created_at"]))
    (folder / "config.yaml").write_text(CONFIG, encoding="utf-8")
    (folder / "truth.csv").write_text(
        f"start,end,name\n{BURST.isoformat()},{(BURST + timedelta(hours=3)).isoformat()},接客の件\n", "utf-8"
    )
    return folder


def row(at: datetime, number: int, words: str) -> dict[str, str]:
    text = f"ミナモ珈琲{words} その{number}"
    return {"id": str(number), "author_id": f"a{number}", "text": text, "created_at": at.isoformat()}


def test_a_file_is_watched_again_and_nothing_is_stored(folder: Path) -> None:
    asked = ("--posts", "posts.jsonl", "--truth", "truth.csv", "--budgets", "0.25,1", "--every", "15")
    done = kikimimi("backtest", *asked, "--picture", "page.html", "--json", folder=folder)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["topic"] == "ミナモ"
    assert said["mentions"] == 430
    assert said["watched_from"] > "2026-08-10"
    budgets = [one["false_alerts_per_month"] for one in said["trials"]]
    assert {0.25, 1.0, said["false_alerts_per_month"]} == set(budgets)
    for one in said["trials"]:
        assert one["recall"] == 1.0
        assert one["missed"] == []
        first = one["incidents"][0]
        assert BURST.isoformat()[:10] == first["opened_at"][:10]
        assert 0 <= one["median_delay_min"] <= 90
    page = (folder / "page.html").read_text(encoding="utf-8")
    assert "バックテスト: ミナモ" in page
    assert "接客の件" in page
    assert page.count("現在の設定") == 3
    assert not (folder / "var" / "own.db").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--topic", "トマリギ"), "no topic of your own is called 'トマリギ'; config.yaml has ミナモ"),
        (("--budgets", "many"), "write numbers, as in 0.25,0.5,1"),
        (("--budgets", "0"), "more than 0"),
        (("--posts", "nowhere.csv"), "there is no file nowhere.csv"),
        (("--truth", "config.yaml"), "line 2, start: '' is not a time"),
        (("--truth", "gone.csv"), "gone.csv cannot be read"),
        (("--since", "yesterday"), "--since: 'yesterday' is not a time"),
        ((), "nothing is stored about ミナモ"),
    ],
)
def test_a_mistake_is_named_with_its_remedy(folder: Path, arguments: tuple[str, ...], words: str) -> None:
    done = kikimimi("backtest", *arguments, folder=folder)
    assert done.returncode in (1, 2)
    assert words in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
