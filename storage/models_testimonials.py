"""The tables of testimonials: what people decided about quotable sentences, and where sentences were published.

A curation goes with its mention. A publication outlives the mention, because it says what to take down, and goes only
when its advocate is erased.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Column, ForeignKey, Text
from sqlmodel import Field, SQLModel

from storage.columns import Key, Utc, Words, key, reference, table


class CurationRow(SQLModel, table=True):
    __tablename__ = "testimonial"

    mention_id: int = Field(
        default=None,
        sa_column=Column(
            Key, ForeignKey("mention.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
        ),
    )
    choice: str = Field(sa_type=Text)
    start: int = Field(sa_type=BigInteger)
    end: int = Field(sa_type=BigInteger)
    quote: str = Field(sa_type=Words)
    by: str = Field(sa_type=Words)
    at: datetime = Field(sa_type=Utc)


class PublicationRow(SQLModel, table=True):
    __tablename__ = "publication"

    id: int | None = key()
    advocate_id: int = reference("advocate.id", index=True)
    mention_id: int = Field(sa_column=Column(Key, nullable=False, index=True))
    topic: str = Field(sa_type=Text)
    quote: str = Field(sa_type=Words)
    place: str = Field(sa_type=Words)
    at: datetime = Field(sa_type=Utc)
    by: str = Field(sa_type=Words)
    down_at: datetime | None = Field(default=None, sa_type=Utc)
    down_by: str = Field(sa_type=Words)


CURATION = table(CurationRow)
PUBLICATION = table(PublicationRow)
