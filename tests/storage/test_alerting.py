"""What waits, and how channels are, on both databases."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

from storage.db import Store
from storage.notices import AlertKind, Delivery, Silence
from storage.owner import LEASE, is_dead, me
from storage.types import Reason, Severity
from tests.storage.samples import HOUR, MINUTE, NOW, TOPIC
from tests.storage.test_notifications import notification

REST = timedelta(minutes=5)


def waiting(key: str, **fields: object) -> object:
    return notification(
        key, state=Delivery.WAITING, attempts=0, next_at=NOW + 2 * MINUTE, group="0/t/advocate", **fields
    )


def test_everything_a_row_says_comes_back(store: Store) -> None:
    row = replace(
        notification(),
        kind=AlertKind.MENTION,
        severity=Severity.WATCH,
        began_as=Severity.WATCH,
        tags=("直営", "東日本"),
        thread="k",
        incident_kind="viral",
        step=900,
        group="g",
        why=Reason("silenced", {"by": "佐藤", "id": 3}),
        owner=me(),
    )
    (begun,) = store.alerting.begin([row])
    assert replace(begun, id=None) == row
    assert store.alerting.of_thread("k", "slack") == [begun]


def test_rows_are_begun_all_or_none_and_once(store: Store) -> None:
    assert len(store.alerting.begin([notification("a"), notification("b")])) == 2
    assert [one.alert_key for one in store.alerting.begin([notification("b"), notification("c")])] == ["c"]


def test_a_group_is_taken_whole_by_one_worker(store: Store) -> None:
    begun = store.alerting.begin([waiting("a"), waiting("b"), waiting("c")])  # type: ignore[list-item]
    assert store.alerting.held(NOW) == []
    ((first, second, third),) = store.alerting.held(NOW + 2 * MINUTE)
    assert [first, second, third] == begun
    ids = [one.id or 0 for one in (second, first)]
    results: list[object] = []
    barrier = threading.Barrier(4)

    def work() -> None:
        barrier.wait()
        results.append(store.alerting.take_batch(ids, payload="both", now=NOW + 2 * MINUTE))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (leader,) = [one for one in results if one is not None]
    assert (leader.id, leader.payload, leader.attempts) == (second.id, "both", 1)  # type: ignore[attr-defined]
    assert store.alerting.take_batch([first.id or 0, third.id or 0], payload="", now=NOW) is None
    states = {one.alert_key: (one.state, one.leader) for one in store.notifications()}
    assert states == {
        "a": (Delivery.SENDING, second.id),
        "b": (Delivery.SENDING, None),
        "c": (Delivery.WAITING, None),
    }
    store.finish_notification(second.id or 0, state=Delivery.RETRY, now=NOW, error="500", next_at=NOW)
    assert [one.id for one in store.alerting.due(NOW)] == [second.id]
    assert store.take_notification(second.id or 0, NOW) is not None
    store.finish_notification(second.id or 0, state=Delivery.FAILED, now=NOW, error="500")
    assert store.alerting.resend(first.id or 0, NOW)  # a member stands for its message
    assert [one.id for one in store.alerting.due(NOW)] == [second.id]
    assert store.alerting.last_of_group("slack", "0/t/advocate") == NOW


def test_what_a_dead_process_was_sending_is_due_and_what_a_living_one_sends_is_not(store: Store) -> None:
    mine, theirs = notification("mine", owner=me()), notification("theirs", owner="elsewhere/1/abcd")
    dead = notification("dead", owner=f"{me().rpartition('/')[0]}/another")  # our number, before a restart
    store.alerting.begin([mine, theirs, dead])
    assert store.alerting.reclaim(NOW) == 1
    assert [one.alert_key for one in store.alerting.due(NOW)] == ["dead"]
    assert store.alerting.reclaim(NOW + LEASE) == 2
    assert (is_dead(""), is_dead(me()), is_dead("elsewhere/1/abcd")) == (True, False, False)


def test_a_channel_rests_is_tried_by_one_and_works_again(store: Store) -> None:
    for _ in range(4):
        store.alerting.failed("slack", "HTTP 503", NOW, rest_after=5, rest=REST)
    assert store.alerting.health()["slack"].rest_until is None
    known = store.alerting.failed("slack", "HTTP 503", NOW, rest_after=5, rest=REST)
    assert (known.failures, known.rest_until, known.disabled_at) == (5, NOW + REST, None)
    assert not store.alerting.claim_trial("slack", NOW + MINUTE, REST)
    assert store.alerting.claim_trial("slack", NOW + REST, REST)
    assert not store.alerting.claim_trial("slack", NOW + REST, REST)
    store.alerting.begin([notification(state=Delivery.RETRY, next_at=NOW + HOUR)])
    assert store.alerting.queue() == {"slack": 1}
    assert store.alerting.succeeded("slack", NOW + REST)
    assert len(store.alerting.due(NOW + REST)) == 1
    assert not store.alerting.succeeded("slack", NOW + REST)


def test_disabled_is_kept_with_the_first_moment(store: Store) -> None:
    for minutes in (0, 15):
        store.alerting.failed("line", "401", NOW + minutes * MINUTE, rest_after=5, rest=REST, disable=True)
    known = store.alerting.health()["line"]
    assert (known.disabled_at, known.failures, known.last_failed_at) == (NOW, 2, NOW + 15 * MINUTE)
    assert store.alerting.succeeded("line", NOW + HOUR)
    assert store.alerting.health()["line"].disabled_at is None


def test_what_a_silence_covers_comes_back(store: Store) -> None:
    given = Silence(TOPIC, NOW + HOUR, "", "佐藤", NOW, AlertKind.TREND, "直営", Severity.WATCH, False)
    silence = store.add_silence(given)
    assert replace(silence, id=None) == given
    assert store.alerting.past_silences(NOW) == []
    assert store.alerting.past_silences(NOW + HOUR) == [silence]
