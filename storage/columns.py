"""What the tables are made of: column types for times and words, keys, and the names of constraints."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Dialect, ForeignKey, Integer, Table, Text, TypeDecorator
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


def key() -> Any:
    return Field(default=None, sa_column=Column(Key, primary_key=True))


def reference(target: str, *, index: bool = False, nullable: bool = False) -> Any:
    return Field(default=None, sa_column=Column(Key, ForeignKey(target), index=index, nullable=nullable))


def table(row: type[SQLModel]) -> Table:
    return SQLModel.metadata.tables[str(row.__tablename__)]
