"""Which of the latest mentions a person should read first. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime

from storage.types import Label, Mention, SignalKind

HALF_LIFE_HOURS = 12.0
SIGNAL_WEIGHTS = {
    SignalKind.WARN: 1.5,
    SignalKind.CHURN_INTENT: 1.2,
    SignalKind.COMPLAINT: 1.0,
    SignalKind.QUESTION: 0.8,
    SignalKind.REQUEST: 0.5,
    SignalKind.PURCHASE_INTENT: 0.5,
}


def urgency(mention: Mention, now: datetime) -> float:
    """Higher means sooner: what it says, how far it carries, halved every twelve hours."""
    analysis = mention.analysis
    weight = 0.2
    if analysis.sentiment.label == Label.NEGATIVE:
        weight += 1.0 + abs(analysis.sentiment.score)
    weight += sum(SIGNAL_WEIGHTS.get(signal.kind, 0.0) * signal.confidence for signal in analysis.signals)
    followers = mention.post.author.followers if mention.post.author else None
    reach = math.log10(1 + (followers or 0)) + math.log10(1 + (mention.post.engagement.total or 0))
    age = max(0.0, (now - mention.post.created_at).total_seconds() / 3600)
    return float(weight * (1 + reach / 3) * 0.5 ** (age / HALF_LIFE_HOURS))


def worth_a_look(mentions: Iterable[Mention], now: datetime, limit: int) -> list[Mention]:
    """The most urgent, one a story: copies of one text need one answer."""
    chosen: list[Mention] = []
    stories: set[int] = set()
    for mention in sorted(mentions, key=lambda one: urgency(one, now), reverse=True):
        if mention.story is not None and mention.story in stories:
            continue
        if mention.story is not None:
            stories.add(mention.story)
        chosen.append(mention)
    return chosen[:limit]
