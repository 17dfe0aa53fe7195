"""The vocabulary, continued: what is told to a person, in which words, and how the telling went.

Frozen values with the standard library only, as in `storage.types`. Times are aware UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from storage.types import Advocate, Incident, Label, Mention, Reason, Severity


class AlertKind(StrEnum):
    INCIDENT = "incident"
    ADVOCATE = "advocate"
    MENTION = "mention"
    SOURCE = "source"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Alert:
    """Something to tell a person. `key` names the thing and the reason: one key is told once a channel.

    For an incident the key is "<incident key>/<reason code>/<severity>"; saying it again needs a new key.
    `subject` is the Incident, Advocate, Mention or the source's name it is about.
    """

    key: str
    kind: AlertKind
    topic: str
    severity: Severity
    reason: Reason
    created_at: datetime
    subject: Incident | Advocate | Mention | str
    mentions: tuple[Mention, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Quote:
    """A mention quoted in a message: its words, who, where, when, and what was made of it."""

    text: str
    author: str
    url: str
    at: datetime
    label: Label


@dataclass(frozen=True, slots=True)
class Message:
    """An alert in words, once, for every channel. `title` fits one line; `summary` says what and why."""

    key: str
    thread: str
    lang: str
    severity: Severity
    title: str
    summary: str
    reasons: tuple[str, ...]
    fields: tuple[Field, ...]
    quotes: tuple[Quote, ...]
    link: str
    footer: str = ""


class Delivery(StrEnum):
    """The state of one notification: `sending` is written before the attempt, the outcome after."""

    SENDING = "sending"
    SENT = "sent"
    RETRY = "retry"
    FAILED = "failed"
    MUTED = "muted"


@dataclass(frozen=True, slots=True)
class Notification:
    """One alert on one channel: when, how often tried, how it ended."""

    alert_key: str
    channel: str
    state: Delivery
    attempts: int
    created_at: datetime
    updated_at: datetime
    topic: str = ""
    title: str = ""
    error: str = ""
    next_at: datetime | None = None
    remote_id: str = ""
    payload: str = ""  # the Message as JSON, kept so that a retry after a restart says the same
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Silence:
    """Muted by a person until when, and why. Empty `topic` mutes every topic."""

    topic: str
    until: datetime
    reason: str
    by: str
    created_at: datetime
    id: int | None = None
