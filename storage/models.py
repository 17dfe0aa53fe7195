"""The tables of what was read: posts, mentions, people, sources. They never leave this package.

The SQLModel classes say what a row is; the queries use the tables behind them, listed at the end, because
they work on thousands of rows at once. Every change here needs a migration: a test compares the two. The tables
of what is told to people are in `storage.models_alerting`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Double, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.columns import Utc, Words, key, reference, table


class AuthorRow(SQLModel, table=True):
    __tablename__ = "author"
    __table_args__ = (UniqueConstraint("platform", "external_id"),)

    id: int | None = key()
    platform: str = Field(sa_type=Words)
    external_id: str = Field(sa_type=Words)
    handle: str = Field(sa_type=Words)
    name: str = Field(sa_type=Words)
    url: str = Field(sa_type=Words)
    followers: int | None = Field(default=None, sa_type=BigInteger)
    bot: bool | None = None
    seen_at: datetime = Field(sa_type=Utc)  # when the source said so


class PostRow(SQLModel, table=True):
    __tablename__ = "post"
    __table_args__ = (UniqueConstraint("platform", "external_id"),)

    id: int | None = key()
    platform: str = Field(sa_type=Words)
    external_id: str = Field(sa_type=Words)
    source: str = Field(sa_type=Words)  # the first source that brought it
    text: str = Field(sa_type=Words)
    title: str = Field(sa_type=Words)
    digest: str = Field(sa_type=Text)  # of the full text
    url: str = Field(sa_type=Words)
    created_at: datetime = Field(sa_type=Utc)
    fetched_at: datetime = Field(sa_type=Utc)
    author_id: int | None = reference("author.id", index=True, nullable=True)
    publisher: str = Field(sa_type=Words)
    lang: str | None = Field(default=None, sa_type=Words)
    rating: float | None = Field(default=None, sa_type=Double)
    likes: int | None = Field(default=None, sa_type=BigInteger)
    reposts: int | None = Field(default=None, sa_type=BigInteger)
    replies: int | None = Field(default=None, sa_type=BigInteger)
    quotes: int | None = Field(default=None, sa_type=BigInteger)
    views: int | None = Field(default=None, sa_type=BigInteger)
    reply_to: str | None = Field(default=None, sa_type=Words)
    repost_of: str | None = Field(default=None, sa_type=Words)
    tags: Any = Field(sa_type=JSON)


class MentionRow(SQLModel, table=True):
    """`created_at`, `hour`, `platform`, `author_id` repeat the post, so that an index can begin with them."""

    __tablename__ = "mention"
    __table_args__ = (
        UniqueConstraint("post_id", "topic"),
        Index(None, "topic", "created_at"),
        Index(None, "author_id", "topic", "hour"),
        Index(None, "story"),
        Index(None, "correction_id"),
    )

    id: int | None = key()
    post_id: int = reference("post.id")
    topic: str = Field(sa_type=Words)
    platform: str = Field(sa_type=Words)
    author_id: int | None = reference("author.id", nullable=True)
    created_at: datetime = Field(sa_type=Utc)
    hour: datetime = Field(sa_type=Utc)
    digest: str = Field(sa_type=Text)  # of the text that was analysed; the post's may have changed since
    matched: Any = Field(sa_type=JSON)
    label: str = Field(sa_type=Text)
    score: float = Field(sa_type=Double)
    confidence: float = Field(sa_type=Double)
    model: str = Field(sa_type=Text)
    emotion: str = Field(sa_type=Text)
    sarcasm: bool
    lang: str = Field(sa_type=Text)
    fingerprint: int = Field(sa_type=BigInteger)
    disclosure: str = Field(sa_type=Text)
    disclosure_confidence: float = Field(sa_type=Double)
    disclosure_evidence: Any = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    signals: Any = Field(sa_type=JSON)
    signal_kinds: str = Field(sa_type=Text)  # " warn complaint ", to filter by
    story: int | None = Field(default=None, sa_type=BigInteger)
    reach: int | None = Field(default=None, sa_type=BigInteger)  # the author's followers at that time
    engagement: int | None = Field(default=None, sa_type=BigInteger)
    said: Any = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))  # by the model
    irrelevant: bool = False  # a person says: not about the topic, so it counts nowhere
    correction_id: int | None = Field(default=None, sa_type=BigInteger)  # the person's word that stands


class CorrectionRow(SQLModel, table=True):
    """A person's word on a mention. Rows are added, never changed; they go when retention forgets the mention."""

    __tablename__ = "correction"

    id: int | None = key()
    mention_id: int = reference("mention.id", index=True)
    kind: str = Field(sa_type=Text)
    labels: Any = Field(sa_type=JSON)  # all that people have said up to then
    by: str = Field(sa_type=Words)
    at: datetime = Field(sa_type=Utc)
    note: str = Field(sa_type=Words)
    text: str = Field(sa_type=Words)  # what the person read, and the target the model was given
    target: str | None = Field(default=None, sa_type=Words)


class RollupRow(SQLModel, table=True):
    """One hour of one topic on one platform. Scores are whole millionths, so that sums are exact."""

    __tablename__ = "rollup"

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


class SourceRow(SQLModel, table=True):
    __tablename__ = "source"

    name: str = Field(sa_type=Words, primary_key=True)
    kind: str = Field(sa_type=Text)
    cursor: Any = Field(sa_type=JSON)
    last_at: datetime | None = Field(default=None, sa_type=Utc)
    last_ok_at: datetime | None = Field(default=None, sa_type=Utc)
    last_outcome: str | None = Field(default=None, sa_type=Text)
    error: str = Field(default="", sa_type=Words)
    failures: int = Field(default=0, sa_type=BigInteger)
    next_at: datetime | None = Field(default=None, sa_type=Utc)
    posts: int = Field(default=0, sa_type=BigInteger)
    mentions: int = Field(default=0, sa_type=BigInteger)
    interval_s: float | None = Field(default=None, sa_type=Double)  # from the last success to its next try


class FetchRow(SQLModel, table=True):
    __tablename__ = "fetch"
    __table_args__ = (Index(None, "source", "started_at"), Index(None, "started_at"))

    id: int | None = key()
    source: str = Field(sa_type=Words)
    started_at: datetime = Field(sa_type=Utc)
    ended_at: datetime = Field(sa_type=Utc)
    outcome: str = Field(sa_type=Text)
    posts: int = Field(sa_type=BigInteger)
    mentions: int = Field(sa_type=BigInteger)
    error: str = Field(sa_type=Words)
    next_at: datetime | None = Field(default=None, sa_type=Utc)


class OutageRow(SQLModel, table=True):
    """A run of failed fetches: from the first failure to the next success (None while it lasts)."""

    __tablename__ = "outage"
    __table_args__ = (Index(None, "source", "started_at"),)

    id: int | None = key()
    source: str = Field(sa_type=Words)
    started_at: datetime = Field(sa_type=Utc)
    ended_at: datetime | None = Field(default=None, sa_type=Utc)
    interval_s: float = Field(sa_type=Double)


class ShareRow(SQLModel, table=True):
    """How many mentions of a topic a source was the first to bring; purging does not lower it."""

    __tablename__ = "share"

    topic: str = Field(sa_type=Words, primary_key=True)
    source: str = Field(sa_type=Words, primary_key=True)
    mentions: int = Field(sa_type=BigInteger)


class AdvocateRow(SQLModel, table=True):
    __tablename__ = "advocate"
    __table_args__ = (UniqueConstraint("author_id", "topic"), Index(None, "topic", "score"))

    id: int | None = key()
    author_id: int = reference("author.id")
    topic: str = Field(sa_type=Words)
    score: float = Field(sa_type=Double)
    contributions: Any = Field(sa_type=JSON)
    organic: bool
    organic_reasons: Any = Field(sa_type=JSON)
    mentions: int = Field(sa_type=BigInteger)
    first_at: datetime = Field(sa_type=Utc)
    last_at: datetime = Field(sa_type=Utc)
    stage: str = Field(sa_type=Text)
    scored_at: datetime = Field(sa_type=Utc)


class SettingRow(SQLModel, table=True):
    __tablename__ = "setting"

    name: str = Field(sa_type=Words, primary_key=True)
    value: str = Field(sa_type=Words)


AUTHOR = table(AuthorRow)
POST = table(PostRow)
MENTION = table(MentionRow)
CORRECTION = table(CorrectionRow)
ROLLUP = table(RollupRow)
SOURCE = table(SourceRow)
FETCH = table(FetchRow)
OUTAGE = table(OutageRow)
SHARE = table(ShareRow)
ADVOCATE = table(AdvocateRow)
SETTING = table(SettingRow)
