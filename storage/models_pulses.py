"""The tables of how reactions grow, and of what a rule remembers of a topic between two looks."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Column, ForeignKey, Text
from sqlmodel import Field, SQLModel

from storage.columns import Key, Utc, Words, table


class ReadingRow(SQLModel, table=True):
    """A young post's reactions when they were seen to have changed. It goes when its post goes."""

    __tablename__ = "reading"

    post_id: int = Field(
        default=None,
        sa_column=Column(
            Key, ForeignKey("post.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
        ),
    )
    at: datetime = Field(sa_type=Utc, primary_key=True, index=True)
    reactions: int = Field(sa_type=BigInteger)


class RuleRow(SQLModel, table=True):
    """`topic` is empty for a rule about no topic. `state` is JSON that only the rule reads."""

    __tablename__ = "rule"

    topic: str = Field(sa_type=Words, primary_key=True)
    name: str = Field(sa_type=Words, primary_key=True)
    state: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=Utc)


READING = table(ReadingRow)
RULE = table(RuleRow)
