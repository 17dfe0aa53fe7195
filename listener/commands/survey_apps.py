"""`kikimimi surveys` and `kikimimi referrals`: the arguments of their commands and help."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from listener.commands.options import DEFAULT_CONFIG, ConfigOption, JsonOption, TopicOption


class SurveyPreset(StrEnum):
    """Whose export a file of answers is."""

    GENERIC = "generic"
    DELIGHTED = "delighted"
    QUALTRICS = "qualtrics"


class ReferralPreset(StrEnum):
    """Whose export a file of referrals is."""

    GENERIC = "generic"
    REFERRALCANDY = "referralcandy"
    FRIENDBUY = "friendbuy"


class Kind(StrEnum):
    """The questions, as in `storage.responses`, which takes long to import."""

    NPS = "nps"
    CSAT = "csat"
    CES = "ces"


class Event(StrEnum):
    """What may happen, as in `storage.referrals`."""

    INVITED = "invited"
    CLICKED = "clicked"
    REFERRED = "referred"
    PURCHASED = "purchased"


class Step(StrEnum):
    MONTH = "month"
    QUARTER = "quarter"


surveys = typer.Typer(no_args_is_help=True)
referrals = typer.Typer(no_args_is_help=True)
FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="a CSV or JSONL file")]
TopicNeeded = Annotated[str, typer.Option("--topic", help="the topic that it is about")]
ColumnOption = Annotated[
    list[str] | None,
    typer.Option("--column", help="FIELD=COLUMN: where the file calls a field otherwise (repeatable)"),
]
SkipOption = Annotated[
    bool, typer.Option("--skip-bad", help="leave rows that cannot be taken out, instead of taking none")
]
DryOption = Annotated[bool, typer.Option("--dry-run", help="read and count, and store nothing")]
CurrencyOption = Annotated[str, typer.Option(help="of amounts that name none, as in JPY")]
SinceOption = Annotated[str | None, typer.Option(help="from this time, e.g. 2026-01-01 (default: two years)")]
StepOption = Annotated[Step, typer.Option("--step", help="over time by month or by quarter")]


def register(app: typer.Typer) -> None:
    """Add the commands to `kikimimi`."""
    app.add_typer(surveys, name="surveys", help="What customers answered: NPS, CSAT and CES.")
    app.add_typer(referrals, name="referrals", help="Who brought whom: referrals, conversion and revenue.")


@surveys.command("import")
def import_surveys(
    file: FileArgument,
    topic: TopicNeeded,
    config: ConfigOption = DEFAULT_CONFIG,
    preset: Annotated[SurveyPreset, typer.Option(help="whose export it is")] = SurveyPreset.GENERIC,
    kind: Annotated[
        Kind | None, typer.Option(help="what was asked (default: what a row says, or nps)")
    ] = None,
    question: Annotated[str, typer.Option(help="the column, or the question, that holds the score")] = "",
    scale: Annotated[str, typer.Option(help="lowest and highest score, as in 1-5 (csat, ces)")] = "",
    column: ColumnOption = None,
    segment: Annotated[
        list[str] | None, typer.Option("--segment", help="a column to split the figures by (repeatable)")
    ] = None,
    skip_bad: SkipOption = False,
    dry_run: DryOption = False,
    as_json: JsonOption = False,
) -> None:
    """Store the answers of a survey; the same file twice stores them once. Addresses are kept as digests only."""
    from listener.commands import importing

    wish = importing.SurveyWish(
        preset.value, kind.value if kind else "", question, scale, tuple(segment or ())
    )
    rest = importing.Rest(topic, tuple(column or ()), skip_bad, dry_run, as_json)
    importing.surveys(config, file, wish, rest)


@surveys.command("show")
def show_surveys(
    config: ConfigOption = DEFAULT_CONFIG,
    topic: TopicOption = None,
    since: SinceOption = None,
    until: Annotated[str | None, typer.Option(help="up to this time (default: now)")] = None,
    step: StepOption = Step.MONTH,
    as_json: JsonOption = False,
) -> None:
    """Show NPS, CSAT and CES with their intervals, over time and by segment, beside the implied NPS."""
    from listener.commands import answers

    answers.surveys(config, answers.Ask(topic, since, until, step.value), as_json=as_json)


@referrals.command("import")
def import_referrals(
    file: FileArgument,
    topic: TopicNeeded,
    config: ConfigOption = DEFAULT_CONFIG,
    preset: Annotated[ReferralPreset, typer.Option(help="whose export it is")] = ReferralPreset.GENERIC,
    event: Annotated[
        Event | None, typer.Option(help="what happened in rows that do not say (default: purchased)")
    ] = None,
    currency: CurrencyOption = "",
    column: ColumnOption = None,
    skip_bad: SkipOption = False,
    dry_run: DryOption = False,
    as_json: JsonOption = False,
) -> None:
    """Store referrals from a file; the same file twice stores them once. Addresses are kept as digests only."""
    from listener.commands import importing

    wish = importing.ReferralWish(preset.value, event.value if event else "", currency)
    rest = importing.Rest(topic, tuple(column or ()), skip_bad, dry_run, as_json)
    importing.referrals(config, file, wish, rest)


@referrals.command("pull")
def pull_referrals(
    name: Annotated[str, typer.Argument(help="an export of config.yaml of the kind friendbuy")],
    config: ConfigOption = DEFAULT_CONFIG,
    topic: Annotated[
        str | None, typer.Option("--topic", help="the topic (default: the export's, or the only one)")
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="from this time (default: where the last pull ended, or 90 days)")
    ] = None,
    currency: CurrencyOption = "",
    column: ColumnOption = None,
    skip_bad: SkipOption = False,
    dry_run: DryOption = False,
    as_json: JsonOption = False,
) -> None:
    """Read shares, clicks, sign-ups and purchases from Friendbuy, with the export's credentials."""
    from listener.commands import importing

    rest = importing.Rest(topic or "", tuple(column or ()), skip_bad, dry_run, as_json)
    importing.pull(config, name, since=since, currency=currency, rest=rest)


@referrals.command("show")
def show_referrals(
    config: ConfigOption = DEFAULT_CONFIG,
    topic: TopicOption = None,
    since: SinceOption = None,
    until: Annotated[str | None, typer.Option(help="up to this time (default: now)")] = None,
    step: StepOption = Step.MONTH,
    customers: Annotated[
        int | None, typer.Option(help="how many customers you have, for the referral rate", min=1)
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show who brought whom: referral rate, conversion, and revenue per referred customer by currency."""
    from listener.commands import answers

    ask = answers.Ask(topic, since, until, step.value, customers)
    answers.referrals(config, ask, as_json=as_json)
