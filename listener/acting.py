"""A reader of an alert acts on it: from a link in a mail, or from a button in Slack."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from alerts.links import SILENCED_FOR, Deed, Links, Promise
from alerts.message import clock_time
from alerts.words import say
from listener.config import Config
from storage.db import Store
from storage.notices import AlertKind, Silence
from storage.types import Incident

SECRET = "links.secret"


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a press: "acknowledge", "acknowledge.late", "silence" or "gone"."""

    code: str
    by: str
    incident: Incident | None = None
    until: datetime | None = None

    def words(self, config: Config, lang: str) -> str:
        topic = self.incident.topic if self.incident else ""
        zone = ZoneInfo(next((one.timezone for one in config.topics if one.name == topic), config.timezone))
        until = clock_time(self.until, lang, zone) if self.until else ""
        return say(f"acted.{self.code}", lang, by=self.by, topic=topic, until=until)


def links(store: Store, config: Config) -> Links:
    """Made with this installation's own key, which is written once."""
    if store.setting(SECRET) is None:
        store.set_setting(SECRET, secrets.token_hex(32))
    return Links(bytes.fromhex(store.setting(SECRET) or ""), config.base_url)


def act(store: Store, promise: Promise, by: str, now: datetime) -> Done:
    """Do what the link promises. Done twice, it is done once."""
    incident = store.incident(promise.incident_id)
    if incident is None:
        return Done("gone", by)
    if promise.deed is Deed.ACKNOWLEDGE:
        taken = store.acknowledge(promise.incident_id, by, now)
        return Done("acknowledge" if taken else "acknowledge.late", by, incident)
    return _silence(store, incident, by, now)


def _silence(store: Store, incident: Incident, by: str, now: datetime) -> Done:
    """One silence of the topic's incidents; a second press within a minute adds none."""
    until = now + SILENCED_FOR
    reason = f"{incident.key} ({by})"
    same = [one for one in store.silences(now) if one.reason == reason]
    if not same:
        silence = Silence(incident.topic, until, reason, by, now, kind=AlertKind.INCIDENT)
        store.add_silence(silence)
    return Done("silence", by, incident, same[0].until if same else until)
