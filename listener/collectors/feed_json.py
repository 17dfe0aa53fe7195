"""JSON Feed 1.0 and 1.1 to posts: feedparser does not read it. Pure: bytes in, posts out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from listener.collectors.feed_dates import moment
from listener.collectors.feed_decode import decode
from listener.collectors.feed_entries import MAX_TEXT, NotAFeedError, Origin, ParsedFeed, unambiguous
from listener.collectors.feed_identity import absolute, external_id
from listener.collectors.markup import plain, tidy
from storage.types import Author, Post


def read(body: bytes, content_type: str, origin: Origin) -> ParsedFeed:
    """Raises NotAFeedError. Entries of a wrong shape are left out."""
    try:
        feed = json.loads(decode(body, content_type), strict=False)
    except ValueError as error:
        raise NotAFeedError from error
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
        raise NotAFeedError
    posts = [_post(entry, feed, origin) for entry in feed["items"] if isinstance(entry, dict)]
    next_url = absolute(_text(feed, "next_url"), origin.url)
    return ParsedFeed(unambiguous(tuple(post for post in posts if post.full_text)), next_url)


def _post(entry: Mapping[str, Any], feed: Mapping[str, Any], origin: Origin) -> Post:
    title = " ".join(plain(_text(entry, "title")).split())
    text = tidy(_text(entry, "content_text")) or plain(_text(entry, "content_html"))
    text = text or plain(_text(entry, "summary"))
    link = absolute(_text(entry, "url") or _text(entry, "external_url"), origin.url)
    lang = (_text(entry, "language") or _text(feed, "language")).split("-")[0].lower() or None
    dates = (_text(entry, name) for name in ("date_published", "date_modified"))
    known = (moment(words, None, now=origin.now, japanese=lang == "ja") for words in dates)
    created_at = next((found for found in known if found), origin.now)
    given = _text(entry, "id")
    words = f"{title}\n{text}"
    tags = entry.get("tags")
    return Post(
        platform=origin.platform,
        external_id=external_id(given=given, link=link, words=words, scope=origin.scope),
        source=origin.source,
        title=title,
        text="" if text == title else text[:MAX_TEXT],
        created_at=created_at,
        fetched_at=origin.now,
        url=link,
        author=_author(entry, origin, link) or _author(feed, origin, link),
        publisher=_text(feed, "title"),
        lang=lang,
        tags=tuple(dict.fromkeys(str(tag) for tag in tags)) if isinstance(tags, list) else (),
    )


def _author(holder: Mapping[str, Any], origin: Origin, link: str) -> Author | None:
    """The first author with a name; `author` is version 1.0's form of `authors`."""
    authors = holder.get("authors")
    listed = authors if isinstance(authors, list) else [holder.get("author")]
    for author in listed:
        if isinstance(author, dict) and _text(author, "name"):
            name = _text(author, "name")
            url = absolute(_text(author, "url"), origin.url)
            site = urlsplit(link or origin.url).hostname or ""
            return Author(origin.platform, url or f"{site}/{name}", name=name, url=url)
    return None


def _text(holder: Mapping[str, Any], key: str) -> str:
    """A string, or a number as one (ids often are), else ""."""
    value = holder.get(key)
    known = isinstance(value, str | int | float) and not isinstance(value, bool)
    return str(value).strip() if known else ""
