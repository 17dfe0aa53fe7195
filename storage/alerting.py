"""`Alerting`: what dispatch remembers. Notifications that wait, the health of channels, silences.

Hangs on the store as `store.alerting`. Every method is one transaction, as in `Store`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, or_, select, update

from storage import notifications, silences
from storage.engine import Database
from storage.models_alerting import CHANNEL
from storage.notices import ChannelHealth, Delivery, Notification, Silence
from storage.upsert import Row, insert, upsert

_HEALTH = tuple(ChannelHealth.__dataclass_fields__)


class Alerting:
    def __init__(self, database: Database) -> None:
        self._database = database

    # ---------------------------------------------------------------- notifications

    def begin(self, rows: Sequence[Notification]) -> list[Notification]:
        """Write all rows or none, BEFORE any attempt; returns those that were not begun before."""
        with self._database.write() as connection:
            begun = [notifications.begin(connection, row) for row in rows]
        return [row for row in begun if row is not None]

    def take_batch(self, ids: Sequence[int], *, payload: str, now: datetime) -> Notification | None:
        """Waiting rows become one message in one step: the first leads and carries `payload`, all are SENDING.

        None, and nothing is changed, when another worker has taken one of them.
        """
        with self._database.write() as connection:
            return notifications.take_batch(connection, ids, payload=payload, now=now)

    def settle(
        self, notification: Notification, *, before: Sequence[Delivery] = (Delivery.WAITING, Delivery.RETRY)
    ) -> bool:
        """Mute, postpone or give up without an attempt. False when it is not in one of the states `before`."""
        with self._database.write() as connection:
            return notifications.settle(connection, notification, before)

    def resend(self, notification_id: int, now: datetime) -> bool:
        """Send a dead letter again, with all that stood in its message. False when it is none."""
        with self._database.write() as connection:
            return notifications.resend(connection, notification_id, now)

    def repainted(self, notification: Notification) -> None:
        """Keep what a sent message shows now: its `payload` and `title`."""
        with self._database.write() as connection:
            notifications.repainted(connection, notification)

    def reclaim(self, now: datetime) -> int:
        """What a dead process was sending is due again. Returns how many; writes only when there are any."""
        with self._database.read() as connection:
            if not notifications.orphans(connection, now):
                return 0
        with self._database.write() as connection:
            return notifications.reclaim(connection, now)

    def due(self, now: datetime, *, without: Sequence[str] = (), limit: int = 100) -> list[Notification]:
        """Waiting for another try whose time has come, but for the channels `without`; longest waiting first."""
        with self._database.read() as connection:
            return notifications.due(connection, now, limit, without)

    def held(self, now: datetime) -> list[list[Notification]]:
        """What was held back and is due, each with the rest of its group."""
        with self._database.read() as connection:
            return notifications.held(connection, now)

    def last_of_group(self, channel: str, group: str) -> datetime | None:
        with self._database.read() as connection:
            return notifications.last_of_group(connection, channel, group)

    def of_thread(self, thread: str, channel: str) -> list[Notification]:
        """Everything about one incident on one channel, oldest first."""
        with self._database.read() as connection:
            return notifications.of_thread(connection, thread, channel)

    def stale(self, channel: str, before: datetime) -> list[Notification]:
        """Waiting for another try since before."""
        with self._database.read() as connection:
            return notifications.stale(connection, channel, before)

    def queue(self) -> dict[str, int]:
        """How many notifications wait for another try, by channel."""
        with self._database.read() as connection:
            return notifications.queue(connection)

    # ---------------------------------------------------------------- channels

    def health(self) -> dict[str, ChannelHealth]:
        """Every channel that was ever used, by name."""
        with self._database.read() as connection:
            rows = connection.execute(select(CHANNEL).order_by(CHANNEL.c.name)).mappings()
            return {row["name"]: _health_of(row) for row in rows}

    def succeeded(self, channel: str, now: datetime) -> bool:
        """It works: nothing is held against it, and what waits for it is due. True when it did not before."""
        with self._database.write() as connection:
            before = _health(connection, channel)
            row = {"name": channel, "failures": 0, "error": "", "rest_until": None, "disabled_at": None}
            row |= {"last_ok_at": now, "last_failed_at": before.last_failed_at}
            upsert(connection, CHANNEL, [row], key=["name"])
            woken = before.rest_until is not None or before.disabled_at is not None
            if woken:
                notifications.wake(connection, channel, now)
            return woken

    def failed(
        self,
        channel: str,
        error: str,
        now: datetime,
        *,
        rest_after: int,
        rest: timedelta,
        disable: bool = False,
    ) -> ChannelHealth:
        """One more failure in a row; after `rest_after` of them it rests, and `disable` takes it out of use."""
        with self._database.write() as connection:
            before = _health(connection, channel)
            failures = before.failures + 1
            disabled_at = before.disabled_at or (now if disable else None)
            rests = failures >= rest_after or disabled_at is not None
            row: Row = {"name": channel, "failures": failures, "error": error, "disabled_at": disabled_at}
            row |= {"rest_until": now + rest if rests else None, "last_failed_at": now}
            upsert(connection, CHANNEL, [row | {"last_ok_at": before.last_ok_at}], key=["name"])
            return _health(connection, channel)

    def claim_trial(self, channel: str, now: datetime, rest: timedelta) -> bool:
        """Whether this worker may try a channel whose rest is over; the others rest on."""
        ends = CHANNEL.c.rest_until
        # A rest that ends later than the longest one was written by a clock that has been set back.
        over = or_(ends <= now, ends > now + rest)
        claim = update(CHANNEL).where(CHANNEL.c.name == channel, over).values(rest_until=now + rest)
        with self._database.write() as connection:
            return connection.execute(claim).rowcount == 1

    # ---------------------------------------------------------------- silences

    def past_silences(self, now: datetime, limit: int = 20) -> list[Silence]:
        """Those that are over, the latest ended first."""
        with self._database.read() as connection:
            return silences.over(connection, now, limit)


def _health(connection: Connection, channel: str) -> ChannelHealth:
    """The row, locked until the transaction ends where the database has such locks."""
    new = {"name": channel, "failures": 0, "error": ""}
    connection.execute(insert(connection, CHANNEL).values(new).on_conflict_do_nothing())
    wanted = select(CHANNEL).where(CHANNEL.c.name == channel).with_for_update()
    return _health_of(connection.execute(wanted).mappings().one())


def _health_of(row: RowMapping) -> ChannelHealth:
    return ChannelHealth(**{name: row[name] for name in _HEALTH})
