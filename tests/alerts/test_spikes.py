from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from alerts.decide_rules import spike_alert
from alerts.message import render
from alerts.spikes import Spike, SpikeSettings, SpikeState, begin, from_json, look_again, stories, to_json
from storage.measures import Voice
from storage.types import Engagement, Label, Severity
from tests.alerts.made import NOW, TOPIC, mention

ZONE = ZoneInfo("Asia/Tokyo")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
SETTINGS = SpikeSettings()
START = NOW - timedelta(days=10)
LABELS = (Label.POSITIVE, Label.NEUTRAL, Label.NEGATIVE)


def usual(per_day: float, *, days: float = 11, seed: int = 5) -> list[Voice]:
    """Different people all day, fewer at night, in bunches."""
    chance, spoken, hour = random.Random(seed), list[Voice](), START
    while hour < START + timedelta(days=days):
        rate = per_day / 24 * (0.3 if 1 <= hour.astimezone(ZONE).hour < 7 else 1.2)
        for _ in range(sum(chance.random() < rate * chance.gammavariate(4, 0.25) / 40 for _ in range(40))):
            label = chance.choices(LABELS, (35, 50, 15))[0]
            spoken.append(Voice(hour + chance.random() * HOUR, chance.randrange(10**6), label))
        hour += HOUR
    return spoken


def burst(
    count: int, label: Label = Label.NEUTRAL, *, over: float = 1.0, at: datetime = NOW, authors: int = 10**6
) -> list[Voice]:
    return [Voice(at + n / count * over * HOUR, 10**7 + n % authors, label) for n in range(count)]


def watched(
    voices: Sequence[Voice],
    *,
    own: bool = True,
    begin_at: datetime | None = None,
    end: datetime | None = None,
    every: timedelta = 10 * MINUTE,
) -> list[tuple[float, Spike]]:
    """What is told, and how many minutes after NOW; looked at from time to time, knowing only the past."""
    spoken = sorted(voices, key=lambda one: one.at)
    now = begin_at or NOW - 6 * HOUR
    state, told = begin(START, now), []
    while now <= (end or NOW + 3 * HOUR):
        known = [one for one in spoken if state.until - HOUR <= one.at < now]
        after = look_again(state, known, own=own, zone=ZONE, settings=SETTINGS, now=now)
        if after.told is not None and after.told != state.told:
            told.append(((now - NOW) / MINUTE, after.told))
        state = _through_json(after)
        now += every
    return told


def _through_json(state: SpikeState) -> SpikeState:
    again = from_json(to_json(state))
    assert again == state
    return again


@pytest.mark.parametrize("per_day", [5, 60, 400])
def test_ordinary_days_are_quiet(per_day: float) -> None:
    assert watched(usual(per_day), begin_at=START + timedelta(days=4), every=HOUR) == []


@pytest.mark.parametrize(
    ("label", "own", "code"),
    [
        (Label.NEUTRAL, True, "talk_spike"),
        (Label.POSITIVE, True, "positive_spike"),
        (Label.NEGATIVE, False, "competitor_spike"),
        (Label.POSITIVE, False, "competitor_spike"),
    ],
)
def test_a_spike_is_told_once_under_its_name(label: Label, own: bool, code: str) -> None:
    told = watched([*usual(60), *burst(60, label), *burst(60, label, at=NOW + 2 * HOUR)], own=own)
    assert [spike.code for _, spike in told] == [code]
    minutes, spike = told[0]
    assert 0 < minutes <= 40
    assert spike.count >= SETTINGS.min_people
    assert spike.count >= SETTINGS.min_ratio * spike.usual
    assert abs(spike.start - NOW) <= HOUR


def test_negative_talk_of_our_own_is_left_to_the_rules_on_crises() -> None:
    assert watched([*usual(60), *burst(60, Label.NEGATIVE)]) == []


def test_one_person_who_shouts_is_no_spike() -> None:
    assert watched([*usual(60), *burst(80, authors=3)]) == []
    nameless = [replace(one, author=None) for one in burst(60)]  # a source that names nobody
    assert len(watched([*usual(60), *nameless])) == 1


def test_a_quiet_topic_shows_within_the_hour() -> None:
    ((minutes, spike),) = watched([*usual(4), *burst(20, at=NOW + 10 * MINUTE)])
    assert spike.minutes == 60
    assert minutes <= 60


def test_too_few_are_not_told_however_unusual() -> None:
    assert watched([*usual(1), *burst(9)]) == []


def test_nothing_is_told_before_two_days_of_talk() -> None:
    young = [one for one in usual(60) if one.at >= NOW - 30 * HOUR]
    told = watched([*young, *burst(90)])
    assert len(told) == 1  # the topic's first mention is ten days old: its silence is known
    state = begin(NOW - 30 * HOUR, NOW)
    known = sorted([*young, *burst(90)], key=lambda one: one.at)
    after = look_again(state, known, own=True, zone=ZONE, settings=SETTINGS, now=NOW + HOUR)
    assert after.told is None


def test_what_comes_late_still_counts() -> None:
    """A source that is read once an hour: the people of 23:50 are known at 0:50."""
    spoken = sorted([*usual(60), *burst(40, over=0.5)], key=lambda one: one.at)
    first = begin(START, NOW + HOUR)
    early = [one for one in spoken if one.at < NOW]
    state = look_again(first, early, own=True, zone=ZONE, settings=SETTINGS, now=NOW + 40 * MINUTE)
    assert state.told is None
    known = [one for one in spoken if one.at >= state.until - HOUR]
    after = look_again(state, known, own=True, zone=ZONE, settings=SETTINGS, now=NOW + 70 * MINUTE)
    assert after.told is not None
    assert after.told.found_at == NOW + 70 * MINUTE


def test_a_spike_from_when_we_were_down_is_not_news() -> None:
    assert watched([*usual(60), *burst(60)], begin_at=NOW + 9 * HOUR, end=NOW + 10 * HOUR) == []


def test_a_state_of_another_rule_is_begun_anew() -> None:
    text = to_json(begin(START, NOW))
    assert from_json(text.replace('"version": 1', '"version": 0')) is None
    assert from_json(None) is None


def test_stories_the_largest_first_with_the_loudest_post() -> None:
    loud = mention(3, story=7, engagement=Engagement(likes=50))
    told = [mention(1, story=7), mention(2, story=8), loud, mention(4, story=7)]
    assert [(one.id, count) for one, count in stories(told)] == [(3, 3), (2, 1)]


def found() -> Spike:
    return Spike("competitor_spike", NOW - 20 * MINUTE, NOW, 15, 38, 4.04, 0.5, 0.25)


def test_the_alert_in_words() -> None:
    about = [(mention(1, "新作のほうじ茶ラテ、並んでる"), 12), (mention(2, "駅前店に行列"), 3)]
    told = spike_alert(found(), replace(TOPIC, own=False), NOW, stories=about)
    assert told is not None
    assert told.key == "spike/ミナモ珈琲/20261122T1430Z"
    assert told.severity is Severity.WATCH
    shown = render(told, lang="ja", timezone=TOPIC.timezone, base_url="http://127.0.0.1:8484")
    assert shown.title == "【競合の動き】ミナモ珈琲：15分で38人が投稿（平常4人）"
    assert shown.summary.endswith("いちばん多い話題は15件中12件です（主な投稿の先頭）。")
    assert shown.reasons[0].startswith("同じ時間帯の平常（4人）の9.4倍")
    assert [one.value for one in shown.fields] == ["11/22 23:30", "38人", "好意的50%・ネガティブ25%"]
    assert len(shown.quotes) == 2
    assert spike_alert(found(), TOPIC, NOW + 2 * HOUR) is None


@pytest.mark.parametrize(
    ("code", "japanese", "english"),
    [
        ("positive_spike", "【好意的な話題】", "[Praise]"),
        ("talk_spike", "【話題の急増】", "[Surge of talk]"),
    ],
)
def test_each_spike_has_its_words(code: str, japanese: str, english: str) -> None:
    told = spike_alert(replace(found(), code=code), TOPIC, NOW)
    assert told is not None
    assert render(told, lang="ja", timezone=TOPIC.timezone).title.startswith(japanese)
    assert render(told, lang="en", timezone=TOPIC.timezone).title.startswith(english)
