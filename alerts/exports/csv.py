"""Advocates, mentions and incidents as CSV that a spreadsheet opens without harm.

Every cell that a spreadsheet would take for a formula (first character = + - @, tab or carriage return) gets
an apostrophe in front; plain numbers do not. With `bom`, Excel reads the Japanese right.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from storage.types import Advocate, Incident, Mention

BOM = "\ufeff"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")

ADVOCATE_COLUMNS = (
    "topic", "platform", "handle", "name", "url", "followers", "score", "organic", "organic_reasons", "stage",
    "mentions", "first_at", "last_at", "contributions", "purpose",
)  # fmt: skip
MENTION_COLUMNS = (
    "id", "topic", "created_at", "platform", "source", "author", "followers", "title", "text", "url",
    "rating", "label", "score", "confidence", "emotion", "signals", "disclosure", "lang", "likes", "reposts",
    "replies", "views", "story", "corrected_by",
)  # fmt: skip
INCIDENT_COLUMNS = (
    "id", "key", "topic", "kind", "severity", "state", "opened_at", "updated_at", "resolved_at",
    "acknowledged_by", "reasons", "evidence",
)  # fmt: skip

RANKING = "internal ranking: no consent to contact, quote or hand over is implied"
"""What a file of ranked advocates is for; it goes along in every row, because rows are copied on."""

Cell = str | int | float | bool | None


def advocates(people: Iterable[Advocate], *, timezone: str = "Asia/Tokyo", bom: bool = True) -> Iterator[str]:
    """CSV text line by line, a header first."""
    zone = ZoneInfo(timezone)
    rows = (
        (
            one.topic, one.author.platform, one.author.handle, one.author.name, one.author.url,
            one.author.followers, one.score, one.organic,
            " ".join(reason.code for reason in one.organic_reasons), one.stage.value, one.mentions,
            _time(one.first_at, zone), _time(one.last_at, zone),
            "; ".join(f"{part.name} {part.points:+.1f}" for part in one.contributions), RANKING,
        )
        for one in people
    )  # fmt: skip
    return table(ADVOCATE_COLUMNS, rows, bom=bom)


def mentions(some: Iterable[Mention], *, timezone: str = "Asia/Tokyo", bom: bool = True) -> Iterator[str]:
    """CSV text line by line, a header first. What a source did not send is an empty cell, never 0."""
    return table(MENTION_COLUMNS, (_mention(one, ZoneInfo(timezone)) for one in some), bom=bom)


def incidents(some: Iterable[Incident], *, timezone: str = "Asia/Tokyo", bom: bool = True) -> Iterator[str]:
    """CSV text line by line, a header first."""
    zone = ZoneInfo(timezone)
    rows = (
        (
            one.id, one.key, one.topic, one.kind, one.severity.value, one.state.value,
            _time(one.opened_at, zone), _time(one.updated_at, zone),
            _time(one.resolved_at, zone) if one.resolved_at else None, one.acknowledged_by,
            " ".join(reason.code for reason in one.reasons), " ".join(str(n) for n in one.evidence),
        )
        for one in some
    )  # fmt: skip
    return table(INCIDENT_COLUMNS, rows, bom=bom)


def _mention(one: Mention, zone: ZoneInfo) -> tuple[Cell, ...]:
    post, analysis, counts = one.post, one.analysis, one.post.engagement
    author = post.author
    return (
        one.id, one.topic, _time(post.created_at, zone), post.platform, post.source,
        (author.handle or author.name) if author else post.publisher, author.followers if author else None,
        post.title, post.text, post.url, post.rating,
        analysis.sentiment.label.value, round(analysis.sentiment.score, 3),
        round(analysis.sentiment.confidence, 3), analysis.emotion.value,
        " ".join(signal.kind.value for signal in analysis.signals), analysis.disclosure.kind.value,
        analysis.lang, counts.likes, counts.reposts, counts.replies, counts.views, one.story,
        one.correction.by if one.correction else None,
    )  # fmt: skip


def _time(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).isoformat(sep=" ", timespec="seconds")


def table(columns: Sequence[str], rows: Iterable[Sequence[Cell]], *, bom: bool = True) -> Iterator[str]:
    """Lines of CSV (RFC 4180, CRLF), cells guarded."""
    yield (BOM if bom else "") + _line(columns)
    for row in rows:
        yield _line([guard(cell) for cell in row])


def guard(cell: Cell) -> str:
    """The cell as text that no spreadsheet runs; a long whole number keeps all its digits."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int | float):
        return f"{cell}"
    if cell.lstrip().startswith(_FORMULA) and not _NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell.replace("\x00", "")


def _line(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()
