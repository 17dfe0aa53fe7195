"""The tables of the programme: where an advocate stands, the history, the consent ledger, and who wants no part.

Rows of `journey_step` and `consent` are added, never changed; only an erasure takes them away.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Index, Text
from sqlmodel import Field, SQLModel

from storage.columns import Key, Utc, Words, key, reference, table


class JourneyRow(SQLModel, table=True):
    __tablename__ = "journey"

    advocate_id: int = Field(
        default=None,
        sa_column=Column(Key, ForeignKey("advocate.id"), primary_key=True, autoincrement=False),
    )
    owner: str = Field(sa_type=Words)
    contacted_at: datetime | None = Field(default=None, sa_type=Utc)  # the first time: it only gets earlier
    opted_out_at: datetime | None = Field(default=None, sa_type=Utc)
    tags: Any = Field(sa_type=JSON)


class JourneyStepRow(SQLModel, table=True):
    __tablename__ = "journey_step"
    __table_args__ = (Index(None, "advocate_id", "id"),)

    id: int | None = key()
    advocate_id: int = reference("advocate.id")
    kind: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=Utc)
    by: str = Field(sa_type=Words)
    note: str = Field(sa_type=Words)
    values: Any = Field(sa_type=JSON)


class ConsentRow(SQLModel, table=True):
    __tablename__ = "consent"
    __table_args__ = (Index(None, "advocate_id", "id"),)

    id: int | None = key()
    advocate_id: int = reference("advocate.id")
    kind: str = Field(sa_type=Text)
    scopes: Any = Field(sa_type=JSON)
    at: datetime = Field(sa_type=Utc)
    by: str = Field(sa_type=Words)
    evidence: str = Field(sa_type=Words)
    wording: str = Field(sa_type=Words)
    until: datetime | None = Field(default=None, sa_type=Utc)
    email: str = Field(sa_type=Words)
    name_given: str = Field(sa_type=Words)
    written_at: datetime = Field(sa_type=Utc)


class RefusalRow(SQLModel, table=True):
    """An account that opted out or was erased, as a salted hash: it outlives the account's own rows.

    `consents` are how many rows of the consent ledger an erasure took away.
    """

    __tablename__ = "refusal"

    digest: str = Field(sa_type=Text, primary_key=True)
    kind: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=Utc)
    by: str = Field(sa_type=Words)
    reason: str = Field(sa_type=Words)
    consents: int = Field(sa_type=BigInteger)


class ErasedCountRow(SQLModel, table=True):
    """What the roll-ups count of mentions that were erased: an hour's figures, without anybody's name."""

    __tablename__ = "erased_count"

    topic: str = Field(sa_type=Words, primary_key=True)
    hour: datetime = Field(sa_type=Utc, primary_key=True)
    platform: str = Field(sa_type=Words, primary_key=True)
    volume: int = Field(sa_type=BigInteger)
    positive: int = Field(sa_type=BigInteger)
    neutral: int = Field(sa_type=BigInteger)
    negative: int = Field(sa_type=BigInteger)
    score_millionths: int = Field(sa_type=BigInteger)
    authors: int = Field(sa_type=BigInteger)
    reach: int = Field(sa_type=BigInteger)
    engagement: int = Field(sa_type=BigInteger)


JOURNEY = table(JourneyRow)
STEP = table(JourneyStepRow)
CONSENT = table(ConsentRow)
REFUSAL = table(RefusalRow)
ERASED = table(ErasedCountRow)
