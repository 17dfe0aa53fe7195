"""`kikimimi export-advocates`: hand consenting advocates over, and say of each how it ended."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from alerts.exports import ExportConfig, ExportError
from alerts.exports.csv_file import CsvExportConfig
from alerts.words_handover import explain
from listener import handing
from listener.clock import SystemClock
from listener.commands.errors import CommandError
from listener.commands.output import choose_topics, err, load_config, out, print_json
from listener.commands.segmenting import member_ids
from listener.config import Config
from listener.handing import Run
from storage.db import Store
from storage.transfers import TransferState


@dataclass(frozen=True)
class Wish:
    """What the person at the keyboard wants handed over, and where."""

    name: str | None
    out: Path | None
    topic: str | None
    dry_run: bool
    again: bool
    segment: str | None = None


def export_advocates(path: Path, wish: Wish, *, as_json: bool) -> None:
    """Exit code 1 when somebody was not handed over who should have been."""
    config = load_config(path)
    if wish.name is None and wish.out is None:
        _list(config, as_json=as_json)
        return
    chosen = _chosen(config, wish)
    try:
        with Store.open(config.database_url) as store:
            done = _run(store, config, chosen, wish)
    except ExportError as problem:
        raise CommandError(problem.message) from problem
    if as_json:
        print_json(handing.shape(done, config.language))
    else:
        _show(done, config.language)
    if done.report is not None and not done.report.complete:
        sys.exit(1)


def _chosen(config: Config, wish: Wish) -> ExportConfig:
    if wish.out is not None:
        if wish.name is not None:
            raise CommandError("--out writes a file of its own: leave the export's name out")
        return CsvExportConfig(name="(--out)", kind="csv", path=wish.out)
    known = {one.name: one for one in config.exports}
    if wish.name not in known:
        have = f"config.yaml has: {', '.join(known)}" if known else "add it under `exports:` in config.yaml"
        raise CommandError(f"there is no export called '{wish.name}'; {have}")
    return known[wish.name]


def _run(store: Store, config: Config, chosen: ExportConfig, wish: Wish) -> Run:
    """A segment only narrows: a consent is still asked of each of its people."""
    clock = SystemClock()
    inside = None if wish.segment is None else member_ids(store, config, wish.segment, clock.now())
    topics = handing.topics_of(config, chosen) & set(choose_topics(config, wish.topic))
    wanted = handing.Wish(topics, None if inside is None else frozenset(inside), wish.again)
    if wish.dry_run:
        return handing.dry_run(store, config, chosen, wanted, clock)
    return handing.run(store, config, chosen, wanted, clock)


# ------------------------------------------------------------------ what is printed


def _show(done: Run, lang: str) -> None:
    shape = handing.shape(done, lang)
    table = Table("advocate", "outcome", "why, and what to do", "what they said", show_lines=True)
    for one in shape["rows"]:
        if done.report is None:
            content = ", ".join(f"{name}={cell}" for name, cell in one["content"].items())
            table.add_row(str(one["advocate"]), "would go", escape(content), "")
        else:
            told = (one["state"], one["reason"], one["detail"])
            table.add_row(str(one["advocate"]), *map(escape, told))
    for one in shape["left"]:
        table.add_row(str(one["advocate"]), "stays", escape(one["reason"]), "")
    for one in shape["gone"]:
        table.add_row(
            str(one["advocate"]), "delete there", escape(explain("gone", lang)), escape(one["remote_id"])
        )
    if table.row_count:
        out.print(table)
    if done.report is not None:
        sent = sum(one.state is TransferState.SENT for one in done.report.outcomes)
        err.print(f"{done.name}: {sent} of {len(done.report.outcomes)} handed over", highlight=False)
        if done.report.stopped:
            err.print(f"[bold red]stopped:[/] {escape(done.report.stopped)}", highlight=False)
    elif not done.plan.rows:
        err.print("Nobody would go.")


def _list(config: Config, *, as_json: bool) -> None:
    with Store.open(config.database_url) as store:
        standings = handing.standings(store, config)
    if as_json:
        print_json(
            [
                {
                    "export": one.name,
                    "kind": one.kind,
                    "sent": one.sent,
                    "waiting": one.waiting,
                    "last_at": one.last_at,
                }
                for one in standings
            ]
        )
        return
    table = Table("export", "kind", "handed over", "not yet", "last time")
    for one in standings:
        table.add_row(escape(one.name), one.kind, str(one.sent), str(one.waiting), str(one.last_at or ""))
    if standings:
        out.print(table)
    else:
        err.print("config.yaml has no `exports:`; write a file with --out, or see docs/exports.md")
