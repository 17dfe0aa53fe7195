"""`kikimimi report` and `kikimimi evidence`: what is known of an incident, on paper and provable."""

from __future__ import annotations

import getpass
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from rich.table import Table

from alerts.incident import bundle
from alerts.incident.report import Report, from_json
from listener import casework
from listener.clock import SystemClock
from listener.commands.errors import CommandError
from listener.commands.output import err, load_config, out, print_json, write_out
from listener.config import Config
from listener.http import Fetcher, FetchError
from listener.web import reports
from listener.web.language import TABLES
from listener.web.pdf import PdfError
from storage.cases import Fate, Mark, ReportKind
from storage.db import Evidence, Store
from storage.types import Incident

GONE = (404, 410)


@dataclass(frozen=True)
class Wish:
    """What `kikimimi report` was asked for."""

    incident: int
    kind: ReportKind | None
    lang: str | None
    form: str
    out: Path | None
    by: str
    following: int
    draft: bool
    number: int | None


def report(path: Path, wish: Wish) -> None:
    """Write the report; it is recorded as issued only when it could be made."""
    if wish.form not in reports.FORMATS:
        raise CommandError(f"--format: '{wish.form}' is unknown; choose {', '.join(reports.FORMATS)}")
    if wish.lang is not None and wish.lang not in TABLES:
        raise CommandError(f"--lang: '{wish.lang}' is unknown; choose ja or en")
    if wish.form == "pdf" and wish.out is None:
        raise CommandError("--format pdf: name the file with --out FILE.pdf")
    config = load_config(path)
    lang = wish.lang or config.language
    with Store.open(config.database_url) as store:
        incident = _incident(store, wish.incident)
        if wish.number is not None:
            made = _issued(store, incident, wish.number, lang)
        else:
            made = _made(store, config, incident, wish, lang)
    write_out(_file(made, wish.form), wish.out)


def _made(store: Store, config: Config, incident: Incident, wish: Wish, lang: str) -> Report:
    before, now = store.casebook.reports(incident.id or 0), SystemClock().now()
    kind = wish.kind or casework.next_kind(before, incident)
    made = casework.draft(store, config, incident, kind, now, lang=lang)
    if wish.draft:
        return made
    if wish.form == "pdf":
        _file(made, "pdf")  # what this machine lacks is said before anything is recorded
    next_at = now + timedelta(minutes=wish.following) if wish.following else None
    issued = casework.issue(store, config, incident, kind, now, by=wish.by or user(), next_at=next_at)
    err.print(f"Report {issued.number} of incident {incident.id} is issued ({kind.value}).", highlight=False)
    return from_json(issued.content[lang])


def _issued(store: Store, incident: Incident, number: int, lang: str) -> Report:
    every = store.casebook.reports(incident.id or 0)
    found = next((one for one in every if one.number == number), None)
    if found is None:
        known = ", ".join(str(one.number) for one in every) or "none yet"
        raise CommandError(f"--number: incident {incident.id} has no report {number}; it has {known}")
    return from_json(found.content[lang])


def _file(made: Report, form: str) -> bytes:
    try:
        return reports.file(made, form)
    except PdfError as problem:
        raise CommandError(str(problem)) from problem


def _incident(store: Store, number: int) -> Incident:
    found = store.incident(number) if 0 < number < 2**63 else None
    if found is None:
        raise CommandError(f"there is no incident {number}; `kikimimi incidents` lists them")
    return found


def user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "?"


# ------------------------------------------------------------------ evidence


def evidence(path: Path, number: int, *, verify: bool, out: Path | None, as_json: bool) -> None:
    """List the copies, with what was seen of the posts later; exit code 1 when a copy is not what it was."""
    config, now = load_config(path), SystemClock().now()
    with Store.open(config.database_url) as store:
        incident = _incident(store, number)
        held, wrong = store.evidence(number), bundle.broken(store.evidence(number))
        if verify:
            unasked = _verify(store, config, incident, held, now)
            for line in unasked:
                err.print(f"[yellow]not asked:[/] {line}", highlight=False)
        marks = store.casebook.marks(number)
        if out is not None:
            _hand_out(out, bundle.files(incident, held, marks, store.casebook.events(number), now))
    _show(held, marks, wrong, verified=verify, as_json=as_json)
    if wrong:
        raise CommandError(
            f"{len(wrong)} locked texts do not fit their hash: the database was changed from outside; "
            "compare with a backup"
        )


def _verify(
    store: Store, config: Config, incident: Incident, held: Sequence[Evidence], now: datetime
) -> list[str]:
    """Look at every post again: what is stored of it now, and its address. Returns what could not be asked."""
    ids = store.casebook.numbers(incident.id or 0)
    current = {one.id: one.post.full_text for one in store.mentions_by_id(ids)}
    marks: list[Mark] = []
    unasked: list[str] = []
    http = Fetcher(user_agent=config.user_agent, allow=config.network.allow)
    try:
        for one in held:
            place = (ids[one.mention_id], incident.id or 0, one.mention_id)
            text = current.get(one.mention_id, one.text)
            digest = hashlib.sha256(text.encode()).hexdigest()
            marks.append(Mark(*place, Fate.CHANGED, now, digest, text))
            fate = _asked(http, one, unasked)
            if fate is not None:
                marks.append(Mark(*place, fate, now, note=one.url))
    finally:
        http.close()
    new = store.casebook.mark(marks)
    err.print(f"{len(held)} copies checked, {new} changes seen for the first time.", highlight=False)
    return unasked


def _asked(http: Fetcher, one: Evidence, unasked: list[str]) -> Fate | None:
    """Whether the post is still at its address; None when that cannot be said."""
    if not one.url.startswith(("http://", "https://")):
        return None
    try:
        http.get(one.url)
    except FetchError as problem:
        if problem.status in GONE:
            return Fate.GONE
        unasked.append(problem.message)
        return None
    return Fate.BACK


def _hand_out(path: Path, found: dict[str, bytes]) -> None:
    if path.suffix == ".zip":
        write_out(bundle.zipped(found), path)
        return
    try:
        if path.exists() and any(path.iterdir()):
            raise CommandError(f"--out: {path} is not empty; name a new folder, or a .zip")
        for name, content in found.items():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_bytes(content)
    except OSError as problem:
        raise CommandError(f"--out: {path}: {problem.strerror}; choose a place you can write to") from problem


def _show(
    held: Sequence[Evidence],
    marks: Sequence[Mark],
    wrong: Sequence[Evidence],
    *,
    verified: bool,
    as_json: bool,
) -> None:
    broken = {one.mention_id for one in wrong}
    rows = [
        {
            "mention": one.mention_id,
            "url": one.url,
            "created_at": one.created_at,
            "locked_at": one.locked_at,
            "sha256": one.sha256,
            "intact": one.mention_id not in broken,
            "later": [
                {"fate": mark.fate, "at": mark.at, "sha256": mark.sha256}
                for mark in marks
                if mark.mention_id == one.mention_id
            ],
        }
        for one in held
    ]
    if as_json:
        print_json(rows)
        return
    table = Table("mention", "locked (UTC)", "sha256", "intact", "later", "url")
    for row, one in zip(rows, held, strict=True):
        later = ", ".join(
            f"{mark.fate.value} {mark.at:%m-%d %H:%M}" for mark in marks if mark.mention_id == one.mention_id
        )
        intact = "yes" if row["intact"] else "NO"
        table.add_row(
            str(one.mention_id), f"{one.locked_at:%m-%d %H:%M}", one.sha256[:12], intact, later, one.url
        )
    out.print(table)
    if not verified:
        err.print("With --verify every post's address is asked as well.", highlight=False)
