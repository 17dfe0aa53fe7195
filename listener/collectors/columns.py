"""One row of an imported table becomes one Post: the columns, and how their values are written.

CellError: a value that is not what its column says; the row is left out.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any
from urllib.parse import urlsplit

from storage.types import Author, Engagement, Post

COLUMNS = (
    "id",
    "text",
    "created_at",
    "author",
    "author_id",
    "author_followers",
    "url",
    "source",
    "lang",
    "rating",
    "likes",
    "reposts",
    "replies",
    "title",
)
REQUIRED = ("text", "created_at")
MAX_QUOTED = 40  # of a wrong value, in a problem's words

_UNKNOWN = frozenset({"", "-", "--", "ー", "―", "n/a", "na", "nan", "none", "null", "不明"})
_TIME = re.compile(
    r"(?:(?P<year>\d{4})|令和(?P<reiwa>\d{1,2}|元))[-/.年]\s*(?P<month>\d{1,2})[-/.月]\s*(?P<day>\d{1,2})日?"
    r"(?:\s*\([月火水木金土日](?:曜日?)?\))?"
    r"(?:[\sT]*(?P<half>午前|午後|AM|PM)?\s*(?P<hour>\d{1,2})(?::|時)\s*(?P<minute>\d{1,2})?(?:[:分]\s*"
    r"(?:(?P<second>\d{1,2})(?:[.,](?P<fraction>\d{1,9}))?秒?)?)?\s*(?P<late_half>AM|PM)?"
    r"\s*(?P<zone>Z|UTC|JST|[+-]\d{2}:?\d{2})?)?",
    re.IGNORECASE,
)
_LANG = re.compile(r"[a-z]{2,3}([-_][a-z0-9]{2,8})*", re.IGNORECASE)


class CellError(ValueError):
    """A value that is not what its column says."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What a row does not say itself: whose row it is, when it was read, and what its times mean.

    `platform` is where rows without a `source` were written. Unless told, it is the source's own name, so that
    ids which only one export gave ("1", "2", …) do not meet the same ones of another export.
    """

    source: str
    platform: str
    timezone: tzinfo
    fetched_at: datetime


def post(cells: Mapping[str, Any], origin: Origin) -> Post:
    """`cells` is by our column names. Raises CellError with the column and the value."""
    title, text = _text(cells, "title"), _text(cells, "text")
    if not text and not title:
        raise CellError("text is empty (本文がありません)")
    named = _text(cells, "source")
    platform = named or origin.platform
    created_at = _time(cells, origin.timezone)
    author = _author(cells, platform)
    who = author.external_id if author else ""
    given = _text(cells, "id")
    return Post(
        platform=platform,
        external_id=given or _hash(who, created_at, title, text),
        source=origin.source,
        text=text,
        created_at=created_at,
        fetched_at=origin.fetched_at,
        title=title,
        url=_url(cells),
        author=author,
        lang=_lang(cells),
        rating=_rating(cells),
        engagement=Engagement(
            likes=_count(cells, "likes"), reposts=_count(cells, "reposts"), replies=_count(cells, "replies")
        ),
    )


def _author(cells: Mapping[str, Any], platform: str) -> Author | None:
    followers = _count(cells, "author_followers")
    name = _text(cells, "author")
    native = _text(cells, "author_id") or name
    if not native:
        return None
    name = name or native
    return Author(
        platform=platform,
        external_id=native,
        handle=name.removeprefix("@"),
        name=name.removeprefix("@"),
        followers=followers,
    )


def _hash(who: str, created_at: datetime, title: str, text: str) -> str:
    """The same words by the same author at the same time are the same post."""
    content = "\x1f".join((who, created_at.isoformat(), title, text))
    return "sha256:" + hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:32]


# ------------------------------------------------------------------ cells


def _text(cells: Mapping[str, Any], column: str) -> str:
    cell = cells.get(column)
    if cell is None:
        return ""
    if isinstance(cell, str):
        # NUL and lone surrogates cannot be stored
        return cell.replace("\x00", "").encode("utf-8", "replace").decode().strip()
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return str(cell)
    raise _wrong(column, cell, "text", "文字列")


def _number(cells: Mapping[str, Any], column: str) -> float | None:
    """None when the cell is empty or says that nobody knows: never 0."""
    written = unicodedata.normalize("NFKC", _text(cells, column)).casefold()
    if written in _UNKNOWN:
        return None
    if not re.fullmatch(r"[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?", written):
        raise _wrong(column, cells[column], "a number", "数値")
    return float(written.replace(",", ""))


def _count(cells: Mapping[str, Any], column: str) -> int | None:
    number = _number(cells, column)
    if number is None:
        return None
    if number < 0 or number != int(number) or number > 2**53:
        raise _wrong(column, cells[column], "a count", "0以上の整数")
    return int(number)


def _rating(cells: Mapping[str, Any]) -> float | None:
    written = _text(cells, "rating")
    if re.fullmatch("★+☆*", written):
        number: float | None = float(written.count("★"))
    else:
        number = _number(cells, "rating")
    if number is not None and not 1 <= number <= 5:
        raise _wrong("rating", cells["rating"], "between 1 and 5", "1〜5の評価")
    return number


def _url(cells: Mapping[str, Any]) -> str:
    written = _text(cells, "url")
    if not written:
        return ""
    try:
        parts = urlsplit(written)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise _wrong("url", written, "an http(s) address", "http(s)のURL")
    return written


def _lang(cells: Mapping[str, Any]) -> str | None:
    written = _text(cells, "lang")
    if written.casefold() in _UNKNOWN:
        return None
    if not _LANG.fullmatch(written):
        raise _wrong("lang", written, "a language code such as ja", "jaなどの言語コード")
    return written.lower()


# ------------------------------------------------------------------ times


def _time(cells: Mapping[str, Any], zone: tzinfo) -> datetime:
    """Aware UTC. A time without a zone is meant in `zone`; a date alone is its midnight."""
    written = unicodedata.normalize("NFKC", _text(cells, "created_at"))
    if written.casefold() in _UNKNOWN:
        raise CellError("created_at is empty (日時がありません)")
    try:
        return moment(written, zone)
    except (ValueError, OverflowError, OSError):
        raise _wrong("created_at", cells["created_at"], "a time", "日時") from None


def moment(written: str, zone: tzinfo) -> datetime:
    """The time that people and programs write in many ways. Raises ValueError, OverflowError or OSError."""
    found = _moment(written)
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)


def _moment(written: str) -> datetime:
    if re.fullmatch(r"\d{10}|\d{13}", written):  # Unix time in seconds or milliseconds
        return datetime.fromtimestamp(int(written) / (1 if len(written) == 10 else 1000), UTC)
    match = _TIME.fullmatch(written)
    if match is None:
        return datetime.fromisoformat(written)
    part = match.groupdict()
    year = int(part["year"]) if part["year"] else 2018 + int(part["reiwa"].replace("元", "1"))
    hour = int(part["hour"] or 0)
    half = (part["half"] or part["late_half"] or "").upper()
    if half and not 0 <= hour <= 12:
        raise ValueError("hour of half a day")
    if half in ("午後", "PM"):
        hour = hour % 12 + 12
    elif half:
        hour %= 12
    return datetime(
        year,
        int(part["month"]),
        int(part["day"]),
        hour,
        int(part["minute"] or 0),
        int(part["second"] or 0),
        int((part["fraction"] or "0").ljust(6, "0")[:6]),
        tzinfo=_zone(part["zone"]),
    )


def _zone(written: str | None) -> tzinfo | None:
    if written is None:
        return None
    if written.upper() in ("Z", "UTC"):
        return UTC
    if written.upper() == "JST":
        return timezone(timedelta(hours=9))
    sign = -1 if written[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(written[1:3]), minutes=int(written[-2:])))


def _wrong(column: str, cell: object, english: str, japanese: str) -> CellError:
    shown = str(cell)
    shown = shown if len(shown) <= MAX_QUOTED else shown[: MAX_QUOTED - 1] + "…"
    return CellError(f"{column} {shown!r} is not {english} ({japanese}ではありません)")
