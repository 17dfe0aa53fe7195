"""The tables of what needs a person and who was told: incidents, their evidence, notifications, channels, silences."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.columns import Utc, Words, key, reference, table


class IncidentRow(SQLModel, table=True):
    __tablename__ = "incident"
    __table_args__ = (UniqueConstraint("key"), Index(None, "topic", "opened_at"))

    id: int | None = key()
    key: str = Field(sa_type=Words)
    topic: str = Field(sa_type=Words)
    kind: str = Field(sa_type=Text)
    severity: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    opened_at: datetime = Field(sa_type=Utc)
    updated_at: datetime = Field(sa_type=Utc)
    reasons: Any = Field(sa_type=JSON)
    evidence: Any = Field(sa_type=JSON)  # mention ids, most telling first
    resolved_at: datetime | None = Field(default=None, sa_type=Utc)
    resolved_by: str = Field(default="", sa_type=Words)  # empty when detection resolved it
    acknowledged_by: str = Field(default="", sa_type=Words)
    acknowledged_at: datetime | None = Field(default=None, sa_type=Utc)


class EvidenceRow(SQLModel, table=True):
    """What a post said when an incident first named it. Rows are added, never changed.

    `mention_id` refers to no table: the copy outlives the mention.
    """

    __tablename__ = "evidence"
    __table_args__ = (UniqueConstraint("incident_id", "mention_id"), Index(None, "mention_id"))

    id: int | None = key()
    incident_id: int = reference("incident.id")
    mention_id: int = Field(sa_type=BigInteger)
    platform: str = Field(sa_type=Words)
    external_id: str = Field(sa_type=Words)
    author: str = Field(sa_type=Words)
    url: str = Field(sa_type=Words)
    text: str = Field(sa_type=Words)
    sha256: str = Field(sa_type=Text)
    created_at: datetime = Field(sa_type=Utc)
    fetched_at: datetime = Field(sa_type=Utc)
    locked_at: datetime = Field(sa_type=Utc)


class NotificationRow(SQLModel, table=True):
    __tablename__ = "notification"
    __table_args__ = (
        UniqueConstraint("alert_key", "channel"),
        Index(None, "state", "next_at"),
        Index(None, "thread"),
    )

    id: int | None = key()
    alert_key: str = Field(sa_type=Words)
    channel: str = Field(sa_type=Words)
    state: str = Field(sa_type=Text)
    attempts: int = Field(sa_type=BigInteger)
    created_at: datetime = Field(sa_type=Utc)
    updated_at: datetime = Field(sa_type=Utc)
    topic: str = Field(sa_type=Words)
    title: str = Field(sa_type=Words)
    error: str = Field(sa_type=Words)
    next_at: datetime | None = Field(default=None, sa_type=Utc)
    remote_id: str = Field(sa_type=Words)
    payload: str = Field(sa_type=Words)
    kind: str = Field(sa_type=Text)
    severity: str = Field(sa_type=Text)
    began_as: str = Field(sa_type=Text)
    tags: Any = Field(sa_type=JSON)
    thread: str = Field(sa_type=Words)
    incident_kind: str = Field(sa_type=Text)
    step: int = Field(sa_type=BigInteger)
    group: str = Field(sa_type=Words)
    leader: int | None = Field(default=None, sa_type=BigInteger, index=True)
    why: Any = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    owner: str = Field(sa_type=Words)


class ChannelRow(SQLModel, table=True):
    __tablename__ = "channel"

    name: str = Field(sa_type=Words, primary_key=True)
    failures: int = Field(sa_type=BigInteger)
    error: str = Field(sa_type=Words)
    rest_until: datetime | None = Field(default=None, sa_type=Utc)
    disabled_at: datetime | None = Field(default=None, sa_type=Utc)
    last_ok_at: datetime | None = Field(default=None, sa_type=Utc)
    last_failed_at: datetime | None = Field(default=None, sa_type=Utc)


class SilenceRow(SQLModel, table=True):
    __tablename__ = "silence"

    id: int | None = key()
    topic: str = Field(sa_type=Words)
    until: datetime = Field(sa_type=Utc, index=True)
    reason: str = Field(sa_type=Words)
    by: str = Field(sa_type=Words)
    created_at: datetime = Field(sa_type=Utc)
    kind: str = Field(sa_type=Text)  # empty: every kind
    tag: str = Field(sa_type=Words)
    up_to: str = Field(sa_type=Text)
    breaks: bool
    severities: Any = Field(sa_type=JSON)


INCIDENT = table(IncidentRow)
EVIDENCE = table(EvidenceRow)
NOTIFICATION = table(NotificationRow)
SILENCE = table(SilenceRow)
CHANNEL = table(ChannelRow)
