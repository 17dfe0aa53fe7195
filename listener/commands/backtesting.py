"""`kikimimi backtest`: what would have been told when, on the past that is stored or in a file."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from rich.progress import track
from rich.table import Table

from alerts.backtest import Crisis, Trial, first_negative, trial
from alerts.replay import Past
from listener.clock import SystemClock
from listener.collectors.file import FileConfig
from listener.commands.backtest_page import page
from listener.commands.errors import CommandError
from listener.commands.output import err, load_config, out, parse_time, print_json
from listener.commands.whole import whole
from listener.config import Config, StorageConfig
from listener.service import opened
from listener.topic_memory import with_causes
from storage.db import Store
from storage.types import Incident, Outcome, Severity, Topic

BUDGETS = (0.1, 0.25, 0.5, 1.0, 2.0)
LEARN_DAYS = 14.0
LEARN_SHARE = 0.25  # of a short past, so much is learned from and the rest watched


def backtest(
    path: Path,
    *,
    topic: str | None,
    since: str | None,
    until: str | None,
    every: float,
    budgets: str,
    posts: Path | None,
    truth: Path | None,
    picture: Path | None,
    as_json: bool,
) -> None:
    """Watch the past once for each budget, and show what would have been opened."""
    config = load_config(path)
    watched = _topic(config, topic)
    start = parse_time(since, timezone=watched.timezone, option="--since")
    end = parse_time(until, timezone=watched.timezone, option="--until")
    crises = _crises(truth, watched.timezone) if truth else None
    wanted = _budgets(budgets, config)
    with _stored(config, posts) as store:
        past = _past(store, watched, config, start, end)
    begin, finish = _stretch(past, start)
    trials = [
        trial(
            past,
            config.thresholds.crisis.model_copy(update={"false_alerts_per_month": budget}),
            begin,
            finish,
            every=timedelta(minutes=every),
            crises=crises,
        )
        for budget in track(wanted, "watching the past …", console=err, transient=True)
    ]
    current = config.thresholds.crisis.false_alerts_per_month
    if picture:
        with whole(picture, place="--picture") as handle:
            handle.write(page(watched, past, trials, current=current, lang=config.language))
    if as_json:
        print_json(_as_json(watched, past, trials, current))
        return
    _show(watched, past, trials, current)
    if picture:
        err.print(f"the picture is in {picture}")


# ------------------------------------------------------------------ what was asked for


def _topic(config: Config, name: str | None) -> Topic:
    own = [one.topic() for one in config.topics if one.own]
    if name is None and len(own) == 1:
        return own[0]
    for one in own:
        if one.name == name:
            return one
    known = ", ".join(one.name for one in own) or "none"
    asked = "say which topic" if name is None else f"no topic of your own is called '{name}'"
    raise CommandError(f"--topic: {asked}; config.yaml has {known}")


def _budgets(text: str, config: Config) -> list[float]:
    """The budgets asked for and the one that is set, in order."""
    try:
        asked = {float(part) for part in text.split(",") if part.strip()} if text else set(BUDGETS)
    except ValueError as problem:
        raise CommandError(f"--budgets: '{text}': write numbers, as in 0.25,0.5,1") from problem
    if any(not 0 < budget <= 30 for budget in asked):
        raise CommandError("--budgets: a budget is more than 0 and at most 30 false alerts a month")
    return sorted(asked | {config.thresholds.crisis.false_alerts_per_month})


def _crises(path: Path, timezone: str) -> list[Crisis]:
    """The rows of a CSV with the columns start, end and, if you like, name."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            rows = list(csv.DictReader(handle))
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise CommandError(
            f"--truth: {path} cannot be read; give a CSV in UTF-8 with the columns start,end,name"
        ) from problem
    found = []
    for number, row in enumerate(rows, start=2):
        place = f"--truth: {path}, line {number}"
        start = parse_time(row.get("start") or "", timezone=timezone, option=f"{place}, start")
        end = parse_time(row.get("end") or "", timezone=timezone, option=f"{place}, end")
        assert start is not None
        assert end is not None
        if end < start:
            raise CommandError(f"{place}: the end is before the start; exchange them")
        found.append(Crisis(start, end, (row.get("name") or "").strip()))
    return found


@contextmanager
def _stored(config: Config, posts: Path | None) -> Iterator[Store]:
    """The store to read from: the installation's own, or a passing one with the posts of a file, scored."""
    if posts is None:
        with Store.open(config.database_url) as store:
            yield store
        return
    if not posts.is_file():
        raise CommandError(f"--posts: there is no file {posts}; give a CSV or JSONL (docs/file-format.md)")
    with tempfile.TemporaryDirectory(prefix="kikimimi-backtest-") as folder:
        source = FileConfig(name=posts.name, path=posts.absolute(), timezone=config.timezone)
        keep = StorageConfig(path=Path(folder) / "past.db", retention_days=36_500)
        alone = config.model_copy(
            update={"storage": keep, "sources": (source,), "channels": (), "routes": ()}
        )
        with opened(alone, SystemClock()) as service:
            err.print(f"reading and scoring {posts} …")
            fetch = service.attempts.run(source)
            if fetch.outcome is Outcome.FAILED:
                raise CommandError(f"--posts: {fetch.error}")
            err.print(f"{fetch.posts} posts read, {fetch.mentions} are about your topics")
            yield service.store


def _past(store: Store, topic: Topic, config: Config, start: datetime | None, end: datetime | None) -> Past:
    """Everything known up to `end`; what lies before `start` is learned from."""
    until = end or SystemClock().now()
    keep = timedelta(days=config.thresholds.crisis.baseline_days)
    since = (start - keep) if start else datetime.fromtimestamp(0, until.tzinfo)
    seen = store.observations(topic.name, since, until)
    if not seen:
        raise CommandError(
            f"nothing is stored about {topic.name} in that time; collect first, or give --posts FILE"
        )
    gaps = store.history(topic, until).gaps
    return Past(topic, with_causes(topic, seen), config.thresholds.crisis.story_limit, gaps=gaps)


def _stretch(past: Past, start: datetime | None) -> tuple[datetime, datetime]:
    """From when to when to watch: the first two weeks, or a quarter of a short past, are learned from."""
    end = past.until + timedelta(hours=1)
    if start is not None:
        return max(start, past.since), end
    learn = min(timedelta(days=LEARN_DAYS), (end - past.since) * LEARN_SHARE)
    return past.since + learn, end


# ------------------------------------------------------------------ what is shown


def _show(topic: Topic, past: Past, trials: Sequence[Trial], current: float) -> None:
    first = trials[0]
    err.print(
        f"{topic.name}: {len(past.seen):,} mentions since {past.since:%Y-%m-%d}; watched from "
        f"{first.start:%Y-%m-%d} to {first.end:%Y-%m-%d}, {first.months:.1f} months"
    )
    judged = first.found is not None
    table = Table(
        "false alerts a month allowed", "incidents", "a month", *(level.value for level in Severity)
    )
    for name in ("found", "median delay", "false a month") if judged else ():
        table.add_column(name)
    for one in trials:
        mark = " (set)" if one.false_alerts_per_month == current else ""
        levels = [str(sum(x.severity is level for x in one.incidents)) for level in Severity]
        row = [
            f"{one.false_alerts_per_month:g}{mark}",
            str(len(one.incidents)),
            f"{one.per_month:.2f}",
            *levels,
        ]
        table.add_row(*row, *(_judged(one) if judged else ()))
    out.print(table)
    _list(next(one for one in trials if one.false_alerts_per_month == current))


def _judged(one: Trial) -> list[str]:
    hits = sum(found.incident is not None for found in one.found or ())
    delay = "–" if one.median_delay_min is None else f"{one.median_delay_min:.0f} min"
    return [f"{hits} of {len(one.found or ())}", delay, f"{one.false_per_month or 0:.2f}"]


def _list(one: Trial) -> None:
    """The incidents that the present setting would have opened."""
    table = Table(
        "opened (UTC)", "severity", "people", "usual", "after the first", "", title="as it is set now"
    )
    false = one.false or ()
    for incident in one.incidents:
        shown = _incident(incident)
        table.add_row(
            f"{incident.opened_at:%Y-%m-%d %H:%M}",
            incident.severity.value,
            str(shown["people"]),
            str(shown["expected"]),
            f"{shown['minutes_after_first']:.0f} min",
            "false" if incident in false else "",
        )
    for found in one.found or ():
        if found.incident is None:
            table.add_row(f"{found.crisis.start:%Y-%m-%d %H:%M}", "missed", "", "", "", found.crisis.name)
    out.print(table)


def _incident(incident: Incident) -> dict[str, Any]:
    values = incident.reasons[0].values if incident.reasons else {}
    first = first_negative(incident)
    return {
        "key": incident.key,
        "kind": incident.kind,
        "severity": incident.severity,
        "opened_at": incident.opened_at,
        "resolved_at": incident.resolved_at,
        "first_negative_at": first,
        "minutes_after_first": round((incident.opened_at - first) / timedelta(minutes=1), 1),
        "people": values.get("peak") or values.get("authors") or values.get("count"),
        "expected": values.get("expected"),
        "window_min": values.get("window_min"),
        "evidence": incident.evidence,
    }


def _as_json(topic: Topic, past: Past, trials: Sequence[Trial], current: float) -> dict[str, Any]:
    return {
        "topic": topic.name,
        "mentions": len(past.seen),
        "since": past.since,
        "watched_from": trials[0].start,
        "watched_to": trials[0].end,
        "months": round(trials[0].months, 3),
        "false_alerts_per_month": current,
        "trials": [_trial(one) for one in trials],
    }


def _trial(one: Trial) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "false_alerts_per_month": one.false_alerts_per_month,
        "incidents_per_month": round(one.per_month, 3),
        "incidents": [_incident(incident) for incident in one.incidents],
    }
    if one.found is not None:
        shown |= {
            "recall": one.recall,
            "median_delay_min": one.median_delay_min,
            "observed_false_per_month": one.false_per_month,
            "missed": [found.crisis for found in one.found if found.incident is None],
            "false": [incident.key for incident in one.false or ()],
        }
    return shown
