"""`kikimimi prospects` as a person or a script meets it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from storage.db import Store
from tests.alerts.made import NOW
from tests.alerts.prospects_made import year
from tests.test_cli import kikimimi, write
from tests.test_cli_handing import PRAISE

CONFIG = """
language: ja
model: lexicon
storage: {path: k.db}
topics:
  - {name: ミナモ珈琲, brand: ミナモ珈琲}
  - {name: 隣の店, brand: となり珈琲, own: false}
sources:
  - {name: posts, kind: file, path: posts.jsonl}
"""
AT = NOW.isoformat()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prospects")
    (folder / "config.yaml").write_text(CONFIG, encoding="utf-8")
    (folder / "posts.jsonl").write_text("", encoding="utf-8")
    with Store.open(f"sqlite:///{folder / 'k.db'}") as store:
        mentions = [one for _, posts in year() for one in posts]
        store.save_page(source="posts", kind="file", mentions=mentions, seen=[], cursor={}, at=NOW)
    return folder


def asked(folder: Path, *arguments: str) -> Mapping[str, Any]:
    done = kikimimi("prospects", "--json", "--at", AT, *arguments, folder=folder)
    assert done.returncode == 0, done.stderr
    (found,) = json.loads(done.stdout)
    return dict(found)


def test_who_may_become_one(folder: Path) -> None:
    found = asked(folder, "--limit", "5")
    assert (found["topic"], found["fallback"], len(found["prospects"])) == ("ミナモ珈琲", None, 5)
    first = found["prospects"][0]
    assert 0 < first["low"] <= first["probability"] <= first["high"] <= 1
    assert first["author"]["name"].startswith("fan")
    assert first["influences"][0]["words"].startswith("いまの調子が続くと、60日後のスコアは")
    assert "基準" in first["missing"]["words"]
    assert len(first["evidence"]) == len(first["evidence_ids"]) > 0


def test_how_often_it_was_right(folder: Path) -> None:
    done = kikimimi("prospects", "--backtest", "--at", AT, "--out", "right.html", folder=folder)
    assert done.returncode == 0, done.stderr
    assert "毎月の上位10人" in done.stderr.replace("\n", "")
    assert "AUC" in done.stdout
    page = (folder / "right.html").read_text(encoding="utf-8")
    assert page.count('<g class="measured">') >= 3
    assert "<script" not in page
    assert "fan" not in page
    found = asked(folder, "--backtest")
    assert "prospects" not in found
    assert found["backtest"]["model"]["auc"] > found["backtest"]["mentions"]["auc"]


def test_a_file_of_three_months_is_ranked_by_score_and_says_so(tmp_path: Path) -> None:
    """From files alone: posts in by the file source, prospects out."""
    (tmp_path / "config.yaml").write_text(CONFIG, encoding="utf-8")
    now = datetime.now(UTC)
    rows = [
        {
            "id": f"{who}-{week}", "author": who, "author_id": who, "source": "mastodon", "text": text,
            "created_at": (now - timedelta(days=7 * week + 2, hours=len(who) * week)).isoformat(),
        }
        for who, texts in PRAISE.items() for week, text in enumerate(texts)
    ]  # fmt: skip
    write(tmp_path / "posts.jsonl", rows)
    assert kikimimi("collect", "posts", "--once", folder=tmp_path).returncode == 0
    done = kikimimi("prospects", "--json", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    (found,) = json.loads(done.stdout)
    assert found["fallback"]["code"] == "short_history"
    assert found["backtest"] is None
    assert {one["author"]["name"] for one in found["prospects"]} == {"yuki", "sora"}
    scores = [one["score"] for one in found["prospects"]]
    assert scores == sorted(scores, reverse=True)
    assert {one["probability"] for one in found["prospects"]} == {None}
    told = kikimimi("prospects", folder=tmp_path)
    assert "スコアの高い順に並べています" in told.stderr.replace("\n", "")
    assert "yuki" in told.stdout
    assert kikimimi("prospects", "--backtest", "--out", "none.html", folder=tmp_path).returncode == 0
    assert "スコアの高い順に並べています" in (tmp_path / "none.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--topic", "隣の店"), "topics of your own"),
        (("--topic", "ない"), "--topic: no topic is called"),
        (("--at", "きのう"), "--at"),
        (("--out", "x.html"), "--backtest"),
        (("--backtest", "--out", "no/such/x.html"), "--out"),
    ],
)
def test_mistakes_are_told(tmp_path: Path, arguments: tuple[str, ...], says: str) -> None:
    (tmp_path / "config.yaml").write_text(CONFIG, encoding="utf-8")
    done = kikimimi("prospects", *arguments, folder=tmp_path)
    assert done.returncode in (1, 2)
    assert says in done.stderr
    assert "Traceback" not in done.stderr
