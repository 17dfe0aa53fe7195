"""Silences: muted by a person until when, and why."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from storage.models_alerting import SILENCE
from storage.notices import Silence

_FIELDS = tuple(Silence.__dataclass_fields__)


def add(connection: Connection, silence: Silence) -> Silence:
    row = {name: getattr(silence, name) for name in _FIELDS if name != "id"}
    added = connection.execute(insert(SILENCE).values(**row).returning(SILENCE)).mappings().one()
    return Silence(**{name: added[name] for name in _FIELDS})


def active(connection: Connection, now: datetime) -> list[Silence]:
    """Those begun and not over, the longest lasting first."""
    lasting = select(SILENCE).where(SILENCE.c.until > now, SILENCE.c.created_at <= now)
    rows = connection.execute(lasting.order_by(SILENCE.c.until.desc(), SILENCE.c.id)).mappings()
    return [Silence(**{name: row[name] for name in _FIELDS}) for row in rows]


def end(connection: Connection, silence_id: int, now: datetime) -> bool:
    lasting = update(SILENCE).where(SILENCE.c.id == silence_id, SILENCE.c.until > now)
    return connection.execute(lasting.values(until=now)).rowcount == 1
