from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

from storage.db import Store
from storage.notices import Delivery, Notification, Silence
from tests.storage.samples import DAY, HOUR, MINUTE, NOW, TOPIC


def notification(key: str = "k/1", channel: str = "slack", **fields: Any) -> Notification:
    base = {"state": Delivery.SENDING, "attempts": 1, "created_at": NOW, "updated_at": NOW, "topic": TOPIC}
    return Notification(key, channel, **(base | {"title": "炎上の兆し", "payload": '{"a": 1}'} | fields))


def begin(store: Store, *args: Any, **fields: Any) -> Notification:
    begun = store.begin_notification(notification(*args, **fields))
    assert begun is not None
    return begun


def test_an_alert_is_begun_once_a_channel_and_seen_by_others_at_once(url: str) -> None:
    with Store.open(url) as store, Store.open(url) as other:
        begun = begin(store)
        assert replace(begun, id=None) == notification()
        assert other.notifications() == [begun]
        assert other.begin_notification(notification(state=Delivery.MUTED)) is None
        assert other.begin_notification(notification(channel="mail")) is not None
        assert other.begin_notification(notification("k/2")) is not None


def test_threads_beginning_the_same_alert_send_it_once(store: Store) -> None:
    begun: list[Notification | None] = []
    barrier = threading.Barrier(5)

    def work() -> None:
        barrier.wait()
        begun.append(store.begin_notification(notification()))

    threads = [threading.Thread(target=work) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([one for one in begun if one is not None]) == 1


def test_a_failed_attempt_waits_for_its_time_and_is_taken_once(store: Store) -> None:
    number = begin(store).id or 0
    assert store.finish_notification(number, state=Delivery.RETRY, now=NOW, error="429", next_at=NOW + MINUTE)
    assert store.due_notifications(NOW) == []
    (due,) = store.due_notifications(NOW + MINUTE)
    assert (due.id, due.error, due.attempts, due.payload) == (number, "429", 1, '{"a": 1}')
    taken = store.take_notification(number, NOW + MINUTE)
    assert taken is not None
    assert (taken.state, taken.attempts, taken.updated_at) == (Delivery.SENDING, 2, NOW + MINUTE)
    assert store.take_notification(number, NOW + MINUTE) is None
    assert store.due_notifications(NOW + DAY) == []


def test_sent_is_never_taken_back(store: Store) -> None:
    number = begin(store).id or 0
    assert store.finish_notification(number, state=Delivery.SENT, now=NOW + MINUTE, remote_id="ts-1")
    assert not store.finish_notification(number, state=Delivery.FAILED, now=NOW + HOUR, error="late")
    assert not store.finish_notification(10**6, state=Delivery.SENT, now=NOW)
    (sent,) = store.notifications()
    assert (sent.state, sent.remote_id, sent.error) == (Delivery.SENT, "ts-1", "")


def test_reclaim_takes_over_from_a_dead_process(store: Store) -> None:
    left = begin(store)
    done = begin(store, "k/2")
    store.finish_notification(done.id or 0, state=Delivery.SENT, now=NOW)
    begin(store, "k/3", state=Delivery.MUTED, attempts=0)
    assert store.reclaim(NOW + HOUR) == 1
    (due,) = store.due_notifications(NOW + HOUR)
    assert (due.id, due.next_at, due.state) == (left.id, NOW + HOUR, Delivery.RETRY)


def test_sending_again_counts_an_attempt(store: Store) -> None:
    number = begin(store).id or 0
    store.finish_notification(number, state=Delivery.SENDING, now=NOW)
    assert [one.attempts for one in store.notifications()] == [2]


def test_notifications_are_listed_newest_first(store: Store) -> None:
    for n in range(3):
        begin(store, f"k/{n}", created_at=NOW + n * MINUTE, topic=TOPIC if n else "")
    assert [one.alert_key for one in store.notifications()] == ["k/2", "k/1", "k/0"]
    assert [one.alert_key for one in store.notifications(1, TOPIC)] == ["k/2"]


def test_a_silence_lasts_until_its_end_or_until_it_is_ended(store: Store) -> None:
    given = Silence(TOPIC, NOW + HOUR, "発表会のため", "佐藤", NOW)
    silence = store.add_silence(given)
    assert replace(silence, id=None) == given
    assert store.silences(NOW) == [silence]
    assert store.silences(NOW - MINUTE) == store.silences(NOW + HOUR) == []
    assert store.end_silence(silence.id or 0, NOW + MINUTE)
    assert store.silences(NOW + MINUTE) == []
    assert not store.end_silence(silence.id or 0, NOW + 2 * MINUTE)
