"""`kikimimi init`, `check` and `schema`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from rich.markup import escape

from listener.clock import SystemClock
from listener.commands.output import err, load_config, out, print_json


def init(path: Path, *, brand: str | None, aliases: list[str], competitors: list[str], yes: bool) -> None:
    from listener.setup import init as wizard

    wizard.run(path, brand=brand, aliases=aliases, competitors=competitors, yes=yes, console=err)


def check(path: Path, *, as_json: bool) -> None:
    """Exit code 1 when anything does not work. The bundled publisher is there to be checked, if configured."""
    from listener.service import publisher_at_hand
    from listener.setup.check import check as check_all

    config = load_config(path)
    rows = []
    clock = SystemClock()
    with publisher_at_hand(config, clock, clock.now()):
        for result in check_all(config):
            rows.append(result)
            if not as_json:
                mark = "[green]ok[/]" if result.ok else "[red]no[/]"
                out.print(f"{mark} {escape(result.name)}: {escape(result.words)}", highlight=False)
    if as_json:
        print_json(rows)
    if not all(row.ok for row in rows):
        sys.exit(1)


def schema() -> None:
    from listener.config import schema as config_schema

    sys.stdout.write(json.dumps(config_schema(), ensure_ascii=False, indent=2) + "\n")
