"""The stage of the latency benchmark, read by the real collector over HTTP, and what is made of its log."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from benchmarks.latency import Fired, Poll, config, first_moment, polls, shown, spread, told_at
from benchmarks.latency_stage import BRAND, HOOK, OTHER, Asked, Script, Stage
from listener.collectors.mastodon import MastodonCollector
from listener.config import load
from listener.http import Fetcher
from storage.db import Store
from storage.notices import AlertKind, Delivery, Notification
from storage.types import (
    Analysis,
    Author,
    Disclosure,
    DisclosureKind,
    Emotion,
    Label,
    Mention,
    Post,
    Sentiment,
)

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


Staged = Callable[..., Stage]


@pytest.fixture
def staged() -> Iterator[Staged]:
    with ExitStack() as stack:
        yield lambda **script: stack.enter_context(Stage(Script(**script)))


def sources(stage: Stage, folder: Path) -> list[Any]:
    (folder / "config.yaml").write_text(config(stage, 15, 8999), encoding="utf-8")
    return list(load(folder / "config.yaml", {"SLACK_WEBHOOK_URL": stage.url + HOOK}).sources)


def test_the_collector_reads_every_post_once_and_the_log_knows_when(staged: Staged, tmp_path: Path) -> None:
    stage = staged(rate=10_000, seconds=0.1, wave=0.05, sources=2)
    http, read = Fetcher(allow=["127.0.0.1"]), []
    for source in sources(stage, tmp_path):
        cursor: dict[str, Any] = {}
        for _ in range(2):
            now = datetime.now(UTC)
            for page in MastodonCollector(source, http=http).collect(cursor, now=now):
                read += [stage.number(post.external_id) for post in page.posts]
                cursor = dict(page.cursor)
            while stage.now() < 0.2:  # until every post is visible
                time.sleep(0.01)
    assert set(read) == set(range(1000))
    found = polls(stage)
    stored = [number for poll in found for number in poll.stored]
    assert sorted(stored) == list(range(1000)), "stored once, though read again"
    assert all(poll.began <= at <= poll.ended for poll in found for at in poll.stored.values())


def test_a_page_is_stored_when_the_next_one_is_asked_for(staged: Staged) -> None:
    stage = staged(rate=1, seconds=4, wave=2, sources=1)
    stage.log.asked += [
        Asked(1.0, 0, ()),
        Asked(10.0, 0, (0, 1)),
        Asked(11.0, 0, (1, 2)),
        Asked(12.0, 0, ()),
        Asked(20.0, 0, (3,)),
        Asked(21.0, 0, (3,)),
    ]
    assert polls(stage) == [
        Poll(10.0, 12.0, {0: 11.0, 1: 11.0, 2: 12.0}),
        Poll(20.0, 21.0, {3: 21.0}),
    ]


def test_from_the_wave_on_every_second_post_is_blame_and_no_text_comes_twice_soon() -> None:
    texts = Script(rate=50, seconds=40, wave=20, sources=1).texts()
    assert len(texts) == 2000
    assert len(set(texts)) > 1900, "repeats are grouped as one story"
    assert [BRAND in text for text in texts] == [False] * 1000 + [False, True] * 500
    assert [OTHER in text for text in texts] == [True] * 1000 + [True, False] * 500


# ------------------------------------------------------------------ the post that makes the detector fire


def mention(n: int, label: Label, at: datetime) -> Mention:
    author = Author("mastodon", f"guest{n}", f"guest{n}", f"客{n}")
    post = Post("mastodon", f"https://x/{n}", "s", f"{BRAND}、{n}番", at, at, author=author)
    score = -0.9 if label is Label.NEGATIVE else 0.0
    sentiment = Sentiment(label, score, 0.9, "test")
    nothing = Disclosure(DisclosureKind.ORGANIC, 0.9)
    return Mention(post, BRAND, (), Analysis(sentiment, Emotion.NONE, (), nothing, False, "ja"))


def test_the_first_moment_is_that_of_the_post_without_which_nothing_fires(
    staged: Staged, tmp_path: Path
) -> None:
    stage = staged(rate=1, seconds=600, wave=300, sources=1)
    stage.zero_at = NOW
    with Store.open(f"sqlite:///{tmp_path / 'k.db'}") as store:
        calm = [mention(n, Label.NEUTRAL, NOW + timedelta(seconds=n)) for n in range(290, 300)]
        angry = [mention(n, Label.NEGATIVE, NOW + timedelta(seconds=n)) for n in range(300, 600)]
        store.save_page(source="s", kind="mastodon", mentions=calm, seen=[], cursor={}, at=NOW)
        assert first_moment(store, stage) is None
        store.save_page(source="s", kind="mastodon", mentions=angry, seen=[], cursor={}, at=NOW)
        moment = first_moment(store, stage)
    assert moment is not None
    number = (moment - NOW).total_seconds()
    assert 300 < number < 600
    assert number == int(number), "the moment of a post"


def test_slack_was_told_when_the_incident_s_message_arrived(staged: Staged, tmp_path: Path) -> None:
    stage = staged(rate=1, seconds=4, wave=2, sources=1)
    with Store.open(f"sqlite:///{tmp_path / 'k.db'}") as store:
        for n, kind, title in ((1, AlertKind.MENTION, "大きな声"), (2, AlertKind.INCIDENT, "炎上の兆し")):
            row = Notification(
                alert_key=f"k/{n}", channel="slack", state=Delivery.SENT, attempts=1,
                created_at=NOW, updated_at=NOW, topic=BRAND, title=title, payload="", kind=kind,
            )  # fmt: skip
            store.begin_notification(row)
        assert told_at(stage, store) is None
        stage.log.slack += [
            (3.0, '{"text": "大きな声"}'),
            (4.5, r'{"text": "\u708e\u4e0a\u306e\u5146\u3057"}'),
        ]
        assert told_at(stage, store) == 4.5


def test_the_figure_for_the_limit_does_not_depend_on_when_the_poll_came() -> None:
    near = shown(Fired(7, visible=10.0, stored=11.0, told=13.0), 15, longest_s=18.0)
    far = shown(Fired(7, visible=10.0, stored=27.0, told=29.0), 15, longest_s=18.0)
    assert (near["latency"], far["latency"]) == (3.0, 19.0)
    assert near["at_worst"] == far["at_worst"] == 5.0
    assert near["within"]
    assert not shown(Fired(7, visible=10.0, stored=11.0, told=13.0), 15, longest_s=23.5)["within"]


def test_spread() -> None:
    assert spread([]) == {}
    assert spread([1.0, 2.0, 3.0]) == {"p50": 2.0, "p95": 2.9, "max": 3.0}
