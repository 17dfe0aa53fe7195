"""Rows of imports, each stored once: by the id that the file gives, or else by what the row says."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Table, select

from storage import addresses, refusals
from storage.authors import AuthorKey
from storage.upsert import Row, chunks, insert

_KEY = ("topic", "kind", "source", "external_id")
_NO_PART = frozenset({"imported_at", "external_id"})  # of what a row says


@dataclass(frozen=True, slots=True)
class Added:
    """How many rows were stored, were there already, and were left out because their person was erased."""

    stored: int
    known: int
    erased: int


def once(
    connection: Connection,
    table: Table,
    rows: Sequence[Row],
    ids: Sequence[str],
    *,
    people: Sequence[str],
    dry: bool = False,
) -> Added:
    """Store those of the rows that are new, in the caller's transaction; `ids` are the file's own, or "".

    Two equal rows without an id are two answers: the second one counts as the second of its kind, so that reading
    the same file again finds both. `people` are the columns that hold digests.
    """
    named = _named(connection, rows, ids)
    erased = addresses.erased(connection, (row[column] for row in named for column in people))
    kept = [row for row in named if not any(row[column] in erased for column in people)]
    fresh = _fresh(connection, table, kept)
    if fresh and not dry:
        statement = insert(connection, table).on_conflict_do_nothing()
        for some in chunks(fresh):
            connection.execute(statement, some)
    return Added(len(fresh), len(kept) - len(fresh), len(named) - len(kept))


def _named(connection: Connection, rows: Sequence[Row], ids: Sequence[str]) -> list[Row]:
    salted = refusals.hasher(connection)
    met: Counter[str] = Counter()
    named = []
    for row, given in zip(rows, ids, strict=True):
        if given:
            name = salted(addresses.name(given)) if "@" in given else given
        else:
            said = {column: str(cell) for column, cell in row.items() if column not in _NO_PART}
            words = json.dumps(said, sort_keys=True, ensure_ascii=True)
            met[words] += 1
            name = f"row:{salted(_row_name(words, met[words]))[:32]}"
        named.append({**row, "external_id": name})
    return named


def _row_name(words: str, number: int) -> AuthorKey:
    return "row", f"{number}\0{words}"


def _fresh(connection: Connection, table: Table, rows: Sequence[Row]) -> list[Row]:
    """Without what is stored already, and without a second row of one id."""
    keys = [tuple(row[column] for column in _KEY) for row in rows]
    there: set[tuple[object, ...]] = set()
    for some in chunks(sorted({row["external_id"] for row in rows})):
        wanted = select(*(table.c[column] for column in _KEY)).where(table.c.external_id.in_(some))
        there |= {tuple(found) for found in connection.execute(wanted)}
    fresh = []
    for key, row in zip(keys, rows, strict=True):
        if key not in there:
            there.add(key)
            fresh.append(row)
    return fresh
