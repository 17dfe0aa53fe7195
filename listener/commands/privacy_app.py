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
EitherArgument = Annotated[
    str | None,
    typer.Argument(metavar="[AUTHOR]", help='the account: "platform:id" as exports name it, or a handle'),
]
EmailOption = Annotated[
    str,
    typer.Option("--email", help="instead of an account: the survey answers and referrals of this address"),
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
    author: EitherArgument = None,
    config: ConfigOption = DEFAULT_CONFIG,
    email: EmailOption = "",
    out: Annotated[Path | None, typer.Option("--out", help="file to write (default: stdout)")] = None,
) -> None:
    """Write everything that is stored about an account as JSON, with what it is for and how long it is kept."""
    from listener.commands import privacy as doing
    from listener.commands import privacy_address

    if _by_address(author, email):
        privacy_address.export(config, email, out=out)
    else:
        doing.export(config, author or "", out=out)


@privacy.command("erase")
def erase(
    author: EitherArgument = None,
    config: ConfigOption = DEFAULT_CONFIG,
    email: EmailOption = "",
    reason: ReasonOption = "",
    by: ByOption = "",
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
    as_json: JsonOption = False,
) -> None:
    """Erase an account for ever; its posts are not stored again. The hourly counts stay."""
    from listener.commands import privacy as doing
    from listener.commands import privacy_address

    why, who = reason.strip(), by.strip()
    if _by_address(author, email):
        privacy_address.erase(config, email, reason=why, by=who, yes=yes, as_json=as_json)
    else:
        doing.erase(config, author or "", reason=why, by=who, yes=yes, as_json=as_json)


def _by_address(author: str | None, email: str) -> bool:
    """Whether an address is meant. Exactly one of the two must be named."""
    if bool(author) == bool(email):
        raise typer.BadParameter("name either an account or an address with --email")
    return bool(email)


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
