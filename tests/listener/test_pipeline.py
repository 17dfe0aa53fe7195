"""From a file of posts to incidents, with the real store and the light model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from listener.clock import VirtualClock
from listener.collectors import collector_class
from listener.config import Config, load
from listener.reading import Matcher
from listener.service import Service, opened
from storage.db import MentionFilter
from storage.notices import Delivery
from storage.types import Label, Outcome, Post, Topic

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
CONFIG = """
model: lexicon
topics:
  - {name: ミナモ, brand: ミナモ珈琲, aliases: [ミナモ]}
  - {name: トマリギ, brand: トマリギコーヒー, own: false}
sources:
  - {name: posts, kind: file, path: posts.jsonl}
  - {name: broken, kind: file, path: nowhere/at-all.jsonl}
  - {name: reviews, kind: file, path: reviews.jsonl, topics: [ミナモ], match: all}
channels:
  - {name: console, kind: console}
"""


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def row(n: int, text: str, *, minutes_ago: float = 30, **more: Any) -> dict[str, Any]:
    at = NOW - timedelta(minutes=minutes_ago)
    return {"id": f"p{n}", "text": text, "created_at": at.isoformat(), "author": f"投稿者{n}", **more}


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    write(
        tmp_path / "posts.jsonl",
        [
            row(1, "ミナモ珈琲のラテが最高"),
            row(2, "ミナモよりトマリギコーヒーのほうが好き"),
            row(3, "今日は雨"),
        ],
    )
    write(tmp_path / "reviews.jsonl", [row(4, "注文が届かない。最悪", rating=1)])
    (tmp_path / "config.yaml").write_text(CONFIG, encoding="utf-8")
    with opened(config_of(tmp_path), VirtualClock(NOW, 1)) as service:
        yield service


def config_of(folder: Path) -> Config:
    return load(folder / "config.yaml", {})


def collect(service: Service, name: str) -> Any:
    return service.attempts.run(next(one for one in service.config.sources if one.name == name))


def test_a_post_becomes_a_mention_of_every_topic_it_names(service: Service) -> None:
    fetch = collect(service, "posts")
    assert (fetch.outcome, fetch.posts, fetch.mentions) == (Outcome.OK, 3, 3)
    found = {(m.topic, m.post.external_id) for m in service.store.mentions(MentionFilter())}
    assert len(found) == 3
    assert sorted(topic for topic, _ in found) == ["トマリギ", "ミナモ", "ミナモ"]
    praised = service.store.mentions(MentionFilter(topic="ミナモ", text="最高"))
    assert praised[0].analysis.sentiment.label is Label.POSITIVE


def test_collecting_twice_stores_once(service: Service, tmp_path: Path) -> None:
    collect(service, "posts")
    again = collect(service, "posts")
    assert again.mentions == 0
    write(tmp_path / "posts.jsonl", [row(1, "ミナモ珈琲のラテが最高"), row(9, "ミナモなう")])
    assert collect(service, "posts").mentions == 1
    assert service.store.count(MentionFilter(topic="ミナモ")) == 3
    assert service.store.integrity() == []


def test_one_failing_source_is_recorded_and_stops_no_other(service: Service) -> None:
    failed = collect(service, "broken")
    assert failed.outcome is Outcome.FAILED
    assert "nowhere" in failed.error
    assert failed.next_at is not None
    assert failed.next_at > NOW
    state = service.store.source("broken")
    assert state is not None
    assert (state.failures, state.last_outcome) == (1, Outcome.FAILED)
    assert collect(service, "posts").outcome is Outcome.OK


def test_match_all_counts_what_does_not_name_the_brand(service: Service) -> None:
    collect(service, "reviews")
    (review,) = service.store.mentions(MentionFilter(topic="ミナモ"))
    assert review.matched == ()
    assert review.post.rating == 1


def test_nothing_is_watched_before_every_source_was_tried(service: Service, tmp_path: Path) -> None:
    angry = [row(n, f"ミナモで食中毒になった。最悪。{n}回目の通報", minutes_ago=n) for n in range(10, 30)]
    write(tmp_path / "posts.jsonl", angry)
    topic = service.config.topics[0].topic()
    collect(service, "posts")
    assert service.pipeline.watch(topic, now=NOW) is None
    collect(service, "broken")
    collect(service, "reviews")
    told = service.pipeline.watch(topic, now=NOW)
    assert told
    assert {note.state for note in told} == {Delivery.SENT}
    assert service.pipeline.watch(topic, now=NOW + timedelta(minutes=1)) == []  # once for each reason


def test_half_a_backfill_is_not_watched(service: Service, tmp_path: Path) -> None:
    collect(service, "broken")
    collect(service, "reviews")
    source = service.config.sources[0]
    pages = service.pipeline.ingest(source, collector_class("file")(source, http=service.http), now=NOW)
    next(pages)  # one page is stored, the try is not over
    topic = service.config.topics[0].topic()
    assert service.store.count(MentionFilter()) > 0
    assert service.pipeline.watch(topic, now=NOW) is None
    assert service.pipeline.rank(topic, now=NOW) is None


def test_the_target_is_the_name_as_the_post_writes_it() -> None:
    topic = Topic("t", "ミナモ珈琲", ("ミナモ",), query="(ミナモ珈琲 OR ミナモ) AND 値上げ")
    from listener.bus import Batch

    post = Post("x", "1", "s", "ﾐﾅﾓ、また値上げか", NOW, NOW)
    (match,) = Matcher([topic]).match(Batch("s", "file", (post,), (), False, {}, NOW))
    assert match.target == "ﾐﾅﾓ"
