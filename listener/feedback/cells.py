"""Cells of imported rows: which column is meant, and what stands in it. Every problem says what would be right."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

from listener.collectors.columns import moment
from listener.feedback.table import FeedbackError, RowError

Names = Mapping[str, Sequence[str]]  # our field: the columns that may hold it, the likeliest first

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_NUMBER = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?")
_UNKNOWN = frozenset({"", "-", "--", "ー", "―", "n/a", "na", "nan", "none", "null"})
_MOST = 10_000  # letters of a comment; what is longer is no comment
_QUOTED = 40
_AHEAD = timedelta(days=1)  # clocks and time zones of others


@dataclass(frozen=True, slots=True)
class Moments:
    """What a time in a file means: its zone where it names none, and the moment of reading."""

    zone: tzinfo
    now: datetime


def chosen(usual: Names, columns: Mapping[str, str]) -> dict[str, Sequence[str]]:
    """The fields' columns, as the person at the keyboard corrected them. Raises FeedbackError."""
    unknown = [field for field in columns if field not in usual]
    if unknown:
        raise FeedbackError(f"--column {unknown[0]}=…: no such field; the fields are {', '.join(usual)}")
    return {**usual, **{field: (name.strip().casefold(),) for field, name in columns.items()}}


def check_header(names: Names, wanted: Iterable[str], there: Sequence[str] | None, place: str) -> None:
    """Raises FeedbackError when a CSV has no column for a field that every row needs."""
    if there is None:
        return
    for field in wanted:
        if not any(name in there for name in names[field]):
            has = ", ".join(name for name in there if name)
            raise FeedbackError(
                f"{place}: no column for {field}; the file has: {has}. Name it with --column {field}=COLUMN"
            )


def column(cells: Mapping[str, Any], names: Sequence[str]) -> str:
    """The first of these columns that says something; "" when none does."""
    return next((name for name in names if words(cells, name)), "")


def first(cells: Mapping[str, Any], names: Sequence[str]) -> str:
    """What stands in the first of these columns that says something."""
    name = column(cells, names)
    return words(cells, name) if name else ""


def words(cells: Mapping[str, Any], name: str) -> str:
    cell = cells.get(name)
    if cell is None or isinstance(cell, bool | list):
        return ""
    text = str(cell).replace("\x00", "").encode("utf-8", "replace").decode().strip()
    if len(text) > _MOST:
        raise RowError(f"{name}: {len(text):,} letters; a cell may have {_MOST:,}")
    return "" if text.casefold() in _UNKNOWN else text


def email(written: str, name: str) -> str:
    if written and not _EMAIL.fullmatch(written):
        raise RowError(f"{name}: not an e-mail address; correct it, or leave the cell empty")
    return written


def number(written: str, name: str) -> float:
    plain = unicodedata.normalize("NFKC", written)
    if not _NUMBER.fullmatch(plain):
        raise RowError(f"{name}: {quoted(written)} is not a number; write digits only, as in 1200 or 12.50")
    return float(plain.replace(",", ""))


def score(written: str, name: str, low: int, high: int) -> int:
    found = number(written, name)
    if not found.is_integer() or not low <= found <= high:
        raise RowError(
            f"{name}: {quoted(written)} is out of range; a whole number from {low} to {high} is needed"
        )
    return int(found)


def at(written: str, name: str, moments: Moments) -> datetime:
    try:
        found = moment(unicodedata.normalize("NFKC", written), moments.zone)
    except (ValueError, OverflowError, OSError):
        raise RowError(
            f"{name}: {quoted(written)} is not a time; write 2026-11-01 or 2026-11-01 09:30"
        ) from None
    not_ahead(found, name, moments.now)
    return found


def not_ahead(when: datetime, name: str, now: datetime) -> None:
    if when > now + _AHEAD:
        raise RowError(f"{name}: {when:%Y-%m-%d} is in the future; correct the date")


def quoted(written: str) -> str:
    """A wrong value in a message: short, and never the address of a person."""
    shown = re.sub(r"\S+@\S+", "…", written)
    return f"'{shown[:_QUOTED]}{'…' if len(shown) > _QUOTED else ''}'"
