"""Everything about one crisis as one value: who began it, who carries it, what they say, how it goes (pure).

What it will not do: name a cause. It says which words and posts there are and how many; why it happened, people
must find out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.incident.growth import Growth, growth
from alerts.incident.terms import Term, telling
from alerts.incident.voices import (
    Account,
    People,
    Voice,
    amplifiers,
    defenders,
    ids_of,
    is_official,
    media,
    people,
)
from storage.cases import Event, EventKind
from storage.types import Emotion, Incident, Label, Mention, SignalKind, Topic

LOOK_BACK = timedelta(hours=24)  # so far before the detected beginning the first post is looked for
LONGEST = timedelta(days=7)
_MARKS = 2  # telling words in a post that make it part of the matter
_POINTS = 4


@dataclass(frozen=True, slots=True)
class Case:
    """What a dossier is made of.

    `mentions` are the topic's from `LOOK_BACK` before the beginning to the end, oldest first; `earlier` a sample
    from before that. `words` are the telling words of each by mention id. `seen_before` are the accounts that
    spoke of the topic earlier, `advocates` those we know as such. `read_until` is the moment up to which the
    sources were read.
    """

    topic: Topic
    incident: Incident
    mentions: tuple[Mention, ...]
    earlier: tuple[Mention, ...]
    words: Mapping[int, frozenset[str]]
    now: datetime
    read_until: datetime
    merged: tuple[Incident, ...] = ()
    events: tuple[Event, ...] = ()
    seen_before: frozenset[Account] = frozenset()
    advocates: frozenset[Account] = frozenset()


@dataclass(frozen=True, slots=True)
class Told:
    """One story: mentions that say the same thing. `share` is of all mentions in the window."""

    story: int
    mentions: tuple[int, ...]
    share: float
    quote: Mention


@dataclass(frozen=True, slots=True)
class Point:
    """One point of criticism: the negative mentions that use a telling word, and one that shows it.

    `share` is of all negative mentions; a mention may be counted under several points.
    """

    word: str
    mentions: tuple[int, ...]
    share: float
    quote: Mention


@dataclass(frozen=True, slots=True)
class Dossier:
    """One crisis as it stands at `now`. `mentions` are those of [start, end), oldest first."""

    topic: Topic
    incident: Incident
    merged: tuple[Incident, ...]
    events: tuple[Event, ...]
    now: datetime
    start: datetime
    end: datetime
    read_until: datetime
    mentions: tuple[Mention, ...]
    negative: tuple[Mention, ...]
    positive: tuple[int, ...]
    neutral: tuple[int, ...]
    emotions: tuple[tuple[Emotion, tuple[int, ...]], ...]
    first: Mention | None
    people: People
    amplifiers: tuple[Voice, ...]
    media: tuple[Mention, ...]
    official: tuple[Mention, ...]
    defenders: tuple[Voice, ...]
    stories: tuple[Told, ...]
    points: tuple[Point, ...]
    terms: tuple[Term, ...]
    compared: bool
    sources: tuple[tuple[str, tuple[int, ...]], ...]
    growth: Growth
    owner: str = ""
    over: bool = False

    def mention(self, number: int) -> Mention | None:
        return next((one for one in self.mentions if one.id == number), None)

    def steps(self, *kinds: EventKind) -> tuple[Event, ...]:
        return tuple(event for event in self.events if event.kind in kinds)


def began(incident: Incident) -> datetime:
    """When the excess began, as detection saw it; it is told a little later."""
    since = incident.reasons[0].values.get("since") if incident.reasons else None
    return min(datetime.fromisoformat(since), incident.opened_at) if since else incident.opened_at


def span(incidents: Sequence[Incident], now: datetime) -> tuple[datetime, datetime]:
    """From the first beginning to the last end, `now` while one runs, `LONGEST` at most."""
    start = min(began(one) for one in incidents)
    ends = [one.resolved_at for one in incidents]
    end = max((one for one in ends if one is not None), default=now) if None not in ends else now
    return start, max(start + timedelta(minutes=1), min(end, start + LONGEST))


def dossier(case: Case) -> Dossier:
    every = (case.incident, *case.merged)
    detected, end = span(every, case.now)
    marked = _terms(case, detected, end)
    first = _first(case, marked, detected)
    start = min(detected, first.post.created_at) if first else detected
    inside = tuple(one for one in case.mentions if start <= one.post.created_at < end)
    negative = tuple(one for one in inside if one.analysis.sentiment.label is Label.NEGATIVE)
    official = tuple(one for one in inside if is_official(one, case.topic))
    carrying = [one for one in _about(case, inside, marked) if one not in official]
    others = _on_our_side(inside, {one.id for one in (*official, *carrying)})
    owners = [event.note for event in case.events if event.kind is EventKind.OWNER]
    return Dossier(
        topic=case.topic, incident=case.incident, merged=case.merged, events=case.events, now=case.now,
        start=start, end=end, read_until=case.read_until,
        mentions=inside, negative=negative,
        positive=_labelled(inside, Label.POSITIVE), neutral=_labelled(inside, Label.NEUTRAL),
        emotions=_emotions(negative), first=first,
        people=people(negative, case.seen_before),
        amplifiers=amplifiers(carrying), media=media(inside),
        official=official,
        defenders=defenders(others, case.advocates),
        stories=_stories(inside), points=_points(negative, marked), terms=marked, compared=bool(case.earlier),
        sources=_sources(inside),
        growth=growth([one.post.created_at for one in negative], start, min(end, case.read_until)),
        owner=owners[-1] if owners else case.incident.acknowledged_by,
        over=case.incident.resolved_at is not None,
    )  # fmt: skip


def _terms(case: Case, start: datetime, end: datetime) -> tuple[Term, ...]:
    """The words of the negative mentions since detection saw it begin, against everything earlier."""
    now = {
        one.id: case.words.get(one.id, frozenset())
        for one in case.mentions
        if one.id is not None
        and start <= one.post.created_at < end
        and one.analysis.sentiment.label is Label.NEGATIVE
    }
    before = [case.words[one.id] for one in case.earlier if one.id is not None and one.id in case.words]
    return telling(now, before)


def _first(case: Case, terms: Sequence[Term], start: datetime) -> Mention | None:
    """The earliest mention that we have of the matter.

    Before the detected beginning a post belongs to it only by its words or story, whatever a model made of its
    feeling; from then on any negative one does.
    """
    marked = _marked(case, case.mentions, terms, start)
    for one in case.mentions:
        if one.id in marked or (one.post.created_at >= start and _negative(one)):
            return one
    return None


def _about(case: Case, mentions: Sequence[Mention], terms: Sequence[Term]) -> list[Mention]:
    """Those that carry the matter further: negative or marked by words or story, and not defending us."""
    marked = _marked(case, mentions, terms, mentions[0].post.created_at) if mentions else frozenset()
    return [
        one
        for one in mentions
        if (_negative(one) or one.id in marked) and not one.analysis.has(SignalKind.DEFEND)
    ]


def _on_our_side(mentions: Sequence[Mention], taken: set[int | None]) -> list[Mention]:
    """Those that may speak up for us: not ourselves, and not what carries the matter, whatever a model felt."""
    return [one for one in mentions if one.id not in taken]


def _marked(
    case: Case, mentions: Sequence[Mention], terms: Sequence[Term], start: datetime
) -> frozenset[int | None]:
    """The mentions that use several of the telling words, or tell a story that negative ones told."""
    marks = frozenset(term.word for term in terms[:8])
    stories = {
        one.story
        for one in mentions
        if one.story is not None and one.post.created_at >= start and _negative(one)
    }
    return frozenset(
        one.id
        for one in mentions
        if one.story in stories or len(case.words.get(one.id or 0, frozenset()) & marks) >= _MARKS
    )


def _negative(mention: Mention) -> bool:
    return mention.analysis.sentiment.label is Label.NEGATIVE


def _labelled(mentions: Sequence[Mention], label: Label) -> tuple[int, ...]:
    return ids_of(one for one in mentions if one.analysis.sentiment.label is label)


def _emotions(mentions: Sequence[Mention]) -> tuple[tuple[Emotion, tuple[int, ...]], ...]:
    groups: dict[Emotion, list[Mention]] = {}
    for one in mentions:
        if one.analysis.emotion is not Emotion.NONE:
            groups.setdefault(one.analysis.emotion, []).append(one)
    return tuple((name, ids_of(some)) for name, some in sorted(groups.items(), key=lambda one: -len(one[1])))


def _sources(mentions: Sequence[Mention]) -> tuple[tuple[str, tuple[int, ...]], ...]:
    groups: dict[str, list[Mention]] = {}
    for one in mentions:
        groups.setdefault(one.post.platform, []).append(one)
    return tuple((name, ids_of(some)) for name, some in sorted(groups.items(), key=lambda one: -len(one[1])))


def _stories(mentions: Sequence[Mention], *, limit: int = 5) -> tuple[Told, ...]:
    """What several posts say alike, the largest first; a post that nobody repeats is no story here."""
    groups: dict[int, list[Mention]] = {}
    for one in mentions:
        if one.story is not None:
            groups.setdefault(one.story, []).append(one)
    found = [
        Told(story, ids_of(some), len(some) / len(mentions), loudest(some))
        for story, some in groups.items()
        if len(some) > 1
    ]
    return tuple(sorted(found, key=lambda one: -len(one.mentions))[:limit])


def _points(negative: Sequence[Mention], terms: Sequence[Term]) -> tuple[Point, ...]:
    """Telling words that together cover most of the negative mentions, the widest first, each with a quote."""
    by_id = {one.id: one for one in negative if one.id is not None}
    left, found, quoted = set(by_id), list[Point](), set[int]()
    chosen = list(terms)
    while chosen and left and len(found) < _POINTS:
        best = max(chosen, key=lambda term: (len(left & set(term.mentions)), term.z or 0.0))
        chosen.remove(best)
        gain = left & set(best.mentions)
        if len(gain) < max(2, len(by_id) * 0.03):
            break
        users = [by_id[number] for number in best.mentions if number in by_id]
        quote = loudest([one for one in users if one.id not in quoted] or users)
        quoted.add(quote.id or 0)
        found.append(Point(best.word, ids_of(users), len(users) / len(by_id), quote))
        left -= gain
    return tuple(found)


def loudest(mentions: Sequence[Mention]) -> Mention:
    """The one most read, as far as sources tell; else the earliest."""

    def order(mention: Mention) -> tuple[int, datetime]:
        author = mention.post.author
        reach = (author.followers or 0) if author else 0
        return (-(reach + 10 * (mention.post.engagement.total or 0)), mention.post.created_at)

    return min(mentions, key=order)
