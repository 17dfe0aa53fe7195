"""Mentions that tell of the same thing in words of their own belong together, and only they."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from alerts.causes import ALIKE, Causes
from storage.types import Emotion, Label, Observation

ZERO = datetime(2026, 11, 20, 11, tzinfo=UTC)


def causes(**shares: float) -> Causes:
    """Words are what stands between spaces; one post in 34,000 uses a word, `shares` say which are commoner."""
    return Causes(lambda text: frozenset(text.split()), lambda word: shares.get(word, 1 / 34_000))


def told(number: int, hours: float, text: str) -> Observation:
    return Observation(
        number, ZERO + timedelta(hours=hours), f"x:{number}", Label.NEGATIVE, Emotion.NONE, None, None, None, "x",
        text,
    )  # fmt: skip


def given(known: Causes, *seen: Observation) -> list[int | None]:
    return [one.cause for one in known.given(seen)]


def test_a_rare_word_joins_and_common_ones_do_not() -> None:
    known = causes(買う=0.04, 電話=0.02, 動画=0.007, 氷=0.004)
    seen = (
        told(1, 0, "スコップ 動画"),
        told(2, 1, "スコップ 最悪"),  # one word that hardly anybody uses
        told(3, 2, "買う 電話"),
        told(4, 3, "買う 電話"),  # two words that everybody uses
        told(5, 4, "動画 氷"),
        told(6, 5, "動画 氷"),  # two that are not rare, together
        told(7, 6, ""),
    )
    assert given(known, *seen) == [1, 1, 3, 4, 5, 5, 7]
    assert ALIKE < 10.4  # a word outside the table joins by itself


def test_what_people_always_say_about_the_topic_joins_nobody() -> None:
    known = causes()
    past = [told(number, number, "港通り店") for number in range(1, 60)]
    known.given(past)
    late = (told(100, 59 + 49, "港通り店"), told(101, 59 + 50, "港通り店"))
    assert given(known, *late) == [100, 101]
    assert given(known, told(102, 110, "港通り店 異臭"), told(103, 111, "港通り店 異臭")) == [102, 102]


def test_a_cause_is_no_news_after_two_days() -> None:
    known = causes()
    seen = [told(1, 0, "スコップ"), *(told(number, 10 * number, "スコップ 氷") for number in range(2, 7))]
    assert given(known, *seen) == [
        1,
        1,
        1,
        1,
        None,
        None,
    ]  # the last two come 50 and 60 hours after the first


def test_mentions_further_apart_than_two_days_are_not_compared() -> None:
    assert given(causes(), told(1, 0, "スコップ"), told(2, 49, "スコップ")) == [1, 2]


def test_a_word_that_suddenly_many_use_joins_them_where_one_would_not() -> None:
    known = causes(動画=0.007)
    seen = [told(number, number / 10, f"動画 語{number}") for number in range(1, 7)]
    assert given(known, *seen) == [1, 2, 2, 2, 2, 2]  # three of three with such a word
    calm = causes(動画=0.007)
    others = [told(number, number / 10, f"語{number}") for number in range(100, 160)]
    first, *late = (told(number, 6 + number / 10, f"動画 声{number}") for number in range(1, 11))
    assert given(calm, *others, first, late[0])[-2:] == [1, 2]  # two of sixty may be chance
    *_, ninth, tenth = given(calm, *late[1:])
    assert ninth == tenth  # ten of seventy are not


def test_how_often_people_join_by_chance_is_counted_once_a_cause_and_two_days_late() -> None:
    known = causes()
    crisis = [told(number, number / 10, "スコップ") for number in range(1, 40)]
    single = [told(number, 10 + number / 10, f"語{number}") for number in range(100, 103)]
    known.given([*crisis, *single])
    assert known.joining == (0, 0)
    known.given((told(999, 100, "あと"),))
    assert known.joining == (1, 5)  # of the crisis two, and the second joined


def test_given_again_a_mention_keeps_its_cause_and_a_late_one_finds_it() -> None:
    known = causes()
    first, second = told(1, 0, "スコップ"), told(2, 2, "スコップ")
    assert given(known, first, second) == [1, 1]
    late = told(3, 1, "スコップ")  # made in between, collected later
    assert given(known, first, late, second) == [1, 1, 1]


@pytest.mark.parametrize("count", [300, 9000])
def test_memory_is_bounded(count: int) -> None:
    known = causes()
    for number in range(count):
        known.given((told(number, number / 4, f"語{number % 50} 語{number}"),))
    assert len(known._told) <= 48 * 4 + 1
    assert len(known._by_word) <= 2 * (48 * 4 + 1)
    assert known._earlier_mentions <= 4000
