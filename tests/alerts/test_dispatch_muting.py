"""Inhibition, silences and quiet hours as timelines; zero is 23:50 in Tokyo, on Sunday 2026-11-22."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from alerts.channels import ChannelError
from alerts.decide import channel_alert, source_alert, trial_alert
from alerts.quiet import QuietHours, quiet_until
from alerts.routes import Route
from storage.db import Store
from storage.notices import AlertKind, Delivery
from storage.types import Incident, IncidentState, Outcome, Severity, SourceState
from tests.alerts.made import NOW
from tests.alerts.test_dispatch_grouping import loud, new_advocate
from tests.delivery import Desk, Inbox, about, acknowledge, crisis, expect, message, resolve, silence
from tests.timeline import HOUR, at, between

SLACK = [Route(channels=("slack",), group_wait=timedelta(0))]
NIGHT = QuietHours(time(22), time(7))
DAY = timedelta(days=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path / 'k.db'}") as opened:
        yield opened


def muted(store: Store) -> list[tuple[str, str]]:
    rows = [one for one in reversed(store.notifications()) if one.state is Delivery.MUTED]
    return [(one.alert_key.rpartition("/")[2] if not one.incident_kind else one.incident_kind, one.why.code)
            for one in rows if one.why]  # fmt: skip


def worse(subject: Incident, severity: Severity) -> Incident:
    return replace(subject, severity=severity, updated_at=subject.updated_at + timedelta(seconds=1))


# ------------------------------------------------------------------ inhibition


def test_a_crisis_inhibits_lesser_things_of_its_topic_and_they_are_not_sent_late(store: Store) -> None:
    open_one, small = crisis(), crisis("viral/1", kind="viral", severity=Severity.WATCH)
    Desk(
        store,
        at(0).tell(about(open_one)),
        at(1).tell(loud(1), about(small), new_advocate(1), loud(2, topic="トマリギ")),
        at(2).do(resolve),
        at(3).tell(loud(1), about(small), loud(3)),
        expect(between(0, 0), message("slack", "炎上の兆し")),
        expect(between(1, 1), message("slack", "常連1")),
        expect(between(1, 1), message("slack", "【影響大】トマリギ")),
        expect(between(3, 3), message("slack", "【影響大】ミナモ珈琲")),
        routes=SLACK,
    ).run(until=5, every=30)
    assert muted(store) == [("influential_negative", "inhibited"), ("viral", "inhibited")]
    why = store.notifications()[-2].why
    assert why is not None
    assert why.values["incident"] == open_one.key


def test_what_gets_worse_than_the_inhibitor_is_told(store: Store) -> None:
    food = crisis("critical_phrase/1", kind="critical_phrase", severity=Severity.WATCH)
    Desk(
        store,
        at(0).tell(about(crisis())),
        at(1).tell(about(food)),
        at(2).tell(about(worse(food, Severity.CRISIS), "escalated", **{"from": "watch", "to": "crisis"})),
        expect(between(0, 0), message("slack", "【炎上の兆し】")),
        expect(between(2, 2), message("slack", "【炎上に拡大】")),
        routes=SLACK,
    ).run(until=4, every=30)
    assert muted(store) == [("critical_phrase", "inhibited")]


def test_a_watch_incident_does_not_inhibit_and_a_second_crisis_of_equal_rank_is_told(store: Store) -> None:
    small = crisis(severity=Severity.WATCH)
    food = crisis("critical_phrase/1", kind="critical_phrase")
    Desk(
        store,
        at(0).tell(about(small)),
        at(0.5).tell(loud(1)),
        at(1).tell(about(food)),
        expect(between(0, 0), message("slack", "【要確認】")),
        expect(between(0.5, 0.5), message("slack", "影響大")),
        expect(between(1, 1), message("slack", "【炎上の兆し】")),
        routes=SLACK,
    ).run(until=4, every=30)


def test_what_waits_for_its_group_when_a_crisis_opens_is_not_sent(store: Store) -> None:
    Desk(
        store,
        at(0).tell(loud(1)),
        at(1 / 60).tell(about(crisis())),
        expect(between(1 / 60, 1 / 60), message("slack", "炎上の兆し")),
        routes=[Route(channels=("slack",))],
    ).run(until=1, every=1)
    assert muted(store) == [("influential_negative", "inhibited")]


def test_the_end_of_what_was_told_is_told_and_of_what_was_muted_is_not(store: Store) -> None:
    first, small = crisis(severity=Severity.WATCH), crisis("viral/1", kind="viral", severity=Severity.WATCH)
    food = crisis("critical_phrase/1", kind="critical_phrase", severity=Severity.CRISIS)

    def over(one: Incident, hours: float) -> Incident:
        return replace(one, state=IncidentState.RESOLVED, resolved_at=NOW, updated_at=NOW + hours * HOUR)

    Desk(
        store,
        at(0).tell(about(first)),
        at(1).tell(about(food)),
        at(2).tell(about(small)),
        at(3).tell(
            about(over(first, 3), "resolved", hours=3.0), about(over(small, 3), "resolved", hours=1.0)
        ),
        expect(between(0, 0), message("slack", "【要確認】")),
        expect(between(1, 1), message("slack", "【炎上】")),
        expect(between(3, 3), message("slack", "【収束】ミナモ珈琲：3時間")),
        routes=SLACK,
    ).run(until=4, every=30)
    assert muted(store) == [("viral", "inhibited"), ("viral", "nothing_told")]


# ------------------------------------------------------------------ silences


def test_a_silence_by_kind_mutes_that_kind_until_it_ends(store: Store) -> None:
    Desk(
        store,
        at(0).do(silence(2 * HOUR, kind=AlertKind.MENTION)),
        at(1).tell(loud(1), new_advocate(1)),
        at(3).tell(loud(1), loud(2)),
        expect(between(1, 1), message("slack", "常連1")),
        expect(between(3, 3), message("slack", "影響大")),
        routes=SLACK,
    ).run(until=4, every=30)
    assert muted(store) == [("influential_negative", "silenced")]


def test_a_silence_by_tag_and_up_to_a_severity(store: Store) -> None:
    tagged = replace(loud(1), tags=("直営", "東日本"))
    light = replace(loud(2), tags=("直営",), severity=Severity.WATCH)
    Desk(
        store,
        at(0).do(silence(5 * HOUR, topic="", tag="直営", up_to=Severity.WATCH)),
        at(1).tell(tagged),  # a warning is above
        at(2).tell(light),
        at(3).tell(replace(loud(3), severity=Severity.WATCH)),  # without the tag
        expect(between(1, 1), message("slack", "影響大")),
        expect(between(3, 3), message("slack", "影響大")),
        routes=SLACK,
    ).run(until=4, every=30)
    assert muted(store) == [("influential_negative", "silenced")]


def test_escalation_breaks_a_silence_and_only_a_higher_severity_does(store: Store) -> None:
    opened = crisis(severity=Severity.WATCH)
    warning = worse(opened, Severity.WARNING)
    step = {"from": "watch", "to": "warning"}
    Desk(
        store,
        at(0).tell(about(opened)),
        at(1).tell(about(warning, "escalated", **step)),
        at(2).do(silence(24 * HOUR)),
        at(3).tell(about(warning, "still_open", days=1)),
        at(4).tell(about(worse(warning, Severity.CRISIS), "escalated", **(step | {"to": "crisis"}))),
        expect(between(0, 0), message("slack", "【要確認】")),
        expect(between(1, 1), message("slack", "【炎上の兆しに拡大】")),
        expect(between(4, 4), message("slack", "【炎上に拡大】")),
        routes=SLACK,
    ).run(until=5, every=30)
    assert muted(store) == [("negative_excess", "silenced")]


def test_what_opens_under_a_silence_is_muted_until_it_gets_worse_and_a_new_crisis_is_told(
    store: Store,
) -> None:
    opened = crisis(severity=Severity.WATCH)
    food = crisis("critical_phrase/1", kind="critical_phrase", severity=Severity.CRISIS)
    raised = worse(opened, Severity.WARNING)
    Desk(
        store,
        at(0).do(silence(24 * HOUR)),
        at(1).tell(about(opened)),
        at(2).tell(about(raised, "escalated", **{"from": "watch", "to": "warning"})),
        at(3).tell(about(food)),
        expect(between(2, 2), message("slack", "【炎上の兆しに拡大】")),
        expect(between(3, 3), message("slack", "【炎上】")),
        routes=SLACK,
    ).run(until=5, every=30)
    assert muted(store) == [("negative_excess", "silenced")]


def test_a_silence_that_nothing_breaks(store: Store) -> None:
    Desk(
        store,
        at(0).do(silence(24 * HOUR, breaks=False)),
        at(1).tell(about(crisis(severity=Severity.CRISIS))),
        routes=SLACK,
    ).run(until=5, every=30)
    assert muted(store) == [("negative_excess", "silenced")]


def test_no_silence_mutes_a_test_a_source_or_a_channel(store: Store) -> None:
    failing = source_alert(
        SourceState("news", "feed", {}, last_at=NOW, last_outcome=Outcome.FAILED, failures=3), NOW
    )
    assert failing is not None
    Desk(
        store,
        at(0).do(silence(24 * HOUR, topic="", breaks=False)),
        at(1).tell(failing, trial_alert(NOW), channel_alert("mail", "SMTP 535", NOW)),
        expect(between(1, 1), message("slack", "【収集エラー】")),
        expect(between(1, 1), message("slack", "【テスト】")),
        expect(between(1, 1), message("slack", "【通知エラー】mail")),
        routes=SLACK,
    ).run(until=2, every=30)


# ------------------------------------------------------------------ quiet hours


def test_the_night_holds_back_what_can_wait_and_one_message_tells_it_in_the_morning(store: Store) -> None:
    watch = crisis(severity=Severity.WATCH)
    other = crisis("viral/1", kind="viral", severity=Severity.WATCH)
    morning = 7 + 10 / 60  # from 23:50
    desk = Desk(
        store,
        at(0.5).tell(about(watch)),
        at(2).tell(about(other), new_advocate(1)),
        at(3).tell(trial_alert(NOW), channel_alert("mail", "SMTP 535", NOW)),
        expect(between(3, 3), message("slack", "【テスト】")),
        expect(between(3, 3), message("slack", "【通知エラー】mail")),
        expect(between(morning, morning + 0.1), message("slack", "炎上・異変のお知らせが2件")),
        expect(between(morning, morning + 0.1), message("slack", "常連1")),
        routes=SLACK,
        quiet=NIGHT,
    ).run(until=12)
    (told,) = [one for _, _, one in desk.heard if "異変" in one.title]
    assert told.summary == "通知を控える時間帯に発生した2件のアラートを、1通にまとめてお知らせします。"


def test_a_crisis_passes_at_once_and_says_what_was_held_back(store: Store) -> None:
    watch = crisis(severity=Severity.WATCH)
    grown = about(worse(watch, Severity.CRISIS), "escalated", **{"from": "watch", "to": "crisis"})
    Desk(
        store,
        at(0.5).tell(about(watch)),
        at(2).tell(grown),
        expect(between(2, 2), message("slack", "【炎上に拡大】")),
        routes=SLACK,
        quiet=NIGHT,
    ).run(until=12)
    assert muted(store) == [("negative_excess", "outdated")]


def test_a_retry_does_not_wake_anybody(store: Store) -> None:
    box = Inbox()
    box.refuses = [ChannelError("HTTP 503", retry_after=900)]
    Desk(
        store,
        at(0).tell(loud(1)),  # 21:50; the retry would be at 22:05
        expect(between(9 + 10 / 60, 9.3), message("slack", "影響大")),
        routes=SLACK,
        quiet=NIGHT,
        zero=NOW - 2 * HOUR,
        inboxes={"slack": box},
    ).run(until=12)
    assert store.notifications()[0].attempts == 2


TOKYO, BERLIN = "Asia/Tokyo", "Europe/Berlin"


@pytest.mark.parametrize(
    ("settings", "zone", "now", "until"),
    [
        (NIGHT, TOKYO, "2026-11-24T21:59+09:00", None),
        (NIGHT, TOKYO, "2026-11-24T22:00+09:00", "2026-11-25T07:00+09:00"),
        (NIGHT, TOKYO, "2026-11-25T06:59+09:00", "2026-11-25T07:00+09:00"),
        (NIGHT, TOKYO, "2026-11-25T07:00+09:00", None),
        (QuietHours(time(12), time(13)), TOKYO, "2026-11-25T12:30+09:00", "2026-11-25T13:00+09:00"),
        (QuietHours(time(12), time(13)), TOKYO, "2026-11-25T13:00+09:00", None),
        # Friday night runs into a quiet weekend; Monday 11-23 is 勤労感謝の日.
        (
            replace(NIGHT, weekends=True),
            TOKYO,
            "2026-11-20T23:00+09:00",
            "2026-11-23T07:00+09:00",
        ),
        (replace(NIGHT, weekends=True), TOKYO, "2026-11-21T12:00+09:00", "2026-11-23T07:00+09:00"),
        (replace(NIGHT, holidays=True), TOKYO, "2026-11-23T12:00+09:00", "2026-11-24T07:00+09:00"),
        (NIGHT, TOKYO, "2026-11-23T12:00+09:00", None),
        (
            replace(NIGHT, weekends=True, holidays=True),
            TOKYO,
            "2026-11-21T12:00+09:00",
            "2026-11-24T07:00+09:00",
        ),
        # 祝日 are Japan's: Berlin works on that day.
        (replace(NIGHT, holidays=True), BERLIN, "2026-11-23T12:00+01:00", None),
        # The clocks go forward on 2027-03-28 and back on 2026-10-25: seven on the wall is seven.
        (NIGHT, BERLIN, "2027-03-27T23:00+01:00", "2027-03-28T07:00+02:00"),
        (NIGHT, BERLIN, "2026-10-24T23:00+02:00", "2026-10-25T07:00+01:00"),
        (QuietHours(time(1), time(2, 30)), BERLIN, "2027-03-28T01:30+01:00", "2027-03-28T03:30+02:00"),
        (QuietHours(time(1), time(2, 30)), BERLIN, "2026-10-25T02:10+02:00", "2026-10-25T02:30+02:00"),
        (QuietHours(time(1), time(2, 30)), BERLIN, "2026-10-25T02:10+01:00", "2026-10-25T02:30+01:00"),
        # Tokyo knows no such night.
        (NIGHT, TOKYO, "2027-03-27T23:00+09:00", "2027-03-28T07:00+09:00"),
        (None, TOKYO, "2026-11-24T23:00+09:00", None),
    ],
)
def test_when_the_quiet_ends(settings: QuietHours | None, zone: str, now: str, until: str | None) -> None:
    found = quiet_until(settings, datetime.fromisoformat(now), zone)
    assert found == (datetime.fromisoformat(until).astimezone(UTC) if until else None)


def test_an_acknowledged_incident_is_still_told_in_the_morning(store: Store) -> None:
    Desk(
        store,
        at(0.5).tell(about(crisis())),
        at(1).do(acknowledge),
        expect(between(7, 7.5), message("slack", "炎上の兆し")),
        routes=SLACK,
        quiet=NIGHT,
    ).run(until=12)
