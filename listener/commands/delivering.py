"""`kikimimi channels`, `test-alert` and `resend`: whether messages arrive, and again those that did not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.markup import escape
from rich.table import Table

from alerts import health
from listener.clock import SystemClock
from listener.commands.errors import CommandError
from listener.commands.output import err, load_config, out, print_json
from listener.config import Config
from listener.http import Fetcher
from listener.service import channels as build_channels
from listener.service import dispatcher
from storage.db import Store
from storage.notices import ChannelHealth, Delivery, Notification

LATELY = timedelta(hours=24)
LOOKED_THROUGH = 1000


def channels(path: Path, *, as_json: bool) -> None:
    config = load_config(path)
    with Store.open(config.database_url) as store:
        known, waiting = store.alerting.health(), store.alerting.queue()
    if as_json:
        print_json(
            [
                {
                    "name": one.name,
                    "kind": one.kind,
                    "state": health.state(known.get(one.name)),
                    "waiting": waiting.get(one.name, 0),
                    **_times(known.get(one.name)),
                }
                for one in config.channels
            ]
        )
        return
    table = Table("channel", "kind", "state", "last worked", "waiting", "error", show_lines=True)
    for one in config.channels:
        seen = known.get(one.name)
        ok, error = _local(seen.last_ok_at if seen else None, config), escape(seen.error if seen else "")
        state = health.state(seen)
        table.add_row(escape(one.name), one.kind, state, ok, str(waiting.get(one.name, 0)), error)
    out.print(table)


def test_alert(path: Path, names: Sequence[str], *, as_json: bool) -> None:
    """Exit code 1 when a channel did not take it."""
    config = load_config(path)
    known = [one.name for one in config.channels]
    for name in names:
        if name not in known:
            have = ", ".join(known) or "none"
            raise CommandError(f"--channel: no channel is called '{name}'; config.yaml has: {have}")
    if not known:
        raise CommandError("config.yaml has no channel; add one under `channels:`")
    http = Fetcher(user_agent=config.user_agent, allow=config.network.allow)
    try:
        with Store.open(config.database_url) as store:
            desk = dispatcher(config, store, build_channels(config, http))
            done = [desk.test(name, SystemClock().now()) for name in names or known]
    finally:
        http.close()
    _tell(done, as_json=as_json)
    if any(one.state is not Delivery.SENT for one in done):
        raise SystemExit(1)


def resend(path: Path, numbers: Sequence[int], *, failed: bool) -> None:
    config, now = load_config(path), SystemClock().now()
    with Store.open(config.database_url) as store:
        given_up = [one for one in store.notifications(LOOKED_THROUGH) if one.state is Delivery.FAILED]
        if not numbers and not failed:
            _list(given_up, config)
            return
        if failed:
            numbers = [one.id or 0 for one in given_up if now - one.updated_at <= LATELY]
        again = [number for number in numbers if store.alerting.resend(number, now)]
    left = [number for number in numbers if number not in again]
    if left and not failed:
        raise CommandError(
            f"not given up, so not sent again: {', '.join(map(str, left))}; `kikimimi resend` lists those that are"
        )
    err.print(f"{len(again)} put back in the queue; the running service sends them within seconds")


def _list(given_up: Sequence[Notification], config: Config) -> None:
    table = Table("no.", "given up", "channel", "alert", "error", show_lines=True)
    for one in given_up:
        when = _local(one.updated_at, config)
        table.add_row(str(one.id), when, escape(one.channel), escape(one.title), escape(one.error))
    if given_up:
        out.print(table)
        err.print("Send again with: kikimimi resend NO. …")
    else:
        err.print("No notification was given up.")


def _tell(done: Sequence[Notification], *, as_json: bool) -> None:
    if as_json:
        print_json([{"channel": one.channel, "state": one.state, "error": one.error} for one in done])
        return
    for one in done:
        words = "[green]sent[/]" if one.state is Delivery.SENT else f"[red]not sent[/]: {escape(one.error)}"
        out.print(f"{escape(one.channel)}: {words}", highlight=False)


def _times(seen: ChannelHealth | None) -> dict[str, object]:
    return {
        "error": seen.error if seen else "",
        "failures": seen.failures if seen else 0,
        "last_ok_at": seen.last_ok_at if seen else None,
        "last_failed_at": seen.last_failed_at if seen else None,
        "rest_until": seen.rest_until if seen else None,
        "disabled_at": seen.disabled_at if seen else None,
    }


def _local(at: datetime | None, config: Config) -> str:
    return "—" if at is None else f"{at.astimezone(ZoneInfo(config.timezone)):%Y-%m-%d %H:%M}"
