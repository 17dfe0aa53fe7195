"""Rising, falling, steady, a second wave: the course of invented crises, many random ones of each shape."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from alerts.incident.growth import ENOUGH, Course, Growth, growth

ZERO = datetime(2026, 11, 22, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
Rate = Callable[[float], float]  # minute → posts a minute


def posts(rate: Rate, minutes: int, seed: int) -> list[datetime]:
    """A Poisson stream of that rate."""
    dice, found = random.Random(seed), []
    for minute in range(minutes):
        left, product = math.exp(-rate(minute)), dice.random()
        while product > left:
            found.append(ZERO + (minute + dice.random()) * MINUTE)
            product *= dice.random()
    return found


def seen(rate: Rate, minutes: int, seeds: int = 30) -> list[Growth]:
    return [growth(posts(rate, minutes, seed), ZERO, ZERO + minutes * MINUTE) for seed in range(seeds)]


def hill(at: float, height: float, width: float = 30) -> Rate:
    return lambda minute: height * math.exp(-(((minute - at) / width) ** 2))


def rising(minute: float) -> float:
    return 0.15 * 2 ** (minute / 40)


def falling(minute: float) -> float:
    return 1.5 * min(minute / 20, 1) * (1 if minute < 60 else 2 ** (-(minute - 60) / 45))


def test_a_rising_crisis_has_a_doubling_time_that_holds_the_truth() -> None:
    found = seen(rising, 180)
    assert {one.course for one in found} == {Course.RISING}
    assert {one.peak_passed for one in found} == {False}
    right = sum(one.pace is not None and one.pace.low <= 40 <= one.pace.high for one in found)
    assert right >= 0.9 * len(found)


def test_a_forecast_holds_the_next_hour_mostly() -> None:
    held = 0
    for seed in range(30):
        every = posts(rising, 240, seed)
        until = ZERO + 180 * MINUTE
        told = growth([at for at in every if at < until], ZERO, until).forecast
        assert told is not None
        coming = sum(until <= at < until + told.length for at in every)
        held += told.low <= coming <= told.high
    assert held >= 27


def test_a_falling_crisis_has_passed_its_peak() -> None:
    found = seen(falling, 240)
    assert {(one.course, one.peak_passed) for one in found} == {(Course.FALLING, True)}
    assert all(one.pace and 25 <= one.pace.middle <= 80 for one in found)


def test_a_plateau_is_neither() -> None:
    found = seen(lambda _: 0.6, 240)
    moving = [one for one in found if one.course in (Course.RISING, Course.FALLING)]
    assert len(moving) <= 3  # one in ten: the interval is of 95 %, and the stretch was chosen
    assert sum(one.course is Course.STEADY for one in found) >= 15
    assert all(one.pace is None for one in found if one not in moving)


def test_a_second_wave_is_seen_and_is_rising() -> None:
    first, second = hill(60, 1.5), hill(300, 2)
    found = seen(lambda minute: first(minute) + second(minute), 300)
    assert {(one.waves, one.course, one.peak_passed) for one in found} == {(2, Course.RISING, False)}


def test_a_second_wave_can_pass_too() -> None:
    first, second = hill(60, 1.5), hill(220, 2)
    found = seen(lambda minute: first(minute) + second(minute), 320)
    assert {(one.waves, one.course, one.peak_passed) for one in found} == {(2, Course.FALLING, True)}


@pytest.mark.parametrize("count", [0, 1, ENOUGH - 1])
def test_from_few_posts_nothing_is_said(count: int) -> None:
    times = [ZERO + number * MINUTE for number in range(count)]
    found = growth(times, ZERO, ZERO + 30 * MINUTE)
    assert (found.course, found.pace, found.forecast, found.peak_passed) == (Course.UNCLEAR, None, None, None)
    assert sum(found.counts) == count


def test_every_post_is_counted_once_and_the_last_bin_is_whole() -> None:
    times = posts(rising, 180, 1)
    found = growth(times, ZERO, ZERO + 180 * MINUTE)
    assert sum(found.counts) == len(times)
    assert found.start + found.bin * len(found.counts) == found.until
    assert found.latest == sum(found.until - found.bin <= at for at in times)


def test_posts_after_the_last_reading_are_left_out() -> None:
    times = posts(rising, 180, 1)
    early = growth(times, ZERO, ZERO + 150 * MINUTE)
    assert sum(early.counts) == sum(at < ZERO + 150 * MINUTE for at in times)
