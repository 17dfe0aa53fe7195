"""Silences: muted by a person until when, and why."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, RowMapping, insert, select, update

from storage.models_alerting import INCIDENT, SILENCE
from storage.notices import AlertKind, Silence
from storage.types import IncidentState, Severity

_FIELDS = tuple(Silence.__dataclass_fields__)


def add(connection: Connection, silence: Silence) -> Silence:
    """Kept with how severe the open incidents of its topics are now: what gets worse breaks it."""
    row = {name: getattr(silence, name) for name in _FIELDS if name != "id"}
    row |= {
        "kind": silence.kind.value if silence.kind else "",
        "up_to": silence.up_to.value,
        "severities": _severities(connection, silence.topic) | dict(silence.severities),
    }
    added = connection.execute(insert(SILENCE).values(**row).returning(SILENCE)).mappings().one()
    return _silence_of(added)


def active(connection: Connection, now: datetime) -> list[Silence]:
    """Those begun and not over, the longest lasting first."""
    lasting = select(SILENCE).where(SILENCE.c.until > now, SILENCE.c.created_at <= now)
    rows = connection.execute(lasting.order_by(SILENCE.c.until.desc(), SILENCE.c.id)).mappings()
    return [_silence_of(row) for row in rows]


def over(connection: Connection, now: datetime, limit: int) -> list[Silence]:
    """Those that are over, the latest ended first."""
    ended = select(SILENCE).where(SILENCE.c.until <= now)
    rows = connection.execute(ended.order_by(SILENCE.c.until.desc(), SILENCE.c.id).limit(limit)).mappings()
    return [_silence_of(row) for row in rows]


def end(connection: Connection, silence_id: int, now: datetime) -> bool:
    lasting = update(SILENCE).where(SILENCE.c.id == silence_id, SILENCE.c.until > now)
    return connection.execute(lasting.values(until=now)).rowcount == 1


def _severities(connection: Connection, topic: str) -> dict[str, str]:
    wanted = select(INCIDENT.c.key, INCIDENT.c.severity).where(
        INCIDENT.c.state != IncidentState.RESOLVED.value
    )
    if topic:
        wanted = wanted.where(INCIDENT.c.topic == topic)
    return {row.key: row.severity for row in connection.execute(wanted)}


def _silence_of(row: RowMapping) -> Silence:
    plain = {name: row[name] for name in _FIELDS}
    return Silence(
        **plain
        | {
            "kind": AlertKind(row["kind"]) if row["kind"] else None,
            "up_to": Severity(row["up_to"]),
            "severities": {key: Severity(severity) for key, severity in row["severities"].items()},
        }
    )
