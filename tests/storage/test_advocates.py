from __future__ import annotations

from dataclasses import replace
from typing import Any

from storage.db import Store
from storage.types import Advocate, Contribution, Reason, Stage
from tests.storage.samples import DAY, HOUR, NOW, TOPIC, author, mention, post, save


def advocate(name: str = "hana", score: float = 70.0, **fields: Any) -> Advocate:
    base = {
        "author": author(name, followers=100),
        "topic": TOPIC,
        "score": score,
        "contributions": (Contribution("praise", 40.5, (3, 1), "おいしい"), Contribution("spam", -1)),
        "organic": True,
        "organic_reasons": (Reason("no_disclosure", {"checked": 9}),),
        "mentions": 9,
        "first_at": NOW - 30 * DAY,
        "last_at": NOW - HOUR,
    }
    return Advocate(**(base | fields))


def test_a_ranking_comes_back_best_first(store: Store) -> None:
    saved = store.save_advocates(TOPIC, [advocate("ken", 50), advocate()], NOW)
    assert [replace(one, id=None) for one in saved] == [advocate("ken", 50), advocate()]
    assert [one.author.external_id for one in store.advocates()] == ["hana", "ken"]
    assert store.advocates(min_score=60) == [saved[1]]
    assert store.advocates(limit=1) == [saved[1]]
    assert store.advocates("トマリギ") == []
    assert store.advocate(saved[0].id or 0) == saved[0]
    assert store.advocate(10**6) is None


def test_the_stage_survives_the_next_ranking(store: Store) -> None:
    (first,) = store.save_advocates(TOPIC, [advocate()], NOW)
    store.people.move(first.id or 0, Stage.REVIEWED, by="佐藤", now=NOW)
    store.people.move(first.id or 0, Stage.CONTACTED, by="佐藤", now=NOW)
    (second,) = store.save_advocates(TOPIC, [advocate(score=80)], NOW + HOUR)
    assert (second.id, second.stage, second.score) == (first.id, Stage.CONTACTED, 80)


def test_who_drops_out_keeps_id_and_stage(store: Store) -> None:
    hana, ken = store.save_advocates(TOPIC, [advocate(), advocate("ken")], NOW)
    other = store.save_advocates("トマリギ", [advocate(topic="トマリギ")], NOW)
    store.people.move(ken.id or 0, Stage.REVIEWED, by="佐藤", now=NOW)
    assert store.save_advocates(TOPIC, [], NOW) == []
    (left,) = store.advocates(TOPIC)
    assert (left.id, left.score, left.stage, left.contributions) == (ken.id, 0, Stage.REVIEWED, ())
    assert store.advocates("トマリギ") == other
    (back,) = store.save_advocates(TOPIC, [advocate()], NOW + DAY)
    assert back.id == hana.id


def test_an_advocate_is_the_author_of_the_mentions(store: Store) -> None:
    save(store, mention(post(author=author(followers=500), fetched_at=NOW + DAY)))
    (one,) = store.save_advocates(TOPIC, [advocate()], NOW)
    assert one.author.followers == 500
