"""A regular is who spoke of the topic before the last two days, and only in the last four weeks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from alerts.excess import _newcomer_odds
from alerts.regulars import Regulars
from alerts.replay import Past
from storage.types import Emotion, Label, Observation, Topic

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
NUMBERS = count(1)


def said(day: float, author: str) -> Observation:
    at = NOON + timedelta(days=day)
    return Observation(next(NUMBERS), at, author, Label.NEGATIVE, Emotion.NONE, None, None, None, "x")


def flags(known: Regulars, *seen: Observation) -> list[bool]:
    return [one.regular for one in known.given(seen)]


@pytest.mark.parametrize(
    ("ago", "regular"), [(0.1, False), (1, False), (2, True), (10, True), (28, True), (29, False)]
)
def test_who_spoke_two_days_to_four_weeks_ago_is_a_regular(ago: float, regular: bool) -> None:
    known = Regulars()
    assert flags(known, said(30 - ago, "x:a"), said(30, "x:a"), said(30, "x:b")) == [False, regular, False]


def test_a_mention_keeps_its_answer() -> None:
    known = Regulars()
    first, again = said(0, "x:a"), said(3, "x:a")
    assert flags(known, first, again) == [False, True]
    assert flags(known, replace(first, cause=1), again) == [False, True]
    assert flags(known, again, said(4, "x:a")) == [True, True]


def test_nobody_knows_an_unknown_author() -> None:
    known = Regulars()
    assert flags(known, said(0, ""), said(5, "")) == [False, False]
    known.given([said(40, "x:a")])
    assert known.usual == (0.0, 0.0)


def test_ordinary_days_tell_how_many_regulars_are_usual() -> None:
    known = Regulars()
    for day in range(31):  # every day two that always speak, twice, and two of whom nobody heard before
        names = ("x:a", "x:b", "x:a", "x:b", f"x:{day}", f"y:{day}")
        known.given([said(day, name) for name in names])
        if day == 15:
            assert known.usual == (0.0, 0.0)  # too early to say who is a regular
    regulars, of = known.usual
    assert (regulars, of) == (2 * 15, 4 * 15)  # the days 14 to 28; a person counts once an hour


def test_a_person_counts_once_in_each_hour() -> None:
    known = Regulars()
    for day in range(31):  # as windows of half an hour see them: who speaks all day is met more often
        known.given([said(day + hour / 24, "x:a") for hour in (0, 0.5, 1, 4)])
        known.given([said(day + 0.2, f"x:{day}")])
    assert known.usual == (3 * 15, 4 * 15)


def test_a_busy_day_does_not_say_what_is_usual() -> None:
    known = Regulars()
    for day in range(31):  # a campaign of two days
        visitors = [f"x:{day}-{number}" for number in range(2000 if day == 20 else 7 if day == 21 else 2)]
        known.given([said(day, name) for name in ("x:a", "x:b", *visitors)])
    assert known.usual == (2 * 13, 4 * 13)


def test_days_without_a_word_say_that_a_few_people_are_many() -> None:
    known = Regulars()
    for day in range(31):
        if day % 4 == 0 or day == 22:
            names = [f"x:{day}-{number}" for number in range(3)] if day == 22 else ["x:a"]
            known.given([said(day, name) for name in names])
    known.given([said(31, "x:a")])
    assert known.usual == (4, 4)  # where most days are silent, three strangers on one are many


def test_the_past_counts_regulars_as_the_service_does() -> None:
    told = [said(day, name) for day in range(40) for name in ("x:a", f"x:{day}", "x:b")]
    known = Regulars()
    given = known.given(told)
    history, talk = Past(Topic("ミナモ", "ミナモ"), told, 1).at(NOON + timedelta(days=39, hours=1))
    assert history.regulars == known.usual != (0.0, 0.0)
    assert [one.regular for one in history.recent] == [one.regular for one in given[-6:]]
    assert talk.regulars(talk.at[0] - 1, talk.at[-1]) == 2


def test_without_a_step_the_past_is_looked_at_with_every_mention() -> None:
    told = [said(day, name) for day, name in ((0, "x:a"), (0.3001, "x:b"), (0.3002, "x:c"), (1, "x:a"))]
    looks = Past(Topic("ミナモ", "ミナモ"), told, 1).looks(NOON, NOON + timedelta(days=1), timedelta(0))
    assert [at for at, news in looks if news] == [told[1].at, told[2].at]
    assert sum(not news for _, news in looks) == 24  # and every hour


def test_the_more_regulars_the_less_is_it_a_crisis() -> None:
    odds = [_newcomer_odds(4, regulars, 80, 100) for regulars in range(5)]
    assert odds == sorted(odds, reverse=True)
    assert odds[0] == 50 > odds[1] > 1 > odds[3]
    assert odds[4] == 0.3
    assert _newcomer_odds(500, 450, 300, 1000) == 0.3  # a topic's regulars may turn, too
    assert _newcomer_odds(2, 0, 1, 100) == pytest.approx(1, abs=0.02)  # where all are strangers it is no news
    assert _newcomer_odds(3000, 1, 500, 1000) == 50  # a campaign brings strangers, too
    assert _newcomer_odds(4, 4, 0, 0) == 1.0  # nothing is known of the topic
    assert _newcomer_odds(0, 0, 80, 100) == 1.0
