"""Which entry is which, for feeds that say so, say so badly, or do not say. Pure."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from urllib.parse import parse_qs, parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

# An id that can be no other feed's: an address, tag:, urn:, yt: …, a UUID, or a long hash.
_UNIQUE = re.compile(
    r"(?:https?://.+|[a-z][a-z0-9+.-]+:[^/\s].*"
    r"|\{?[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\}?|[0-9a-f]{32,})",
    re.IGNORECASE | re.DOTALL,
)
_TRACKING = re.compile(r"utm_\w+|fbclid|gclid|yclid|mc_[ce]id|ref_src")
_FEED_MARKS = frozenset({("source", "rss"), ("ref", "rss"), ("from", "rss")})
_LONGEST = 500
_GOOGLE = re.compile(r"(?:www\.|news\.)?google\.(?:com|co\.\w\w|\w\w)")


def scope_of(url: str) -> str:
    """A short name for one feed, without its query's secrets: "host:1a2b3c4d5e6f"."""
    parts = urlsplit(url)
    digest = hashlib.sha256(f"{parts.netloc}{parts.path}?{parts.query}".encode()).hexdigest()
    return f"{parts.hostname or ''}:{digest[:12]}"


def external_id(*, given: str, link: str, words: str, scope: str) -> str:
    """The entry's id if unique in the world, scoped to its feed if not; else its link, else its words."""
    own = given.strip()
    if len(own) > _LONGEST:
        own = digest(own)
    if own and _UNIQUE.fullmatch(own):
        return without_tracking(own) if own == link else own
    if own:
        return f"{scope}#{own}"
    return without_tracking(link) if link else f"{scope}#{digest(words)}"


def digest(*words: str) -> str:
    """A hash of words that ignores width, case and spacing."""
    folded = "\n".join("".join(unicodedata.normalize("NFKC", word).casefold().split()) for word in words)
    return hashlib.sha256(folded.encode()).hexdigest()[:32]


def absolute(link: str, base: str) -> str:
    """An http(s) address, Google Alerts' redirect unwrapped; "" for anything else (javascript:, mailto:)."""
    try:
        full = urljoin(base, link.strip()) if link.strip() else ""
        parts = urlsplit(full)
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return ""
    if parts.path == "/url" and _GOOGLE.fullmatch(parts.hostname):
        given = parse_qs(parts.query)
        inner = (given.get("url") or given.get("q") or [""])[0]
        return inner if inner.startswith(("http://", "https://")) else full
    return full


def without_tracking(link: str) -> str:
    """The address without what feeds and campaigns add to it, so that one article has one id."""
    parts = urlsplit(link)
    if not parts.query:
        return link
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    kept = [pair for pair in pairs if not _TRACKING.fullmatch(pair[0]) and pair not in _FEED_MARKS]
    if len(kept) == len(pairs):
        return link
    return urlunsplit(parts._replace(query=urlencode(kept)))
