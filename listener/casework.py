"""An incident's dossier and reports, with what the store knows: the one place where web and commands get them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from alerts.incident import report
from alerts.incident.dossier import LOOK_BACK, Case, Dossier, dossier, span
from alerts.incident.report import Earlier, Order, Report
from alerts.incident.voices import account
from listener.config import Config
from nlp.terms import terms
from storage.cases import Event, IssuedReport, Mark, ReportKind
from storage.db import MentionFilter, Store
from storage.types import Incident, Mention, Outcome, Topic

MOST = 20_000  # mentions of one crisis that are looked at
SAMPLE, SAMPLE_DAYS = 2_000, timedelta(days=28)
LATE = timedelta(minutes=60)  # sources read longer ago than this are in trouble, not merely behind
LANGUAGES = ("ja", "en")


def open_file(store: Store, config: Config, incident: Incident, now: datetime) -> Dossier:
    """The incident's dossier as it stands at `now`."""
    return dossier(case(store, config, incident, now))


def topic_of(config: Config, name: str) -> Topic:
    """As configured; a topic that left config.yaml is called by its name."""
    return next((one.topic() for one in config.topics if one.name == name), Topic(name, name))


def case(store: Store, config: Config, incident: Incident, now: datetime) -> Case:
    topic = topic_of(config, incident.topic)
    merged = _merged(store, incident)
    start, end = span((incident, *merged), now)
    where = MentionFilter(topic=topic.name, since=start - LOOK_BACK, until=end)
    mentions = tuple(reversed(store.mentions(where, MOST)))
    earlier = _earlier(store, incident, start)
    names = (topic.brand, *topic.aliases)
    authors = {account(one.post.author) for one in mentions if one.post.author is not None}
    known = store.advocates(topic.name, config.thresholds.advocate.min_score, 1000)
    return Case(
        topic=topic,
        incident=incident,
        mentions=mentions,
        earlier=earlier,
        words={
            one.id: _words(one.post.full_text, names) for one in (*mentions, *earlier) if one.id is not None
        },
        now=now,
        read_until=_read_until(store, mentions, now),
        merged=merged,
        events=tuple(store.casebook.events(incident.id or 0)),
        seen_before=store.casebook.seen_before(topic.name, start, authors),
        advocates=frozenset(account(one.author) for one in known if one.organic),
    )


@lru_cache(maxsize=50_000)
def _words(text: str, names: tuple[str, ...]) -> frozenset[str]:
    """A page is looked at every few seconds, its posts stay the same."""
    return terms(text, without=names)


def _merged(store: Store, incident: Incident) -> tuple[Incident, ...]:
    ids = [number for number, into in store.casebook.merged().items() if into == incident.id]
    return tuple(found for number in ids if (found := store.incident(number)) is not None)


def marks(store: Store, incident: Incident) -> tuple[Mark, ...]:
    """What later looks at the evidence found, also at that of the incidents merged into this one; oldest first."""
    every = (incident, *_merged(store, incident))
    found = [mark for one in every for mark in store.casebook.marks(one.id or 0)]
    return tuple(sorted(found, key=lambda mark: mark.id or 0))


def _earlier(store: Store, incident: Incident, start: datetime) -> tuple[Mention, ...]:
    """The topic's usual talk: the latest mentions from before, without those of other incidents."""
    until = start - LOOK_BACK
    where = MentionFilter(topic=incident.topic, since=until - SAMPLE_DAYS, until=until)
    others = [span([one], until) for one in store.incidents(incident.topic) if one.opened_at < until]
    return tuple(
        one
        for one in store.mentions(where, SAMPLE)
        if not any(begin <= one.post.created_at < end for begin, end in others)
    )


def _read_until(store: Store, mentions: Sequence[Mention], now: datetime) -> datetime:
    """Up to when every source that brings mentions was read; a source in trouble does not hold the rest up."""
    ours = {one.post.source for one in mentions}
    read = [
        state.last_ok_at
        for state in store.sources()
        if state.name in ours and state.last_ok_at is not None and state.last_outcome is not Outcome.FAILED
    ]
    return min((at for at in read if now - LATE <= at <= now), default=now)


# ------------------------------------------------------------------ reports


def draft(
    store: Store, config: Config, incident: Incident, kind: ReportKind, now: datetime, *, lang: str
) -> Report:
    """What the report would say now; nothing is kept."""
    return draft_of(store, config, open_file(store, config, incident, now), kind, lang=lang)


def draft_of(store: Store, config: Config, seen: Dossier, kind: ReportKind, *, lang: str) -> Report:
    """`draft` from a dossier at hand."""
    reports = store.casebook.reports(seen.incident.id or 0)
    return report.write(seen, _order(store, config, seen.incident, kind, reports), lang=lang)


def issue(
    store: Store,
    config: Config,
    incident: Incident,
    kind: ReportKind,
    now: datetime,
    *,
    by: str,
    next_at: datetime | None = None,
) -> IssuedReport:
    """Write the report in both languages, lock every post it cites, and keep it."""
    seen = open_file(store, config, incident, now)
    before = store.casebook.reports(incident.id or 0)
    base = _order(store, config, incident, kind, before, by=by, next_at=next_at)

    def compose(step: Event) -> tuple[Mapping[str, Any], Mapping[str, Any], Sequence[int]]:
        written = {lang: report.write(seen, replace(base, issue=step), lang=lang) for lang in LANGUAGES}
        content = {lang: report.to_json(one) for lang, one in written.items()}
        cited = [note.ref.id for note in written["ja"].notes if note.ref.kind == "mention"]
        return content, report.figures(seen, base.timezone), cited

    values = {"next_at": next_at.isoformat()} if next_at else {}
    return store.casebook.issue(incident.id or 0, kind, by, now, compose=compose, values=values)


def next_kind(reports: Sequence[IssuedReport], incident: Incident) -> ReportKind:
    """Which report comes next."""
    if not reports:
        return ReportKind.FIRST
    return ReportKind.FINAL if incident.resolved_at is not None else ReportKind.FOLLOW_UP


def _order(
    store: Store,
    config: Config,
    incident: Incident,
    kind: ReportKind,
    reports: Sequence[IssuedReport],
    *,
    by: str = "",
    next_at: datetime | None = None,
) -> Order:
    last = reports[-1] if reports else None
    number = incident.id or 0
    return Order(
        kind=kind,
        number=len(reports) + 1,
        timezone=topic_of(config, incident.topic).timezone,
        by=by,
        next_at=next_at,
        earlier=Earlier(last.at, last.figures, last.event_id) if last else None,
        marks=marks(store, incident),
        link=f"{config.base_url.rstrip('/')}/incidents/{number}",
    )
