"""`kikimimi outreach` and `kikimimi testimonials`: drafts to send by hand, and sentences worth quoting."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.markup import escape
from rich.table import Table

from alerts import testimonials as quotable
from alerts.handover import refused_platform
from alerts.outreach import Purpose, Sender, draft
from alerts.testimonials import Permission, Permit, Testimonial
from alerts.words_handover import explain
from listener.clock import SystemClock
from listener.commands.errors import CommandError
from listener.commands.output import choose_topics, err, load_config, out, parse_time, print_json
from listener.config import Config
from storage.db import MentionFilter, Store
from storage.types import Advocate, Author, Label, Mention

PAGE = 1000
MOST_ADVOCATES = 1_000_000


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
    contact = wish.contact.strip() or config.network.contact.strip()
    if not contact:
        raise CommandError("--contact: say where an answer goes, or set network.contact in config.yaml")
    if purpose is Purpose.DISCLOSURE and wish.mention is None:
        raise CommandError("--mention: name the post that lacks the disclosure")
    with Store.open(config.database_url) as store:
        advocate = _advocate(store, wish.advocate, config.language)
        about = _about(store, advocate, wish.mention)
    brand = next((one.brand for one in config.topics if one.name == advocate.topic), advocate.topic)
    sender = Sender(brand, wish.sender, contact, config.storage.retention_days)
    letter = draft(purpose, advocate.author, about, sender, lang=lang, timezone=config.timezone)
    if as_json:
        print_json(letter)
        return
    sys.stdout.write(f"{letter.subject}\n\n{letter.body}")
    sys.stdout.flush()
    err.print("A draft: read it, change it, and send it yourself; then record that you wrote.")


def _advocate(store: Store, number: int, lang: str) -> Advocate:
    found = store.advocate(number)
    if found is None:
        raise CommandError(f"there is no advocate {number}; `kikimimi advocates` lists them")
    if refused_platform(found.author):
        raise CommandError(explain("reddit", lang))
    if store.privacy.refusal(found.author) is not None:
        raise CommandError(f"advocate {number} opted out: write nothing to them")
    return found


def _about(store: Store, advocate: Advocate, number: int | None) -> Mention:
    """The post named, or else the most telling one that has an address."""
    if number is not None:
        mention = store.mention(number)
        author = mention.post.author if mention else None
        if mention is None or author is None or _account(author) != _account(advocate.author):
            raise CommandError(f"--mention: {number} is no post of advocate {advocate.id}")
        return mention
    parts = sorted(advocate.contributions, key=lambda part: -part.points)
    shown = [one for part in parts if part.points > 0 for one in part.evidence]
    mentions = store.mentions_by_id(dict.fromkeys(shown))
    linked = [one for one in mentions if one.post.url]
    if not (linked or mentions):
        raise CommandError(f"no post of advocate {advocate.id} is stored any more; name one with --mention")
    return (linked or mentions)[0]


def testimonials(
    path: Path, *, topic: str | None, since: str | None, granted: bool, limit: int, as_json: bool
) -> None:
    config, now = load_config(path), SystemClock().now()
    names = set(choose_topics(config, topic))
    start = parse_time(since, timezone=config.timezone, option="--since")
    found: list[Testimonial] = []
    with Store.open(config.database_url) as store:
        for one in config.topics:
            if one.own and one.name in names:
                rivals = [other.topic() for other in config.topics if not other.own]
                permit = _permit(store, one.name, now)
                some = quotable.find(_praise(store, one.name, start), one.topic(), rivals, permit)
                kept = [quote for quote in some if not granted or quote.permission is Permission.GRANTED]
                found += kept[:limit]
    if as_json:
        print_json(found)
        return
    _show(found, config)


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


def _praise(store: Store, topic: str, since: datetime | None) -> Iterator[Mention]:
    where = MentionFilter(topic=topic, label=Label.POSITIVE, since=since)
    offset = 0
    while page := store.mentions(where, limit=PAGE, offset=offset):
        offset += len(page)
        yield from page


def _permit(store: Store, topic: str, now: datetime) -> Permit:
    """What the ledger says of an author, asked only about those who have a quotable sentence."""
    ids = {_account(one.author): one.id or 0 for one in store.advocates(topic, limit=MOST_ADVOCATES)}
    journeys = store.people.journeys(ids.values())

    def permit(author: Author) -> Permission:
        number = ids.get(_account(author))
        out_of_it = store.privacy.refusal(author) is not None
        asked_at = journeys[number].contacted_at if number else None
        ledger = store.people.ledger(number) if number and asked_at else []
        return quotable.permission(ledger, asked_at=asked_at, opted_out=out_of_it, now=now)

    return permit


def _account(author: Author) -> tuple[str, str]:
    return author.platform, author.external_id
