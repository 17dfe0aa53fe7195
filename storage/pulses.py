"""`Pulses`: how reactions grow, who speaks when, how many stars; and what a rule remembers of a topic.

Hangs on the store as `store.pulses`. Every method is one transaction, as in `Store`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import Connection, delete, exists, select

from storage import posts
from storage.buckets import COUNTED
from storage.engine import Database
from storage.measures import Pulse, Reading, Stars, Voice
from storage.models import MENTION, POST
from storage.models_pulses import READING, RULE
from storage.types import Label
from storage.upsert import Row, upsert

READ_UNTIL = timedelta(hours=48)  # reactions to older posts are not written down
KEPT = timedelta(days=14)
_VERSION = "version:"


class Pulses:
    def __init__(self, database: Database) -> None:
        self._database = database

    # ---------------------------------------------------------------- what was measured

    def of_topic(
        self, topic: str, since: datetime, until: datetime, *, limit: int, least: int = 0
    ) -> list[Pulse]:
        """The newest `limit` mentions created in [since, until) that have ever been read, oldest first.

        With `least`, only those that had at least so many reactions at some reading.
        """
        read = exists().where(READING.c.post_id == MENTION.c.post_id, READING.c.reactions >= least)
        named = (
            select(MENTION.c.id, MENTION.c.post_id, MENTION.c.created_at)
            .where(MENTION.c.topic == topic, COUNTED, read)
            .where(MENTION.c.created_at >= since, MENTION.c.created_at < until)
            .order_by(MENTION.c.created_at.desc(), MENTION.c.id.desc())
            .limit(limit)
            .subquery()
        )
        wanted = (
            select(named.c.id, named.c.created_at, READING.c.at, READING.c.reactions)
            .join(READING, READING.c.post_id == named.c.post_id)
            .order_by(named.c.created_at, named.c.id, READING.c.at)
        )
        with self._database.read() as connection:
            rows = connection.execute(wanted).all()
        return [
            Pulse(number, created_at, tuple(Reading(row.at, row.reactions) for row in same))
            for (number, created_at), same in groupby(rows, key=lambda row: (row.id, row.created_at))
        ]

    def voices(self, topic: str, since: datetime, until: datetime) -> list[Voice]:
        """Every mention created in [since, until) that counts, oldest first, in the fewest fields."""
        wanted = (
            select(MENTION.c.created_at, MENTION.c.author_id, MENTION.c.label)
            .where(MENTION.c.topic == topic, COUNTED)
            .where(MENTION.c.created_at >= since, MENTION.c.created_at < until)
            .order_by(MENTION.c.created_at, MENTION.c.id)
        )
        with self._database.read() as connection:
            return [
                Voice(row.created_at, row.author_id, Label(row.label)) for row in connection.execute(wanted)
            ]

    def stars(self, topic: str, since: datetime, until: datetime) -> list[Stars]:
        """Every review of the topic created in [since, until) that counts, oldest first."""
        wanted = (
            select(MENTION.c.id, MENTION.c.created_at, POST.c.source, POST.c.rating, POST.c.tags)
            .join_from(MENTION, POST)
            .where(MENTION.c.topic == topic, COUNTED, POST.c.rating.is_not(None))
            .where(MENTION.c.created_at >= since, MENTION.c.created_at < until)
            .order_by(MENTION.c.created_at, MENTION.c.id)
        )
        with self._database.read() as connection:
            rows = connection.execute(wanted).all()
        return [Stars(row.id, row.source, row.created_at, row.rating, _version(row.tags)) for row in rows]

    def forget(self, now: datetime) -> int:
        """Delete readings older than 14 days; returns how many."""
        with self._database.write(ingest=True) as connection:
            return connection.execute(delete(READING).where(READING.c.at < now - KEPT)).rowcount

    # ---------------------------------------------------------------- what a rule remembers

    def remembered(self, topic: str, rule: str) -> str | None:
        """What the rule last wrote about the topic (JSON); None when it never did."""
        with self._database.read() as connection:
            return connection.scalar(select(RULE.c.state).where(RULE.c.topic == topic, RULE.c.name == rule))

    def remember(self, topic: str, rule: str, state: str, now: datetime) -> None:
        """Write, BEFORE an alert that follows from it is sent: then a crash in between loses no alert."""
        with self._database.write() as connection:
            row = {"topic": topic, "name": rule, "state": state, "at": now}
            upsert(connection, RULE, [row], key=["topic", "name"])


def note(
    connection: Connection, before: Mapping[posts.PostKey, Row], after: Mapping[posts.PostKey, Row]
) -> None:
    """One reading for each young post of a page whose reactions are known and not what they were."""
    rows = []
    for name, row in after.items():
        reactions, old = posts.engagement(row), before.get(name)
        young = row["fetched_at"] - row["created_at"] <= READ_UNTIL
        if young and reactions is not None and (old is None or reactions != posts.engagement(old)):
            rows.append({"post_id": row["id"], "at": row["fetched_at"], "reactions": reactions})
    upsert(connection, READING, rows, key=["post_id", "at"])


def _version(tags: list[str]) -> str:
    named = (tag for tag in tags if tag.startswith(_VERSION))
    return next(named, "").removeprefix(_VERSION)
