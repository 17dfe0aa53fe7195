"""Alerts → people: route ▸ mute ▸ dedupe ▸ send ▸ record, and the retries.

At least once, with an idempotency key: the notification's row is committed before the attempt and the outcome
after it, and one alert is begun once a channel for ever. Nothing sleeps: a retry is a time in the row.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.channels import Channel, ChannelError
from alerts.decide import channel_alert
from alerts.message import from_json, render, to_json
from storage.db import Store
from storage.notices import Alert, AlertKind, Delivery, Message, Notification
from storage.types import Severity

log = logging.getLogger("kikimimi.dispatch")

MAX_ATTEMPTS = 8  # with the waits below: about an hour
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)
_THREAD_LOOKBACK = 300  # notifications looked through for the first of a thread


@dataclass(frozen=True, slots=True)
class Route:
    """Which alerts go to which channels; empty `topics` or `kinds` let every one through."""

    topics: tuple[str, ...] = ()
    kinds: tuple[AlertKind, ...] = ()
    min_severity: Severity = Severity.WATCH
    channels: tuple[str, ...] = ()

    def takes(self, alert: Alert) -> bool:
        if alert.kind is AlertKind.TEST:
            return True
        if self.kinds and alert.kind not in self.kinds:
            return False
        # An alert about no topic (a source, a channel) passes a route by topic only where it is named.
        if self.topics and alert.topic not in self.topics and (alert.topic or not self.kinds):
            return False
        return alert.severity.rank >= self.min_severity.rank


class Dispatcher:
    """Sends alerts through the channels. `timezones` gives a topic's own timezone where it has one."""

    def __init__(
        self,
        store: Store,
        channels: Mapping[str, Channel],
        routes: Sequence[Route],
        *,
        lang: str = "ja",
        timezone: str = "Asia/Tokyo",
        base_url: str = "",
        timezones: Mapping[str, str] | None = None,
    ) -> None:
        self._store = store
        self._channels = channels
        self._routes = routes
        self._lang = lang
        self._timezone = timezone
        self._timezones = timezones or {}
        self._base_url = base_url
        self._begun: set[tuple[str, str]] = set()  # spares the database; the row is what counts

    def dispatch(self, alerts: Iterable[Alert], now: datetime) -> list[Notification]:
        """Tell each alert on each channel, once for ever; returns what was begun and how it ended."""
        done: list[Notification] = []
        for alert in alerts:
            for channel in self._route(alert):
                muted = self._is_muted(alert.kind, alert.topic, now)
                begun = self._begin(alert, channel, muted, now)
                if begun is not None and not muted:
                    begun = self._record(begun, self._send(begun, now), now)
                if begun is not None:
                    done.append(begun)
        return done

    def retry_due(self, now: datetime) -> list[Notification]:
        """Send again what is due, in the words of the first attempt; returns the outcomes."""
        done = []
        for due in self._store.due_notifications(now):
            taken = self._store.take_notification(_id(due), now)
            if taken is None:
                continue  # another worker has it
            done.append(self._record(taken, self._send(taken, now), now))
        return done

    # -------------------------------------------------------------- the steps

    def _route(self, alert: Alert) -> list[str]:
        """Names of channels, each once, in the order of the routes; without any route, every channel."""
        if not self._routes:
            return list(self._channels)
        names = [name for route in self._routes if route.takes(alert) for name in route.channels]
        return [name for name in dict.fromkeys(names) if name in self._channels]

    def _is_muted(self, kind: AlertKind, topic: str, now: datetime) -> bool:
        """A silence mutes a topic, or everything about topics; never a test, a source or a channel."""
        if kind in (AlertKind.TEST, AlertKind.SOURCE):
            return False
        return self._is_silent(topic, now)

    def _is_silent(self, topic: str, now: datetime) -> bool:
        return any(one.topic in ("", topic) for one in self._store.silences(now))

    def _begin(self, alert: Alert, channel: str, muted: bool, now: datetime) -> Notification | None:
        """The row, committed before anything is sent; None when this was told here before."""
        if (alert.key, channel) in self._begun:
            return None
        timezone = self._timezones.get(alert.topic, self._timezone)
        message = render(alert, lang=self._lang, timezone=timezone, base_url=self._base_url)
        begun = self._store.begin_notification(
            Notification(
                alert_key=alert.key,
                channel=channel,
                state=Delivery.MUTED if muted else Delivery.SENDING,
                attempts=0 if muted else 1,
                created_at=now,
                updated_at=now,
                topic=alert.topic,
                title=message.title,
                payload=to_json(message),
            )
        )
        self._begun.add((alert.key, channel))
        return begun

    def _send(self, notification: Notification, now: datetime) -> str | ChannelError | None:
        """The other side's id, or why not; None when a silence has begun since the first attempt."""
        channel = self._channels.get(notification.channel)
        if channel is None:
            return ChannelError("the channel is no longer in config.yaml", permanent=True)
        if notification.attempts > 1 and notification.topic and self._is_silent(notification.topic, now):
            return None
        try:
            message = from_json(notification.payload)
        except (ValueError, KeyError, TypeError):
            return ChannelError("the stored message cannot be read", permanent=True)
        try:
            return channel.send(message, reply_to=self._first_of_thread(message, notification))
        except ChannelError as error:
            return error

    def _record(
        self, notification: Notification, outcome: str | ChannelError | None, now: datetime
    ) -> Notification:
        """Write how it ended; when it is given up, say so through the other channels."""
        ended = _ended(notification, outcome, now)
        self._store.finish_notification(
            _id(notification),
            state=ended.state,
            now=now,
            error=ended.error,
            next_at=ended.next_at,
            remote_id=ended.remote_id,
        )
        if ended.state is Delivery.RETRY:
            log.warning("%s: %s; tried again at %s", ended.channel, ended.error, ended.next_at)
        if ended.state is Delivery.FAILED:
            log.error("%s: given up: %s", ended.channel, ended.error)
            self._tell_others(ended, now)
        return ended

    # -------------------------------------------------------------- around them

    def _first_of_thread(self, message: Message, notification: Notification) -> str:
        """The id that the first message of the same thread got on this channel, "" when this is the first."""
        if message.thread == message.key:
            return ""
        told = self._store.notifications(_THREAD_LOOKBACK, topic=notification.topic or None)
        for earlier in reversed(told):
            same = earlier.channel == notification.channel and earlier.state is Delivery.SENT
            if same and earlier.alert_key.startswith(f"{message.thread}/") and earlier.remote_id:
                return earlier.remote_id
        return ""

    def _tell_others(self, failed: Notification, now: datetime) -> None:
        """One alert a day about a channel that gave up, through the other ones; never about itself again."""
        if failed.alert_key.startswith("channel/"):
            return
        alert = channel_alert(failed.channel, failed.error, now)
        routed = [name for name in self._route(alert) if name != failed.channel]
        for name in routed or [one for one in self._channels if one != failed.channel]:
            begun = self._begin(alert, name, False, now)
            if begun is not None:
                self._record(begun, self._send(begun, now), now)


def _ended(notification: Notification, outcome: str | ChannelError | None, now: datetime) -> Notification:
    """The notification after an attempt: sent, muted, given up, or waiting for its next try."""
    if outcome is None:
        return replace(notification, state=Delivery.MUTED, updated_at=now, next_at=None)
    if isinstance(outcome, str):
        sent = replace(notification, state=Delivery.SENT, updated_at=now, remote_id=outcome)
        return replace(sent, error="", next_at=None)
    if outcome.permanent or notification.attempts >= MAX_ATTEMPTS:
        return replace(
            notification, state=Delivery.FAILED, updated_at=now, error=outcome.message, next_at=None
        )
    next_at = now + wait(notification.attempts, outcome.retry_after)
    return replace(notification, state=Delivery.RETRY, updated_at=now, error=outcome.message, next_at=next_at)


def wait(attempts: int, retry_after: float | None = None) -> timedelta:
    """How long to wait after so many attempts: doubling, and never less than the other side asked for."""
    doubled = min(FIRST_WAIT * (1 << min(max(0, attempts - 1), 16)), LONGEST_WAIT)
    return max(doubled, timedelta(seconds=retry_after or 0))


def _id(notification: Notification) -> int:
    if notification.id is None:
        raise ValueError("a notification without an id was never stored")
    return notification.id
