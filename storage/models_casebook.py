"""The tables of an incident's file: its steps, its merging, its reports, later looks at its evidence.

Rows are added, never changed, but for when a post is asked for next, and what was merged.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.columns import Key, Utc, Words, key, reference, table


class IncidentEventRow(SQLModel, table=True):
    __tablename__ = "incident_event"
    __table_args__ = (Index(None, "incident_id", "id"),)

    id: int | None = key()
    incident_id: int = reference("incident.id")
    kind: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=Utc)
    by: str = Field(sa_type=Words)
    note: str = Field(sa_type=Words)
    values: Any = Field(sa_type=JSON)


class IncidentMergeRow(SQLModel, table=True):
    """An incident that is told no more, and the one that speaks for it. An incident is merged once."""

    __tablename__ = "incident_merge"

    incident_id: int = Field(
        default=None,
        sa_column=Column(Key, ForeignKey("incident.id"), primary_key=True, autoincrement=False),
    )
    into_id: int = reference("incident.id", index=True)


class IncidentReportRow(SQLModel, table=True):
    __tablename__ = "incident_report"
    __table_args__ = (UniqueConstraint("incident_id", "number"),)

    id: int | None = key()
    incident_id: int = reference("incident.id")
    number: int = Field(sa_type=BigInteger)
    kind: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=Utc)
    by: str = Field(sa_type=Words)
    content: Any = Field(sa_type=JSON)
    figures: Any = Field(sa_type=JSON)
    event_id: int = reference("incident_event.id")


class EvidenceMarkRow(SQLModel, table=True):
    __tablename__ = "evidence_mark"

    id: int | None = key()
    evidence_id: int = reference("evidence.id", index=True)
    fate: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=Utc)
    sha256: str = Field(sa_type=Text)
    text: str = Field(sa_type=Words)
    note: str = Field(sa_type=Words)


class EvidenceLookRow(SQLModel, table=True):
    """When the post of a locked copy was asked for, and is next; `missing_at`: not found then, not confirmed yet."""

    __tablename__ = "evidence_look"

    evidence_id: int = Field(
        default=None,
        sa_column=Column(Key, ForeignKey("evidence.id"), primary_key=True, autoincrement=False),
    )
    asked_at: datetime = Field(sa_type=Utc)
    next_at: datetime = Field(sa_type=Utc)
    missing_at: datetime | None = Field(default=None, sa_type=Utc)


EVENT = table(IncidentEventRow)
MERGE = table(IncidentMergeRow)
REPORT = table(IncidentReportRow)
MARK = table(EvidenceMarkRow)
LOOK = table(EvidenceLookRow)
