"""What the store says that notifications are judged by, read once for all of one look."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property

from alerts.muting import World, reason_code
from alerts.quiet import QuietHours
from storage.db import Store
from storage.notices import ChannelHealth, Notification, Silence
from storage.types import Incident


class Snapshot:
    """The store at one moment. Twenty alerts of one look are judged by one reading, not by twenty."""

    def __init__(self, store: Store, now: datetime) -> None:
        self._store = store
        self._now = now
        self._incidents: dict[str, list[Incident]] = {}

    @cached_property
    def silences(self) -> list[Silence]:
        return self._store.silences(self._now)

    @cached_property
    def health(self) -> Mapping[str, ChannelHealth]:
        return self._store.alerting.health()

    def incidents(self, topic: str) -> list[Incident]:
        """The open ones of a topic; none where an alert is about no topic."""
        if topic and topic not in self._incidents:
            self._incidents[topic] = self._store.open_incidents(topic)
        return self._incidents.get(topic, [])

    def world(self, row: Notification, quiet: QuietHours | None, timezone: str) -> World:
        """What `row` is judged by."""
        threaded = bool(row.incident_kind) and (row.id is not None or reason_code(row) == "resolved")
        return World(
            silences=self.silences,
            incidents=self.incidents(row.topic),
            quiet=quiet,
            timezone=timezone,
            told=self._store.alerting.of_thread(row.thread, row.channel) if threaded else (),
        )
