"""Sides of a brand and regions, as people write of them, and what only looks like them."""

from __future__ import annotations

import pytest

from alerts.advocacy.aspects import ASPECTS, praised
from alerts.advocacy.region_words import DOUBTFUL, LOOK_ALIKES, PLACES
from alerts.advocacy.regions import REGIONS, regions


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ここのコーヒーは味がいい", {"taste"}),
        ("とにかく美味しい！香りも最高", {"taste"}),
        ("店員さんが親切で、値段も手頃", {"service", "price"}),
        ("居心地がよくて落ち着く", {"atmosphere"}),
        ("駅から近くて通いやすい", {"location"}),
        ("作りがしっかりしていて長持ちする", {"quality"}),
        ("設定が簡単で使いやすい", {"ease"}),
        ("サポートの返信がとても早い", {"support"}),
        ("翌日に届いた。梱包もきれい", {"delivery"}),
        ("The staff is friendly and it is cheap", {"service", "price"}),
        # What finds fault praises nothing.
        ("味はいいけど接客は最悪", {"taste"}),
        ("値段が高すぎるけど味は最高", {"taste"}),
        ("コーヒーが美味しくない", set()),
        ("friendly staff but slow delivery", {"service"}),
        ("コスパ悪くない", {"price"}),
        ("味が変わらなくて嬉しい", {"taste"}),
        # 味 in other words is no taste.
        ("意味がわかった", set()),
        ("趣味が同じ。興味が湧いた", set()),
        ("味方です", set()),
        ("最高！", set()),
    ],
)
def test_sides_that_are_praised(text: str, expected: set[str]) -> None:
    assert praised(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("東京都のミナモ珈琲", {"tokyo"}),
        ("京都のミナモ珈琲", {"kyoto"}),
        ("東大阪の店", {"osaka"}),
        ("北広島店に行った", {"hokkaido"}),
        ("渋谷店と横浜店に通っている", {"tokyo", "kanagawa"}),
        ("#札幌 #仙台", {"hokkaido", "miyagi"}),
        ("大阪の福島区にある店", {"osaka"}),
        ("大分県の店", {"oita"}),
        ("山口に旅行した", {"yamaguchi"}),
        ("福島出身です", {"fukushima"}),
        ("石川県民の味方", {"ishikawa"}),
        # People, teams, goods and plain words.
        ("福島さんに聞いた", set()),
        ("山口くんと行く", set()),
        ("石川の話では", set()),
        ("千葉ロッテの試合のあとで", set()),
        ("広島カープを応援しながら", set()),
        ("大分良くなった", set()),
        ("三重に包んでくれた", set()),
        ("北海道産の牛乳", set()),
        ("札幌一番を食べた", set()),
        ("神戸牛のカレー", set()),
        ("どこにもない味", set()),
    ],
)
def test_regions_and_their_look_alikes(text: str, expected: set[str]) -> None:
    assert regions(text) == expected


def test_the_lists_hold_together() -> None:
    words = [word for some in PLACES.values() for word in some.split()]
    assert len(REGIONS) == 47
    assert len(words) == len(set(words))
    assert set(DOUBTFUL.split()) <= set(words)
    assert not set(LOOK_ALIKES.split()) & set(words)
    assert len(ASPECTS) == 9
