"""Routes, and the alerts that come together: one message, each alert's row its own, and widening repeats."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from alerts.channels import ChannelError
from alerts.decide import incident_alert
from alerts.dispatch import Dispatcher
from alerts.grouping import LISTED
from alerts.routes import Route
from storage.db import Store
from storage.notices import Alert, AlertKind, Delivery
from storage.types import Reason, Severity
from tests.alerts.made import AUTHOR, NOW, TOPIC, advocate, alert, incident, mention
from tests.delivery import Desk, Inbox, about, crisis, expect, message
from tests.timeline import at, between

MINUTE = timedelta(minutes=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path / 'k.db'}") as opened:
        yield opened


def new_advocate(number: int) -> Alert:
    who = replace(AUTHOR, external_id=str(number), name=f"常連{number}", handle=f"fan{number}")
    values = {"score": 72.0, "before": None, "mentions": 9, "min_score": 60.0}
    return alert(
        advocate(author=who),
        key=f"advocate/{TOPIC.name}/{number}/new_advocate",
        kind=AlertKind.ADVOCATE,
        reason=Reason("new_advocate", values),
        mentions=(mention(number, f"ミナモのラテが最高、{number}杯目"),),
    )


def loud(number: int, topic: str = TOPIC.name) -> Alert:
    return alert(
        mention(number),
        key=f"mention/{topic}/{number}/influential_negative",
        kind=AlertKind.MENTION,
        topic=topic,
        reason=Reason("influential_negative", {"followers": 80_000, "views": 0}),
        severity=Severity.WARNING,
    )


def test_twenty_new_advocates_are_one_message(store: Store) -> None:
    desk = Desk(
        store,
        at(0).tell(*(new_advocate(n) for n in range(12))),
        at(1 / 60).tell(*(new_advocate(n) for n in range(12, 20))),
        expect(between(2 / 60, 5 / 60), message("slack", "新しいお知らせが20件")),
        routes=[Route(channels=("slack",))],
    ).run(until=1, every=1)
    (_, _, got) = desk.heard[0]
    listed = got.fields[0].value.splitlines()
    assert len(listed) == 20
    assert "・【推奨者】ミナモ珈琲：常連19 (@fan19)さん（スコア72）" in listed
    assert got.link == "http://k.example/advocates"
    assert len(got.quotes) == 5
    rows = store.notifications()
    assert [one.state for one in rows] == [Delivery.SENT] * 20
    assert {one.remote_id for one in rows} == {"id-1"}
    assert len({one.alert_key for one in rows}) == 20


def test_what_comes_later_waits_for_the_interval(store: Store) -> None:
    Desk(
        store,
        at(0).tell(new_advocate(1)),
        at(3 / 60).tell(new_advocate(2)),  # one minute after the first message
        at(4 / 60).tell(new_advocate(3)),
        expect(between(2 / 60, 2 / 60), message("slack", "常連1")),
        expect(between(12 / 60, 12 / 60), message("slack", "2件")),
        routes=[Route(channels=("slack",), group_interval=timedelta(minutes=10))],
    ).run(until=1, every=1)


def test_incidents_are_not_held_back(store: Store) -> None:
    Desk(
        store,
        at(0).tell(about(crisis()), about(crisis("critical_phrase/1", kind="critical_phrase"))),
        expect(between(0, 0), message("slack", "炎上の兆し")),
        expect(between(0, 0), message("slack", "炎上の兆し")),
        routes=[Route(channels=("slack",))],
    ).run(until=1)


def test_topics_kinds_and_channels_are_groups_of_their_own(store: Store) -> None:
    routes = [
        Route(channels=("slack",), group_wait=MINUTE),
        Route(channels=("phone", "slack"), kinds=(AlertKind.MENTION,), group_wait=6 * MINUTE),
    ]
    Desk(
        store,
        at(0).tell(loud(1), loud(2), loud(3, topic="トマリギ"), new_advocate(4)),
        expect(between(1 / 60, 1 / 60), message("slack", "ミナモ珈琲：注意が必要な投稿が2件")),
        expect(between(1 / 60, 1 / 60), message("slack", "【影響大】トマリギ")),
        expect(between(1 / 60, 1 / 60), message("slack", "常連4")),
        expect(between(6 / 60, 6 / 60), message("phone", "ミナモ珈琲：注意が必要な投稿が2件")),
        expect(between(6 / 60, 6 / 60), message("phone", "【影響大】トマリギ")),
        routes=routes,
    ).run(until=1, every=1)


def test_one_alone_is_told_as_it_is(store: Store) -> None:
    desk = Desk(
        store,
        at(0).tell(new_advocate(7)),
        expect(between(2 / 60, 2 / 60), message("slack", "【推奨者】ミナモ珈琲：常連7")),
        routes=[Route(channels=("slack",))],
    ).run(until=1, every=1)
    assert desk.heard[0][2].key == f"advocate/{TOPIC.name}/7/new_advocate"


def test_a_long_list_ends_with_how_many_more(store: Store) -> None:
    desk = Desk(
        store,
        at(0).tell(*(new_advocate(n) for n in range(LISTED + 3))),
        expect(between(0, 1), message("slack", "43件")),
        routes=[Route(channels=("slack",))],
    ).run(until=1)
    assert desk.heard[0][2].fields[0].value.endswith("・ほか3件は詳細画面で確認してください。")


def test_a_group_whose_message_fails_is_tried_again_as_the_same_message(store: Store) -> None:
    inbox = Inbox()
    inbox.refuses = [ChannelError("HTTP 500")]
    desk = Desk(
        store,
        at(0).tell(new_advocate(1), new_advocate(2)),
        at(3 / 60).tell(new_advocate(3)),  # comes while the first two wait for their retry
        expect(between(3 / 60, 4 / 60), message("slack", "2件")),
        expect(between(4 / 60, 10 / 60), message("slack", "常連3")),
        routes=[Route(channels=("slack",))],
        inboxes={"slack": inbox},
    ).run(until=1, every=1)
    assert sorted(one.attempts for one in store.notifications()) == [1, 2, 2]
    assert len({one.key for _, _, one in desk.heard}) == 2


def test_a_wait_of_nothing_groups_nothing(store: Store) -> None:
    box = Inbox()
    at_once = Dispatcher(store, {"slack": box}, [Route(channels=("slack",), group_wait=timedelta(0))])
    at_once.dispatch([new_advocate(1), new_advocate(2)], NOW)
    assert len(box.got) == 2


def test_an_unanswered_incident_is_told_again_after_1_3_7_and_15_days() -> None:
    told = []
    for hours in range(24 * 20):
        now = NOW + timedelta(hours=hours)
        going_on = incident(opened_at=NOW, updated_at=now)
        found = incident_alert(going_on, None, now)
        assert found is not None
        if found.key not in [key for key, _ in told]:
            told.append((found.key, hours))
    assert [(key.rpartition("/")[2], hours // 24) for key, hours in told] == [
        ("warning", 0), ("1", 1), ("3", 3), ("7", 7), ("15", 15),
    ]  # fmt: skip
