"""`kikimimi collect --notify` tells what the service would tell."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from listener.cli import app
from listener.watching import SPIKE
from storage.db import Store
from storage.notices import AlertKind, Delivery, Notification

CONFIG = """
model: lexicon
storage: {path: k.db}
topics:
  - {name: ミナモ, brand: ミナモ珈琲}
  - {name: トマリギ, brand: トマリギコーヒー, own: false}
sources:
  - {name: reviews, kind: file, path: reviews.jsonl, topics: [ミナモ, トマリギ], match: all}
channels:
  - {name: console, kind: console}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Six good reviews a week for eight weeks, then a week of bad ones."""
    now = datetime.now(UTC)
    rows = [(5, now - timedelta(days=8 + n)) for n in range(50)]
    rows += [(1, now - timedelta(hours=2 + 6 * n)) for n in range(20)]
    written = [
        {
            "id": f"r{n}",
            "text": f"レビュー{n}",
            "created_at": at.isoformat(),
            "rating": stars,
            "author": f"客{n}",
        }
        for n, (stars, at) in enumerate(rows)
    ]
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in written)
    (tmp_path / "reviews.jsonl").write_text(lines, encoding="utf-8")
    (tmp_path / "config.yaml").write_text(CONFIG, encoding="utf-8")
    return tmp_path


def collected(folder: Path, *words: str) -> list[Notification]:
    """What is recorded as told about trends after one collect."""
    command = ["collect", "reviews", "--once", *words, "--config", str(folder / "config.yaml")]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    with Store.open(f"sqlite:///{folder / 'k.db'}") as store:
        looked = store.pulses.remembered("トマリギ", SPIKE) is not None
        assert looked == bool(words)  # competitors are looked at too
        return [one for one in store.notifications() if one.kind is AlertKind.TREND]


def test_falling_stars_are_told_once_and_only_when_asked_for(folder: Path) -> None:
    assert collected(folder) == []
    (told,) = collected(folder, "--notify")
    assert told.state is Delivery.SENT
    assert "★" in told.title or "評価" in told.title
    assert [one.alert_key for one in collected(folder, "--notify")] == [told.alert_key]
