"""The file of an incident: the log of its steps, merging, issued reports, later looks at its evidence.

`Store.casebook` is the door to it. The log is append-only, and a step is written in the transaction that makes
it true: an incident that is acknowledged has the step that says so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, func, insert, select, update

from storage import evidence
from storage.cases import Event, EventKind, Fate, IssuedReport, Mark, ReportKind
from storage.engine import Database
from storage.models import AUTHOR, MENTION
from storage.models_alerting import EVIDENCE, INCIDENT
from storage.models_casebook import EVENT, MARK, MERGE, REPORT
from storage.posts import PostKey, post_of
from storage.types import IncidentState
from storage.upsert import Row, chunks

Compose = Callable[[Event], tuple[Mapping[str, Any], Mapping[str, Any], Sequence[int]]]
"""The step of the issue → the report's content, its figures, and the mentions it cites."""

PEOPLE_WRITE = (EventKind.NOTE, EventKind.OWNER, EventKind.REPLY)


class MergeError(ValueError):
    """Two incidents cannot be merged, or not split again; `code` says why.

    same, unknown, topic, merged, over; for a split: unknown, apart (it is not merged), final (the final report
    was issued for both).
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Casebook:
    """What people and Kikimimi wrote about incidents."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def events(self, incident_id: int) -> list[Event]:
        """Every step, in the order in which it was written."""
        with self._database.read() as connection:
            rows = connection.execute(
                select(EVENT).where(EVENT.c.incident_id == incident_id).order_by(EVENT.c.id)
            )
            return [_event_of(row) for row in rows.mappings()]

    def write(self, event: Event) -> Event | None:
        """What a person adds: a note, an owner, our reply. None when there is no such incident."""
        if event.kind not in PEOPLE_WRITE:
            raise ValueError(f"{event.kind.value} is not written by itself: the step that makes it true is")
        with self._database.write() as connection:
            known = connection.scalar(select(INCIDENT.c.id).where(INCIDENT.c.id == event.incident_id))
            return None if known is None else append(connection, event)

    # ---------------------------------------------------------------- merging

    def merge(self, incident_id: int, into_id: int, by: str, now: datetime, note: str = "") -> None:
        """From now on the second speaks for both. Raises MergeError.

        What was merged into the first before goes along. An incident that still runs is merged only into one
        that runs too: nobody would be told of it otherwise.
        """
        with self._database.write() as connection:
            _check_merge(connection, incident_id, into_id)
            connection.execute(update(MERGE).where(MERGE.c.into_id == incident_id).values(into_id=into_id))
            connection.execute(insert(MERGE).values(incident_id=incident_id, into_id=into_id))
            append(connection, Event(incident_id, EventKind.MERGED, now, by, note, {"into": into_id}))
            absorbed = Event(into_id, EventKind.ABSORBED, now, by, note, {"incident": incident_id})
            append(connection, absorbed)

    def split(self, incident_id: int, by: str, now: datetime, note: str = "") -> int:
        """Undo a merge: the incident speaks for itself again, and for those that it spoke for. Raises MergeError.

        Nothing moved when it was merged (mentions, evidence, log and thread stayed), so nothing has to be moved
        back. Returns the incident that spoke for it.
        """
        with self._database.write() as connection:
            into_id = _check_split(connection, incident_id)
            along = _came_with(connection, incident_id, into_id)
            connection.execute(
                update(MERGE).where(MERGE.c.incident_id.in_(along)).values(into_id=incident_id)
            )
            connection.execute(delete(MERGE).where(MERGE.c.incident_id == incident_id))
            append(connection, Event(incident_id, EventKind.SPLIT, now, by, note, {"from": into_id}))
            released = Event(into_id, EventKind.RELEASED, now, by, note, {"incident": incident_id})
            append(connection, released)
            return into_id

    def merged(self) -> dict[int, int]:
        """Every merged incident and the one that speaks for it."""
        with self._database.read() as connection:
            return {row.incident_id: row.into_id for row in connection.execute(select(MERGE))}

    def silent(self) -> frozenset[int]:
        """The merged incidents that are told no more.

        One that still runs speaks again once the one it was merged into is over: silence must not hide it.
        """
        other = INCIDENT.alias("other")
        over = IncidentState.RESOLVED.value
        speaks_for = select(MERGE.c.incident_id).join(INCIDENT, INCIDENT.c.id == MERGE.c.incident_id)
        hidden = speaks_for.join(other, other.c.id == MERGE.c.into_id).where(
            (other.c.state != over) | (INCIDENT.c.state == over)
        )
        with self._database.read() as connection:
            return frozenset(connection.scalars(hidden))

    # ---------------------------------------------------------------- reports

    def issue(self, incident_id: int, kind: ReportKind, by: str, now: datetime, *, compose: Compose,
              values: Mapping[str, Any] | None = None) -> IssuedReport:  # fmt: skip
        """Write the step, let `compose` write the report, lock what it cites and keep it: all or nothing.

        `compose` must be pure: it runs inside the transaction.
        """
        with self._database.write() as connection:
            step = Event(incident_id, EventKind.REPORT, now, by, "", {"kind": kind.value, **(values or {})})
            event = append(connection, step)
            content, figures, cited = compose(event)
            evidence.lock(connection, incident_id, cited, now)
            count = select(func.count()).where(REPORT.c.incident_id == incident_id)
            row = {
                "incident_id": incident_id,
                "number": (connection.scalar(count) or 0) + 1,
                "kind": kind.value,
                "at": now,
                "by": by,
                "content": dict(content),
                "figures": dict(figures),
                "event_id": event.id,
            }
            stored = connection.execute(insert(REPORT).values(row).returning(REPORT)).mappings().one()
            return _report_of(stored)

    def reports(self, incident_id: int) -> list[IssuedReport]:
        """The first one first."""
        with self._database.read() as connection:
            rows = connection.execute(
                select(REPORT).where(REPORT.c.incident_id == incident_id).order_by(REPORT.c.number)
            )
            return [_report_of(row) for row in rows.mappings()]

    # ---------------------------------------------------------------- evidence

    def marks(self, incident_id: int) -> list[Mark]:
        """Every later look at the evidence that found something, oldest first."""
        with self._database.read() as connection:
            return _marks(connection, incident_id)

    def mark(self, marks: Sequence[Mark]) -> int:
        """Keep what a look at the posts found; what is known already is left out. Returns how many are new."""
        with self._database.write() as connection:
            return sum(_add_mark(connection, one) for one in marks)

    def numbers(self, incident_id: int) -> dict[int, int]:
        """The id of the locked copy of each mention."""
        with self._database.read() as connection:
            held = select(EVIDENCE.c.mention_id, EVIDENCE.c.id).where(EVIDENCE.c.incident_id == incident_id)
            return {row.mention_id: row.id for row in connection.execute(held)}

    # ---------------------------------------------------------------- who was there before

    def seen_before(
        self, topic: str, before: datetime, authors: Iterable[tuple[str, str]]
    ) -> frozenset[tuple[str, str]]:
        """Which of these accounts (platform, external id) spoke of the topic before that time."""
        wanted = set(authors)
        found: set[tuple[str, str]] = set()
        with self._database.read() as connection:
            for some in chunks({external_id for _, external_id in wanted}):
                earlier = (
                    select(AUTHOR.c.platform, AUTHOR.c.external_id)
                    .distinct()
                    .join_from(MENTION, AUTHOR, MENTION.c.author_id == AUTHOR.c.id)
                    .where(AUTHOR.c.external_id.in_(some), MENTION.c.topic == topic)
                    .where(MENTION.c.created_at < before)
                )
                found |= {(row.platform, row.external_id) for row in connection.execute(earlier)}
        return frozenset(found & wanted)


# ------------------------------------------------------------------ inside a transaction


def append(connection: Connection, event: Event) -> Event:
    """One more step of the log."""
    row = {
        "incident_id": event.incident_id,
        "kind": event.kind.value,
        "at": event.at,
        "by": event.by,
        "note": event.note,
        "values": dict(event.values),
    }
    stored = connection.execute(insert(EVENT).values(row).returning(EVENT)).mappings().one()
    return _event_of(stored)


def note_rewritten(
    connection: Connection, before: Mapping[PostKey, Row], after: Mapping[PostKey, Row], now: datetime
) -> None:
    """A page brought posts with other words than before: mark those that are evidence."""
    changed = [
        row for name, row in after.items() if name in before and row["digest"] != before[name]["digest"]
    ]
    for row in changed:
        same = (EVIDENCE.c.platform == row["platform"], EVIDENCE.c.external_id == row["external_id"])
        text = _full_text(row)
        for copy in connection.execute(select(EVIDENCE).where(*same)).mappings().all():
            _add_mark(
                connection,
                Mark(
                    copy["id"], copy["incident_id"], copy["mention_id"], Fate.CHANGED, now, sha256(text), text
                ),
            )


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _full_text(row: Mapping[str, Any]) -> str:
    return post_of(row, None).full_text  # type: ignore[arg-type]  # a plain dict of the same columns


def _check_merge(connection: Connection, incident_id: int, into_id: int) -> None:
    if incident_id == into_id:
        raise MergeError("same")
    both = select(INCIDENT).where(INCIDENT.c.id.in_((incident_id, into_id)))
    rows = {row["id"]: row for row in connection.execute(both).mappings()}
    if len(rows) != 2:
        raise MergeError("unknown")
    if rows[incident_id]["topic"] != rows[into_id]["topic"]:
        raise MergeError("topic")
    already = select(func.count()).where(MERGE.c.incident_id.in_((incident_id, into_id)))
    if connection.scalar(already):
        raise MergeError("merged")
    over = IncidentState.RESOLVED.value
    if rows[into_id]["state"] == over and rows[incident_id]["state"] != over:
        raise MergeError("over")


def _check_split(connection: Connection, incident_id: int) -> int:
    """The incident that speaks for this one."""
    if connection.scalar(select(INCIDENT.c.id).where(INCIDENT.c.id == incident_id)) is None:
        raise MergeError("unknown")
    into_id = connection.scalar(select(MERGE.c.into_id).where(MERGE.c.incident_id == incident_id))
    if into_id is None:
        raise MergeError("apart")
    since = select(func.max(EVENT.c.id)).where(
        EVENT.c.incident_id == incident_id, EVENT.c.kind == EventKind.MERGED.value
    )
    final = select(func.count()).where(
        REPORT.c.incident_id == into_id,
        REPORT.c.kind == ReportKind.FINAL.value,
        REPORT.c.event_id > since.scalar_subquery(),
    )
    if connection.scalar(final):
        raise MergeError("final")
    return int(into_id)


def _came_with(connection: Connection, incident_id: int, into_id: int) -> list[int]:
    """Those that were merged into this one, or into one of them, before all went to `into_id`."""
    there = list(connection.scalars(select(MERGE.c.incident_id).where(MERGE.c.into_id == into_id)))
    steps = select(EVENT.c.incident_id, EVENT.c["values"]).where(
        EVENT.c.incident_id.in_(there), EVENT.c.kind == EventKind.MERGED.value
    )
    chosen = {row[0]: row[1]["into"] for row in connection.execute(steps.order_by(EVENT.c.id))}
    found = [incident_id]
    for one in found:  # grows while it is read
        found += [number for number in there if chosen.get(number) == one and number not in found]
    return found[1:]


def _add_mark(connection: Connection, mark: Mark) -> bool:
    """False when the last look at this post said the same already, or found nothing unusual."""
    latest = select(MARK).where(MARK.c.evidence_id == mark.evidence_id).order_by(MARK.c.id.desc()).limit(1)
    last = connection.execute(latest).mappings().one_or_none()
    locked = connection.scalar(select(EVIDENCE.c.sha256).where(EVIDENCE.c.id == mark.evidence_id))
    if not _is_news(mark, last, locked):
        return False
    names = ("evidence_id", "at", "sha256", "text", "note")
    row = {**{name: getattr(mark, name) for name in names}, "fate": mark.fate.value}
    connection.execute(insert(MARK).values(row))
    said = {"fate": mark.fate.value, "mention": mark.mention_id}
    append(connection, Event(mark.incident_id, EventKind.EVIDENCE, mark.at, "", mark.note, said))
    return True


def _is_news(mark: Mark, last: RowMapping | None, locked: str | None) -> bool:
    if mark.fate is Fate.BACK:
        return last is not None and last["fate"] == Fate.GONE.value
    if mark.fate is Fate.GONE:
        return last is None or last["fate"] != Fate.GONE.value
    return mark.sha256 != (locked if last is None or not last["sha256"] else last["sha256"])


def _marks(connection: Connection, incident_id: int) -> list[Mark]:
    wanted = (
        select(MARK, EVIDENCE.c.incident_id, EVIDENCE.c.mention_id)
        .join_from(MARK, EVIDENCE)
        .where(EVIDENCE.c.incident_id == incident_id)
        .order_by(MARK.c.id)
    )
    names = ("id", "evidence_id", "incident_id", "mention_id", "at", "sha256", "text", "note")
    rows = connection.execute(wanted).mappings()
    return [Mark(**{name: row[name] for name in names}, fate=Fate(row["fate"])) for row in rows]


def _event_of(row: RowMapping) -> Event:
    return Event(
        incident_id=row["incident_id"],
        kind=EventKind(row["kind"]),
        at=row["at"],
        by=row["by"],
        note=row["note"],
        values=row["values"],
        id=row["id"],
    )


def _report_of(row: RowMapping) -> IssuedReport:
    names = ("incident_id", "number", "at", "by", "content", "figures", "event_id", "id")
    return IssuedReport(**{name: row[name] for name in names}, kind=ReportKind(row["kind"]))
