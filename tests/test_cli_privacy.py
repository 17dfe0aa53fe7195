"""`kikimimi privacy`, as a person or a script meets it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.test_cli import kikimimi, write

CONFIG = """
model: lexicon
privacy: {controller: ミナモ珈琲 相談窓口}
topics:
  - {name: ミナモ, brand: ミナモ珈琲, aliases: [ミナモ]}
sources:
  - {name: posts, kind: file, path: posts.jsonl}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    now = datetime.now(UTC)
    rows = [
        {"id": f"p{turn}", "author": name, "text": f"ミナモ最高 {turn}", "created_at": str(now - timedelta(hours=turn))}
        for turn, name in enumerate(("zubonko", "zubonko", "other"), start=1)
    ]  # fmt: skip
    write(tmp_path / "posts.jsonl", rows)
    (tmp_path / "config.yaml").write_text(CONFIG, encoding="utf-8")
    assert kikimimi("collect", "posts", "--once", folder=tmp_path).returncode == 0
    return tmp_path


def account(folder: Path) -> str:
    told = json.loads(kikimimi("privacy", "export", "zubonko", folder=folder).stdout)
    assert (told["controller"], told["retention"]["posts_days"]) == ("ミナモ珈琲 相談窓口", 400)
    assert len(told["stored"]["posts"]) == 2
    name: str = told["account"]
    return name


def test_told_erased_and_never_collected_again(folder: Path) -> None:
    name = account(folder)
    refused = kikimimi("privacy", "erase", name, "--reason", "zubonko asked", folder=folder)
    assert refused.returncode == 1
    assert "--reason" in refused.stderr
    done = kikimimi("privacy", "erase", name, "--yes", "--json", "--by", "sato", folder=folder)
    assert json.loads(done.stdout)["posts"] == 2, done.stderr
    with (folder / "posts.jsonl").open("a", encoding="utf-8") as sink:
        row = {
            "id": "p9",
            "author": "zubonko",
            "text": "ミナモふたたび",
            "created_at": datetime.now(UTC).isoformat(),
        }
        sink.write(json.dumps(row, ensure_ascii=False) + "\n")
    assert kikimimi("collect", "posts", "--once", folder=folder).returncode == 0
    for what in ("mentions", "advocates"):
        assert "zubonko" not in kikimimi("export", what, folder=folder).stdout
    assert "other" in kikimimi("export", "mentions", folder=folder).stdout
    assert kikimimi("privacy", "export", name, folder=folder).returncode == 1
    (row,) = json.loads(kikimimi("privacy", "list", "--json", folder=folder).stdout)
    assert (row["account"], row["kind"], row["by"]) == (None, "erased", "sato")


def test_opting_out_and_back(folder: Path) -> None:
    name = account(folder)
    assert kikimimi("privacy", "opt-out", name, folder=folder).returncode == 0
    (row,) = json.loads(kikimimi("privacy", "list", "--json", folder=folder).stdout)
    assert (row["account"], row["kind"]) == (name, "opted_out")
    assert kikimimi("privacy", "opt-out", name, "--undo", folder=folder).returncode == 0
    again = kikimimi("privacy", "opt-out", name, "--undo", folder=folder)
    assert again.returncode == 1
    assert "had not opted out" in again.stderr
