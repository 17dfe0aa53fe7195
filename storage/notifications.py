"""Notifications: one row an alert and channel, written before the attempt, moved by conditional update.

Rows that went out in one message are a leader and its members (`leader` is its id). The leader's payload is the
message; its members share its state, and only the leader is ever due.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, func, or_, select, update

from storage.incidents import reasons_of, reasons_row
from storage.models_alerting import NOTIFICATION
from storage.notices import AlertKind, Delivery, Notification
from storage.owner import LEASE, is_dead, me
from storage.types import Severity
from storage.upsert import Row, insert

_FIELDS = tuple(Notification.__dataclass_fields__)
WAITING, SENDING, RETRY = Delivery.WAITING.value, Delivery.SENDING.value, Delivery.RETRY.value
SENT, FAILED, MUTED = Delivery.SENT.value, Delivery.FAILED.value, Delivery.MUTED.value


def begin(connection: Connection, notification: Notification) -> Notification | None:
    adding = insert(connection, NOTIFICATION).values(**_row_of(notification)).on_conflict_do_nothing()
    added = connection.execute(adding.returning(NOTIFICATION)).mappings().one_or_none()
    return None if added is None else _notification_of(added)


def take(connection: Connection, notification_id: int, now: datetime) -> Notification | None:
    row = NOTIFICATION.c
    waiting = update(NOTIFICATION).where(row.id == notification_id, row.state == RETRY)
    sending = {"state": SENDING, "attempts": row.attempts + 1, "updated_at": now, "next_at": None}
    sending |= {"owner": me(), "why": None}
    taken = connection.execute(waiting.values(sending).returning(NOTIFICATION)).mappings().one_or_none()
    if taken is None:
        return None
    connection.execute(update(NOTIFICATION).where(row.leader == notification_id).values(sending))
    return _notification_of(taken)


def take_batch(
    connection: Connection, ids: Sequence[int], *, payload: str, now: datetime
) -> Notification | None:
    """The first of `ids` leads, the others are its members. None (and no change) when one does not wait."""
    row = NOTIFICATION.c
    waiting = update(NOTIFICATION).where(row.id.in_(ids), row.state == WAITING)
    sending: Row = {"state": SENDING, "attempts": 1, "updated_at": now, "next_at": None, "why": None}
    sending |= {"owner": me(), "leader": ids[0]}
    if connection.execute(waiting.values(sending)).rowcount != len(ids):
        connection.rollback()
        return None
    leads = update(NOTIFICATION).where(row.id == ids[0]).values(leader=None, payload=payload)
    return _notification_of(connection.execute(leads.returning(NOTIFICATION)).mappings().one())


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
    unsent = update(NOTIFICATION).where(_together(notification_id), row.state != SENT)
    ended: dict[str, Any] = {
        "state": state.value,
        "updated_at": now,
        "error": error,
        "next_at": next_at,
        "remote_id": remote_id,
    }
    again = {"attempts": row.attempts + 1} if state is Delivery.SENDING else {}
    return connection.execute(unsent.values(ended | again)).rowcount >= 1


def settle(connection: Connection, notification: Notification, before: Sequence[Delivery]) -> bool:
    """Mute or postpone without an attempt, if it is still in one of the states `before`."""
    row = NOTIFICATION.c
    states = [state.value for state in before]
    still = update(NOTIFICATION).where(_together(notification.id or 0), row.state.in_(states))
    names = ("state", "attempts", "updated_at", "why", "next_at", "error")
    stored = _row_of(notification)
    return connection.execute(still.values({name: stored[name] for name in names})).rowcount >= 1


def resend(connection: Connection, notification_id: int, now: datetime) -> bool:
    """A dead letter is due again, from the first attempt on. False when it is not one."""
    leader = select(NOTIFICATION.c.leader).where(NOTIFICATION.c.id == notification_id)
    first = connection.scalar(leader) or notification_id
    given_up = update(NOTIFICATION).where(_together(first), NOTIFICATION.c.state == FAILED)
    again = {"state": RETRY, "attempts": 0, "next_at": now, "updated_at": now, "error": ""}
    return connection.execute(given_up.values(again)).rowcount >= 1


def due(connection: Connection, now: datetime, limit: int, without: Sequence[str] = ()) -> list[Notification]:
    row = NOTIFICATION.c
    waiting = select(NOTIFICATION).where(row.state == RETRY, row.next_at <= now, row.leader.is_(None))
    rest = or_(row.channel.not_in(without), row.kind == AlertKind.TEST.value)  # tests do not rest
    rows = connection.execute(waiting.where(rest).order_by(row.next_at, row.id).limit(limit)).mappings()
    return [_notification_of(found) for found in rows]


def held(connection: Connection, now: datetime) -> list[list[Notification]]:
    """What waits and whose time has come, with everything else that waits in its group of its channel."""
    row = NOTIFICATION.c
    waiting = select(NOTIFICATION).where(row.state == WAITING).order_by(row.created_at, row.id)
    groups: dict[tuple[str, str], list[Notification]] = {}
    for found in connection.execute(waiting).mappings():
        one = _notification_of(found)
        groups.setdefault((one.channel, one.group or f"alone/{one.id}"), []).append(one)
    return [rows for rows in groups.values() if any(one.next_at and one.next_at <= now for one in rows)]


def last_of_group(connection: Connection, channel: str, group: str) -> datetime | None:
    """When a message of this group last left for the channel, or tried to."""
    row = NOTIFICATION.c
    states = (SENDING, SENT, RETRY, FAILED)
    last = select(func.max(row.updated_at)).where(
        row.channel == channel, row.group == group, row.state.in_(states)
    )
    found: datetime | None = connection.scalar(last)
    return found


def of_thread(connection: Connection, thread: str, channel: str) -> list[Notification]:
    """Everything about one incident on one channel, oldest first."""
    row = NOTIFICATION.c
    wanted = select(NOTIFICATION).where(row.thread == thread, row.channel == channel)
    return [_notification_of(one) for one in connection.execute(wanted.order_by(row.id)).mappings()]


def repainted(connection: Connection, notification: Notification) -> None:
    row = NOTIFICATION.c
    sent = update(NOTIFICATION).where(row.id == notification.id, row.state == Delivery.SENT.value)
    connection.execute(sent.values(payload=notification.payload, title=notification.title))


def stale(connection: Connection, channel: str, before: datetime) -> list[Notification]:
    row = NOTIFICATION.c
    old = select(NOTIFICATION).where(
        row.channel == channel, row.state == RETRY, row.created_at <= before, row.leader.is_(None)
    )
    return [_notification_of(one) for one in connection.execute(old.order_by(row.id)).mappings()]


def wake(connection: Connection, channel: str, now: datetime) -> int:
    """What waits for another try on this channel is due at once."""
    row = NOTIFICATION.c
    waiting = update(NOTIFICATION).where(row.channel == channel, row.state == RETRY, row.next_at > now)
    return connection.execute(waiting.values(next_at=now)).rowcount


def queue(connection: Connection) -> dict[str, int]:
    """How many notifications wait for another try, by channel."""
    row = NOTIFICATION.c
    counted = (
        select(row.channel, func.count().label("waiting")).where(row.state == RETRY).group_by(row.channel)
    )
    return {one.channel: one.waiting for one in connection.execute(counted)}


def reclaim(connection: Connection, now: datetime) -> int:
    """What a dead process was sending, or one that has been silent for a lease, is due again."""
    row = NOTIFICATION.c
    orphaned = update(NOTIFICATION).where(row.id.in_(orphans(connection, now)), row.state == SENDING)
    return connection.execute(orphaned.values(state=RETRY, next_at=now, updated_at=now)).rowcount


def orphans(connection: Connection, now: datetime) -> list[int]:
    row = NOTIFICATION.c
    sending = select(row.id, row.owner, row.updated_at).where(row.state == SENDING)
    return [one.id for one in connection.execute(sending) if is_dead(one.owner) or _over(one.updated_at, now)]


def latest(connection: Connection, limit: int, topic: str | None) -> list[Notification]:
    row = NOTIFICATION.c
    wanted = select(NOTIFICATION) if topic is None else select(NOTIFICATION).where(row.topic == topic)
    rows = connection.execute(wanted.order_by(row.created_at.desc(), row.id.desc()).limit(limit)).mappings()
    return [_notification_of(found) for found in rows]


def _over(updated_at: datetime, now: datetime) -> bool:
    return now - updated_at >= LEASE or updated_at - now > timedelta(days=1)  # a clock that was far off


def _together(notification_id: int) -> ColumnElement[bool]:
    return or_(NOTIFICATION.c.id == notification_id, NOTIFICATION.c.leader == notification_id)


def _row_of(notification: Notification) -> Row:
    row = {name: getattr(notification, name) for name in _FIELDS if name != "id"}
    return row | {
        "state": notification.state.value,
        "kind": notification.kind.value,
        "severity": notification.severity.value,
        "began_as": notification.began_as.value,
        "tags": list(notification.tags),
        "why": None if notification.why is None else reasons_row([notification.why])[0],
    }


def _notification_of(row: RowMapping) -> Notification:
    plain = {name: row[name] for name in _FIELDS}
    typed = {
        "state": Delivery(row["state"]),
        "kind": AlertKind(row["kind"]),
        "severity": Severity(row["severity"]),
        "began_as": Severity(row["began_as"]),
        "tags": tuple(row["tags"]),
        "why": None if row["why"] is None else reasons_of([row["why"]])[0],
    }
    return Notification(**(plain | typed))
