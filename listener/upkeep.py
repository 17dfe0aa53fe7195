"""What looks after the house: sources that fall silent, messages to send again, posts too old to keep."""

from __future__ import annotations

from datetime import datetime, timedelta

from alerts import decide
from listener.pipeline import Pipeline
from storage.notices import Notification

LATEST_TRIES = 12


def watch_sources(pipeline: Pipeline, *, now: datetime) -> list[Notification]:
    """Tell of configured sources that fail or are silent, and of those that are back."""
    configured = {source.name for source in pipeline.config.sources if source.enabled}
    found = [
        decide.source_alert(state, now, fetches=pipeline.store.fetches(state.name, LATEST_TRIES))
        for state in pipeline.store.sources()
        if state.name in configured
    ]
    return pipeline.dispatcher.dispatch([alert for alert in found if alert is not None], now)


def resend(pipeline: Pipeline, *, now: datetime) -> list[Notification]:
    """Try again what could not be sent, when its time has come."""
    return pipeline.dispatcher.retry_due(now)


def purge(pipeline: Pipeline, *, now: datetime) -> int:
    """Forget posts older than `storage.retention_days`; the hourly counts stay. Returns how many mentions."""
    return pipeline.store.purge(now - timedelta(days=pipeline.config.storage.retention_days))
