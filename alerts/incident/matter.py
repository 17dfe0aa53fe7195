"""The sections of a report that say what people say, what we did, what changed and what comes (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alerts.incident.sentences import Ground, Pen, Ref, Sentence, of_mentions
from alerts.incident.voices import ids_of, speaks_up
from storage.cases import Event, EventKind, Fate, Mark, ReportKind
from storage.types import Mention

ESTIMATE, RECORD = Ground.ESTIMATE, Ground.RECORD
_POSTS = 5
_SHORT = 60


@dataclass(frozen=True, slots=True)
class Earlier:
    """The last issued report, as far as the next one needs it."""

    at: datetime
    figures: Mapping[str, Any]
    event_id: int


# ------------------------------------------------------------------ what they say


def points(pen: Pen) -> list[Sentence]:
    dossier = pen.dossier
    found = [
        Sentence(
            pen.say("point", word=one.word, n=pen.number(len(one.mentions)), share=pen.percent(one.share)),
            _beginning_with(one.quote, one.mentions),
        )
        for one in dossier.points
    ]
    for told in dossier.stories[:2]:
        text = pen.say("story", n=pen.number(len(told.mentions)), quote=pen.quote(told.quote, _SHORT))
        found.append(Sentence(text, _beginning_with(told.quote, told.mentions)))
    if dossier.terms and dossier.compared:
        words = pen.say("join.quoted").join(pen.say("quoted", word=term.word) for term in dossier.terms[:8])
        users = [number for term in dossier.terms[:8] for number in term.mentions]
        found.append(Sentence(pen.say("terms", list=words), pen.mentions(users), ESTIMATE))
    return found or [Sentence(pen.say("points.none"), pen.mentions(ids_of(dossier.negative)), ESTIMATE)]


def posts(pen: Pen) -> list[Sentence]:
    """The first, the ones that carried it, one for each point."""
    dossier = pen.dossier
    wanted: list[Mention] = [dossier.first] if dossier.first else []
    wanted += [voice.mentions[0] for voice in dossier.amplifiers[:2]]
    wanted += [one.quote for one in dossier.points]
    wanted += dossier.negative[:1]
    chosen = {mention.id: mention for mention in wanted if mention.id is not None}
    return [_quoted(pen, mention) for mention in list(chosen.values())[:_POSTS]]


def support(pen: Pen) -> list[Sentence]:
    voices = pen.dossier.defenders
    if not voices:
        return []
    said = [mention for voice in voices for mention in voice.mentions]
    text = pen.say("support", n=pen.number(len(said)), people=pen.number(len(voices)))
    found = [Sentence(text, pen.mentions(ids_of(said)), ESTIMATE)]
    known = [voice for voice in voices if voice.advocate]
    if known:
        ids = [number for voice in known for number in voice.ids]
        found.append(Sentence(pen.say("support.advocates", n=len(known)), pen.mentions(ids)))
    return [*found, _quoted(pen, next(one for one in voices[0].mentions if speaks_up(one)))]


def _quoted(pen: Pen, mention: Mention) -> Sentence:
    post = mention.post
    text = pen.say(
        "quote", quote=pen.quote(mention), who=pen.author(mention), where=pen.place(mention),
        when=pen.when(post.created_at),
    )  # fmt: skip
    return Sentence(text, pen.mentions(ids_of([mention])))


def _beginning_with(first: Mention, ids: Sequence[int]) -> tuple[Ref, ...]:
    return of_mentions((*ids_of([first]), *ids))


# ------------------------------------------------------------------ what we did


def ours(pen: Pen) -> list[Sentence]:
    """What people did and wrote."""
    dossier, found = pen.dossier, []
    for event in dossier.steps(EventKind.ACKNOWLEDGED, EventKind.OWNER, EventKind.REPLY, EventKind.NOTE):
        url = str(event.values.get("url", ""))
        values = {
            "when": pen.when(_said_at(event)), "by": event.by, "who": event.note, "text": event.note,
            "url": (f"（{url}）" if pen.lang == "ja" else f" ({url})") if url else "",
        }  # fmt: skip
        found.append(Sentence(pen.say(event.kind.value, **values), pen.log(event), RECORD))
    for mention in dossier.official[:2]:
        said = {"who": pen.author(mention), "quote": pen.quote(mention)}
        text = pen.say("official", when=pen.when(mention.post.created_at), **said)
        found.append(Sentence(text, pen.mentions(ids_of([mention])), ESTIMATE))
    if not dossier.steps(EventKind.REPLY):
        found.append(Sentence(pen.say("reply.none"), pen.log(), RECORD))
    return found


def deleted(pen: Pen, marks: Sequence[Mark]) -> list[Sentence]:
    """What became of the posts that are evidence, by the last look at each."""
    found = []
    for code, fate in (("gone", Fate.GONE), ("rewritten", Fate.CHANGED)):
        if those := _last_seen(marks, fate):
            when = pen.when(max(mark.at for mark in those))
            ids = pen.mentions(mark.mention_id for mark in those)
            found.append(Sentence(pen.say(code, n=len(those), when=when), ids))
    return found


def _last_seen(marks: Sequence[Mark], fate: Fate) -> list[Mark]:
    last = {mark.mention_id: mark for mark in marks}
    return [mark for mark in last.values() if mark.fate is fate]


def _said_at(event: Event) -> datetime:
    """When our reply was public, which may be before somebody wrote it down."""
    said = event.values.get("at")
    return datetime.fromisoformat(said) if said else event.at


# ------------------------------------------------------------------ what changed, what comes


def change(pen: Pen, earlier: Earlier | None, marks: Sequence[Mark] = ()) -> list[Sentence]:
    if earlier is None:
        return []
    dossier, before = pen.dossier, earlier.figures
    now = figures(pen)
    newer = ids_of(one for one in reversed(dossier.negative) if one.post.created_at >= earlier.at)
    since = (*of_mentions(newer), Ref("event", earlier.event_id))
    moved = now["negative"] - before["negative"]
    values = {
        "when": pen.when(earlier.at), "before": pen.number(before["negative"]), "now": pen.number(now["negative"]),
        "change": f"{moved:+,}" if moved else "±0",
    }  # fmt: skip
    found = [Sentence(pen.say("change.since", **values), since)]
    for name in ("people", "media"):
        if now[name] != before[name]:
            counts = {"before": pen.number(before[name]), "now": pen.number(now[name])}
            found.append(Sentence(pen.say(f"change.{name}", **counts), since))
    if gone := [mark for mark in _last_seen(marks, Fate.GONE) if mark.at > earlier.at]:
        when = pen.when(max(mark.at for mark in gone))
        ids = pen.mentions(mark.mention_id for mark in gone)
        found.append(Sentence(pen.say("change.gone", n=len(gone), when=when), ids))
    if now["severity"] != before["severity"]:
        levels = {"before": pen.severity(before["severity"]), "now": pen.severity(now["severity"])}
        steps = dossier.steps(EventKind.ESCALATED, EventKind.REOPENED)
        found.append(Sentence(pen.say("change.severity", **levels), pen.log(*steps)))
    if now["course"] != before["course"]:
        courses = {"before": pen.say(f"name.{before['course']}"), "now": pen.say(f"name.{now['course']}")}
        found.append(Sentence(pen.say("change.course", **courses), since, ESTIMATE))
    for point in dossier.points:
        if point.word not in before["points"]:
            text = pen.say("change.points", word=point.word)
            found.append(Sentence(text, _beginning_with(point.quote, point.mentions), ESTIMATE))
    return found


def figures(pen: Pen) -> dict[str, Any]:
    """What the next report is compared with; plain JSON."""
    dossier = pen.dossier
    return {
        "negative": len(dossier.negative),
        "volume": len(dossier.mentions),
        "people": dossier.people.known + dossier.people.unnamed,
        "media": len(dossier.media),
        "severity": dossier.incident.severity.value,
        "course": dossier.growth.course.value,
        "points": [one.word for one in dossier.points],
    }


def outlook(pen: Pen, kind: ReportKind) -> list[Sentence]:
    dossier = pen.dossier
    newest = ids_of(reversed(dossier.negative))
    if kind is ReportKind.FINAL or dossier.over:
        if not dossier.negative:
            return []
        last = dossier.negative[-1]
        return [Sentence(pen.say("last", when=pen.when(last.post.created_at)), pen.mentions(ids_of([last])))]
    seen = dossier.growth.forecast
    if seen is None:
        return [Sentence(pen.say("forecast.none"), pen.mentions(newest), ESTIMATE)]
    ends = {"low": pen.number(seen.low), "high": pen.number(seen.high)}
    text = pen.say("forecast", length=pen.length(seen.length), **ends)
    return [Sentence(text, pen.mentions(newest), ESTIMATE)]


def following(pen: Pen, kind: ReportKind, next_at: datetime | None, issue: Event | None) -> list[Sentence]:
    """When the next report comes; `issue` is the step that says this one was issued."""
    refs = pen.log(issue) if issue else pen.log()
    if kind is ReportKind.FINAL:
        return [Sentence(pen.say("next.final"), refs, RECORD)]
    text = pen.say("next", when=pen.when(next_at)) if next_at else pen.say("next.none")
    return [Sentence(text, refs, RECORD)]
