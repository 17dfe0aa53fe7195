from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product

import pytest

from alerts.decide_rules import rating_alert
from alerts.message import render
from alerts.ratings import Drop, RatingSettings, from_json, step, surprise, to_json
from storage.measures import Stars
from storage.types import Severity
from tests.alerts.made import NOW, TOPIC, mention

SETTINGS = RatingSettings()
DAY = timedelta(days=1)
GOOD = (5, 4, 5, 3, 5, 5, 1, 4, 5, 5)


def reviews(
    stars: Sequence[float], *, start: float, end: float, version: str = "", now: datetime = NOW
) -> list[Stars]:
    """Spread evenly from `start` to `end` days ago."""
    gap = (start - end) / len(stars)
    return [
        Stars(n, "App Store", now - (start - n * gap) * DAY, count, version) for n, count in enumerate(stars)
    ]


def test_a_bad_release_is_told_with_its_version() -> None:
    before = reviews(GOOD * 6, start=60, end=7.5, version="3.4.0")
    bad = reviews((1, 1, 2, 1, 5, 1, 1, 3, 1, 1), start=5, end=0, version="3.5.0")
    old = reviews((5, 4), start=6.5, end=6, version="3.4.0")
    drop = step(None, "App Store", [*before, *old, *bad], SETTINGS, NOW)
    assert drop is not None
    assert (drop.version, drop.version_reviews, drop.version_mean) == ("3.5.0", 10, 1.7)
    assert drop.reviews == 12
    assert drop.reviews_before == 60
    assert drop.before == pytest.approx(4.2)
    assert drop.one_star == pytest.approx(7 / 12)
    assert drop.one_star_before == pytest.approx(0.1)
    assert drop.chance < 1e-4
    assert [next(one.stars for one in bad if one.mention_id == number) for number in drop.evidence] == [1] * 5


@pytest.mark.parametrize(
    ("before", "recent"),
    [
        (GOOD * 6, (1,) * 7),  # too few reviews
        (GOOD, (1,) * 12),  # too few before
        (GOOD * 6, (4, 5, 3, 5, 1, 4, 5, 5, 4, 3)),  # a little worse
        ((1, 5) * 40, (1, 1, 1, 5, 1, 5, 1, 1)),  # a topic whose stars always scatter
        ((1,) * 40, (1,) * 12),  # always bad
    ],
)
def test_what_is_no_drop(before: Sequence[float], recent: Sequence[float]) -> None:
    told = [*reviews(before, start=60, end=7.5), *reviews(recent, start=6, end=0)]
    assert step(None, "App Store", told, SETTINGS, NOW) is None


def test_a_version_that_was_common_before_is_not_blamed() -> None:
    told = [
        *reviews(GOOD * 6, start=60, end=7.5, version="3.4.0"),
        *reviews((1,) * 12, start=6, end=0, version="3.4.0"),
    ]
    drop = step(None, "App Store", told, SETTINGS, NOW)
    assert drop is not None
    assert drop.version == ""


def test_it_is_told_again_only_after_it_came_back() -> None:
    before = reviews(GOOD * 6, start=60, end=7.5)
    drop = step(None, "App Store", [*before, *reviews((1,) * 12, start=6, end=0)], SETTINGS, NOW)
    assert drop is not None
    worse = reviews((1,) * 12, start=6, end=0, now=NOW + 10 * DAY)
    assert step(drop, "App Store", worse, SETTINGS, NOW + 10 * DAY) == drop
    assert step(drop, "App Store", [], SETTINGS, NOW + 10 * DAY) == drop  # nobody says that it is better
    half = reviews((3, 3, 2, 3) * 3, start=6, end=0, now=NOW + 10 * DAY)
    assert (
        step(drop, "App Store", half, SETTINGS, NOW + 10 * DAY) is None
    )  # 2.75 is half the way from 1 to 4.2
    assert step(drop, "App Store", worse, SETTINGS, NOW + 57 * DAY) is None  # that is what is usual now


def test_the_exact_chance_is_what_counting_every_case_gives() -> None:
    """Two reviews after (1, 5): all 25 cases of a Pólya urn with the prior of five reviews."""
    weights = {1: 1.9, 2: 0.4, 3: 0.5, 4: 1.0, 5: 3.2}
    chance = 0.0
    for first, second in product(weights, repeat=2):
        if first + second <= 4:
            again = weights[second] + (first == second)
            chance += weights[first] / 7 * again / 8
    assert surprise([1, 3], [1, 5]) == pytest.approx(chance)


def test_the_normal_curve_goes_on_where_the_exact_one_ends() -> None:
    before = [5, 4, 1, 5, 3] * 60
    exact, normal = surprise([1] * 12 + [4] * 48, before), surprise([1] * 12 + [4] * 49, before)
    assert normal == pytest.approx(exact, rel=0.35)


def test_stable_weeks_are_quiet() -> None:
    chance = random.Random(11)
    told = 0
    for _ in range(300):
        before = chance.choices((1, 2, 3, 4, 5), (15, 5, 10, 20, 50), k=80)
        recent = chance.choices((1, 2, 3, 4, 5), (15, 5, 10, 20, 50), k=15)
        told += surprise(recent, before) <= SETTINGS.chance
    assert told <= 2


def test_state_is_written_and_read() -> None:
    drop = drop_of()
    assert from_json(to_json([drop])) == {"App Store": drop}
    assert from_json(None) == {}


def drop_of() -> Drop:
    return Drop("App Store", NOW, 1.84, 4.2, 12, 60, 0.583, 0.1, 0.0004, 7, "3.5.0", 10, 1.7, (1, 2))


def test_the_alert_in_words() -> None:
    told = rating_alert(drop_of(), TOPIC, NOW, mentions=[mention(1, "更新してから落ちる")])
    assert told is not None
    assert told.key == "rating/ミナモ珈琲/App Store/20261122T145000Z"
    assert told.severity is Severity.WARNING
    shown = render(told, lang="ja", timezone=TOPIC.timezone, base_url="http://127.0.0.1:8484")
    assert shown.title == "【評価低下】ミナモ珈琲：App Storeの直近7日の平均が★1.8（それまで★4.2）"
    assert shown.summary == (
        "直近7日のレビュー12件で、星の平均が2.4下がりました。星1つの割合は58%です（それまで10%）。"
        "バージョン3.5.0のレビューは10件で、平均★1.7です。この更新が原因の可能性があります。"
    )
    assert shown.reasons == ("それまでのレビュー60件と比べると、偶然にここまで下がるのは0.04%程度です。",)
    assert shown.link == "http://127.0.0.1:8484/topics/%E3%83%9F%E3%83%8A%E3%83%A2%E7%8F%88%E7%90%B2"
    assert shown.quotes[0].text == "更新してから落ちる"
    assert rating_alert(drop_of(), TOPIC, NOW + timedelta(hours=2)) is None
    assert rating_alert(drop_of(), replace(TOPIC, own=False), NOW) is None


def test_the_alert_in_english_without_a_version() -> None:
    told = rating_alert(replace(drop_of(), version="", chance=1e-7), TOPIC, NOW)
    assert told is not None
    shown = render(told, lang="en", timezone=TOPIC.timezone)
    assert (
        shown.title == "[Rating drop] ミナモ珈琲: App Store at 1.8 stars over the last 7 days (before: 4.2)"
    )
    assert shown.reasons == (
        "Judged by the 60 reviews before, chance alone does this less than once in ten thousand.",
    )
    assert "Version" not in [field.name for field in shown.fields]
