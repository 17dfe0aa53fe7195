from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.db import Store
from storage.types import Bucket, Engagement, History, Label, Mention, Post, Topic
from tests.storage.samples import DAY, HOUR, NOW, TOPIC, analysis, author, empty, mention, post, save

TOPICS = (TOPIC, "トマリギ")
counts = st.none() | st.integers(0, 500)


@st.composite
def posts(draw: st.DrawFn) -> Post:
    who = draw(st.sampled_from(("", "a", "b", "c")))
    return post(
        draw(st.sampled_from("1234")),
        source=draw(st.sampled_from(("mastodon-jp", "misskey-io"))),
        text=draw(st.sampled_from(("ミナモ", "ミナモ珈琲", "ミナモ珈琲とトマリギ"))),
        created_at=NOW - draw(st.integers(0, 5)) * timedelta(minutes=40),
        fetched_at=NOW + draw(st.integers(0, 3)) * HOUR,
        author=author(who, followers=draw(counts)) if who else None,
        engagement=Engagement(likes=draw(counts), reposts=draw(counts)),
    )


@st.composite
def mentions(draw: st.DrawFn) -> Mention:
    score = draw(st.floats(-1, 1))
    said = analysis(draw(st.sampled_from(list(Label))), score)
    return mention(draw(posts()), draw(st.sampled_from(TOPICS)), analysis=said)


pages = st.tuples(st.lists(mentions(), max_size=5), st.lists(posts(), max_size=3))


def recount(history: History) -> list[Bucket]:
    """The buckets that the single mentions of a history make, score aside."""
    volume: Counter[datetime] = Counter()
    labels: Counter[tuple[datetime, Label]] = Counter()
    engagement: Counter[datetime] = Counter()
    reach: dict[datetime, dict[str, int]] = defaultdict(dict)
    for seen in history.recent:
        hour = seen.at.replace(minute=0, second=0)
        volume[hour] += 1
        labels[hour, seen.label] += 1
        engagement[hour] += seen.engagement or 0
        if seen.author:
            reach[hour][seen.author] = max(reach[hour].get(seen.author, 0), seen.reach or 0)
    return [
        Bucket(
            start=bucket.start,
            volume=volume[bucket.start],
            positive=labels[bucket.start, Label.POSITIVE],
            neutral=labels[bucket.start, Label.NEUTRAL],
            negative=labels[bucket.start, Label.NEGATIVE],
            score_sum=bucket.score_sum,
            authors=len(reach[bucket.start]),
            reach=sum(reach[bucket.start].values()),
            engagement=engagement[bucket.start],
        )
        for bucket in history.buckets
    ]


@settings(
    max_examples=20, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(story=st.lists(pages, min_size=1, max_size=5))
def test_rollups_equal_a_recount_after_any_pages(
    store: Store, story: list[tuple[list[Mention], list[Post]]]
) -> None:
    empty(store)
    for found, seen in story:
        save(store, *found, seen=tuple(seen))
    assert store.integrity() == []
    histories = [store.history(Topic(topic, topic), NOW) for topic in TOPICS]
    for history in histories:
        assert list(history.buckets) == recount(history)
        scores = sum(
            m.analysis.sentiment.score
            for _, of in store.authors_with_mentions(history.topic.name, NOW - DAY, NOW + DAY)
            for m in of
        )
        unknown = any(not seen.author for seen in history.recent)
        total = store.totals(history.topic.name, NOW - DAY, NOW + HOUR)
        assert unknown or abs(total.score_sum - scores) < 1e-4
    found, seen = story[-1]
    again = save(store, *found, seen=tuple(seen))
    assert save(store, *found, seen=tuple(seen)) == again
    assert [store.history(Topic(topic, topic), NOW) for topic in TOPICS] == histories


def test_integrity_notices_a_wrong_rollup(store: Store) -> None:
    save(store, mention())
    with store._database.write() as connection:
        connection.exec_driver_sql("UPDATE rollup SET volume = 5, authors = 0")
    (fault,) = store.integrity()
    assert "volume 5, counted 1; authors 0, counted 1" in fault
    assert TOPIC in fault


def test_integrity_notices_a_lost_mention_and_a_moved_post(store: Store) -> None:
    save(store, mention(post("1")), mention(post("2", author=None)))
    with store._database.write() as connection:
        connection.exec_driver_sql("DELETE FROM mention WHERE author_id IS NOT NULL")
        connection.exec_driver_sql("UPDATE post SET platform = 'x' WHERE external_id = '2'")
    faults = "\n".join(store.integrity())
    assert "has no mention" in faults
    assert "and its post disagree" in faults
    assert "volume 2, counted 1" in faults


def test_buckets_have_no_holes_and_start_at_the_hour(store: Store) -> None:
    save(store, mention(post("1", created_at=NOW - 5 * HOUR)), mention(post("2", created_at=NOW)))
    buckets = store.buckets(TOPIC, NOW - 6 * HOUR, NOW)
    assert [bucket.start.hour for bucket in buckets] == [6, 7, 8, 9, 10, 11, 12]
    assert [bucket.volume for bucket in buckets] == [0, 1, 0, 0, 0, 0, 1]
    assert store.buckets(TOPIC, NOW, NOW - HOUR) == []
    on_the_hour = NOW.replace(minute=0)
    assert [b.start for b in store.buckets(TOPIC, on_the_hour, on_the_hour + HOUR)] == [on_the_hour]
    tokyo = NOW.astimezone(ZoneInfo("Asia/Tokyo"))
    assert store.buckets(TOPIC, tokyo - 6 * HOUR, tokyo) == buckets


def test_totals_and_platforms_add_the_buckets(store: Store) -> None:
    save(
        store,
        mention(post("1")),
        mention(post("2", platform="misskey", author=author("m", platform="misskey", followers=7))),
        mention(post("3", created_at=NOW - 2 * HOUR), analysis=analysis(Label.NEGATIVE, -0.5)),
        mention(post("4"), "トマリギ"),
    )
    total = store.totals(TOPIC, NOW - DAY, NOW)
    assert (total.volume, total.positive, total.negative) == (3, 2, 1)
    assert (round(total.score_sum, 6), total.authors, total.reach, total.engagement) == (1.1, 3, 207, 9)
    assert [(name, b.volume) for name, b in store.platforms(TOPIC, NOW - DAY, NOW).items()] == [
        ("mastodon", 2),
        ("misskey", 1),
    ]
    assert store.totals("nothing", NOW - DAY, NOW).volume == 0
