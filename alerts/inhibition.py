"""While a crisis is open, lesser things about the same topic are not told (pure)."""

from __future__ import annotations

from collections.abc import Sequence

from storage.notices import AlertKind, Notification
from storage.types import Incident, IncidentState, Severity

CRISES = frozenset({"negative_excess", "critical_phrase"})  # the kinds of incident that inhibit
LESSER = (AlertKind.INCIDENT, AlertKind.MENTION, AlertKind.TREND)


def inhibitor(row: Notification, incidents: Sequence[Incident]) -> Incident | None:
    """The most severe open incident of the topic that makes `row` not worth telling; None where it is told.

    A loud mention, a trend, and an incident of a kind that is no crisis by itself are lesser unless they are more
    severe; another crisis only when it is less severe. Advocates, sources, digests and tests are never inhibited.
    """
    others = [one for one in incidents if one.topic == row.topic and one.key != row.thread and _inhibits(one)]
    worst = max(others, key=lambda one: one.severity.rank, default=None)
    return worst if worst is not None and _is_lesser(row, worst.severity) else None


def _inhibits(incident: Incident) -> bool:
    unresolved = incident.state is not IncidentState.RESOLVED
    return unresolved and incident.kind in CRISES and incident.severity.rank >= Severity.WARNING.rank


def _is_lesser(row: Notification, severity: Severity) -> bool:
    if row.kind is AlertKind.INCIDENT and row.incident_kind in CRISES:
        return row.severity.rank < severity.rank
    return row.kind in LESSER and row.severity.rank <= severity.rank
