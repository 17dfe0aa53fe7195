"""Readings of reactions, and what rules remember."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from storage.db import Store
from storage.measures import Reading, Stars
from storage.types import Engagement, Label, Mention, Post
from storage.verdicts import Correction, CorrectionKind
from tests.storage.samples import DAY, HOUR, MINUTE, NOW, TOPIC, analysis, author, mention, post, save


def see(store: Store, minutes: float, **likes: int | None) -> None:
    """The page's posts, read again: likes by external id."""
    again = [
        post(name, fetched_at=NOW + minutes * MINUTE, engagement=Engagement(likes=count))
        for name, count in likes.items()
    ]
    store.save_page(source="mastodon-jp", kind="mastodon", mentions=[], seen=again, cursor={}, at=NOW)


def readings(store: Store, **asked: Any) -> list[list[tuple[float, int]]]:
    found = store.pulses.of_topic(TOPIC, NOW - 14 * DAY, NOW + DAY, **({"limit": 100} | asked))
    return [[((one.at - NOW) / MINUTE, one.reactions) for one in pulse.readings] for pulse in found]


def test_a_reading_for_each_change(store: Store) -> None:
    save(store, mention())
    see(store, 10, **{"1": 3})  # unchanged
    see(store, 20, **{"1": 40})
    see(store, 30, **{"1": None})  # unknown
    see(store, 40, **{"1": 90})
    assert readings(store) == [[(0, 3), (20, 40), (40, 90)]]
    assert readings(store, least=91) == []
    assert readings(store, least=90) == [[(0, 3), (20, 40), (40, 90)]]


def test_a_page_saved_twice_is_read_once(store: Store) -> None:
    for _ in range(2):
        save(store, mention())
        see(store, 20, **{"1": 40})
    assert readings(store) == [[(0, 3), (20, 40)]]


def test_old_posts_and_posts_without_counts_are_not_read(store: Store) -> None:
    save(store, mention(post("old", created_at=NOW - 3 * DAY)), mention(post("n", engagement=Engagement())))
    see(store, 20, old=40)
    assert readings(store) == []


def test_the_reading_is_in_the_transaction_of_the_page(store: Store) -> None:
    broken = post("2", created_at=(NOW - HOUR).replace(tzinfo=None))
    with pytest.raises((ValueError, TypeError)):
        save(store, mention(), mention(broken))
    assert readings(store) == []


def test_the_newest_of_a_topic_that_count(store: Store) -> None:
    posts = [post(str(n), created_at=NOW - n * HOUR) for n in range(1, 5)]
    saved = save(store, *(mention(one) for one in posts))
    store.judgements.correct(Correction(saved[0].id or 0, CorrectionKind.IRRELEVANT, "花子", NOW))
    found = store.pulses.of_topic(TOPIC, NOW - DAY, NOW, limit=2)
    assert [one.mention_id for one in found] == [saved[2].id, saved[1].id]  # oldest first
    assert found[0].readings == (Reading(NOW, 3),)
    assert store.pulses.of_topic("another", NOW - DAY, NOW, limit=2) == []


def test_readings_are_forgotten_after_two_weeks_and_with_their_post(store: Store) -> None:
    save(store, mention())
    see(store, 24 * 60, **{"1": 40})
    assert store.pulses.forget(NOW + 14 * DAY + HOUR) == 1
    assert readings(store) == [[(24 * 60, 40)]]
    store.purge(NOW + DAY)
    assert readings(store) == []
    assert store.pulses.forget(NOW + 30 * DAY) == 0


def test_voices_in_the_fewest_fields(store: Store) -> None:
    def spoken(one: Post, label: Label) -> Mention:
        return replace(mention(one), analysis=analysis(label))

    save(
        store,
        spoken(post("1", created_at=NOW - HOUR), Label.NEGATIVE),
        spoken(post("2", created_at=NOW - 2 * HOUR), Label.POSITIVE),
        spoken(post("3", created_at=NOW - MINUTE, author=None), Label.NEUTRAL),
        spoken(post("4", created_at=NOW), Label.NEUTRAL),
    )
    voices = store.pulses.voices(TOPIC, NOW - 2 * HOUR, NOW)
    assert [(one.at, one.label) for one in voices] == [
        (NOW - 2 * HOUR, Label.POSITIVE),
        (NOW - HOUR, Label.NEGATIVE),
        (NOW - MINUTE, Label.NEUTRAL),
    ]
    assert voices[0].author == voices[1].author is not None
    assert voices[2].author is None


def test_stars_with_their_version(store: Store) -> None:
    review = {"platform": "appstore", "source": "App Store", "author": author("r")}
    (saved, *_) = save(
        store,
        mention(post("r1", rating=1.0, tags=("食べ物", "version:3.5.0"), **review)),
        mention(post("r2", rating=None, **review)),
        mention(post("r3", rating=4.0, created_at=NOW - 90 * DAY, **review)),
    )
    found = store.pulses.stars(TOPIC, NOW - DAY, NOW)
    assert found == [Stars(saved.id or 0, "App Store", NOW - HOUR, 1.0, "3.5.0")]


def test_what_a_rule_remembers(store: Store) -> None:
    assert store.pulses.remembered(TOPIC, "spike") is None
    store.pulses.remember(TOPIC, "spike", '{"today": -Infinity}', NOW)
    store.pulses.remember(TOPIC, "spike", '{"today": 1}', NOW + HOUR)
    store.pulses.remember("", "spike", "{}", NOW)
    assert store.pulses.remembered(TOPIC, "spike") == '{"today": 1}'
    assert store.pulses.remembered("", "spike") == "{}"
