"""`kikimimi prospects`: its arguments and help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from listener.commands.options import DEFAULT_CONFIG, ConfigOption, JsonOption, TopicOption


def register(app: typer.Typer) -> None:
    """Add the command to `kikimimi`."""
    app.command("prospects")(prospects)


def prospects(
    config: ConfigOption = DEFAULT_CONFIG,
    topic: TopicOption = None,
    at: Annotated[
        str | None, typer.Option(help="as things stood at this time, e.g. 2026-11-01T09:00")
    ] = None,
    limit: Annotated[int, typer.Option(help="at most so many a topic", min=1)] = 50,
    backtest: Annotated[
        bool, typer.Option("--backtest", help="how often such predictions were right on your own history")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", help="with --backtest: write the calibration plot, one HTML page")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Who may become an organic advocate within 60 days, how likely, and why."""
    from listener.commands import prospecting

    if out and not backtest:
        raise typer.BadParameter("--out goes with --backtest: it writes how often the predictions were right")
    wish = prospecting.Wish(topic, at, limit, backtest, out)
    prospecting.prospects(config, wish, as_json=as_json)
