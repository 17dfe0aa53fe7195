"""`kikimimi silence`, `channels`, `test-alert` and `resend`: their arguments and help."""

from __future__ import annotations

from typing import Annotated

import typer

from listener.commands.options import DEFAULT_CONFIG, ConfigOption, JsonOption
from storage.notices import AlertKind
from storage.types import Severity

silence = typer.Typer(no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands to `kikimimi`."""
    app.add_typer(silence, name="silence", help="Mute alerts for a while: add, list, end.")
    app.command("channels")(channels)
    app.command("test-alert")(send_test)
    app.command("resend")(resend)


@silence.command("add")
def add(
    config: ConfigOption = DEFAULT_CONFIG,
    topic: Annotated[str, typer.Option(help="only alerts about this topic")] = "",
    kind: Annotated[AlertKind | None, typer.Option(help="only alerts of this kind")] = None,
    tag: Annotated[str, typer.Option(help="only alerts about topics with this tag")] = "",
    up_to: Annotated[Severity, typer.Option(help="only alerts up to this severity")] = Severity.CRISIS,
    length: Annotated[str, typer.Option("--for", help="how long, as in 30m, 2h or 1d")] = "",
    until: Annotated[str, typer.Option(help="or until when, e.g. 2026-11-24T09:00")] = "",
    why: Annotated[str, typer.Option(help="the reason, for your colleagues")] = "",
    by: Annotated[str, typer.Option(help="who says so (default: your user name)")] = "",
    unbroken: Annotated[
        bool, typer.Option("--unbroken", help="stay silent even when an incident gets more severe")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Mute alerts from now on. An incident that gets more severe is told all the same."""
    from listener.commands import silencing

    wish = silencing.Wish(topic, kind, tag, up_to, length, until, why.strip(), by.strip(), not unbroken)
    silencing.add(config, wish, as_json=as_json)


@silence.command("list")
def show(
    config: ConfigOption = DEFAULT_CONFIG,
    past: Annotated[bool, typer.Option("--all", help="also the latest that are over")] = False,
    as_json: JsonOption = False,
) -> None:
    """List the silences in force."""
    from listener.commands import silencing

    silencing.show(config, past=past, as_json=as_json)


@silence.command("end")
def end(
    number: Annotated[int, typer.Argument(help="the number that `kikimimi silence list` shows")],
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """End a silence now."""
    from listener.commands import silencing

    silencing.end(config, number)


def channels(config: ConfigOption = DEFAULT_CONFIG, as_json: JsonOption = False) -> None:
    """List the channels with their health, and how many messages wait for each."""
    from listener.commands import delivering

    delivering.channels(config, as_json=as_json)


def send_test(
    config: ConfigOption = DEFAULT_CONFIG,
    channel: Annotated[
        list[str] | None, typer.Option("--channel", help="only this channel (repeatable)")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Send a test alert now; a channel that takes it is enabled again."""
    from listener.commands import delivering

    delivering.test_alert(config, channel or [], as_json=as_json)


def resend(
    numbers: Annotated[
        list[int] | None, typer.Argument(help="the numbers of notifications that were given up")
    ] = None,
    config: ConfigOption = DEFAULT_CONFIG,
    failed: Annotated[
        bool, typer.Option("--all", help="all that were given up in the last 24 hours")
    ] = False,
) -> None:
    """Put notifications that were given up back in the queue; without arguments, list them."""
    from listener.commands import delivering

    delivering.resend(config, numbers or [], failed=failed)
