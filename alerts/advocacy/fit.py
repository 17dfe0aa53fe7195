"""An advocate's history → which programme suits them, with the reasons and the mentions that show them (pure).

A fit is 0…1 and the sum of its reasons. Each reason fills up: once is little, a few times are nearly all, and no
programme is suggested without what it lives on (`NEEDS`): nobody becomes an influencer by followers alone. What was
bought, written by staff or for a prize counts for nothing, and who is not organic, opted out or left gets no
suggestion at all. docs/advocates.md explains the table to people.

What it will not do: tell whether somebody would like to. That is asked.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from alerts.advocacy import fit_words
from alerts.advocacy.aspects import praised
from alerts.advocacy.fit_words import APP_SHOPS, FORUMS, Marks
from alerts.advocacy.person import Judged, brand_names, weigh
from alerts.advocacy.points import quote
from alerts.advocacy.wording import folded
from storage.types import Advocate, Mention, SignalKind, Stage, Topic


class Programme(StrEnum):
    """What an advocate may be asked to join."""

    REFERRAL = "referral"  # tells friends: a code or link to pass on
    REFERENCE = "reference"  # a customer whose experience can be shown: 事例
    COMMUNITY = "community"  # answers others
    INFLUENCER = "influencer"  # many listen, and they react
    USER_GROUP = "user_group"  # talks about the product itself
    AMBASSADOR = "ambassador"  # long-lasting, frequent, broad


@dataclass(frozen=True, slots=True)
class Part:
    """`weight`: this much of the fit at most. `scale`: 63 % of it at this amount; 0 for what is 0…1 already."""

    weight: float
    scale: float


PARTS: Mapping[Programme, Mapping[str, Part]] = MappingProxyType(
    {
        Programme.REFERRAL: {
            "friends": Part(0.5, 1.6),
            "recommends": Part(0.3, 2.2),
            "weeks": Part(0.2, 4.0),
        },
        Programme.REFERENCE: {
            "benefit": Part(0.45, 1.5),
            "figures": Part(0.25, 1.5),
            "business": Part(0.3, 1.5),
        },
        Programme.COMMUNITY: {"answers": Part(0.5, 2.0), "defends": Part(0.3, 1.2), "forum": Part(0.2, 2.0)},
        Programme.INFLUENCER: {
            "engagement": Part(0.4, 0.0),
            "reach": Part(0.3, 0.0),
            "field": Part(0.3, 2.5),
        },
        Programme.USER_GROUP: {
            "product": Part(0.45, 2.5),
            "business": Part(0.2, 2.0),
            "app": Part(0.15, 2.0),
            "weeks": Part(0.2, 4.0),
        },
        Programme.AMBASSADOR: {
            "months": Part(0.35, 3.5),
            "weeks": Part(0.35, 6.0),
            "breadth": Part(0.3, 2.0),
        },
    }
)
"""Every weight of every programme; those of one programme add up to 1."""

NEEDS: Mapping[Programme, tuple[tuple[str, ...], ...]] = MappingProxyType(
    {
        Programme.REFERRAL: (("friends",),),
        Programme.REFERENCE: (("benefit",),),
        Programme.COMMUNITY: (("answers", "defends"),),
        Programme.INFLUENCER: (("reach",), ("engagement",)),
        Programme.USER_GROUP: (("product",), ("business", "app")),
        Programme.AMBASSADOR: (("months",), ("weeks",)),
    }
)
"""Of each group at least one has to be there."""

SUGGESTED = 0.4  # below, it is no suggestion
MIN_PRAISE, MIN_WEEKS = 3, 2  # fewer tell nothing about what somebody likes to do
QUIET = timedelta(days=180)  # who has said nothing good for longer is not asked to join anything
_HEARD, _FAR = 3.0, 5.0  # logarithms of the followers from which reach counts, and at which it is full
_LIKED, _LOUD = 5, 200  # reactions a post, likewise
_EVIDENCE = 5


@dataclass(frozen=True, slots=True)
class FitReason:
    """One part of a fit: `share` of it, the numbers, the mentions that show it (newest first), the newest's words."""

    code: str
    share: float
    values: Mapping[str, Any] = field(default_factory=dict)
    evidence: tuple[int, ...] = ()
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a programme suits an advocate, 0…1, and why, the weightiest first."""

    programme: Programme
    fit: float
    reasons: tuple[FitReason, ...]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The programmes to suggest, best first. Without any, `none` says why.

    not_organic, opted_out, left, thin (too little praise to tell), quiet (none for long), no_match.
    """

    fits: tuple[Fit, ...] = ()
    none: str = ""

    @property
    def best(self) -> Programme | None:
        return self.fits[0].programme if self.fits else None


@dataclass(frozen=True, slots=True)
class _Amount:
    amount: float
    shown: Sequence[Mention] = ()
    values: Mapping[str, Any] = field(default_factory=dict)


def suggest(
    advocate: Advocate, mentions: Iterable[Mention], topic: Topic, now: datetime, *, opted_out: bool = False
) -> Suggestion:
    """The programmes that suit the author of these mentions. Nothing later than `now` is looked at.

    `mentions` are theirs as `alerts.advocates.study` gets them: those from before the first contact.
    """
    if opted_out or advocate.stage is Stage.LEFT:
        return Suggestion(none="opted_out" if opted_out else "left")
    if not advocate.organic:
        return Suggestion(none="not_organic")
    names = brand_names(topic)
    seen = sorted(
        (m for m in mentions if m.post.created_at <= now), key=lambda m: (m.post.created_at, m.id or 0)
    )
    free = [
        one for one in (weigh(mention, names) for mention in seen) if not one.bought and one.attitude > -0.2
    ]
    praise = [one for one in free if one.praise > 0]
    zone = ZoneInfo(topic.timezone)
    weeks = {one.mention.post.created_at.astimezone(zone).isocalendar()[:2] for one in praise}
    if len(praise) < MIN_PRAISE or len(weeks) < MIN_WEEKS:
        return Suggestion(none="thin")
    if now - praise[-1].mention.post.created_at > QUIET:
        return Suggestion(none="quiet")
    amounts = _amounts(free, praise, advocate, names, zone)
    found = [fit for one in Programme if (fit := _fit(one, amounts)) is not None and fit.fit >= SUGGESTED]
    ranked = sorted(found, key=lambda fit: (-fit.fit, list(Programme).index(fit.programme)))
    return Suggestion(tuple(ranked), "" if ranked else "no_match")


def _fit(programme: Programme, amounts: Mapping[str, _Amount]) -> Fit | None:
    """None where something is missing that the programme lives on."""
    if not all(any(amounts[name].amount > 0 for name in group) for group in NEEDS[programme]):
        return None
    reasons = []
    for code, part in PARTS[programme].items():
        found = amounts[code]
        share = part.weight * _filled(found.amount, part.scale)
        if share >= 0.005:
            newest = sorted(found.shown, key=lambda m: (m.post.created_at, m.id or 0), reverse=True)
            evidence = tuple(m.id for m in newest if m.id is not None)[:_EVIDENCE]
            words = quote(newest[0]) if newest else ""
            reasons.append(FitReason(code, round(share, 2), found.values, evidence, words))
    reasons.sort(key=lambda reason: -reason.share)
    return Fit(programme, round(sum(reason.share for reason in reasons), 2), tuple(reasons))


def _filled(amount: float, scale: float) -> float:
    return 1 - math.exp(-((amount / scale) ** 2)) if scale else min(1.0, max(0.0, amount))


# ------------------------------------------------------------------ what is counted


def _amounts(
    free: Sequence[Judged],
    praise: Sequence[Judged],
    advocate: Advocate,
    names: tuple[str, ...],
    zone: ZoneInfo,
) -> dict[str, _Amount]:
    said = [(one, fit_words.marks(one.mention.post.full_text)) for one in free]
    return {
        "friends": _sum((one.mention, _friends(one, cue)) for one, cue in said),
        "recommends": _sum((one.mention, one.recommends) for one in free),
        "benefit": _sum((one.mention, one.testimonial) for one in free),
        "figures": _sum((one.mention, one.testimonial > 0 and cue.figures) for one, cue in said),
        "business": _sum((one.mention, cue.business) for one, cue in said),
        "answers": _sum((one.mention, _answers(one, cue)) for one, cue in said),
        "defends": _sum((one.mention, one.defends) for one in free),
        "forum": _sum((one.mention, one.mention.post.platform in FORUMS) for one in free),
        "field": _field(said, names),
        "product": _sum((one.mention, cue.product) for one, cue in said),
        "app": _sum((one.mention, cue.app or one.mention.post.platform in APP_SHOPS) for one, cue in said),
        "engagement": _engagement(praise),
        "reach": _reach(praise, advocate),
        **_lasting(praise, zone),
    }


def _sum(weighed: Iterable[tuple[Mention, float]]) -> _Amount:
    found = [(mention, float(weight)) for mention, weight in weighed if weight > 0]
    shown = [mention for mention, _ in found]
    return _Amount(sum(weight for _, weight in found), shown, {"n": len(shown)})


def _friends(one: Judged, cue: Marks) -> float:
    model = one.mention.analysis.has(SignalKind.REFERRAL)
    return 1.0 if model and cue.friends else 0.6 if model or cue.friends else 0.0


def _answers(one: Judged, cue: Marks) -> float:
    """A reply that helps; less for one of the two. A question is no answer."""
    post = one.mention.post
    if one.mention.analysis.has(SignalKind.QUESTION):
        return 0.0
    if cue.answers and (post.reply_to or post.platform in FORUMS):
        return 1.0
    return 0.5 if post.reply_to and one.praise > 0 else 0.0


def _field(said: Sequence[tuple[Judged, Marks]], names: tuple[str, ...]) -> _Amount:
    """Posts of somebody who follows a field: its tags again and again, comparing, reviewing."""
    tags = [{folded(tag) for tag in one.mention.post.tags} - set(names) for one, _ in said]
    often = {tag for tag, times in Counter(tag for some in tags for tag in some).items() if times >= 2}
    return _sum(
        (one.mention, cue.field or bool(own & often)) for (one, cue), own in zip(said, tags, strict=True)
    )


def _engagement(praise: Sequence[Judged]) -> _Amount:
    """Reactions to a post of praise, the middle one of those that are known."""
    known = [
        (total, one.mention) for one in praise if (total := one.mention.post.engagement.total) is not None
    ]
    if len(known) < MIN_PRAISE:
        return _Amount(0.0)
    middle = median(total for total, _ in known)
    loudest = [mention for _, mention in sorted(known, key=lambda pair: -pair[0])[:_EVIDENCE]]
    amount = math.log10(1 + middle) / math.log10(1 + _LOUD) if middle >= _LIKED else 0.0
    return _Amount(amount, loudest, {"n": round(middle), "posts": len(known)})


def _reach(praise: Sequence[Judged], advocate: Advocate) -> _Amount:
    followers = max(
        (one.mention.post.author.followers or 0 for one in praise if one.mention.post.author), default=0
    )
    most = max(followers, advocate.author.followers or 0)
    amount = (math.log10(most) - _HEARD) / (_FAR - _HEARD) if most > 10**_HEARD else 0.0
    return _Amount(amount, (), {"n": most})


def _lasting(praise: Sequence[Judged], zone: ZoneInfo) -> dict[str, _Amount]:
    """How long, how often, and how broad: different months, weeks, places and sides of the brand."""
    times = [one.mention.post.created_at.astimezone(zone) for one in praise]
    weeks = len({at.isocalendar()[:2] for at in times})
    months = len({(at.year, at.month) for at in times})
    places = {(one.mention.post.platform, one.mention.post.source) for one in praise}
    sides = {side for one in praise for side in praised(one.mention.post.full_text)}
    broad = max(0, len(places) - 1) + 0.5 * max(0, len(sides) - 1)
    shown = [one.mention for one in praise]
    return {
        "weeks": _Amount(weeks if weeks >= MIN_WEEKS else 0, shown, {"n": weeks}),
        "months": _Amount(months if months >= 2 else 0, shown, {"n": months}),
        "breadth": _Amount(broad, shown, {"places": len(places), "sides": len(sides)}),
    }
