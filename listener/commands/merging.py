"""`kikimimi incident merge | split`: two incidents are one matter, or are not after all."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from listener.commands.options import DEFAULT_CONFIG, ConfigOption

incident = typer.Typer(no_args_is_help=True)
NumberArgument = Annotated[
    int, typer.Argument(min=1, help="the incident's number, as `kikimimi incidents` lists it")
]
ByOption = Annotated[str, typer.Option("--by", help="who says so (default: your user name)")]
NoteOption = Annotated[str, typer.Option("--note", help="why, for the log of both")]
WHY = {
    "same": "an incident cannot be merged into itself",
    "unknown": "there is no such incident; `kikimimi incidents` lists them",
    "topic": "the two incidents are about different topics",
    "merged": "one of the two is merged already; split it first: kikimimi incident split NUMBER",
    "over": "the other incident is over: nobody would be told of this one any more",
    "apart": "the incident is not merged: there is nothing to split",
    "final": "the final report was issued for both together: it would be wrong afterwards",
}


def register(app: typer.Typer) -> None:
    """Add the commands to `kikimimi`."""
    app.add_typer(
        incident, name="incident", help="Merge two incidents that are one matter, or split them again."
    )


@incident.command("merge")
def merge(
    number: NumberArgument,
    into: Annotated[int, typer.Option("--into", min=1, help="the incident that speaks for both")],
    config: ConfigOption = DEFAULT_CONFIG,
    by: ByOption = "",
    note: NoteOption = "",
) -> None:
    """Merge an incident into another one of its topic."""
    _change(config, number, into, by, note)


@incident.command("split")
def split(
    number: NumberArgument,
    config: ConfigOption = DEFAULT_CONFIG,
    by: ByOption = "",
    note: NoteOption = "",
) -> None:
    """Undo a merge: the incident speaks for itself again."""
    _change(config, number, None, by, note)


def _change(path: Path, number: int, into: int | None, by: str, note: str) -> None:
    """Merge into an incident, or with None undo that."""
    from listener.clock import SystemClock
    from listener.commands.errors import CommandError
    from listener.commands.output import err, load_config
    from listener.commands.reporting import user
    from storage.casebook import MergeError
    from storage.db import Store

    with Store.open(load_config(path).database_url) as store:
        book, who, now = store.casebook, by.strip() or user(), SystemClock().now()
        try:
            if into is None:
                former = book.split(number, who, now, note.strip())
                said = f"Incident {number} is split off from incident {former} again."
            else:
                book.merge(number, into, who, now, note.strip())
                said = f"Incident {number} is merged into incident {into}."
        except MergeError as problem:
            raise CommandError(f"incident {number}: {WHY[problem.code]}") from problem
    err.print(said, highlight=False)
