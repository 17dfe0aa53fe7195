"""The table of hand-overs: which advocate went to which export, and how it ended.

It names advocates by number and without a foreign key: a row outlives the erasure of its advocate, because it
is what says where else somebody has to be erased.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Column, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.columns import Key, Utc, Words, key, table


class TransferRow(SQLModel, table=True):
    __tablename__ = "transfer"
    __table_args__ = (UniqueConstraint("export", "key"),)

    id: int | None = key()
    export: str = Field(sa_type=Text)
    key: str = Field(sa_type=Text)
    advocate_id: int = Field(sa_column=Column(Key, nullable=False, index=True))
    state: str = Field(sa_type=Text)
    digest: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=Utc)
    attempts: int = Field(sa_type=BigInteger)
    code: str = Field(sa_type=Text)
    detail: str = Field(sa_type=Words)
    remote_id: str = Field(sa_type=Words)
    owner: str = Field(sa_type=Text)
    sent_at: datetime | None = Field(sa_type=Utc, nullable=True)


TRANSFER = table(TransferRow)
