"""Storage's values as JSON. What docs/api.md promises; nothing else about them leaves the house.

A source's cursor and a notification's payload stay inside: they may hold what an outsider should not read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from listener.review import Question
from listener.web.language import Words
from listener.web.lights import Light
from listener.web.periods import mean_score
from listener.web.reasons import incident_card, organic_reason
from storage.notices import Notification, Silence
from storage.types import Advocate, Analysis, Bucket, Incident, Mention, Reason, Span, Topic
from storage.verdicts import Correction

Shape = dict[str, Any]


def plain(value: Any) -> Any:
    """Times as ISO 8601 in UTC, codes as text, mappings and sequences likewise; numbers unchanged."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Mapping):
        return {str(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(inner) for inner in value]
    return value


def topic(one: Topic) -> Shape:
    return {**plain(asdict(one))}


def mention(one: Mention) -> Shape:
    post, analysis = one.post, one.analysis
    author = None
    if post.author is not None:
        author = plain(asdict(post.author))
    return {
        "id": one.id,
        "topic": one.topic,
        "story": None if one.story is None else str(one.story),
        "platform": post.platform,
        "external_id": post.external_id,
        "source": post.source,
        "title": post.title,
        "text": post.text,
        "url": post.url,
        "publisher": post.publisher,
        "created_at": plain(post.created_at),
        "author": author,
        "rating": post.rating,
        "engagement": {**asdict(post.engagement), "total": post.engagement.total},
        "matched": [span(each) for each in one.matched],
        "lang": analysis.lang,
        **judgement(analysis),
        "correction": None if one.correction is None else correction(one.correction),
        "model_said": None if one.model_said is None else judgement(one.model_said),
    }


def judgement(analysis: Analysis) -> Shape:
    return {
        "sentiment": plain(asdict(analysis.sentiment)),
        "emotion": analysis.emotion.value,
        "sarcasm": analysis.sarcasm,
        "signals": [
            {"kind": each.kind.value, "confidence": each.confidence, "evidence": span(each.evidence)}
            for each in analysis.signals
        ],
        "disclosure": {
            "kind": analysis.disclosure.kind.value,
            "confidence": analysis.disclosure.confidence,
            "evidence": span(analysis.disclosure.evidence),
        },
    }


def correction(one: Correction) -> Shape:
    """A person's word. What nobody labelled is null."""
    return {
        "kind": one.kind.value,
        "by": one.by,
        "at": plain(one.at),
        "note": one.note,
        "labels": plain(asdict(one.labels)),
    }


def question(one: Question) -> Shape:
    """A mention that waits for a person, and why it is asked about."""
    return {"why": one.why.name.lower(), "margin": round(one.margin, 4), "mention": mention(one.mention)}


def span(one: Span | None) -> Shape | None:
    return None if one is None else {"start": one.start, "end": one.end, "text": one.text}


def bucket(one: Bucket) -> Shape:
    return {**plain(asdict(one)), "score": mean_score(one)}


def reason(one: Reason) -> Shape:
    return {"code": one.code, "values": plain(one.values)}


def incident(one: Incident, lang: str, timezone: str) -> Shape:
    return {
        "id": one.id,
        "key": one.key,
        "topic": one.topic,
        "kind": one.kind,
        "severity": one.severity.value,
        "state": one.state.value,
        "opened_at": plain(one.opened_at),
        "updated_at": plain(one.updated_at),
        "resolved_at": plain(one.resolved_at),
        "acknowledged_by": one.acknowledged_by,
        "reasons": [reason(each) for each in one.reasons],
        "text": list(incident_card(one, lang, timezone).reasons),
        "evidence": list(one.evidence),
    }


def advocate(one: Advocate, words: Words) -> Shape:
    return {
        "id": one.id,
        "topic": one.topic,
        "author": plain(asdict(one.author)),
        "score": one.score,
        "organic": one.organic,
        "organic_reasons": [
            {**reason(each), "text": organic_reason(each, words)} for each in one.organic_reasons
        ],
        "contributions": [plain(asdict(each)) for each in one.contributions],
        "mentions": one.mentions,
        "first_at": plain(one.first_at),
        "last_at": plain(one.last_at),
        "stage": one.stage.value,
    }


def source(one: Light) -> Shape:
    return {
        "name": one.name,
        "kind": one.kind,
        "health": one.health,
        "interval_seconds": None if one.interval is None else one.interval.total_seconds(),
        "last_at": plain(one.last_at),
        "last_ok_at": plain(one.last_ok_at),
        "next_at": plain(one.next_at),
        "error": one.error,
        "failures": one.failures,
        "posts": one.posts,
        "mentions": one.mentions,
    }


def silence(one: Silence) -> Shape:
    return {
        "id": one.id,
        "topic": one.topic,
        "kind": one.kind.value if one.kind else None,
        "tag": one.tag,
        "up_to": one.up_to.value,
        "until": plain(one.until),
        "reason": one.reason,
        "by": one.by,
        "breaks": one.breaks,
        "created_at": plain(one.created_at),
    }


def notification(one: Notification) -> Shape:
    return {
        "id": one.id,
        "alert_key": one.alert_key,
        "channel": one.channel,
        "topic": one.topic,
        "title": one.title,
        "state": one.state.value,
        "attempts": one.attempts,
        "error": one.error,
        "why": None if one.why is None else reason(one.why),
        "created_at": plain(one.created_at),
        "updated_at": plain(one.updated_at),
        "next_at": plain(one.next_at),
    }
