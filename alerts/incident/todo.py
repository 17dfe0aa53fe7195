"""What to do now about an incident, the most pressing first (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.incident.dossier import Dossier
from alerts.incident.growth import Course
from storage.cases import EventKind, IssuedReport, ReportKind
from storage.types import IncidentState, Reason, Severity

STALE = timedelta(hours=2)  # a report older than this is followed by the next one while the incident runs


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing to do; `reason.code` names it."""

    reason: Reason
    urgent: bool = False


def todos(dossier: Dossier, reports: Sequence[IssuedReport], now: datetime) -> tuple[Todo, ...]:
    if dossier.over:
        done = any(one.kind is ReportKind.FINAL for one in reports)
        return () if done or not reports else (Todo(Reason("final")),)
    found = []
    if dossier.incident.state is IncidentState.OPEN:
        found.append(Todo(Reason("take"), urgent=True))
    elif not dossier.steps(EventKind.OWNER):
        found.append(Todo(Reason("owner")))
    found += _reports(dossier, reports, now)
    if dossier.first is not None and not dossier.steps(EventKind.NOTE, EventKind.REPLY):
        found.append(Todo(Reason("check")))
    serious = dossier.incident.severity is not Severity.WATCH
    if serious and not dossier.steps(EventKind.REPLY):
        found.append(Todo(Reason("reply"), urgent=dossier.growth.course is Course.RISING))
    if dossier.media:
        found.append(Todo(Reason("media", {"n": len(dossier.media)})))
    if dossier.growth.peak_passed and dossier.growth.course is Course.FALLING:
        found.append(Todo(Reason("calm")))
    return tuple(sorted(found, key=lambda one: not one.urgent))


def _reports(dossier: Dossier, reports: Sequence[IssuedReport], now: datetime) -> list[Todo]:
    if not reports:
        return [Todo(Reason("first"), urgent=dossier.incident.severity is Severity.CRISIS)]
    promised = due(dossier)
    if promised is not None and promised <= now:
        return [Todo(Reason("due", {"at": promised.isoformat()}), urgent=True)]
    if promised is None and now - reports[-1].at >= STALE:
        return [Todo(Reason("follow_up"))]
    return []


def due(dossier: Dossier) -> datetime | None:
    """When the next report was promised for."""
    issued = dossier.steps(EventKind.REPORT)
    promised = issued[-1].values.get("next_at") if issued else None
    return datetime.fromisoformat(promised) if promised else None
