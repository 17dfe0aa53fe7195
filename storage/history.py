"""The history of a topic as detection reads it, as it stood at a moment."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from storage import buckets, settings, sources
from storage.models import AUTHOR, MENTION, POST
from storage.types import Emotion, History, Label, Observation, Topic

RECENT = timedelta(hours=48)


def history(connection: Connection, topic: Topic, now: datetime, *, days: int) -> History:
    hour = buckets.hour_of(now)
    since = min(max(hour - timedelta(days=days), _first_hour(connection, topic.name, hour)), hour)
    hours = buckets.gapless(connection, topic.name, since, hour + buckets.HOUR)
    if (so_far := buckets.hour_until(connection, topic.name, now)) is not None:
        hours[-1] = so_far
    return History(
        topic=topic,
        since=since,
        buckets=tuple(hours),
        recent=observations(connection, topic.name, now - RECENT, now),
        gaps=sources.gaps(connection, topic.name, since, now),
    )


def _first_hour(connection: Connection, topic: str, hour: datetime) -> datetime:
    """The topic's first stored mention or the moment we began to watch it, whichever was earlier."""
    watched = settings.watched_since(connection, topic)
    known = (buckets.first_hour(connection, topic), buckets.hour_of(watched) if watched else None)
    return min((moment for moment in known if moment is not None), default=hour)


def observations(
    connection: Connection, topic: str, since: datetime, until: datetime
) -> tuple[Observation, ...]:
    """Those after `since` and up to `until`, oldest first."""
    lately = (MENTION.c.created_at > since, MENTION.c.created_at <= until)
    columns = (MENTION.c.id, MENTION.c.created_at, MENTION.c.label, MENTION.c.emotion, MENTION.c.story)
    counts = (MENTION.c.reach, MENTION.c.engagement, MENTION.c.platform)
    names = (AUTHOR.c.platform.label("author_platform"), AUTHOR.c.external_id.label("author_id"))
    rows = connection.execute(
        select(*columns, *counts, *names, POST.c.title, POST.c.text)
        .select_from(MENTION.join(POST).outerjoin(AUTHOR, POST.c.author_id == AUTHOR.c.id))
        .where(MENTION.c.topic == topic, *lately, buckets.COUNTED)
        .order_by(MENTION.c.created_at, MENTION.c.id)
    )
    return tuple(
        Observation(
            mention_id=row.id,
            at=row.created_at,
            author=f"{row.author_platform}:{row.author_id}" if row.author_platform is not None else "",
            label=Label(row.label),
            emotion=Emotion(row.emotion),
            story=row.story,
            reach=row.reach,
            engagement=row.engagement,
            platform=row.platform,
            text=f"{row.title}\n{row.text}" if row.title and row.text else row.title or row.text,
        )
        for row in rows
    )
