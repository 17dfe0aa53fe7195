"""`kikimimi report` and `kikimimi evidence`: their options. What they do is in `reporting`.

`kikimimi incident` is in `merging`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from listener.commands import merging
from storage.cases import ReportKind

ConfigOption = Annotated[
    Path, typer.Option("--config", "-c", envvar="KIKIMIMI_CONFIG", help="the config.yaml to use")
]
IncidentArgument = Annotated[
    int, typer.Argument(help="the incident's number, as `kikimimi incidents` lists it")
]
DEFAULT_CONFIG = Path("config.yaml")


def register(app: typer.Typer) -> None:
    """Add the commands to `kikimimi`."""
    app.command()(report)
    app.command()(evidence)
    merging.register(app)


def report(
    incident: IncidentArgument,
    config: ConfigOption = DEFAULT_CONFIG,
    kind: Annotated[
        ReportKind | None, typer.Option(help="which report (default: the one that comes next)")
    ] = None,
    lang: Annotated[str | None, typer.Option(help="ja or en (default: the configured language)")] = None,
    form: Annotated[str, typer.Option("--format", help="html, pdf, text or json")] = "text",
    out: Annotated[Path | None, typer.Option("--out", help="file to write (default: stdout)")] = None,
    by: Annotated[str, typer.Option("--by", help="who issues it (default: your user name)")] = "",
    following: Annotated[
        int, typer.Option("--next", help="minutes until the next update; 0: not set", min=0, max=10080)
    ] = 0,
    draft: Annotated[bool, typer.Option("--draft", help="only write it; do not record it as issued")] = False,
    number: Annotated[
        int | None, typer.Option("--number", help="the issued report with this number, word by word", min=1)
    ] = None,
) -> None:
    """Issue an incident's report (第一報・続報・終報), or write out one that was issued."""
    from listener.commands import reporting

    if draft and number is not None:
        raise typer.BadParameter("--draft writes a new report and --number an issued one: give one of them")
    wish = reporting.Wish(incident, kind, lang, form, out, by.strip(), following, draft, number)
    reporting.report(config, wish)


def evidence(
    incident: IncidentArgument,
    config: ConfigOption = DEFAULT_CONFIG,
    verify: Annotated[
        bool,
        typer.Option("--verify", help="check every hash, and ask every post's address if it is still there"),
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", help="folder or .zip to write: table, texts, manifest with hashes")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON on stdout")] = False,
) -> None:
    """List an incident's locked evidence and what became of the posts; check it, hand it out."""
    from listener.commands import reporting

    reporting.evidence(config, incident, verify=verify, out=out, as_json=as_json)
