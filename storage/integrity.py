"""Is the database whole, and do the roll-ups say what the mentions say?"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, RowMapping, func, or_, select, text

from storage import settings
from storage.buckets import COUNTED, COUNTS, TALLIED, TALLIED_TOO, Place, tally
from storage.judgement import ALONE, JUDGED, corrected, labels_of, own
from storage.models import AUTHOR, CORRECTION, MENTION, POST, ROLLUP
from storage.models_people import ERASED
from storage.verdicts import CorrectionKind

MOST_FAULTS = 20  # of one kind: the first ones tell the story


def faults(connection: Connection) -> list[str]:
    return [
        *_broken_file(connection),
        *_broken_links(connection),
        *_broken_words(connection),
        *_wrong_rollups(connection),
    ]


def _broken_file(connection: Connection) -> Iterator[str]:
    if connection.dialect.name != "sqlite":
        return
    for (said,) in connection.execute(text("PRAGMA quick_check(20)")):
        if said != "ok":
            yield f"the file is damaged: {said}"
    for row in connection.execute(text("PRAGMA foreign_key_check")).fetchmany(MOST_FAULTS):
        yield f"a row of {row[0]} points to a row of {row[2]} that is not there"


def _broken_links(connection: Connection) -> Iterator[str]:
    """What a mention repeats of its post must be the same, and a post is stored only for a mention."""
    differs: list[ColumnElement[bool]] = [
        MENTION.c.created_at != POST.c.created_at,
        MENTION.c.platform != POST.c.platform,
        MENTION.c.author_id.is_distinct_from(POST.c.author_id),
    ]
    strays = connection.scalars(
        select(MENTION.c.id).join_from(MENTION, POST).where(or_(*differs)).limit(MOST_FAULTS)
    )
    yield from (f"mention {number} and its post disagree" for number in strays)
    posts = select(POST.c.id).join_from(POST, MENTION, isouter=True).where(MENTION.c.id.is_(None))
    yield from (f"post {number} has no mention" for number in connection.scalars(posts.limit(MOST_FAULTS)))
    orphans = select(POST.c.id).join_from(POST, AUTHOR, isouter=True)
    lost = orphans.where(AUTHOR.c.id.is_(None), POST.c.author_id.is_not(None)).limit(MOST_FAULTS)
    yield from (f"post {number} has lost its author" for number in connection.scalars(lost))


def _broken_words(connection: Connection) -> Iterator[str]:
    """A corrected mention must say what the person's word laid over the model's makes; no other has one."""
    judged = [MENTION.c[name] for name in (*JUDGED, *ALONE)]
    word = (CORRECTION.c.mention_id, CORRECTION.c.kind, CORRECTION.c.labels)
    rows = connection.execute(
        select(MENTION.c.id, *judged, *word)
        .join_from(MENTION, CORRECTION, MENTION.c.correction_id == CORRECTION.c.id, isouter=True)
        .where(or_(MENTION.c.correction_id.is_not(None), MENTION.c.irrelevant, MENTION.c.said.is_not(None)))
        .order_by(MENTION.c.id)
    )
    wrong = (row.id for row in rows.mappings() if not _agrees(row))
    yield from (f"mention {number} and its correction disagree" for number in islice(wrong, MOST_FAULTS))


def _agrees(row: RowMapping) -> bool:
    if row["mention_id"] != row["id"] or row["said"] is None:
        return False
    kind, labels = CorrectionKind(row["kind"]), labels_of(row["labels"])
    made = corrected(own(row), labels, kind, row["correction_id"])
    return {name: row[name] for name in made} == made


def _wrong_rollups(connection: Connection) -> Iterator[str]:
    """Hours that were purged have no mentions left to be counted: only the hours after are compared.

    What was erased is counted apart, without names.
    """
    horizon = settings.horizon(connection)
    rollups, mentions = select(ROLLUP), select(*TALLIED, *TALLIED_TOO).where(COUNTED)
    if horizon is not None:
        rollups, mentions = rollups.where(ROLLUP.c.hour >= horizon), mentions.where(MENTION.c.hour >= horizon)
    counted = tally(connection.execution_options(yield_per=2000).execute(mentions))
    stored: dict[Place, Row[Any]] = {
        (row.topic, row.hour, row.platform): row for row in connection.execute(rollups)
    }
    for row in connection.execute(select(ERASED)).mappings():
        place = (row["topic"], row["hour"], row["platform"])
        if horizon is None or row["hour"] >= horizon:
            here = counted.get(place) or dict.fromkeys(COUNTS, 0)
            counted[place] = {name: here[name] + row[name] for name in COUNTS}
    wrong = 0
    for place in sorted({*counted, *stored}):
        said = {name: stored[place]._mapping[name] if place in stored else 0 for name in COUNTS}
        real = counted.get(place) or dict.fromkeys(COUNTS, 0)
        if said != real and wrong < MOST_FAULTS:
            wrong += 1
            topic, hour, platform = place
            parts = [
                f"{name} {said[name]}, counted {real[name]}" for name in COUNTS if said[name] != real[name]
            ]
            yield f"roll-up of {topic} on {platform} at {hour:%Y-%m-%d %H}h: {'; '.join(parts)}"
    mixed = select(func.count()).select_from(MENTION).where(MENTION.c.hour > MENTION.c.created_at)
    if connection.scalar(mixed):
        yield "a mention is filed under a later hour than its own"
