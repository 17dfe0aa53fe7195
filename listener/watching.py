"""Watching a topic: what the pure deciders say, with what the store knows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from alerts import crises, decide, decide_rules, journey, ratings, spikes, viral
from alerts.advocates import AdvocateSettings, Study, study
from alerts.crises import CrisisSettings
from alerts.ratings import RatingSettings
from alerts.spikes import SpikeSettings
from alerts.viral import ViralSettings
from listener.collectors import SourceConfig
from listener.topic_memory import TopicMemory
from storage.db import MentionFilter, Store
from storage.notices import Alert
from storage.types import Advocate, History, Incident, IncidentState, Label, Topic

PRAISE_MEMORY = timedelta(days=365)  # praise older than this no longer counts
LATELY_RESOLVED = timedelta(days=2)
TURNED_WITHIN = timedelta(days=30)
RECOVERED_WITHIN = timedelta(days=180)
LOUD, PAST_POSTS, SPIKE_MENTIONS = 200, 2000, 300  # of the newest: so many tell enough, and cost little
RATING, SPIKE = "rating", "spike"  # what the store keeps between two looks


def caught_up(store: Store, sources: Sequence[SourceConfig], topic: Topic) -> bool:
    """Whether every source of the topic was tried once: half a backfill looks like a crisis, or like none."""
    tried = {state.name for state in store.sources() if state.last_outcome is not None}
    ours = [one for one in sources if one.enabled and (not one.topics or topic.name in one.topics)]
    return all(one.name in tried for one in ours)


def incidents(
    store: Store,
    topic: Topic,
    history: History,
    settings: CrisisSettings,
    now: datetime,
    memory: TopicMemory | None = None,
) -> list[Incident]:
    """Detect, store what is new or changed, and return all that are open or were resolved lately.

    `memory` is what is kept between two looks, by default nothing.
    """
    told = (memory or TopicMemory()).given(store, history, now)
    for incident in crises.detect(told, current(store, topic, now), settings, now):
        store.save_incident(incident)
    return current(store, topic, now)


def incident_alerts(
    store: Store, topic: Topic, history: History, current: Sequence[Incident], now: datetime
) -> list[Alert]:
    """What the present incidents and loud single mentions call for; the same every time it is asked.

    An incident that a person merged into another is told no more.
    """
    silent = store.casebook.silent()
    current = [incident for incident in current if incident.id not in silent]
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
    return list(studied(store, topic, settings, now).advocates)


def studied(store: Store, topic: Topic, settings: AdvocateSettings, now: datetime) -> Study:
    """The ranking with the implied NPS of all authors, as they stood at `now`. Writes nothing."""
    people = store.authors_with_mentions(topic.name, now - PRAISE_MEMORY, now)
    organic = journey.organic_part(people, store.people.contacted_at(topic.name))
    return study(topic, organic, settings, now)


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
    alerts += _programme_alerts(store, topic, settings, now)
    return [alert for alert in alerts if alert is not None]


def _programme_alerts(
    store: Store, topic: Topic, settings: AdvocateSettings, now: datetime
) -> list[Alert | None]:
    """Programme posts that do not say so, and advocates who had turned and are back."""
    alerts: list[Alert | None] = []
    contacted = store.people.contacted_at(topic.name)
    for advocate in store.people.programme(topic.name):
        at = contacted[advocate.author.platform, advocate.author.external_id]
        lately = MentionFilter(
            topic=topic.name, author=who(advocate), since=max(at, now - journey.TOLD_WITHIN), until=now
        )
        alerts += journey.undisclosed_alerts(
            advocate, at, store.mentions(lately, limit=SPIKE_MENTIONS), topic, now
        )
    for advocate in store.people.told_turned(topic.name):
        theirs = MentionFilter(
            topic=topic.name, author=who(advocate), since=now - RECOVERED_WITHIN, until=now
        )
        recent = store.mentions(theirs, limit=SPIKE_MENTIONS)[::-1]
        alerts.append(journey.recovered_alert(advocate, recent, topic, settings, now))
    return alerts


def viral_alerts(store: Store, topic: Topic, settings: ViralSettings, now: datetime) -> list[Alert]:
    """Young posts that gather reactions faster than the topic's posts do."""
    youngest = now - timedelta(hours=settings.max_age_hours)
    loud = store.pulses.of_topic(topic.name, youngest, now, limit=LOUD, least=settings.min_reactions)
    if not settings.enabled or not loud:
        return []
    past = store.pulses.of_topic(topic.name, now - viral.MEMORY, now, limit=PAST_POSTS)
    days = (now - past[0].created_at) / timedelta(days=1) if past else 0.0
    usual = viral.usual_by_age(past, days, settings, without=frozenset(one.mention_id for one in loud))
    judged = [viral.judge(pulse, usual, settings, now) for pulse in loud]
    found = {one.mention_id: one for one in judged if one is not None}
    mentions = store.mentions_by_id(found)
    alerts = [decide_rules.viral_alert(one, found[one.id], topic, now) for one in mentions if one.id]
    return [alert for alert in alerts if alert is not None]


def rating_alerts(store: Store, topic: Topic, settings: RatingSettings, now: datetime) -> list[Alert]:
    """Review sources whose stars have fallen. What lasts is remembered, so that it is told once."""
    if not settings.enabled:
        return []
    written = store.pulses.remembered(topic.name, RATING)
    known = ratings.from_json(written)
    since = now - timedelta(days=settings.recent_days + settings.before_days)
    reviews = store.pulses.stars(topic.name, since, now)
    drops = []
    for source in sorted({*known, *(one.source for one in reviews)}):
        theirs = [one for one in reviews if one.source == source]
        drop = ratings.step(known.get(source), source, theirs, settings, now)
        drops += [drop] if drop is not None else []
    if (state := ratings.to_json(drops)) != (written or "[]"):
        store.pulses.remember(topic.name, RATING, state, now)
    alerts = [
        decide_rules.rating_alert(one, topic, now, mentions=store.mentions_by_id(one.evidence))
        for one in drops
    ]
    return [alert for alert in alerts if alert is not None]


def spike_alerts(store: Store, topic: Topic, settings: SpikeSettings, now: datetime) -> list[Alert]:
    """Talk that shoots up: about a competitor, in praise of us, or about us without any tendency."""
    if not settings.enabled:
        return []
    state = spikes.from_json(store.pulses.remembered(topic.name, SPIKE))
    if state is None:
        state = spikes.begin(store.history(topic, now, days=spikes.MEMORY.days).since, now)
    voices = store.pulses.voices(topic.name, state.until - spikes.HOUR, now)
    zone = ZoneInfo(topic.timezone)
    after = spikes.look_again(state, voices, own=topic.own, zone=zone, settings=settings, now=now)
    if after.until != state.until or after.told != state.told:
        store.pulses.remember(topic.name, SPIKE, spikes.to_json(after), now)
    if after.told is None or now - after.told.found_at > decide_rules.RETOLD:
        return []
    if after.told.code == "talk_spike" and store.open_incidents(topic.name):
        return []  # in a crisis, that people talk is no news, and "without tendency" would mislead
    label = Label.POSITIVE if after.told.code == "positive_spike" else None
    inside = MentionFilter(topic=topic.name, since=after.told.start, until=now, label=label)
    stories = spikes.stories(store.mentions(inside, limit=SPIKE_MENTIONS))
    alert = decide_rules.spike_alert(after.told, topic, now, stories=stories)
    return [alert] if alert is not None else []


def who(advocate: Advocate) -> str:
    """The author as `MentionFilter.author` takes it."""
    return f"{advocate.author.platform}:{advocate.author.external_id}"


def current(store: Store, topic: Topic, now: datetime) -> list[Incident]:
    """The open incidents, and those resolved in the last two days."""
    resolved = store.incidents(topic.name, IncidentState.RESOLVED, limit=20)
    lately = [one for one in resolved if one.resolved_at and now - one.resolved_at <= LATELY_RESOLVED]
    return store.open_incidents(topic.name) + lately
