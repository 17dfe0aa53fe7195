"""Posts: what is stored of them, and which of two versions counts.

The first source that brings a post owns its words, so that two servers showing one federated post slightly
differently do not rewrite it in turn. Counts come from whoever was asked last. An unknown never overwrites a
known, and a version fetched earlier than the stored one only fills in what is unknown.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, select, tuple_

from storage.columns import storable
from storage.models import POST
from storage.types import Author, Engagement, Post
from storage.upsert import Row, chunks, numbered

PostKey = tuple[str, str]  # (platform, external id), as stored

MOST = 2**53  # a count above this is a source's mistake, and would overflow a sum
_COUNTS = ("likes", "reposts", "replies", "quotes", "views")
_OPTIONAL = ("url", "publisher", "lang", "reply_to", "repost_of", "author_id")


def key(post: Post) -> PostKey:
    return storable(post.platform), storable(post.external_id)


def digest(text: str) -> str:
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=16).hexdigest()


def count(number: int | None) -> int | None:
    return None if number is None else max(0, min(int(number), MOST))


def stored(connection: Connection, keys: Iterable[PostKey]) -> dict[PostKey, Row]:
    found: dict[PostKey, Row] = {}
    for some in chunks(dict.fromkeys(keys)):
        rows = connection.execute(select(POST).where(tuple_(POST.c.platform, POST.c.external_id).in_(some)))
        found.update({(row["platform"], row["external_id"]): dict(row) for row in rows.mappings()})
    return found


def row_of(post: Post, author_id: int | None) -> Row:
    platform, external_id = key(post)
    return {
        "platform": platform,
        "external_id": external_id,
        "source": post.source,
        "text": post.text,
        "title": post.title,
        "digest": digest(post.full_text),
        "url": post.url,
        "created_at": post.created_at,
        "fetched_at": post.fetched_at,
        "author_id": author_id,
        "publisher": post.publisher,
        "lang": post.lang,
        "rating": post.rating,
        **{name: count(getattr(post.engagement, name)) for name in _COUNTS},
        "reply_to": post.reply_to,
        "repost_of": post.repost_of,
        "tags": list(post.tags),
    }


def owns_words(post: Post, row: Row) -> bool:
    """Whether this version may rewrite the stored one."""
    return bool(post.source == row["source"] and post.fetched_at >= row["fetched_at"])


def rewritten(row: Row, post: Post, author_id: int | None) -> Row:
    """The stored row after a version of the post that was analysed."""
    counted = counted_again(row, post)
    if not owns_words(post, row):
        return counted
    new = row_of(post, author_id)
    kept = {name: new[name] or row[name] for name in _OPTIONAL}
    return {**counted, **new, **kept, **{name: counted[name] for name in (*_COUNTS, "rating")}}


def counted_again(row: Row, post: Post) -> Row:
    """The stored row after the post was merely seen again: counts and rating."""
    seen = {name: count(getattr(post.engagement, name)) for name in _COUNTS} | {"rating": post.rating}
    late = post.fetched_at < row["fetched_at"]
    counted = {**row, **{name: known(row[name], value, late=late) for name, value in seen.items()}}
    return row if counted == row else {**counted, "fetched_at": max(post.fetched_at, row["fetched_at"])}


def known(old: Any, new: Any, *, late: bool) -> Any:
    """The newer of two values that is known at all."""
    first, second = (old, new) if late else (new, old)
    return second if first is None else first


def engagement(row: Mapping[str, Any]) -> int | None:
    return count(Engagement(**{name: row[name] for name in _COUNTS}).total)


def write(connection: Connection, rows: Sequence[Row]) -> dict[PostKey, int]:
    """Insert or overwrite; returns the ids of the new ones."""
    return numbered(connection, POST, rows, key=["platform", "external_id"])


def post_of(row: RowMapping, author: Author | None, prefix: str = "") -> Post:
    """`row` has the columns of the table `post`, their names after `prefix`."""
    return Post(
        platform=row[prefix + "platform"],
        external_id=row[prefix + "external_id"],
        source=row[prefix + "source"],
        text=row[prefix + "text"],
        created_at=row[prefix + "created_at"],
        fetched_at=row[prefix + "fetched_at"],
        title=row[prefix + "title"],
        url=row[prefix + "url"],
        author=author,
        publisher=row[prefix + "publisher"],
        lang=row[prefix + "lang"],
        rating=row[prefix + "rating"],
        engagement=Engagement(**{name: row[prefix + name] for name in _COUNTS}),
        reply_to=row[prefix + "reply_to"],
        repost_of=row[prefix + "repost_of"],
        tags=tuple(row[prefix + "tags"]),
    )
