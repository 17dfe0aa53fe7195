"""Advocates: the latest ranking of a topic, and where a person has brought each of them.

Who opted out or was erased is not ranked; `storage.people` moves the stages.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, or_, select, update

from storage import authors, refusals
from storage.authors import author_of
from storage.incidents import reasons_of, reasons_row
from storage.models import ADVOCATE, AUTHOR
from storage.models_people import JOURNEY
from storage.types import Advocate, Contribution, Stage
from storage.upsert import Row, upsert

_SELECT: Select[Any] = select(
    *ADVOCATE.c,
    *(column.label(f"author_{column.name}") for column in AUTHOR.c if column.name != "id"),
).join_from(ADVOCATE, AUTHOR)


def save(connection: Connection, topic: str, ranking: Sequence[Advocate], now: datetime) -> list[Advocate]:
    refused = refusals.among(connection, (authors.key(advocate.author) for advocate in ranking))
    ranking = [advocate for advocate in ranking if authors.key(advocate.author) not in refused]
    people = authors.save(connection, [(advocate.author, advocate.last_at) for advocate in ranking])
    by_author = {people[authors.key(advocate.author)]["id"]: advocate for advocate in ranking}
    rows = [_row_of(advocate, author_id, topic, now) for author_id, advocate in by_author.items()]
    upsert(connection, ADVOCATE, rows, key=["author_id", "topic"], keep=["stage"])
    gone = update(ADVOCATE).where(ADVOCATE.c.topic == topic, ADVOCATE.c.score != 0)
    others = gone.where(ADVOCATE.c.author_id.not_in(list(by_author)))
    connection.execute(others.values(score=0.0, contributions=[], scored_at=now))
    stored = connection.execute(_SELECT.where(ADVOCATE.c.topic == topic)).mappings()
    found = {row["author_id"]: _advocate_of(row) for row in stored}
    return [found[author_id] for author_id in by_author]


def best(connection: Connection, topic: str | None, min_score: float, limit: int) -> list[Advocate]:
    ranked = or_(ADVOCATE.c.score > 0, ADVOCATE.c.stage != Stage.CANDIDATE.value)
    opted_out = select(JOURNEY.c.advocate_id).where(JOURNEY.c.opted_out_at.is_not(None))
    wanted = _SELECT.where(ADVOCATE.c.score >= min_score, ranked, ADVOCATE.c.id.not_in(opted_out))
    if topic is not None:
        wanted = wanted.where(ADVOCATE.c.topic == topic)
    rows = connection.execute(wanted.order_by(ADVOCATE.c.score.desc(), ADVOCATE.c.id).limit(limit)).mappings()
    return [_advocate_of(row) for row in rows]


def one(connection: Connection, advocate_id: int) -> Advocate | None:
    row = connection.execute(_SELECT.where(ADVOCATE.c.id == advocate_id)).mappings().one_or_none()
    return None if row is None else _advocate_of(row)


def some(connection: Connection, topic: str | None, ids: Select[tuple[int]]) -> list[Advocate]:
    """Those whose ids a query names, best first, whether ranked or not."""
    wanted = _SELECT.where(ADVOCATE.c.id.in_(ids))
    if topic is not None:
        wanted = wanted.where(ADVOCATE.c.topic == topic)
    rows = connection.execute(wanted.order_by(ADVOCATE.c.score.desc(), ADVOCATE.c.id)).mappings()
    return [_advocate_of(row) for row in rows]


def _row_of(advocate: Advocate, author_id: int, topic: str, now: datetime) -> Row:
    return {
        "author_id": author_id,
        "topic": topic,
        "score": float(advocate.score),
        "contributions": [
            [c.name, float(c.points), list(c.evidence), c.quote] for c in advocate.contributions
        ],
        "organic": bool(advocate.organic),
        "organic_reasons": reasons_row(advocate.organic_reasons),
        "mentions": advocate.mentions,
        "first_at": advocate.first_at,
        "last_at": advocate.last_at,
        "stage": advocate.stage.value,
        "scored_at": now,
    }


def _advocate_of(row: RowMapping) -> Advocate:
    return Advocate(
        author=author_of(row, "author_"),
        topic=row["topic"],
        score=row["score"],
        contributions=tuple(
            Contribution(name, points, tuple(evidence), quote)
            for name, points, evidence, quote in row["contributions"]
        ),
        organic=row["organic"],
        organic_reasons=reasons_of(row["organic_reasons"]),
        mentions=row["mentions"],
        first_at=row["first_at"],
        last_at=row["last_at"],
        stage=Stage(row["stage"]),
        id=row["id"],
    )
