"""How long a server asks us to stay away, from the headers of its answer. Pure: takes `now`."""

from __future__ import annotations

import email.utils
import re
from collections.abc import Mapping
from datetime import UTC, datetime

MAX_WAIT_S = 86_400.0  # a wrong header must not switch a source off for years


def seconds_to_wait(headers: Mapping[str, str], now: float) -> float | None:
    """Retry-After (seconds or an HTTP date), else X-RateLimit-Reset (ISO time, or epoch seconds as X sends).

    `headers` has lower-case names, `now` is in epoch seconds. 0 … MAX_WAIT_S, or None when nothing was said.
    """
    for name in ("retry-after", "x-ratelimit-reset", "x-rate-limit-reset"):
        words = headers.get(name, "").strip()
        seconds = _seconds(words, now, http_date=name == "retry-after") if words else None
        if seconds is not None:
            return min(max(seconds, 0.0), MAX_WAIT_S)
    return None


def _seconds(words: str, now: float, *, http_date: bool) -> float | None:
    if re.fullmatch(r"\d+(\.\d+)?", words):
        number = float(words)
        return number if http_date or number < 1_000_000_000 else number - now
    try:
        moment = email.utils.parsedate_to_datetime(words) if http_date else datetime.fromisoformat(words)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now
