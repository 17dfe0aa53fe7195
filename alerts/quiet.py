"""Quiet hours: when nobody wants to be told of what can wait, by the wall clock of the topic (pure)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import jpholiday

from storage.types import Severity

LONGEST_DAYS = 30
_JAPAN = "Asia/Tokyo"


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `start` to `end` every night; with `weekends` all of Saturday and Sunday, with `holidays` each 祝日.

    Alerts of severity `passes` and above are told all the same. 祝日 are those of Japan, in its timezone only.
    """

    start: time
    end: time
    weekends: bool = False
    holidays: bool = False
    passes: Severity = Severity.CRISIS


def quiet_until(settings: QuietHours | None, now: datetime, timezone: str) -> datetime | None:
    """When the quiet ends that holds at `now`, in UTC; None when it is not quiet."""
    zone = ZoneInfo(timezone)
    if settings is None or not _is_quiet(settings, now.astimezone(zone)):
        return None
    for edge in _edges(settings, now, zone):
        if not _is_quiet(settings, edge.astimezone(zone)):
            return edge
    return now + timedelta(days=LONGEST_DAYS)


def _is_quiet(settings: QuietHours, local: datetime) -> bool:
    if settings.weekends and local.weekday() >= 5:
        return True
    if settings.holidays and str(local.tzinfo) == _JAPAN and jpholiday.is_holiday(local.date()):
        return True
    clock, start, end = local.time(), settings.start, settings.end
    return start <= clock < end if start < end else clock >= start or clock < end


def _edges(settings: QuietHours, now: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """The moments after `now` at which quiet can end, soonest first; both, where the clock is set back."""
    today = now.astimezone(zone).date()
    for day in (today + timedelta(days=n) for n in range(LONGEST_DAYS)):
        walls = (datetime.combine(day, clock, zone) for clock in (time(0), settings.end))
        moments = {wall.replace(fold=fold).astimezone(UTC) for wall in walls for fold in (0, 1)}
        yield from sorted(moment for moment in moments if moment > now)
