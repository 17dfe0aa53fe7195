"""The locked copies of an incident's evidence: what a post said when it was first named."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from storage import mentions
from storage.models_alerting import EVIDENCE
from storage.types import Mention
from storage.upsert import Row, insert


@dataclass(frozen=True, slots=True)
class Evidence:
    """One locked copy: what a post said when an incident first named it. `sha256` is of `text` in UTF-8."""

    mention_id: int
    platform: str
    external_id: str
    author: str
    url: str
    text: str
    sha256: str
    created_at: datetime
    fetched_at: datetime
    locked_at: datetime


def of_incident(connection: Connection, incident_id: int) -> list[Evidence]:
    """In the order in which they were named."""
    rows = connection.execute(
        select(EVIDENCE).where(EVIDENCE.c.incident_id == incident_id).order_by(EVIDENCE.c.id)
    )
    names = Evidence.__dataclass_fields__
    return [Evidence(**{name: row[name] for name in names}) for row in rows.mappings()]


def lock(connection: Connection, incident_id: int, ids: Sequence[int], now: datetime) -> None:
    """Copy the words of these mentions, once; a copy never changes afterwards."""
    held = select(EVIDENCE.c.mention_id).where(EVIDENCE.c.incident_id == incident_id)
    have = set(connection.scalars(held))
    named = mentions.by_id(connection, [number for number in ids if number not in have])
    rows = [_copy_of(mention, incident_id, now) for mention in named]
    if rows:
        connection.execute(insert(connection, EVIDENCE).on_conflict_do_nothing(), rows)


def _copy_of(mention: Mention, incident_id: int, now: datetime) -> Row:
    post, author = mention.post, mention.post.author
    return {
        "incident_id": incident_id,
        "mention_id": mention.id,
        "platform": post.platform,
        "external_id": post.external_id,
        "author": f"{author.platform}:{author.external_id}" if author else "",
        "url": post.url,
        "text": post.full_text,
        "sha256": hashlib.sha256(post.full_text.encode()).hexdigest(),
        "created_at": post.created_at,
        "fetched_at": post.fetched_at,
        "locked_at": now,
    }
