"""`kikimimi`: the commands. Machine-readable output on stdout, everything else on stderr.

Exit codes: 0 ok, 1 failure, 2 usage. Every command imports what it needs when it runs, so `--help` is quick.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.logging import RichHandler

from listener.clock import SystemClock
from listener.commands import (
    alert_apps,
    handing_apps,
    incident_apps,
    privacy_app,
    programme_apps,
    prospect_apps,
    segment_apps,
    survey_apps,
)
from listener.commands.options import DEFAULT_CONFIG, ConfigOption, JsonOption, TopicOption
from listener.commands.segment_apps import SegmentOption
from storage.types import DisclosureKind, Emotion, Label, SignalKind
from storage.verdicts import CorrectionKind, Labels

app = typer.Typer(
    name="kikimimi",
    help="Kikimimi 聞き耳: listens to what is said about your brand, scores it, and tells you in time.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
err = Console(stderr=True)


@app.callback()
def _logging(
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="log every step")] = False,
) -> None:
    handler = RichHandler(console=err, show_path=False, markup=False, log_time_format="%H:%M:%S")
    logging.basicConfig(level=logging.WARNING, format="%(message)s", handlers=[handler], force=True)
    logging.getLogger("kikimimi").setLevel(logging.DEBUG if verbose else logging.INFO)


@app.command()
def run(
    config: ConfigOption = DEFAULT_CONFIG,
    port: Annotated[int | None, typer.Option(help="serve the page on this port")] = None,
) -> None:
    """Start the service: collect, score, watch, alert, and serve the page. Ctrl-C stops it."""
    from listener.commands import serve

    serve.run(config, port=port)


@app.command()
def demo(
    speed: Annotated[float, typer.Option(help="story seconds in one real second", min=1, max=3600)] = 180,
    port: Annotated[int, typer.Option(help="serve the page on this port")] = 8484,
    seconds: Annotated[float | None, typer.Option(help="stop by itself after so many seconds")] = None,
    folder: Annotated[Path, typer.Option(help="where the demo keeps its data; emptied first")] = Path(
        "var/demo"
    ),
) -> None:
    """Watch an invented café chain's crisis break, in about two minutes. Nothing leaves this machine."""
    from listener.commands import serve

    serve.demo(speed=speed, port=port, seconds=seconds, folder=folder)


@app.command()
def init(
    config: ConfigOption = DEFAULT_CONFIG,
    brand: Annotated[str | None, typer.Option(help="the brand to watch; asked for when left out")] = None,
    alias: Annotated[list[str] | None, typer.Option(help="another way to write it (repeatable)")] = None,
    competitor: Annotated[list[str] | None, typer.Option(help="a competitor's name (repeatable)")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="ask nothing: take the suggestions")] = False,
) -> None:
    """Make config.yaml your own: brand, competitors, sources that need no key, Slack or mail."""
    from listener.commands import setup

    setup.init(config, brand=brand, aliases=alias or [], competitors=competitor or [], yes=yes)


@app.command()
def check(config: ConfigOption = DEFAULT_CONFIG, as_json: JsonOption = False) -> None:
    """Validate config.yaml, then try every source and channel once."""
    from listener.commands import setup

    setup.check(config, as_json=as_json)


@app.command()
def schema() -> None:
    """Print the JSON Schema of config.yaml, for your editor."""
    from listener.commands import setup

    setup.schema()


@app.command()
def collect(
    source: Annotated[str, typer.Argument(help="the source's name in config.yaml")],
    config: ConfigOption = DEFAULT_CONFIG,
    once: Annotated[
        bool, typer.Option("--once", help="collect once and end (else: again at its interval)")
    ] = False,
    notify: Annotated[bool, typer.Option("--notify", help="also send the alerts that follow")] = False,
) -> None:
    """Collect one source now; prints one JSON line a try."""
    from listener.commands import records

    records.collect(config, source, once=once, notify=notify)


@app.command()
def score(
    texts: Annotated[list[str] | None, typer.Argument(help="texts to score; a table is printed")] = None,
    file: Annotated[Path | None, typer.Option("--file", help='JSONL with {"text", "target"?} lines')] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="where the scored lines go (default: stdout)")
    ] = None,
    target: Annotated[str | None, typer.Option("--target", help="judge what is said about this name")] = None,
    model: Annotated[
        str, typer.Option("--model", help='"bundled", "lexicon", or a hub id or path')
    ] = "bundled",
) -> None:
    """Score texts with the model: sentiment, emotion, signals, disclosure, sarcasm."""
    from listener.commands import scoring

    if bool(texts) == bool(file):
        raise typer.BadParameter("give either texts as arguments or --file IN.jsonl")
    if file:
        scoring.score_file(file, out, target=target, model=model)
    else:
        scoring.score_texts(texts or [], target=target, model=model)


@app.command()
def explain(
    text: Annotated[str, typer.Argument(help="the text to explain")],
    target: Annotated[str | None, typer.Option("--target", help="judge what is said about this name")] = None,
    model: Annotated[
        str, typer.Option("--model", help='"bundled", "lexicon", or a hub id or path')
    ] = "bundled",
    as_json: JsonOption = False,
) -> None:
    """Show which words of a text moved its score, and by how much."""
    from listener.commands import explaining

    explaining.explain_text(text, target=target, model=model, as_json=as_json)


@app.command()
def train(
    out: Annotated[Path, typer.Option("--out", help="folder for the checkpoint and the finished model/")],
    start: Annotated[
        Path | None,
        typer.Option(
            "--start", help="go on from this model's or base encoder's folder (default: the bundled)"
        ),
    ] = None,
    data: Annotated[
        Path | None, typer.Option("--data", help="folder with text/, the public corpora to mix in")
    ] = None,
    with_corrections: Annotated[
        bool, typer.Option("--with-corrections", help="also learn from the corrections that people made here")
    ] = False,
    config: ConfigOption = DEFAULT_CONFIG,
    layers: Annotated[
        int | None, typer.Option(help="keep so many of the encoder's layers: smaller is faster", min=1)
    ] = None,
    teacher: Annotated[
        list[Path] | None, typer.Option("--teacher", help="learn from this model's answers (repeatable)")
    ] = None,
    epochs: Annotated[int, typer.Option(help="passes over the lines", min=1)] = 2,
    rounded: Annotated[
        int, typer.Option(help="of these, last ones that train with int8's rounding", min=0)
    ] = 1,
    rate: Annotated[float, typer.Option(help="highest learning rate")] = 3e-5,
    average: Annotated[
        float, typer.Option(help="part of the weights before the last epoch in the result", min=0, max=0.9)
    ] = 0.0,
    mix: Annotated[float, typer.Option(help="share of the public corpora's usual lines", min=0)] = 1.0,
    seed: Annotated[int, typer.Option(help="order of the lines")] = 0,
    limit: Annotated[int | None, typer.Option(help="lines an epoch, to try it out", min=1)] = None,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda")] = "auto",
    name: Annotated[str, typer.Option(help="the model's name, kept with every judgement")] = "kikimimi-own-1",
) -> None:
    """Train the model further, on your corrections or on your data. A stopped run goes on where it was."""
    from listener.commands import training

    plan = training.Plan(epochs, rounded, rate, mix, seed, limit, device, average)
    training.train(
        plan,
        config if with_corrections else None,
        out=out,
        start=start,
        data=data,
        layers=layers,
        teachers=teacher or [],
        name=name,
    )


@app.command()
def query(
    expression: Annotated[str, typer.Argument(help="a query as in config.yaml; see docs/query-language.md")],
    config: ConfigOption = DEFAULT_CONFIG,
    text: Annotated[
        list[str] | None, typer.Option("--text", help="try it on this text instead (repeatable)")
    ] = None,
    limit: Annotated[int, typer.Option(help="show at most so many mentions", min=1)] = 20,
    as_json: JsonOption = False,
) -> None:
    """Try a query on what is stored, or on a text, and see why it matches."""
    from listener.commands import records

    records.query(config, expression, texts=text or [], limit=limit, as_json=as_json)


@app.command()
def export(
    what: Annotated[str, typer.Argument(help="mentions, advocates, incidents or history")],
    config: ConfigOption = DEFAULT_CONFIG,
    out: Annotated[Path | None, typer.Option("--out", help="file to write (default: stdout)")] = None,
    form: Annotated[str, typer.Option("--format", help="csv or jsonl")] = "csv",
    topic: TopicOption = None,
    since: Annotated[
        str | None, typer.Option(help="from this time, e.g. 2026-11-01 or 2026-11-01T09:00")
    ] = None,
    until: Annotated[str | None, typer.Option(help="up to this time")] = None,
) -> None:
    """Write mentions, advocates, incidents or the hourly history to a file.

    `advocates` is the internal ranking: it lists candidates who were never asked. Hand people over with `kikimimi
    export-advocates`, which takes only who consented.
    """
    from listener.commands import exporting

    exporting.export(config, what, out=out, form=form, topic=topic, since=since, until=until)


@app.command()
def incidents(
    config: ConfigOption = DEFAULT_CONFIG, topic: TopicOption = None, as_json: JsonOption = False
) -> None:
    """List incidents, newest first, with their reasons."""
    from listener.commands import records

    records.incidents(config, topic=topic, as_json=as_json)


@app.command()
def advocates(
    config: ConfigOption = DEFAULT_CONFIG,
    topic: TopicOption = None,
    at: Annotated[str | None, typer.Option(help="as things stood at this time, e.g. 2026-11-01")] = None,
    limit: Annotated[
        int | None, typer.Option(help="at most so many a topic (default: 100; with --json all)", min=1)
    ] = None,
    nps: Annotated[bool, typer.Option("--nps", help="with --json: the implied NPS, not the ranking")] = False,
    segment: SegmentOption = None,
    as_json: JsonOption = False,
) -> None:
    """Rank the organic advocates of your own topics, with every contribution to the score."""
    from listener.commands import records

    records.advocates(config, topic=topic, at=at, segment=segment, limit=limit, nps=nps, as_json=as_json)


@app.command()
def backtest(
    config: ConfigOption = DEFAULT_CONFIG,
    topic: TopicOption = None,
    since: Annotated[str | None, typer.Option(help="watch from here; earlier posts are learned from")] = None,
    until: Annotated[str | None, typer.Option(help="watch up to here (default: now)")] = None,
    every: Annotated[float, typer.Option(help="minutes between two looks", min=1, max=60)] = 5,
    budgets: Annotated[str, typer.Option(help="false alerts a month to try, as in 0.25,0.5,1")] = "",
    posts: Annotated[
        Path | None, typer.Option(help="a CSV or JSONL of posts, instead of what is stored")
    ] = None,
    truth: Annotated[Path | None, typer.Option(help="a CSV of real crises: start,end,name")] = None,
    picture: Annotated[Path | None, typer.Option(help="write a page with the picture (HTML)")] = None,
    as_json: JsonOption = False,
) -> None:
    """Watch the past again: what would have been alerted when, and what another budget would give."""
    from listener.commands import backtesting

    backtesting.backtest(
        config,
        topic=topic,
        since=since,
        until=until,
        every=every,
        budgets=budgets,
        posts=posts,
        truth=truth,
        picture=picture,
        as_json=as_json,
    )


@app.command()
def review(
    config: ConfigOption = DEFAULT_CONFIG, topic: TopicOption = None, as_json: JsonOption = False
) -> None:
    """List the mentions that wait for a person, because the model is unsure of them."""
    from listener.commands import reviewing

    reviewing.show(config, topic=topic, as_json=as_json)


@app.command()
def correct(
    mention: Annotated[int, typer.Argument(help="the mention's number, as `kikimimi review` lists it")],
    config: ConfigOption = DEFAULT_CONFIG,
    sentiment: Annotated[Label | None, typer.Option(help="what it says of the brand")] = None,
    signal: Annotated[
        list[SignalKind] | None, typer.Option("--signal", help="every signal that it has (repeatable)")
    ] = None,
    no_signals: Annotated[bool, typer.Option("--no-signals", help="it has none")] = False,
    emotion: Annotated[Emotion | None, typer.Option(help="what its author feels")] = None,
    disclosure: Annotated[DisclosureKind | None, typer.Option(help="paid for or not")] = None,
    sarcasm: Annotated[
        bool | None, typer.Option("--sarcasm/--no-sarcasm", help="it means the opposite")
    ] = None,
    confirm: Annotated[bool, typer.Option("--confirm", help="all of the judgement is right")] = False,
    irrelevant: Annotated[
        bool, typer.Option("--irrelevant", help="it is not about the brand: count it nowhere")
    ] = False,
    undo: Annotated[bool, typer.Option("--undo", help="take the last correction back")] = False,
    by: Annotated[str, typer.Option("--by", help="who says so (default: your user name)")] = "",
    note: Annotated[str, typer.Option(help="why, for your colleagues")] = "",
    as_json: JsonOption = False,
) -> None:
    """Put a mention right, confirm it, or set it aside. What you leave out stays as it was judged."""
    from listener.commands import reviewing

    signals = () if no_signals else tuple(signal) if signal else None
    labels = Labels(sentiment, emotion, signals, disclosure, sarcasm)
    asked = {"correct": bool(labels), "confirm": confirm, "irrelevant": irrelevant, "undo": undo}
    if sum(asked.values()) != 1 or (signal and no_signals):
        raise typer.BadParameter(
            "say one thing: what is right (--sentiment …), --confirm, --irrelevant or --undo"
        )
    kind = CorrectionKind(next(name for name, wanted in asked.items() if wanted))
    word = reviewing.Word(kind, labels, by.strip(), note.strip())
    reviewing.correct(config, mention, word, as_json=as_json)


corrections = typer.Typer(no_args_is_help=True)
app.add_typer(corrections, name="corrections", help="What people put right, to train a model with.")


@corrections.command("export")
def export_corrections(
    file: Annotated[Path, typer.Argument(help="the JSONL file to write; - for stdout")],
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Write every corrected or confirmed mention as a line to train with."""
    from listener.commands import reviewing

    reviewing.export(config, None if str(file) == "-" else file)


alert_apps.register(app)
privacy_app.register(app)
incident_apps.register(app)
handing_apps.register(app)
prospect_apps.register(app)
programme_apps.register(app)
survey_apps.register(app)
segment_apps.register(app)


def main() -> None:
    """Entry point. A user's mistake ends with one clear message, never with a stack trace."""
    from listener.commands.errors import explained

    with explained(err):
        app(standalone_mode=True)
    sys.exit(0)


__all__ = ["SystemClock", "app", "main"]
