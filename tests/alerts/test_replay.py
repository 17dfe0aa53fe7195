"""Watching the past again: nothing of the future is known, and a trial counts what it should."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from alerts.backtest import Crisis, Trial, first_negative, trial
from alerts.causes import Causes
from alerts.replay import Past, replay
from alerts.thresholds import CrisisSettings
from storage.types import Emotion, Label, Observation, Topic

TOPIC = Topic(name="ミナモ珈琲", brand="ミナモ珈琲")
BEGIN = datetime(2026, 9, 1, tzinfo=UTC)
BURST = BEGIN + timedelta(days=40, hours=5)
END = BEGIN + timedelta(days=60)
MINUTE = timedelta(minutes=1)


def ordinary(days: int = 60) -> list[Observation]:
    """About ten mentions a day, one in ten negative, by different people."""
    dice = random.Random(3)
    times = sorted(BEGIN + timedelta(days=days) * dice.random() for _ in range(10 * days))
    return [seen(at, number, negative=dice.random() < 0.1) for number, at in enumerate(times)]


def seen(at: datetime, number: int, *, negative: bool) -> Observation:
    label = Label.NEGATIVE if negative else Label.NEUTRAL
    return Observation(number, at, f"test:{number}", label, Emotion.NONE, None, None, None, "test")


def with_burst() -> list[Observation]:
    """Forty people are angry within three hours."""
    angry = [seen(BURST + 4.5 * MINUTE * count, 10_000 + count, negative=True) for count in range(40)]
    return sorted([*ordinary(), *angry], key=lambda one: one.at)


@pytest.fixture(scope="module")
def past() -> Past:
    return Past(TOPIC, with_burst(), 1)


@pytest.mark.parametrize("hours", [0, 30, 500, 965.5, 1400])
def test_nothing_of_the_future_is_known(past: Past, hours: float) -> None:
    now = BEGIN + timedelta(hours=hours)
    history, talk = past.at(now)
    assert all(now - timedelta(hours=48) < one.at <= now for one in history.recent)
    assert all(bucket.start + timedelta(hours=1) <= now for bucket in history.buckets)
    assert len(talk.at) == len(history.recent)
    assert len(history.buckets) == min(max(0, int((now - past.since) / timedelta(hours=1))), 56 * 24)
    hours = {bucket.start for bucket in history.buckets}
    known = [one for one in past.seen if one.at.replace(minute=0, second=0, microsecond=0) in hours]
    assert sum(bucket.volume for bucket in history.buckets) == len(known)
    assert sum(bucket.negative for bucket in history.buckets) == sum(
        one.label is Label.NEGATIVE for one in known
    )


def test_authors_of_an_hour_are_counted_once() -> None:
    twice = [replace(seen(BEGIN + n * MINUTE, n, negative=False), author="test:same") for n in (1, 2)]
    history, _ = Past(TOPIC, [*twice, seen(BEGIN + 3 * MINUTE, 9, negative=True)], 1).at(
        BEGIN + timedelta(hours=1)
    )
    (hour,) = history.buckets
    assert (hour.volume, hour.negative, hour.authors) == (3, 1, 2)


def test_looks_end_after_each_negative_mention_and_every_hour(past: Past) -> None:
    looks = past.looks(BURST, BURST + timedelta(hours=6), 5 * MINUTE)
    assert [now for now, _ in looks] == sorted(now for now, _ in looks)
    negative = [one.at for one in past.seen if one.label is Label.NEGATIVE and one.at > BURST]
    first = next(now for now, fresh in looks if fresh)
    assert negative[0] <= first <= negative[0] + 5 * MINUTE
    assert sum(not fresh for _, fresh in looks) <= 6


def test_the_burst_is_found_and_ordinary_weeks_are_quiet(past: Past) -> None:
    (incident,) = replay(past, CrisisSettings(), BEGIN + timedelta(days=14), END, every=5 * MINUTE)
    assert timedelta() <= incident.opened_at - BURST <= timedelta(hours=1)
    assert incident.resolved_at is not None
    assert BURST - MINUTE <= first_negative(incident) <= BURST + MINUTE


def judged(past: Past, *crises: Crisis) -> Trial:
    return trial(past, CrisisSettings(), BURST - timedelta(days=2), END, every=5 * MINUTE, crises=crises)


def test_a_trial_knows_found_missed_and_false(past: Past) -> None:
    real = Crisis(BURST, BURST + timedelta(hours=6), "動画")
    other = Crisis(BURST + timedelta(days=5), BURST + timedelta(days=5, hours=1), "別件")
    before = Crisis(BEGIN, BEGIN + timedelta(days=1), "古い件")
    one = judged(past, real, other, before)
    assert one.found is not None
    assert [(found.crisis.name, found.incident is not None) for found in one.found] == [
        ("動画", True),
        ("別件", False),
    ]
    assert one.recall == 0.5
    assert one.median_delay_min is not None
    assert 0 <= one.median_delay_min <= 60
    assert one.false == ()
    alone = judged(past)
    assert alone.recall is None
    assert alone.false_per_month == pytest.approx(1 / alone.months)


def test_nobody_says_what_was_true(past: Past) -> None:
    plain = trial(past, CrisisSettings(), BURST - timedelta(days=2), END, every=15 * MINUTE)
    assert (plain.found, plain.false, plain.recall, plain.false_per_month) == (None, None, None, None)
    assert plain.per_month == pytest.approx(len(plain.incidents) / plain.months)


def test_a_past_needs_mentions() -> None:
    with pytest.raises(ValueError, match="without mentions"):
        Past(TOPIC, [], 1)


def test_the_past_counts_joining_as_the_service_does() -> None:
    told = [
        replace(seen(BEGIN + number * MINUTE, number, negative=True), text=text)
        for number, text in enumerate(["氷 床", "氷 床", "氷 床", "別"], 1)
    ]
    late = replace(seen(BEGIN + timedelta(days=5), 9, negative=False), text="後")
    causes = Causes(lambda text: frozenset(text.split()), lambda _: 1 / 34_000)
    given = causes.given([*told, late])
    history, _ = Past(TOPIC, given, 1).at(BEGIN + timedelta(days=5))
    assert history.joining == causes.joining == (1, 3)


def test_a_neutral_mention_that_joins_a_cause_is_a_moment_to_look() -> None:
    angry = replace(seen(BURST, 10_000, negative=True), cause=10_000)
    joins = replace(seen(BURST + 5 * MINUTE, 10_001, negative=False), cause=10_000)
    alone = replace(seen(BURST + 9 * MINUTE, 10_002, negative=False), cause=10_002)
    looks = Past(TOPIC, [angry, joins, alone], 1, since=BEGIN).looks(BURST - MINUTE, END, MINUTE)
    assert [moment - BURST for moment, fresh in looks if fresh] == [timedelta(0), 5 * MINUTE]
