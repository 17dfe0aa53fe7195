"""`kikimimi privacy export | erase | opt-out | list`: what is stored about an account, and an end to it."""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import typer
from rich.markup import escape
from rich.table import Table

from listener.clock import SystemClock
from listener.commands.errors import CommandError
from listener.commands.output import as_json as plain
from listener.commands.output import err, load_config, out, print_json
from listener.commands.whole import whole
from listener.config import Config
from storage.db import Store
from storage.refusals import RefusalKind
from storage.types import Author

SHORT = 12  # characters of a hash that tell accounts apart


def export(path: Path, name: str, *, out: Path | None) -> None:
    """Everything about an account as one JSON object; the file appears only when it is whole."""
    config, now = load_config(path), SystemClock().now()
    with Store.open(config.database_url) as store:
        author = _one(store, name)
        found = store.privacy.everything(author, now)
        refusal = store.privacy.refusal(author)
    text = json.dumps(
        plain(_told(config, author, found, refusal, now)), ensure_ascii=False, indent=2, default=str
    )
    with whole(out, place="--out") as sink:
        sink.write(text + "\n")
    sys.stdout.flush()
    err.print(f"{len(found['posts'])} posts and {sum(map(len, found.values()))} rows in all")


def _told(
    config: Config, author: Author, found: Mapping[str, Any], refusal: RefusalKind | None, now: object
) -> dict[str, Any]:
    days = config.storage.retention_days
    privacy = config.privacy
    return {
        "account": f"{author.platform}:{author.external_id}",
        "written_at": now,
        "controller": privacy.controller,
        "purpose": privacy.purpose,
        "legal_basis": privacy.legal_basis,
        "retention": {
            "posts_days": days,
            "text": f"posts, mentions and the account are deleted {days} days after a post was written, but for "
            "evidence of incidents and people in the programme; hourly counts without names stay",
        },
        "source": "public posts, read at the addresses named in `posts`",
        "opted_out": refusal is RefusalKind.OPTED_OUT,
        "stored": found,
    }


def erase(path: Path, name: str, *, reason: str, by: str, yes: bool, as_json: bool) -> None:
    """Ask, then erase. An account that is not stored may be named too: it will never be stored then."""
    config, now = load_config(path), SystemClock().now()
    with Store.open(config.database_url) as store:
        author = _one(store, name, unknown=True)
        _no_name(author, reason)
        held = store.privacy.everything(author, now)
        account = f"{author.platform}:{author.external_id}"
        if not yes:
            err.print(
                f"{escape(account)}: {len(held['posts'])} posts, {len(held['advocate'])} rows as an advocate, "
                f"{len(held['consents'])} consents. They cannot be brought back."
            )
            if not typer.confirm("Erase them for ever?", err=True):
                raise CommandError("nothing was erased")
        done = store.privacy.erase(author, now, by=by or user(), reason=reason)
    if as_json:
        print_json(done)
        return
    out.print(
        f"{done.account}: {done.mentions} mentions, {done.posts} posts and {done.consents} consents erased; "
        f"its posts are not stored again",
        highlight=False,
        markup=False,
    )
    if done.surveys or done.referrals:
        out.print(f"{done.surveys} survey answers and {done.referrals} referrals erased", highlight=False)
    for one in done.handed:
        known_as = f"{one.key}" + (f", there {one.remote_id}" if one.remote_id else "")
        err.print(
            f"{escape(one.export)} has this person ({escape(known_as)}): erase them there too",
            highlight=False,
        )
    for place in done.places:
        where = escape(place.place)
        err.print(f"take the person's words down from {where}: no list names it any more", highlight=False)
    for channel, count in done.told.items():
        err.print(f"{count} messages about it went to {escape(channel)}: delete them there by hand")


def opt_out(path: Path, name: str, *, reason: str, by: str, undo: bool) -> None:
    config, now = load_config(path), SystemClock().now()
    with Store.open(config.database_url) as store:
        author = _one(store, name, unknown=True)
        _no_name(author, reason)
        account = f"{author.platform}:{author.external_id}"
        if not undo:
            if store.privacy.refusal(author) is RefusalKind.ERASED:
                raise CommandError(f"{account} was erased already, and stays so")
            store.privacy.opt_out(author, now, by=by or user(), reason=reason)
            err.print(f"{escape(account)} is out of rankings, contacts and hand-overs from now on")
        elif store.privacy.take_back(author, now, by=by or user()):
            err.print(f"{escape(account)} may be ranked again; consents have to be asked for anew")
        else:
            raise CommandError(f"{account} had not opted out; `kikimimi privacy list` shows who has")


def show(path: Path, *, as_json: bool) -> None:
    config = load_config(path)
    with Store.open(config.database_url) as store:
        refusals = store.privacy.refusals()
        names = {digest: author for author, digest in store.privacy.opted_out()}
    rows = [
        {
            "account": f"{names[one.digest].platform}:{names[one.digest].external_id}"
            if one.digest in names
            else None,
            "handle": names[one.digest].handle if one.digest in names else None,
            **plain(one),
        }
        for one in refusals
    ]
    if as_json:
        print_json(rows)
        return
    if not rows:
        err.print("Nobody has opted out, and nobody was erased.")
        return
    table = Table("when", "what", "account", "by", "why", show_lines=True)
    zone = ZoneInfo(config.timezone)
    for one, row in zip(refusals, rows, strict=True):
        account = f"{row['account']} {row['handle']}" if row["account"] else f"hash {one.digest[:SHORT]}…"
        when = f"{one.at.astimezone(zone):%Y-%m-%d %H:%M}"
        table.add_row(
            when, one.kind.value.replace("_", " "), escape(account), escape(one.by), escape(one.reason)
        )
    out.print(table)


def _one(store: Store, name: str, *, unknown: bool = False) -> Author:
    """The account that is meant. With `unknown`, "platform:id" may be one that is not stored."""
    found = store.privacy.find(name)
    if len(found) > 1:
        accounts = ", ".join(f"{one.platform}:{one.external_id}" for one in found)
        raise CommandError(f"'{name}' may be {accounts}; name one of them")
    if found:
        return found[0]
    platform, _, external_id = name.partition(":")
    if unknown and platform and external_id:
        return Author(platform, external_id)
    hint = "" if external_id else '; write it as "platform:id", as in mastodon:12345'
    raise CommandError(f"nothing is stored about '{name}'{hint}")


def _no_name(author: Author, reason: str) -> None:
    """The reason outlives the account, so it must not name it."""
    words = (author.external_id, author.handle.removeprefix("@"), author.name)
    named = next((word for word in words if len(word) > 1 and word.lower() in reason.lower()), None)
    if named is not None:
        raise CommandError(f"--reason: it names the person ('{named}') and would be kept; write it without")


def user() -> str:
    """Who sits here, for the record."""
    try:
        return getpass.getuser()
    except (OSError, KeyError) as problem:
        raise CommandError("who says so? this machine knows no user name; give one with --by") from problem
