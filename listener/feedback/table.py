"""A file of answers or referrals as rows with their line numbers, before anybody knows what they mean.

UTF-8 with or without its mark, UTF-16, EUC-JP and cp932 are told apart; CSV (also with semicolons or tabs) and JSONL.

    FeedbackError       the file as a whole, or a row of it, cannot be taken: says where and what to change
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from listener.collectors.rows import TableError, layout, rows

T = TypeVar("T")
_JSONL = (".jsonl", ".ndjson")
SHOWN = 10  # bad rows named in one message


class FeedbackError(ValueError):
    """Nothing was taken. The message names the place and the remedy."""


class RowError(ValueError):
    """One row that cannot be taken; says which column and what would be right."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row: the line where it begins, its cells by column name in lower case, or why it cannot be read."""

    number: int
    cells: Mapping[str, Any]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """`columns` are those of a CSV's header; a JSONL has none of its own."""

    lines: tuple[Line, ...]
    columns: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class BadRow:
    line: int
    problem: str


@dataclass(frozen=True, slots=True)
class Taken(Generic[T]):
    """What a file gives. `unanswered`: rows without a score (nobody answered, a preview): neither taken nor wrong."""

    rows: tuple[T, ...]
    bad: tuple[BadRow, ...] = ()
    unanswered: int = 0


def table(path: Path) -> Table:
    """Raises FeedbackError."""
    if path.suffix.lower() == ".json":
        raise FeedbackError(f"{path}: write one JSON object a line and call the file .jsonl")
    try:
        with path.open("rb") as stream:
            form = layout(stream, jsonl=path.suffix.lower() in _JSONL)
            found = tuple(
                Line(row.line, flat(row.cells), row.problem)
                for row in rows(stream, form, offset=len(form.header), line=form.lines)
                if row.cells or row.problem
            )
    except TableError as error:
        raise FeedbackError(f"{path}: {error}") from error
    except OSError as error:
        raise FeedbackError(f"{path}: {error.strerror}; name a file that is there and may be read") from error
    return Table(found, None if form.jsonl else form.columns)


def flat(cells: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Objects within objects become columns with a dot: {"person": {"email": …}} is "person.email"."""
    found: dict[str, Any] = {}
    for name, cell in cells.items():
        if isinstance(cell, Mapping):
            found |= flat(cell, f"{above}{name}.".casefold())
        else:
            found[f"{above}{name}".strip().casefold()] = cell
    return found


def take(lines: Iterable[Line], read: Callable[[Mapping[str, Any]], T | None]) -> Taken[T]:
    """Every row as a value, and which ones cannot be; `read` raises RowError, and gives None for no answer."""
    taken: list[T] = []
    bad: list[BadRow] = []
    unanswered = 0
    for line in lines:
        try:
            if line.problem:
                raise RowError(line.problem)
            one = read(line.cells)
        except RowError as error:
            bad.append(BadRow(line.number, str(error)))
            continue
        if one is None:
            unanswered += 1
        else:
            taken.append(one)
    return Taken(tuple(taken), tuple(bad), unanswered)


def refuse(bad: Sequence[BadRow], place: str) -> None:
    """All or nothing. Raises FeedbackError when a row is bad, naming the first ones."""
    if not bad:
        return
    told = "\n".join(f"  {place}, line {one.line}: {one.problem}" for one in bad[:SHOWN])
    more = f"\n  … and {len(bad) - SHOWN} more" if len(bad) > SHOWN else ""
    rows_of = "1 row" if len(bad) == 1 else f"{len(bad)} rows"
    raise FeedbackError(
        f"{rows_of} cannot be taken, so nothing was stored:\n{told}{more}\n"
        "Mend them, or take the others with --skip-bad"
    )
