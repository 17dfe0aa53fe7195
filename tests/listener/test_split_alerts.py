"""An incident that was merged and split again: told from where it stands, and nothing twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from alerts.dispatch import Dispatcher
from alerts.routes import Route
from listener import watching
from storage.db import Store
from storage.types import Severity
from tests.alerts.made import NOW, TOPIC
from tests.delivery import Inbox, crisis

HOUR = timedelta(hours=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path / 'k.db'}") as opened:
        yield opened


def look(store: Store, inbox: Inbox, now: datetime) -> list[str]:
    """What the watch tells now."""
    before = len(inbox.got)
    history = store.history(TOPIC, now)
    alerts = watching.incident_alerts(store, TOPIC, history, watching.current(store, TOPIC, now), now)
    Dispatcher(store, {"slack": inbox}, [Route(channels=("slack",))]).dispatch(alerts, now)
    return [f"{one.thread} {one.key}" for one in inbox.got[before:]]


def test_what_was_told_before_is_not_told_again(store: Store) -> None:
    inbox = Inbox()
    first, second = store.save_incident(crisis("k/1")), store.save_incident(crisis("k/2"))
    assert len(look(store, inbox, NOW)) == 2
    store.casebook.merge(second.id or 0, first.id or 0, "佐藤", NOW)
    worse = replace(second, severity=Severity.CRISIS, updated_at=NOW + HOUR)
    store.save_incident(worse)
    assert look(store, inbox, NOW + HOUR) == []  # the other speaks for it
    store.casebook.split(second.id or 0, "佐藤", NOW + HOUR)
    (told,) = look(store, inbox, NOW + HOUR)
    assert told == f"{second.key} {second.key}/escalated/crisis"  # in its own thread
    assert look(store, inbox, NOW + 2 * HOUR) == []


def test_nothing_new_means_nothing_told(store: Store) -> None:
    inbox = Inbox()
    first, second = store.save_incident(crisis("k/1")), store.save_incident(crisis("k/2"))
    look(store, inbox, NOW)
    store.casebook.merge(second.id or 0, first.id or 0, "佐藤", NOW)
    store.casebook.split(second.id or 0, "佐藤", NOW + HOUR)
    assert look(store, inbox, NOW + HOUR) == []
