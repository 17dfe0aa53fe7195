"""The connection to SQLite or PostgreSQL: how it is opened, and what a transaction is on each.

SQLite: write-ahead log, so that readers never block and are never blocked; a writer takes the write lock when
it begins (BEGIN IMMEDIATE), so that it never fails half way; synchronous=FULL, so that a commit survives the
power going as well as `kill -9`; it costs one fsync a page of posts.
PostgreSQL: read committed, with one advisory lock around what touches mentions and roll-ups.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, StatementError

from storage.columns import storable
from storage.errors import StoreError
from storage.migrate import migrate

BUSY_TIMEOUT_MS = 30_000  # how long a writer waits for one of another process
INGEST_LOCK = 4_747_001  # advisory lock of PostgreSQL: any number nobody else uses
_WRITES = "kikimimi_writes"


class Database:
    """Connections on loan, each inside one transaction; used by the modules behind `Store`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._sqlite = engine.dialect.name == "sqlite"
        # Threads of one process queue here: SQLite's own waiting is polling and can starve one of them.
        self._turn = threading.Lock() if self._sqlite else nullcontext()

    @classmethod
    def open(cls, url: str) -> Database:
        address = _address(url)
        database = cls(_engine(address))
        with ExitStack() as on_failure:
            on_failure.callback(database.close)
            with database.write() as connection:
                migrate(connection)
            on_failure.pop_all()
        return database

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A snapshot on SQLite; on PostgreSQL each statement sees what is committed."""
        with _remedies(self._engine.url), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self, *, ingest: bool = False) -> Iterator[Connection]:
        """Commits at the end, or rolls back everything. `ingest` for what touches mentions and roll-ups."""
        with self._turn, _remedies(self._engine.url), self._engine.connect() as plain:
            connection = plain.execution_options(**{_WRITES: True})
            with connection.begin():
                if ingest and not self._sqlite:
                    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": INGEST_LOCK})
                yield connection


def _address(url: str) -> URL:
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise StoreError(
            "the storage URL cannot be read: write sqlite:///path or postgresql://user@host/name"
        ) from error
    if address.drivername in ("postgresql", "postgres"):
        return address.set(drivername="postgresql+psycopg")
    if address.drivername not in ("sqlite", "postgresql+psycopg"):
        raise StoreError(
            f"no storage for {address.drivername!r}: write sqlite:///path or postgresql://user@host/name"
        )
    if address.drivername == "sqlite" and address.database in (None, "", ":memory:"):
        raise StoreError("the storage needs a file that lasts: write sqlite:///path/to/kikimimi.db")
    return address


def _engine(address: URL) -> Engine:
    options: dict[str, Any] = {"json_serializer": _json, "hide_parameters": True, "pool_timeout": 30}
    if address.drivername == "sqlite":
        folder = Path(address.database or "").parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"cannot make the folder {folder}: {error.strerror}; make it, or name another"
            ) from error
        engine = create_engine(
            address, pool_size=16, max_overflow=48, connect_args={"check_same_thread": False}, **options
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    try:
        return create_engine(address, pool_size=8, max_overflow=24, pool_pre_ping=True, **options)
    except ModuleNotFoundError as error:
        raise StoreError("PostgreSQL needs the psycopg package: install kikimimi[postgres]") from error


def _prepare_sqlite(raw: Any, _record: Any) -> None:
    raw.isolation_level = None  # `_begin_sqlite` begins, not the driver
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "synchronous=FULL",
        "foreign_keys=ON",
        "journal_size_limit=67108864",
        "cache_size=-16000",
        "temp_store=MEMORY",
    ):
        raw.execute(f"PRAGMA {pragma}").close()
    _use_wal(raw)


def _use_wal(raw: Any) -> None:
    """Switch to the write-ahead log, once in a file's life.

    The switch wants the file for itself and, unlike every other statement, does not wait for it: two
    processes that start on a new file at the same moment would meet "database is locked".
    """
    deadline = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while raw.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            raw.execute("PRAGMA journal_mode=WAL").close()
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _json(value: Any) -> str:
    return storable(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


@contextmanager
def _remedies(address: URL) -> Iterator[None]:
    """The driver's errors in our words. Statements and values (people's posts) stay out of the message."""
    try:
        yield
    except DBAPIError as error:
        place = address.render_as_string(hide_password=True)
        said = str(error.orig).strip() or type(error.orig).__name__
        raise StoreError(f"{place}: {said}. {_remedy(said)}") from error
    except StatementError as error:  # a value that no column takes: the caller's mistake
        raise (error.orig or error) from None


def _remedy(said: str) -> str:
    known = {
        "unable to open": "Check that the folder exists and may be written to.",
        "readonly": "Check that the file and its folder may be written to.",
        "not a database": "The file is something else: name another path, or restore a backup.",
        "malformed": "The file is damaged: stop kikimimi and restore a backup.",
        "is full": "Free space on the disk; nothing of this transaction was stored.",
        "locked": "Another process holds the database: stop it, or wait and try again.",
        "connection": "Check that PostgreSQL runs and that address, user and password are right.",
    }
    return next((remedy for sign, remedy in known.items() if sign in said.lower()), "Nothing was stored.")
