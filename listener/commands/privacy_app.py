"""`kikimimi privacy`: the arguments of its commands. What they do is in `listener.commands.privacy`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from listener.commands.options import DEFAULT_CONFIG, ConfigOption, JsonOption

privacy = typer.Typer(no_args_is_help=True)
AuthorArgument = Annotated[
    str, typer.Argument(metavar="AUTHOR", help='the account: "platform:id" as exports name it, or a handle')
]
ByOption = Annotated[str, typer.Option("--by", help="who says so (default: your user name)")]
ReasonOption = Annotated[str, typer.Option("--reason", help="why, without the person's name")]


def register(app: typer.Typer) -> None:
    """Add the commands to `kikimimi`."""
    app.add_typer(
        privacy, name="privacy", help="What is stored about an account: show it, stop using it, erase it."
    )


@privacy.command("export")
def export(
    author: AuthorArgument,
    config: ConfigOption = DEFAULT_CONFIG,
    out: Annotated[Path | None, typer.Option("--out", help="file to write (default: stdout)")] = None,
) -> None:
    """Write everything that is stored about an account as JSON, with what it is for and how long it is kept."""
    from listener.commands import privacy as doing

    doing.export(config, author, out=out)


@privacy.command("erase")
def erase(
    author: AuthorArgument,
    config: ConfigOption = DEFAULT_CONFIG,
    reason: ReasonOption = "",
    by: ByOption = "",
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
    as_json: JsonOption = False,
) -> None:
    """Erase an account for ever; its posts are not stored again. The hourly counts stay."""
    from listener.commands import privacy as doing

    doing.erase(config, author, reason=reason.strip(), by=by.strip(), yes=yes, as_json=as_json)


@privacy.command("opt-out")
def opt_out(
    author: AuthorArgument,
    config: ConfigOption = DEFAULT_CONFIG,
    reason: ReasonOption = "",
    by: ByOption = "",
    undo: Annotated[bool, typer.Option("--undo", help="the person has changed their mind")] = False,
) -> None:
    """Keep an account out of rankings, contacts and hand-overs, whatever is collected later."""
    from listener.commands import privacy as doing

    doing.opt_out(config, author, reason=reason.strip(), by=by.strip(), undo=undo)


@privacy.command("list")
def show(config: ConfigOption = DEFAULT_CONFIG, as_json: JsonOption = False) -> None:
    """List the accounts that opted out or were erased; the erased ones by their hash."""
    from listener.commands import privacy as doing

    doing.show(config, as_json=as_json)
