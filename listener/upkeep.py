"""What looks after the house: sources that fall silent, messages to send again, posts too old to keep."""

from __future__ import annotations

from datetime import datetime, timedelta

from alerts import decide, decide_rules, digest, queues
from alerts.repaint import standing
from listener import foresight, review, watching
from listener.digesting import gather
from listener.pipeline import Pipeline
from storage.notices import Notification
from storage.types import Topic

LATEST_TRIES = 12
REVIEW_QUEUE = "review_queue"  # what the store keeps between two looks


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
    """Send what was held back, and try again what could not be sent, when its time has come."""
    return pipeline.dispatcher.retry_due(now)


def repaint(pipeline: Pipeline, *, now: datetime) -> list[Notification]:
    """Bring the first message of every open or lately resolved incident up to date where it stands."""
    store = pipeline.store
    alerts = [
        standing(incident, store.mentions_by_id(incident.evidence), now)
        for topic in pipeline.config.topics
        if topic.own
        for incident in watching.current(store, topic.topic(), now)
    ]
    return pipeline.dispatcher.repaint(alerts, now)


def send_digests(pipeline: Pipeline, *, now: datetime) -> list[Notification]:
    """Send the digest of the day or the week when its time has come; asked again, it is told once all the same."""
    config, found = pipeline.config, []
    times = config.digest.times()
    for stretch in digest.due(times, now, config.timezone):
        if pipeline.store.setting(f"digest.{stretch.period}") == stretch.end.isoformat():
            continue
        alert = digest.alert(gather(pipeline.store, config, stretch, now), now, when_empty=times.when_empty)
        found += pipeline.dispatcher.dispatch([alert] if alert else [], now)
        pipeline.store.set_setting(f"digest.{stretch.period}", stretch.end.isoformat())
    return found


def watch_review(pipeline: Pipeline, *, now: datetime) -> list[Notification]:
    """Tell when the review queue has been full for a day, once a week at most."""
    store, config = pipeline.store, pipeline.config
    if not config.thresholds.review_queue.enabled:
        return []
    before = queues.from_json(store.pulses.remembered("", REVIEW_QUEUE))
    waiting, limit = review.count(store, config, now), config.review.limit
    after = queues.step(before, waiting, limit, config.thresholds.review_queue, now)
    if after != before:
        store.pulses.remember("", REVIEW_QUEUE, queues.to_json(after), now)
    alert = decide_rules.queue_alert(after, limit, now)
    return pipeline.dispatcher.dispatch([alert] if alert else [], now)


def foresee(pipeline: Pipeline, topic: Topic, *, now: datetime) -> bool | None:
    """Work out once a day who may become an advocate. None: not every source was tried, or nobody was ranked yet."""
    store, settings = pipeline.store, pipeline.config.thresholds.advocate
    if not watching.caught_up(store, pipeline.config.sources, topic):
        return None
    if not foresight.due(store, topic, now):
        return False
    return True if foresight.refresh(store, topic, settings, now) else None


def purge(pipeline: Pipeline, *, now: datetime) -> int:
    """Forget posts older than `storage.retention_days`; the hourly counts stay. Returns how many mentions."""
    pipeline.store.pulses.forget(now)
    pipeline.store.people.expire(now)
    return pipeline.store.purge(now - timedelta(days=pipeline.config.storage.retention_days))
