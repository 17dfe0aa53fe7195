"""What each alert budget would have given on a topic's own past (pure).

One `Trial` a budget: the incidents that watching would have opened, how long after the first negative post each
came, and, where somebody says which crises there really were, how many of them were found and what was false.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from alerts.replay import Past, replay
from alerts.thresholds import CrisisSettings
from storage.types import Incident

MONTH = timedelta(days=30)
LATE = timedelta(hours=12)  # an incident that opens so long after a crisis ended is not its


@dataclass(frozen=True, slots=True)
class Crisis:
    """One that there really was, as a person knows it."""

    start: datetime
    end: datetime
    name: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A crisis that there was: by which incident it was found, and how long after it began; None: missed."""

    crisis: Crisis
    incident: Incident | None
    minutes: float | None


@dataclass(frozen=True, slots=True)
class Trial:
    """What one budget would have given between `start` and `end`, oldest incident first.

    `found` and `false` are None where nobody says which crises there were.
    """

    false_alerts_per_month: float
    start: datetime
    end: datetime
    incidents: tuple[Incident, ...]
    found: tuple[Found, ...] | None = None
    false: tuple[Incident, ...] | None = None

    @property
    def months(self) -> float:
        return (self.end - self.start) / MONTH

    @property
    def per_month(self) -> float:
        """Incidents a month, right and false together."""
        return len(self.incidents) / self.months

    @property
    def recall(self) -> float | None:
        """The part of the crises that was found; None where there were none, or nobody says."""
        if not self.found:
            return None
        return sum(one.incident is not None for one in self.found) / len(self.found)

    @property
    def median_delay_min(self) -> float | None:
        minutes = [one.minutes for one in self.found or () if one.minutes is not None]
        return median(minutes) if minutes else None

    @property
    def false_per_month(self) -> float | None:
        return None if self.false is None else len(self.false) / self.months


def trial(
    past: Past,
    settings: CrisisSettings,
    start: datetime,
    end: datetime,
    *,
    every: timedelta,
    crises: Sequence[Crisis] | None = None,
) -> Trial:
    """Watch `past` from `start` to `end` with `settings`, a look each `every`."""
    incidents = tuple(replay(past, settings, start, end, every=every))
    plain = Trial(settings.false_alerts_per_month, start, end, incidents)
    if crises is None:
        return plain
    known = [one for one in crises if one.end >= start and one.start <= end]
    found = tuple(_found(one, incidents) for one in known)
    false = tuple(one for one in incidents if not any(_belongs(one, crisis) for crisis in known))
    return Trial(settings.false_alerts_per_month, start, end, incidents, found, false)


def first_negative(incident: Incident) -> datetime:
    """When the first negative post of what was seen was made."""
    values = incident.reasons[0].values if incident.reasons else {}
    since = values.get("since")
    return datetime.fromisoformat(str(since)) if since else incident.opened_at


def _found(crisis: Crisis, incidents: Sequence[Incident]) -> Found:
    ours = [one for one in incidents if _belongs(one, crisis)]
    if not ours:
        return Found(crisis, None, None)
    first = min(ours, key=lambda one: one.opened_at)
    return Found(crisis, first, max(0.0, (first.opened_at - crisis.start) / timedelta(minutes=1)))


def _belongs(incident: Incident, crisis: Crisis) -> bool:
    return crisis.start <= incident.opened_at <= crisis.end + LATE
