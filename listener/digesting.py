"""Gathering a digest: what the store knows of a day or a week."""

from __future__ import annotations

from datetime import datetime

from alerts.digest import Stretch, main_stories
from alerts.message import display_name
from listener import review
from listener.config import Config, TopicConfig
from storage.db import Store
from storage.notices import Digest, TopicDigest
from storage.types import Incident, Outcome


def gather(store: Store, config: Config, stretch: Stretch, now: datetime) -> Digest:
    """Counts of every topic, and of our own ones the incidents, stories and new advocates."""
    own = [one for one in config.topics if one.own]
    seen = [x for topic in own for x in store.observations(topic.name, stretch.start, stretch.end)]
    told = main_stories(seen)
    shown = {one.id: one for one in store.mentions_by_id([mention_id for mention_id, _ in told])}
    return Digest(
        period=stretch.period,
        start=stretch.start,
        end=stretch.end,
        topics=tuple(_topic(store, topic, stretch) for topic in config.topics),
        incidents=tuple(one for topic in own for one in _incidents(store, topic.name, stretch)),
        stories=tuple((shown[number], people) for number, people in told if number in shown),
        advocates=tuple(name for topic in own for name in _advocates(store, config, topic.name, stretch)),
        waiting=review.count(store, config, now),
        failing=tuple(one.name for one in store.sources() if one.last_outcome is Outcome.FAILED),
    )


def _topic(store: Store, topic: TopicConfig, stretch: Stretch) -> TopicDigest:
    """From single mentions, not from hours: a digest may end at half past."""
    now = store.observations(topic.name, stretch.start, stretch.end)
    before = store.observations(topic.name, stretch.before, stretch.start)
    labels, labels_before = [one.label.value for one in now], [one.label.value for one in before]
    return TopicDigest(
        topic=topic.name,
        own=topic.own,
        volume=len(labels),
        positive=labels.count("positive"),
        negative=labels.count("negative"),
        volume_before=len(labels_before),
        negative_before=labels_before.count("negative"),
    )


def _incidents(store: Store, topic: str, stretch: Stretch) -> list[Incident]:
    """Those that were open at any moment of the stretch, the latest first."""
    known = store.incidents(topic, limit=50)
    lasting = [one for one in known if one.resolved_at is None or one.resolved_at > stretch.start]
    return [one for one in lasting if one.opened_at <= stretch.end]


def _advocates(store: Store, config: Config, topic: str, stretch: Stretch) -> list[str]:
    """Who was told of as a new advocate in the stretch."""
    lately = store.notifications(500, topic)
    keys = {
        one.alert_key.removesuffix("/new_advocate")
        for one in lately
        if one.alert_key.endswith("/new_advocate") and stretch.start < one.created_at <= stretch.end
    }
    ranked = store.advocates(topic, config.thresholds.advocate.min_score)
    return [
        display_name(one.author, config.language)
        for one in ranked
        if f"advocate/{topic}/{one.author.platform}:{one.author.external_id}" in keys
    ]
