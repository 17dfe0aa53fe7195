"""`kikimimi programme`: the arguments of its commands and help. What they do is in `listener.commands.programme`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from listener.commands.options import DEFAULT_CONFIG, ConfigOption, TopicOption

programme = typer.Typer(no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands to `kikimimi`."""
    app.add_typer(programme, name="programme", help="What the advocacy programme brought.")


@programme.callback()
def _programme() -> None:
    """With a callback, `report` keeps its name though it is the only command."""


@programme.command("report")
def report(
    config: ConfigOption = DEFAULT_CONFIG,
    topic: TopicOption = None,
    month: Annotated[str | None, typer.Option(help="such as 2026-10 (default: the last whole month)")] = None,
    form: Annotated[str, typer.Option("--format", help="text, html, pdf or json")] = "text",
    lang: Annotated[str | None, typer.Option(help="ja or en (default: the configured language)")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="file to write (default: stdout)")] = None,
) -> None:
    """Write the monthly report: posts, disclosure, crises, referrals, before and after contact, open tasks."""
    from listener.commands import programme as doing

    doing.report(config, doing.Wish(topic, month, form, lang, out))
