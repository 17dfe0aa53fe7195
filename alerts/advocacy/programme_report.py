"""The monthly report on the programme: sentences with their numbers and evidence, and the numbers of its charts (pure).

`write` makes it, the pages and files draw it. Nothing is kept: written again, it
says what the store says then, without whoever has opted out since.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from alerts.advocacy import programme_parts as parts
from alerts.advocacy.before_after import Point
from alerts.advocacy.programme import Programme
from alerts.advocacy.programme_sentences import Pen, Statement
from alerts.incident.sentences import Ref

SHOWN = 3  # notes a sentence; the others are counted
_PARTS = (
    ("summary", parts.summary),
    ("people", parts.people),
    ("posts", parts.posts),
    ("disclosure", parts.disclosure),
    ("defence", parts.defence),
    ("referrals", parts.referrals),
    ("survey", parts.survey),
    ("effect", parts.effect),
    ("tasks", parts.tasks),
)


@dataclass(frozen=True, slots=True)
class Section:
    """`note` explains how its sentences are to be read."""

    code: str
    title: str
    statements: tuple[Statement, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """One piece of evidence that the report shows."""

    number: int
    ref: Ref
    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of the funnel as it is drawn: its name, who stood there at the end, who came in the month."""

    code: str
    name: str
    people: int
    came: int


@dataclass(frozen=True, slots=True)
class Column:
    """One month of the chart of posts."""

    name: str
    positive: int
    neutral: int
    negative: int


@dataclass(frozen=True, slots=True)
class Report:
    """`numbers` are the figures of the month and of the stretch before, for machines."""

    lang: str
    title: str
    made: str
    topic: str
    brand: str
    month: str
    sections: tuple[Section, ...]
    notes: tuple[Note, ...]
    foot: str
    steps: tuple[Step, ...]
    steps_title: str
    columns: tuple[Column, ...]
    points: tuple[Point, ...]
    numbers: dict[str, Any]
    link: str = ""

    @property
    def statements(self) -> tuple[Statement, ...]:
        return tuple(one for section in self.sections for one in section.statements)

    def notes_of(self, statement: Statement) -> tuple[Note, ...]:
        """The notes that this sentence shows."""
        numbered = {note.ref: note for note in self.notes}
        return tuple(numbered[ref] for ref in statement.evidence[:SHOWN])


def write(seen: Programme, *, lang: str, base: str = "") -> Report:
    """`base` is the address of the pages, for links ("/" on the page itself); without it there are none."""
    pen = Pen(seen, "ja" if lang == "ja" else "en", ZoneInfo(seen.topic.timezone), base)
    sections = tuple(
        Section(code, pen.say(f"section.{code}"), tuple(said), _note(pen, code))
        for code, part in _PARTS
        if (said := part(pen))
    )
    last = pen.day(seen.figures.end - timedelta(seconds=1))
    asked = {"topic": seen.topic.name, "month": seen.month.name}
    return Report(
        lang=pen.lang,
        title=pen.say("title", brand=seen.topic.brand, month=pen.month),
        made=pen.say(
            "made.running" if seen.month.running else "made",
            start=pen.day(seen.month.start), end=last, timezone=seen.topic.timezone, when=pen.when(seen.now),
        ),
        topic=seen.topic.name,
        brand=seen.topic.brand,
        month=seen.month.name,
        sections=sections,
        notes=_notes(pen, sections),
        foot=pen.say("foot"),
        steps=_funnel(pen),
        steps_title=pen.say("chart.funnel", day=last),
        columns=tuple(Column(one.month, one.positive, one.neutral, one.negative) for one in seen.trend),
        points=seen.effect.points,
        numbers=numbers(seen),
        link=f"{base.rstrip('/')}/programme/impact?{urlencode(asked)}" if base else "",
    )  # fmt: skip


def numbers(seen: Programme) -> dict[str, Any]:
    """Everything that was counted, for the JSON of the report and the API."""
    return {
        "month": figures(seen, "figures"),
        "before": figures(seen, "before"),
        "funnel": {one.stage.value: {"at_start": one.at_start, "at_end": one.at_end, "came": one.came, "went": one.went}
                   for one in seen.rungs},
        "candidates": len(seen.candidates),
        "found": len(seen.found),
        "silent": len(seen.silent),
        "open_tasks": len(seen.tasks),
        "before_after": {name: value for name, value in asdict(seen.effect).items() if name != "points"},
    }  # fmt: skip


def figures(seen: Programme, which: str) -> dict[str, Any]:
    one = seen.figures if which == "figures" else seen.before
    return {
        "start": one.start.isoformat(),
        "end": one.end.isoformat(),
        "enrolled": one.enrolled,
        "posting": len(one.people),
        "mentions": len(one.mentions),
        "positive": len(one.positive),
        "positive_all": one.positive_all,
        "volume_all": one.volume_all,
        "share_of_positive": one.share_of_positive,
        "share_of_all": one.share_of_all,
        "reach": one.reach,
        "reach_unknown": one.reach_unknown,
        "engagement": one.engagement,
        "engagement_unknown": one.engagement_unknown,
        "programme_posts": len(one.programme),
        "undisclosed": list(one.undisclosed),
        "incidents": list(one.incidents),
        "defence": list(one.defence),
        "defenders": len(one.defenders),
        "referrals": {
            **one.referrals.counts,
            "customers": one.referrals.customers,
            "buyers": one.referrals.buyers,
            "values": dict(one.referrals.values),
            "by_members": one.referrals.known,
        },
    }


def _note(pen: Pen, code: str) -> str:
    return pen.say("effect.note") if code == "effect" and pen.seen.effect.code == "measured" else ""


def _funnel(pen: Pen) -> tuple[Step, ...]:
    first = Step("candidate", pen.say("stage.waiting"), len(pen.seen.candidates), len(pen.seen.found))
    return (
        first,
        *(Step(one.stage.value, pen.stage(one.stage.value), one.at_end, one.came) for one in pen.seen.rungs),
    )


def _notes(pen: Pen, sections: tuple[Section, ...]) -> tuple[Note, ...]:
    said = [one for section in sections for one in section.statements]
    shown = dict.fromkeys(ref for one in said for ref in one.evidence[:SHOWN])
    return tuple(Note(number, ref, *pen.note(ref)) for number, ref in enumerate(shown, 1))


# ------------------------------------------------------------------ as a file


def to_json(report: Report) -> dict[str, Any]:
    """Plain values; enums as their text."""
    return asdict(report)
