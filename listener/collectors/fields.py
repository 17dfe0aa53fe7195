"""Values of a JSON answer, with care: what is missing or odd becomes `None` or "", never 0, never an error.

Servers differ by version and by fork, so no field is sure to be there or to have its documented type. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

_MOST = 2**53


def count(value: object) -> int | None:
    """A number of likes, followers …; None when missing, no whole number, negative (hidden so) or absurd."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _MOST:
        return None
    return int(value) if value == int(value) else None


def words(value: object) -> str:
    """Text without NUL and lone surrogates, which cannot be stored."""
    if not isinstance(value, str):
        return ""
    return value.replace("\x00", "").encode("utf-8", "replace").decode().strip()


def flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def mappings(value: object) -> list[Mapping[str, Any]]:
    """The objects of a list."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def moment(value: object) -> datetime | None:
    """An ISO 8601 time as aware UTC; a time without a zone is meant in UTC."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value.strip())
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def address(value: object) -> str:
    """An http(s) address, which is safe to link to; else ""."""
    written = words(value)
    try:
        parts = urlsplit(written)
    except ValueError:
        return ""
    return written if parts.scheme in ("http", "https") and parts.netloc else ""


def server(written: str) -> str:
    """A server as a person writes it ("example.social", "https://example.social/") as "https://example.social".

    Raises ValueError, which pydantic reports with the key's path.
    """
    full = written.strip() if "://" in written else f"https://{written.strip()}"
    parts = urlsplit(full)
    odd = not parts.hostname or " " in parts.netloc or "@" in parts.netloc
    if parts.scheme not in ("http", "https") or odd:
        raise ValueError(f"{written!r} is not a server: write for example https://example.social")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def hashtag(written: str) -> str:
    """A tag without its mark. Raises ValueError when it cannot be one tag."""
    tag = written.strip().lstrip("#＃")
    if not tag or any(letter.isspace() or letter in "#＃/?" for letter in tag):
        raise ValueError(f"{written!r} is not one hashtag: write it without # and without spaces")
    return tag
