"""An incident's file as its page shows it: one line a step, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from alerts.incident import facts
from alerts.incident.dossier import Dossier
from alerts.incident.sentences import Pen
from alerts.incident.todo import Todo
from listener.web.site import Site
from listener.web.view import View
from storage.cases import Event, EventKind, Fate, Mark
from storage.notices import Delivery, Notification
from storage.types import Incident, Mention


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of an incident's timeline; `link` leads to the post or the report, when there is one."""

    at: datetime
    title: str
    note: str
    tone: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    label: str
    value: str
    hint: str = ""


def told(site: Site, incident: Incident) -> list[Notification]:
    """The notifications about this incident: their alert's key begins with the incident's."""
    every = site.store.notifications(1000, incident.topic)
    return [one for one in every if one.alert_key.startswith(f"{incident.key}/")]


def timeline(view: View, dossier: Dossier, sent: Sequence[Notification]) -> list[Step]:
    """What happened, the latest first: the log, the posts that mattered, who was told."""
    t = view.words
    steps = [_event(view, event) for event in dossier.events]
    if dossier.first is not None:
        steps.append(_post(view, dossier.first, t("timeline.first"), "plain"))
    steps += [_post(view, one, t("timeline.media"), "media") for one in dossier.media[:3]]
    for voice in dossier.amplifiers[:2]:
        if voice.mentions[0] is not dossier.first:
            steps.append(_post(view, voice.mentions[0], t("timeline.amplified"), "loud"))
    for one in sent:
        note = one.error if one.state in {Delivery.FAILED, Delivery.RETRY} else one.title
        title = t("timeline.told", channel=one.channel, state=t(f"delivery.{one.state.value}"))
        steps.append(Step(one.created_at, title, note, one.state.value))
    return sorted(steps, key=lambda step: step.at, reverse=True)


def _post(view: View, mention: Mention, title: str, tone: str) -> Step:
    post = mention.post
    who = view.person(post.author) if post.author else post.publisher
    note = view.words(
        "timeline.by", who=who or view.words("author.unknown"), where=view.platform(post.platform)
    )
    return Step(post.created_at, title, note, tone, view.web_link(post.url))


_TONES = {
    EventKind.OPENED: "open", EventKind.ESCALATED: "open", EventKind.REOPENED: "open",
    EventKind.ALL_CLEAR: "resolved", EventKind.RESOLVED: "resolved", EventKind.ACKNOWLEDGED: "taken",
    EventKind.REPLY: "taken", EventKind.REPORT: "taken", EventKind.EVIDENCE: "loud",
}  # fmt: skip


def _event(view: View, event: Event) -> Step:
    t, values = view.words, event.values
    severity = view.severity(str(values["severity"])) if "severity" in values else ""
    named = {
        "name": event.by, "severity": severity,
        "other": values.get("into") or values.get("incident") or values.get("from") or "",
        "kind": t(f"report.{values['kind']}") if event.kind is EventKind.REPORT else "",
        "fate": t(f"fate.{values['fate']}") if event.kind is EventKind.EVIDENCE else "", "who": event.note,
    }  # fmt: skip
    title = t(f"event.{event.kind.value}", **named)
    note = "" if event.kind is EventKind.OWNER else event.note
    if event.kind is EventKind.OPENED and severity:
        note = t("event.severity", severity=severity)
    at = datetime.fromisoformat(values["at"]) if values.get("at") else event.at
    link = view.web_link(str(values.get("url", "")))
    return Step(at, title, note, _TONES.get(event.kind, "plain"), link)


# ------------------------------------------------------------------ what, how fast, who


def figures(view: View, dossier: Dossier) -> list[Figure]:
    """The numbers at the top: how many, by whom, how fast, who took it up."""
    t, growth, people = view.words, dossier.growth, dossier.people
    share = view.percent(len(dossier.negative) / len(dossier.mentions)) if dossier.mentions else "—"
    accounts = people.known + people.unnamed
    return [
        Figure(t("file.negative"), view.number(len(dossier.negative)), t("file.negative_hint", share=share)),
        Figure(
            t("file.people"), view.number(accounts), t("file.people_hint", n=view.number(len(people.new)))
        ),
        Figure(t("file.course"), t(f"course.{growth.course.value}"), _pace(view, dossier)),
        Figure(t("file.media"), view.number(len(dossier.media)), t("file.media_hint")),
    ]


def _pace(view: View, dossier: Dossier) -> str:
    """The doubling or halving time with its interval, or how many came in the last bin."""
    pen, growth = _pen(view, dossier), dossier.growth
    if growth.pace is None:
        return view.words("file.latest", bin=pen.length(growth.bin), n=growth.latest)
    ends = {"pace": growth.pace.middle, "low": growth.pace.low, "high": growth.pace.high}
    said = {name: pen.minutes(value) for name, value in ends.items()}
    return view.words(f"pace.{growth.course.value}", **said)


def course(view: View, dossier: Dossier) -> list[str]:
    """How it goes, in the report's words."""
    return [one.text for one in facts.course(_pen(view, dossier))]


def emotions(view: View, dossier: Dossier) -> list[tuple[str, int]]:
    return [(view.words(f"emotion.{name.value}"), len(ids)) for name, ids in dossier.emotions]


def sources(view: View, dossier: Dossier) -> list[tuple[str, int]]:
    return [(view.platform(name), len(ids)) for name, ids in dossier.sources]


def todo_lines(view: View, todos: Sequence[Todo], zone_of: Dossier) -> list[tuple[str, bool]]:
    """What to do, in words, and whether it is urgent."""
    zone = view.zone(zone_of.topic.name)
    lines = []
    for one in todos:
        values = dict(one.reason.values)
        if "at" in values:
            values["at"] = view.clock(datetime.fromisoformat(values["at"]), zone)
        lines.append((view.words(f"todo.{one.reason.code}", **values), one.urgent))
    return lines


def fates(view: View, marks: Sequence[Mark], zone_of: Dossier) -> Mapping[int, str]:
    """By mention id: what became of a post that is evidence, by the last look."""
    zone = view.zone(zone_of.topic.name)
    last = {mark.mention_id: mark for mark in marks}
    return {
        number: view.words(f"mark.{mark.fate.value}", when=view.clock(mark.at, zone))
        for number, mark in last.items()
        if mark.fate is not Fate.BACK
    }


def roles(view: View, evidence: Sequence[Mention]) -> dict[int | None, str]:
    """Who began it, and who carries it furthest; one mention may be both."""
    found: dict[int | None, list[str]] = {}
    if evidence:
        first = min(evidence, key=lambda one: one.post.created_at)
        found.setdefault(first.id, []).append(view.words("role.first"))
    known = [one for one in evidence if one.post.author and one.post.author.followers]
    if known:
        loudest = max(known, key=lambda one: (one.post.author and one.post.author.followers) or 0)
        found.setdefault(loudest.id, []).append(view.words("role.loudest"))
    return {mention_id: view.words("list.comma").join(names) for mention_id, names in found.items()}


def _pen(view: View, dossier: Dossier) -> Pen:
    return Pen(dossier, view.lang, ZoneInfo(dossier.topic.timezone))
