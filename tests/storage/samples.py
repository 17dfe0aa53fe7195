"""Invented posts and mentions, and the one instant the tests stand at."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import SQLModel

from storage.db import Store
from storage.types import (
    Analysis,
    Author,
    Disclosure,
    DisclosureKind,
    Emotion,
    Engagement,
    Label,
    Mention,
    Post,
    Sentiment,
    Signal,
    SignalKind,
    Span,
)

NOW = datetime(2025, 6, 2, 12, 30, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TOPIC = "ミナモ珈琲"


def author(name: str = "hana", **fields: Any) -> Author:
    return Author(**({"platform": "mastodon", "external_id": name, "handle": f"@{name}"} | fields))


def post(external_id: str = "1", **fields: Any) -> Post:
    base = {
        "platform": "mastodon",
        "external_id": external_id,
        "source": "mastodon-jp",
        "text": "ミナモ珈琲の新作がおいしい",
        "created_at": NOW - HOUR,
        "fetched_at": NOW,
        "author": author(followers=100),
        "engagement": Engagement(likes=3),
    }
    return Post(**(base | fields))


def analysis(label: Label = Label.POSITIVE, score: float = 0.8, **fields: Any) -> Analysis:
    base = {
        "sentiment": Sentiment(label, score, 0.9, "test-1"),
        "emotion": Emotion.JOY,
        "signals": (Signal(SignalKind.PRAISE, 0.7, Span(9, 13, "おいしい", "praise")),),
        "disclosure": Disclosure(DisclosureKind.ORGANIC, 0.95),
        "sarcasm": False,
        "lang": "ja",
        "fingerprint": 2**63 - 1,
    }
    return Analysis(**(base | fields))


def mention(of: Post | None = None, topic: str = TOPIC, **fields: Any) -> Mention:
    base = {"post": of or post(), "topic": topic, "matched": (Span(0, 5, "ミナモ珈琲", "term"),)}
    return Mention(**(base | {"analysis": analysis(), "story": 77} | fields))


def empty(store: Store) -> None:
    with store._database.write() as connection:
        for table in reversed(SQLModel.metadata.sorted_tables):
            connection.execute(table.delete())


def save(
    store: Store, *mentions: Mention, seen: tuple[Post, ...] = (), source: str = "mastodon-jp"
) -> list[Mention]:
    return store.save_page(
        source=source, kind="mastodon", mentions=mentions, seen=seen, cursor={"since": "9"}, at=NOW
    )
