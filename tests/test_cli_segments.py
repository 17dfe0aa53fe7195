"""`kikimimi segments`, and `--segment` of the commands that list and hand over advocates."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from listener.cli import app
from listener.clock import SystemClock
from listener.commands.errors import CommandError
from listener.config import load
from listener.watching import ranked
from storage.consents import Consent, ConsentKind
from storage.db import Store
from storage.segmentation import Wanted
from storage.types import Author, Label, SignalKind, Stage
from tests.alerts.made import mention
from tests.servers import HttpServer, text
from tests.test_cli import kikimimi

CONFIG = """
model: lexicon
storage: {{path: k.db}}
network: {{allow: [127.0.0.1]}}
topics:
  - {{name: ミナモ珈琲, brand: ミナモ珈琲, aliases: [ミナモ]}}
sources:
  - {{name: posts, kind: file, path: posts.jsonl}}
exports:
  - {{name: hook, kind: webhook, url: "{url}"}}
"""
WRITE = (
    "ミナモ珈琲を友達にすすめたら喜ばれた。{place}の店員さんがとても親切",
    "同僚をミナモ珈琲に連れて行った。味がいいと気に入ってくれた",
    "ミナモ珈琲の豆を母に紹介した。半年飲み続けている",
)
PEOPLE = {f"sapporo{n}": "札幌店" for n in range(5)} | {"yuki": "仙台店", "sora": "仙台店"}
CONSENT = {"sapporo0", "yuki"}  # who may be handed over


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seven fans' three months, ranked; two of them consented to a hand-over."""
    place = tmp_path_factory.mktemp("segments")
    (place / "config.yaml").write_text(CONFIG.format(url="http://127.0.0.1:9/hook"), encoding="utf-8")
    config, now = load(place / "config.yaml", {}), datetime.now(UTC)
    with Store.open(f"sqlite:///{place / 'k.db'}") as store:
        said = [
            mention(
                1000 * person + week,
                f"{WRITE[week % 3].format(place=where)} {week}",
                label=Label.POSITIVE,
                author=Author("x", who, who, who),
                at=now - timedelta(days=7 * week + 1, hours=15 * person, minutes=week * week * 37 % 150),
                signals=(SignalKind.RECOMMEND, SignalKind.PRAISE),
            )
            for person, (who, where) in enumerate(PEOPLE.items())
            for week in range(12)
        ]
        store.save_page(source="posts", kind="file", mentions=said, seen=(), cursor={}, at=now)
        topic = config.topics[0].topic()
        saved = store.save_advocates(topic.name, ranked(store, topic, config.thresholds.advocate, now), now)
        for one in saved:
            for stage in (Stage.REVIEWED, Stage.CONTACTED):
                store.people.move(one.id or 0, stage, by="佐藤", now=now)
            if one.author.external_id in CONSENT:
                store.people.record(_yes(one.id or 0, now), now)
        store.segments.save("札幌のみなさん", Wanted(region="hokkaido"), by="佐藤", now=now)
        store.segments.save("東京のみなさん", Wanted(region="tokyo"), by="佐藤", now=now)
    return place


def _yes(number: int, now: datetime) -> Consent:
    scopes = frozenset({"contact", "quote", "export"})
    return Consent(number, ConsentKind.GRANTED, scopes, now, "佐藤", evidence="DM", wording="同意文")


def run(folder: Path, *words: str) -> Result:
    """The command in this process: a new one takes seconds on a small machine."""
    command, *rest = words
    return CliRunner().invoke(app, [command, "--config", str(folder / "config.yaml"), *rest])


def printed(folder: Path, *words: str) -> Any:
    done = run(folder, *words, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def names(rows: list[dict[str, Any]]) -> set[str]:
    return {row["author"]["external_id"] for row in rows}


def test_saved_segments_are_listed_with_their_people(folder: Path) -> None:
    sapporo, tokyo = printed(folder, "segments")
    assert (sapporo["name"], sapporo["filter"], sapporo["by"]) == (
        "札幌のみなさん",
        {"region": "hokkaido"},
        "佐藤",
    )
    assert (sapporo["people"], sapporo["consenting"], sapporo["exportable"]) == (5, 1, 1)
    assert sapporo["programmes"]["referral"] == 5
    assert (tokyo["people"], tokyo["programmes"]) == (0, {})
    shown = kikimimi("segments", folder=folder)
    assert shown.returncode == 0
    assert "札幌のみなさん" in shown.stdout
    assert "region=hokkaido" in shown.stdout


def test_groups_are_suggested(folder: Path) -> None:
    found = printed(folder, "segments", "--suggest")
    assert all(one["people"] >= 5 and one["filter"]["organic"] is True for one in found)
    pairs = printed(folder, "segments", "--suggest", "--least", "2")
    assert {"miyagi", "hokkaido"} & {one["filter"].get("region") for one in pairs}
    none = run(folder, "segments", "--suggest", "--least", "50")
    assert "No group of 50 advocates or more" in none.stderr
    assert "people" in run(folder, "segments", "--suggest", "--least", "2").stdout


def test_the_ranking_keeps_its_contract_and_says_what_suits(folder: Path) -> None:
    rows = printed(folder, "advocates")
    assert names(rows) == set(PEOPLE)
    assert list(rows[0]) == [
        "rank", "topic", "author", "score", "organic", "organic_reasons", "contributions", "evidence",
        "evidence_ids", "mentions", "first_at", "last_at", "nps", "fit",
    ]  # fmt: skip
    assert [row["rank"] for row in rows] == list(range(1, 8))
    for row in rows:
        best = row["fit"]["programmes"][0]
        assert (best["programme"], row["fit"]["none"]) == ("referral", "")
        assert 0.4 <= best["fit"] <= 1
        assert best["reasons"][0]["evidence"]


def test_a_segment_narrows_the_ranking(folder: Path) -> None:
    rows = printed(folder, "advocates", "--segment", "札幌のみなさん")
    assert names(rows) == {who for who in PEOPLE if who.startswith("sapporo")}
    assert printed(folder, "advocates", "--segment", "東京のみなさん") == []
    assert printed(folder, "advocates", "--segment", "札幌のみなさん", "--at", "2020-01-01") == []
    table = run(folder, "advocates", "--segment", "札幌のみなさん")
    assert "sapporo0" in table.stdout
    assert "yuki" not in table.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("advocates", "--segment", "ほか"),
            "no segment is called 'ほか'; there are: 札幌のみなさん, 東京のみなさん",
        ),
        (("advocates", "--segment", ""), "no segment is called ''"),
        (("advocates", "--segment", "札幌のみなさん", "--nps", "--json"), "leave --segment out"),
        (("export-advocates", "hook", "--segment", "ほか", "--dry-run"), "no segment is called 'ほか'"),
        (("export-advocates", "hook", "--segment", "", "--dry-run"), "no segment is called ''"),
    ],
)
def test_a_segment_that_is_not_there_is_no_filter(folder: Path, words: tuple[str, ...], said: str) -> None:
    done = run(folder, *words)
    assert (done.exit_code, done.stdout) == (1, "")
    assert isinstance(done.exception, CommandError)
    assert said in str(done.exception)


def test_an_unknown_segment_is_a_sentence_and_no_trace(folder: Path) -> None:
    done = kikimimi("advocates", "--segment", "ほか", folder=folder)
    assert (done.returncode, done.stdout) == (1, "")
    assert "no segment is called 'ほか'" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_hand_over_takes_the_segments_consenting_people_and_nobody_else(folder: Path) -> None:
    def who(*words: str) -> set[str]:
        rows = printed(folder, "export-advocates", "hook", "--dry-run", *words)["rows"]
        with Store.open(f"sqlite:///{folder / 'k.db'}") as store:
            known = {one.id: one.author.external_id for one in store.advocates()}
        return {known[row["advocate"]] for row in rows}

    assert who() == CONSENT
    assert who("--segment", "札幌のみなさん") == {"sapporo0"}
    assert who("--segment", "東京のみなさん") == set()
    file = folder / "some.csv"
    done = run(folder, "export-advocates", "--out", str(file), "--segment", "札幌のみなさん")
    assert done.exit_code == 0, done.output
    raw = file.read_text(encoding="utf-8-sig")
    assert len(list(csv.DictReader(io.StringIO(raw, newline="")))) == 1
    assert "yuki" not in raw


def test_who_is_outside_the_segment_is_not_told_to_be_deleted(folder: Path) -> None:
    with HttpServer() as server:
        server.route("/hook", text("ok"))
        (folder / "config.yaml").write_text(CONFIG.format(url=server.url("/hook")), encoding="utf-8")
        whole = printed(folder, "export-advocates", "hook")
        assert len(whole["rows"]) == 2
        narrow = printed(folder, "export-advocates", "hook", "--segment", "札幌のみなさん", "--again")
        assert len(narrow["rows"]) == 1
        assert narrow["gone"] == []


def test_an_unknown_database_has_no_segments(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(CONFIG.format(url="http://127.0.0.1:9/hook"), encoding="utf-8")
    assert printed(tmp_path, "segments") == []
    assert "No segment is saved" in run(tmp_path, "segments").stderr


def test_days_are_counted_from_the_moment_of_the_ranking(folder: Path) -> None:
    now = SystemClock().now()
    with Store.open(f"sqlite:///{folder / 'k.db'}") as store:
        store.segments.save("最近", Wanted(within_days=1, region="miyagi"), by="", now=now)
    assert printed(folder, "advocates", "--segment", "最近") == []
    day = now - timedelta(days=11, hours=12)  # sora wrote six hours before, yuki after it
    assert names(printed(folder, "advocates", "--segment", "最近", "--at", day.isoformat())) == {"sora"}
