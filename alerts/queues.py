"""The review queue has been full for a day: people are not asked about more, and the model learns nothing (pure)."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta

from pydantic import BaseModel, ConfigDict, Field


class QueueSettings(BaseModel):
    """When a full review queue is told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool = Field(default=True, description="false: no such alerts")
    full_hours: float = Field(default=24.0, gt=0, description="full for so many hours")
    again_days: float = Field(default=7.0, ge=1, description="days until it is told again")


@dataclass(frozen=True, slots=True)
class QueueState:
    """Since when the queue is full (None: it is not), and when that was last told."""

    full_since: datetime | None = None
    told_at: datetime | None = None


def step(state: QueueState, waiting: int, limit: int, settings: QueueSettings, now: datetime) -> QueueState:
    """`told_at` is `now` when it is to be told."""
    if waiting < limit:
        return replace(state, full_since=None)
    since = state.full_since or now.astimezone(UTC)
    long = now - since >= timedelta(hours=settings.full_hours)
    silent = state.told_at is not None and now - state.told_at < timedelta(days=settings.again_days)
    return QueueState(since, now.astimezone(UTC) if long and not silent else state.told_at)


def to_json(state: QueueState) -> str:
    return json.dumps(asdict(state), default=datetime.isoformat)


def from_json(text: str | None) -> QueueState:
    row = json.loads(text) if text else {}
    return QueueState(
        **{name: datetime.fromisoformat(value) if value else None for name, value in row.items()}
    )
