"""People and their mentions → organic advocates, with every point of the score explained (pure).

An advocate praised repeatedly over weeks, unpaid, in words of their own. The score is 0…100 and the sum of
its contributions, each with the mentions that show it. One gushing post is not an advocate: the score stays
below `min_score` until praise was seen in `min_weeks` different weeks.

What it will not do: follow one person across platforms, or tell that somebody was paid who does not say so
and does not act like it.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from storage.types import (
    Advocate,
    Author,
    Contribution,
    DisclosureKind,
    Label,
    Mention,
    Reason,
    SignalKind,
    Topic,
)

PRAISE, RECOMMEND, REFERRAL = SignalKind.PRAISE, SignalKind.RECOMMEND, SignalKind.REFERRAL
TESTIMONIAL, DEFEND = SignalKind.TESTIMONIAL, SignalKind.DEFEND
QUOTE_LENGTH = 120
_SURE_PAID = 0.9

_PRIZE = re.compile(
    r"プレゼント(企画|キャンペーン)|キャンペーン(に)?(応募|参加|実施中)|抽選で|当選者|懸賞|フォロー\s*[&＆+と]\s*(rt|リポスト|リツイート|いいね)"
    r"|#[^\s#]*キャンペーン|に応募し(ます|ました)|モニター当選|\bgiveaway\b|\bsweepstakes?\b",
    re.IGNORECASE,
)
_STAFF = re.compile(
    r"(弊社|当社|当店|自社)(の|は|で|では|が)|(中の人|広報担当|公式アカウント|スタッフ一同|店長)です|勤務先の|うちの会社"
    r"|\bour (team|product|company|store)\b|\bi work (at|for)\b",
    re.IGNORECASE,
)
_OFFICIAL = re.compile(
    r"公式|広報|営業所|店舗|スタッフ|[】\s]?official|\bpr\b|\bsupport\b|カスタマーサポート", re.IGNORECASE
)


class AdvocateSettings(BaseModel):
    """Who counts as an advocate."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    min_score: float = Field(
        default=60.0, ge=0, le=100, description="score from which somebody is an advocate"
    )
    min_weeks: int = Field(default=3, ge=1, description="different weeks with praise, at least")
    keep_score: float = Field(default=15.0, ge=0, le=100, description="candidates below are not listed")
    half_life_days: float = Field(
        default=120.0, gt=0, description="after so many days without praise it counts half"
    )
    detractor_negatives: int = Field(
        default=2, ge=1, description="negative mentions that turn an advocate around"
    )
    excluded_platforms: tuple[str, ...] = Field(
        default=("reddit", "news", "prtimes"),
        description="platforms whose rules forbid such a list, or that have no people",
    )


@dataclass(frozen=True, slots=True)
class _Tellers:
    """How many accounts tell each story, and when it was told first: who wrote it copies nobody."""

    accounts: Counter[int]
    first: dict[int, datetime]

    def hear(self, mentions: Sequence[Mention]) -> None:
        """Take in one author's mentions."""
        self.accounts.update({m.story for m in mentions if m.story is not None})
        for mention in mentions:
            if mention.story is not None:
                known = self.first.get(mention.story, mention.post.created_at)
                self.first[mention.story] = min(known, mention.post.created_at)

    def is_copy(self, mention: Mention) -> bool:
        story = mention.story
        if story is None or self.accounts[story] < 3:
            return False
        return mention.post.created_at > self.first[story]


@dataclass(frozen=True, slots=True)
class _Person:
    """One author's mentions sorted into what counts for and against."""

    author: Author
    mentions: tuple[Mention, ...]
    praise: tuple[Mention, ...]
    negative: tuple[Mention, ...]
    sponsored: tuple[Mention, ...]
    prize: tuple[Mention, ...]
    staff: tuple[Mention, ...]
    copied: tuple[Mention, ...]
    weeks: int


def rank(
    topic: Topic,
    people: Iterable[tuple[Author, Sequence[Mention]]],
    settings: AdvocateSettings,
    now: datetime,
) -> list[Advocate]:
    """Everybody with genuine or doubtful praise and at least `keep_score` points, best first.

    `people` are authors with their mentions of the topic. Doubtful ones stay in the list with `organic` False
    and the reasons, so that a person can judge.
    """
    kept: list[tuple[Author, tuple[Mention, ...]]] = []
    tellers = _Tellers(Counter(), {})
    for author, mentions in people:
        if author.platform in settings.excluded_platforms:
            continue
        seen = tuple(sorted((m for m in mentions if m.post.created_at <= now), key=_age))
        tellers.hear(seen)
        if any(_is_praise(mention) for mention in seen):
            kept.append((author, seen))
    ranked = [
        _advocate(_sorted_out(topic, author, seen, tellers), topic, settings, now) for author, seen in kept
    ]
    listed = [advocate for advocate in ranked if advocate.score >= settings.keep_score]
    return sorted(listed, key=lambda one: (-one.score, one.author.platform, one.author.external_id))


def qualifies(advocate: Advocate, settings: AdvocateSettings) -> bool:
    """True for those to tell somebody about: organic and with enough points."""
    return advocate.organic and advocate.score >= settings.min_score


def _age(mention: Mention) -> tuple[datetime, int]:
    return mention.post.created_at, mention.id or 0


def _is_praise(mention: Mention) -> bool:
    analysis = mention.analysis
    if analysis.sarcasm or analysis.sentiment.label is Label.NEGATIVE:
        return False
    return analysis.sentiment.label is Label.POSITIVE or analysis.has(PRAISE, RECOMMEND, REFERRAL, DEFEND)


def _is_paid(mention: Mention) -> bool:
    """Words that say so, or a model that is sure: nobody is called paid on a guess."""
    disclosure = mention.analysis.disclosure
    said = disclosure.evidence is not None or disclosure.confidence >= _SURE_PAID
    return disclosure.kind is DisclosureKind.SPONSORED and said


def _sorted_out(topic: Topic, author: Author, mentions: tuple[Mention, ...], tellers: _Tellers) -> _Person:
    sponsored = tuple(m for m in mentions if _is_paid(m))
    prize = tuple(m for m in mentions if _PRIZE.search(m.post.full_text))
    staff = tuple(m for m in mentions if _STAFF.search(m.post.full_text))
    copied = _copied(mentions, tellers)
    bought = {id(m) for m in (*sponsored, *prize, *copied)}
    praise = tuple(m for m in mentions if _is_praise(m) and id(m) not in bought)
    negative = tuple(m for m in mentions if m.analysis.sentiment.label is Label.NEGATIVE)
    zone = ZoneInfo(topic.timezone)
    weeks = {m.post.created_at.astimezone(zone).isocalendar()[:2] for m in praise}
    return _Person(author, mentions, praise, negative, sponsored, prize, staff, copied, len(weeks))


def _copied(mentions: tuple[Mention, ...], tellers: _Tellers) -> tuple[Mention, ...]:
    """Mentions that repeat the author's own earlier text, or another's that several accounts post."""
    seen: set[int] = set()
    copied = []
    for mention in mentions:
        if mention.story is None:
            continue
        if mention.story in seen or tellers.is_copy(mention):
            copied.append(mention)
        seen.add(mention.story)
    return tuple(copied)


# ------------------------------------------------------------------ the score


def _advocate(person: _Person, topic: Topic, settings: AdvocateSettings, now: datetime) -> Advocate:
    doubts = _doubts(person, topic)
    parts = _earned(person)
    parts += _discounts(person, sum(part.points for part in parts), settings, now)
    parts += _deductions(person, doubts)
    total = sum(part.points for part in parts)
    if person.weeks < settings.min_weeks and total >= settings.min_score:
        # Explained like every other part: a score can be added up by hand.
        parts.append(Contribution("too_few_weeks", round(settings.min_score - 0.1 - total, 1)))
        total = settings.min_score - 0.1
    shown = tuple(part for part in parts if abs(part.points) >= 0.05)
    return Advocate(
        author=person.author,
        topic=topic.name,
        score=round(min(100.0, max(0.0, sum(part.points for part in shown))), 1),
        contributions=tuple(sorted(shown, key=lambda part: -part.points)),
        organic=not doubts,
        organic_reasons=doubts or (Reason("no_sign_of_payment", {"mentions": len(person.mentions)}),),
        mentions=len(person.mentions),
        first_at=person.mentions[0].post.created_at,
        last_at=person.mentions[-1].post.created_at,
    )


def _earned(person: _Person) -> list[Contribution]:
    """What speaks for the person. Every part saturates, so that no single habit makes an advocate."""
    praise = person.praise
    recommends = [m for m in praise if m.analysis.has(RECOMMEND, REFERRAL)]
    testimonials = [m for m in praise if m.analysis.has(TESTIMONIAL)]
    defends = [m for m in praise if m.analysis.has(DEFEND)]
    sources = {m.post.source for m in praise}
    own = 1 - len(person.copied) / len(person.mentions)
    followers = person.author.followers
    reach = 10 * min(1.0, math.log10(1 + followers) / 5) if followers else 0.0
    return [
        _part("praise_weeks", 40 * (1 - math.exp(-person.weeks / 3)), praise),
        _part("recommendations", 24 * (1 - math.exp(-len(recommends) / 2)), recommends),
        _part("testimonials", 14 * (1 - math.exp(-len(testimonials) / 2)), testimonials),
        _part("defends", 12 * (1 - math.exp(-len(defends) / 1.5)), defends),
        _part("breadth", 5.0 * min(1.0, (len(sources) - 1) / 2) if sources else 0.0, ()),
        _part("originality", 10 * max(0.0, own) if len(praise) > 1 else 0.0, ()),
        _part("reach", reach if praise else 0.0, ()),
    ]


def _discounts(
    person: _Person, earned: float, settings: AdvocateSettings, now: datetime
) -> list[Contribution]:
    """Long ago, and too few to be sure: both take a share of what was earned."""
    if not person.praise:
        return [Contribution("no_own_praise", -round(earned, 1))]
    days = (now - person.praise[-1].post.created_at).total_seconds() / 86400
    fresh = 0.5 ** (max(0.0, days - 30) / settings.half_life_days)
    sure = len(person.praise) / (len(person.praise) + 1.0)
    stale = -earned * (1 - fresh)
    return [
        Contribution("long_ago", round(stale, 1)),
        Contribution("few_mentions", round(-(earned + stale) * (1 - sure), 1)),
    ]


def _deductions(person: _Person, doubts: tuple[Reason, ...]) -> list[Contribution]:
    """What speaks against: money, employment, machines, prizes, copies, and criticism."""
    size = len(person.mentions)
    codes = {reason.code for reason in doubts}
    parts = []
    if person.sponsored:
        parts.append(_part("sponsored", -15 - 45 * len(person.sponsored) / size, person.sponsored))
    if person.prize:
        parts.append(_part("prize_campaign", -5 - 35 * len(person.prize) / size, person.prize))
    if person.copied:
        parts.append(_part("copied_text", -40 * len(person.copied) / size, person.copied))
    if codes & {"official_account", "employee"}:
        parts.append(_part("official_or_employee", -60.0, person.staff))
    if "bot" in codes:
        parts.append(_part("bot", -60.0, ()))
    if person.negative:
        parts.append(_part("negative_mentions", -60 * len(person.negative) / size, person.negative))
    return parts


def _part(name: str, points: float, shown: Sequence[Mention]) -> Contribution:
    """Points with their evidence, newest first, and the newest one's words."""
    newest = sorted(shown, key=_age, reverse=True)
    evidence = tuple(m.id for m in newest if m.id is not None)[:10]
    return Contribution(name, round(points, 1), evidence, _quote(newest[0]) if newest else "")


def _quote(mention: Mention) -> str:
    text = " ".join(mention.post.full_text.split())
    return text if len(text) <= QUOTE_LENGTH else text[: QUOTE_LENGTH - 1].rstrip("\u200d\ufe0f") + "…"


# ------------------------------------------------------------------ is it organic?


def _doubts(person: _Person, topic: Topic) -> tuple[Reason, ...]:
    """Why the praise may not be unpaid or may not be a person's own; empty when nothing says so."""
    size = len(person.mentions)
    doubts = []
    if person.sponsored:
        newest = person.sponsored[-1]
        span = newest.analysis.disclosure.evidence
        values = {"count": len(person.sponsored), "of": size, "words": span.text if span else ""}
        doubts.append(Reason("sponsored", {**values, "mention": newest.id}))
    name = _official_name(person.author, topic)
    if name:
        doubts.append(Reason("official_account", {"name": name}))
    if person.staff:
        match = _STAFF.search(person.staff[-1].post.full_text)
        words = match.group(0) if match else ""
        doubts.append(Reason("employee", {"words": words, "mention": person.staff[-1].id}))
    if person.author.bot:
        doubts.append(Reason("bot", {"handle": person.author.handle}))
    if size >= 3 and len(person.copied) / size >= 0.5:
        doubts.append(Reason("copied_text", {"count": len(person.copied), "of": size}))
    if len(person.prize) / size >= 0.3:
        doubts.append(Reason("prize_campaign", {"count": len(person.prize), "of": size}))
    return tuple(doubts)


def _official_name(author: Author, topic: Topic) -> str:
    """The author's name when it reads like the brand's own account, else ""."""
    brands = [_folded(name) for name in (topic.brand, *topic.aliases) if len(name) >= 2]
    for name in (author.name, author.handle):
        folded = _folded(name)
        named = [brand for brand in brands if brand and brand in folded]
        if named and (_OFFICIAL.search(name) or folded in named):
            return name
    return ""


def _folded(text: str) -> str:
    return re.sub(r"[\s_.\-・]", "", unicodedata.normalize("NFKC", text).casefold())
