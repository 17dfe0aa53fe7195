"""The table of segments: saved filters over advocates. It names no account and points at none."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Text
from sqlmodel import Field, SQLModel

from storage.columns import Utc, Words, key, table


class SegmentRow(SQLModel, table=True):
    """`folded` is the name as names are compared."""

    __tablename__ = "segment"

    id: int | None = key()
    name: str = Field(sa_type=Words)
    folded: str = Field(sa_type=Text, unique=True)
    wanted: Any = Field(sa_type=JSON)
    by: str = Field(sa_type=Words)
    at: datetime = Field(sa_type=Utc)


SEGMENT = table(SegmentRow)
