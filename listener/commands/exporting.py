"""`kikimimi export`: mentions, advocates, incidents or the hourly history as CSV or JSONL."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rich.progress import Progress, SpinnerColumn, TextColumn

from alerts.exports import csv
from listener import watching
from listener.clock import SystemClock
from listener.commands.errors import CommandError
from listener.commands.output import as_json, choose_topics, err, load_config, parse_time
from listener.commands.whole import whole
from listener.config import Config
from storage.db import MentionFilter, Store
from storage.types import Advocate, Incident, Mention

PAGE = 1000
LONGEST_HISTORY = timedelta(days=400)
HISTORY_COLUMNS = (
    "topic", "start", "volume", "positive", "neutral", "negative", "score_sum", "authors", "reach", "engagement",
)  # fmt: skip


@dataclass(frozen=True)
class _Wish:
    """What is to be exported, from which store."""

    config: Config
    store: Store
    topics: tuple[str, ...]
    since: datetime | None
    until: datetime


def export(
    path: Path,
    what: str,
    *,
    out: Path | None,
    form: str,
    topic: str | None,
    since: str | None,
    until: str | None,
) -> None:
    """Write the rows; the file appears only when it is whole."""
    if what not in KINDS:
        raise CommandError(f"'{what}' cannot be exported; choose one of {', '.join(KINDS)}")
    if form not in ("csv", "jsonl"):
        raise CommandError(f"--format: '{form}' is unknown; choose csv or jsonl")
    config = load_config(path)
    topics = tuple(choose_topics(config, topic))
    start = parse_time(since, timezone=config.timezone, option="--since")
    end = parse_time(until, timezone=config.timezone, option="--until") or SystemClock().now()
    rows, as_csv = KINDS[what]
    with Store.open(config.database_url) as store, whole(out) as sink:
        wish = _Wish(config, store, topics, start, end)
        values = _counted(rows(wish), what, quiet=out is None)
        if form == "csv":
            lines: Iterable[str] = as_csv(values, config.timezone)
        else:
            more = {"purpose": csv.RANKING} if what == "advocates" else {}
            lines = (json.dumps(as_json(value) | more, ensure_ascii=False) + "\n" for value in values)
        for line in lines:
            sink.write(line)
        sys.stdout.flush()
    if what == "advocates":
        err.print(f"{csv.RANKING}; `kikimimi export-advocates` hands over who consented", highlight=False)


def _counted(rows: Iterable[Any], what: str, *, quiet: bool) -> Iterator[Any]:
    """The rows, counted on the terminal while they are written."""
    with Progress(SpinnerColumn(), TextColumn("{task.description}"), console=err, disable=quiet) as progress:
        task = progress.add_task(what, total=None)
        count = 0
        for count, row in enumerate(rows, start=1):
            if count % 100 == 0:
                progress.update(task, description=f"{count} {what}")
            yield row
        progress.update(task, description=f"{count} {what} written")


def _mentions(wish: _Wish) -> Iterator[Mention]:
    for topic in wish.topics:
        where = MentionFilter(topic=topic, since=wish.since, until=wish.until)
        offset = 0
        while page := wish.store.mentions(where, limit=PAGE, offset=offset):
            offset += len(page)
            yield from page


def _advocates(wish: _Wish) -> Iterator[Advocate]:
    for one in wish.config.topics:
        if one.own and one.name in wish.topics:
            yield from watching.ranked(wish.store, one.topic(), wish.config.thresholds.advocate, wish.until)


def _incidents(wish: _Wish) -> Iterator[Incident]:
    for topic in wish.topics:
        for incident in wish.store.incidents(topic, limit=10_000):
            if incident.opened_at <= wish.until and (not wish.since or incident.updated_at >= wish.since):
                yield incident


def _history(wish: _Wish) -> Iterator[dict[str, Any]]:
    start = wish.since or wish.until - LONGEST_HISTORY
    for topic in wish.topics:
        buckets = wish.store.buckets(topic, start, wish.until)
        first = next((n for n, bucket in enumerate(buckets) if bucket.volume), len(buckets))
        for bucket in buckets if wish.since else buckets[first:]:
            yield {"topic": topic, **as_json(bucket)}


def _history_csv(rows: Iterable[dict[str, Any]], timezone: str) -> Iterator[str]:
    zone = ZoneInfo(timezone)
    cells = (
        [_local(row[name], zone) if name == "start" else row[name] for name in HISTORY_COLUMNS]
        for row in rows
    )
    return csv.table(HISTORY_COLUMNS, cells)


def _local(time: str, zone: ZoneInfo) -> str:
    return (
        datetime.fromisoformat(time)
        .replace(tzinfo=UTC)
        .astimezone(zone)
        .isoformat(sep=" ", timespec="minutes")
    )


KINDS: dict[str, tuple[Callable[[_Wish], Iterator[Any]], Callable[[Iterable[Any], str], Iterator[str]]]] = {
    "mentions": (_mentions, lambda rows, timezone: csv.mentions(rows, timezone=timezone)),
    "advocates": (_advocates, lambda rows, timezone: csv.advocates(rows, timezone=timezone)),
    "incidents": (_incidents, lambda rows, timezone: csv.incidents(rows, timezone=timezone)),
    "history": (_history, _history_csv),
}
