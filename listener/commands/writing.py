"""`kikimimi outreach` and `kikimimi testimonials`: drafts to send by hand, and sentences worth quoting."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.markup import escape
from rich.table import Table

from alerts.outreach import Purpose
from alerts.testimonials import Permission, Testimonial
from listener import quoting
from listener.clock import SystemClock
from listener.commands.errors import CommandError
from listener.commands.output import choose_topics, err, load_config, out, parse_time, print_json
from listener.config import Config
from listener.lettering import Letter, LetterError, letter
from storage.db import Store
from storage.quotes import Choice, Publication


@dataclass(frozen=True)
class Wish:
    """What letter the person at the keyboard wants drafted."""

    advocate: int
    purpose: str
    lang: str | None
    mention: int | None
    sender: str
    contact: str


def outreach(path: Path, wish: Wish, *, as_json: bool) -> None:
    config = load_config(path)
    lang = wish.lang or config.language
    if lang not in ("ja", "en"):
        raise CommandError(f"--lang: '{lang}' is unknown; choose ja or en")
    purpose = Purpose(wish.purpose)
    if purpose is Purpose.DISCLOSURE and wish.mention is None:
        raise CommandError("--mention: name the post that lacks the disclosure")
    wanted = Letter(wish.advocate, purpose, lang, wish.mention, wish.sender, wish.contact)
    try:
        with Store.open(config.database_url) as store:
            _, found = letter(store, config, wanted)
    except LetterError as problem:
        raise CommandError(str(problem)) from problem
    if as_json:
        print_json(found)
        return
    sys.stdout.write(f"{found.subject}\n\n{found.body}")
    sys.stdout.flush()
    err.print("A draft: read it, change it, and send it yourself; then record that you wrote.")


def testimonials(
    path: Path, *, topic: str | None, since: str | None, granted: bool, limit: int, as_json: bool
) -> None:
    """What a person hid is left out; what they cut is cut."""
    config, now = load_config(path), SystemClock().now()
    names = set(choose_topics(config, topic))
    start = parse_time(since, timezone=config.timezone, option="--since")
    with Store.open(config.database_url) as store:
        quotes = quoting.library(store, config, now, names, since=start).quotes
        down = [one for one in store.testimonials.to_take_down(now) if one.topic in names]
    found: list[Testimonial] = []
    for name in (one.name for one in config.topics if one.name in names):
        kept = [
            one.found
            for one in quotes
            if one.found.topic == name
            and one.choice is not Choice.HIDDEN
            and (not granted or one.found.permission is Permission.GRANTED)
        ]
        found += kept[:limit]
    if as_json:
        print_json(found)
    else:
        _show(found, config)
    _warn(down)


def take_down(path: Path, *, topic: str | None, as_json: bool) -> None:
    """Where words still stand whose author allows it no more."""
    config, now = load_config(path), SystemClock().now()
    names = set(choose_topics(config, topic))
    with Store.open(config.database_url) as store:
        down = [one for one in store.testimonials.to_take_down(now) if one.topic in names]
    if as_json:
        print_json(down)
        return
    table = Table("take down", "sentence", "advocate", "published", show_lines=True)
    zone = ZoneInfo(config.timezone)
    for one in down:
        day = one.at.astimezone(zone).strftime("%Y-%m-%d")
        table.add_row(*map(escape, (one.place, one.quote, str(one.advocate_id), day)))
    if down:
        out.print(table)
    else:
        err.print("Nothing has to be taken down.")


def _warn(down: list[Publication]) -> None:
    if down:
        err.print(
            f"[bold red]{len(down)} published sentences are allowed no more:[/] "
            "`kikimimi testimonials --take-down` says where",
            highlight=False,
        )


def _show(found: list[Testimonial], config: Config) -> None:
    table = Table("may be quoted", "sentence", "author", "date", "source", show_lines=True)
    for one in found:
        day = one.created_at.astimezone(ZoneInfo(config.timezone)).strftime("%Y-%m-%d")
        cells = (one.permission.value, one.quote, one.author.handle or one.author.name, day, one.url)
        table.add_row(*map(escape, cells))
    if found:
        out.print(table)
    else:
        err.print("No sentence can stand alone yet.")
