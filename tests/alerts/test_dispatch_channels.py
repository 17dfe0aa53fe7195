"""A channel that fails: rest and one trial, out of use and back, dead letters and sending them again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from alerts import health
from alerts.attempt import MAX_ATTEMPTS
from alerts.channels import ChannelError
from alerts.dispatch import Dispatcher
from alerts.routes import Route
from storage.db import Store
from storage.notices import Alert, Delivery
from tests.alerts.made import NOW, alert
from tests.delivery import Inbox

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path / 'k.db'}") as opened:
        yield opened


def dispatcher(store: Store, **boxes: Inbox) -> Dispatcher:
    return Dispatcher(store, boxes, [Route(channels=tuple(boxes))])


def numbered(*numbers: int) -> list[Alert]:
    return [alert(key=f"k/{n}") for n in numbers]


def states(store: Store, channel: str) -> list[Delivery]:
    return [one.state for one in reversed(store.notifications()) if one.channel == channel]


def state_of(store: Store, channel: str) -> str:
    return health.state(store.alerting.health().get(channel))


# ------------------------------------------------------------------ the circuit breaker


def test_after_five_failures_in_a_row_it_rests_and_one_message_tries_it(store: Store) -> None:
    dead, well = Inbox(), Inbox()
    dead.broken = ChannelError("HTTP 503")
    both = dispatcher(store, dead=dead, well=well)
    both.dispatch(numbered(1, 2, 3, 4, 5), NOW)
    assert (dead.attempts, state_of(store, "dead")) == (5, "resting")
    both.dispatch(numbered(6, 7), NOW + MINUTE)
    both.retry_due(NOW + 2 * MINUTE)
    assert (dead.attempts, len(well.got)) == (5, 7)  # the queue is kept, the others go on
    assert states(store, "dead") == [Delivery.RETRY] * 7
    both.retry_due(NOW + health.REST)
    assert dead.attempts == 6  # one trial, which failed
    both.retry_due(NOW + health.REST + MINUTE)
    assert dead.attempts == 6
    dead.broken = None
    both.retry_due(NOW + 2 * health.REST)  # the trial works, and what is due follows at once
    assert state_of(store, "dead") == "ok"
    both.retry_due(NOW + 2 * health.REST + SECOND)
    assert states(store, "dead") == [Delivery.SENT] * 7
    assert sorted(one.key for one in dead.got) == [one.key for one in sorted(well.got, key=lambda m: m.key)]


def test_a_channel_that_dies_in_the_middle_is_not_asked_for_each_of_a_hundred(store: Store) -> None:
    box = Inbox()
    box.broken = ChannelError("timed out")
    told = dispatcher(store, box=box).dispatch(numbered(*range(100)), NOW)
    assert (box.attempts, len(told)) == (health.FAILURES, 100)
    assert {one.state for one in told} == {Delivery.RETRY}


def test_one_success_ends_the_row_of_failures(store: Store) -> None:
    box = Inbox()
    box.refuses = [ChannelError("timed out")] * 4
    one = dispatcher(store, box=box)
    one.dispatch(numbered(1, 2, 3, 4), NOW)
    assert state_of(store, "box") == "failing"
    one.dispatch(numbered(5), NOW)
    assert state_of(store, "box") == "ok"


def test_two_workers_send_one_trial(store: Store, tmp_path: Path) -> None:
    box = Inbox()
    box.broken = ChannelError("HTTP 503")
    first, second = dispatcher(store, box=box), dispatcher(store, box=box)
    first.dispatch(numbered(1, 2, 3, 4, 5, 6), NOW)
    before = box.attempts
    first.retry_due(NOW + health.REST)
    second.retry_due(NOW + health.REST)
    assert box.attempts == before + 1


def test_a_rest_is_not_longer_when_the_clock_is_set_back(store: Store) -> None:
    box = Inbox()
    box.broken = ChannelError("HTTP 503")
    one = dispatcher(store, box=box)
    one.dispatch(numbered(1, 2, 3, 4, 5), NOW)
    box.broken = None
    back = NOW - 60 * MINUTE
    one.dispatch(numbered(6), back)  # due at once, and the rest lies an hour ahead: longer than any
    one.retry_due(back)
    assert [one.key for one in box.got] == ["k/6"]


# ------------------------------------------------------------------ out of use


def test_a_permanent_error_disables_it_and_another_channel_says_so(store: Store) -> None:
    gone, well = Inbox(), Inbox()
    gone.broken = ChannelError("HTTP 410. The address is gone", permanent=True)
    both = dispatcher(store, gone=gone, well=well)
    both.dispatch(numbered(1), NOW)
    assert state_of(store, "gone") == "disabled"
    both.dispatch(numbered(2), NOW + MINUTE)
    both.retry_due(NOW + 2 * MINUTE)
    assert gone.attempts == 1
    assert states(store, "gone") == [Delivery.FAILED, Delivery.RETRY]
    assert [one.title.startswith("【通知エラー】gone") for one in well.got] == [True, False, False]
    known = store.alerting.health()["gone"]
    assert (known.error, known.disabled_at) == ("HTTP 410. The address is gone", NOW)


def test_it_is_asked_again_and_what_waited_goes_out(store: Store) -> None:
    gone = Inbox()
    gone.broken = ChannelError("invalid_auth", permanent=True)
    one = dispatcher(store, gone=gone)
    one.dispatch(numbered(1), NOW)
    one.dispatch(numbered(2), NOW + MINUTE)
    one.retry_due(NOW + MINUTE)  # this process asks for the first time: still so
    gone.broken = None
    one.retry_due(NOW + 2 * MINUTE)
    assert state_of(store, "gone") == "disabled"  # not asked at every look
    one.retry_due(NOW + 2 * MINUTE + health.CHECK_EVERY)
    assert state_of(store, "gone") == "ok"
    assert [one.key for one in gone.got] == ["k/2"]


def test_a_new_process_asks_at_once_because_config_yaml_may_have_changed(store: Store) -> None:
    gone = Inbox()
    gone.broken = ChannelError("invalid_auth", permanent=True)
    dispatcher(store, gone=gone).dispatch(numbered(1), NOW)
    dispatcher(store, gone=gone).dispatch(numbered(2), NOW + MINUTE)
    dispatcher(store, gone=Inbox()).retry_due(NOW + 2 * MINUTE)
    assert state_of(store, "gone") == "ok"
    assert states(store, "gone") == [Delivery.FAILED, Delivery.SENT]


def test_a_test_that_arrives_enables_it_and_one_that_fails_is_not_tried_again(store: Store) -> None:
    gone, well = Inbox(), Inbox()
    gone.broken = ChannelError("invalid_auth", permanent=True)
    both = dispatcher(store, gone=gone, well=well)
    both.dispatch(numbered(1), NOW)
    failed = both.test("gone", NOW + MINUTE)
    assert (failed.state, failed.error) == (Delivery.FAILED, "invalid_auth")
    gone.broken = None
    sent = both.test("gone", NOW + 2 * MINUTE)
    assert (sent.state, state_of(store, "gone")) == (Delivery.SENT, "ok")
    assert both.test("gone", NOW + 2 * MINUTE).id == sent.id  # pressed twice
    assert len(gone.got) == 1
    gone.refuses = [ChannelError("HTTP 500")]
    assert both.test("gone", NOW + 3 * MINUTE).state is Delivery.FAILED
    assert len(well.got) == 2  # the alert, and that the channel failed: nothing about tests


def test_what_waits_for_more_than_a_day_is_given_up_and_told(store: Store) -> None:
    gone, well = Inbox(), Inbox()
    gone.broken = ChannelError("invalid_auth", permanent=True)
    both = dispatcher(store, gone=gone, well=well)
    both.dispatch(numbered(1), NOW)
    both.dispatch(numbered(2), NOW + MINUTE)
    both.retry_due(NOW + MINUTE + health.KEPT)
    assert states(store, "gone") == [Delivery.FAILED, Delivery.FAILED]
    assert sum(one.title.startswith("【通知エラー】gone") for one in well.got) == 2  # once a day


# ------------------------------------------------------------------ dead letters


def test_a_dead_letter_is_sent_again_by_a_person(store: Store) -> None:
    box = Inbox()
    box.refuses = [ChannelError("HTTP 500")] * MAX_ATTEMPTS
    one, now = dispatcher(store, box=box), NOW
    one.dispatch(numbered(1), now)
    while states(store, "box") != [Delivery.FAILED]:
        now += MINUTE
        one.retry_due(now)
    (dead,) = store.notifications()
    assert dead.attempts == MAX_ATTEMPTS
    assert store.alerting.resend(dead.id or 0, now + MINUTE)
    assert not store.alerting.resend(dead.id or 0, now + MINUTE)  # it is on its way already
    one.retry_due(now + 10 * MINUTE)
    assert states(store, "box") == [Delivery.SENT]
    assert not store.alerting.resend(dead.id or 0, now + 11 * MINUTE)
    assert len(box.got) == 1


def test_the_state_of_a_channel_nobody_used(store: Store) -> None:
    assert state_of(store, "new") == "unused"
