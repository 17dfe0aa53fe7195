"""The tables. They never leave this package: `Store` speaks in the values of `storage.types`.

The SQLModel classes say what a row is; the queries use the tables behind them, listed at the end, because
they work on thousands of rows at once. Every change here needs a migration: a test compares the two.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlmodel import Field, SQLModel


def utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a time without its zone means nothing here: pass an aware datetime")
    return moment.astimezone(UTC)


class Utc(TypeDecorator[datetime]):
    """An aware time in, the same moment in UTC out; SQLite keeps it without its zone, as text that sorts."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment = utc(value)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Words(TypeDecorator[str]):
    """Text from the outside. What no UTF-8 column takes (NUL, half a surrogate pair) becomes one U+FFFD.

    One code point for one, so that the offsets of a `Span` stay right.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable(value)


def storable(text: str) -> str:
    if text.isascii():
        return text.replace("\0", "\ufffd")
    swapped = "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text) if _broken(text) else text
    return swapped.replace("\0", "\ufffd")


def _broken(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


Key = BigInteger().with_variant(Integer, "sqlite")  # only INTEGER numbers itself in SQLite

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def _key() -> Any:
    return Field(default=None, sa_column=Column(Key, primary_key=True))


def _reference(target: str, *, index: bool = False, nullable: bool = False) -> Any:
    return Field(default=None, sa_column=Column(Key, ForeignKey(target), index=index, nullable=nullable))


class AuthorRow(SQLModel, table=True):
    __tablename__ = "author"
    __table_args__ = (UniqueConstraint("platform", "external_id"),)

    id: int | None = _key()
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

    id: int | None = _key()
    platform: str = Field(sa_type=Words)
    external_id: str = Field(sa_type=Words)
    source: str = Field(sa_type=Words)  # the first source that brought it
    text: str = Field(sa_type=Words)
    title: str = Field(sa_type=Words)
    digest: str = Field(sa_type=Text)  # of the full text
    url: str = Field(sa_type=Words)
    created_at: datetime = Field(sa_type=Utc)
    fetched_at: datetime = Field(sa_type=Utc)
    author_id: int | None = _reference("author.id", index=True, nullable=True)
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

    id: int | None = _key()
    post_id: int = _reference("post.id")
    topic: str = Field(sa_type=Words)
    platform: str = Field(sa_type=Words)
    author_id: int | None = _reference("author.id", nullable=True)
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

    id: int | None = _key()
    mention_id: int = _reference("mention.id", index=True)
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

    id: int | None = _key()
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

    id: int | None = _key()
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


class IncidentRow(SQLModel, table=True):
    __tablename__ = "incident"
    __table_args__ = (UniqueConstraint("key"), Index(None, "topic", "opened_at"))

    id: int | None = _key()
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

    id: int | None = _key()
    incident_id: int = _reference("incident.id")
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


class AdvocateRow(SQLModel, table=True):
    __tablename__ = "advocate"
    __table_args__ = (UniqueConstraint("author_id", "topic"), Index(None, "topic", "score"))

    id: int | None = _key()
    author_id: int = _reference("author.id")
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


class NotificationRow(SQLModel, table=True):
    __tablename__ = "notification"
    __table_args__ = (UniqueConstraint("alert_key", "channel"), Index(None, "state", "next_at"))

    id: int | None = _key()
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


class SilenceRow(SQLModel, table=True):
    __tablename__ = "silence"

    id: int | None = _key()
    topic: str = Field(sa_type=Words)
    until: datetime = Field(sa_type=Utc, index=True)
    reason: str = Field(sa_type=Words)
    by: str = Field(sa_type=Words)
    created_at: datetime = Field(sa_type=Utc)


class SettingRow(SQLModel, table=True):
    __tablename__ = "setting"

    name: str = Field(sa_type=Words, primary_key=True)
    value: str = Field(sa_type=Words)


def _table(row: type[SQLModel]) -> Table:
    return SQLModel.metadata.tables[str(row.__tablename__)]


AUTHOR = _table(AuthorRow)
POST = _table(PostRow)
MENTION = _table(MentionRow)
CORRECTION = _table(CorrectionRow)
ROLLUP = _table(RollupRow)
SOURCE = _table(SourceRow)
FETCH = _table(FetchRow)
OUTAGE = _table(OutageRow)
SHARE = _table(ShareRow)
INCIDENT = _table(IncidentRow)
EVIDENCE = _table(EvidenceRow)
ADVOCATE = _table(AdvocateRow)
NOTIFICATION = _table(NotificationRow)
SILENCE = _table(SilenceRow)
SETTING = _table(SettingRow)
