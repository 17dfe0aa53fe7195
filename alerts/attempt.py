"""How one attempt ended, and when the next one is due (pure)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from alerts.channels import ChannelError
from storage.notices import AlertKind, Delivery, Notification

MAX_ATTEMPTS = 8  # with the waits below: about an hour
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)


class NotOurs(ChannelError):
    """The message could not even be handed to the channel; that says nothing of the channel's health."""

    def __init__(self, message: str) -> None:
        super().__init__(message, permanent=True)


Outcome = str | ChannelError  # the other side's id, or why not


def ended(row: Notification, outcome: Outcome, now: datetime) -> Notification:
    """The notification after an attempt: sent, given up, or waiting for its next try. A test is not retried."""
    if isinstance(outcome, str):
        return replace(
            row, state=Delivery.SENT, updated_at=now, remote_id=outcome, error="", next_at=None, why=None
        )
    failed = replace(row, state=Delivery.FAILED, updated_at=now, error=outcome.message, next_at=None)
    if outcome.permanent or row.attempts >= MAX_ATTEMPTS or row.kind is AlertKind.TEST:
        return failed
    return replace(failed, state=Delivery.RETRY, next_at=now + wait(row.attempts, outcome.retry_after))


def wait(attempts: int, retry_after: float | None = None) -> timedelta:
    """How long to wait after so many attempts: doubling, and never less than the other side asked for."""
    doubled = min(FIRST_WAIT * (1 << min(max(0, attempts - 1), 16)), LONGEST_WAIT)
    return max(doubled, timedelta(seconds=retry_after or 0))
