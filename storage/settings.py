"""Names and values the service remembers of itself."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, select

from storage.models import SETTING
from storage.upsert import insert, upsert

HORIZON = "purged_before"
WATCHING = "watching:"


def read(connection: Connection, name: str) -> str | None:
    return connection.scalar(select(SETTING.c.value).where(SETTING.c.name == name))


def write(connection: Connection, name: str, value: str) -> None:
    upsert(connection, SETTING, [{"name": name, "value": value}], key=["name"])


def begin_watch(connection: Connection, topic: str, now: datetime) -> datetime:
    row = {"name": WATCHING + topic, "value": now.astimezone(UTC).isoformat()}
    connection.execute(insert(connection, SETTING).values(row).on_conflict_do_nothing())
    return watched_since(connection, topic) or now


def watched_since(connection: Connection, topic: str) -> datetime | None:
    return _moment(read(connection, WATCHING + topic))


def horizon(connection: Connection) -> datetime | None:
    """The hour before which everything was purged; None when nothing ever was."""
    return _moment(read(connection, HORIZON))


def _moment(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)
