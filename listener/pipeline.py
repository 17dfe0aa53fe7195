"""How a post becomes an alert. Every step in order; the rules live in the modules that are called.

ingest   source ▸ collect ▸ [bus] ▸ match ▸ drop seen ▸ analyze ▸ store + roll up
watch    topic  ▸ history ▸ detect (crises, advocates, spikes, stars) ▸ decide ▸ dispatch
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from alerts.dispatch import Dispatcher
from listener import reading, watching
from listener.bus import Batch, Receipt
from listener.bus.local import LocalBus
from listener.collectors import Collector, Page, SourceConfig
from listener.config import Config
from listener.topic_memory import TopicMemory
from nlp.analyze import Analyzer
from storage.db import Store
from storage.notices import Notification
from storage.types import Topic


@dataclass(frozen=True)
class Pipeline:
    """The steps, and the parts they work with. All memory is in the store; `topics` is a cache of it."""

    config: Config
    store: Store
    matcher: reading.Matcher
    analyzer: Analyzer
    dispatcher: Dispatcher
    topics: TopicMemory = field(default_factory=TopicMemory)

    def ingest(
        self, source: SourceConfig, collector: Collector, *, now: datetime
    ) -> Iterator[tuple[Page, Receipt]]:
        """Collect one source; each page is stored, with its cursor, before the next one is asked for."""
        bus = LocalBus(self.process)
        state = self.store.source(source.name)
        for page in collector.collect(state.cursor if state else {}, now=now):
            about_all = source.match == "all"
            batch = Batch(source.name, source.kind, page.posts, source.topics, about_all, page.cursor, now)
            yield page, bus.publish(batch)

    def process(self, batch: Batch) -> Receipt:
        """One batch from matching to the store, in one transaction. Done twice, it is done once."""
        matches = self.matcher.match(batch)
        fresh = self.store.fresh([(one.post, one.topic.name) for one in matches])
        mentions = reading.analyze([one for one in matches if one.identity in fresh], self.analyzer)
        stored = self.store.save_page(
            source=batch.source,
            kind=batch.kind,
            mentions=reading.group(mentions, self.store),
            seen=[one.post for one in matches if one.identity not in fresh],
            cursor=batch.cursor,
            at=batch.at,
        )
        topics = frozenset(one.topic for one in stored)
        return Receipt(posts=len(batch.posts), mentions=len(stored), topics=topics)

    def watch(self, topic: Topic, *, now: datetime) -> list[Notification] | None:
        """What changed about a topic of our own, and who should hear of it. None: not every source was tried yet."""
        if not watching.caught_up(self.store, self.config.sources, topic):
            return None
        history = self.store.history(topic, now)
        rules = self.config.thresholds.crisis
        found = watching.incidents(self.store, topic, history, rules, now, self.topics)
        alerts = watching.incident_alerts(self.store, topic, history, found, now)
        alerts += watching.viral_alerts(self.store, topic, self.config.thresholds.viral, now)
        return self.dispatcher.dispatch(alerts, now)

    def trend(self, topic: Topic, *, now: datetime) -> list[Notification] | None:
        """Talk that shoots up, about a competitor too, and falling stars of our own. None as for `watch`."""
        if not watching.caught_up(self.store, self.config.sources, topic):
            return None
        rules = self.config.thresholds
        alerts = watching.spike_alerts(self.store, topic, rules.spike, now)
        if topic.own:
            alerts += watching.rating_alerts(self.store, topic, rules.rating, now)
        return self.dispatcher.dispatch(alerts, now)

    def rank(self, topic: Topic, *, now: datetime) -> list[Notification] | None:
        """Who recommends a topic of our own, who is new among them, who has turned. None as for `watch`."""
        if not watching.caught_up(self.store, self.config.sources, topic):
            return None
        settings = self.config.thresholds.advocate
        before = self.store.advocates(topic.name, settings.min_score)
        ranking = self.store.save_advocates(
            topic.name, watching.ranked(self.store, topic, settings, now), now
        )
        alerts = watching.advocate_alerts(self.store, topic, before, ranking, settings, now)
        return self.dispatcher.dispatch(alerts, now)
