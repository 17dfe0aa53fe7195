"""What a topic's past says about a new mention: what it tells of (the words of nlp), and whether a regular speaks.

A cache: what is kept here between two looks is found again from the store after a restart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from threading import Lock

from alerts.causes import Causes
from alerts.regulars import KNOWN_FOR, Regulars
from nlp.rarity import share
from nlp.terms import links, terms
from storage.db import Store
from storage.types import History, Observation, Topic

MEMORY, MOST = (
    timedelta(days=KNOWN_FOR),
    20_000,
)  # so far back, and so many mentions, tell what is usual for a topic


class TopicMemory:
    """The causes and the regulars of every topic, learned from the store when it is first asked for."""

    def __init__(self) -> None:
        self._topics: dict[Topic, tuple[Causes, Regulars]] = {}
        self._lock = Lock()

    def given(self, store: Store, history: History, now: datetime) -> History:
        """`history` with the cause of each recent mention, and whether a regular made it."""
        topic = history.topic
        with self._lock:
            if topic not in self._topics:
                causes, regulars = causes_for(topic), Regulars()
                regulars.given(causes.given(store.observations(topic.name, _since(history, now), now)))
                self._topics[topic] = causes, regulars
            causes, regulars = self._topics[topic]
            recent = regulars.given(causes.given(history.recent))
            return replace(history, recent=recent, joining=causes.joining, regulars=regulars.usual)


def causes_for(topic: Topic) -> Causes:
    """Empty: give it the topic's mentions from the oldest on."""
    return Causes(partial(words, names=(topic.brand, *topic.aliases)), share)


def words(text: str, names: Sequence[str]) -> frozenset[str]:
    """What a text is about, and what it points to."""
    return terms(text, without=names) | links(text)


def with_causes(topic: Topic, seen: Sequence[Observation]) -> tuple[Observation, ...]:
    """A whole past, oldest first, each mention with its cause as it was known when it was made."""
    return causes_for(topic).given(seen)


def _since(history: History, now: datetime) -> datetime:
    """The beginning of the last `MEMORY`, later where there would be more than `MOST` mentions."""
    left = MOST
    for bucket in reversed(history.buckets):
        left -= bucket.volume
        if left < 0 or bucket.start < now - MEMORY:
            return bucket.start
    return history.since
