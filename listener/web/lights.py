"""How each source is doing, from the configuration and what storage remembers. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from storage.types import Fetch, Outcome, SourceState

LATE_AFTER = 3  # intervals without a try before a source counts as late
GRACE = timedelta(minutes=5)


class ConfiguredSource(Protocol):
    """What the page asks of a source's configuration."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def interval(self) -> timedelta: ...
    @property
    def enabled(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Light:
    """One source's health: "ok", "late", "failing" (will be tried again), "down" (no next try known),
    "new" (not read yet), "off" (disabled) or "gone" (no longer configured)."""

    name: str
    kind: str
    health: str
    interval: timedelta | None = None
    last_at: datetime | None = None
    last_ok_at: datetime | None = None
    next_at: datetime | None = None
    error: str = ""
    failures: int = 0
    posts: int = 0
    mentions: int = 0
    fetches: tuple[Fetch, ...] = ()

    @property
    def tone(self) -> str:
        return {"ok": "ok", "late": "retry", "failing": "failed", "down": "failed"}.get(self.health, "muted")


def lights(
    configured: Iterable[ConfiguredSource],
    states: Mapping[str, SourceState],
    tries: Mapping[str, tuple[Fetch, ...]],
    now: datetime,
) -> list[Light]:
    """The troubled first, then as configured; sources that left the configuration come last."""
    found = [
        _light(
            one.name,
            one.kind,
            one.interval,
            states.get(one.name),
            tries,
            _health(one, states.get(one.name), now),
        )
        for one in configured
    ]
    names = {light.name for light in found}
    found += [
        _light(state.name, state.kind, None, state, tries, "gone")
        for state in states.values()
        if state.name not in names
    ]
    order = ["down", "failing", "late", "ok", "new", "off", "gone"]
    return sorted(found, key=lambda light: order.index(light.health))


def troubled(every: Iterable[Light]) -> list[Light]:
    """Those a person should look at."""
    return [light for light in every if light.health in {"down", "failing", "late"}]


def _health(source: ConfiguredSource, state: SourceState | None, now: datetime) -> str:
    if not source.enabled:
        return "off"
    if state is None or state.last_at is None:
        return "new"
    if state.last_outcome == Outcome.FAILED:
        return "failing" if state.next_at else "down"
    return "late" if now - state.last_at > source.interval * LATE_AFTER + GRACE else "ok"


def _light(
    name: str, kind: str, interval: timedelta | None, state: SourceState | None,
    tries: Mapping[str, tuple[Fetch, ...]], health: str,
) -> Light:  # fmt: skip
    if state is None:
        return Light(name, kind, health, interval)
    return Light(
        name=name,
        kind=kind,
        health=health,
        interval=interval,
        last_at=state.last_at,
        last_ok_at=state.last_ok_at,
        next_at=state.next_at,
        error=state.error,
        failures=state.failures,
        posts=state.posts,
        mentions=state.mentions,
        fetches=tries.get(name, ()),
    )
