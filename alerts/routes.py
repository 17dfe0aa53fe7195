"""Which alerts go where, how long they wait for others, and who is told when nobody answers (pure)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from storage.notices import Alert, AlertKind
from storage.types import Severity

GROUP_WAIT = timedelta(minutes=2)  # a first ranking, or a network that is down, tells twenty things at once
GROUP_INTERVAL = timedelta(minutes=5)
SHORTEST_REPEAT = timedelta(minutes=10)
AT_ONCE = (AlertKind.TEST, AlertKind.DIGEST)  # these wait for nothing, incidents only when a route says so
ANSWERABLE = ("opened", "escalated")


@dataclass(frozen=True, slots=True)
class Step:
    """Who is told as well when nobody has acknowledged an incident for so long."""

    after: timedelta
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Route:
    """Which alerts go to which channels; empty `topics`, `kinds` or `tags` let every one through.

    Alerts of one route, topic and kind that come within `group_wait` go out as one message, the next such message
    not before `group_interval` has passed. An incident that nobody took is told again every `repeat`; zero: never;
    None: after 1, 3, 7, 15 … days.
    """

    topics: tuple[str, ...] = ()
    kinds: tuple[AlertKind, ...] = ()
    min_severity: Severity = Severity.WATCH
    channels: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    group_wait: timedelta | None = None
    group_interval: timedelta | None = None
    escalation: tuple[Step, ...] = ()
    repeat: timedelta | None = None

    def takes(self, alert: Alert) -> bool:
        if alert.kind is AlertKind.TEST:
            return True
        if self.kinds and alert.kind not in self.kinds:
            return False
        # An alert about no topic (a source, a channel) passes a route by topic or tag only where it is named.
        named = not alert.topic and bool(self.kinds)
        if self.topics and alert.topic not in self.topics and not named:
            return False
        if self.tags and not set(self.tags) & set(alert.tags) and not named:
            return False
        return alert.severity.rank >= self.min_severity.rank


@dataclass(frozen=True, slots=True)
class Target:
    """One channel that an alert goes to. `after` is zero for the alert itself, else the time without an answer."""

    channel: str
    group: str = ""
    wait: timedelta = timedelta(0)
    interval: timedelta = timedelta(0)
    after: timedelta = timedelta(0)

    def key(self, alert: Alert) -> str:
        """What is told once on the channel."""
        return f"{alert.key}/unanswered/{int(self.after.total_seconds())}s" if self.after else alert.key


def targets(routes: Sequence[Route], alert: Alert, channels: Collection[str]) -> list[Target]:
    """Each channel once, in the order of the routes that take the alert, then the steps of escalation.

    Without any route every channel is told.
    """
    every = routes or (Route(channels=tuple(channels)),)
    found: dict[tuple[str, timedelta], Target | None] = {}
    for number, route in enumerate(every):
        if route.takes(alert):
            for target in _of_route(number, route, alert):
                mine = target if _in_rhythm(route, alert) else None
                found.setdefault((target.channel, target.after), mine)
    known = [target for target in found.values() if target is not None and target.channel in channels]
    return sorted(known, key=lambda target: target.after)


def _in_rhythm(route: Route, alert: Alert) -> bool:
    """Whether a reminder is of the route's own rhythm. The first route that names a channel decides for it."""
    if alert.reason.code != "still_open":
        return True
    every = alert.reason.values.get("every")
    return route.repeat == (None if every is None else timedelta(seconds=every))


def _of_route(number: int, route: Route, alert: Alert) -> list[Target]:
    interval = route.group_interval if route.group_interval is not None else GROUP_INTERVAL
    wait = _wait(route, alert.kind)
    group = f"{number}/{alert.topic}/{alert.kind.value}"
    found = [Target(channel, group, wait, interval) for channel in route.channels]
    if alert.kind is AlertKind.INCIDENT and alert.reason.code in ANSWERABLE:
        found += [Target(name, after=step.after) for step in route.escalation for name in step.channels]
    return found


def _wait(route: Route, kind: AlertKind) -> timedelta:
    if kind in AT_ONCE:
        return timedelta(0)
    if route.group_wait is not None:
        return route.group_wait
    return timedelta(0) if kind is AlertKind.INCIDENT else GROUP_WAIT
