"""`Store.handover`: what was handed over to whom. The row is written before an attempt and ended after it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, select, update

from storage.engine import Database
from storage.models_handover import TRANSFER
from storage.owner import is_dead, me
from storage.scrub import BLACK
from storage.transfers import Handed, Transfer, TransferState
from storage.upsert import Row, chunks, upsert

# The longest attempt is one bulk job that is polled for an hour; then its process is taken for dead.
LEASE = timedelta(hours=2)
_NAMES = ("export", "key", "advocate_id", "digest", "at", "attempts", "code", "detail", "remote_id", "owner")


class Handover:
    """The ledger of all exports."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_export(self, export: str) -> dict[str, Transfer]:
        """Everybody who was ever handed over to it, or was tried to, by key."""
        with self._database.read() as connection:
            return _found(connection, export, None)

    def of_advocate(self, advocate_id: int) -> list[Transfer]:
        """Where an advocate went: what has to be erased there too."""
        wanted = select(TRANSFER).where(TRANSFER.c.advocate_id == advocate_id).order_by(TRANSFER.c.export)
        with self._database.read() as connection:
            return [_transfer_of(row) for row in connection.execute(wanted).mappings()]

    def begin(self, transfers: Sequence[Transfer], now: datetime) -> set[str]:
        """Write that these are being sent, and commit, BEFORE the attempt. Returns the keys that are ours.

        A row that another living process is sending is not ours. All transfers are of one export.
        """
        if not transfers:
            return set()
        with self._database.write() as connection:
            known = _found(connection, transfers[0].export, [one.key for one in transfers])
            ours = [one for one in transfers if not _is_taken(known.get(one.key), now)]
            upsert(
                connection,
                TRANSFER,
                [_begun(one, known.get(one.key), now) for one in ours],
                key=("export", "key"),
            )
            return {one.key for one in ours}

    def finish(self, transfers: Sequence[Transfer], now: datetime) -> None:
        """How the attempt ended: `state`, `code`, `detail` and `remote_id` of each. Keeps an older `sent_at`."""
        with self._database.write() as connection:
            for one in transfers:
                values = {"state": one.state.value, "at": now, "code": one.code, "detail": one.detail}
                if one.remote_id:
                    values["remote_id"] = one.remote_id
                if one.state is TransferState.SENT:
                    values["sent_at"] = now
                same = (TRANSFER.c.export == one.export, TRANSFER.c.key == one.key)
                connection.execute(update(TRANSFER).where(*same).values(**values))


def forget(connection: Connection, advocate_ids: Sequence[int]) -> tuple[Handed, ...]:
    """Part of an erasure: what the other sides said of these advocates goes; returns where each has to be erased too.

    The rows stay, with digests and the other side's id: they say of whom a program must be told.
    """
    theirs = TRANSFER.c.advocate_id.in_(advocate_ids)
    connection.execute(update(TRANSFER).where(theirs, TRANSFER.c.detail != "").values(detail=BLACK))
    rows = connection.execute(select(TRANSFER).where(theirs).order_by(TRANSFER.c.export)).mappings()
    return tuple(
        Handed(one.export, one.key, one.remote_id, one.sent_at, one.state)
        for one in map(_transfer_of, rows)
        if one.sent_at is not None or one.state is TransferState.SENDING or one.code == "unsure"
    )


def _begun(one: Transfer, before: Transfer | None, now: datetime) -> Row:
    return {
        "export": one.export,
        "key": one.key,
        "advocate_id": one.advocate_id,
        "state": TransferState.SENDING.value,
        "digest": one.digest,
        "at": now,
        "attempts": before.attempts + 1 if before else 1,
        "code": "",
        "detail": "",
        "remote_id": before.remote_id if before else "",
        "owner": me(),
        "sent_at": before.sent_at if before else None,
    }


def _is_taken(before: Transfer | None, now: datetime) -> bool:
    if before is None or before.state is not TransferState.SENDING or before.owner == me():
        return False
    return not is_dead(before.owner) and before.at > now - LEASE


def _found(connection: Connection, export: str, keys: Sequence[str] | None) -> dict[str, Transfer]:
    wanted = select(TRANSFER).where(TRANSFER.c.export == export)
    queries = [wanted] if keys is None else [wanted.where(TRANSFER.c.key.in_(some)) for some in chunks(keys)]
    rows = (row for query in queries for row in connection.execute(query).mappings())
    return {row["key"]: _transfer_of(row) for row in rows}


def _transfer_of(row: RowMapping) -> Transfer:
    return Transfer(
        **{name: row[name] for name in _NAMES},
        state=TransferState(row["state"]),
        sent_at=row["sent_at"],
        id=row["id"],
    )
