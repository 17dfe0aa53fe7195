"""The first message of an incident's thread, kept as the incident stands, where a channel can change messages.

So who comes late reads one message that is true now; what changed, and when, stands in the thread below it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from alerts.channels import Channel, ChannelError
from alerts.message import from_json, to_json
from storage.db import Store
from storage.notices import Alert, AlertKind, Delivery, Message, Notification
from storage.types import Incident, Mention, Reason

log = logging.getLogger("kikimimi.dispatch")


@runtime_checkable
class Updates(Protocol):
    """A channel that can show another message in place of one it has sent."""

    @property
    def can_update(self) -> bool: ...

    def update(self, message: Message, remote_id: str) -> None:
        """Raises ChannelError."""


def standing(incident: Incident, mentions: Iterable[Mention], now: datetime) -> Alert:
    """The incident as it stands now, as an alert: what its first message should say."""
    reason = Reason("opened")
    if incident.resolved_at is not None:
        hours = (incident.resolved_at - incident.opened_at) / timedelta(hours=1)
        reason = Reason("resolved", {"hours": round(hours, 1)})
    return Alert(
        key=incident.key,
        kind=AlertKind.INCIDENT,
        topic=incident.topic,
        severity=incident.severity,
        reason=reason,
        created_at=now,
        subject=incident,
        mentions=tuple(mentions),
    )


def repaint(
    store: Store,
    channels: Mapping[str, Channel],
    alerts: Iterable[Alert],
    now: datetime,
    *,
    render: Callable[[Alert], Message],
) -> list[Notification]:
    """Change the first messages that are no longer true; returns the notifications that were changed.

    A channel that refuses is asked again at the next look: nothing is lost, because the thread tells all.
    """
    able = {name: one for name, one in channels.items() if isinstance(one, Updates) and one.can_update}
    changed = []
    for alert in alerts if able else ():
        for name, channel in able.items():
            first = _first(store, alert, name)
            if first is None:
                continue
            message = replace(render(alert), key=first.alert_key)
            if _same(message, first):
                continue
            try:
                channel.update(message, first.remote_id)
            except ChannelError as problem:
                log.warning("%s: the first message was not brought up to date: %s", name, problem.message)
                continue
            repainted = replace(first, payload=to_json(message), title=message.title)
            store.alerting.repainted(repainted)
            changed.append(repainted)
    return changed


def _first(store: Store, alert: Alert, channel: str) -> Notification | None:
    told = store.alerting.of_thread(alert.key, channel)
    return next((one for one in told if one.state is Delivery.SENT and one.remote_id), None)


def _same(message: Message, told: Notification) -> bool:
    """Links are signed anew each time, so they are not compared, only which there are."""
    try:
        before = from_json(told.payload)
    except (ValueError, KeyError, TypeError):
        return True
    codes = [[action.code for action in one.actions] for one in (message, before)]
    return codes[0] == codes[1] and replace(message, actions=()) == replace(before, actions=())
