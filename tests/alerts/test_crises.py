"""Crisis stories, and the properties that every detection has."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from alerts.baseline import learn
from alerts.chance import count_tail, share_tail
from alerts.crises import CRITICAL_PHRASE, NEGATIVE_EXCESS, CrisisSettings, detect
from alerts.decide import incident_alert
from alerts.evidence import rank
from alerts.windows import windows_until
from storage.types import Emotion, History, Incident, IncidentState, Label, Observation, Severity, Topic
from tests.timeline import (
    TOPIC,
    ZERO,
    Recorder,
    Timeline,
    alert,
    at,
    between,
    expect,
    expect_nothing,
    gap,
    usual,
)

# ------------------------------------------------------------------ stories that must be told


def test_fast_crisis_opens_escalates_and_resolves() -> None:
    story = Timeline(
        usual(per_day=40),
        at(0).posts(40, over=2),
        expect(between(0, 0.7), alert("opened", severity=Severity.WATCH, kind=NEGATIVE_EXCESS)),
        expect(between(0.3, 1), alert("escalated", severity=Severity.WARNING)),
        expect(between(0.6, 2), alert("escalated", severity=Severity.CRISIS)),
        expect(between(12, 30), alert("resolved")),
    ).run(every=10)
    assert len(story.incidents) == 1


def test_night_crisis_of_a_sparse_brand_is_seen_with_few_posts() -> None:
    night = ZERO + timedelta(hours=7)  # 03:00 in Tokyo
    Timeline(
        usual(per_day=2),
        at(0).posts(8, over=2),
        expect(between(0, 2), alert("opened")),
        expect(between(0.2, 3), alert("escalated", severity=Severity.WARNING)),
        expect(between(10, 30), alert("resolved")),
        zero=night,
    ).run()


def test_slow_crisis_over_two_days_is_one_incident() -> None:
    story = Timeline(
        usual(per_day=20),
        at(0).posts(60, over=48),
        expect(between(2, 20), alert("opened")),
        expect(between(2, 48), alert("escalated")),
        expect(between(24, 60), alert("still_open")),
    ).run(every=30)
    assert len(story.incidents) == 1


def test_a_topic_without_history_is_watched_from_the_first_hour() -> None:
    Timeline(
        at(0).posts(25, over=1),
        expect(between(0, 1), alert("opened")),
        expect(between(0, 1.5), alert("escalated")),
    ).run(end=2)


def test_normal_talk_turning_negative_is_seen_without_extra_volume() -> None:
    Timeline(
        usual(per_day=24),
        at(0).posts(30, over=20),
        expect(between(0, 16), alert("opened")),
        expect(between(0, 20), alert("escalated")),
    ).run(end=20)


def test_two_waves_are_one_incident() -> None:
    story = Timeline(
        usual(per_day=20),
        at(0).posts(20, over=1),
        at(9).posts(20, over=1),
        expect(between(0, 1), alert("opened")),
        expect(between(0, 12), alert("escalated")),
        expect(between(20, 40), alert("resolved")),
    ).run(every=30)
    assert len(story.incidents) == 1


# ------------------------------------------------------------------ stories that must not


@pytest.mark.parametrize("per_day", [0.5, 5, 60])
def test_an_ordinary_week_is_silent(per_day: float) -> None:
    Timeline(usual(per_day=per_day, negative=0.15), expect_nothing()).run(start=-48, end=72, every=60)


def test_complaint_thread_of_two_people_is_silent() -> None:
    Timeline(usual(per_day=5), at(0).posts(30, over=1, authors=2), expect_nothing()).run(end=24)


def test_one_text_copied_by_fifty_accounts_is_silent() -> None:
    Timeline(usual(per_day=5, negative=0), at(0).posts(50, over=1, same_text=True), expect_nothing()).run(
        end=12
    )


def test_campaign_with_the_usual_share_of_critics_is_silent() -> None:
    Timeline(
        usual(per_day=20, negative=0.15),
        at(0).posts(270, over=3, label=Label.POSITIVE),
        at(0).posts(30, over=3),
        expect_nothing(),
    ).run(end=12)


def test_a_crisis_half_of_which_the_model_misjudges_is_told() -> None:
    """Irony, spoken blame, hashtags: of the publisher's story the bundled model calls 21 of 43 negative."""
    crisis = (at(0).posts(22, over=2, label=Label.NEUTRAL), at(0).posts(21, over=2))
    Timeline(
        usual(per_day=15, negative=0.15),
        *crisis,
        expect(between(0, 1), alert("opened", kind=NEGATIVE_EXCESS)),
        expect(between(0.5, 1.5), alert("escalated", severity=Severity.WARNING)),
        expect(between(1, 2.5), alert("escalated", severity=Severity.CRISIS)),
    ).run(end=6)


def _opened(*parts: object, hours: float = 0.5) -> list[Incident]:
    now = ZERO + timedelta(hours=hours)
    return detect(_history(*parts, now=now), [], CrisisSettings(), now)


def test_two_people_who_tell_of_the_same_new_thing_are_enough_for_a_quiet_topic() -> None:
    calm = usual(per_day=3)
    (found,) = _opened(calm, at(0).posts(2, over=0.3, cause=77))
    assert (found.severity, found.reasons[0].values["same_cause"]) == (Severity.WATCH, 2)
    assert not _opened(calm, at(0).posts(2, over=0.3))
    assert not _opened(calm, at(0).posts(2, over=0.3, cause=77, authors=1))


def test_two_strangers_are_enough_where_nearly_nobody_speaks_and_two_regulars_are_not() -> None:
    now = ZERO + timedelta(hours=0.5)
    history = _history(usual(per_day=3, negative=0.1), at(0).posts(2, over=0.3), now=now)
    history = replace(history, regulars=(90, 100))
    (found,) = detect(history, [], CrisisSettings(), now)
    assert (found.severity, found.reasons[0].values["regulars"]) == (Severity.WATCH, 0)
    known = tuple(replace(seen, regular=True) for seen in history.recent)
    assert not detect(replace(history, recent=known), [], CrisisSettings(), now)
    assert not _opened(usual(per_day=10, negative=0.05), at(0).posts(2, over=0.3))


@pytest.mark.parametrize(
    ("regulars", "among", "neutral", "told"),
    [
        ((90, 100), 0, 0, True),
        ((0, 100), 0, 0, False),  # here all are strangers every day
        ((90, 100), 1, 0, False),  # one of the two wrote in the weeks before
        ((90, 100), 0, 1, True),  # one more speaks, not negatively
        ((90, 100), 0, 2, False),  # half of the four: as in a campaign
    ],
)
def test_two_strangers_are_enough_where_regulars_speak(
    regulars: tuple[float, float], among: int, neutral: int, told: bool
) -> None:
    now = ZERO + timedelta(hours=0.5)
    others = at(0.1).posts(neutral, over=0.1, label=Label.NEUTRAL)
    history = _history(usual(per_day=6), at(0.05).posts(2, over=0.3), others, now=now)
    known = {f"mastodon:wave1-{number}" for number in range(among)}
    recent = tuple(replace(seen, regular=seen.author in known) for seen in history.recent)
    assert sum(seen.regular for seen in recent) == among
    found = detect(replace(history, recent=recent, regulars=regulars), [], CrisisSettings(), now)
    assert bool(found) is told


@pytest.mark.parametrize(("earlier", "critics", "told"), [(0, 2, True), (30, 2, False), (30, 12, True)])
def test_critics_of_a_campaign_who_meet_in_a_lull_are_no_crisis(
    earlier: int, critics: int, told: bool
) -> None:
    """Nobody else speaks in their half hour, but many did in the hours before."""
    now = ZERO + timedelta(hours=0.5)
    campaign = at(-6).posts(earlier, over=5.4, label=Label.NEUTRAL)
    history = _history(usual(per_day=6), campaign, at(0.05).posts(critics, over=0.3), now=now)
    assert bool(detect(replace(history, regulars=(60, 100)), [], CrisisSettings(), now)) is told


def test_two_who_answer_each_other_are_a_quarrel() -> None:
    now = ZERO + timedelta(hours=0.5)
    two, three = at(0.05).posts(2, over=0.3), at(0.05).posts(3, over=0.3, authors=2)
    for posts, told in ((two, True), (three, False)):
        history = _history(usual(per_day=3, negative=0.1), posts, now=now)
        assert bool(detect(replace(history, regulars=(70, 100)), [], CrisisSettings(), now)) is told


def test_an_incident_says_how_many_are_regulars() -> None:
    now = ZERO + timedelta(hours=1)
    history = _history(usual(per_day=10), at(0.1).posts(12, over=0.8), now=now)
    known = {f"mastodon:wave1-{number}" for number in range(5)}
    some = tuple(replace(seen, regular=seen.author in known) for seen in history.recent)
    (found,) = detect(replace(history, recent=some, regulars=(30, 100)), [], CrisisSettings(), now)
    assert (found.reasons[0].values["regulars"], found.reasons[0].values["count"]) == (5, 12)


def test_in_a_busy_topic_those_who_tell_of_the_same_stand_out() -> None:
    busy = usual(per_day=200, negative=0.12)
    assert _opened(busy, at(0).posts(4, over=0.4, cause=77))
    assert not _opened(busy, at(0).posts(4, over=0.4))


def test_people_whom_the_model_calls_neutral_count_when_they_tell_of_a_bad_thing() -> None:
    calm, angry = usual(per_day=30), at(0).posts(4, over=0.4, cause=77)
    others = [at(0.05).posts(5, over=0.4, label=Label.NEUTRAL, cause=cause) for cause in (77, None)]
    (found,) = _opened(calm, angry, others[0])
    assert (found.reasons[0].values["count"], found.reasons[0].values["telling"]) == (4, 5)
    assert found.reasons[0].values["p"] < 1e-6


@pytest.mark.parametrize(
    ("angry", "others", "told"),
    [(1, 1, False), (1, 2, False), (1, 20, False), (2, 1, True), (2, 9, False), (3, 5, False), (4, 5, True)],
)
def test_a_launch_with_a_critic_among_the_first_is_no_crisis(angry: int, others: int, told: bool) -> None:
    """All tell of the new thing. Only where more of them are negative than is usual do the others count as blame."""
    parts = [
        at(0.02).posts(angry, over=0.2, cause=77),
        at(0.03).posts(others, over=0.2, label=Label.NEUTRAL, cause=77),
    ]
    assert bool(_opened(usual(per_day=3), *parts)) is told


def test_backlog_after_a_gap_is_silent() -> None:
    """Posts that carry the time of arrival come all at once when a source is back."""
    backlog = (usual(per_day=96, negative=0.3), at(0).posts(16, over=0.2))
    Timeline(*backlog, gap(-14, 0), expect_nothing()).run(start=0, end=1)
    with pytest.raises(AssertionError, match="not expected"):
        Timeline(*backlog, expect_nothing()).run(start=0, end=1)


# ------------------------------------------------------------------ phrases


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("ミナモ珈琲で食中毒になった", True),
        ("パンに異物混入。ミナモ珈琲ひどい", True),
        ("ミナモ珈琲から個人情報が漏れている", True),
        ("ミナモ珈琲 情報　漏えい らしい", True),
        ("FOOD POISONING at Minamo Coffee", True),
        ("競合との差別化ができていない", False),
        ("食中毒予防のポスターが古い", False),
        ("コーヒーがぬるい", False),
    ],
)
def test_critical_phrase_needs_two_people(text: str, told: bool) -> None:
    posts = at(0).posts(2, over=0.5, text=text)
    found = Timeline(usual(per_day=5), posts, settings=CrisisSettings(min_authors=5))
    if told:
        found.parts = (*found.parts, expect(between(0, 1), alert("opened", kind=CRITICAL_PHRASE)))
        found.run(end=2)
        reason = next(iter(found.incidents.values())).reasons[0]
        assert reason.values["count"] == 2
    else:
        found.run(end=2)


def test_one_person_with_a_critical_phrase_is_not_told_by_default_and_is_at_one() -> None:
    posts = at(0).posts(3, over=0.5, authors=1, text="ミナモ珈琲で食中毒")
    Timeline(posts, expect_nothing()).run(end=2)
    Timeline(
        posts,
        expect(between(0, 1), alert("opened", severity=Severity.WATCH, kind=CRITICAL_PHRASE)),
        settings=CrisisSettings(critical_authors=1),
    ).run(end=2)


def test_praise_with_a_critical_phrase_is_silent() -> None:
    Timeline(at(0).posts(5, label=Label.POSITIVE, text="異物混入を丁寧に防いでいる"), expect_nothing()).run(
        end=2
    )


# ------------------------------------------------------------------ one incident


def _history(*parts: object, now: datetime = ZERO, topic: Topic = TOPIC) -> History:
    return Recorder(Timeline(*parts, topic=topic)).at(now)  # type: ignore[arg-type]


CRISIS = (usual(per_day=20), at(-1).posts(30, over=1))


def test_replay_gives_the_same_incident() -> None:
    history = _history(*CRISIS)
    first = detect(history, [], CrisisSettings(), ZERO)
    assert first == detect(history, [], CrisisSettings(), ZERO)
    assert [one.key for one in first] == ["ミナモ珈琲/negative_excess/20261120T1100Z"]
    assert first[0].opened_at == ZERO


def test_reason_carries_its_numbers() -> None:
    incident = detect(_history(*CRISIS), [], CrisisSettings(), ZERO)[0]
    values = incident.reasons[0].values
    assert values["count"] >= 25
    assert values["expected"] < 3
    assert values["share"] > 0.8
    assert values["baseline_share"] < 0.2
    assert values["p"] < 1e-6
    assert values["false_alarm_days"] > 120
    assert values["opened_as"] == incident.severity.value == "crisis"
    assert datetime.fromisoformat(values["since"]) <= ZERO


def test_nothing_new_about_an_open_incident_is_nothing() -> None:
    history = _history(*CRISIS)
    known = detect(history, [], CrisisSettings(), ZERO)
    assert detect(history, known, CrisisSettings(), ZERO + timedelta(minutes=1)) == []


def test_severity_never_falls_while_open() -> None:
    history = _history(usual(per_day=20), at(-1).posts(9, over=1))
    known = detect(history, [], CrisisSettings(), ZERO)
    worse = [replace(known[0], severity=Severity.CRISIS, updated_at=ZERO - timedelta(hours=2))]
    again = detect(history, worse, CrisisSettings(), ZERO)
    assert [one.severity for one in again] == [Severity.CRISIS]


def test_an_escalation_says_from_which_step_it_came() -> None:
    """Opened for the watch list, by now a warning: the message on the crisis says that it was a warning."""
    opened = detect(_history(*CRISIS), [], CrisisSettings(), ZERO)[0]
    values = {**opened.reasons[0].values, "opened_as": "watch"}
    known = replace(
        opened, severity=Severity.WARNING, reasons=(replace(opened.reasons[0], values=values),), evidence=()
    )
    (worse,) = detect(_history(*CRISIS), [known], CrisisSettings(), ZERO)
    assert (worse.reasons[0].values["opened_as"], worse.reasons[0].values["rose_from"]) == (
        "watch",
        "warning",
    )
    told = incident_alert(worse, None, ZERO)
    assert told is not None
    assert told.reason.values == {"from": "warning", "to": "crisis"}
    later = ZERO + timedelta(hours=1, minutes=5)
    (renewed,) = detect(_history(*CRISIS, now=later), [worse], CrisisSettings(), later)
    assert renewed.reasons[0].values["rose_from"] == "warning"


def test_acknowledged_stays_acknowledged_when_it_gets_worse() -> None:
    history = _history(*CRISIS)
    opened = detect(history, [], CrisisSettings(), ZERO)[0]
    known = replace(
        opened, severity=Severity.WATCH, state=IncidentState.ACKNOWLEDGED, acknowledged_by="佐藤", id=7
    )
    changed = detect(history, [known], CrisisSettings(), ZERO)[0]
    assert (changed.state, changed.severity) == (IncidentState.ACKNOWLEDGED, Severity.CRISIS)
    assert (changed.acknowledged_by, changed.id, changed.key) == ("佐藤", 7, opened.key)


def test_after_a_person_resolved_it_only_new_posts_open_the_next() -> None:
    history = _history(*CRISIS)
    opened = detect(history, [], CrisisSettings(), ZERO)[0]
    resolved = replace(opened, state=IncidentState.RESOLVED, resolved_at=ZERO)
    assert detect(history, [resolved], CrisisSettings(), ZERO) == []
    later = ZERO + timedelta(hours=3)
    second = _history(*CRISIS, at(2).posts(30, over=0.9), now=later)
    assert [one.kind for one in detect(second, [resolved], CrisisSettings(), later)] == [NEGATIVE_EXCESS]


def test_a_gap_is_no_calm() -> None:
    opened = detect(_history(*CRISIS), [], CrisisSettings(), ZERO)[0]
    later = ZERO + timedelta(hours=20)
    quiet = _history(*CRISIS, now=later)
    assert [one.state for one in detect(quiet, [opened], CrisisSettings(), later)] == [IncidentState.RESOLVED]
    blind = _history(*CRISIS, gap(2, 20), now=later)
    assert detect(blind, [opened], CrisisSettings(), later) == []


def test_mentions_of_another_topic_do_not_matter() -> None:
    history = _history(*CRISIS)
    opened = detect(history, [], CrisisSettings(), ZERO)[0]
    other = replace(opened, topic="トマリギ", key="トマリギ/negative_excess/20261120T1000Z")
    assert [one.topic for one in detect(history, [other], CrisisSettings(), ZERO)] == ["ミナモ珈琲"]


# ------------------------------------------------------------------ the parts


@pytest.mark.parametrize(
    ("count", "mean", "k", "chance"),
    [
        # By direct summation of the probabilities with 50 digits.
        (1, 0.5, 1.0, 1 / 3),
        (3, 2.0, 2.0, 0.3125),
        (10, 1.0, 1.0, 2.0**-10),
        (2, 10.0, 1.0, (10 / 11) ** 2),
        (0, 5.0, 1.0, 1.0),
    ],
)
def test_count_tail(count: int, mean: float, k: float, chance: float) -> None:
    assert count_tail(count, mean, k) == pytest.approx(chance, rel=1e-6)


def test_share_tail_is_a_probability_and_joins_the_normal_curve() -> None:
    assert share_tail(0, 10, 1, 1) == 1.0
    assert share_tail(3, 3, 1.0, 1.0) == pytest.approx(0.25)  # uniform: every number as likely
    assert share_tail(60, 300, 6, 34) == pytest.approx(share_tail(61, 301, 6, 34), rel=0.15)


def test_baseline_knows_level_rhythm_and_share() -> None:
    history = _history(usual(per_day=48, negative=0.25, days=42))
    learned = learn(history, ZERO, windows=(60, 1440))
    night = datetime(2026, 11, 19, 18, tzinfo=UTC)  # 03:00 in Tokyo
    day = learned.expected(ZERO - timedelta(days=1), ZERO)
    assert day == pytest.approx(48 * 0.975 * 0.25, rel=0.2)
    assert learned.share == pytest.approx(0.25, abs=0.04)
    assert learned.expected(night, night + timedelta(hours=1)) < day / 24 / 2


def test_baseline_forgives_one_past_crisis_and_leaves_gaps_out() -> None:
    calm = learn(_history(usual(per_day=10)), ZERO, windows=(60,)).rate
    after = learn(_history(usual(per_day=10), at(-200).posts(300, over=10)), ZERO, windows=(60,)).rate
    assert after < calm * 2
    blind = learn(_history(usual(per_day=10), gap(-24 * 20, -24 * 10)), ZERO, windows=(60,))
    assert blind.hours == pytest.approx(16 * 24, abs=2)


def _seen(minutes: float, author: str, label: Label = Label.NEGATIVE, **more: object) -> Observation:
    values: dict[str, object] = {"emotion": Emotion.ANGER, "story": None, "reach": None, "engagement": None}
    return Observation(
        mention_id=int(minutes * 10),
        at=ZERO - timedelta(minutes=minutes),
        author=author,
        label=label,
        platform="x",
        **{**values, **more},  # type: ignore[arg-type]
    )


def test_windows_count_people_not_posts() -> None:
    recent = sorted(
        [
            _seen(5, "a"),
            _seen(6, "a"),
            _seen(7, "b", Label.NEUTRAL),
            _seen(8, "c", story=9),
            _seen(9, "d", story=9),
            _seen(10, "e", story=9),
            _seen(90, "f"),
            _seen(-5, "future"),
        ],
        key=lambda one: one.at,
    )
    hour, day = windows_until(recent, ZERO, (60, 1440), 2)
    assert sorted(hour.negative) == ["a", "c", "d"]
    assert (hour.voices, hour.mentions, hour.share) == (4, 6, 0.75)
    assert sorted(day.negative) == ["a", "c", "d", "f"]
    assert hour.negative["a"].mention_id == 60  # the earliest of that person


def test_unknown_authors_are_told_apart() -> None:
    (window,) = windows_until([_seen(3, ""), _seen(2, "", story=4), _seen(1, "", story=4)], ZERO, (60,), 2)
    assert window.count == 2


def test_evidence_shows_the_first_the_loudest_and_the_typical() -> None:
    spoken = [
        _seen(60, "first", text="なんだこれ"),
        _seen(50, "b", text="レシートの金額が違う、返金してほしい"),
        _seen(40, "loud", text="これは無い", reach=50_000),
        _seen(30, "d", text="レシートの金額が違うので返金してほしいです"),
        _seen(20, "e", text="レシートの金額が違うし返金もない"),
    ]
    ranked = rank(spoken)
    assert ranked[:2] == (600, 400)
    assert ranked[2] in (500, 300)
    assert sorted(ranked) == [200, 300, 400, 500, 600]
