"""Quotable sentences with what the store knows: may we quote, what a person decided, where each was published."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from alerts import quotes, testimonials
from alerts.advocacy.aspects import praised
from alerts.handover import refused_platform
from alerts.quotes import Asked, Quote, State
from alerts.testimonials import Permission, Permit, Testimonial
from listener.config import Config
from storage.consents import standing
from storage.db import MentionFilter, Store
from storage.quotes import Curation, Publication
from storage.types import Author, Label, Mention, Topic

PAGE = 1000
EVERYBODY = 1_000_000
ORDER = (State.GRANTED, State.ASKED, State.NOT_ASKED, State.REFUSED, State.BLOCKED)


@dataclass(frozen=True, slots=True)
class Library:
    """The sentences, those that may be published first; `cut_short`: more praise was there than was read."""

    quotes: tuple[Quote, ...]
    cut_short: bool


def library(
    store: Store,
    config: Config,
    now: datetime,
    names: Collection[str],
    *,
    since: datetime | None = None,
    most: int | None = None,
) -> Library:
    """Of our own topics in `names`; reads the newest `most` mentions of praise of each, or all.

    What a person decided something about is there however old it is.
    """
    curations = store.testimonials.curations()
    published: dict[int, list[Publication]] = {}
    for one in store.testimonials.publications():
        published.setdefault(one.mention_id, []).append(one)
    rivals = [other.topic() for other in config.topics if not other.own]
    decided = store.mentions_by_id(curations)
    found: list[Quote] = []
    cut_short = False
    for own in config.topics:
        if not own.own or own.name not in names:
            continue
        praise = _Praise(store, own.name, since, most, decided)
        asked = asking(store, own.name, now)
        some = testimonials.find(praise, own.topic(), rivals, _permit(asked))
        found += _quotes(store, some, asked, curations, published)
        cut_short = cut_short or praise.cut_short
    found.sort(key=lambda one: ORDER.index(one.state))
    return Library(tuple(found), cut_short)


class _Praise:
    """The newest positive mentions of a topic, and those in `decided`; each once."""

    def __init__(
        self, store: Store, topic: str, since: datetime | None, most: int | None, decided: list[Mention]
    ) -> None:
        self._store = store
        self._where = MentionFilter(topic=topic, label=Label.POSITIVE, since=since)
        self._most = most
        self._decided = [
            one for one in decided if one.topic == topic and (since is None or one.post.created_at >= since)
        ]
        self.cut_short = False

    def __iter__(self) -> Iterator[Mention]:
        seen: set[int | None] = set()
        for one in islice(self._pages(), self._most):
            seen.add(one.id)
            yield one
        self.cut_short = self._most is not None and self._store.count(self._where) > self._most
        yield from (one for one in self._decided if one.id not in seen)

    def _pages(self) -> Iterator[Mention]:
        offset = 0
        while page := self._store.mentions(self._where, limit=PAGE, offset=offset):
            offset += len(page)
            yield from page


def _quotes(
    store: Store,
    some: list[Testimonial],
    asked: Callable[[Author], Asked],
    curations: dict[int, Curation],
    published: dict[int, list[Publication]],
) -> Iterator[Quote]:
    texts = {one.id: one.post.full_text for one in store.mentions_by_id(one.mention_id or 0 for one in some)}
    for one in some:
        number = one.mention_id or 0
        if number not in texts:
            continue  # forgotten since it was read
        word, places = curations.get(number), published.get(number, [])
        yield quotes.quote(one, texts[number], asked(one.author), word, praised(one.quote), places)


def one_quote(store: Store, config: Config, now: datetime, mention_id: int) -> Quote | None:
    """The sentence of one mention, as it stands right now; None when there is none."""
    mention = store.mention(mention_id) if 0 < mention_id < 2**63 else None
    own = next((one for one in config.topics if mention and one.own and one.name == mention.topic), None)
    if mention is None or own is None:
        return None
    asked = asking(store, own.name, now)
    rivals: list[Topic] = [other.topic() for other in config.topics if not other.own]
    some = testimonials.find([mention], own.topic(), rivals, _permit(asked))
    published = [one for one in store.testimonials.publications() if one.mention_id == mention_id]
    curations = store.testimonials.curations()
    return next(_quotes(store, some, asked, curations, {mention_id: published}), None)


def asking(store: Store, topic: str, now: datetime) -> Callable[[Author], Asked]:
    """What the ledger says of an author, asked only about those who have a quotable sentence, once each."""
    ids = {_account(one.author): one.id or 0 for one in store.advocates(topic, limit=EVERYBODY)}
    journeys = store.people.journeys(ids.values())
    known: dict[tuple[str, str], Asked] = {}

    def asked(author: Author) -> Asked:
        account = _account(author)
        if account not in known:
            number = ids.get(account)
            known[account] = _asked(
                store, author, number, journeys[number].contacted_at if number else None, now
            )
        return known[account]

    return asked


def _permit(asked: Callable[[Author], Asked]) -> Permit:
    return lambda author: asked(author).permission


def _asked(
    store: Store, author: Author, number: int | None, asked_at: datetime | None, now: datetime
) -> Asked:
    if store.privacy.refusal(author) is not None or refused_platform(author):
        return Asked(Permission.REFUSED, blocked=True)
    ledger = store.people.ledger(number) if number and asked_at else []
    said = testimonials.permission(ledger, asked_at=asked_at, opted_out=False, now=now)
    return Asked(said, advocate_id=number, stands=standing(ledger, now))


def _account(author: Author) -> tuple[str, str]:
    return author.platform, author.external_id
