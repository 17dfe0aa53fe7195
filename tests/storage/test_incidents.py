from __future__ import annotations

import hashlib
import threading
from dataclasses import replace
from typing import Any

import pytest

from storage.db import Store
from storage.types import Incident, IncidentState, Reason, Severity
from tests.storage.samples import DAY, HOUR, MINUTE, NOW, TOPIC, mention, post, save

OPEN, ACKNOWLEDGED, RESOLVED = IncidentState.OPEN, IncidentState.ACKNOWLEDGED, IncidentState.RESOLVED


def incident(key: str = "minamo/negative/1", **fields: Any) -> Incident:
    base = {
        "key": key,
        "topic": TOPIC,
        "kind": "negative_burst",
        "severity": Severity.WARNING,
        "state": OPEN,
        "opened_at": NOW,
        "updated_at": NOW,
        "reasons": (Reason("negatives_above_usual", {"seen": 12, "usual": 1.5, "語": ["不買"]}),),
        "evidence": (),
    }
    return Incident(**(base | fields))


def worse(of: Incident, minutes: int, **fields: Any) -> Incident:
    return replace(of, severity=Severity.CRISIS, updated_at=NOW + minutes * MINUTE, **fields)


def test_an_incident_comes_back_the_same_under_its_key(store: Store) -> None:
    stored = store.save_incident(incident())
    assert stored.id is not None
    assert replace(stored, id=None) == incident()
    again = store.save_incident(worse(incident(), 1))
    assert (again.id, again.severity, again.updated_at) == (stored.id, Severity.CRISIS, NOW + MINUTE)
    assert store.incident(stored.id) == again
    assert store.incident(10**6) is None


def test_people_take_and_close_an_incident_once(store: Store) -> None:
    number = store.save_incident(incident()).id or 0
    assert store.acknowledge(number, "佐藤", NOW + MINUTE)
    assert not store.acknowledge(number, "鈴木", NOW + MINUTE)
    taken = store.incident(number)
    assert taken is not None
    assert (taken.state, taken.acknowledged_by) == (ACKNOWLEDGED, "佐藤")
    assert store.resolve(number, "鈴木", NOW + HOUR)
    assert not store.resolve(number, "佐藤", NOW + HOUR)
    assert not store.acknowledge(number, "佐藤", NOW + HOUR)
    assert not store.resolve(10**6, "佐藤", NOW)
    closed = store.incident(number)
    assert closed is not None
    assert (closed.state, closed.resolved_at, closed.acknowledged_by) == (RESOLVED, NOW + HOUR, "佐藤")


def test_detection_goes_on_updating_what_a_person_took(store: Store) -> None:
    first = store.save_incident(incident())
    store.acknowledge(first.id or 0, "佐藤", NOW + MINUTE)
    stale = store.save_incident(worse(first, 2))
    assert (stale.state, stale.acknowledged_by, stale.severity) == (ACKNOWLEDGED, "佐藤", Severity.CRISIS)
    over = store.save_incident(worse(first, 3, state=RESOLVED, resolved_at=NOW + 3 * MINUTE))
    assert (over.state, over.acknowledged_by, over.resolved_at) == (RESOLVED, "佐藤", NOW + 3 * MINUTE)


def test_what_a_person_resolved_stays_resolved(store: Store) -> None:
    first = store.save_incident(incident())
    store.resolve(first.id or 0, "佐藤", NOW + MINUTE)
    closed = store.incident(first.id or 0)
    for said in (worse(first, 5), worse(first, 5, state=ACKNOWLEDGED), worse(first, 5, state=RESOLVED)):
        assert store.save_incident(said) == closed


def test_what_detection_resolved_opens_again_only_for_a_later_moment(store: Store) -> None:
    first = store.save_incident(incident())
    store.acknowledge(first.id or 0, "佐藤", NOW)
    over = store.save_incident(replace(first, state=RESOLVED, updated_at=NOW + HOUR))
    assert over.resolved_at == NOW + HOUR
    assert store.save_incident(worse(first, 30)) == over
    again = store.save_incident(worse(first, 90))
    assert (again.state, again.resolved_at, again.acknowledged_by) == (OPEN, None, "")


def test_only_a_person_acknowledges(store: Store) -> None:
    assert store.save_incident(incident(state=ACKNOWLEDGED, acknowledged_by="watch")).state is OPEN
    assert store.save_incident(worse(incident(state=ACKNOWLEDGED), 1)).state is OPEN


def test_what_detection_says_of_an_earlier_moment_is_dropped(store: Store) -> None:
    now = store.save_incident(worse(incident(), 10))
    assert store.save_incident(replace(incident(), updated_at=NOW + 5 * MINUTE)) == now


def test_lists_of_incidents(store: Store) -> None:
    a = store.save_incident(incident("a", opened_at=NOW - HOUR))
    b = store.save_incident(incident("b"))
    c = store.save_incident(incident("c", topic="トマリギ", opened_at=NOW - DAY))
    store.acknowledge(a.id or 0, "佐藤", NOW)
    store.resolve(c.id or 0, "佐藤", NOW)
    assert [i.key for i in store.incidents()] == ["b", "a", "c"]
    assert [i.key for i in store.incidents(limit=1)] == ["b"]
    assert [i.key for i in store.incidents(TOPIC)] == ["b", "a"]
    assert [i.key for i in store.incidents(state=RESOLVED)] == ["c"]
    assert [i.key for i in store.open_incidents()] == ["b", "a"]
    assert store.open_incidents("トマリギ") == []
    assert store.incident(b.id or 0) == b


def test_evidence_is_locked_as_it_was_first_named(store: Store) -> None:
    first, second = save(store, mention(post("1", title="題")), mention(post("2", author=None)))
    ids = (second.id or 0, first.id or 0)
    opened = store.save_incident(incident(evidence=(*ids, 10**6)))
    assert opened.evidence == (*ids, 10**6)
    edited = post("1", title="題", text="消しました", fetched_at=NOW + HOUR)
    save(store, mention(edited))
    store.save_incident(worse(opened, 5, evidence=ids[1:]))
    two, one = store.evidence(opened.id or 0)
    assert (one.mention_id, one.text, one.author) == (
        first.id,
        "題\nミナモ珈琲の新作がおいしい",
        "mastodon:hana",
    )
    assert one.sha256 == hashlib.sha256(one.text.encode()).hexdigest()
    assert (one.fetched_at, one.created_at, one.locked_at) == (NOW, NOW - HOUR, NOW)
    assert (two.external_id, two.author) == ("2", "")


@pytest.mark.parametrize("person", ["acknowledge", "resolve"])
def test_a_person_and_detection_at_once_never_lose_the_person(store: Store, person: str) -> None:
    for n in range(5):
        opened = store.save_incident(incident(f"k{n}"))
        barrier = threading.Barrier(2)

        def detect(of: Incident = opened, start: threading.Barrier = barrier) -> None:
            start.wait()
            for minutes in range(1, 6):
                store.save_incident(worse(of, minutes))

        thread = threading.Thread(target=detect)
        thread.start()
        barrier.wait()
        assert getattr(store, person)(opened.id, "佐藤", NOW + MINUTE)
        thread.join()
        after = store.incident(opened.id or 0)
        assert after is not None
        assert after.state is (ACKNOWLEDGED if person == "acknowledge" else RESOLVED)
