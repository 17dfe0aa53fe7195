"""The vocabulary, continued: what is told to a person, in which words, and how the telling went.

Frozen values with the standard library only, as in `storage.types`. Times are aware UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from storage.types import Advocate, Incident, Label, Mention, Reason, Severity


class AlertKind(StrEnum):
    INCIDENT = "incident"
    ADVOCATE = "advocate"
    MENTION = "mention"
    TREND = "trend"
    SOURCE = "source"
    DIGEST = "digest"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class TopicDigest:
    """One topic in a stretch of time, and in the stretch before it, which is as long."""

    topic: str
    own: bool
    volume: int
    positive: int
    negative: int
    volume_before: int
    negative_before: int


@dataclass(frozen=True, slots=True)
class Digest:
    """What happened from `start` to `end`. `period`: "daily" or "weekly".

    `stories` are (the mention that shows a story, how many people told it), the most told first. `advocates` are
    the names of the new ones, `waiting` mentions wait for a person's word, `failing` sources could not be read.
    """

    period: str
    start: datetime
    end: datetime
    topics: tuple[TopicDigest, ...] = ()
    incidents: tuple[Incident, ...] = ()
    stories: tuple[tuple[Mention, int], ...] = ()
    advocates: tuple[str, ...] = ()
    waiting: int = 0
    failing: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Nothing was said about anything, and nothing needs a person."""
        said = any(one.volume for one in self.topics)
        return not (said or self.incidents or self.advocates or self.waiting or self.failing)


@dataclass(frozen=True, slots=True)
class Alert:
    """Something to tell a person. `key` names the thing and the reason: one key is told once a channel.

    For an incident the key is "<incident key>/<reason code>/<severity>"; saying it again needs a new key.
    `subject` is the Incident, Advocate, Mention, Digest or the source's name it is about.
    """

    key: str
    kind: AlertKind
    topic: str
    severity: Severity
    reason: Reason
    created_at: datetime
    subject: Incident | Advocate | Mention | Digest | str
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
class Action:
    """Something a reader of a message may do by a link. `url` proves that we wrote it: it is never logged."""

    code: str
    label: str
    url: str


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
    actions: tuple[Action, ...] = ()


class Delivery(StrEnum):
    """The state of one notification: `sending` is written before the attempt, the outcome after.

    `waiting` was not tried yet: for others of its group, for the end of quiet hours, or for nobody to answer.
    """

    WAITING = "waiting"
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
    kind: AlertKind = AlertKind.INCIDENT
    severity: Severity = Severity.CRISIS
    began_as: Severity = Severity.CRISIS  # an incident's severity when it opened; else its own
    tags: tuple[str, ...] = ()
    thread: str = ""  # the incident's key; the alert's own where there is none
    incident_kind: str = ""
    step: int = 0  # 0: the alert itself; 1, 2 …: told because nobody answered
    group: str = ""  # those that wait in one group of one channel become one message
    leader: int | None = None  # the notification whose message carries this one
    why: Reason | None = None  # why it waits, or was not sent
    owner: str = ""  # the process that sends it
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Silence:
    """Muted by a person until when, and why. Empty `topic`, `kind` or `tag` stand for every one.

    Alerts up to `up_to` are muted. With `breaks`, an incident that gets more severe than it was is told: more
    severe than in `severities` (by incident key, written when the silence begins), else than it opened as.
    """

    topic: str
    until: datetime
    reason: str
    by: str
    created_at: datetime
    kind: AlertKind | None = None
    tag: str = ""
    up_to: Severity = Severity.CRISIS
    breaks: bool = True
    severities: Mapping[str, Severity] = field(default_factory=dict)
    id: int | None = None


@dataclass(frozen=True, slots=True)
class ChannelHealth:
    """How a channel did lately. It rests until `rest_until` after failures in a row, or while it is disabled."""

    name: str
    failures: int = 0  # in a row
    error: str = ""
    rest_until: datetime | None = None
    disabled_at: datetime | None = None
    last_ok_at: datetime | None = None
    last_failed_at: datetime | None = None
