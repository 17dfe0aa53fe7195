"""Sources: the cursor, the log of tries, and the times in which a source could not be read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy import Row as Record

from storage.models import FETCH, OUTAGE, SHARE, SOURCE
from storage.types import Fetch, Outcome, SourceState
from storage.upsert import Row, upsert

Span = tuple[datetime, datetime]

INTERVAL = timedelta(hours=1)  # assumed for a source that never told when it comes next
_UNREAD: Row = {
    "cursor": {},
    "last_at": None,
    "last_ok_at": None,
    "last_outcome": None,
    "error": "",
    "failures": 0,
    "next_at": None,
    "posts": 0,
    "mentions": 0,
    "interval_s": None,
}
OUTAGE_INTERVALS = 2  # one missed turn is everyday life; the next one brings what it missed


def one(connection: Connection, name: str) -> SourceState | None:
    row = connection.execute(select(SOURCE).where(SOURCE.c.name == name)).one_or_none()
    return None if row is None else _state_of(row)


def every(connection: Connection) -> list[SourceState]:
    return [_state_of(row) for row in connection.execute(select(SOURCE).order_by(SOURCE.c.name))]


def fetches(connection: Connection, source: str | None, limit: int) -> list[Fetch]:
    latest = select(FETCH).order_by(FETCH.c.started_at.desc(), FETCH.c.id.desc()).limit(limit)
    rows = connection.execute(latest if source is None else latest.where(FETCH.c.source == source))
    return [
        Fetch(
            source=row.source,
            started_at=row.started_at,
            ended_at=row.ended_at,
            outcome=Outcome(row.outcome),
            posts=row.posts,
            mentions=row.mentions,
            error=row.error,
            next_at=row.next_at,
        )
        for row in rows
    ]


def move_cursor(
    connection: Connection, name: str, kind: str, cursor: Mapping[str, Any], at: datetime
) -> None:
    row = _UNREAD | {"name": name, "kind": kind, "cursor": dict(cursor), "last_at": at}
    keep = [column for column in row if column not in ("kind", "cursor", "last_at")]
    upsert(connection, SOURCE, [row], key=["name"], keep=keep)


def record_fetch(connection: Connection, fetch: Fetch, *, kind: str) -> None:
    failed = fetch.outcome is Outcome.FAILED
    connection.execute(insert(FETCH).values(**_fetch_row(fetch)))
    found = connection.execute(select(SOURCE).where(SOURCE.c.name == fetch.source)).mappings().one_or_none()
    before = _UNREAD if found is None else dict(found)
    state = before | {
        "name": fetch.source,
        "kind": kind,
        "last_at": fetch.ended_at,
        "last_ok_at": before["last_ok_at"] if failed else fetch.ended_at,
        "last_outcome": fetch.outcome.value,
        "error": fetch.error,
        "failures": before["failures"] + 1 if failed else 0,
        "next_at": fetch.next_at,
        "posts": before["posts"] + fetch.posts,
        "mentions": before["mentions"] + fetch.mentions,
    }
    if not failed and fetch.next_at is not None:
        state["interval_s"] = max(0.0, (fetch.next_at - fetch.started_at).total_seconds())
    # A page may be moving the cursor at this moment: it is not ours to write.
    upsert(connection, SOURCE, [state], key=["name"], keep=["cursor"])
    _record_outage(connection, fetch, state["interval_s"])


def _record_outage(connection: Connection, fetch: Fetch, interval_s: float | None) -> None:
    lasting = (OUTAGE.c.source == fetch.source, OUTAGE.c.ended_at.is_(None))
    if fetch.outcome is not Outcome.FAILED:
        connection.execute(update(OUTAGE).where(*lasting).values(ended_at=fetch.started_at))
    elif connection.scalar(select(OUTAGE.c.id).where(*lasting)) is None:
        interval = INTERVAL.total_seconds() if interval_s is None else interval_s
        row = {
            "source": fetch.source,
            "started_at": fetch.started_at,
            "ended_at": None,
            "interval_s": interval,
        }
        connection.execute(insert(OUTAGE).values(**row))


def gaps(connection: Connection, topic: str, start: datetime, now: datetime) -> tuple[Span, ...]:
    """When the sources that brought half or more of a topic's mentions could not be read, oldest first.

    Only outages longer than two intervals of their source count, seen from `now`: what is not over by then
    lasts until `now`.
    """
    rows = connection.execute(select(SHARE.c.source, SHARE.c.mentions).where(SHARE.c.topic == topic))
    shares = {row.source: row.mentions for row in rows}
    within = (OUTAGE.c.source.in_(list(shares)), OUTAGE.c.started_at <= now)
    edges: list[tuple[datetime, int]] = []
    for row in connection.execute(select(OUTAGE).where(*within)):
        end = min(row.ended_at or now, now)
        if end > start and (end - row.started_at).total_seconds() > OUTAGE_INTERVALS * row.interval_s:
            edges += [(max(row.started_at, start), shares[row.source]), (end, -shares[row.source])]
    return _spans_of(edges, least=sum(shares.values()) / 2)


def _spans_of(edges: list[tuple[datetime, int]], *, least: float) -> tuple[Span, ...]:
    """From where the running sum reaches `least` to where it falls below."""
    spans: list[Span] = []
    missing, began = 0, None
    for moment, share in sorted(edges, key=lambda edge: (edge[0], -edge[1])):
        missing += share
        if began is None and missing >= least:
            began = moment
        elif began is not None and missing < least:
            spans.append((began, moment))
            began = None
    return tuple(spans)


def _fetch_row(fetch: Fetch) -> Row:
    return {
        "source": fetch.source,
        "started_at": fetch.started_at,
        "ended_at": fetch.ended_at,
        "outcome": fetch.outcome.value,
        "posts": fetch.posts,
        "mentions": fetch.mentions,
        "error": fetch.error,
        "next_at": fetch.next_at,
    }


def _state_of(row: Record[Any]) -> SourceState:
    return SourceState(
        name=row.name,
        kind=row.kind,
        cursor=row.cursor,
        last_at=row.last_at,
        last_ok_at=row.last_ok_at,
        last_outcome=Outcome(row.last_outcome) if row.last_outcome else None,
        error=row.error,
        failures=row.failures,
        next_at=row.next_at,
        posts=row.posts,
        mentions=row.mentions,
    )
