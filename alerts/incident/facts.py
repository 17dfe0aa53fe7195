"""The sections of a report that say what happened: when, what, how far it spread (pure)."""

from __future__ import annotations

from alerts.incident.growth import Course, Interval
from alerts.incident.sentences import Ground, Pen, Sentence
from alerts.incident.voices import Voice, ids_of
from storage.cases import Event, EventKind

ESTIMATE, RECORD = Ground.ESTIMATE, Ground.RECORD
_AMPLIFIERS = 3


def when(pen: Pen) -> list[Sentence]:
    first, found = pen.dossier.first, []
    if first is not None:
        text = pen.say(
            "first", when=pen.when(first.post.created_at), where=pen.place(first), who=pen.author(first)
        )
        found.append(Sentence(text, pen.mentions(ids_of([first]))))
    steps = (
        EventKind.OPENED,
        EventKind.ESCALATED,
        EventKind.REOPENED,
        EventKind.ALL_CLEAR,
        EventKind.RESOLVED,
    )
    return found + [_step(pen, event) for event in pen.dossier.steps(*steps)]


def _step(pen: Pen, event: Event) -> Sentence:
    severity = str(event.values.get("severity", ""))
    code = event.kind.value if event.kind is not EventKind.OPENED or severity else "opened.bare"
    text = pen.say(
        code, when=pen.when(event.at), by=event.by, severity=pen.severity(severity) if severity else ""
    )
    return Sentence(text, pen.log(event), RECORD if event.kind is EventKind.RESOLVED else Ground.FACT)


def what(pen: Pen) -> list[Sentence]:
    dossier = pen.dossier
    negative = ids_of(dossier.negative)
    accounts = dossier.people.known + dossier.people.unnamed
    told = pen.say(
        "negative", start=pen.when(dossier.start), end=pen.when(dossier.end), brand=dossier.topic.brand,
        n=pen.number(len(negative)), people=pen.number(accounts),
    )  # fmt: skip
    volume = pen.say(
        "volume", all=pen.number(len(dossier.mentions)), negative=pen.number(len(negative)),
        share=pen.percent(len(negative) / max(1, len(dossier.mentions))),
        neutral=pen.number(len(dossier.neutral)), positive=pen.number(len(dossier.positive)),
    )  # fmt: skip
    found = [Sentence(told, pen.mentions(negative)), Sentence(volume, pen.mentions(negative))]
    found += _usual(pen)
    if dossier.emotions:
        felt = pen.listed((pen.say(f"emotion.{name.value}"), len(ids)) for name, ids in dossier.emotions[:3])
        ids = [one for _, some in dossier.emotions[:3] for one in some]
        found.append(Sentence(pen.say("emotions", list=felt), pen.mentions(ids), ESTIMATE))
    for event in dossier.steps(EventKind.ABSORBED, EventKind.RELEASED):
        code = "merged" if event.kind is EventKind.ABSORBED else "released"
        found.append(Sentence(pen.say(code, when=pen.when(event.at)), pen.log(event), RECORD))
    return found


def _usual(pen: Pen) -> list[Sentence]:
    """What detection saw, against the baseline; only where it says so."""
    incident = pen.dossier.incident
    seen = incident.reasons[0].values if incident.reasons else {}
    if not {"window_min", "count", "expected"} <= set(seen):
        return []
    text = pen.say(
        "usual", window=pen.minutes(float(seen["window_min"])), count=pen.number(int(seen["count"])),
        expected=pen.number(float(seen["expected"])),
    )  # fmt: skip
    return [Sentence(text, pen.mentions(incident.evidence), ESTIMATE)]


# ------------------------------------------------------------------ spread


def spread(pen: Pen) -> list[Sentence]:
    dossier, found = pen.dossier, []
    if dossier.people.known:
        new = [number for voice in dossier.people.new for number in voice.ids]
        text = pen.say(
            "people", people=pen.number(dossier.people.known), new=pen.number(len(dossier.people.new))
        )
        found.append(Sentence(text, pen.mentions(new or ids_of(dossier.negative))))
    if dossier.sources:
        named = pen.listed((pen.place_name(name), len(ids)) for name, ids in dossier.sources[:5])
        first_of_each = [ids[0] for _, ids in dossier.sources]
        rest = [number for _, ids in dossier.sources for number in ids]
        found.append(Sentence(pen.say("platforms", list=named), pen.mentions((*first_of_each, *rest))))
    found += [_amplifier(pen, voice) for voice in dossier.amplifiers[:_AMPLIFIERS]]
    found.append(_media(pen))
    return found + course(pen)


def _amplifier(pen: Pen, voice: Voice) -> Sentence:
    first = voice.mentions[0]
    unknown = pen.say("unknown")
    engagement = unknown if voice.engagement is None else pen.say("posts.n", n=pen.number(voice.engagement))
    text = pen.say(
        "amplifier", who=pen.author(first), where=pen.place(first), followers=pen.followers(voice),
        when=pen.when(first.post.created_at), engagement=engagement,
    )  # fmt: skip
    return Sentence(text, pen.mentions(voice.ids))


def _media(pen: Pen) -> Sentence:
    taken = pen.dossier.media
    if not taken:
        return Sentence(pen.say("media.none"), pen.mentions(ids_of(pen.dossier.mentions)))
    first = taken[0]
    who = first.post.publisher or pen.author(first)
    title = first.post.title or pen.quote(first, 60)
    said = pen.say(
        "media", n=pen.number(len(taken)), when=pen.when(first.post.created_at), who=who, title=title
    )
    return Sentence(said, pen.mentions(ids_of(taken)))


def course(pen: Pen) -> list[Sentence]:
    """How it goes: the counts, then what we make of them."""
    growth, negative = pen.dossier.growth, pen.dossier.negative
    if not growth.counts:
        return []
    found = []
    if growth.peak_at is not None:
        at, until = growth.peak_at, growth.peak_at + growth.bin
        then = ids_of(one for one in negative if at <= one.post.created_at < until)
        text = pen.say(
            "peak", when=pen.when(at), bin=pen.length(growth.bin), peak=pen.number(growth.peak_count),
            until=pen.when(growth.until), latest=pen.number(growth.latest),
        )  # fmt: skip
        found.append(Sentence(text, pen.mentions(then)))
    newest = ids_of(reversed(negative))
    said = pen.say(f"course.{growth.course.value}", **_pace(pen, growth.pace))
    if growth.peak_passed:
        said += ("" if pen.lang == "ja" else " ") + pen.say("peak.passed")
    found.append(Sentence(said, pen.mentions(newest), ESTIMATE))
    if growth.waves > 1 and growth.course is not Course.FALLING:
        found.append(Sentence(pen.say("waves", n=growth.waves), pen.mentions(newest), ESTIMATE))
    return found


def _pace(pen: Pen, pace: Interval | None) -> dict[str, str]:
    if pace is None:
        return {}
    ends = {"low": pace.low, "pace": pace.middle, "high": pace.high}
    return {name: pen.minutes(value) for name, value in ends.items()}
