"""Is this notification sent, muted, or held back, and why? (pure)

Asked when an alert is begun, when what was held back is due, and before every retry: the world may have changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.inhibition import inhibitor
from alerts.quiet import QuietHours, quiet_until
from alerts.silencing import silence_of
from storage.notices import AlertKind, Delivery, Notification, Silence
from storage.types import Incident, IncidentState, Reason


@dataclass(frozen=True, slots=True)
class World:
    """What a notification is judged by: `incidents` are the open ones of its topic, `told` its thread's rows."""

    silences: Sequence[Silence] = ()
    incidents: Sequence[Incident] = ()
    quiet: QuietHours | None = None
    timezone: str = "Asia/Tokyo"
    told: Sequence[Notification] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """SENDING, MUTED, or WAITING until when; and why."""

    state: Delivery
    why: Reason | None = None
    until: datetime | None = None


SEND = Verdict(Delivery.SENDING)


def judge(row: Notification, world: World, now: datetime) -> Verdict:
    """What becomes of `row` at `now`. Tests, digests and alerts about channels are always sent."""
    if row.kind in (AlertKind.TEST, AlertKind.DIGEST) or row.alert_key.startswith("channel/"):
        return SEND
    why = _answered(row, world) or _muted(row, world) or _outdated(row, world)
    if why is not None:
        return Verdict(Delivery.MUTED, why)
    quiet = world.quiet
    until = quiet_until(quiet, now, world.timezone)
    if until is not None and quiet is not None and row.severity.rank < quiet.passes.rank:
        return Verdict(Delivery.WAITING, Reason("quiet_hours", {"until": until.isoformat()}), until)
    return SEND


def reason_code(row: Notification) -> str:
    """The reason in an incident's alert key, "<incident>/<reason>/…"; "" for other alerts."""
    return row.alert_key.removeprefix(f"{row.thread}/").split("/")[0] if row.incident_kind else ""


def _answered(row: Notification, world: World) -> Reason | None:
    """Nobody needs to be told that nobody answers when somebody did, or when it is over."""
    if not row.step:
        return None
    incident = next((one for one in world.incidents if one.key == row.thread), None)
    if incident is None or incident.state is IncidentState.RESOLVED:
        return Reason("resolved")
    if incident.state is IncidentState.ACKNOWLEDGED:
        return Reason("acknowledged", {"by": incident.acknowledged_by})
    return None


def _muted(row: Notification, world: World) -> Reason | None:
    silence = silence_of(row, world.silences)
    if silence is not None:
        return Reason("silenced", {"by": silence.by, "until": silence.until.isoformat(), "id": silence.id})
    by = None if reason_code(row) == "resolved" else inhibitor(row, world.incidents)
    return None if by is None else Reason("inhibited", {"incident": by.key, "id": by.id})


def _outdated(row: Notification, world: World) -> Reason | None:
    """Said by what was told since; or the end of something of which nothing was told here."""
    others = [one for one in world.told if not one.step and one.id != row.id]
    if reason_code(row) == "resolved":
        untold = bool(others) and all(one.state is Delivery.MUTED for one in others)
        return Reason("nothing_told") if untold else None
    if row.id is None or row.step or not row.incident_kind:
        return None
    later = [one for one in others if (one.id or 0) > row.id and _says_it(one, row)]
    return Reason("outdated", {"by": later[-1].title}) if later and row.state is Delivery.WAITING else None


def _says_it(later: Notification, row: Notification) -> bool:
    """It was told, or it waits too and is the same reminder, with a longer time in it."""
    both_remind = reason_code(later) == reason_code(row) == "still_open"
    return later.state is Delivery.SENT or (later.state is Delivery.WAITING and both_remind)
