"""Roll-ups: one row an hour, topic and platform, kept right by adding what each transaction changed.

`authors` counts the distinct known authors of the hour, exactly. `reach` adds, for each of them once, the
largest number of followers they were known to have at their mentions of that hour; what happens to their
followers later does not rewrite the past. `engagement` adds what is known for each mention. What a person set
aside as irrelevant counts nowhere. A dashboard reads only these rows: its cost grows with hours, not mentions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select, tuple_

from storage.columns import utc
from storage.models import MENTION, ROLLUP
from storage.types import Bucket, Label
from storage.upsert import Row as Fields
from storage.upsert import add, chunks

HOUR = timedelta(hours=1)
Place = tuple[str, datetime, str]  # (topic, hour, platform)
Presence = tuple[int, str, datetime]  # (author, topic, hour)
COUNTS = ("volume", "positive", "neutral", "negative", "score_millionths", "authors", "reach", "engagement")
TALLIED = (MENTION.c.topic, MENTION.c.hour, MENTION.c.platform, MENTION.c.author_id, MENTION.c.label)
TALLIED_TOO = (MENTION.c.score, MENTION.c.reach, MENTION.c.engagement)
COUNTED = ~MENTION.c.irrelevant


def hour_of(moment: datetime) -> datetime:
    return utc(moment).replace(minute=0, second=0, microsecond=0)


# ------------------------------------------------------------------ keeping them right


def presences(rows: Iterable[Fields]) -> list[Presence]:
    """Which author wrote about which topic in which hour."""
    return list(
        dict.fromkeys((r["author_id"], r["topic"], r["hour"]) for r in rows if r["author_id"] is not None)
    )


def reached(connection: Connection, who: Sequence[Presence]) -> dict[Place, tuple[int, int]]:
    """How many of these authors are in each place, and their reach; asked before and after a change."""
    found: dict[Place, tuple[int, int]] = {}
    where = (MENTION.c.author_id, MENTION.c.topic, MENTION.c.hour)
    columns = (*where, MENTION.c.platform)
    present = select(*columns, func.coalesce(func.max(MENTION.c.reach), 0)).group_by(*columns)
    for some in chunks(who):
        theirs = present.where(tuple_(*where).in_(some), COUNTED)
        for _, topic, hour, platform, reach in connection.execute(theirs):
            authors, total = found.get((topic, hour, platform), (0, 0))
            found[topic, hour, platform] = (authors + 1, total + reach)
    return found


def apply(
    connection: Connection,
    *,
    gone: Iterable[Fields],
    come: Iterable[Fields],
    reach_before: dict[Place, tuple[int, int]],
    reach_after: dict[Place, tuple[int, int]],
) -> None:
    """Take away the mention rows as they were, add them as they are."""
    change: dict[Place, Fields] = {}
    for sign, rows in ((-1, gone), (1, come)):
        for row in (one for one in rows if not one["irrelevant"]):
            _count(change, (row["topic"], row["hour"], row["platform"]), row, sign)
    for sign, reach in ((-1, reach_before), (1, reach_after)):
        for place, (authors, total) in reach.items():
            counts = change.setdefault(place, dict.fromkeys(COUNTS, 0))
            counts["authors"] += sign * authors
            counts["reach"] += sign * total
    rows = [
        {"topic": topic, "hour": hour, "platform": platform, **counts}
        for (topic, hour, platform), counts in change.items()
        if any(counts.values())
    ]
    add(connection, ROLLUP, rows, key=["topic", "hour", "platform"])


def tally(rows: Iterable[Any]) -> dict[Place, Fields]:
    """Count mention rows (columns `TALLIED`, `TALLIED_TOO`; those `COUNTED`) from scratch, without any roll-up."""
    counted: dict[Place, Fields] = {}
    reach: dict[Place, dict[int, int]] = {}
    for row in rows:
        place = (row.topic, row.hour, row.platform)
        _count(counted, place, row._mapping, 1)
        if row.author_id is not None:
            authors = reach.setdefault(place, {})
            authors[row.author_id] = max(authors.get(row.author_id, 0), row.reach or 0)
    for place, authors in reach.items():
        counted[place] |= {"authors": len(authors), "reach": sum(authors.values())}
    return counted


def _count(counted: dict[Place, Fields], place: Place, row: Any, sign: int) -> None:
    counts = counted.setdefault(place, dict.fromkeys(COUNTS, 0))
    counts["volume"] += sign
    counts[row["label"]] += sign
    counts["score_millionths"] += sign * round(row["score"] * 1_000_000)
    counts["engagement"] += sign * (row["engagement"] or 0)


# ------------------------------------------------------------------ reading them

_SUMS = [func.sum(ROLLUP.c[name]).label(name) for name in COUNTS]


def gapless(connection: Connection, topic: str, start: datetime, end: datetime) -> list[Bucket]:
    first = hour_of(start)
    within = (ROLLUP.c.topic == topic, ROLLUP.c.hour >= first, ROLLUP.c.hour < end)
    rows = connection.execute(select(ROLLUP.c.hour, *_SUMS).where(*within).group_by(ROLLUP.c.hour))
    known = {row.hour: bucket_of(row.hour, row._mapping) for row in rows}
    hours = max(0, -((first - end) // HOUR))
    return [known.get(hour) or Bucket(hour) for hour in (first + n * HOUR for n in range(hours))]


def totals(connection: Connection, topic: str, start: datetime, end: datetime) -> Bucket:
    first = hour_of(start)
    within = (ROLLUP.c.topic == topic, ROLLUP.c.hour >= first, ROLLUP.c.hour < end)
    return bucket_of(first, connection.execute(select(*_SUMS).where(*within)).one()._mapping)


def platforms(connection: Connection, topic: str, start: datetime, end: datetime) -> dict[str, Bucket]:
    first = hour_of(start)
    within = (ROLLUP.c.topic == topic, ROLLUP.c.hour >= first, ROLLUP.c.hour < end)
    rows = connection.execute(
        select(ROLLUP.c.platform, *_SUMS).where(*within).group_by(ROLLUP.c.platform)
    ).all()
    largest = sorted(rows, key=lambda row: (-row.volume, row.platform))
    return {row.platform: bucket_of(first, row._mapping) for row in largest if row.volume}


def first_hour(connection: Connection, topic: str) -> datetime | None:
    """The hour of the oldest mention of a topic that was ever stored."""
    first = select(func.min(ROLLUP.c.hour)).where(ROLLUP.c.topic == topic, ROLLUP.c.volume > 0)
    hour: datetime | None = connection.scalar(first)
    return hour


def hour_until(connection: Connection, topic: str, now: datetime) -> Bucket | None:
    """The hour of `now`, counted without what was created after `now`; None when there is no such thing."""
    hour = hour_of(now)
    inside = (MENTION.c.topic == topic, MENTION.c.hour == hour, MENTION.c.created_at >= hour, COUNTED)
    if connection.scalar(select(func.count()).where(*inside, MENTION.c.created_at > now)) == 0:
        return None
    rows = connection.execute(
        select(*TALLIED, *TALLIED_TOO).where(*inside, MENTION.c.created_at <= now)
    ).all()
    sums = dict.fromkeys(COUNTS, 0)
    for counts in tally(rows).values():
        sums = {name: sums[name] + counts[name] for name in COUNTS}
    return bucket_of(hour, sums)


def bucket_of(hour: datetime, counts: Any) -> Bucket:
    return Bucket(
        start=hour,
        **{label.value: int(counts[label.value] or 0) for label in Label},
        volume=int(counts["volume"] or 0),
        score_sum=int(counts["score_millionths"] or 0) / 1_000_000,
        authors=int(counts["authors"] or 0),
        reach=int(counts["reach"] or 0),
        engagement=int(counts["engagement"] or 0),
    )
