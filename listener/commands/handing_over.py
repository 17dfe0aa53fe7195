"""`kikimimi export-advocates`: hand consenting advocates over, and say of each how it ended."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table

from alerts import handover
from alerts.exports import Export, ExportConfig, Outcome, export_class
from alerts.exports.csv_file import CsvExportConfig
from alerts.exports.fields import key_of
from alerts.handover import Plan, Report
from alerts.words_handover import explain
from listener.clock import SystemClock
from listener.commands.errors import CommandError
from listener.commands.output import choose_topics, err, load_config, out, print_json
from listener.config import Config
from listener.http import Fetcher
from storage.consents import Contact, Scope
from storage.db import Store
from storage.transfers import Transfer, TransferState


@dataclass(frozen=True)
class Wish:
    """What the person at the keyboard wants handed over, and where."""

    name: str | None
    out: Path | None
    topic: str | None
    dry_run: bool
    again: bool


@dataclass(frozen=True)
class _Run:
    """One run: where to, who goes and who stays, whom to delete there, and how it ended."""

    name: str
    export: Export
    plan: Plan
    gone: Sequence[Transfer]
    report: Report | None


def export_advocates(path: Path, wish: Wish, *, as_json: bool) -> None:
    """Exit code 1 when somebody was not handed over who should have been."""
    config = load_config(path)
    if wish.name is None and wish.out is None:
        _list(config, as_json=as_json)
        return
    chosen = _chosen(config, wish)
    topics = _topics(config, chosen, wish)
    http = Fetcher(user_agent=config.user_agent, allow=config.network.allow)
    try:
        export = export_class(chosen.kind)(chosen, http=http, wait=time.sleep)
        with Store.open(config.database_url) as store:
            run = _run(store, chosen.name, export, topics, wish)
    finally:
        http.close()
    if as_json:
        print_json(_shape(run, config.language))
    else:
        _show(run, config.language)
    if run.report is not None and not run.report.complete:
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


def _topics(config: Config, chosen: ExportConfig, wish: Wish) -> set[str]:
    names = set(choose_topics(config, wish.topic))
    return names & set(chosen.topics) if chosen.topics else names


def _run(store: Store, name: str, export: Export, topics: set[str], wish: Wish) -> _Run:
    clock = SystemClock()

    def consenting() -> list[Contact]:
        return store.people.contacts(None, Scope.EXPORT, clock.now())

    def standing() -> set[str]:
        return {key_of(one.author) for one in consenting()}

    contacts, known = consenting(), store.handover.of_export(name)
    plan = handover.plan(export, [one for one in contacts if one.topic in topics], known, again=wish.again)
    gone = handover.gone(export, known, {key_of(one.author) for one in contacts})
    if wish.dry_run:
        return _Run(name, export, plan, gone, None)
    report = handover.hand_over(name, export, plan.rows, store.handover, standing=standing, clock=clock.now)
    return _Run(name, export, plan, gone, report)


# ------------------------------------------------------------------ what is printed


def _shape(run: _Run, lang: str) -> dict[str, Any]:
    numbers = {row.key: row.contact.advocate_id for row in run.plan.rows}
    if run.report is None:
        rows = [
            {"advocate": row.contact.advocate_id, "key": row.key, "content": run.export.preview(row)}
            for row in run.plan.rows
        ]
    else:
        rows = [_outcome(one, numbers, lang) for one in run.report.outcomes]
    left = [
        {"advocate": one.advocate_id, "key": one.key, "code": one.code, "reason": explain(one.code, lang)}
        for one in run.plan.left
    ]
    gone = [
        {"advocate": one.advocate_id, "key": one.key, "remote_id": one.remote_id, "sent_at": one.sent_at}
        for one in run.gone
    ]
    return {
        "export": run.name,
        "dry_run": run.report is None,
        "rows": rows,
        "left": left,
        "gone": gone,
        "stopped": run.report.stopped if run.report else "",
    }


def _outcome(one: Outcome, numbers: Mapping[str, int], lang: str) -> dict[str, Any]:
    return {
        "advocate": numbers[one.key],
        "key": one.key,
        "state": one.state.value,
        "code": one.code,
        "reason": explain(one.code, lang),
        "detail": one.detail,
        "remote_id": one.remote_id,
    }


def _show(run: _Run, lang: str) -> None:
    shape = _shape(run, lang)
    table = Table("advocate", "outcome", "why, and what to do", "what they said", show_lines=True)
    for one in shape["rows"]:
        if run.report is None:
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
    if run.report is not None:
        sent = sum(one.state is TransferState.SENT for one in run.report.outcomes)
        err.print(f"{run.name}: {sent} of {len(run.report.outcomes)} handed over", highlight=False)
        if run.report.stopped:
            err.print(f"[bold red]stopped:[/] {escape(run.report.stopped)}", highlight=False)
    elif not run.plan.rows:
        err.print("Nobody would go.")


def _list(config: Config, *, as_json: bool) -> None:
    with Store.open(config.database_url) as store:
        ledgers = {one.name: list(store.handover.of_export(one.name).values()) for one in config.exports}
    shapes = [
        {
            "export": one.name,
            "kind": one.kind,
            "sent": sum(row.sent_at is not None for row in ledgers[one.name]),
            "waiting": sum(row.state is not TransferState.SENT for row in ledgers[one.name]),
            "last_at": max((row.at for row in ledgers[one.name]), default=None),
        }
        for one in config.exports
    ]
    if as_json:
        print_json(shapes)
        return
    table = Table("export", "kind", "handed over", "not yet", "last time")
    for shape in shapes:
        at = shape["last_at"]
        table.add_row(
            escape(str(shape["export"])),
            str(shape["kind"]),
            str(shape["sent"]),
            str(shape["waiting"]),
            str(at or ""),
        )
    if shapes:
        out.print(table)
    else:
        err.print("config.yaml has no `exports:`; write a file with --out, or see docs/exports.md")
