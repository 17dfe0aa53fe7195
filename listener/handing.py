"""Handing advocates over with what the store knows: a dry run, a run with its record, and how each export stands.

The command and the page both come through here: nobody is handed over on another way.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from alerts import handover
from alerts.exports import Export, ExportConfig, ExportError, Outcome, export_class
from alerts.exports.fields import key_of
from alerts.handover import Plan, Report
from alerts.words_handover import explain
from listener.clock import Clock
from listener.config import Config
from listener.http import Fetcher
from storage.consents import Contact, Scope
from storage.db import Store
from storage.transfers import Transfer, TransferState
from storage.types import Advocate

RECORD = "handover.run:"


@dataclass(frozen=True, slots=True)
class Wish:
    """Who is wanted: advocates of these topics, only these numbers (None: everybody), and how stubbornly.

    `again`: also what has not changed or may have arrived. `unsent`: only who was tried and is not there.
    """

    topics: frozenset[str]
    inside: frozenset[int] | None = None
    again: bool = False
    unsent: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """One run: where to, who goes and who stays, whom to delete there, and how it ended (None: a dry run)."""

    name: str
    export: Export
    plan: Plan
    gone: Sequence[Transfer]
    report: Report | None


@dataclass(frozen=True, slots=True)
class Record:
    """What is remembered of an export's last run; `ended_at` None: it runs, or its process is gone."""

    by: str
    started_at: datetime
    ended_at: datetime | None = None
    total: int = 0
    sent: int = 0
    stopped: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """How one configured export stands."""

    name: str
    kind: str
    transfers: tuple[Transfer, ...]
    last: Record | None

    @property
    def sent(self) -> int:
        return sum(row.sent_at is not None for row in self.transfers)

    @property
    def waiting(self) -> int:
        return sum(row.state is not TransferState.SENT for row in self.transfers)

    @property
    def last_at(self) -> datetime | None:
        return max((row.at for row in self.transfers), default=None)


def dry_run(store: Store, config: Config, chosen: ExportConfig, wish: Wish, clock: Clock) -> Run:
    """Who would go right now, and why the others would not. Nothing is sent and nothing written."""
    with _opened(config, chosen) as export:
        return _planned(store, chosen.name, export, wish, clock)[0]


def run(store: Store, config: Config, chosen: ExportConfig, wish: Wish, clock: Clock, *, by: str = "") -> Run:
    """Hand over, and write down that it ran. A consent is asked for again before every part. Raises ExportError."""
    record = Record(by, clock.now())
    _write(store, chosen.name, record)
    try:
        with _opened(config, chosen) as export:
            done = _send(store, chosen.name, export, wish, clock)
    except ExportError as problem:
        _write(store, chosen.name, replace(record, ended_at=clock.now(), stopped=problem.message))
        raise
    outcomes = done.report.outcomes if done.report else ()
    sent = sum(one.state is TransferState.SENT for one in outcomes)
    stopped = done.report.stopped if done.report else ""
    ended = replace(record, ended_at=clock.now(), total=len(outcomes), sent=sent, stopped=stopped)
    _write(store, chosen.name, ended)
    return done


def standings(store: Store, config: Config) -> list[Standing]:
    """Every configured export, in the order of config.yaml."""
    return [
        Standing(
            one.name, one.kind, tuple(store.handover.of_export(one.name).values()), last(store, one.name)
        )
        for one in config.exports
    ]


def last(store: Store, name: str) -> Record | None:
    """What is remembered of the last run of this export."""
    written = store.setting(RECORD + name)
    if not written:
        return None
    said = json.loads(written)
    for field in ("started_at", "ended_at"):
        said[field] = datetime.fromisoformat(said[field]) if said[field] else None
    return Record(**said)


def topics_of(config: Config, chosen: ExportConfig) -> frozenset[str]:
    """Whose advocates this export takes."""
    names = frozenset(one.name for one in config.topics)
    return names & frozenset(chosen.topics) if chosen.topics else names


def without_consent(store: Store, topics: Sequence[str], now: datetime) -> list[Advocate]:
    """Who was contacted but allows no hand-over: they never go, and here they are named as what they are."""
    allowed = {one.advocate_id for one in store.people.contacts(None, Scope.EXPORT, now)}
    people = [one for topic in topics for one in store.people.programme(topic)]
    return [one for one in people if one.id not in allowed]


def shape(done: Run, lang: str) -> dict[str, Any]:
    """A run as JSON: each person with the outcome and what to do."""
    numbers = {row.key: row.contact.advocate_id for row in done.plan.rows}
    if done.report is None:
        rows = [
            {"advocate": row.contact.advocate_id, "key": row.key, "content": done.export.preview(row)}
            for row in done.plan.rows
        ]
    else:
        rows = [_outcome(one, numbers, lang) for one in done.report.outcomes]
    left = [
        {"advocate": one.advocate_id, "key": one.key, "code": one.code, "reason": explain(one.code, lang)}
        for one in done.plan.left
    ]
    gone = [
        {"advocate": one.advocate_id, "key": one.key, "remote_id": one.remote_id, "sent_at": one.sent_at}
        for one in done.gone
    ]
    return {
        "export": done.name,
        "dry_run": done.report is None,
        "rows": rows,
        "left": left,
        "gone": gone,
        "stopped": done.report.stopped if done.report else "",
    }


# ------------------------------------------------------------------ one run


@contextmanager
def _opened(config: Config, chosen: ExportConfig) -> Iterator[Export]:
    http = Fetcher(user_agent=config.user_agent, allow=config.network.allow)
    try:
        yield export_class(chosen.kind)(chosen, http=http, wait=time.sleep)
    finally:
        http.close()


def _consenting(store: Store, clock: Clock) -> list[Contact]:
    return store.people.contacts(None, Scope.EXPORT, clock.now())


def _planned(store: Store, name: str, export: Export, wish: Wish, clock: Clock) -> tuple[Run, set[str]]:
    """The run as it would be, and the keys that were tried and are not there."""
    contacts, known = _consenting(store, clock), store.handover.of_export(name)
    asked = [
        one
        for one in contacts
        if one.topic in wish.topics and (wish.inside is None or one.advocate_id in wish.inside)
    ]
    plan = handover.plan(export, asked, known, again=wish.again)
    gone = handover.gone(export, known, {key_of(one.author) for one in contacts})
    unsent = {key for key, row in known.items() if row.state is not TransferState.SENT}
    return Run(name, export, plan, gone, None), unsent


def _send(store: Store, name: str, export: Export, wish: Wish, clock: Clock) -> Run:
    planned, unsent = _planned(store, name, export, wish, clock)
    plan = planned.plan
    if wish.unsent and not export.whole:  # a file is always everybody
        plan = replace(plan, rows=tuple(row for row in plan.rows if row.key in unsent))

    def standing() -> set[str]:
        return {key_of(one.author) for one in _consenting(store, clock)}

    report = handover.hand_over(name, export, plan.rows, store.handover, standing=standing, clock=clock.now)
    return replace(planned, plan=plan, report=report)


def _write(store: Store, name: str, record: Record) -> None:
    said = asdict(record)
    for field in ("started_at", "ended_at"):
        said[field] = said[field].isoformat() if said[field] else None
    store.set_setting(RECORD + name, json.dumps(said, ensure_ascii=False))


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
