"""`kikimimi programme report`: the month of the programme on paper."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from alerts.advocacy.impact import Month, latest_months, month
from alerts.advocacy.programme_report import write
from listener import impact
from listener.clock import SystemClock
from listener.commands.errors import CommandError
from listener.commands.output import load_config, write_out
from listener.config import Config
from listener.web import programme_reports, reports
from listener.web.language import TABLES
from listener.web.pdf import PdfError
from storage.db import Store
from storage.types import Topic


@dataclass(frozen=True)
class Wish:
    """What `kikimimi programme report` was asked for."""

    topic: str | None
    month: str | None
    form: str
    lang: str | None
    out: Path | None


def report(path: Path, wish: Wish) -> None:
    """Write the report; nothing is kept, and a file appears only when it is whole."""
    if wish.form not in reports.FORMATS:
        raise CommandError(f"--format: '{wish.form}' is unknown; choose {', '.join(reports.FORMATS)}")
    if wish.lang is not None and wish.lang not in TABLES:
        raise CommandError(f"--lang: '{wish.lang}' is unknown; choose ja or en")
    if wish.form == "pdf" and wish.out is None:
        raise CommandError("--format pdf: name the file with --out FILE.pdf")
    config, now = load_config(path), SystemClock().now()
    topic = _topic(config, wish.topic)
    asked = _month(topic, wish.month)
    with Store.open(config.database_url) as store:
        seen = impact.open_programme(store, config, topic, asked, now)
    made = write(seen, lang=wish.lang or config.language, base=config.web.public_url)
    try:
        content = programme_reports.file(made, wish.form)
    except PdfError as problem:
        raise CommandError(str(problem)) from problem
    write_out(content, wish.out)


def _topic(config: Config, name: str | None) -> Topic:
    """The one named, or the only one of our own."""
    names = [one.name for one in config.topics]
    if name is None:
        own = [one for one in config.topics if one.own]
        if len(own) != 1:
            raise CommandError(f"--topic: name the topic; config.yaml has {', '.join(names)}")
        return own[0].topic()
    found = next((one for one in config.topics if one.name == name), None)
    if found is None:
        raise CommandError(f"--topic: no topic is called '{name}'; config.yaml has {', '.join(names)}")
    return found.topic()


def _month(topic: Topic, name: str | None) -> Month:
    now = SystemClock().now()
    try:
        return month(name or latest_months(topic.timezone, now, 2)[1], topic.timezone, now)
    except ValueError as problem:
        raise CommandError(
            f"--month: '{name}' is not a month that has begun; write it as 2026-10"
        ) from problem
