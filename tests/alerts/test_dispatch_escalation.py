"""Nobody acknowledges: the next channels are told, once each, until somebody does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path

import pytest

from alerts.quiet import QuietHours
from alerts.routes import Route, Step
from storage.db import Store
from storage.notices import AlertKind, Delivery
from storage.types import Incident, Severity
from tests.alerts.made import NOW
from tests.alerts.test_dispatch_grouping import loud
from tests.delivery import Desk, Inbox, about, acknowledge, crisis, expect, message, resolve, silence
from tests.timeline import HOUR, at, between

MINUTE = timedelta(minutes=1)
STEPS = (Step(15 * MINUTE, ("phone",)), Step(60 * MINUTE, ("phone", "boss")))
ROUTES = [Route(channels=("slack",), group_wait=timedelta(0), escalation=STEPS)]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path / 'k.db'}") as opened:
        yield opened


@pytest.fixture
def boxes() -> dict[str, Inbox]:
    return {name: Inbox() for name in ("slack", "phone", "boss")}


def test_every_step_once_with_words_that_say_so(store: Store, boxes: dict[str, Inbox]) -> None:
    opened = about(crisis())
    desk = Desk(
        store,
        at(0).tell(opened),
        at(0.1).tell(opened),
        at(2).tell(opened),
        expect(between(0, 0), message("slack", "【炎上の兆し】")),
        expect(between(0.25, 0.25), message("phone", "【15分対応者なし】【炎上の兆し】")),
        expect(between(1, 1), message("phone", "【60分対応者なし】【炎上の兆し】")),
        expect(between(1, 1), message("boss", "【60分対応者なし】【炎上の兆し】")),
        routes=ROUTES,
        inboxes=boxes,
    ).run(until=30)
    (_, _, told) = desk.heard[1]
    assert "15分たちましたが、まだ誰も「対応中」にしていません" in told.summary
    assert told.thread == opened.subject.key  # type: ignore[union-attr]


def test_whoever_acknowledges_stops_it(store: Store, boxes: dict[str, Inbox]) -> None:
    Desk(
        store,
        at(0).tell(about(crisis())),
        at(0.5).do(acknowledge),
        expect(between(0, 0), message("slack", "炎上の兆し")),
        expect(between(0.25, 0.25), message("phone", "15分対応者なし")),
        routes=ROUTES,
        inboxes=boxes,
    ).run(until=3)
    whys = [one.why for one in store.notifications() if one.state is Delivery.MUTED]
    assert [(why.code, why.values) for why in whys if why] == [("acknowledged", {"by": "佐藤"})] * 2


def test_so_does_the_end_of_it(store: Store, boxes: dict[str, Inbox]) -> None:
    Desk(
        store,
        at(0).tell(about(crisis())),
        at(0.1).do(resolve),
        expect(between(0, 0), message("slack", "炎上の兆し")),
        routes=ROUTES,
        inboxes=boxes,
    ).run(until=3)
    assert {one.why.code for one in store.notifications() if one.why} == {"resolved"}


def test_what_was_silenced_escalates_to_nobody_even_when_the_silence_ends(
    store: Store, boxes: dict[str, Inbox]
) -> None:
    opened = about(crisis())
    Desk(
        store,
        at(0).do(silence(5 * MINUTE)),
        at(0).tell(opened),
        at(0.2).tell(opened),
        routes=ROUTES,
        inboxes=boxes,
    ).run(until=3)
    assert [one.state for one in store.notifications()] == [Delivery.MUTED] * 4


@pytest.mark.parametrize(
    ("severity", "told", "words"),
    [(Severity.WARNING, 7 + 10 / 60, "【炎上の兆し】"), (Severity.CRISIS, 0.0, "【炎上】")],
)
def test_the_clock_begins_when_it_is_told_for_a_warning_at_the_end_of_the_night(
    store: Store, boxes: dict[str, Inbox], severity: Severity, told: float, words: str
) -> None:
    late = 0.1  # a look every five minutes
    told -= 0.01 if told else 0
    Desk(
        store,
        at(0).tell(about(crisis(severity=severity))),
        expect(between(told, told + late), message("slack", words)),
        expect(between(told + 0.25, told + 0.25 + late), message("phone", f"15分対応者なし】{words}")),
        expect(between(told + 1, told + 1 + late), message("phone", f"60分対応者なし】{words}")),
        expect(between(told + 1, told + 1 + late), message("boss", f"60分対応者なし】{words}")),
        routes=ROUTES,
        inboxes=boxes,
        quiet=QuietHours(time(22), time(7)),
    ).run(until=12)


def test_mentions_and_the_all_clear_escalate_to_nobody(store: Store, boxes: dict[str, Inbox]) -> None:
    Desk(
        store,
        at(0).tell(loud(1)),
        expect(between(0, 0), message("slack", "影響大")),
        routes=ROUTES,
        inboxes=boxes,
    ).run(until=3)


def test_a_worse_severity_is_a_new_question(store: Store, boxes: dict[str, Inbox]) -> None:
    opened: Incident = crisis()
    grown = replace(opened, severity=Severity.CRISIS, updated_at=NOW + HOUR)
    one_step = [Route(kinds=(AlertKind.INCIDENT,), channels=("slack",), escalation=STEPS[:1])]
    Desk(
        store,
        at(0).tell(about(opened)),
        at(1).tell(about(grown, "escalated", **{"from": "warning", "to": "crisis"})),
        expect(between(0, 0), message("slack", "【炎上の兆し】")),
        expect(between(0.25, 0.25), message("phone", "15分対応者なし】【炎上の兆し】")),
        expect(between(1, 1), message("slack", "【炎上に拡大】")),
        expect(between(1.25, 1.25), message("phone", "15分対応者なし】【炎上に拡大】")),
        routes=one_step,
        inboxes=boxes,
    ).run(until=4)
