"""What a platform's terms forbid us to do with its accounts (pure)."""

from __future__ import annotations

from urllib.parse import urlsplit

_REDDIT = ("reddit.com", "redd.it")


def forbids_matching(platform: str, url: str) -> bool:
    """Whether accounts there may not be matched with people: Reddit's terms, also where the person agrees."""
    host = urlsplit(url).hostname or ""
    there = any(host == one or host.endswith(f".{one}") for one in _REDDIT)
    return there or platform.casefold().startswith("reddit")
