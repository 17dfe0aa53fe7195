"""Retention: forget what is older than the operator wants to keep, a little at a time.

The horizon is written first: from then on posts from before it are not stored again, or a feed that still
shows an old post would count it into the roll-ups once more. It never moves back.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, delete, exists, select

from storage import settings
from storage.buckets import hour_of
from storage.engine import Database
from storage.models import ADVOCATE, AUTHOR, CORRECTION, FETCH, MENTION, OUTAGE, POST
from storage.models_alerting import EVIDENCE

BATCH = 500  # mentions a transaction: short enough that a page never waits long for its turn


def purge(database: Database, before: datetime) -> int:
    with database.write(ingest=True) as connection:
        horizon = max(hour_of(before), settings.horizon(connection) or datetime.min.replace(tzinfo=UTC))
        settings.write(connection, settings.HORIZON, horizon.isoformat())
        connection.execute(delete(FETCH).where(FETCH.c.started_at < horizon))
        connection.execute(delete(OUTAGE).where(OUTAGE.c.ended_at < horizon))
    forgotten = 0
    while True:
        with database.write(ingest=True) as connection:
            batch = _purge_batch(connection, horizon)
        if batch == 0:
            return forgotten
        forgotten += batch


def _purge_batch(connection: Connection, horizon: datetime) -> int:
    """Delete up to `BATCH` mentions, their corrections, and posts and authors that nothing else needs."""
    is_evidence = exists().where(EVIDENCE.c.mention_id == MENTION.c.id)
    old = select(MENTION.c.id, MENTION.c.post_id, MENTION.c.author_id)
    rows = connection.execute(old.where(MENTION.c.created_at < horizon, ~is_evidence).limit(BATCH)).all()
    numbers = [row.id for row in rows]
    connection.execute(delete(CORRECTION).where(CORRECTION.c.mention_id.in_(numbers)))
    connection.execute(delete(MENTION).where(MENTION.c.id.in_(numbers)))
    mentioned = exists().where(MENTION.c.post_id == POST.c.id)
    connection.execute(delete(POST).where(POST.c.id.in_({row.post_id for row in rows}), ~mentioned))
    writes = exists().where(POST.c.author_id == AUTHOR.c.id)
    recommends = exists().where(ADVOCATE.c.author_id == AUTHOR.c.id)
    authors = {row.author_id for row in rows if row.author_id is not None}
    connection.execute(delete(AUTHOR).where(AUTHOR.c.id.in_(authors), ~writes, ~recommends))
    return len(rows)
