"""RSS, Atom and RDF to posts. Pure: bytes in, posts out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import feedparser

from listener.collectors.feed_dates import moment
from listener.collectors.feed_decode import as_utf8
from listener.collectors.feed_identity import absolute, digest, external_id
from listener.collectors.markup import looks_like_markup, plain, tidy
from storage.types import Author, Engagement, Post

MAX_TEXT = 50_000
_MAX_TAGS = 30
_ROOT = re.compile(rb"<([A-Za-z_][\w:.-]*)")
_PUBLISHERS = {"yahoo-news": "Yahoo!ニュース", "note-hashtag": "note"}
_COUNTS = {"likes": ("hatena_bookmarkcount", "im_votesum"), "replies": ("slash_comments", "thr_total")}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a feed came from. `url` is its final address, `scope` names it in ids that are its own only."""

    source: str
    url: str
    scope: str
    platform: str
    preset: str
    now: datetime


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """`next_url` leads to older entries, if the feed says so; `complete` is False when its end is missing."""

    posts: tuple[Post, ...]
    next_url: str = ""
    complete: bool = True


class NotAFeedError(ValueError):
    """The bytes are neither RSS, Atom nor RDF (nor, for feed_json, JSON Feed)."""


def read(body: bytes, content_type: str, origin: Origin) -> ParsedFeed:
    """Raises NotAFeedError. Malformed XML is read as far as it goes."""
    # The base address is left out: feedparser would turn every bare id ("6310006838") into a link. Its
    # sanitiser is off because no markup is kept at all, and it costs five times the parsing.
    markup = as_utf8(body, content_type)
    parsed = feedparser.parse(
        markup,
        response_headers={"content-type": "application/xml; charset=utf-8"},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    feed = parsed.feed
    complete = not parsed.bozo or _has_end(markup)
    if not parsed.entries and (not parsed.get("version") or (parsed.bozo and not feed.get("title"))):
        raise NotAFeedError
    # The last entry of a cut-off feed lacks its id, its date or half of its words: it comes whole next time.
    whole = parsed.entries if complete else parsed.entries[:-1]
    entries = [_Entry(entry, feed, parsed.get("version", ""), origin) for entry in whole]
    posts = tuple(entry.post() for entry in entries if entry.says_something)
    links = feed.get("links", [])
    later = next((link.get("href", "") for link in links if link.get("rel") == "next"), "")
    return ParsedFeed(unambiguous(posts), absolute(later, origin.url), complete)


def unambiguous(posts: tuple[Post, ...]) -> tuple[Post, ...]:
    """Some feeds give every entry the same id: there the link decides, or all but one would be lost."""
    links: dict[str, set[str]] = {}
    for post in posts:
        links.setdefault(post.external_id, set()).add(post.url)
    broken = {known for known, found in links.items() if len(found) > 1}
    return tuple(
        replace(post, external_id=post.url or f"{post.external_id}#{digest(post.full_text)}")
        if post.external_id in broken
        else post
        for post in posts
    )


def count(value: object) -> int | None:
    """A number that the source sent; None when it sent none, or no number."""
    try:
        number = int(str(value).strip())
    except ValueError:
        return None
    return max(number, 0)


def _has_end(markup: bytes) -> bool:
    """True when the root element is closed (entries that are malformed inside do not matter)."""
    root = _ROOT.search(markup)
    return root is None or b"</" + root[1] in markup[-4096:]


class _Entry:
    """One entry as feedparser gives it, with the feed around it."""

    def __init__(self, entry: Any, feed: Any, version: str, origin: Origin) -> None:
        self._entry: Mapping[str, Any] = entry
        self._feed: Mapping[str, Any] = feed
        self._atom = version.startswith("atom")
        self._origin = origin
        self._preset = _preset(entry, origin)
        self._link = self._url()
        self._source = _words((entry.get("source") or {}).get("title"))
        self._title = self._clean_title()
        self._text = self._clean_text()

    @property
    def says_something(self) -> bool:
        return bool(self._title or self._text)

    def post(self) -> Post:
        entry, now = self._entry, self._origin.now
        published = self._when("published") or self._when("updated") or self._when("created") or now
        return Post(
            platform=self._origin.platform,
            external_id=self._identity(),
            source=self._origin.source,
            title=self._title,
            text=self._text,
            created_at=published,
            fetched_at=now,
            url=self._link,
            author=self._author(),
            publisher=self._publisher(),
            lang=self._lang(),
            rating=_rating(entry.get("im_rating")),
            engagement=self._engagement(),
            tags=_tags(entry.get("tags") or []),
        )

    # -------------------------------------------------------------- the parts

    def _plain(self, detail: Mapping[str, Any] | None) -> str:
        value = str((detail or {}).get("value") or "")
        kind = (detail or {}).get("type")
        # Atom says which is markup; in RSS nobody does, and one lone <br> escapes feedparser's guess.
        guessed = not self._atom and looks_like_markup(value)
        return plain(value) if guessed or kind in ("text/html", "application/xhtml+xml") else tidy(value)

    def _url(self) -> str:
        links = self._entry.get("links") or []
        found = next((link.get("href", "") for link in links if link.get("rel") == "alternate"), "")
        link = str(self._entry.get("link") or "")
        if not found and link and (link != self._entry.get("id") or link.startswith(("http:", "https:"))):
            found = link
        if not found:
            found = next((link.get("href", "") for link in links if link.get("rel") == "related"), "")
        return absolute(found, self._origin.url)

    def _clean_title(self) -> str:
        title = " ".join(self._plain(self._entry.get("title_detail")).split())
        suffix = f" - {self._source}"
        while self._preset == "google-news" and self._source and title.endswith(suffix):
            title = title.removesuffix(suffix)
        return title

    def _clean_text(self) -> str:
        if self._preset == "google-news":
            return ""  # only the title again, the publisher's name, and titles of other articles
        details = list(self._entry.get("content") or [])
        summary = self._entry.get("summary_detail")
        # はてなブックマーク puts the article into `description` and its own page furniture into `content`.
        if (self._preset == "hatena-bookmark" or not details) and summary:
            details = [summary]
        simple = [detail for detail in details if detail.get("type") == "text/plain"]
        texts = [self._plain(detail) for detail in (simple or details)]
        text = max(texts, key=len, default="")
        if self._preset == "note-hashtag":
            text = text.removesuffix("続きをみる").rstrip()
        return "" if text == self._title else text[:MAX_TEXT]

    def _identity(self) -> str:
        if self._preset == "google-news":
            # The id (CBMi…) of one article changes between answers; title and publisher do not.
            return f"google-news:{digest(self._title, self._source)}"
        given = str(self._entry.get("id") or "")
        if self._preset == "yahoo-news":
            given = ""  # the same topic has an id in one feed and none in the next; its link is the same
        words = f"{self._title}\n{self._text}"
        return external_id(given=given, link=self._link, words=words, scope=self._origin.scope)

    def _when(self, name: str) -> datetime | None:
        if name not in self._entry:
            return None  # get("updated") would answer with `published`, and warn
        words = str(self._entry.get(name) or "")
        parsed = self._entry.get(f"{name}_parsed") if words else None
        japanese = (self._lang() or "").startswith("ja") or "年" in words
        return moment(words, parsed, now=self._origin.now, japanese=japanese)

    def _author(self) -> Author | None:
        entry = self._entry
        detail = entry.get("author_detail") or {}
        name = _words(entry.get("note_creatorname") or detail.get("name") or entry.get("author"))
        if not name and self._atom:  # RFC 4287: the feed's author wrote what names no other
            detail = self._feed.get("author_detail") or {}
            name = _words(detail.get("name") or self._feed.get("author"))
        if not name:
            return None
        site = urlsplit(self._link or self._origin.url).hostname or ""
        url = absolute(str(detail.get("href") or ""), self._origin.url) if detail.get("href") else ""
        handle = ""
        if self._preset == "note-hashtag" and site == "note.com":
            handle = urlsplit(self._link).path.split("/")[1]
            url = f"https://note.com/{handle}"
        own = handle or url or f"{site}/{name}"
        return Author(self._origin.platform, own, handle=handle, name=name, url=url)

    def _publisher(self) -> str:
        entry = self._entry
        if self._preset == "hatena-bookmark":
            return (urlsplit(self._link).hostname or "").removeprefix("www.")
        known = self._source or _PUBLISHERS.get(self._preset, "") or entry.get("dc_corp")
        return _words(known or entry.get("publisher") or self._feed.get("title"))

    def _lang(self) -> str | None:
        detail = self._entry.get("title_detail") or {}
        declared = detail.get("language") or self._feed.get("language") or ""
        return str(declared).strip().replace("_", "-").split("-")[0].lower() or None

    def _engagement(self) -> Engagement:
        entry = self._entry
        found = {
            kind: next((number for name in names if (number := count(entry.get(name, ""))) is not None), None)
            for kind, names in _COUNTS.items()
        }
        views = count((entry.get("media_statistics") or {}).get("views", ""))
        return Engagement(likes=found["likes"], replies=found["replies"], views=views)


def _preset(entry: Mapping[str, Any], origin: Origin) -> str:
    """The site that wrote this entry, known from its own marks when the address does not say."""
    if origin.preset:
        return origin.preset
    if "hatena_bookmarkcount" in entry:
        return "hatena-bookmark"
    if "note_creatorname" in entry:
        return "note-hashtag"
    link = str(entry.get("link") or "")
    for start, name in (
        ("https://news.google.com/", "google-news"),
        ("https://news.yahoo.co.jp/", "yahoo-news"),
    ):
        if link.startswith(start):
            return name
    return ""


def _words(value: object) -> str:
    """One line of plain text, whatever the feed put there."""
    text = str(value or "")
    return " ".join((plain(text) if looks_like_markup(text) else text).split())


def _rating(value: object) -> float | None:
    stars = count(value if value is not None else "")
    return float(stars) if stars is not None and 1 <= stars <= 5 else None


def _tags(tags: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    terms = (_words(tag.get("label") or tag.get("term")).lstrip("#＃") for tag in tags)
    return tuple(Counter(term for term in terms if term))[:_MAX_TAGS]
