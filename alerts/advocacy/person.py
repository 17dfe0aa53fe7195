"""An author's whole history, each mention judged once: what it gives, and what it takes away. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from alerts.advocacy import copies, rhythm
from alerts.advocacy.copies import Copies
from alerts.advocacy.rhythm import Habits
from alerts.advocacy.settings import AdvocateSettings
from alerts.advocacy.wording import Marks, folded, marks
from storage.types import Author, DisclosureKind, Label, Mention, SignalKind, Topic

_RECOMMENDS = (SignalKind.RECOMMEND, SignalKind.REFERRAL)
_KIND = (*_RECOMMENDS, SignalKind.PRAISE, SignalKind.DEFEND, SignalKind.TESTIMONIAL)
_AGAINST = (SignalKind.WARN, SignalKind.CHURN_INTENT)
_AFFILIATE_RULES, _PRIZE_RULES, _OWN_RULES = {"affiliate", "reward_code"}, {"campaign"}, {"own_account"}


@dataclass(frozen=True, slots=True)
class Judged:
    """One mention. Weights are 0…1: the model and the cues together are sure, one of them alone is half so.

    `attitude` −1…1 toward the brand. `bought` is why its praise does not count ("" when it does).
    """

    mention: Mention
    marks: Marks
    praise: float
    recommends: float
    testimonial: float
    defends: float
    attitude: float
    bought: str
    words: str
    guessed: float


@dataclass(frozen=True, slots=True)
class Person:
    """One author with everything that the score and the reasons are made of. `judged` is oldest first."""

    author: Author
    judged: tuple[Judged, ...]
    crowd: frozenset[int]  # places in `judged` written within hours of the like by others
    own: frozenset[int]  # places that repeat the author
    ring: bool
    clockwork: bool
    habits: Habits
    official: str
    weeks: int
    months: int

    @property
    def praise(self) -> list[Mention]:
        return [one.mention for one in self.judged if one.praise > 0]

    def bought(self, why: str) -> list[Judged]:
        return [one for one in self.judged if one.bought == why]


History = tuple[Author, tuple[Mention, ...]]


def gather(
    people: Iterable[tuple[Author, Sequence[Mention]]], settings: AdvocateSettings, now: datetime
) -> list[History]:
    """Authors with their mentions up to `now`, oldest first.

    One id and one name from one source on several platforms are one writer: the import says so. Without an id of
    its own (the id is the name) nobody is joined. The account with the most mentions stands for the writer.
    """
    joined: dict[tuple[str, str, str], list[History]] = defaultdict(list)
    for number, (author, mentions) in enumerate(people):
        seen = tuple(sorted((m for m in mentions if m.post.created_at <= now), key=_age))
        if author.platform in settings.excluded_platforms or not seen:
            continue
        known = author.external_id not in (author.name, author.handle) and bool(author.name)
        key = (seen[0].post.source, author.external_id, author.name) if known else ("", "", str(number))
        joined[key].append((author, seen))
    found = []
    for group in joined.values():
        group.sort(key=lambda one: (-len(one[1]), one[0].platform))
        seen = tuple(sorted((m for _, mentions in group for m in mentions), key=_age))
        found.append((group[0][0], seen))
    # The same whatever order the store gives them in.
    return sorted(found, key=lambda one: (one[0].platform, one[0].external_id))


def judge(histories: Sequence[History], topic: Topic) -> list[Person]:
    """Everybody with their mentions judged: alone, beside each other's, and in time."""
    names = brand_names(topic)
    zone = ZoneInfo(topic.timezone)
    found = copies.find([mentions for _, mentions in histories], names)
    judged = [tuple(weigh(mention, names) for mention in mentions) for _, mentions in histories]
    known = rhythm.usual([(one.mention, one.marks) for every in judged for one in every], zone)
    return [
        _person(number, author, every, found, known, zone, topic)
        for number, ((author, _), every) in enumerate(zip(histories, judged, strict=True))
    ]


def brand_names(topic: Topic) -> tuple[str, ...]:
    names = {folded(name) for name in (topic.brand, *topic.aliases) if len(name) >= 2}
    return tuple(sorted(names, key=lambda name: (-len(name), name)))


def _age(mention: Mention) -> tuple[datetime, int, str]:
    return mention.post.created_at, mention.id or 0, mention.post.external_id


def _person(
    number: int,
    author: Author,
    judged: tuple[Judged, ...],
    found: Copies,
    known: rhythm.Usual,
    zone: ZoneInfo,
    topic: Topic,
) -> Person:
    praised = [
        one.mention.post.created_at.astimezone(zone)
        for place, one in enumerate(judged)
        if one.praise > 0 and place not in found.crowd[number]
    ]
    return Person(
        author=author,
        judged=judged,
        crowd=frozenset(found.crowd[number]),
        own=frozenset(found.own[number]),
        ring=copies.in_ring(found, number, len(judged)),
        clockwork=rhythm.machine_like([one.mention.post.created_at for one in judged]),
        habits=rhythm.habits([(one.mention, one.marks) for one in judged], known, zone),
        official=official_name(author, topic),
        weeks=len({at.isocalendar()[:2] for at in praised}),
        months=len({(at.year, at.month) for at in praised}),
    )


# ------------------------------------------------------------------ one mention


def weigh(mention: Mention, names: tuple[str, ...]) -> Judged:
    """What one mention says by itself. `names` are the brand's, as `brand_names` gives them."""
    said = marks(mention.post.full_text, names)
    bought, words = _bought(mention, said)
    attitude = _attitude(mention)
    # Whatever the words promise: only a text that is not against the brand speaks for it.
    mild = attitude > -0.2
    genuine = mild and not bought
    return Judged(
        mention=mention,
        marks=said,
        praise=_praise(mention, attitude) if genuine else 0.0,
        recommends=_both(mention.analysis.has(*_RECOMMENDS), said.recommends) if genuine else 0.0,
        testimonial=_both(mention.analysis.has(SignalKind.TESTIMONIAL), said.benefit) if genuine else 0.0,
        defends=_both(mention.analysis.has(SignalKind.DEFEND), said.defends) if genuine else 0.0,
        attitude=attitude,
        bought=bought,
        words=words,
        guessed=_guessed(mention, said),
    )


def _both(model: bool, cue: bool) -> float:
    return 1.0 if model and cue else 0.6 if model or cue else 0.0


def _praise(mention: Mention, attitude: float) -> float:
    analysis = mention.analysis
    if analysis.sentiment.label is Label.POSITIVE:
        return 0.5 + 0.5 * max(0.0, attitude)
    return 0.5 if analysis.has(*_KIND) and attitude > -0.2 else 0.0


def _attitude(mention: Mention) -> float:
    """Toward the brand, −1…1: what the model says of the sentiment, and signals that leave no doubt."""
    analysis = mention.analysis
    if analysis.sarcasm and analysis.sentiment.label is not Label.NEUTRAL:
        return -0.6
    if analysis.sentiment.label is Label.NEGATIVE:
        return min(-0.3, analysis.sentiment.score) if not analysis.has(SignalKind.DEFEND) else 0.0
    if analysis.has(*_AGAINST) and analysis.sentiment.label is not Label.POSITIVE:
        return -0.6
    if analysis.sentiment.label is Label.POSITIVE:
        return max(0.4, analysis.sentiment.score)
    return 0.4 if analysis.has(*_KIND) else 0.0


def _bought(mention: Mention, said: Marks) -> tuple[str, str]:
    """Why the praise is not free, and the words that say so. A guess of the model is no proof."""
    disclosure = mention.analysis.disclosure
    span = disclosure.evidence
    told = disclosure.kind is DisclosureKind.SPONSORED and (
        span is not None or mention.correction is not None
    )
    rule, words = (span.why, span.text) if told and span else ("", "")
    if said.staff:
        return "employee", said.staff
    if rule in _OWN_RULES:
        return "employee", words
    if rule in _AFFILIATE_RULES or (said.affiliate and not said.unpaid):
        return "affiliate", words or said.affiliate
    if rule in _PRIZE_RULES or said.prize:
        return "prize", words or said.prize
    return ("sponsored", words) if told else ("", "")


def _guessed(mention: Mention, said: Marks) -> float:
    """How much a post looks paid without saying so, 0…1."""
    disclosure = mention.analysis.disclosure
    if said.unpaid or disclosure.evidence is not None:
        return 0.0
    model = disclosure.confidence if disclosure.kind is DisclosureKind.SPONSORED else 0.0
    return min(1.0, 0.6 * model + (0.4 if said.advert else 0.0))


# ------------------------------------------------------------------ names

_OFFICIAL = re.compile(
    r"公式|広報|営業所|店舗|スタッフ|店員|社員|店長|本部|中の人|staff|[】\s]?official|\bpr\b|\bsupport\b|カスタマーサポート",
    re.IGNORECASE,
)


def official_name(author: Author, topic: Topic) -> str:
    """The author's name when it reads like the brand's own account, else ""."""
    brands = [_letters(name) for name in (topic.brand, *topic.aliases) if len(name) >= 2]
    for name in (author.name, author.handle):
        plain = _letters(name)
        named = [brand for brand in brands if brand and brand in plain]
        if named and (_OFFICIAL.search(name) or plain in named):
            return name
    return ""


def _letters(text: str) -> str:
    return re.sub(r"[\s_.\-・]", "", folded(text))
