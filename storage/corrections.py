"""Corrections: what people said of mentions, which word stands, and which mentions wait for one.

| a person                | what counts afterwards                                                     |
|-------------------------|----------------------------------------------------------------------------|
| corrects some fields    | these, over those corrected before, over what the model says               |
| confirms                | every field as it is now, whatever the model says later                    |
| sets aside (irrelevant) | the mention counts nowhere: no list, roll-up, history or ranking           |
| takes a word back       | what counted before that word; at last only what the model says            |

A new analysis goes below the word that stands (`storage.pages`). Rows are added, never changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, case, func, insert, select, update

from storage import buckets, mentions
from storage.engine import Database
from storage.judgement import ALONE, corrected, everything, labels_of, labels_row, own
from storage.models import CORRECTION, MENTION, POST
from storage.posts import post_of
from storage.types import Mention
from storage.upsert import Row, chunks
from storage.verdicts import Correction, CorrectionKind, Doubtful, Labels, Lesson

PAGE = 500


@dataclass(frozen=True, slots=True)
class Standing:
    """The word that counts for a mention."""

    id: int
    kind: CorrectionKind
    labels: Labels


def standing(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> dict[tuple[int, str], Standing]:
    """By (post id, topic): the words that stand for these mention rows."""
    places = {row["correction_id"]: (row["post_id"], row["topic"]) for row in rows if row["correction_id"]}
    found: dict[tuple[int, str], Standing] = {}
    for some in chunks(places):
        for row in connection.execute(select(CORRECTION).where(CORRECTION.c.id.in_(some))).mappings():
            found[places[row["id"]]] = _standing(row)
    return found


def add(connection: Connection, word: Correction, target: str | None) -> Mention | None:
    """Write the word down and let it count. None: no such mention, or nothing to take back."""
    stored = connection.execute(select(MENTION).where(MENTION.c.id == word.mention_id)).mappings().first()
    if stored is None:
        return None
    earlier = _words(connection, word.mention_id)
    if word.kind is CorrectionKind.UNDO and not earlier:
        return None
    labels = _labels(word, stored, earlier)
    number = _write(connection, word, labels, stored["post_id"], target)
    taken_back = word.kind is CorrectionKind.UNDO
    left = earlier[:-1] if taken_back else [Standing(number, word.kind, labels)]
    _count_again(connection, dict(stored), left[-1] if left else None)
    return mentions.by_id(connection, [word.mention_id])[0]


def of_mention(connection: Connection, mention_id: int) -> list[Correction]:
    """All that was said of a mention, oldest first."""
    rows = connection.execute(_of(mention_id)).mappings()
    return [
        Correction(
            mention_id=row["mention_id"],
            kind=CorrectionKind(row["kind"]),
            by=row["by"],
            at=row["at"],
            labels=labels_of(row["labels"]),
            note=row["note"],
            id=row["id"],
        )
        for row in rows
    ]


def corrected_mentions(connection: Connection, topics: tuple[str, ...], limit: int) -> list[Mention]:
    """Those about which a person's word stands, the latest word first."""
    wanted = mentions.SELECT.where(MENTION.c.correction_id.is_not(None), MENTION.c.topic.in_(topics))
    rows = connection.execute(wanted.order_by(MENTION.c.correction_id.desc()).limit(limit)).mappings()
    return [mentions.mention_of(row) for row in rows]


def lessons(database: Database, page: int = PAGE) -> Iterator[Lesson]:
    """Every mention with labels of a person that stand, in the order of the words; many small transactions."""
    columns = (MENTION.c.topic, MENTION.c.platform, MENTION.c.lang, POST.c.rating)
    wanted = (
        select(CORRECTION, *columns)
        .join_from(MENTION, POST)
        .join(CORRECTION, MENTION.c.correction_id == CORRECTION.c.id)
        .where(~MENTION.c.irrelevant)
        .order_by(CORRECTION.c.id)
        .limit(page)
    )
    last = 0
    while True:
        with database.read() as connection:
            rows = connection.execute(wanted.where(CORRECTION.c.id > last)).mappings().all()
        if not rows:
            return
        last = rows[-1]["id"]
        yield from (_lesson(row) for row in rows)


# ------------------------------------------------------------------ which mentions wait


def waiting(connection: Connection, ask: Doubtful, limit: int) -> list[Mention]:
    """The newest mention of each doubtful story, newest first."""
    return mentions.by_id(connection, list(connection.scalars(_waiting(ask).limit(limit))))


def count_waiting(connection: Connection, ask: Doubtful, limit: int) -> int:
    """How many stories wait, counted up to `limit`."""
    return connection.scalar(select(func.count()).select_from(_waiting(ask).limit(limit).subquery())) or 0


def _waiting(ask: Doubtful) -> Select[Any]:
    """One mention id a story. Confidence 0 marks a text without words: nobody can say more of it."""
    other = MENTION.alias("other")
    same_story = (other.c.topic == MENTION.c.topic, other.c.story == MENTION.c.story)
    spoken_of = select(other.c.id).where(*same_story, other.c.correction_id.is_not(None)).exists()
    doubtful = (MENTION.c.confidence > 0, MENTION.c.confidence < ask.below)
    lately = (MENTION.c.created_at >= ask.since, MENTION.c.created_at <= ask.until)
    alone = case((MENTION.c.story.is_(None), MENTION.c.id), else_=0)
    age = func.row_number().over(
        partition_by=(MENTION.c.topic, MENTION.c.story, alone),
        order_by=(MENTION.c.created_at.desc(), MENTION.c.id.desc()),
    )
    found = (
        select(MENTION.c.id, MENTION.c.created_at, age.label("age"))
        .where(MENTION.c.topic.in_(ask.topics), *lately, *doubtful)
        .where(MENTION.c.correction_id.is_(None), ~spoken_of)
        .subquery()
    )
    newest = select(found.c.id).where(found.c.age == 1)
    return newest.order_by(found.c.created_at.desc(), found.c.id.desc())


# ------------------------------------------------------------------ writing


def _of(mention_id: int) -> Select[Any]:
    return select(CORRECTION).where(CORRECTION.c.mention_id == mention_id).order_by(CORRECTION.c.id)


def _words(connection: Connection, mention_id: int) -> list[Standing]:
    """The words not taken back, oldest first; the last one stands."""
    left: list[Standing] = []
    for row in connection.execute(_of(mention_id)).mappings():
        if row["kind"] == CorrectionKind.UNDO.value:
            left.pop()
        else:
            left.append(_standing(row))
    return left


def _labels(word: Correction, stored: RowMapping, earlier: list[Standing]) -> Labels:
    """All that people have said of the mention after this word."""
    if word.kind is CorrectionKind.UNDO:
        return earlier[-2].labels if len(earlier) > 1 else Labels()
    before = earlier[-1].labels if earlier else Labels()
    if word.kind is CorrectionKind.CONFIRM:
        return everything(stored)
    if word.kind is CorrectionKind.CORRECT and not word.labels:
        raise ValueError("a correction says what is right instead: give at least one label")
    return word.labels.over(before)


def _write(connection: Connection, word: Correction, labels: Labels, post_id: int, target: str | None) -> int:
    post = connection.execute(select(POST).where(POST.c.id == post_id)).mappings().one()
    row = {
        "mention_id": word.mention_id,
        "kind": word.kind.value,
        "labels": labels_row(labels),
        "by": word.by,
        "at": word.at,
        "note": word.note,
        "text": post_of(post, None).full_text,
        "target": target,
    }
    return int(connection.execute(insert(CORRECTION).values(row).returning(CORRECTION.c.id)).scalar_one())


def _count_again(connection: Connection, before: Row, word: Standing | None) -> None:
    """The mention's row as the word makes it, and the roll-ups with it."""
    model = own(before)
    judged = corrected(model, word.labels, word.kind, word.id) if word else {**model, **ALONE}
    after = {**before, **judged}
    who = buckets.presences([before])
    reach_before = buckets.reached(connection, who)
    connection.execute(update(MENTION).where(MENTION.c.id == before["id"]).values(**judged))
    reach_after = buckets.reached(connection, who)
    buckets.apply(connection, gone=[before], come=[after], reach_before=reach_before, reach_after=reach_after)


def _standing(row: RowMapping) -> Standing:
    return Standing(row["id"], CorrectionKind(row["kind"]), labels_of(row["labels"]))


def _lesson(row: RowMapping) -> Lesson:
    return Lesson(
        mention_id=row["mention_id"],
        topic=row["topic"],
        platform=row["platform"],
        text=row["text"],
        target=row["target"],
        lang=row["lang"],
        rating=row["rating"],
        labels=labels_of(row["labels"]),
        at=row["at"],
    )
