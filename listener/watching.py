"""Watching a topic: what the pure deciders say, with what the store knows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from alerts import crises, decide
from alerts.advocates import AdvocateSettings, rank
from alerts.crises import CrisisSettings
from listener.collectors import SourceConfig
from storage.db import MentionFilter, Store
from storage.notices import Alert
from storage.types import Advocate, History, Incident, IncidentState, Label, Topic

PRAISE_MEMORY = timedelta(days=365)  # praise older than this no longer counts
LATELY_RESOLVED = timedelta(days=2)
TURNED_WITHIN = timedelta(days=30)


def caught_up(store: Store, sources: Sequence[SourceConfig], topic: Topic) -> bool:
    """Whether every source of the topic was tried once: half a backfill looks like a crisis, or like none."""
    tried = {state.name for state in store.sources() if state.last_outcome is not None}
    ours = [one for one in sources if one.enabled and (not one.topics or topic.name in one.topics)]
    return all(one.name in tried for one in ours)


def incidents(
    store: Store, topic: Topic, history: History, settings: CrisisSettings, now: datetime
) -> list[Incident]:
    """Detect, store what is new or changed, and return all that are open or were resolved lately."""
    for incident in crises.detect(history, _current(store, topic, now), settings, now):
        store.save_incident(incident)
    return _current(store, topic, now)


def incident_alerts(
    store: Store, topic: Topic, history: History, current: Sequence[Incident], now: datetime
) -> list[Alert]:
    """What the present incidents and loud single mentions call for; the same every time it is asked."""
    named = store.mentions_by_id({mention_id for incident in current for mention_id in incident.evidence})
    alerts = decide.incident_alerts(
        current, now, mentions={one.id: one for one in named if one.id is not None}, tags=topic.tags
    )
    loud = [
        seen.mention_id
        for seen in history.recent
        if seen.label is Label.NEGATIVE and (seen.reach or 0) >= decide.INFLUENTIAL
    ]
    found = [decide.mention_alert(mention, topic, now) for mention in store.mentions_by_id(loud)]
    return alerts + [alert for alert in found if alert is not None]


def ranked(store: Store, topic: Topic, settings: AdvocateSettings, now: datetime) -> list[Advocate]:
    """The topic's advocates as they stood at `now`, best first. Writes nothing."""
    people = store.authors_with_mentions(topic.name, now - PRAISE_MEMORY, now)
    return rank(topic, people, settings, now)


def advocate_alerts(
    store: Store,
    topic: Topic,
    before: Sequence[Advocate],
    ranking: Sequence[Advocate],
    settings: AdvocateSettings,
    now: datetime,
) -> list[Alert]:
    """New advocates, and known ones who have turned."""
    alerts: list[Alert | None] = []
    for advocate in ranking:
        ids = [one for part in advocate.contributions if part.points > 0 for one in part.evidence]
        shown = store.mentions_by_id(dict.fromkeys(ids[:5]))
        alerts.append(decide.advocate_alert(advocate, None, topic, settings, now, mentions=shown))
    for advocate in before:
        recent = store.mentions(
            MentionFilter(topic=topic.name, author=who(advocate), since=now - TURNED_WITHIN, until=now),
            limit=10,
        )
        alerts.append(decide.detractor_alert(advocate, recent[::-1], topic, settings, now))
    return [alert for alert in alerts if alert is not None]


def who(advocate: Advocate) -> str:
    """The author as `MentionFilter.author` takes it."""
    return f"{advocate.author.platform}:{advocate.author.external_id}"


def _current(store: Store, topic: Topic, now: datetime) -> list[Incident]:
    resolved = store.incidents(topic.name, IncidentState.RESOLVED, limit=20)
    lately = [one for one in resolved if one.resolved_at and now - one.resolved_at <= LATELY_RESOLVED]
    return store.open_incidents(topic.name) + lately
