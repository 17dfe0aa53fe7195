"""The digest of a day or a week: when it is due, and which stories it shows (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from storage.notices import Alert, AlertKind, Digest
from storage.types import Label, Observation, Reason, Severity

LATE = timedelta(hours=6)  # what was missed by more than this is old news
STORIES = 5
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DigestTimes:
    """When digests are sent, in the configuration's timezone; None: never. `weekday` 0 is Monday."""

    daily: time | None = None
    weekly: time | None = None
    weekday: int = 0
    when_empty: bool = False


@dataclass(frozen=True, slots=True)
class Stretch:
    """The time that one digest is about."""

    period: str
    start: datetime
    end: datetime

    @property
    def before(self) -> datetime:
        """When the stretch before it began."""
        return self.start - (self.end - self.start)


def due(times: DigestTimes, now: datetime, timezone: str) -> list[Stretch]:
    """The digests whose time came within the last six hours: asked again, the same answer."""
    zone = ZoneInfo(timezone)
    found = []
    if times.daily is not None:
        end = _latest(times.daily, None, now, zone)
        found.append(Stretch("daily", _days_before(end, 1), end))
    if times.weekly is not None:
        end = _latest(times.weekly, times.weekday, now, zone)
        found.append(Stretch("weekly", _days_before(end, 7), end))
    return [one for one in found if now - one.end <= LATE]


def alert(digest: Digest, now: datetime, *, when_empty: bool) -> Alert | None:
    """The digest as an alert; None when nothing happened and that is not to be told."""
    if digest.empty and not when_empty:
        return None
    return Alert(
        key=f"digest/{digest.period}/{digest.end.astimezone(UTC):%Y%m%dT%H%MZ}",
        kind=AlertKind.DIGEST,
        topic="",
        severity=Severity.WATCH,
        reason=Reason("nothing" if digest.empty else "digest", {"period": digest.period}),
        created_at=now,
        subject=digest,
        mentions=tuple(mention for mention, _ in digest.stories),
    )


def main_stories(seen: Sequence[Observation], most: int = STORIES) -> list[tuple[int, int]]:
    """(mention id, people) of the most told stories, one mention for each: negative or positive ones only.

    A story counts its different people; engagement breaks ties. Shown is the mention that most people reacted to, or
    else the first.
    """
    told: dict[tuple[int, Label], list[Observation]] = {}
    for one in seen:
        if one.label is not Label.NEUTRAL:
            story = one.story if one.story is not None else -one.mention_id
            told.setdefault((story, one.label), []).append(one)
    ranked = sorted(told.values(), key=_weight, reverse=True)
    return [(_shown(members).mention_id, _people(members)) for members in _both_sides(ranked, most)]


def _both_sides(ranked: Sequence[Sequence[Observation]], most: int) -> list[Sequence[Observation]]:
    """The first ones, but of each side at least one where there is one: a bad day has its good word, too."""
    chosen = list(ranked[:most])
    for label in (Label.NEGATIVE, Label.POSITIVE):
        if chosen and all(one[0].label is not label for one in chosen):
            chosen[-1:] = [one for one in ranked if one[0].label is label][:1] or chosen[-1:]
    return chosen


def _weight(members: Sequence[Observation]) -> tuple[int, int, datetime]:
    return _people(members), sum(one.engagement or 0 for one in members), members[-1].at


def _people(members: Sequence[Observation]) -> int:
    return len({one.author or f"#{one.mention_id}" for one in members})


def _shown(members: Sequence[Observation]) -> Observation:
    return max(members, key=lambda one: (one.engagement or 0, -one.at.timestamp()))


def _latest(at: time, weekday: int | None, now: datetime, zone: ZoneInfo) -> datetime:
    """The last moment up to `now` when a clock in `zone` showed `at` (on that day of the week)."""
    day = now.astimezone(zone).date()
    for back in range(8):
        moment = datetime.combine(day - timedelta(days=back), at, zone)
        if moment <= now and (weekday is None or moment.weekday() == weekday):
            return moment
    raise AssertionError("a week has every weekday")


def _days_before(end: datetime, days: int) -> datetime:
    """The same time of day, so many days before: 23 or 25 hours where clocks were changed."""
    return datetime.combine(end.date() - timedelta(days=days), end.timetz().replace(tzinfo=None), end.tzinfo)


def change(now: int, before: int) -> Mapping[str, float | str]:
    """How a count differs from the one before: {"percent": +25.0}, or why that cannot be said."""
    if before == 0:
        return {"code": "new" if now else "none"}
    return {"code": "change", "percent": 100 * (now - before) / before}
