from __future__ import annotations

from typing import Any

import pytest

from storage.db import MentionFilter, Store
from storage.types import Disclosure, DisclosureKind, Label, Signal, SignalKind, Span
from tests.storage.samples import DAY, HOUR, MINUTE, NOW, TOPIC, analysis, author, mention, post, save


@pytest.fixture
def four(store: Store) -> Store:
    sponsored = Disclosure(DisclosureKind.SPONSORED, 1.0, Span(0, 2, "PR"))
    warns = (Signal(SignalKind.WARN, 0.9), Signal(SignalKind.CHURN_INTENT, 0.9))
    save(
        store,
        mention(post("1", created_at=NOW - 4 * HOUR)),
        mention(
            post("2", created_at=NOW - 3 * HOUR, text="100%_がっかり", author=author("ken")),
            analysis=analysis(Label.NEGATIVE, -0.9, signals=warns),
            story=5,
        ),
        mention(
            post(
                "3",
                created_at=NOW - 2 * HOUR,
                platform="news",
                title="Minamo Coffee opens",
                author=None,
                source="news",
            ),
            analysis=analysis(Label.NEUTRAL, 0.0, signals=(), disclosure=sponsored, lang="en"),
            story=None,
        ),
        mention(post("4", created_at=NOW - HOUR), "トマリギ"),
    )
    return store


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({}, "4321"),
        ({"topic": TOPIC}, "321"),
        ({"label": Label.NEGATIVE}, "2"),
        ({"source": "news"}, "3"),
        ({"platform": "mastodon"}, "421"),
        ({"author": "mastodon:ken"}, "2"),
        ({"author": "@hana"}, "41"),
        ({"author": "ken"}, ""),
        ({"text": "がっかり"}, "2"),
        ({"text": "minamo COFFEE"}, "3"),
        ({"text": "0%_が"}, "2"),
        ({"text": "1%が"}, ""),
        ({"since": NOW - 3 * HOUR}, "432"),
        ({"until": NOW - 3 * HOUR}, "1"),
        ({"signal": SignalKind.WARN}, "2"),
        ({"signal": SignalKind.PRAISE}, "41"),
        ({"lang": "en"}, "3"),
        ({"disclosure": DisclosureKind.SPONSORED}, "3"),
        ({"story": 5}, "2"),
        ({"topic": TOPIC, "label": Label.POSITIVE, "platform": "mastodon"}, "1"),
    ],
)
def test_a_filter_lets_through_what_it_names(four: Store, fields: dict[str, Any], found: str) -> None:
    where = MentionFilter(**fields)
    assert "".join(m.post.external_id for m in four.mentions(where)) == found
    assert four.count(where) == len(found)


def test_pages_of_mentions_are_newest_first(four: Store) -> None:
    everything = four.mentions(MentionFilter())
    assert (
        four.mentions(MentionFilter(), limit=2) + four.mentions(MentionFilter(), limit=2, offset=2)
        == everything
    )


def test_mentions_by_id_keep_the_order_asked_for(four: Store) -> None:
    ids = [m.id or 0 for m in four.mentions(MentionFilter())]
    assert [m.id for m in four.mentions_by_id([ids[2], 10**9, ids[0], ids[2]])] == [ids[2], ids[0]]
    assert four.mention(10**9) is None
    assert four.mentions_by_id([]) == []


def test_stories_are_those_active_since(four: Store) -> None:
    assert four.stories(TOPIC, NOW - DAY) == [5, 77]
    assert four.stories(TOPIC, NOW - 3 * HOUR) == [5]
    assert four.stories("nothing", NOW - DAY) == []


def test_authors_come_with_their_mentions_oldest_first(store: Store) -> None:
    save(store, *(mention(post(f"h{n}", created_at=NOW - n * MINUTE)) for n in range(1, 4)))
    save(
        store,
        *(mention(post(f"k{n}", author=author("ken"), created_at=NOW - n * MINUTE)) for n in range(1, 3)),
    )
    save(store, mention(post("x", author=None)), mention(post("y", author=author("ken")), "トマリギ"))
    found = dict(store.authors_with_mentions(TOPIC, NOW - DAY, NOW))
    assert {who.external_id: [m.post.external_id for m in theirs] for who, theirs in found.items()} == {
        "hana": ["h3", "h2", "h1"],
        "ken": ["k2", "k1"],
    }
    assert found[author(followers=100)] == store.mentions(MentionFilter(author="@hana"))[::-1]
    often = store.authors_with_mentions(TOPIC, NOW - DAY, NOW, min_mentions=3)
    assert [who.external_id for who, _ in often] == ["hana"]
    assert list(store.authors_with_mentions(TOPIC, NOW - DAY, NOW - 3 * MINUTE)) == []


def test_authors_stream_while_pages_are_saved(store: Store) -> None:
    save(store, *(mention(post(str(n), author=author(f"a{n}"))) for n in range(450)))
    names = []
    for who, _ in store.authors_with_mentions(TOPIC, NOW - DAY, NOW):
        if len(names) % 100 == 0:
            save(store, mention(post("new", author=author("a0")), "トマリギ"))
        names.append(who.external_id)
    assert sorted(names) == sorted(f"a{n}" for n in range(450))
