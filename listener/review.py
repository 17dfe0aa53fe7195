"""A person's word on the model's judgement: what to ask about, and how the answer is kept.

Where the model is unsure a person is asked, about one mention of a story, the most useful first: what an
open crisis stands on, then candidates for advocates, then whatever is most in doubt and was seen most.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any

from listener.config import Config, ReviewConfig
from listener.reading import target
from nlp.analyze import model_input
from storage.db import Store
from storage.types import Label, Mention, Sentiment, Stage, Topic
from storage.verdicts import Correction, Doubtful, Lesson

CANDIDATES = 500  # of the newest: enough to find the most useful among, little enough for every page view
_REVIEWS = {"appstore", "googleplay"}
_KINDS = {"news": "news", "prtimes": "news", "hackernews": "forum", "reddit": "forum"}


class Why(IntEnum):
    """Why a mention is asked about, the most pressing first."""

    INCIDENT = 0
    ADVOCATE = 1
    DOUBT = 2


@dataclass(frozen=True, slots=True)
class Question:
    """A mention that waits for a person. `margin` 0…1: how far the likeliest label is ahead of the next."""

    mention: Mention
    why: Why
    margin: float


def questions(store: Store, config: Config, now: datetime, topics: Sequence[str]) -> list[Question]:
    """What to ask about these topics now, the most useful first; at most `review.limit`."""
    ask = _ask(config.review, topics, now)
    pressing = {number for one in store.open_incidents() for number in one.evidence}
    candidates = _candidates(store, config, topics)
    found = [
        _question(mention, pressing, candidates) for mention in store.judgements.waiting(ask, CANDIDATES)
    ]
    return sorted(found, key=_rank)[: config.review.limit]


def count(store: Store, config: Config, now: datetime) -> int:
    """How many mentions of our own topics wait, at most `review.limit`."""
    return store.judgements.count_waiting(_ask(config.review, own_topics(config), now), config.review.limit)


def own_topics(config: Config) -> list[str]:
    return [topic.name for topic in config.topics if topic.own]


def correct(store: Store, word: Correction, topics: Sequence[Topic]) -> Mention | None:
    """Keep a person's word with the target that the model was asked about; see `Store.correct`."""
    mention = store.mention(word.mention_id)
    if mention is None:
        return None
    topic = next((one for one in topics if one.name == mention.topic), None)
    return store.judgements.correct(
        word, target=target(mention.post, topic, mention.matched) if topic else None
    )


def lesson_line(lesson: Lesson) -> dict[str, Any]:
    """A line to train with, in the form of nlp/training/data; what nobody labelled is null.

    Text and target are what the model read.
    """
    text, about = model_input(lesson.text, lesson.target)
    labels = lesson.labels
    return {
        "text": text,
        "target": about,
        "sentiment": labels.sentiment,
        "signals": None if labels.signals is None else list(labels.signals),
        "disclosure": labels.disclosure,
        "emotion": labels.emotion,
        "sarcasm": labels.sarcasm,
        "lang": lesson.lang,
        "source": _source(lesson),
    }


def margin(sentiment: Sentiment) -> float:
    """The likeliest label's probability less the next one's, from score = p(positive) − p(negative)."""
    sure, score = sentiment.confidence, sentiment.score
    if sentiment.label is Label.NEUTRAL:
        others = ((1 - sure + score) / 2, (1 - sure - score) / 2)
    else:
        opposite = sure - abs(score)
        others = (opposite, 1 - sure - opposite)
    return max(0.0, min(1.0, sure - max(others)))


def _ask(settings: ReviewConfig, topics: Sequence[str], now: datetime) -> Doubtful:
    since = now - timedelta(days=settings.days)
    return Doubtful(topics=tuple(topics), below=settings.min_confidence, since=since, until=now)


def _candidates(store: Store, config: Config, topics: Sequence[str]) -> set[tuple[str, str, str]]:
    """(topic, platform, id) of those who may become advocates and whom nobody has looked at yet."""
    floor = config.thresholds.advocate.min_score
    best = (one for topic in topics for one in store.advocates(topic, floor))
    return {
        (one.topic, one.author.platform, one.author.external_id)
        for one in best
        if one.stage is Stage.CANDIDATE
    }


def _question(mention: Mention, pressing: set[int], candidates: set[tuple[str, str, str]]) -> Question:
    author, why = mention.post.author, Why.DOUBT
    if mention.id in pressing:
        why = Why.INCIDENT
    elif author and (mention.topic, author.platform, author.external_id) in candidates:
        why = Why.ADVOCATE
    return Question(mention, why, margin(mention.analysis.sentiment))


def _rank(question: Question) -> tuple[int, float, float]:
    """Doubt times reach: ten times the followers weigh as much as a third of all doubt. Then the newest."""
    post = question.mention.post
    followers = (post.author.followers if post.author else None) or 0
    seen = math.log10(1 + followers + (post.engagement.total or 0))
    useful = (1 - question.margin) * (1 + seen / 3)
    return (question.why, -useful, -post.created_at.timestamp())


def _source(lesson: Lesson) -> str:
    """The kind of text, as the training data names it."""
    if lesson.platform in _REVIEWS or lesson.rating is not None:
        return "review"
    return _KINDS.get(lesson.platform, "post")
