"""Dates as feeds write them. Pure.

feedparser reads "2026/08/19 10:00" as the first of the current month, takes JST for UTC, and knows no 年月日:
so the forms that Japanese feeds use are read here, and it is asked only for the rest.
"""

from __future__ import annotations

import re
from calendar import timegm
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

JST = timezone(timedelta(hours=9))
_EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)  # older than any feed: 1970 and 0001 stand for "unknown"

_NUMERIC = re.compile(
    r"(\d{4})\s*[年/.\-]\s*(\d{1,2})\s*[月/.\-]\s*(\d{1,2})\s*日?\s*(?:[（(][^）)]*[）)])?[\sT]*"
    r"(?:(午前|午後)?\s*(\d{1,2})\s*[時:]\s*(?:(\d{1,2})\s*分?)?(?:\s*:?\s*(\d{1,2})\s*秒?)?)?\s*(JST)?\s*$"
)
_RFC822 = re.compile(r"^(?:[A-Za-z]+,?\s+)?\d{1,2}\s+[A-Za-z]{3,}\s+\d{2,4}\b")


def moment(
    words: str, parsed: Sequence[int] | None, *, now: datetime, japanese: bool = False
) -> datetime | None:
    """`words` as aware UTC, not later than `now`; None when it says nothing usable.

    `parsed` is feedparser's reading in UTC. A date without a zone is JST in a `japanese` feed, else UTC.
    """
    found = _own(words.strip(), JST if japanese else UTC)
    if found is None and parsed is not None and not _NUMERIC.match(words.strip()):
        found = datetime.fromtimestamp(timegm(tuple(parsed)), UTC)
    if found is None:
        return None
    try:
        found = found.astimezone(UTC)
    except OverflowError:
        return None
    return None if found < _EARLIEST else min(found, now)


def _own(words: str, zone: timezone) -> datetime | None:
    if not words:
        return None
    try:
        exact = datetime.fromisoformat(words)
        return exact if exact.tzinfo else exact.replace(tzinfo=zone)
    except ValueError:
        pass
    if _RFC822.match(words):
        return _rfc822(words, zone)
    return _numeric(words, zone)


def _rfc822(words: str, zone: timezone) -> datetime | None:
    if words.upper().endswith("JST"):
        words = words[:-3] + "+0900"
    try:
        exact = parsedate_to_datetime(words)
    except ValueError:
        return None
    if exact.tzinfo:
        return exact
    # "-0000" is UTC without a place; no zone at all says nothing; a name (EST) is feedparser's to read.
    if words.rstrip().endswith("-0000"):
        return exact.replace(tzinfo=UTC)
    return exact.replace(tzinfo=zone) if words.rstrip()[-1:].isdigit() else None


def _numeric(words: str, zone: timezone) -> datetime | None:
    """2026年8月19日（水）午後3時05分, 2026/08/19 10:00, 2026.8.19."""
    match = _NUMERIC.match(words)
    if not match:
        return None
    year, month, day, half, hour, minute, second, jst = match.groups()
    hours = int(hour or 0) % 12 + 12 * (half == "午後") if half else int(hour or 0)
    where = JST if jst or "年" in words else zone
    try:
        return datetime(
            int(year), int(month), int(day), hours, int(minute or 0), int(second or 0), tzinfo=where
        )
    except ValueError:
        return None
