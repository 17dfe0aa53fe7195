"""Segments on both databases: saved, changed, deleted, never two of one name, never a person in them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from storage.db import Store
from storage.models_segments import SEGMENT
from storage.segmentation import NOTHING, SegmentError, Wanted, given, wanted_of
from storage.types import Stage
from tests.storage.samples import DAY, HOUR, NOW, TOPIC, author, mention, post, save
from tests.storage.test_advocates import advocate

FANS = Wanted(topic=TOPIC, organic=True, min_score=60.0, aspect="taste", region="hokkaido", within_days=90)


def refused(code: str) -> Any:
    return pytest.raises(SegmentError, check=lambda error: error.code == code)


def rows(store: Store) -> list[dict[str, Any]]:
    with store._database.read() as connection:
        return [dict(row) for row in connection.execute(select(SEGMENT)).mappings()]


def test_what_is_saved_comes_back(store: Store) -> None:
    saved = store.segments.save(" 札幌の味のファン ", FANS, by="佐藤", now=NOW)
    assert (saved.name, saved.wanted, saved.by, saved.at) == ("札幌の味のファン", FANS, "佐藤", NOW)
    assert store.segments.every() == [saved]
    assert store.segments.one(saved.id or 0) == saved
    assert store.segments.called("札幌の味のファン") == saved
    assert store.segments.one(10**6) is None
    assert store.segments.called("ほか") is None


@pytest.mark.parametrize(
    "wanted",
    [
        FANS,
        Wanted(organic=False),
        Wanted(stage="contacted", owner="佐藤", tag="東北"),
        Wanted(max_score=40.0, lang="en"),
    ],
)
def test_only_conditions_that_were_set_are_stored(store: Store, wanted: Wanted) -> None:
    store.segments.save("a", wanted, by="", now=NOW)
    (row,) = rows(store)
    assert row["wanted"] == given(wanted)
    assert wanted_of(row["wanted"]) == wanted
    assert all(value != getattr(NOTHING, name) for name, value in row["wanted"].items())


def test_a_condition_of_a_later_version_does_not_let_more_people_in() -> None:
    with pytest.raises(KeyError, match="unknown conditions: moon"):
        wanted_of({"topic": TOPIC, "moon": "full"})


@pytest.mark.parametrize("again", ["札幌 Fans", "札幌 fans", " 札幌 ＦＡＮＳ "])
def test_a_name_is_taken_in_whatever_width_and_case(store: Store, again: str) -> None:
    first = store.segments.save("札幌 Fans", FANS, by="佐藤", now=NOW)
    with refused("taken"):
        store.segments.save(again, FANS, by="佐藤", now=NOW)
    assert store.segments.every() == [first]
    assert store.segments.called(again) == first


def test_a_suggested_name_gets_a_number(store: Store) -> None:
    names = [store.segments.save("味", FANS, by="", now=NOW, number_if_taken=True).name for _ in range(3)]
    assert names == ["味", "味 2", "味 3"]
    long = [store.segments.save("長" * 60, FANS, by="", now=NOW, number_if_taken=True).name for _ in range(2)]
    assert long == ["長" * 60, "長" * 58 + " 2"]


@pytest.mark.parametrize(
    ("name", "wanted", "code"),
    [
        ("", FANS, "name"),
        (" 　 ", FANS, "name"),
        ("長" * 61, FANS, "long"),
        ("a", NOTHING, "empty"),
        ("a", replace(FANS, stage="famous"), "stage"),
        ("a", replace(FANS, min_score=80.0, max_score=70.0), "score"),
        ("a", replace(FANS, min_score=-1.0), "score"),
        ("a", replace(FANS, max_score=101.0), "score"),
        ("a", replace(FANS, min_score=float("nan")), "score"),
        ("a", replace(FANS, within_days=0), "days"),
        ("a", replace(FANS, within_days=366), "days"),
    ],
)
def test_what_may_not_be_saved(store: Store, name: str, wanted: Wanted, code: str) -> None:
    there = store.segments.save("there", FANS, by="佐藤", now=NOW)
    with refused(code):
        store.segments.save(name, wanted, by="佐藤", now=NOW)
    with refused(code):
        store.segments.change(there.id or 0, name, wanted, by="佐藤", now=NOW)
    assert store.segments.every() == [there]


def test_changing_and_deleting(store: Store) -> None:
    first = store.segments.save("味", FANS, by="佐藤", now=NOW)
    store.segments.save("接客", FANS, by="佐藤", now=NOW)
    other = Wanted(platform="mastodon")
    changed = store.segments.change(first.id or 0, "味のファン", other, by="鈴木", now=NOW + HOUR)
    assert (changed.name, changed.wanted, changed.by, changed.at) == ("味のファン", other, "鈴木", NOW + HOUR)
    assert store.segments.change(first.id or 0, "味のファン", FANS, by="鈴木", now=NOW).wanted == FANS
    with refused("taken"):
        store.segments.change(first.id or 0, "接客", FANS, by="鈴木", now=NOW)
    with refused("unknown"):
        store.segments.change(10**6, "ほか", FANS, by="鈴木", now=NOW)
    assert store.segments.delete(first.id or 0) is True
    assert store.segments.delete(first.id or 0) is False
    assert [one.name for one in store.segments.every()] == ["接客"]


# ------------------------------------------------------------------ whose posts a filter is asked of


def test_writers_come_with_their_posts_of_the_time(store: Store) -> None:
    def wrote(number: str, name: str, *, days: int, platform: str = "mastodon") -> Any:
        who = author(name, platform=platform)
        return mention(post(number, author=who, platform=platform, created_at=NOW - days * DAY))

    save(
        store,
        wrote("1", "hana", days=3),
        wrote("2", "hana", days=2),
        wrote("3", "hana", days=400),
        wrote("4", "hana", days=1, platform="misskey"),
        wrote("5", "yuki", days=1),
    )
    found = store.segments.writers(TOPIC, ["hana"], NOW - 365 * DAY, NOW)
    told = {(who.platform, who.external_id): [one.post.external_id for one in said] for who, said in found}
    assert told == {("mastodon", "hana"): ["1", "2"], ("misskey", "hana"): ["4"]}
    assert store.segments.writers("ほか", ["hana"], NOW - 365 * DAY, NOW) == []
    assert store.segments.writers(TOPIC, [], NOW - 365 * DAY, NOW) == []
    store.privacy.opt_out(author("hana"), NOW, by="佐藤")
    left = store.segments.writers(TOPIC, ["hana", "yuki"], NOW - 365 * DAY, NOW)
    assert {(who.platform, who.external_id) for who, _ in left} == {("misskey", "hana"), ("mastodon", "yuki")}


# ------------------------------------------------------------------ privacy


def test_a_segment_holds_conditions_and_no_people(store: Store) -> None:
    save(store, mention())
    store.save_advocates(TOPIC, [advocate("hana")], NOW)
    store.segments.save("味のファン", FANS, by="佐藤", now=NOW)
    stored = json.dumps(rows(store), ensure_ascii=False, default=str)
    assert "hana" not in stored
    assert {column.name for column in SEGMENT.c} == {"id", "name", "folded", "wanted", "by", "at"}
    assert not SEGMENT.foreign_keys
    assert "segment" not in store.privacy.everything(author("hana"))


def test_an_erasure_leaves_no_name_that_somebody_typed_into_a_segment(store: Store) -> None:
    tagged = Wanted(tag="@hana", platform="mastodon")
    save(store, mention(post(author=replace(author("hana"), name="はな"))))
    store.save_advocates(TOPIC, [advocate("hana")], NOW)
    for name in ("hana のような人", "@hana", "hana"):
        store.segments.save(name, tagged, by="佐藤", now=NOW)
    kept = store.segments.save("味のファン", replace(FANS, platform="mastodon"), by="佐藤", now=NOW)
    store.privacy.erase(author("hana"), NOW + timedelta(days=1), by="佐藤")
    found = store.segments.every()
    assert len({one.name for one in found}) == 4
    assert all("hana" not in one.name and "hana" not in one.wanted.tag for one in found)
    assert "hana" not in json.dumps(rows(store), ensure_ascii=False, default=str)
    assert kept in found
    assert {one.wanted.platform for one in found} == {"mastodon"}


def test_a_handle_that_is_also_a_word_of_ours_breaks_no_filter(store: Store) -> None:
    who = author("7", handle="tag")
    save(store, mention(post(author=who)))
    wanted = Wanted(tag="VIP", region="tokyo", stage=Stage.REVIEWED.value)
    saved = store.segments.save("東京", wanted, by="佐藤", now=NOW)
    store.privacy.erase(who, NOW + DAY, by="佐藤")
    assert store.segments.every() == [saved]
