"""`kikimimi segments`: its arguments and help."""

from __future__ import annotations

from typing import Annotated

import typer

from listener.commands.options import DEFAULT_CONFIG, ConfigOption, JsonOption

SegmentOption = Annotated[
    str | None, typer.Option("--segment", help="only who is in this saved segment, by its name")
]


def register(app: typer.Typer) -> None:
    """Add the command to `kikimimi`."""
    app.command("segments")(list_segments)


def list_segments(
    config: ConfigOption = DEFAULT_CONFIG,
    suggest: Annotated[
        bool, typer.Option("--suggest", help="groups worth saving, instead of the saved ones")
    ] = False,
    least: Annotated[int, typer.Option(help="with --suggest: of so many people at least", min=2)] = 5,
    as_json: JsonOption = False,
) -> None:
    """List saved segments of advocates: how many people each finds now, and which programmes suit them."""
    from listener.commands import segmenting

    segmenting.list_segments(config, suggest=suggest, least=least, as_json=as_json)
