"""The commands as a user or a script meets them: output, exit codes, words."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
CONFIG = """
model: lexicon
topics:
  - {name: ミナモ, brand: ミナモ珈琲, aliases: [ミナモ]}
sources:
  - {name: posts, kind: file, path: posts.jsonl}
  - {name: gone, kind: file, path: nowhere.jsonl}
channels:
  - {name: console, kind: console}
"""


def kikimimi(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "listener", *arguments],
        capture_output=True, text=True, cwd=folder, check=False, encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", "COLUMNS": "200"},
    )  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A configuration whose one good source holds a fan's year, collected once."""
    folder = tmp_path_factory.mktemp("cli")
    now = datetime.now(UTC)
    praise = (
        "最高だった、みんなにおすすめ",
        "ラテが美味しくて感動。友達を連れて行きました",
        "店員さんが親切で大好き",
    )
    rows = [
        {
            "id": f"fan-{week}", "author": "ゆき", "author_id": "yuki", "author_followers": 420,
            "text": f"ミナモ珈琲、{praise[week % 3]}。{week}週目もまた行きたい、朝の{week % 5 + 6}時",
            "created_at": (now - timedelta(weeks=week, hours=2 + week * week % 7 * 5)).isoformat(),
        }
        for week in range(12)
    ]  # fmt: skip
    rows.append({"id": "q", "author": "匿名", "text": "ミナモって何時まで？", "created_at": now.isoformat()})
    write(folder / "posts.jsonl", rows)
    (folder / "config.yaml").write_text(CONFIG, encoding="utf-8")
    done = kikimimi("collect", "posts", "--once", folder=folder)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["mentions"] == 13
    return folder


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def test_collect_says_in_json_how_it_went(folder: Path) -> None:
    again = kikimimi("collect", "posts", "--once", folder=folder)
    fetch = json.loads(again.stdout)
    assert again.returncode == 0
    assert (fetch["source"], fetch["mentions"]) == ("posts", 0)
    failed = kikimimi("collect", "gone", "--once", folder=folder)
    assert failed.returncode == 1
    assert json.loads(failed.stdout)["outcome"] == "failed"
    assert "Traceback" not in failed.stderr


def test_advocates_as_json_with_evidence(folder: Path) -> None:
    done = kikimimi("advocates", "--json", folder=folder)
    assert done.returncode == 0, done.stderr
    first = json.loads(done.stdout)[0]
    assert first["rank"] == 1
    assert first["nps"]["class"] == "promoter"
    assert first["author"]["external_id"] == "yuki"
    assert first["organic"] is True
    assert first["evidence"]
    assert all(one.startswith("fan-") for one in first["evidence_ids"])
    assert 0 < first["score"] <= 100


def test_the_implied_nps_as_json(folder: Path) -> None:
    (implied,) = json.loads(kikimimi("advocates", "--nps", "--json", folder=folder).stdout)
    assert (implied["promoters"], implied["is_survey"]) == (1, False)
    assert implied["low"] <= implied["nps"] <= implied["high"]


def test_advocates_at_an_earlier_time_know_nothing_of_later(folder: Path) -> None:
    early = (datetime.now(UTC) - timedelta(weeks=10)).isoformat()
    then = json.loads(kikimimi("advocates", "--json", "--at", early, folder=folder).stdout)
    now = json.loads(kikimimi("advocates", "--json", folder=folder).stdout)[0]
    assert now["mentions"] == 12
    assert all(row["mentions"] <= 2 and row["score"] < now["score"] for row in then)


def test_incidents_as_json(folder: Path) -> None:
    done = kikimimi("incidents", "--json", folder=folder)
    assert (done.returncode, json.loads(done.stdout)) == (0, [])


def test_score_a_file_keeps_lines_order_and_fields(folder: Path) -> None:
    write(folder / "in.jsonl", [{"text": "最高！", "n": 1}, {"text": "", "n": 2}, {"text": "ひどい", "n": 3}])
    done = kikimimi("score", "--file", "in.jsonl", "--out", "out.jsonl", "--model", "lexicon", folder=folder)
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in (folder / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["n"] for line in lines] == [1, 2, 3]
    assert [line["sentiment"] for line in lines] == ["positive", "neutral", "negative"]
    for line in lines:
        assert set(line) >= {"score", "confidence", "signals", "disclosure", "emotion", "sarcasm", "model"}
        assert -1 <= line["score"] <= 1


def test_score_with_the_bundled_model(folder: Path) -> None:
    done = kikimimi(
        "score", "ミナモ珈琲のラテ、本当に美味しかった！", "--target", "ミナモ珈琲", folder=folder
    )
    assert done.returncode == 0, done.stderr
    assert "positive" in done.stdout


def test_explain_shows_the_words_and_their_signs(folder: Path) -> None:
    text = "ラテは最高。でも店員が最悪 #PR"
    done = kikimimi("explain", text, "--target", "ミナモ珈琲", "--model", "lexicon", folder=folder)
    assert done.returncode == 0, done.stderr
    assert "最高。++" in done.stdout
    assert "最悪−−" in done.stdout
    assert "by the rule hashtag: #PR" in done.stdout
    said = json.loads(kikimimi("explain", text, "--model", "lexicon", "--json", folder=folder).stdout)
    assert said["text"] == text
    assert all(text[part["start"] : part["end"]] == part["text"] for part in said["parts"])
    assert said["disclosure"]["rule"] == "hashtag"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("collect", "nobody", "--once"), 1, "posts, gone"),
        (("score",), 2, "texts as arguments or --file"),
        (("score", "--file", "missing.jsonl"), 1, "missing.jsonl"),
        (("score", "--file", "bad.jsonl", "--model", "lexicon"), 1, "line 2"),
        (("score", "x", "--model", "./no-such-model"), 1, "no-such-model"),
        (("explain", "x", "--model", "bundled?x"), 1, "--model"),
        (("query", "(ミナモ"), 1, ")"),
        (("advocates", "--at", "昨日"), 1, "2026-11-01"),
        (("advocates", "--topic", "なし"), 1, "ミナモ"),
        (("export", "everything"), 1, "mentions"),
        (("run", "--config", "none.yaml"), 1, "none.yaml"),
        (("check", "--config", "wrong.yaml"), 1, "wrong.yaml:1"),
        (("nonsense",), 2, "nonsense"),
    ],
)
def test_a_mistake_gets_words_and_an_exit_code(
    folder: Path, arguments: tuple[str, ...], code: int, words: str
) -> None:
    (folder / "bad.jsonl").write_text('{"text": "ok"}\nnot json\n', encoding="utf-8")
    (folder / "wrong.yaml").write_text("topix: []\n", encoding="utf-8")
    done = kikimimi(*arguments, folder=folder)
    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_query_explains_and_counts(folder: Path) -> None:
    done = kikimimi("query", "何時 AND ミナモ", folder=folder)
    assert done.returncode == 0, done.stderr
    assert "ミナモって何時まで" in done.stdout
    assert "1 of 13" in done.stderr
    (tried,) = json.loads(
        kikimimi("query", "カフェ", "--text", "カフェインを控える", "--json", folder=folder).stdout
    )
    assert tried["matches"] is False


@pytest.mark.parametrize("what", ["mentions", "advocates", "incidents", "history"])
def test_export_writes_whole_files(folder: Path, what: str) -> None:
    for form in ("csv", "jsonl"):
        out = folder / f"{what}.{form}"
        done = kikimimi("export", what, "--format", form, "--out", out.name, folder=folder)
        assert done.returncode == 0, done.stderr
        text = out.read_text(encoding="utf-8-sig")
        assert not out.with_name(out.name + ".part").exists()
        if what == "mentions":
            assert "ミナモって何時まで" in text
        if form == "jsonl":
            assert all(json.loads(line) for line in text.splitlines())


def test_check_names_what_does_not_work(folder: Path) -> None:
    done = kikimimi("check", "--json", folder=folder)
    assert done.returncode == 1
    results = {row["name"]: row["ok"] for row in json.loads(done.stdout)}
    assert not all(results.values())
    assert any(results.values())


def test_schema_is_json(folder: Path) -> None:
    schema = json.loads(kikimimi("schema", folder=folder).stdout)
    assert "topics" in schema["properties"]
