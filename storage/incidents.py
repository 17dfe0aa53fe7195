"""Incidents: one crisis as one object, its state, and the locked copies of its evidence.

Detection calls `save`; people call `acknowledge` and `resolve`. What `save` makes of the stored state:

| stored                       | detection says open | says acknowledged | says resolved |
|------------------------------|---------------------|-------------------|---------------|
| nothing                      | open                | open              | resolved      |
| open                         | open                | open              | resolved      |
| acknowledged                 | acknowledged        | acknowledged      | resolved      |
| resolved by detection        | open, if it says so of a later moment | resolved | resolved |
| resolved by a person         | resolved            | resolved          | resolved      |

Severity, reasons and evidence follow detection until the incident is resolved; what detection says of a
moment earlier than the stored one is dropped. Only `acknowledge` makes an incident acknowledged. A crisis
that returns after a person resolved it is a new incident with a new key.

Every step is written into the incident's log (`storage.casebook`) in the same transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, select, update

from storage import casebook, evidence
from storage.cases import Event, EventKind
from storage.models_alerting import INCIDENT
from storage.types import Incident, IncidentState, Reason, Severity
from storage.upsert import Row, insert

OPEN, ACKNOWLEDGED, RESOLVED = IncidentState.OPEN, IncidentState.ACKNOWLEDGED, IncidentState.RESOLVED


def latest(
    connection: Connection, topic: str | None, states: Sequence[IncidentState], limit: int | None
) -> list[Incident]:
    wanted = select(INCIDENT).where(INCIDENT.c.state.in_([state.value for state in states]))
    if topic is not None:
        wanted = wanted.where(INCIDENT.c.topic == topic)
    ordered = wanted.order_by(INCIDENT.c.opened_at.desc(), INCIDENT.c.id.desc()).limit(limit)
    return [_incident_of(row) for row in connection.execute(ordered).mappings()]


def one(connection: Connection, incident_id: int) -> Incident | None:
    row = connection.execute(select(INCIDENT).where(INCIDENT.c.id == incident_id)).mappings().one_or_none()
    return None if row is None else _incident_of(row)


def save(connection: Connection, incident: Incident) -> Incident:
    row = _row_of(incident)
    adding = insert(connection, INCIDENT).values(**row).on_conflict_do_nothing(index_elements=["key"])
    before = None
    if connection.execute(adding.returning(INCIDENT.c.id)).one_or_none() is None:
        before = _by_key(connection, incident.key)
        while not _update(connection, incident, row):
            before = _by_key(connection, incident.key)  # a person moved the state meanwhile: decide again
    stored = _by_key(connection, incident.key)
    for step in _steps(before, stored):
        casebook.append(connection, step)
    evidence.lock(connection, stored["id"], incident.evidence, incident.updated_at)
    return _incident_of(stored)


def _steps(before: RowMapping | None, after: RowMapping) -> list[Event]:
    """What detection's word changed, as steps of the log."""
    number, at, severity = after["id"], after["updated_at"], after["severity"]
    steps = []
    if before is None:
        steps.append(Event(number, EventKind.OPENED, after["opened_at"], values={"severity": severity}))
    elif before["state"] == RESOLVED.value and after["state"] == OPEN.value:
        steps.append(Event(number, EventKind.REOPENED, at, values={"severity": severity}))
    elif before["severity"] != severity:
        change = {"from": before["severity"], "severity": severity}
        steps.append(Event(number, EventKind.ESCALATED, at, values=change))
    ended = after["state"] == RESOLVED.value and (before is None or before["state"] != RESOLVED.value)
    if ended:
        steps.append(Event(number, EventKind.ALL_CLEAR, after["resolved_at"]))
    return steps


def _update(connection: Connection, incident: Incident, row: Row) -> bool:
    """Write what the table of transitions allows; False when the state changed under our hands."""
    stored = _by_key(connection, incident.key)
    state = _transition(stored, incident)
    if state is None:
        return True
    changes = {name: row[name] for name in ("severity", "updated_at", "reasons", "evidence")}
    ending = {"resolved_at": row["resolved_at"] if state is RESOLVED else None, "resolved_by": ""}
    reopened = stored["state"] == RESOLVED.value and {"acknowledged_by": "", "acknowledged_at": None}
    same = (INCIDENT.c.id == stored["id"], INCIDENT.c.state == stored["state"])
    writing = update(INCIDENT).where(*same).values(**changes, **ending, **(reopened or {}), state=state.value)
    return connection.execute(writing).rowcount == 1


def _transition(stored: RowMapping, said: Incident) -> IncidentState | None:
    """The state to write, or None to leave the incident as it is."""
    state = IncidentState(stored["state"])
    if state is RESOLVED:
        returns = said.state is OPEN and not stored["resolved_by"] and said.updated_at > stored["resolved_at"]
        return OPEN if returns else None
    if said.updated_at < stored["updated_at"]:
        return None
    return RESOLVED if said.state is RESOLVED else state


def acknowledge(connection: Connection, incident_id: int, by: str, now: datetime) -> bool:
    waiting = update(INCIDENT).where(INCIDENT.c.id == incident_id, INCIDENT.c.state == OPEN.value)
    taken = waiting.values(state=ACKNOWLEDGED.value, acknowledged_by=by, acknowledged_at=now)
    if connection.execute(taken).rowcount != 1:
        return False
    casebook.append(connection, Event(incident_id, EventKind.ACKNOWLEDGED, now, by))
    return True


def resolve(connection: Connection, incident_id: int, by: str, now: datetime) -> bool:
    lasting = update(INCIDENT).where(INCIDENT.c.id == incident_id, INCIDENT.c.state != RESOLVED.value)
    closed = lasting.values(state=RESOLVED.value, resolved_at=now, resolved_by=by or "?")
    if connection.execute(closed).rowcount != 1:
        return False
    casebook.append(connection, Event(incident_id, EventKind.RESOLVED, now, by))
    return True


def _by_key(connection: Connection, key: str) -> RowMapping:
    return connection.execute(select(INCIDENT).where(INCIDENT.c.key == key)).mappings().one()


def _row_of(incident: Incident) -> Row:
    resolved = incident.state is RESOLVED
    return {
        "key": incident.key,
        "topic": incident.topic,
        "kind": incident.kind,
        "severity": incident.severity.value,
        "state": (RESOLVED if resolved else OPEN).value,
        "opened_at": incident.opened_at,
        "updated_at": incident.updated_at,
        "reasons": reasons_row(incident.reasons),
        "evidence": list(incident.evidence),
        "resolved_at": (incident.resolved_at or incident.updated_at) if resolved else None,
        "resolved_by": "",
        "acknowledged_by": "",
    }


def _incident_of(row: RowMapping) -> Incident:
    return Incident(
        key=row["key"],
        topic=row["topic"],
        kind=row["kind"],
        severity=Severity(row["severity"]),
        state=IncidentState(row["state"]),
        opened_at=row["opened_at"],
        updated_at=row["updated_at"],
        reasons=reasons_of(row["reasons"]),
        evidence=tuple(row["evidence"]),
        resolved_at=row["resolved_at"],
        acknowledged_by=row["acknowledged_by"],
        id=row["id"],
    )


def reasons_row(reasons: Sequence[Reason]) -> list[Any]:
    return [[reason.code, dict(reason.values)] for reason in reasons]


def reasons_of(rows: Sequence[Any]) -> tuple[Reason, ...]:
    return tuple(Reason(code, values) for code, values in rows)
