from __future__ import annotations

from datetime import datetime

import pytest

from storage.db import Store
from storage.types import Emotion, Fetch, Label, Outcome, Topic
from tests.storage.samples import DAY, HOUR, MINUTE, NOW, TOPIC, analysis, author, mention, post, save

MINAMO = Topic(TOPIC, TOPIC)


def fetched(source: str, at: datetime, *, ok: bool, interval: int = 15) -> Fetch:
    outcome = Outcome.OK if ok else Outcome.FAILED
    return Fetch(
        source,
        at,
        at + MINUTE / 60,
        outcome,
        posts=3,
        error="" if ok else "503",
        next_at=at + interval * MINUTE,
    )


def outage(store: Store, source: str, begin: datetime, end: datetime, *, step: int = 15) -> None:
    """Good until `begin`, bad until `end`, good again at `end`."""
    store.record_fetch(fetched(source, begin - step * MINUTE, ok=True), kind="feed")
    at = begin
    while at < end:
        store.record_fetch(fetched(source, at, ok=False), kind="feed")
        at += step * MINUTE
    store.record_fetch(fetched(source, end, ok=True), kind="feed")


def test_history_is_gapless_from_the_first_mention_to_now(store: Store) -> None:
    save(store, mention(post("1", created_at=NOW - 3 * DAY)), mention(post("2", created_at=NOW)))
    history = store.history(MINAMO, NOW)
    assert history.topic == MINAMO
    assert history.since == history.buckets[0].start == (NOW - 3 * DAY).replace(minute=0)
    starts = [bucket.start for bucket in history.buckets]
    assert starts == [history.since + n * HOUR for n in range(73)]
    assert [bucket.volume for bucket in history.buckets if bucket.volume] == [1, 1]


def test_the_window_limits_history(store: Store) -> None:
    save(store, mention(post("1", created_at=NOW - 90 * DAY)), mention(post("2", created_at=NOW)))
    assert len(store.history(MINAMO, NOW, days=2).buckets) == 49
    assert len(store.history(MINAMO, NOW).buckets) == 56 * 24 + 1


def test_nothing_after_now_leaks_in(store: Store) -> None:
    for n, minutes in enumerate((-70, -10, 0, 10, 25, 90)):
        at = NOW + minutes * MINUTE
        save(store, mention(post(str(n), created_at=at, author=author(f"a{n}", followers=10)), story=n))
    history = store.history(MINAMO, NOW)
    assert [(b.volume, b.authors, b.reach, b.engagement, b.score_sum) for b in history.buckets] == [
        (1, 1, 10, 3, 0.8),
        (2, 2, 20, 6, 1.6),
    ]
    assert [seen.story for seen in history.recent] == [0, 1, 2]
    before_everything = store.history(MINAMO, NOW - DAY)
    assert [b.volume for b in before_everything.buckets] == [0]
    assert before_everything.recent == ()


def test_recent_tells_the_last_two_days_singly(store: Store) -> None:
    save(
        store,
        mention(post("old", created_at=NOW - 48 * HOUR)),
        mention(post("2", title="題", created_at=NOW - HOUR)),
        mention(
            post("1", created_at=NOW - 47 * HOUR, author=None), analysis=analysis(Label.NEGATIVE), story=None
        ),
    )
    first, second = store.history(MINAMO, NOW).recent
    assert (first.author, first.reach, first.label, first.story, first.at) == (
        "", None, Label.NEGATIVE, None, NOW - 47 * HOUR,
    )  # fmt: skip
    assert (second.author, second.reach, second.engagement, second.platform) == (
        "mastodon:hana",
        100,
        3,
        "mastodon",
    )
    assert (second.emotion, second.text) == (Emotion.JOY, "題\nミナモ珈琲の新作がおいしい")


def test_an_unknown_topic_has_one_empty_hour(store: Store) -> None:
    history = store.history(MINAMO, NOW)
    assert [(b.start, b.volume) for b in history.buckets] == [(NOW.replace(minute=0), 0)]
    assert (history.recent, history.gaps) == ((), ())


def test_hours_since_we_began_to_watch_are_zeros(store: Store) -> None:
    assert store.begin_watch(TOPIC, NOW - 5 * HOUR) == NOW - 5 * HOUR
    assert store.begin_watch(TOPIC, NOW) == NOW - 5 * HOUR
    save(store, mention(post(created_at=NOW - HOUR)))
    assert len(store.history(MINAMO, NOW).buckets) == 6
    assert len(store.history(MINAMO, NOW - 6 * HOUR).buckets) == 1


def test_a_long_outage_is_a_gap_and_a_short_one_is_not(store: Store) -> None:
    save(store, mention(post(created_at=NOW - 2 * DAY)))
    outage(store, "mastodon-jp", NOW - 10 * HOUR, NOW - 10 * HOUR + 30 * MINUTE)
    outage(store, "mastodon-jp", NOW - 5 * HOUR, NOW - 3 * HOUR)
    assert store.history(MINAMO, NOW).gaps == ((NOW - 5 * HOUR, NOW - 3 * HOUR),)


def test_an_outage_is_seen_as_it_stood_at_the_moment(store: Store) -> None:
    save(store, mention(post(created_at=NOW - 2 * DAY)))
    outage(store, "mastodon-jp", NOW - 5 * HOUR, NOW - 3 * HOUR)
    assert store.history(MINAMO, NOW - 6 * HOUR).gaps == ()
    assert store.history(MINAMO, NOW - 5 * HOUR + 20 * MINUTE).gaps == ()
    assert store.history(MINAMO, NOW - 4 * HOUR).gaps == ((NOW - 5 * HOUR, NOW - 4 * HOUR),)
    for n in range(4):
        store.record_fetch(fetched("mastodon-jp", NOW - HOUR + n * 15 * MINUTE, ok=False), kind="feed")
    assert store.history(MINAMO, NOW).gaps[-1] == (NOW - HOUR, NOW)


@pytest.mark.parametrize(("theirs", "gaps"), [(3, 1), (2, 1), (1, 0)])
def test_a_gap_needs_half_of_the_mentions_to_be_missing(store: Store, theirs: int, gaps: int) -> None:
    save(store, mention(post("a", created_at=NOW - DAY)), mention(post("b")), source="other")
    save(store, *(mention(post(str(n))) for n in range(theirs)))
    outage(store, "mastodon-jp", NOW - 5 * HOUR, NOW - 3 * HOUR)
    outage(store, "unrelated", NOW - 3 * HOUR, NOW)
    assert len(store.history(MINAMO, NOW).gaps) == gaps


def test_small_sources_failing_together_make_a_gap(store: Store) -> None:
    for name in ("a", "b", "c"):
        save(store, mention(post(name, created_at=NOW - DAY)), source=name)
    outage(store, "a", NOW - 6 * HOUR, NOW - 3 * HOUR)
    outage(store, "b", NOW - 5 * HOUR, NOW - 2 * HOUR)
    assert store.history(MINAMO, NOW).gaps == ((NOW - 5 * HOUR, NOW - 3 * HOUR),)


def test_the_gap_is_clipped_to_the_window(store: Store) -> None:
    save(store, mention(post(created_at=NOW - 90 * DAY)))
    outage(store, "mastodon-jp", NOW - 3 * DAY, NOW - DAY, step=240)
    history = store.history(MINAMO, NOW, days=2)
    assert history.gaps == ((history.since, NOW - DAY),)
