"""The tables of survey responses and referrals. No plain address and no name of a respondent is in them.

Which advocate a row belongs to is not stored: it is asked of the consent ledger whenever the row is read, so that
nothing has to be cleared when a consent ends.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Float, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.columns import Utc, Words, key, table


class SurveyResponseRow(SQLModel, table=True):
    __tablename__ = "survey_response"
    __table_args__ = (
        UniqueConstraint("topic", "kind", "source", "external_id"),
        Index(None, "topic", "at"),
    )

    id: int | None = key()
    topic: str = Field(sa_type=Words)
    kind: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=Utc)
    score: float = Field(sa_type=Float)
    low: float = Field(sa_type=Float)
    high: float = Field(sa_type=Float)
    comment: str = Field(sa_type=Words)
    person: str = Field(sa_type=Text, index=True)  # the address's digest; empty without an address
    properties: Any = Field(sa_type=JSON)
    source: str = Field(sa_type=Text)
    external_id: str = Field(sa_type=Words)
    imported_at: datetime = Field(sa_type=Utc)


class ReferralRow(SQLModel, table=True):
    __tablename__ = "referral"
    __table_args__ = (
        UniqueConstraint("topic", "kind", "source", "external_id"),
        Index(None, "topic", "at"),
    )

    id: int | None = key()
    topic: str = Field(sa_type=Words)
    at: datetime = Field(sa_type=Utc)
    kind: str = Field(sa_type=Text)
    referrer: str = Field(sa_type=Text, index=True)
    customer: str = Field(sa_type=Text, index=True)
    value: float | None = Field(default=None, sa_type=Float, nullable=True)
    currency: str = Field(sa_type=Text)
    source: str = Field(sa_type=Text)
    external_id: str = Field(sa_type=Words)
    imported_at: datetime = Field(sa_type=Utc)


SURVEY = table(SurveyResponseRow)
REFERRAL = table(ReferralRow)
