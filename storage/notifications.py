"""Notifications: one row an alert and channel, written before the attempt, moved by conditional update."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, RowMapping, select, update

from storage.models_alerting import NOTIFICATION
from storage.notices import Delivery, Notification
from storage.upsert import insert

_FIELDS = tuple(Notification.__dataclass_fields__)


def begin(connection: Connection, notification: Notification) -> Notification | None:
    row = {name: getattr(notification, name) for name in _FIELDS if name != "id"}
    row["state"] = notification.state.value
    adding = insert(connection, NOTIFICATION).values(**row).on_conflict_do_nothing()
    added = connection.execute(adding.returning(NOTIFICATION)).mappings().one_or_none()
    return None if added is None else _notification_of(added)


def take(connection: Connection, notification_id: int, now: datetime) -> Notification | None:
    row = NOTIFICATION.c
    waiting = update(NOTIFICATION).where(row.id == notification_id, row.state == Delivery.RETRY.value)
    sending = {
        "state": Delivery.SENDING.value,
        "attempts": row.attempts + 1,
        "updated_at": now,
        "next_at": None,
    }
    taken = connection.execute(waiting.values(sending).returning(NOTIFICATION)).mappings().one_or_none()
    return None if taken is None else _notification_of(taken)


def finish(
    connection: Connection,
    notification_id: int,
    *,
    state: Delivery,
    now: datetime,
    error: str = "",
    next_at: datetime | None = None,
    remote_id: str = "",
) -> bool:
    row = NOTIFICATION.c
    unsent = update(NOTIFICATION).where(row.id == notification_id, row.state != Delivery.SENT.value)
    ended = {
        "state": state.value,
        "updated_at": now,
        "error": error,
        "next_at": next_at,
        "remote_id": remote_id,
    }
    again = {"attempts": row.attempts + 1} if state is Delivery.SENDING else {}
    return connection.execute(unsent.values(ended | again)).rowcount == 1


def due(connection: Connection, now: datetime, limit: int) -> list[Notification]:
    row = NOTIFICATION.c
    waiting = select(NOTIFICATION).where(row.state == Delivery.RETRY.value, row.next_at <= now)
    rows = connection.execute(waiting.order_by(row.next_at, row.id).limit(limit)).mappings()
    return [_notification_of(found) for found in rows]


def reclaim(connection: Connection, now: datetime) -> int:
    left = update(NOTIFICATION).where(NOTIFICATION.c.state == Delivery.SENDING.value)
    return connection.execute(left.values(state=Delivery.RETRY.value, next_at=now, updated_at=now)).rowcount


def latest(connection: Connection, limit: int, topic: str | None) -> list[Notification]:
    row = NOTIFICATION.c
    wanted = select(NOTIFICATION) if topic is None else select(NOTIFICATION).where(row.topic == topic)
    rows = connection.execute(wanted.order_by(row.created_at.desc(), row.id.desc()).limit(limit)).mappings()
    return [_notification_of(found) for found in rows]


def _notification_of(row: RowMapping) -> Notification:
    return Notification(**{name: row[name] for name in _FIELDS} | {"state": Delivery(row["state"])})
