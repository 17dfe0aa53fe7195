"""Many rows in one statement, on both databases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite

T = TypeVar("T")
Row = dict[str, Any]  # column name → value, for a row on its way in or out

CHUNK = 500  # rows named in one IN (…): far below SQLite's 32 766 values a statement


def insert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that knows ON CONFLICT in this database's dialect."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


def upsert(
    connection: Connection, table: Table, rows: Sequence[Row], *, key: Sequence[str], keep: Sequence[str] = ()
) -> None:
    """Insert each row, or overwrite the one that has its key, but for its columns `keep`.

    All rows name the same columns. It asks for no ids back (`numbered` does): RETURNING would make one statement
    of thousands of parameters, which took psycopg five times as long as its pipeline of small ones.
    """
    if not rows:
        return
    statement = insert(connection, table)
    fields = {name: statement.excluded[name] for name in rows[0] if name not in (*key, *keep)}
    connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=fields), list(rows))


def numbered(
    connection: Connection, table: Table, rows: Sequence[Row], *, key: Sequence[str]
) -> dict[Any, int]:
    """Upsert these rows; the ids by key of those that did not carry one yet."""
    upsert(connection, table, [{name: row[name] for name in row if name != "id"} for row in rows], key=key)
    columns, found = [table.c[name] for name in key], {}
    for some in chunks(tuple(row[name] for name in key) for row in rows if "id" not in row):
        stored = connection.execute(select(table.c.id, *columns).where(tuple_(*columns).in_(some)))
        found.update({tuple(names): number for number, *names in stored})
    return found


def add(connection: Connection, table: Table, rows: Sequence[Row], *, key: Sequence[str]) -> None:
    """Insert each row, or add its numbers to the one that has its key."""
    if not rows:
        return
    statement = insert(connection, table)
    sums = {name: table.c[name] + statement.excluded[name] for name in rows[0] if name not in key}
    connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=sums), list(rows))


def chunks(things: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    left = iter(things)
    while chunk := list(islice(left, size)):
        yield chunk
