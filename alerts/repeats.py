"""Routes that remind on a rhythm of their own: which incidents nobody took, and for how long (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from alerts.decide import again_alert
from alerts.routes import Route
from storage.notices import Alert, AlertKind


def repeated(alerts: Iterable[Alert], routes: Sequence[Route], now: datetime) -> list[Alert]:
    """The alerts, and behind each that is about an incident what each rhythm of the routes calls for."""
    rhythms = sorted({route.repeat for route in routes if route.repeat})
    found: list[Alert] = []
    for alert in alerts:
        again = [again_alert(alert, every, now) for every in rhythms if alert.kind is AlertKind.INCIDENT]
        found += [alert, *(one for one in again if one is not None)]
    return found
