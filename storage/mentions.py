"""Mentions: a post that matches a topic, with what was made of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, and_, func, or_, select, tuple_

from storage import settings
from storage.authors import author_of
from storage.engine import Database
from storage.judgement import ALONE, kinds_column, labels_of, own
from storage.models import AUTHOR, CORRECTION, MENTION, POST
from storage.posts import digest, key, post_of
from storage.types import (
    Analysis,
    Author,
    Disclosure,
    DisclosureKind,
    Emotion,
    Label,
    Mention,
    Post,
    Sentiment,
    Signal,
    SignalKind,
    Span,
)
from storage.upsert import Row, chunks, numbered
from storage.verdicts import Correction, CorrectionKind

Identity = tuple[str, str, str]  # (platform, external id, topic)


@dataclass(frozen=True, slots=True, kw_only=True)
class MentionFilter:
    """Which mentions; every field left None lets all through, and what is given must all hold.

    `author` is "platform:external_id" or a handle. `text` is a piece of title or text, any ASCII case.
    `since` is inclusive, `until` is not. `irrelevant` is False for mentions that count; True lets through only
    those a person set aside, None both.
    """

    topic: str | None = None
    label: Label | None = None
    source: str | None = None
    platform: str | None = None
    author: str | None = None
    text: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    signal: SignalKind | None = None
    lang: str | None = None
    disclosure: DisclosureKind | None = None
    story: int | None = None
    irrelevant: bool | None = False


_ROWS = (
    MENTION.join(POST, MENTION.c.post_id == POST.c.id)
    .outerjoin(AUTHOR, POST.c.author_id == AUTHOR.c.id)
    .outerjoin(CORRECTION, MENTION.c.correction_id == CORRECTION.c.id)
)
SELECT: Select[Any] = select(
    *MENTION.c,
    *(column.label(f"post_{column.name}") for column in POST.c if column.name not in ("id", "author_id")),
    *(column.label(f"author_{column.name}") for column in AUTHOR.c if column.name != "id"),
    *(CORRECTION.c[name].label(f"correction_{name}") for name in ("kind", "labels", "by", "at", "note")),
).select_from(_ROWS)

# ------------------------------------------------------------------ asking


def fresh(connection: Connection, mentions_of: Sequence[tuple[Post, str]]) -> set[Identity]:
    known: dict[Identity, tuple[str, str]] = {}
    names = (POST.c.platform, POST.c.external_id)
    wanted = select(*names, MENTION.c.topic, MENTION.c.digest, POST.c.source).join_from(MENTION, POST)
    for some in chunks(dict.fromkeys(key(post) for post, _ in mentions_of)):
        for platform, external_id, topic, text, source in connection.execute(
            wanted.where(tuple_(*names).in_(some))
        ):
            known[platform, external_id, topic] = (text, source)
    oldest = settings.horizon(connection)
    return {
        (post.platform, post.external_id, topic)
        for post, topic in mentions_of
        if (oldest is None or post.created_at >= oldest) and _is_news(post, known.get((*key(post), topic)))
    }


def _is_news(post: Post, stored: tuple[str, str] | None) -> bool:
    """Not stored, or rewritten by the source that owns the words."""
    return stored is None or (stored[1] == post.source and stored[0] != digest(post.full_text))


def select_page(connection: Connection, where: MentionFilter, limit: int, offset: int) -> list[Mention]:
    newest = SELECT.where(*_conditions(where)).order_by(MENTION.c.created_at.desc(), MENTION.c.id.desc())
    rows = connection.execute(newest.limit(limit).offset(offset)).mappings()
    return [mention_of(row) for row in rows]


def count(connection: Connection, where: MentionFilter) -> int:
    return connection.scalar(select(func.count()).select_from(_ROWS).where(*_conditions(where))) or 0


def by_id(connection: Connection, ids: Sequence[int]) -> list[Mention]:
    found: dict[int, Mention] = {}
    for some in chunks(dict.fromkeys(ids)):
        for row in connection.execute(SELECT.where(MENTION.c.id.in_(some))).mappings():
            found[row["id"]] = mention_of(row)
    return [found[number] for number in dict.fromkeys(ids) if number in found]


def stories(connection: Connection, topic: str, since: datetime) -> list[int]:
    active = select(MENTION.c.story).where(
        MENTION.c.topic == topic, MENTION.c.created_at >= since, MENTION.c.story.is_not(None)
    )
    return list(
        connection.scalars(active.group_by(MENTION.c.story).order_by(func.max(MENTION.c.created_at).desc()))
    )


def by_author(
    database: Database, topic: str, since: datetime, until: datetime, min_mentions: int
) -> Iterator[tuple[Author, list[Mention]]]:
    """First the ids of the authors, then a few hundred authors a query, so that no connection stays open."""
    in_time = (MENTION.c.created_at >= since, MENTION.c.created_at < until)
    within = (MENTION.c.topic == topic, *in_time, ~MENTION.c.irrelevant)
    who = select(MENTION.c.author_id).where(*within, MENTION.c.author_id.is_not(None))
    often = (
        who.group_by(MENTION.c.author_id).having(func.count() >= min_mentions).order_by(MENTION.c.author_id)
    )
    with database.read() as connection:
        ids = list(connection.scalars(often))
    in_order = (MENTION.c.author_id, MENTION.c.created_at, MENTION.c.id)
    for some in chunks(ids, 200):
        groups: dict[int, list[Mention]] = {}
        with database.read() as connection:
            theirs = SELECT.where(*within, MENTION.c.author_id.in_(some)).order_by(*in_order)
            for row in connection.execute(theirs).mappings():
                groups.setdefault(row["author_id"], []).append(mention_of(row))
        for found in groups.values():
            if (author := found[-1].post.author) is not None:
                yield author, found


def _conditions(where: MentionFilter) -> list[ColumnElement[bool]]:
    plain = {
        MENTION.c.topic: where.topic,
        MENTION.c.label: where.label,
        POST.c.source: where.source,
        MENTION.c.platform: where.platform,
        MENTION.c.lang: where.lang,
        MENTION.c.disclosure: where.disclosure,
        MENTION.c.story: where.story,
    }
    wanted: list[ColumnElement[bool]] = [
        column == value for column, value in plain.items() if value is not None
    ]
    if where.irrelevant is not None:
        wanted.append(MENTION.c.irrelevant if where.irrelevant else ~MENTION.c.irrelevant)
    if where.since is not None:
        wanted.append(MENTION.c.created_at >= where.since)
    if where.until is not None:
        wanted.append(MENTION.c.created_at < where.until)
    if where.signal is not None:
        wanted.append(MENTION.c.signal_kinds.contains(f" {where.signal.value} ", autoescape=True))
    if where.author is not None:
        wanted.append(_is_author(where.author))
    if where.text:
        pieces = [column.icontains(where.text, autoescape=True) for column in (POST.c.title, POST.c.text)]
        wanted.append(or_(*pieces))
    return wanted


def _is_author(name: str) -> ColumnElement[bool]:
    platform, _, external_id = name.partition(":")
    account = and_(AUTHOR.c.platform == platform, AUTHOR.c.external_id == external_id)
    return or_(AUTHOR.c.handle == name, account)


# ------------------------------------------------------------------ rows and values


def of_posts(connection: Connection, post_ids: Iterable[int]) -> list[Row]:
    """Every mention of these posts, of whatever topic."""
    rows: list[Row] = []
    for some in chunks(post_ids):
        found = connection.execute(select(MENTION).where(MENTION.c.post_id.in_(some))).mappings()
        rows.extend(dict(row) for row in found)
    return rows


def write(connection: Connection, rows: Sequence[Row]) -> dict[tuple[int, str], int]:
    """Insert or overwrite; returns the ids of the new ones by (post id, topic)."""
    return numbered(connection, MENTION, rows, key=["post_id", "topic"])


def analysed(mention: Mention) -> Row:
    """The columns that come from the analysis; the others repeat the post."""
    analysis, sentiment, disclosure = (
        mention.analysis,
        mention.analysis.sentiment,
        mention.analysis.disclosure,
    )
    return {
        "topic": mention.topic,
        "digest": digest(mention.post.full_text),
        "matched": [_span_row(span) for span in mention.matched],
        "label": sentiment.label.value,
        "score": float(sentiment.score),
        "confidence": float(sentiment.confidence),
        "model": sentiment.model,
        "emotion": analysis.emotion.value,
        "sarcasm": bool(analysis.sarcasm),
        "lang": analysis.lang,
        "fingerprint": analysis.fingerprint,
        "disclosure": disclosure.kind.value,
        "disclosure_confidence": float(disclosure.confidence),
        "disclosure_evidence": disclosure.evidence and _span_row(disclosure.evidence),
        "signals": [
            [signal.kind.value, float(signal.confidence), signal.evidence and _span_row(signal.evidence)]
            for signal in analysis.signals
        ],
        "signal_kinds": kinds_column([signal.kind.value for signal in analysis.signals]),
        "story": mention.story,
        **ALONE,
    }


def mention_of(row: RowMapping) -> Mention:
    """`row` comes from `SELECT`."""
    author = author_of(row, "author_") if row["author_platform"] is not None else None
    post = post_of(row, author, "post_")
    # The words may have changed since this topic's analysis: quote no span that is not there any more.
    text = None if row["digest"] == row["post_digest"] else post.full_text
    matched = tuple(span for entry in row["matched"] if (span := _span_of(entry, text)) is not None)
    mention = Mention(post, row["topic"], matched, _analysis_of(row, text), id=row["id"], story=row["story"])
    if row["correction_id"] is None:
        return mention
    said = _analysis_of({**row, **own(row)}, text)
    return replace(mention, correction=_correction_of(row), model_said=said)


def _correction_of(row: RowMapping) -> Correction:
    """The word that stands; `row` comes from `SELECT`."""
    return Correction(
        mention_id=row["id"],
        kind=CorrectionKind(row["correction_kind"]),
        by=row["correction_by"],
        at=row["correction_at"],
        labels=labels_of(row["correction_labels"]),
        note=row["correction_note"],
        id=row["correction_id"],
    )


def _analysis_of(row: RowMapping | Row, text: str | None) -> Analysis:
    evidence = _span_of(row["disclosure_evidence"], text)
    return Analysis(
        sentiment=Sentiment(Label(row["label"]), row["score"], row["confidence"], row["model"]),
        emotion=Emotion(row["emotion"]),
        signals=tuple(
            Signal(SignalKind(kind), confidence, _span_of(entry, text))
            for kind, confidence, entry in row["signals"]
        ),
        disclosure=Disclosure(DisclosureKind(row["disclosure"]), row["disclosure_confidence"], evidence),
        sarcasm=row["sarcasm"],
        lang=row["lang"],
        fingerprint=row["fingerprint"],
    )


def _span_row(span: Span) -> list[Any]:
    return [span.start, span.end, span.text, span.why]


def _span_of(entry: Sequence[Any] | None, text: str | None) -> Span | None:
    """None when there is none, or when it does not quote `text` (None: known to quote it)."""
    if entry is None or (text is not None and text[entry[0] : entry[1]] != entry[2]):
        return None
    return Span(*entry)
