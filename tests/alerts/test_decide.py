from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.advocates import AdvocateSettings
from alerts.decide import (
    advocate_alert,
    detractor_alert,
    incident_alert,
    incident_alerts,
    mention_alert,
    source_alert,
)
from storage.types import (
    Author,
    Engagement,
    Fetch,
    Incident,
    IncidentState,
    Label,
    Outcome,
    Severity,
    SourceState,
)
from tests.alerts.made import NOW, TOPIC, advocate, incident, mention

DAY = timedelta(hours=25)
SETTINGS = AdvocateSettings()
KEY = "ミナモ珈琲/negative_excess/20261122T1440Z"


@pytest.mark.parametrize(
    ("about", "key"),
    [
        (incident(), f"{KEY}/opened/warning"),
        (incident(Severity.CRISIS, reasons=incident(Severity.WATCH).reasons), f"{KEY}/escalated/crisis"),
        (incident(opened_at=NOW - DAY, updated_at=NOW), f"{KEY}/still_open/warning/1"),
        (incident(opened_at=NOW - DAY, updated_at=NOW, state=IncidentState.ACKNOWLEDGED), f"{KEY}/opened/warning"),
        (incident(opened_at=NOW - DAY), f"{KEY}/still_open/warning/1"),
        (incident(opened_at=NOW - DAY, updated_at=NOW - timedelta(hours=4)), f"{KEY}/opened/warning"),
        (incident(state=IncidentState.RESOLVED, resolved_at=NOW), f"{KEY}/resolved/warning"),
        (incident(state=IncidentState.RESOLVED, resolved_at=NOW - timedelta(days=3)), None),
    ],
)  # fmt: skip
def test_incident_key_follows_from_its_state(about: Incident, key: str | None) -> None:
    told = incident_alert(about, None, NOW)
    assert (told.key if told else None) == key
    assert incident_alert(about, None, NOW + timedelta(minutes=5)) is None or (
        incident_alert(about, None, NOW + timedelta(minutes=5)).key == key  # type: ignore[union-attr]
    )


def test_nothing_new_since_the_previous_state() -> None:
    before = incident()
    assert incident_alert(replace(before, updated_at=NOW), before, NOW) is None
    worse = replace(before, severity=Severity.CRISIS, updated_at=NOW)
    told = incident_alert(worse, before, NOW)
    assert told is not None
    assert told.reason.code == "escalated"
    assert told.reason.values == {"from": "warning", "to": "crisis"}


def test_an_escalation_after_a_day_is_an_escalation() -> None:
    values = {**incident(Severity.WATCH).reasons[0].values, "severe_at": NOW.isoformat()}
    reasons = (replace(incident().reasons[0], values=values),)
    about = incident(Severity.CRISIS, opened_at=NOW - timedelta(hours=30), updated_at=NOW, reasons=reasons)
    told = incident_alert(about, None, NOW)
    assert told is not None
    assert told.reason.code == "escalated"


def test_evidence_is_shown_in_its_order() -> None:
    known = {2: mention(2), 1: mention(1)}
    (told,) = incident_alerts([incident(evidence=(2, 9, 1))], NOW, mentions=known)
    assert [one.id for one in told.mentions] == [2, 1]


def test_new_advocate_of_an_own_topic_once() -> None:
    told = advocate_alert(advocate(61), advocate(59), TOPIC, SETTINGS, NOW)
    assert told is not None
    assert told.reason.values["before"] == 59
    assert told.key == "advocate/ミナモ珈琲/mastodon:42/new_advocate"
    assert advocate_alert(advocate(70), advocate(61), TOPIC, SETTINGS, NOW) is None
    assert advocate_alert(advocate(59), None, TOPIC, SETTINGS, NOW) is None
    assert advocate_alert(advocate(90, organic=False), None, TOPIC, SETTINGS, NOW) is None
    assert advocate_alert(advocate(90), None, replace(TOPIC, own=False), SETTINGS, NOW) is None


def test_advocate_turned_detractor() -> None:
    praise, bad = mention(1, label=Label.POSITIVE), mention(2)
    told = detractor_alert(advocate(80), [praise, bad, mention(3)], TOPIC, SETTINGS, NOW)
    assert told is not None
    assert [one.id for one in told.mentions] == [2, 3]
    assert told.severity is Severity.WARNING
    assert detractor_alert(advocate(80), [bad, praise], TOPIC, SETTINGS, NOW) is None
    assert detractor_alert(advocate(80), [bad], TOPIC, SETTINGS, NOW) is None
    assert detractor_alert(advocate(20), [bad, bad], TOPIC, SETTINGS, NOW) is None


def test_influential_negative_mention() -> None:
    star = Author("x", "1", "star", followers=80_000)
    assert mention_alert(mention(author=star), TOPIC, NOW) is not None
    assert mention_alert(mention(engagement=Engagement(views=90_000)), TOPIC, NOW) is not None
    assert mention_alert(mention(), TOPIC, NOW) is None
    assert mention_alert(mention(author=star, label=Label.POSITIVE), TOPIC, NOW) is None
    assert mention_alert(mention(author=star, at=NOW - timedelta(days=2)), TOPIC, NOW) is None
    assert mention_alert(mention(author=star), replace(TOPIC, own=False), NOW) is None


OK_AT = NOW - timedelta(hours=5)
FAILING = SourceState(
    "news", "feed", last_at=NOW, last_ok_at=OK_AT, last_outcome=Outcome.FAILED, error="HTTP 503", failures=3
)
FINE = SourceState("news", "feed", last_at=NOW, last_ok_at=NOW, last_outcome=Outcome.OK)


def fetch(minutes_ago: float, outcome: Outcome) -> Fetch:
    at = NOW - timedelta(minutes=minutes_ago)
    return Fetch("news", at, at, outcome)


def test_failing_source_is_told_once_a_run() -> None:
    told = source_alert(FAILING, NOW)
    assert told is not None
    assert told.reason.code == "source_failing"
    assert told.key == "source/news/failing/20261122T095000Z"
    later = source_alert(replace(FAILING, failures=9), NOW + timedelta(hours=2))
    assert later is not None
    assert later.key == told.key
    assert source_alert(replace(FAILING, failures=2), NOW) is None
    assert source_alert(replace(FAILING, last_ok_at=None), NOW).key.endswith("/never")  # type: ignore[union-attr]


def test_recovered_source_needs_the_run_of_failures() -> None:
    bad = [fetch(10 * n, Outcome.FAILED) for n in (2, 3, 4)]
    told = source_alert(FINE, NOW, fetches=[fetch(1, Outcome.OK), *bad, fetch(60, Outcome.OK)])
    assert told is not None
    assert told.reason.code == "source_recovered"
    assert told.reason.values["failures"] == 3
    assert source_alert(FINE, NOW, fetches=[fetch(1, Outcome.OK), *bad[:2]]) is None
    assert source_alert(FINE, NOW) is None


def test_silent_source_is_overdue() -> None:
    old = replace(FINE, last_at=NOW - timedelta(hours=30), last_ok_at=NOW - timedelta(hours=30))
    told = source_alert(replace(old, next_at=NOW - timedelta(hours=29)), NOW)
    assert told is not None
    assert told.reason.code == "source_silent"
    assert told.reason.values["hours"] == 30
    assert source_alert(replace(old, next_at=NOW + timedelta(hours=1)), NOW) is None
