"""Saved filters over advocates: who is found, and which groups are worth saving."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from alerts import segments
from alerts.advocacy.fit import Programme
from alerts.segments import Profile, members, micro_segments, summed
from storage.journeys import Journey
from storage.segmentation import SegmentError, Wanted
from storage.types import Author, Label, Stage
from tests.alerts.made import NOW, TOPIC, advocate, mention

BASE = Wanted(organic=True, min_score=30.0)


def person(
    name: str,
    *texts: str,
    platform: str = "x",
    score: float = 70.0,
    label: Label = Label.POSITIVE,
    **more: Any,
) -> Profile:
    """An advocate with these posts, a week apart, the last of them yesterday."""
    author = Author(platform, name, name, name)
    organic, stage = more.pop("organic", True), more.pop("stage", Stage.CANDIDATE)
    one = replace(advocate(score, organic=organic, author=author), id=sum(map(ord, name)), stage=stage)
    day = timedelta(days=1)
    said = [
        mention(number + 1, text, label=label, author=author, at=NOW - day - number * timedelta(weeks=1))
        for number, text in enumerate(texts)
    ]
    return segments.profile(
        one, said, said, TOPIC, NOW, journey=more.pop("journey", Journey(one.id or 0)), **more
    )


def names(people: list[Profile]) -> set[str]:
    return {one.advocate.author.external_id for one in people}


@pytest.fixture
def people() -> list[Profile]:
    liked, owned = "ミナモ珈琲の味が好き", Journey(6, owner="佐藤", tags=("VIP", "東北"))
    return [
        person("taste", f"{liked}。札幌の店によく行く", "友達に教えた", consents=frozenset({"quote"})),
        person("service", "接客がいい", platform="mastodon", consents=frozenset({"export", "contact"})),
        person("blame", "ミナモ珈琲の味は最悪。大阪の店", label=Label.NEGATIVE, score=20.0),
        person("paid", liked, organic=False),
        person("left", liked, stage=Stage.LEFT),
        person("out", liked, journey=Journey(5, opted_out_at=NOW)),
        person("owned", "ミナモ珈琲に来た", stage=Stage.CONTACTED, journey=owned),
    ]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Wanted(min_score=1), {"taste", "service", "blame", "paid", "owned"}),
        (Wanted(topic=TOPIC.name), {"taste", "service", "blame", "paid", "owned"}),
        (Wanted(topic="トマリギ"), set()),
        (Wanted(organic=True), {"taste", "service", "blame", "owned"}),
        (Wanted(organic=False), {"paid"}),
        (Wanted(max_score=20), {"blame"}),
        (Wanted(stage="left"), {"left"}),
        (Wanted(stage="contacted"), {"owned"}),
        (Wanted(owner="佐藤"), {"owned"}),
        (Wanted(tag="東北"), {"owned"}),
        (Wanted(tag="北"), set()),
        (Wanted(aspect="taste"), {"taste", "paid"}),
        (Wanted(aspect="taste", organic=True), {"taste"}),
        (Wanted(region="hokkaido"), {"taste"}),
        (Wanted(region="osaka"), {"blame"}),
        (Wanted(platform="mastodon"), {"service"}),
        (Wanted(lang="ja", min_score=60), {"taste", "service", "paid", "owned"}),
        (Wanted(lang="en"), set()),
        (Wanted(programme="ambassador"), set()),
    ],
)
def test_every_condition_finds_its_people(people: list[Profile], wanted: Wanted, expected: set[str]) -> None:
    assert names(members(people, wanted, NOW)) == expected


def test_conditions_only_ever_narrow(people: list[Profile]) -> None:
    wide = names(members(people, Wanted(organic=True), NOW))
    for more in ({"aspect": "taste"}, {"region": "hokkaido"}, {"platform": "x"}, {"min_score": 50.0}):
        assert names(members(people, Wanted(organic=True, **more), NOW)) < wide  # type: ignore[arg-type]


def test_the_latest_post_counts_days() -> None:
    one = person("taste", "ミナモ珈琲の味が好き")
    assert members([one], Wanted(within_days=1), NOW)
    assert not members([one], Wanted(within_days=1), NOW + timedelta(hours=1))


def test_a_programme_that_suits_is_a_condition() -> None:
    friends = person(
        "friends", *(f"ミナモ珈琲を友達{n}人にすすめたら喜ばれた。絶対おすすめ" for n in range(2, 7))
    )
    assert friends.suggestion.best is Programme.REFERRAL
    assert names(members([friends], Wanted(programme="referral"), NOW)) == {"friends"}


def test_the_best_score_comes_first() -> None:
    low, high = person("low", "ミナモ珈琲", score=40.0), person("high", "ミナモ珈琲", score=90.0)
    assert [one.advocate.score for one in members([low, high], Wanted(min_score=1), NOW)] == [90.0, 40.0]


def test_the_sum_says_who_consents(people: list[Profile]) -> None:
    total = summed(members(people, Wanted(organic=True, min_score=60), NOW))
    assert (total.people, total.consenting, total.exportable) == (3, 2, 1)
    assert total.share == pytest.approx(2 / 3)
    assert summed([]).share is None


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (Wanted(topic="どこか"), "topic"),
        (Wanted(aspect="colour"), "aspect"),
        (Wanted(region="atlantis"), "region"),
        (Wanted(programme="royalty"), "programme"),
    ],
)
def test_a_word_of_no_list_is_refused(wanted: Wanted, code: str) -> None:
    with pytest.raises(SegmentError) as caught:
        segments.check(wanted, [TOPIC.name])
    assert caught.value.code == code


def test_known_words_pass() -> None:
    segments.check(
        Wanted(topic=TOPIC.name, aspect="taste", region="oita", programme="referral"), [TOPIC.name]
    )


# ------------------------------------------------------------------ groups worth saving


def crowd() -> list[Profile]:
    """Six in Sapporo who like the service, three of them on X; four elsewhere who like the price."""
    service = "ミナモ珈琲の札幌店、店員さんが親切"
    return [
        *(person(f"a{n}", service, platform="x") for n in range(3)),
        *(person(f"b{n}", service, platform="mastodon") for n in range(3)),
        *(person(f"c{n}", "ミナモ珈琲は値段が手頃", platform="mastodon") for n in range(4)),
    ]


def test_groups_are_found_from_a_size_on_the_narrowest_first() -> None:
    found = micro_segments(crowd(), BASE, NOW, least=3)
    told = [
        ({k for k in ("aspect", "region", "platform") if getattr(one.wanted, k)}, one.people) for one in found
    ]
    # "service" and "Hokkaido" find the same six: the shorter of equal filters stays, and only once.
    assert ({"aspect"}, 6) in told
    assert ({"aspect", "platform"}, 3) in told
    assert ({"aspect"}, 4) in told
    assert len(told) == 4
    assert [len(axes) for axes, _ in told] == sorted((len(axes) for axes, _ in told), reverse=True)
    for one in found:
        assert one.wanted.organic is True
        assert one.wanted.topic == TOPIC.name
        assert len(members(crowd(), one.wanted, NOW)) == one.people


def test_five_people_make_a_group_by_default() -> None:
    assert [one.people for one in micro_segments(crowd(), BASE, NOW)] == [6]
    assert micro_segments(crowd()[:4], BASE, NOW) == []


def test_what_everybody_shares_or_is_saved_is_no_group() -> None:
    same = [person(f"s{n}", "ミナモ珈琲の味が好き") for n in range(8)]
    assert micro_segments(same, BASE, NOW) == []
    (group,) = micro_segments(crowd(), BASE, NOW)
    assert micro_segments(crowd(), BASE, NOW, saved=[group.wanted]) == []


def test_nobody_below_the_base_is_counted() -> None:
    weak = [person(f"w{n}", "ミナモ珈琲の接客がいい", score=10.0) for n in range(6)]
    paid = [person(f"p{n}", "ミナモ珈琲の接客がいい", organic=False) for n in range(6)]
    assert micro_segments([*weak, *paid, *crowd()[6:]], BASE, NOW, least=5) == []
