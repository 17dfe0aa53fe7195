"""Survey exports as answers: our own columns, Delighted's archive, Qualtrics' CSV.

Delighted ended on 2026-06-30 and its customers hold archives, whose columns differ with the account's settings: the
likely names are known, others are given by `--column`. Qualtrics writes three header rows (names; the questions in
the survey's language; {"ImportId": …}), its older exports two, of which the first numbers the columns.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from listener.feedback import cells as cell
from listener.feedback.cells import Moments, Names, first
from listener.feedback.table import FeedbackError, RowError, Table, Taken, table, take
from storage.responses import SCALES, Scale, SurveyGiven, SurveyKind

_COMMENTS = ("comment", "comments", "text", "コメント", "ご意見", "自由記述")
_EMAILS = ("email", "e-mail", "mail", "email address", "メールアドレス", "メール")
_KINDS = ("kind", "survey_type", "survey type", "種別")
FIELDS: Mapping[str, Names] = {
    "generic": {
        "id": ("id", "response_id", "回答id"),
        "at": ("at", "created_at", "answered_at", "date", "回答日時", "日時", "回答日"),
        "score": ("score", "rating", "点数", "スコア", "評価"),
        "comment": _COMMENTS,
        "email": _EMAILS,
        "kind": _KINDS,
    },
    "delighted": {
        "id": ("survey response id", "response id", "response_id", "id"),
        "at": ("created at", "created_at", "response time", "responded at", "response date"),
        "score": ("score",),
        "comment": _COMMENTS,
        "email": ("email", "person email", "person.email", "email address"),
        "kind": _KINDS,
    },
    "qualtrics": {
        "id": ("responseid",),
        "at": ("recordeddate", "enddate"),
        "score": (),
        "comment": (),
        "email": ("recipientemail", "emailaddress"),
        "kind": (),
    },
}
SEGMENTS = frozenset(
    {
        "store", "shop", "branch", "plan", "region", "area", "product",
        "店舗", "店名", "支店", "プラン", "地域", "地区", "エリア", "商品",
    }
)  # fmt: skip
_PROPERTY = re.compile(r"(?:person[_ ])?propert(?:y|ies)\s*[\[.:]\s*(.+?)\s*\]?")
_PREVIEW = frozenset({"1", "2", "8", "9", "17", "survey preview", "survey test", "spam"})
_LEGACY = re.compile(r"v\d+")
_NPS_GROUP = "_nps_group"


@dataclass(frozen=True, slots=True)
class SurveyAsk:
    """How a file is to be read.

    `columns`: our field → the file's column; `segments`: columns to keep besides the usual ones.
    """

    preset: str = "generic"
    kind: SurveyKind | None = None
    question: str = ""
    scale: Scale | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    segments: Sequence[str] = ()


def read(path: Path, ask: SurveyAsk, moments: Moments) -> Taken[SurveyGiven]:
    """Every answer of a file. Raises FeedbackError for the file as a whole; bad rows are in the result."""
    found = table(path)
    columns = {**ask.columns, **({"score": ask.question} if ask.question else {})}
    if ask.preset == "qualtrics":
        found, columns = _qualtrics(found, columns, str(path))
    names = cell.chosen(FIELDS[ask.preset], columns)
    cell.check_header(names, ("at", "score"), found.columns, str(path))
    _check_segments(ask, found, str(path))
    check_scale(ask)
    return take(found.lines, lambda cells: answer(cells, names, ask, moments))


def answer(cells: Mapping[str, Any], names: Names, ask: SurveyAsk, moments: Moments) -> SurveyGiven | None:
    """One row as an answer; None when nobody answered. Raises RowError."""
    written = first(cells, names["score"])
    if not written or (ask.preset == "qualtrics" and _is_preview(cells)):
        return None
    kind = _kind(first(cells, names["kind"]), ask)
    scale = ask.scale or SCALES[kind]
    if kind is SurveyKind.NPS and scale != SCALES[kind]:
        raise RowError("an NPS is asked from 0 to 10; import another scale with --kind csat or ces")
    when = first(cells, names["at"])
    if not when:
        raise RowError(f"{names['at'][0]}: when was it answered? The cell is empty")
    return SurveyGiven(
        kind=kind,
        at=cell.at(when, cell.column(cells, names["at"]), moments),
        score=cell.score(written, cell.column(cells, names["score"]), scale.low, scale.high),
        scale=scale,
        comment=first(cells, names["comment"]),
        email=cell.email(first(cells, names["email"]), cell.column(cells, names["email"])),
        properties=_properties(cells, ask),
        external_id=first(cells, names["id"])[:200],
    )


def check_scale(ask: SurveyAsk) -> None:
    """Raises FeedbackError for a scale that a question of this kind cannot have."""
    if ask.scale is None:
        return
    if ask.kind in (None, SurveyKind.NPS):
        raise FeedbackError("--scale: an NPS is asked from 0 to 10; give it together with --kind csat or ces")
    if not 0 <= ask.scale.low < ask.scale.high <= 100:
        raise FeedbackError("--scale: write the lowest and the highest score, as in 1-5")


def _kind(written: str, ask: SurveyAsk) -> SurveyKind:
    if not written:
        return ask.kind or SurveyKind.NPS
    try:
        kind = SurveyKind(written.casefold())
    except ValueError:
        raise RowError(f"kind: {cell.quoted(written)} is unknown; write nps, csat or ces") from None
    if ask.kind is not None and kind is not ask.kind:
        raise RowError(f"kind: this row says {kind.value}, --kind says {ask.kind.value}; leave --kind out")
    return kind


def _properties(cells: Mapping[str, Any], ask: SurveyAsk) -> dict[str, str]:
    """The columns to split the figures by. Others are not kept: they may be about a person."""
    wanted = SEGMENTS | {name.strip().casefold() for name in ask.segments}
    found = {}
    for column in cells:
        known = _PROPERTY.fullmatch(column)
        name = known.group(1) if known else column
        if (name in wanted or column in wanted) and (said := cell.words(cells, column)):
            found[name] = said[:80]
    return found


def _check_segments(ask: SurveyAsk, found: Table, place: str) -> None:
    if found.columns is None:
        return
    there = {name for one in found.columns for name in (one, *_PROPERTY.findall(one))}
    for name in ask.segments:
        if name.strip().casefold() not in there:
            has = ", ".join(one for one in found.columns if one)
            raise FeedbackError(f"--segment {name}: {place} has no such column; it has: {has}")


# ------------------------------------------------------------------ Qualtrics


def _qualtrics(found: Table, columns: Mapping[str, str], place: str) -> tuple[Table, dict[str, str]]:
    """Without the rows of the header, with the columns' real names, and the question that is meant."""
    if found.columns is None:
        raise FeedbackError(f"{place}: Qualtrics exports are read as CSV; choose CSV there")
    if not found.lines:
        raise FeedbackError(f"{place}: the questions in the second row are missing; export it again as CSV")
    questions = {name: str(words) for name, words in found.lines[0].cells.items()}
    lines = found.lines[1:]
    if lines and any("importid" in str(words).casefold() for words in lines[0].cells.values()):
        lines = lines[1:]
    elif not any(_LEGACY.fullmatch(name) for name in found.columns):
        raise FeedbackError(
            f"{place}: this is no CSV export of Qualtrics: the third row has no ImportId; "
            "for another program's file use --preset generic"
        )
    renamed = {
        name: questions[name].strip().casefold()
        for name in found.columns
        if _LEGACY.fullmatch(name) and questions.get(name)
    }
    named = tuple(renamed.get(name, name) for name in found.columns)
    rows = tuple(
        replace(line, cells={renamed.get(name, name): words for name, words in line.cells.items()})
        for line in lines
    )
    asked = {field: _column(wanted, questions, named, place) for field, wanted in columns.items()}
    if "score" not in asked:
        asked["score"] = _nps_question(named, place)
    return Table(rows, named), asked


def _column(wanted: str, questions: Mapping[str, str], there: Sequence[str], place: str) -> str:
    """A column by its name, or by the words of its question."""
    name = wanted.strip().casefold()
    if name in there:
        return name
    by_words = [one for one, words in questions.items() if words.strip().casefold() == name]
    if len(by_words) == 1:
        return by_words[0]
    has = ", ".join(one for one in there if one)
    raise FeedbackError(f"{place}: no column or question is called '{wanted}'; it has: {has}")


def _nps_question(there: Sequence[str], place: str) -> str:
    groups = [name.removesuffix(_NPS_GROUP) for name in there if name.endswith(_NPS_GROUP)]
    groups = [name for name in groups if name in there]
    if len(groups) == 1:
        return groups[0]
    has = ", ".join(one for one in there if one)
    raise FeedbackError(f"{place}: which question holds the score? Say --question COLUMN; it has: {has}")


def _is_preview(cells: Mapping[str, Any]) -> bool:
    """The author of the survey tried it out, or Qualtrics takes it for spam: nobody's answer."""
    return cell.words(cells, "status").casefold() in _PREVIEW
