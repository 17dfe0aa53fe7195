"""Prospects in the store: worked out once a day, kept without a name, and nobody is shown who must not be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from alerts.advocates import AdvocateSettings
from listener import foresight, watching
from listener.foresight import Board, Shown
from storage.db import Store
from storage.types import Stage
from tests.alerts.made import NOW, TOPIC
from tests.alerts.prospects_made import DAY, year

SETTINGS = AdvocateSettings()


def stored(store: Store, *, growing: int = 60) -> Board:
    """The invented year, ranked and worked out."""
    mentions = [one for _, posts in year(growing=growing) for one in posts]
    store.save_page(source="fedi", kind="mastodon", mentions=mentions, seen=[], cursor={}, at=NOW)
    store.save_advocates(TOPIC.name, watching.ranked(store, TOPIC, SETTINGS, NOW), NOW)
    board = foresight.refresh(store, TOPIC, SETTINGS, NOW)
    assert board is not None
    return board


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path_factory.mktemp('foresight') / 'k.db'}") as opened:
        stored(opened)
        yield opened


def shown(store: Store) -> list[Shown]:
    board = foresight.kept(store, TOPIC)
    assert board is not None
    return foresight.shown(store, board, SETTINGS)


def test_it_is_kept_for_a_day(store: Store) -> None:
    board = foresight.kept(store, TOPIC)
    assert board is not None
    assert board.fallback is None
    assert board.backtest is not None
    assert not foresight.due(store, TOPIC, NOW)
    assert foresight.refresh(store, TOPIC, SETTINGS, NOW + timedelta(minutes=5)) is None
    assert foresight.due(store, TOPIC, NOW + timedelta(minutes=10))  # midnight in Tokyo


def test_what_is_kept_names_nobody(store: Store) -> None:
    written = store.setting(foresight.SETTING + TOPIC.name) or ""
    assert written
    assert not [name for name in ("fan", "guest", "mastodon", "おいしい", "id1") if name in written]


def test_everybody_shown_has_the_posts_that_show_it(store: Store) -> None:
    found = shown(store)
    assert len(found) >= 10
    for one in found:
        assert one.mentions
        assert {mention.post.author for mention in one.mentions} == {one.advocate.author}
        assert one.advocate.organic
        assert one.advocate.stage in foresight.OPEN


def test_who_is_contacted_turned_down_opted_out_or_erased_is_gone(store: Store) -> None:
    """At once, and not only after the next day's work; and not found again by it."""
    contacted, left, out, erased = shown(store)[:4]
    for number, *stages in (
        (contacted.advocate.id or 0, Stage.REVIEWED, Stage.CONTACTED),
        (left.advocate.id or 0, Stage.REVIEWED, Stage.LEFT),
    ):
        for stage in stages:
            store.people.move(number, stage, by="佐藤", now=NOW)
    store.privacy.opt_out(out.advocate.author, NOW, by="佐藤")
    store.privacy.erase(erased.advocate.author, NOW, by="佐藤")
    gone = {one.advocate.author.external_id for one in (contacted, left, out, erased)}
    assert not gone & {one.advocate.author.external_id for one in shown(store)}
    again = foresight.outlook(store, TOPIC, SETTINGS, NOW + DAY)
    assert again.prospects
    assert not gone & {one.author.external_id for one in again.prospects}


def test_who_has_arrived_since_is_no_prospect_any_more(store: Store) -> None:
    low = SETTINGS.model_copy(update={"min_score": 0.0})
    board = foresight.kept(store, TOPIC)
    assert board is not None
    assert foresight.shown(store, board, low) == []


def test_another_versions_writing_is_worked_out_anew(store: Store, tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path / 'k.db'}") as other:
        for written in ("{", "{}", '{"topic": 1}'):
            other.set_setting(foresight.SETTING + TOPIC.name, written)
            assert foresight.kept(other, TOPIC) is None
            assert foresight.due(other, TOPIC, NOW)
        assert foresight.refresh(other, TOPIC, SETTINGS, NOW) is None  # nobody was ranked yet
