"""The past looked at again and again: who was a candidate when, and who became an advocate within sixty days. Pure.

Every look knows only the mentions up to it. A look comes every fifteen days and every second one is a cut-off, at which
each candidate is a case; the looks in between only tell when somebody got there. Texts are read once for all looks
(`wording.marks` and `copies.sketch` remember them).
"""

from __future__ import annotations

import zlib
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.advocacy.ahead import heading
from alerts.advocacy.organic import Verdict
from alerts.advocacy.person import Person
from alerts.advocacy.traits import traits
from alerts.advocates import AdvocateSettings, judged, qualifies, scored
from storage.types import Advocate, Author, Mention, Topic

HORIZON = timedelta(days=60)
LOOK_EVERY = timedelta(days=15)
CUT_EVERY = 2  # looks
LEARNING = timedelta(days=30)  # before the first cut-off
MEMORY = timedelta(days=365)  # as old as praise may be to count
# Of more, a sample of the authors is learned from: so many texts are remembered from look to look.
MOST_MENTIONS = 45_000
Account = tuple[str, str]  # (platform, external id)
People = Sequence[tuple[Author, Sequence[Mention]]]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody with organic praise and points, who never had enough of them. `writer` is the same at every look."""

    writer: str
    person: Person
    verdict: Verdict
    advocate: Advocate
    traits: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A candidate at a cut-off, and whether they were an advocate within sixty days of it."""

    at: datetime
    writer: str
    traits: tuple[float, ...]
    became: bool


@dataclass(frozen=True, slots=True)
class Past:
    """All cases whose outcome is known, oldest first; the candidates of now; when the history begins."""

    cases: tuple[Case, ...]
    candidates: tuple[Candidate, ...]
    since: datetime | None


@dataclass(frozen=True, slots=True)
class _Look:
    at: datetime
    qualified: frozenset[str]
    candidates: tuple[Candidate, ...]


def read(
    topic: Topic,
    people: People,
    settings: AdvocateSettings,
    now: datetime,
    contacted: Mapping[Account, datetime],
) -> Past:
    """Cases and candidates as they stood at `now`.

    `people` have only mentions from before their first contact; `contacted` says when that was. Whoever was contacted
    is no candidate, and a case that contact cut short without an outcome is left out.
    """
    times = [
        mention.post.created_at
        for _, mentions in people
        for mention in mentions
        if mention.post.created_at <= now
    ]
    if not times:
        return Past((), (), None)
    since = min(times)
    looks: list[_Look] = []
    ever: set[str] = set()
    sample = _sample(people)
    for at in looks_from(since, now):
        # The candidates of now are everybody's; only what is learned from may be a sample.
        known = judged(topic, _known(people if at == now else sample, at), settings, at)
        ranking = scored(known, topic, settings, at)
        qualified = _qualified(known, ranking, settings)
        ever |= qualified
        waiting = _waiting(known, ranking, ever, contacted, at) if _is_cut_off(at, now) else []
        looks.append(_Look(at, qualified, tuple(_candidate(*one, topic, settings, at) for one in waiting)))
    return Past(tuple(_cases(looks, now, contacted)), looks[-1].candidates, since)


def looks_from(since: datetime, now: datetime) -> list[datetime]:
    """From a month after the history begins up to now, counted back from now; now is always among them."""
    count = max(0, (now - since - LEARNING) // LOOK_EVERY)
    return [now - LOOK_EVERY * number for number in range(count, -1, -1)]


def _is_cut_off(at: datetime, now: datetime) -> bool:
    """Counted back from now, so that the newest known outcomes are among them; now itself is one."""
    return at == now or (now - at >= HORIZON and (now - at) // LOOK_EVERY % CUT_EVERY == 0)


def _qualified(
    known: Sequence[tuple[Person, Verdict]], ranking: Sequence[Advocate], settings: AdvocateSettings
) -> frozenset[str]:
    there = {_account(one.author) for one in ranking if qualifies(one, settings)}
    return frozenset(_writer(person) for person, _ in known if _account(person.author) in there)


def _waiting(
    known: Sequence[tuple[Person, Verdict]],
    ranking: Sequence[Advocate],
    ever: set[str],
    contacted: Mapping[Account, datetime],
    at: datetime,
) -> list[tuple[Person, Verdict, Advocate]]:
    """Organic, with points, never there yet, and not contacted."""
    listed = {_account(one.author): one for one in ranking}
    found = []
    for person, verdict in known:
        advocate = listed.get(_account(person.author))
        if advocate is None or not verdict.organic or _writer(person) in ever:
            continue
        if not _was_contacted(person, contacted, at):
            found.append((person, verdict, advocate))
    return found


def _candidate(
    person: Person,
    verdict: Verdict,
    advocate: Advocate,
    topic: Topic,
    settings: AdvocateSettings,
    at: datetime,
) -> Candidate:
    later = heading(person, verdict, topic, settings, at)
    values = traits(person, verdict, advocate.score, later, at)
    return Candidate(_writer(person), person, verdict, advocate, values)


def _cases(looks: Sequence[_Look], now: datetime, contacted: Mapping[Account, datetime]) -> Iterable[Case]:
    wait = HORIZON // LOOK_EVERY
    for number, look in enumerate(looks):
        if look.at == now:
            continue
        later = looks[number + 1 : number + wait + 1]
        for one in look.candidates:
            became = any(one.writer in after.qualified for after in later)
            if became or not _was_contacted(one.person, contacted, look.at + HORIZON):
                yield Case(look.at, one.writer, one.traits, became)


def _known(people: People, at: datetime) -> Iterable[tuple[Author, Sequence[Mention]]]:
    """What was there at a moment: mentions come oldest first."""
    for author, mentions in people:
        first = bisect_right(mentions, at - MEMORY, key=_written)
        end = bisect_right(mentions, at, key=_written)
        if first < end:
            yield author, mentions[first:end]


def _sample(people: People) -> People:
    """Everybody, or by chance so many that their texts are remembered from look to look; always the same ones."""
    total = sum(len(mentions) for _, mentions in people)
    if total <= MOST_MENTIONS:
        return people
    share = MOST_MENTIONS / total * 2**32
    return [one for one in people if zlib.crc32("\t".join(_account(one[0])).encode()) < share]


def _written(mention: Mention) -> datetime:
    return mention.post.created_at


def _account(author: Author) -> Account:
    return author.platform, author.external_id


def _writer(person: Person) -> str:
    """One name for a writer at every look, whichever account stands for them (see `person.gather`)."""
    author = person.author
    alone = author.external_id in (author.name, author.handle) or not author.name
    return "\t".join((author.platform if alone else author.name, author.external_id))


def _was_contacted(person: Person, contacted: Mapping[Account, datetime], at: datetime) -> bool:
    if not contacted:
        return False
    accounts = {_account(person.author)}
    accounts |= {_account(one.mention.post.author) for one in person.judged if one.mention.post.author}
    return any(account in contacted and contacted[account] <= at for account in accounts)
