"""`kikimimi privacy export | erase --email`: what came with an address in surveys and referrals, and an end to it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import typer

from listener.clock import SystemClock
from listener.commands.errors import CommandError
from listener.commands.output import as_json as plain
from listener.commands.output import err, load_config, out, print_json
from listener.commands.privacy import user
from listener.commands.whole import whole
from storage.db import Store


def export(path: Path, email: str, *, out: Path | None) -> None:
    """Everything that came with an address as one JSON object; the address itself is not stored, and not written."""
    config, now = load_config(path), SystemClock().now()
    _check(email)
    with Store.open(config.database_url) as store:
        found = store.privacy.everything_of(email)
    told = {
        "address": "as asked for; only its hash is stored",
        "written_at": now,
        "controller": config.privacy.controller,
        "purpose": config.privacy.purpose,
        "legal_basis": config.privacy.legal_basis,
        "source": "files and tools of the controller: see `source` of each row",
        "stored": found,
    }
    with whole(out, place="--out") as sink:
        sink.write(json.dumps(plain(told), ensure_ascii=False, indent=2, default=str) + "\n")
    sys.stdout.flush()
    err.print(f"{len(found['surveys'])} survey answers and {len(found['referrals'])} referrals")


def erase(path: Path, email: str, *, reason: str, by: str, yes: bool, as_json: bool) -> None:
    """Ask, then erase. An address of which nothing is stored may be named too: it will never be stored then."""
    config, now = load_config(path), SystemClock().now()
    _check(email)
    if email.strip().casefold() in reason.casefold() or "@" in reason:
        raise CommandError("--reason: it holds an address and would be kept; write it without")
    with Store.open(config.database_url) as store:
        held = store.privacy.everything_of(email)
        if not yes:
            err.print(
                f"{len(held['surveys'])} survey answers and {len(held['referrals'])} referrals. "
                "They cannot be brought back."
            )
            if not typer.confirm("Erase them for ever?", err=True):
                raise CommandError("nothing was erased")
        surveys, referrals = store.privacy.erase_address(email, now, by=by or user(), reason=reason)
    if as_json:
        print_json({"surveys": surveys, "referrals": referrals})
        return
    out.print(
        f"{surveys} survey answers and {referrals} referrals erased; the address is refused from now on. "
        "An account that gave it is erased by `kikimimi privacy erase AUTHOR`",
        highlight=False,
        markup=False,
    )


def _check(email: str) -> None:
    name, at, host = email.strip().partition("@")
    if not (name and at and "." in host):
        raise CommandError("--email: this is no e-mail address; write it as it stood in the file")
