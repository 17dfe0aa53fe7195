from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from storage.db import MentionFilter, Store
from storage.types import (
    Author,
    Disclosure,
    DisclosureKind,
    Engagement,
    Label,
    Mention,
    Post,
    Signal,
    SignalKind,
    Span,
)
from tests.storage.samples import DAY, HOUR, MINUTE, NOW, TOPIC, analysis, author, mention, post, save


def everything(store: Store) -> list[Mention]:
    return store.mentions(MentionFilter(), limit=1000)


def test_what_is_saved_comes_back_the_same(store: Store) -> None:
    full = post(
        title="新作レビュー",
        url="https://example.jp/1",
        publisher="例新聞",
        lang="ja",
        rating=4.5,
        reply_to="0",
        repost_of="x",
        tags=("コーヒー", "新作"),
        engagement=Engagement(1, 0, None, 2**40, 5),
        author=author(name="hana", url="https://example.jp/@hana", followers=0, bot=False),
    )
    evidence = Span(0, 2, "新作", "PR")
    said = analysis(
        Label.NEGATIVE,
        -0.123456789,
        disclosure=Disclosure(DisclosureKind.SPONSORED, 1.0, evidence),
        signals=(Signal(SignalKind.WARN, 0.6), Signal(SignalKind.CHURN_INTENT, 0.5, evidence)),
        sarcasm=True,
    )
    given = mention(full, analysis=said, matched=(evidence, Span(7, 9, "ミナ")))
    (stored,) = save(store, given)
    assert stored.id is not None
    assert replace(stored, id=None) == given
    assert store.mention(stored.id) == stored == everything(store)[0]


def test_a_post_without_author_or_counts_stays_without(store: Store) -> None:
    bare = mention(post(author=None, engagement=Engagement()), story=None)
    (stored,) = save(store, bare)
    assert (stored.post.author, stored.post.engagement, stored.story) == (None, Engagement(), None)
    bucket = store.totals(TOPIC, NOW - DAY, NOW)
    assert (bucket.volume, bucket.authors, bucket.reach, bucket.engagement) == (1, 0, 0, 0)


def test_saving_a_page_twice_is_saving_it_once(store: Store) -> None:
    page = [mention(post(str(n)), topic) for n in range(7) for topic in (TOPIC, "トマリギ")]
    seen = (post("3", engagement=Engagement(likes=50)), post("unknown"))
    first = save(store, *page, seen=seen)
    buckets = store.buckets(TOPIC, NOW - DAY, NOW)
    assert save(store, *page, seen=seen) == first
    assert store.buckets(TOPIC, NOW - DAY, NOW) == buckets
    assert (len(first), store.count(MentionFilter())) == (14, 14)
    assert store.integrity() == []


def test_the_cursor_moves_with_the_page(store: Store) -> None:
    save(store)
    state = store.source("mastodon-jp")
    assert state is not None
    assert (state.kind, state.cursor, state.last_at) == ("mastodon", {"since": "9"}, NOW)


def test_an_unstorable_page_leaves_nothing_behind(store: Store) -> None:
    save(store, mention(post("1")))
    before = store.buckets(TOPIC, NOW - DAY, NOW)
    broken = replace(post("3"), created_at=NOW.replace(tzinfo=None))
    with pytest.raises(ValueError, match="zone"):
        store.save_page(
            source="other",
            kind="feed",
            mentions=[mention(post("2")), mention(broken)],
            seen=[],
            cursor={},
            at=NOW,
        )
    assert (store.count(MentionFilter()), store.source("other")) == (1, None)
    assert store.buckets(TOPIC, NOW - DAY, NOW) == before


def test_only_new_and_rewritten_posts_are_fresh(store: Store) -> None:
    save(store, mention(post("1")), mention(post("2")))
    asked = [
        (post("1", engagement=Engagement(likes=9)), TOPIC),
        (post("1"), "トマリギ"),
        (post("2", text="ミナモ珈琲、値上げか"), TOPIC),
        (post("2", text="ほかのサーバーの見せ方", source="other"), TOPIC),
        (post("3"), TOPIC),
    ]
    assert store.fresh(asked) == {
        ("mastodon", "1", "トマリギ"),
        ("mastodon", "2", TOPIC),
        ("mastodon", "3", TOPIC),
    }
    assert store.fresh([asked[3]]) == set()
    assert store.fresh([]) == set()


def test_a_rewritten_post_is_analysed_anew_and_moves_its_hour(store: Store) -> None:
    (old,) = save(store, mention(post(created_at=NOW - 3 * HOUR)))
    edited = post(text="ミナモ珈琲にがっかり", created_at=NOW - HOUR, fetched_at=NOW + MINUTE)
    (new,) = save(store, mention(edited, analysis=analysis(Label.NEGATIVE, -0.9), story=None))
    assert (new.id, new.post.text, new.story) == (old.id, "ミナモ珈琲にがっかり", 77)
    hours = {b.start: (b.volume, b.positive, b.negative) for b in store.buckets(TOPIC, NOW - 4 * HOUR, NOW)}
    assert [hours[start] for start in sorted(hours)] == [
        (0, 0, 0),
        (0, 0, 0),
        (0, 0, 0),
        (1, 0, 1),
        (0, 0, 0),
    ]
    assert store.integrity() == []


def test_the_other_topic_of_a_rewritten_post_moves_along_and_quotes_nothing_false(store: Store) -> None:
    both = post(text="ミナモ珈琲とトマリギ")
    save(store, mention(both), mention(both, "トマリギ", matched=(Span(6, 10, "トマリギ"),)))
    edited = post(text="やっぱりミナモ珈琲", created_at=NOW - 2 * HOUR, fetched_at=NOW + MINUTE)
    save(store, mention(edited, matched=(Span(4, 9, "ミナモ珈琲"),)))
    (other,) = store.mentions(MentionFilter(topic="トマリギ"))
    assert (other.post.text, other.post.created_at, other.matched) == (edited.text, edited.created_at, ())
    assert all(signal.evidence is None for signal in other.analysis.signals)
    assert store.fresh([(edited, "トマリギ")]) == {("mastodon", "1", "トマリギ")}
    assert store.integrity() == []


def test_a_version_fetched_earlier_changes_nothing_but_the_unknown(store: Store) -> None:
    later = post(text="新しい", engagement=Engagement(likes=5), fetched_at=NOW)
    earlier = post(
        text="古い",
        engagement=Engagement(likes=2, replies=1),
        fetched_at=NOW - HOUR,
        author=author(followers=1),
    )
    save(store, mention(later))
    (stored,) = save(store, mention(earlier, analysis=analysis(Label.NEGATIVE, -1.0)))
    assert (stored.post.text, stored.analysis.sentiment.label) == ("新しい", Label.POSITIVE)
    assert stored.post.engagement == Engagement(likes=5, replies=1)
    assert stored.post.author == author(followers=100)


def test_seen_posts_refresh_counts_and_followers_and_nothing_else(store: Store) -> None:
    (old,) = save(store, mention(post(engagement=Engagement(likes=3, views=9))))
    again = post(
        text="別の文",
        rating=2.0,
        engagement=Engagement(likes=10, reposts=4),
        fetched_at=NOW + HOUR,
        author=author(followers=2000, handle=""),
    )
    save(store, seen=(again,))
    new = store.mention(old.id or 0)
    assert new is not None
    assert (new.post.text, new.post.rating) == (old.post.text, 2.0)
    assert new.post.engagement == Engagement(likes=10, reposts=4, views=9)
    assert new.post.author == author(followers=2000)
    bucket = store.totals(TOPIC, NOW - DAY, NOW)
    assert (bucket.reach, bucket.engagement) == (2000, 14)
    assert store.integrity() == []


def test_an_unknown_count_never_overwrites_a_known_one(store: Store) -> None:
    save(store, mention(post(rating=3.0)))
    unknown = post(engagement=Engagement(), author=author(), fetched_at=NOW + HOUR)
    (stored,) = save(store, mention(unknown), seen=(unknown,))
    assert stored.post.engagement == Engagement(likes=3)
    assert (stored.post.rating, stored.post.author and stored.post.author.followers) == (3.0, 100)


def test_reach_counts_an_author_once_an_hour_and_leaves_the_past_alone(store: Store) -> None:
    save(
        store,
        mention(post("1", created_at=NOW - 30 * MINUTE)),
        mention(post("2", created_at=NOW - 20 * MINUTE)),
    )
    famous = post("3", created_at=NOW + HOUR, fetched_at=NOW + HOUR, author=author(followers=90_000))
    save(store, mention(famous))
    first, second = [b for b in store.buckets(TOPIC, NOW - HOUR, NOW + 2 * HOUR) if b.volume]
    assert (first.authors, first.reach, first.volume) == (1, 100, 2)
    assert (second.authors, second.reach, second.volume) == (1, 90_000, 1)


def test_what_no_database_takes_is_replaced_and_offsets_stay_right(store: Store) -> None:
    strange = post("\ud800x", text="ミナ\0モ\udfff珈琲", author=author("a\0b"), tags=("\ud83d",))
    (stored,) = save(store, mention(strange, matched=(Span(5, 7, "珈琲"),)))
    assert stored.post.text == "ミナ\ufffdモ\ufffd珈琲"
    assert [stored.post.full_text[s.start : s.end] for s in stored.matched] == ["珈琲"]
    assert save(store, mention(strange, matched=(Span(5, 7, "珈琲"),))) == [stored]
    assert store.fresh([(strange, TOPIC)]) == set()
    assert store.integrity() == []


def test_absurd_counts_do_not_stop_a_source(store: Store) -> None:
    absurd = post(engagement=Engagement(likes=10**30, replies=-5), author=author(followers=10**25))
    (stored,) = save(store, mention(absurd), mention(absurd, "トマリギ"))[:1]
    assert stored.post.engagement == Engagement(likes=2**53, replies=0)
    assert store.integrity() == []


def test_threads_saving_the_same_page_store_it_once(store: Store) -> None:
    page = [mention(post(str(n), author=author(f"a{n % 5}", followers=n))) for n in range(60)]
    results: list[list[Mention]] = []
    barrier = threading.Barrier(4)

    def work() -> None:
        barrier.wait()
        results.append(save(store, *page))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4
    assert all(result == results[0] for result in results)
    assert store.count(MentionFilter()) == 60
    assert store.integrity() == []


def test_two_stores_writing_different_pages_keep_exact_rollups(url: str) -> None:
    def work(start: int) -> None:
        with Store.open(url) as store:
            for n in range(start, start + 12):
                shared = post(str(n % 7), engagement=Engagement(likes=n))
                save(store, mention(shared), mention(post(f"own{n}", author=author(f"a{n % 3}"))))

    threads = [threading.Thread(target=work, args=(start,)) for start in (0, 3, 6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Store.open(url) as store:
        assert store.integrity() == []
        assert store.count(MentionFilter()) == 7 + 18


def test_a_large_page_is_stored_whole(store: Store) -> None:
    page = [mention(post(str(n), author=author(f"a{n}"), created_at=NOW - n * MINUTE)) for n in range(1700)]
    assert [m.post.external_id for m in save(store, *page)] == [str(n) for n in range(1700)]
    assert len(store.fresh([(m.post, "トマリギ") for m in page])) == 1700
    assert store.integrity() == []


def test_an_author_is_one_account_on_one_platform(store: Store) -> None:
    here, there = author("kenji"), Author("misskey", "kenji", handle="@kenji")
    save(store, mention(post("1", author=here)), mention(post("1", platform="misskey", author=there)))
    save(store, mention(Post("news", "1", "news", "ミナモ珈琲", NOW - HOUR, NOW)), source="news")
    assert store.totals(TOPIC, NOW - DAY, NOW).authors == 2
    assert {name: bucket.volume for name, bucket in store.platforms(TOPIC, NOW - DAY, NOW).items()} == {
        "mastodon": 1,
        "misskey": 1,
        "news": 1,
    }
