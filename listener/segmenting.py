"""Segments with what the store knows: whom a saved filter finds now, and which programme suits whom."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from alerts import journey, segments
from alerts.advocacy.fit import Suggestion, suggest
from alerts.advocacy.person import gather
from alerts.advocates import AdvocateSettings
from alerts.segments import MicroSegment, Profile
from listener.config import Config
from listener.watching import PRAISE_MEMORY
from storage.consents import Scope
from storage.db import Store
from storage.segmentation import Wanted
from storage.types import Advocate, Author, Mention, Topic

EVERYBODY = 1_000_000
Key = tuple[str, str]  # an account: platform, external id


def listed(store: Store, topic: str | None = None) -> list[Advocate]:
    """The stored advocates, best first, without those who opted out."""
    return store.advocates(topic, limit=EVERYBODY)


def profiles(
    store: Store,
    config: Config,
    now: datetime,
    wanted: Iterable[Wanted],
    some: Sequence[Advocate] | None = None,
) -> list[Profile]:
    """Everybody whom one of these filters may find, with all that it asks about, as things stand at `now`.

    `some` are other advocates than the stored ranking; those who are stored keep their number and stage.
    """
    filters = list(wanted)
    people = listed(store) if some is None else _stored(store, some)
    journeys = store.people.journeys({one.id or 0 for one in people})
    asked = [
        one for one in people if any(segments.may_match(one, journeys[one.id or 0], each) for each in filters)
    ]
    consents = _consents(store, now)
    found = []
    for topic in _topics(config, asked):
        theirs = [one for one in asked if one.topic == topic.name]
        said, organic = _said(store, topic, theirs, config.thresholds.advocate, now)
        for one in theirs:
            number, name = one.id or 0, _key(one)
            found.append(
                segments.profile(
                    one, said(one), organic(one), topic, now,
                    journey=journeys[number], consents=consents.get((name, one.topic), frozenset()),
                )
            )  # fmt: skip
    return found


def members(
    store: Store, config: Config, now: datetime, wanted: Wanted, some: Sequence[Advocate] | None = None
) -> list[Profile]:
    """Whom one filter finds, best score first."""
    return segments.members(profiles(store, config, now, [wanted], some), wanted, now)


def suggestions(
    store: Store, topic: Topic, some: Sequence[Advocate], settings: AdvocateSettings, now: datetime
) -> list[Suggestion]:
    """For each of these advocates of a topic, in their order: the programmes that suit them."""
    people = _stored(store, some)
    journeys = store.people.journeys({one.id or 0 for one in people})
    _, organic = _said(store, topic, people, settings, now)
    return [
        suggest(one, organic(one), topic, now, opted_out=journeys[one.id or 0].opted_out_at is not None)
        for one in people
    ]


def base(config: Config) -> Wanted:
    """Who counts for suggested groups: organic, and half way to an advocate at least."""
    return Wanted(organic=True, min_score=float(round(config.thresholds.advocate.min_score / 2)))


def found_groups(
    store: Store, config: Config, now: datetime, least: int, some: Sequence[Profile] | None = None
) -> list[MicroSegment]:
    """Groups worth saving that are not saved yet. `some` are profiles at hand of everybody whom `base` may find."""
    people = profiles(store, config, now, [base(config)]) if some is None else some
    saved = [one.wanted for one in store.segments.every()]
    return segments.micro_segments(people, base(config), now, least=least, saved=saved)


# ------------------------------------------------------------------ what the store knows


def _topics(config: Config, people: Sequence[Advocate]) -> list[Topic]:
    """The topics of these people; one that config.yaml does not have any more has no names but its own."""
    known = {one.name: one.topic() for one in config.topics}
    return [known.get(name, Topic(name, name)) for name in sorted({one.topic for one in people})]


def _stored(store: Store, some: Sequence[Advocate]) -> list[Advocate]:
    """With the numbers and stages that the store has for them; number None is somebody it does not know."""
    if all(one.id is not None for one in some):
        return list(some)
    topics = {one.topic for one in some}
    known = {(_key(one), one.topic): one for topic in topics for one in listed(store, topic)}
    return [
        replace(one, id=there.id, stage=there.stage) if (there := known.get((_key(one), one.topic))) else one
        for one in some
    ]


def _consents(store: Store, now: datetime) -> Mapping[tuple[Key, str], frozenset[str]]:
    """Which scopes stand, by account and topic, as the hand-over would see it."""
    found: dict[tuple[Key, str], frozenset[str]] = {}
    for scope in Scope:
        for one in store.people.contacts(None, scope, now):
            found[(one.author.platform, one.author.external_id), one.topic] = one.scopes
    return found


Said = Callable[[Advocate], Sequence[Mention]]


def _said(
    store: Store, topic: Topic, people: Sequence[Advocate], settings: AdvocateSettings, now: datetime
) -> tuple[Said, Said]:
    """What each of them wrote in the last year, and the part of it that is nobody's doing but theirs."""
    ids = {one.author.external_id for one in people}
    written = store.segments.writers(topic.name, ids, now - PRAISE_MEMORY, now)
    contacted = store.people.contacted_at(topic.name)
    return _by_writer(written, settings, now), _by_writer(
        journey.organic_part(written, contacted), settings, now
    )


def _by_writer(
    written: Iterable[tuple[Author, Sequence[Mention]]], settings: AdvocateSettings, now: datetime
) -> Said:
    """Accounts that are one writer are taken together, as the score does, whichever of them stands for the writer."""
    found: dict[Key, Sequence[Mention]] = {}
    for _, mentions in gather(written, settings, now):
        for mention in mentions:
            if mention.post.author is not None:
                found[mention.post.author.platform, mention.post.author.external_id] = mentions
    return lambda one: found.get(_key(one), ())


def _key(one: Advocate) -> Key:
    return one.author.platform, one.author.external_id
