"""Viral posts, falling stars, spikes and the full review queue, told by the real pipeline over a week of talk."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from listener import upkeep
from listener.config import load
from listener.service import Service, opened
from storage.notices import Delivery

NOW = datetime(2026, 11, 22, 11, 0, tzinfo=UTC)  # 20:00 in Tokyo
HOUR, MINUTE, DAY = timedelta(hours=1), timedelta(minutes=1), timedelta(days=1)
CONFIG = """
model: lexicon
topics:
  - {name: ミナモ, brand: ミナモ珈琲, aliases: [ミナモ]}
  - {name: トマリギ, brand: トマリギコーヒー, own: false}
sources:
  - {name: posts, kind: file, path: posts.jsonl}
  - {name: reviews, kind: file, path: reviews.jsonl, topics: [ミナモ], match: all}
channels:
  - {name: console, kind: console}
review: {limit: 10, min_confidence: 0.9}
thresholds:
  viral: {min_reactions: 50, min_per_hour: 50}
"""
PLAIN = ("ミナモに寄った", "ミナモ珈琲で仕事", "今日もミナモ珈琲のラテ", "トマリギコーヒーの前を通った")


class Hand:
    """A clock that stands where it is put."""

    speed = 1.0

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at


class Story:
    """What has been posted so far, and the service that hears it."""

    def __init__(self, folder: Path, service: Service, clock: Hand) -> None:
        self._folder, self.service, self._clock = folder, service, clock
        self._rows: dict[str, dict[str, Any]] = {}
        self._reviews: list[dict[str, Any]] = []

    def post(self, name: str, text: str, at: datetime, **counts: int) -> None:
        row = {"id": name, "text": text, "created_at": at.isoformat(), "author": f"投稿者{name}"}
        self._rows[name] = row | counts

    def review(self, stars: int, at: datetime) -> None:
        number = len(self._reviews)
        words = "落ちる。使えない" if stars == 1 else "便利に使っています"
        row = {"id": f"r{number}", "text": words, "created_at": at.isoformat(), "rating": stars}
        self._reviews.append(row | {"author": f"客{number}"})

    def usual(self, days: int) -> None:
        chance = random.Random(4)
        for n in range(days * 24):
            self.post(
                f"u{n}", PLAIN[n % 4], NOW - n * HOUR - chance.random() * HOUR, likes=chance.randrange(6)
            )

    def look(self, at: datetime) -> list[str]:
        """Everything the scheduler does, once, at `at`; the titles of what is told."""
        self._clock.at = at
        rows = [row for row in self._rows.values() if row["created_at"] <= at.isoformat()]
        _write(self._folder / "posts.jsonl", rows)
        _write(self._folder / "reviews.jsonl", self._reviews)
        for source in self.service.config.sources:
            assert self.service.attempts.run(source).outcome.value != "failed"
        before = {one.id for one in self.service.store.notifications(1000)}
        pipeline = self.service.pipeline
        for topic in (one.topic() for one in self.service.config.topics):
            if topic.own:
                assert pipeline.watch(topic, now=at) is not None
            assert pipeline.trend(topic, now=at) is not None
        upkeep.watch_review(pipeline, now=at)
        return [one.title for one in self.service.store.notifications(1000) if one.id not in before]


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    (tmp_path / "config.yaml").write_text(CONFIG, encoding="utf-8")
    clock = Hand()
    with opened(load(tmp_path / "config.yaml", {}), clock) as service:
        told = Story(tmp_path, service, clock)
        told.usual(days=8)
        yield told


def test_an_ordinary_evening_is_quiet(story: Story) -> None:
    for n in range(6):
        story.post(f"t{n}", PLAIN[n % 4], NOW + n * 20 * MINUTE, likes=2)
    assert [story.look(NOW + n * 20 * MINUTE) for n in range(1, 7)] == [[]] * 6


def test_a_post_goes_viral_step_by_step(story: Story) -> None:
    assert story.look(NOW) == []
    counts = {10: 3, 30: 20, 50: 60, 60: 90, 80: 420, 100: 500}
    told = {}
    for minutes, likes in counts.items():
        story.post("v", "ミナモ珈琲の店員の態度がひどい。最悪", NOW, likes=likes)
        told[minutes] = story.look(NOW + minutes * MINUTE)
    assert told == {
        10: [], 30: [],
        50: ["【拡散中】ミナモ：ネガティブな投稿が広がっています（反応60件・毎時86件増）"],
        60: [],
        80: ["【急拡散】ミナモ：ネガティブな投稿が急速に広がっています（反応420件・毎時720件増）"],
        100: [],
    }  # fmt: skip


def test_what_was_found_before_a_crash_is_told_after_it(story: Story) -> None:
    story.look(NOW)
    for n in range(40):
        story.post(f"c{n}", f"トマリギコーヒーの新作に並んでいる{n}", NOW + n * MINUTE)
    at = NOW + 45 * MINUTE
    (told,) = story.look(at)
    assert told.startswith("【競合の動き】トマリギ：")
    store = story.service.store
    (row,) = store.notifications(10)
    assert row.alert_key.startswith("spike/トマリギ/20261122T1")
    with store._database.write() as connection:  # as if the process had died before it wrote the row
        connection.exec_driver_sql("DELETE FROM notification")
    topic = story.service.config.topics[1].topic()
    with opened(story.service.config, Hand()) as after:
        told_again = after.pipeline.trend(topic, now=at + MINUTE)
        assert told_again is not None
        assert [one.alert_key for one in told_again] == [row.alert_key]
        assert after.pipeline.trend(topic, now=at + 2 * MINUTE) == []
        upkeep.resend(after.pipeline, now=at + HOUR)
        assert [one.state for one in store.notifications(10)] == [Delivery.SENT]


def test_praise_and_talk_have_their_own_names(story: Story) -> None:
    story.look(NOW)
    for n in range(40):
        story.post(f"p{n}", f"ミナモ珈琲の新作が最高においしい{n}", NOW + n * MINUTE)
    told = [title for n in range(1, 5) for title in story.look(NOW + n * 15 * MINUTE)]
    assert len(told) == 1
    assert told[0].startswith("【好意的な話題】ミナモ：")


def test_stars_that_fall_are_told_once(story: Story) -> None:
    for n in range(60):
        story.review((5, 4, 5, 3, 5)[n % 5], NOW - 60 * DAY + n * 21 * HOUR)
    story.look(NOW)
    for n in range(10):
        story.review(1, NOW + n * HOUR)
    told = [title for n in range(1, 12) for title in story.look(NOW + n * HOUR)]
    drops = [title for title in told if "評価低下" in title]
    assert len(drops) == 1
    assert drops[0].startswith("【評価低下】ミナモ：reviewsの直近7日の平均が★")


def test_a_full_queue_is_told_after_a_day(story: Story) -> None:
    told = {hours: story.look(NOW + hours * HOUR) for hours in (0, 12, 23, 24, 25, 48)}
    full = "【確認待ち】判定に自信のない投稿が10件たまり、24時間いっぱいのままです"
    assert told[24] == [full]
    assert [hours for hours, titles in told.items() if titles] == [24]
