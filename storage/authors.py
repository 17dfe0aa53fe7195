"""Authors: one account on one platform, as last seen."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, RowMapping, select, tuple_

from storage.columns import storable
from storage.models import AUTHOR
from storage.posts import count, known
from storage.types import Author
from storage.upsert import Row, chunks, numbered

AuthorKey = tuple[str, str]  # (platform, external id), as stored

_WORDS = ("handle", "name", "url")


def key(author: Author) -> AuthorKey:
    return storable(author.platform), storable(author.external_id)


def stored(connection: Connection, keys: Iterable[AuthorKey]) -> dict[AuthorKey, Row]:
    found: dict[AuthorKey, Row] = {}
    for some in chunks(dict.fromkeys(keys)):
        rows = connection.execute(
            select(AUTHOR).where(tuple_(AUTHOR.c.platform, AUTHOR.c.external_id).in_(some))
        )
        found.update({(row["platform"], row["external_id"]): dict(row) for row in rows.mappings()})
    return found


def save(connection: Connection, sightings: Iterable[tuple[Author, datetime]]) -> dict[AuthorKey, Row]:
    """Insert or refresh authors as seen at these times; returns their rows with ids."""
    seen = sorted(sightings, key=lambda sighting: sighting[1])
    before = stored(connection, (key(author) for author, _ in seen))
    after = dict(before)
    for author, at in seen:
        name = key(author)
        after[name] = _refreshed(after[name], author, at) if name in after else _row_of(author, at)
    changed = [row for name, row in after.items() if row != before.get(name)]
    for name, number in numbered(connection, AUTHOR, changed, key=["platform", "external_id"]).items():
        after[name]["id"] = number
    return after


def _row_of(author: Author, at: datetime) -> Row:
    platform, external_id = key(author)
    return {
        "platform": platform,
        "external_id": external_id,
        **{name: getattr(author, name) for name in _WORDS},
        "followers": count(author.followers),
        "bot": author.bot,
        "seen_at": at,
    }


def _refreshed(row: Row, author: Author, at: datetime) -> Row:
    """What an earlier sighting says only fills in what is unknown; the same words again change nothing."""
    new, late = _row_of(author, at), at < row["seen_at"]
    words = {name: (row[name] or new[name]) if late else (new[name] or row[name]) for name in _WORDS}
    counts = {name: known(row[name], new[name], late=late) for name in ("followers", "bot")}
    refreshed = {**row, **words, **counts}
    return row if refreshed == row else {**refreshed, "seen_at": max(at, row["seen_at"])}


def author_of(row: RowMapping, prefix: str = "") -> Author:
    return Author(
        platform=row[prefix + "platform"],
        external_id=row[prefix + "external_id"],
        handle=row[prefix + "handle"],
        name=row[prefix + "name"],
        url=row[prefix + "url"],
        followers=row[prefix + "followers"],
        bot=row[prefix + "bot"],
    )
