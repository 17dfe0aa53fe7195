"""A route that reminds on its own rhythm: stories on a real store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest

from alerts.decide import incident_alerts
from alerts.quiet import QuietHours
from alerts.routes import Route
from storage.db import Store
from storage.notices import Alert
from storage.types import Incident, IncidentState, Severity
from tests.alerts.made import NOW
from tests.delivery import Desk, acknowledge, crisis, expect, message, silence
from tests.timeline import HOUR, Deed, at, between

EVERY_4H = Route(channels=("slack",), repeat=4 * HOUR)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path / 'k.db'}") as opened:
        yield opened


def said(incident: Incident, hour: float, zero: datetime = NOW) -> list[Alert]:
    """What the watch hands to dispatch at that hour of an incident that goes on."""
    now = zero + hour * HOUR
    return incident_alerts([replace(incident, updated_at=max(incident.updated_at, now))], now)


def watched(until: int, *, since: int = 0, incident: Incident | None = None) -> list[Deed]:
    """The watch looks every half hour."""
    running = incident or crisis(opened_at=NOW, updated_at=NOW)
    return [at(half / 2).tell(*said(running, half / 2)) for half in range(since * 2, until * 2 + 1)]


def test_reminders_come_in_the_routes_own_rhythm(store: Store) -> None:
    desk = Desk(
        store,
        *watched(26),
        expect(between(0, 0), message("slack", "【炎上の兆し】")),
        expect(between(0, 0), message("phone", "【炎上の兆し】")),
        *(
            expect(between(hour, hour), message("slack", f"【{hour}時間経過・未対応】"))
            for hour in (4, 8, 12, 16, 20, 24)
        ),
        expect(between(24, 24), message("phone", "【1日経過・未対応】")),
        routes=[EVERY_4H, Route(channels=("phone",))],
    ).run(until=26, every=30)
    assert "検知から4時間たちましたが" in desk.heard[2][2].summary


def test_zero_is_told_once_only(store: Store) -> None:
    Desk(
        store,
        *watched(26),
        expect(between(0, 0), message("slack", "【炎上の兆し】")),
        routes=[Route(channels=("slack",), repeat=timedelta(0))],
    ).run(until=26, every=30)


def test_the_first_route_that_names_a_channel_decides(store: Store) -> None:
    Desk(
        store,
        *watched(5),
        expect(between(0, 0), message("slack", "【炎上の兆し】")),
        expect(between(4, 4), message("slack", "4時間経過")),
        routes=[EVERY_4H, Route(channels=("slack",), repeat=HOUR)],
    ).run(until=5, every=30)


def test_a_route_for_the_severe_only_leaves_the_others_alone(store: Store) -> None:
    Desk(
        store,
        *watched(5),
        expect(between(0, 0), message("slack", "【炎上の兆し】")),
        routes=[
            Route(channels=("slack",), min_severity=Severity.CRISIS, repeat=HOUR),
            Route(channels=("slack",)),
        ],
    ).run(until=5, every=30)


def test_whoever_takes_it_is_not_reminded(store: Store) -> None:
    running = crisis(opened_at=NOW, updated_at=NOW)
    taken = replace(running, state=IncidentState.ACKNOWLEDGED)
    Desk(
        store,
        *watched(4),
        at(4.1).do(acknowledge),
        *watched(12, since=5, incident=taken),
        expect(between(0, 0), message("slack", "【炎上の兆し】")),
        expect(between(4, 4), message("slack", "4時間経過")),
        routes=[EVERY_4H],
    ).run(until=12, every=30)


def test_what_fell_due_while_nothing_ran_is_one_reminder(store: Store) -> None:
    Desk(
        store,
        *watched(0),
        *watched(18, since=17),
        expect(between(0, 0), message("slack", "【炎上の兆し】")),
        expect(between(17, 17), message("slack", "【16時間経過・未対応】")),
        routes=[EVERY_4H],
    ).run(until=18, every=30)


def test_a_night_of_reminders_is_one_in_the_morning(store: Store) -> None:
    """It breaks at 21:50 in Tokyo; from 22:00 to 7:00 only a 炎上 is told."""
    evening = NOW - 2 * HOUR
    running = crisis(opened_at=evening, updated_at=evening)
    Desk(
        store,
        *(at(half / 2).tell(*said(running, half / 2, zero=evening)) for half in range(21)),
        expect(between(0, 0), message("slack", "【炎上の兆し】")),
        expect(between(9.5, 9.5), message("slack", "【9時間経過・未対応】")),
        expect(between(10, 10), message("slack", "【10時間経過・未対応】")),
        routes=[Route(channels=("slack",), repeat=HOUR)],
        quiet=QuietHours(time(22), time(7)),
        zero=evening,
    ).run(until=10, every=30)


def test_a_silence_holds_for_reminders_too(store: Store) -> None:
    Desk(
        store,
        *watched(3),
        at(3.2).do(silence(2 * HOUR)),
        *watched(9, since=4),
        expect(between(0, 0), message("slack", "【炎上の兆し】")),
        expect(between(8, 8), message("slack", "8時間経過")),
        routes=[EVERY_4H],
    ).run(until=9, every=30)
