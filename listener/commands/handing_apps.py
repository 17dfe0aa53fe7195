"""`kikimimi export-advocates`, `outreach` and `testimonials`: their arguments and help."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from listener.commands.options import DEFAULT_CONFIG, ConfigOption, JsonOption, TopicOption
from listener.commands.segment_apps import SegmentOption


class Purpose(StrEnum):
    """What a letter is for, as in `alerts.outreach`, which takes long to import."""

    QUOTE = "quote"
    AMBASSADOR = "ambassador"
    COMMUNITY = "community"
    REFERRAL = "referral"
    THANKS = "thanks"
    DISCLOSURE = "disclosure"


def register(app: typer.Typer) -> None:
    """Add the commands to `kikimimi`."""
    app.command("export-advocates")(export_advocates)
    app.command("outreach")(outreach)
    app.command("testimonials")(list_testimonials)


def export_advocates(
    name: Annotated[str | None, typer.Argument(help="an export of config.yaml; left out: list them")] = None,
    config: ConfigOption = DEFAULT_CONFIG,
    out: Annotated[
        Path | None, typer.Option("--out", help="write a CSV file here, instead of an export of config.yaml")
    ] = None,
    topic: TopicOption = None,
    segment: SegmentOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="show what would go, and send nothing")] = False,
    again: Annotated[
        bool, typer.Option("--again", help="also what has not changed, or may have arrived the last time")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Hand advocates who consented to it over to a CRM, a referral tool, a webhook or a file."""
    from listener.commands import handing_over

    wish = handing_over.Wish(name, out, topic, dry_run, again, segment)
    handing_over.export_advocates(config, wish, as_json=as_json)


def outreach(
    advocate: Annotated[int, typer.Argument(help="the advocate's number, as `kikimimi advocates` lists it")],
    config: ConfigOption = DEFAULT_CONFIG,
    purpose: Annotated[Purpose, typer.Option("--purpose", help="what the letter is for")] = Purpose.QUOTE,
    lang: Annotated[str | None, typer.Option(help="ja or en (default: the configured language)")] = None,
    mention: Annotated[
        int | None,
        typer.Option(help="the post to write about, by its mention's number (default: the most telling)"),
    ] = None,
    sender: Annotated[str, typer.Option(help="your name, as the letter is to give it")] = "",
    contact: Annotated[
        str, typer.Option(help="where an answer goes (default: network.contact of config.yaml)")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Draft a letter to an advocate, with the disclosure rule and a way to say no. Nothing is sent."""
    from listener.commands import writing

    letter = writing.Wish(advocate, purpose.value, lang, mention, sender, contact)
    writing.outreach(config, letter, as_json=as_json)


def list_testimonials(
    config: ConfigOption = DEFAULT_CONFIG,
    topic: TopicOption = None,
    since: Annotated[str | None, typer.Option(help="posts from this time, e.g. 2026-11-01")] = None,
    granted: Annotated[
        bool, typer.Option("--granted", help="only those whose author allowed to quote them")
    ] = False,
    limit: Annotated[int, typer.Option(help="at most so many a topic", min=1)] = 50,
    take_down: Annotated[
        bool,
        typer.Option("--take-down", help="instead: the places whose published sentences are allowed no more"),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """List sentences of praise that can stand alone, each with its source and whether you may quote it."""
    from listener.commands import writing

    if take_down:
        writing.take_down(config, topic=topic, as_json=as_json)
    else:
        writing.testimonials(config, topic=topic, since=since, granted=granted, limit=limit, as_json=as_json)
