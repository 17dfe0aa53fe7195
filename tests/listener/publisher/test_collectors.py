"""The collectors read the publisher over loopback, with the shipped config.yaml: nothing lost, nothing twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from listener.collectors import SourceConfig, collector_class
from listener.config import Config, load
from listener.http import Fetcher
from listener.matching import match, query_for
from listener.publisher import Publisher
from listener.publisher.post import Event, Place, StoryPost
from listener.publisher.reviews import APP_ID
from listener.publisher.story import posts
from storage.types import Post

ROOT = Path(__file__).parents[3]
SHIPPED = ROOT / "config.yaml"
BACKFILL = timedelta(days=90)


@pytest.fixture
def http() -> Iterator[Fetcher]:
    fetcher = Fetcher(allow=["127.0.0.1"])
    yield fetcher
    fetcher.close()


@pytest.fixture
def config() -> Config:
    return load(SHIPPED, {})


def moved(source: SourceConfig, publisher: Publisher) -> SourceConfig:
    """The source of config.yaml, at the port that the test's publisher has."""
    told = source.model_dump()
    for key in ("url", "instance", "base_url"):
        if str(told.get(key, "")).startswith("http://127.0.0.1:8485"):
            told[key] = told[key].replace("http://127.0.0.1:8485", publisher.base)
    return type(source)(**told)


def collect(
    source: SourceConfig, http: Fetcher, now: datetime, cursor: Mapping[str, Any] | None = None
) -> tuple[list[Post], Mapping[str, Any]]:
    found: list[Post] = []
    cursor = cursor or {}
    for page in collector_class(source.kind)(source, http=http).collect(cursor, now=now):
        found += page.posts
        cursor = page.cursor
    return found, cursor


def named(config: Config, name: str) -> SourceConfig:
    return next(source for source in config.sources if source.name == name)


def published(
    epoch: datetime, now: datetime, place: Place, *tags: str, since: timedelta = BACKFILL
) -> dict[str, StoryPost]:
    return {
        post.id: post
        for post in posts(epoch)
        if post.place is place
        and now - since <= post.created_at <= now
        and (not tags or set(tags) & set(post.tags))
    }


def test_the_hashtag_brings_every_post(
    config: Config, publisher: Publisher, http: Fetcher, clock: Any, epoch: datetime
) -> None:
    found, _ = collect(moved(named(config, "SNS #ミナモ珈琲"), publisher), http, clock.now())
    expected = published(epoch, clock.now(), Place.SOCIAL, "ミナモ珈琲", "ミナモ", "みなも")
    by_id = {post.external_id.rsplit("/", 1)[-1]: post for post in found}
    assert by_id.keys() == expected.keys()
    assert len(found) == len(expected)
    for number, post in by_id.items():
        story = expected[number]
        assert post.text.split() == story.text.split()
        assert abs(post.created_at - story.created_at) < timedelta(milliseconds=1)
        assert post.author is not None
        assert post.author.followers == story.account.followers
        assert post.engagement.likes == story.grown(story.likes, clock.now())


def test_a_later_collect_brings_what_is_new(
    config: Config, publisher: Publisher, http: Fetcher, clock: Any, epoch: datetime
) -> None:
    source = moved(named(config, "SNS #ミナモ珈琲"), publisher)
    clock.at = epoch - timedelta(minutes=5)
    _, cursor = collect(source, http, clock.now())
    before = clock.now()
    clock.at = epoch + timedelta(hours=4)
    found, _ = collect(source, http, clock.now(), cursor)
    expected = published(epoch, clock.now(), Place.SOCIAL, "ミナモ珈琲", "ミナモ", "みなも")
    fresh = {number for number, post in expected.items() if post.created_at > before}
    assert fresh <= {post.external_id.rsplit("/", 1)[-1] for post in found}
    assert len(fresh) > 100


@pytest.mark.parametrize(
    ("name", "place"), [("ニュース", Place.NEWS), ("ブログ", Place.BLOG), ("ブックマーク", Place.BOOKMARKS)]
)
def test_the_feeds_bring_every_entry(
    config: Config, publisher: Publisher, http: Fetcher, clock: Any, epoch: datetime, name: str, place: Place
) -> None:
    source = moved(named(config, name), publisher)
    found, cursor = collect(source, http, clock.now())
    expected = published(epoch, clock.now(), place, since=BACKFILL * 2)
    assert sorted(post.title for post in found) == sorted(
        " ".join(post.title.split()) for post in expected.values()
    )
    assert {post.url.rsplit("/", 1)[-1] for post in found} == expected.keys()
    assert all(post.platform == source.model_dump()["platform"] for post in found)
    assert collect(source, http, clock.now(), cursor)[0] == []


def test_the_reviews_come_with_their_stars(
    config: Config, publisher: Publisher, http: Fetcher, clock: Any, epoch: datetime
) -> None:
    source = moved(named(config, "アプリのレビュー"), publisher)
    found, _ = collect(source, http, clock.now())
    expected = published(epoch, clock.now(), Place.APP, since=BACKFILL * 2)
    assert {(post.title, post.text, post.rating) for post in found} == {
        (post.title, post.text, float(post.rating or 0)) for post in expected.values()
    }
    assert len(found) == len(expected)
    assert source.model_dump()["app_id"] == APP_ID


def test_the_topics_take_the_brand_and_leave_its_namesakes(config: Config, epoch: datetime) -> None:
    own, rival = (query_for(topic.topic()) for topic in config.topics)
    for story in posts(epoch):
        if story.place is Place.APP or (story.place is Place.SOCIAL and not story.tags):
            continue
        post = replace(_BLANK, title=story.title, text=story.text, created_at=story.created_at)
        if story.event is Event.HOMONYM:
            assert match(own, post) is None, story.text
        elif story.event in (Event.RIVAL, Event.RIVAL_TROUBLE):
            assert match(rival, post) is not None, story.text
        elif story.place is Place.SOCIAL:
            assert match(own, post) is not None, story.text


_BLANK = Post(
    "mastodon",
    "1",
    "s",
    "",
    datetime.fromisoformat("2026-01-01T00:00:00Z"),
    datetime.fromisoformat("2026-01-01T00:00:00Z"),
)


def test_both_copies_of_the_config_say_the_same() -> None:
    here, bundled = (
        yaml.safe_load(path.read_text()) for path in (SHIPPED, ROOT / "listener/publisher/config.yaml")
    )
    for told in (here, bundled):
        told["channels"][0]["webhook_url_file"] = Path(told["channels"][0]["webhook_url_file"]).name
    assert here == bundled


def test_the_config_watches_the_publisher_it_starts(config: Config) -> None:
    assert config.publisher.enabled
    hook = (ROOT / "listener/publisher/slack-webhook-url").read_text().strip()
    assert hook == f"http://127.0.0.1:{config.publisher.port}/services/DEMO/DEMO/demo"
