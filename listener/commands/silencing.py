"""`kikimimi silence add | list | end`: muted by a person until when, and why."""

from __future__ import annotations

import getpass
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError
from rich.markup import escape
from rich.table import Table

from listener.clock import SystemClock
from listener.collectors import Duration
from listener.commands.errors import CommandError
from listener.commands.output import choose_topics, err, load_config, out, parse_time, print_json
from listener.config import Config
from listener.web import shapes
from storage.db import Store
from storage.notices import AlertKind, Silence
from storage.types import Severity


@dataclass(frozen=True)
class Wish:
    """What the person at the keyboard wants muted; empty words stand for every one."""

    topic: str
    kind: AlertKind | None
    tag: str
    up_to: Severity
    length: str
    until: str
    why: str
    by: str
    breaks: bool


def add(path: Path, wish: Wish, *, as_json: bool) -> None:
    config, now = load_config(path), SystemClock().now()
    if wish.topic:
        choose_topics(config, wish.topic)
    _known_tag(config, wish.tag)
    silence = Silence(
        wish.topic,
        _end(config, wish, now),
        wish.why,
        wish.by or _user(),
        now,
        kind=wish.kind,
        tag=wish.tag,
        up_to=wish.up_to,
        breaks=wish.breaks,
    )
    with Store.open(config.database_url) as store:
        stored = store.add_silence(silence)
    if as_json:
        print_json(shapes.silence(stored))
        return
    out.print(f"silence {stored.id} until {_local(stored.until, config)}", highlight=False)
    err.print(f"End it with: kikimimi silence end {stored.id}")


def show(path: Path, *, past: bool, as_json: bool) -> None:
    config, now = load_config(path), SystemClock().now()
    with Store.open(config.database_url) as store:
        found = store.silences(now) + (store.alerting.past_silences(now) if past else [])
    if as_json:
        print_json([shapes.silence(one) for one in found])
        return
    table = Table("no.", "what", "up to", "from", "until", "by", "why", "broken by worse", show_lines=True)
    for one in found:
        scope = [one.topic, one.kind.value if one.kind else "", f"tag {one.tag}" if one.tag else ""]
        table.add_row(
            str(one.id),
            escape(", ".join(part for part in scope if part) or "everything"),
            one.up_to.value,
            _local(one.created_at, config),
            _local(one.until, config) + ("" if one.until > now else " (over)"),
            escape(one.by),
            escape(one.reason),
            "yes" if one.breaks else "no",
        )
    if found:
        out.print(table)
    else:
        err.print("Nothing is silenced.")


def end(path: Path, number: int) -> None:
    config = load_config(path)
    with Store.open(config.database_url) as store:
        ended = store.end_silence(number, SystemClock().now())
    if not ended:
        raise CommandError(f"no silence {number} is in force; `kikimimi silence list` shows those that are")
    err.print(f"silence {number} has ended; alerts are told again")


def _end(config: Config, wish: Wish, now: datetime) -> datetime:
    if bool(wish.length) == bool(wish.until):
        raise CommandError("say how long: --for 2h, or --until 2026-11-24T09:00")
    if wish.until:
        until = parse_time(wish.until, timezone=config.timezone, option="--until") or now
    else:
        try:
            span: timedelta = TypeAdapter(Duration).validate_python(wish.length)
        except ValidationError as problem:
            raise CommandError(
                f"--for: '{wish.length}' is no length of time; write 30m, 2h or 1d"
            ) from problem
        until = now + span
    if until <= now:
        raise CommandError(f"--until: {_local(until, config)} is over; name a time to come")
    return until


def _known_tag(config: Config, tag: str) -> None:
    known = sorted({one for topic in config.topics for one in topic.tags})
    if tag and tag not in known:
        have = f"there are {', '.join(known)}" if known else "give topics `tags` in config.yaml"
        raise CommandError(f"--tag: no topic has the tag '{tag}'; {have}")


def _local(at: datetime, config: Config) -> str:
    return f"{at.astimezone(ZoneInfo(config.timezone)):%Y-%m-%d %H:%M}"


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError) as problem:
        raise CommandError("who says so? this machine knows no user name; give one with --by") from problem
