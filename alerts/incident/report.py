"""第一報, 続報, 終報: a dossier in words, every sentence with the posts or log entries it rests on (pure).

`write` makes the report; as plain JSON it is kept when it is issued, so that what was handed out can be shown
again word by word. Facts, estimates and what people wrote down are told apart by each sentence's ground.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from alerts.incident import facts, matter, picture
from alerts.incident.dossier import Dossier
from alerts.incident.matter import Earlier
from alerts.incident.picture import Bar, Share
from alerts.incident.sentences import Ground, Pen, Ref, Sentence
from storage.cases import Event, Mark, ReportKind
from storage.types import Mention

__all__ = ["Earlier", "Note", "Order", "Report", "Section", "figures", "from_json", "to_json", "write"]

SHOWN = 3  # notes a sentence; the others are counted
_EXCERPT = 80


@dataclass(frozen=True, slots=True)
class Section:
    code: str
    title: str
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """One piece of evidence that the report shows: what it is, in words, and where it is found."""

    number: int
    ref: Ref
    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """`notes` are what the sentences show of their evidence, numbered in the order of their appearance."""

    kind: ReportKind
    lang: str
    title: str
    made: str
    brand: str
    severity: str
    incident_id: int
    sections: tuple[Section, ...]
    notes: tuple[Note, ...]
    foot: str
    link: str = ""
    timezone: str = "Asia/Tokyo"
    bars: tuple[Bar, ...] = ()
    shares: tuple[Share, ...] = ()

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        return tuple(sentence for section in self.sections for sentence in section.sentences)

    def notes_of(self, sentence: Sentence) -> tuple[Note, ...]:
        """The notes that this sentence shows."""
        numbered = {note.ref: note for note in self.notes}
        return tuple(numbered[ref] for ref in sentence.evidence[:SHOWN] if ref in numbered)


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for. `number` is the report's, counted from 1; `issue` its step, None for a draft.

    `marks` are the later looks at the evidence.
    """

    kind: ReportKind
    number: int
    timezone: str
    by: str = ""
    next_at: datetime | None = None
    issue: Event | None = None
    earlier: Earlier | None = None
    marks: tuple[Mark, ...] = ()
    link: str = ""


def write(dossier: Dossier, order: Order, *, lang: str) -> Report:
    pen = Pen(dossier, "ja" if lang == "ja" else "en", ZoneInfo(order.timezone))
    sections = tuple(
        Section(code, pen.say(f"section.{code}"), tuple(sentences))
        for code, sentences in _sections(pen, order)
        if sentences
    )
    said = [sentence for section in sections for sentence in section.sentences]
    kind = pen.say(f"kind.{order.kind.value}", number=order.number)
    title = "title.critical_phrase" if dossier.incident.kind == "critical_phrase" else "title"
    severity = pen.severity(dossier.incident.severity.value)
    values = {"when": pen.when(dossier.now), "timezone": order.timezone, "by": order.by}
    return Report(
        kind=order.kind,
        lang=pen.lang,
        title=pen.say(title, kind=kind, brand=dossier.topic.brand, severity=severity),
        made=pen.say("made" if order.issue else "made.draft", **values),
        brand=dossier.topic.brand,
        severity=dossier.incident.severity.value,
        incident_id=dossier.incident.id or 0,
        sections=sections,
        notes=_notes(pen, said, order),
        foot=pen.say("foot"),
        link=order.link,
        timezone=order.timezone,
        bars=picture.bars(dossier),
        shares=picture.shares(dossier),
    )


def figures(dossier: Dossier, timezone: str) -> dict[str, Any]:
    """What the next report is compared with."""
    return matter.figures(Pen(dossier, "ja", ZoneInfo(timezone)))


def _sections(pen: Pen, order: Order) -> list[tuple[str, list[Sentence]]]:
    return [
        ("when", facts.when(pen)),
        ("what", facts.what(pen)),
        ("change", matter.change(pen, order.earlier, order.marks)),
        ("spread", facts.spread(pen)),
        ("points", matter.points(pen)),
        ("posts", matter.posts(pen)),
        ("support", matter.support(pen)),
        ("ours", matter.ours(pen) + matter.deleted(pen, order.marks)),
        ("outlook", matter.outlook(pen, order.kind)),
        ("next", matter.following(pen, order.kind, order.next_at, order.issue)),
    ]


# ------------------------------------------------------------------ evidence in words


def _notes(pen: Pen, said: Sequence[Sentence], order: Order) -> tuple[Note, ...]:
    shown = dict.fromkeys(ref for sentence in said for ref in sentence.evidence[:SHOWN])
    by_id = {one.id: one for one in pen.dossier.mentions}
    events = {one.id: one for one in (*pen.dossier.events, *((order.issue,) if order.issue else ()))}
    found: list[Note] = []
    for ref in shown:
        mention, event = by_id.get(ref.id), events.get(ref.id)
        number = len(found) + 1
        if ref.kind == "mention" and mention is not None:
            found.append(Note(number, ref, _source(pen, mention), mention.post.url))
        elif ref.kind == "event" and event is not None:
            found.append(Note(number, ref, _entry(pen, event)))
        else:
            found.append(Note(number, ref, f"{ref.kind} {ref.id}"))
    return tuple(found)


def _source(pen: Pen, mention: Mention) -> str:
    quote = pen.say("quoted", word=pen.quote(mention, _EXCERPT))
    who = pen.author(mention)
    return f"{pen.when(mention.post.created_at)} {pen.place(mention)} {who} {quote}"


def _entry(pen: Pen, event: Event) -> str:
    by = event.by or pen.say("kikimimi")
    return pen.say("event", when=pen.when(event.at), by=by, what=pen.say(f"event.{event.kind.value}"))


# ------------------------------------------------------------------ JSON


def to_json(report: Report) -> dict[str, Any]:
    """Plain values, for a file or a column."""
    return {**asdict(report), "kind": report.kind.value}


def from_json(stored: Mapping[str, Any]) -> Report:
    """The report that `to_json` wrote. Raises KeyError or TypeError for anything else."""
    sections = tuple(
        Section(one["code"], one["title"], tuple(_sentence(each) for each in one["sentences"]))
        for one in stored["sections"]
    )
    notes = tuple(Note(**{**one, "ref": Ref(**one["ref"])}) for one in stored["notes"])
    kind = ReportKind(stored["kind"])
    drawn = {
        "bars": tuple(Bar(**one) for one in stored["bars"]),
        "shares": tuple(Share(**one) for one in stored["shares"]),
    }
    return Report(**{**stored, **drawn, "kind": kind, "sections": sections, "notes": notes})


def _sentence(stored: Mapping[str, Any]) -> Sentence:
    refs = tuple(Ref(**one) for one in stored["evidence"])
    return Sentence(stored["text"], refs, Ground(stored["ground"]))
