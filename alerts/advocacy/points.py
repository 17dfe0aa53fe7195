"""An author's history → the parts of the score, each with the mentions that show it and the newest one's words.

What speaks for somebody saturates, so that no single habit makes an advocate. Shares for few and for old praise are
taken of what was earned; what speaks against is taken off at the end. The parts add up to the score. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

from alerts.advocacy.organic import Verdict
from alerts.advocacy.person import Judged, Person
from alerts.advocacy.settings import AdvocateSettings
from storage.types import Contribution, Mention

QUOTE_LENGTH = 120
_EVIDENCE = 10
_GRACE_DAYS = 45  # nobody praises every day
_MEMORY_DAYS = 75.0  # half-life of sentiment: what was said lately tells where somebody stands now
_PLAIN, _MORE = 0.85, 0.15  # of a penalty: for one plain sign, and for all the mentions being so
_AGAINST, _TURNED = (
    -0.3,
    0.6,
)  # whose last words are all against us has turned: so much of the penalty at least
_FULL_REACH = 6  # 10^6 followers


def parts(person: Person, verdict: Verdict, settings: AdvocateSettings, now: datetime) -> list[Contribution]:
    """All contributions; their sum is the score before it is cut at 0 and 100."""
    found = _earned(person, settings)
    found += _discounts(person, sum(part.points for part in found), settings, now)
    return found + _taken(person, verdict, settings)


def _earned(person: Person, settings: AdvocateSettings) -> list[Contribution]:
    judged, praise = person.judged, person.praise
    fresh = [one for place, one in enumerate(judged) if place not in person.crowd]
    recommends, recommend = _sum(fresh, "recommends")
    testimonials, testimonial = _sum(fresh, "testimonial")
    defends, defend = _sum(fresh, "defends")
    places = {(one.mention.post.platform, one.mention.post.source) for one in judged if one.praise}
    own = 1 - len(person.crowd | person.own) / len(judged)
    followers = max(
        (one.mention.post.author.followers or 0 for one in judged if one.mention.post.author), default=0
    )
    reach = min(1.0, math.log10(1 + max(followers, person.author.followers or 0)) / _FULL_REACH)
    liking = max(0.0, attitude(judged, prior=1.0)) / 0.75
    return [
        part("praise_weeks", settings.weight_weeks * _habit(person.weeks, 4.5), praise),
        part("praise_months", settings.weight_months * _habit(person.months, 3.2), praise),
        part("recommendations", settings.weight_recommendations * _habit(recommend, 2.2), recommends),
        part("testimonials", settings.weight_testimonials * _habit(testimonial, 1.5), testimonials),
        part("defends", settings.weight_defends * _habit(defend, 0.9), defends),
        part("sentiment", settings.weight_sentiment * min(1.0, liking) if praise else 0.0, praise),
        part("breadth", settings.weight_breadth * min(1.0, (len(places) - 1) / 2) if places else 0.0, ()),
        part("originality", settings.weight_originality * own if len(praise) > 1 else 0.0, ()),
        part("reach", settings.weight_reach * reach if praise else 0.0, ()),
    ]


def _discounts(
    person: Person, earned: float, settings: AdvocateSettings, now: datetime
) -> list[Contribution]:
    """Long ago, and too few to be sure: both take a share of what was earned."""
    if not person.weeks:
        return [Contribution("no_own_praise", -round(earned, 1))]
    last = max(one.mention.post.created_at for one in person.judged if one.praise)
    days = (now - last).total_seconds() / 86400
    stale = earned * (1 - 0.5 ** (max(0.0, days - _GRACE_DAYS) / settings.half_life_days))
    # Ten posts of one week are little more than one.
    amount = min(sum(one.praise for one in person.judged), 1.5 * person.weeks)
    unsure = settings.prior_mentions / (amount + settings.prior_mentions)
    return [
        Contribution("long_ago", -round(stale, 1)),
        Contribution("few_mentions", -round((earned - stale) * unsure, 1)),
    ]


def _taken(person: Person, verdict: Verdict, settings: AdvocateSettings) -> list[Contribution]:
    """What speaks against: money, employment, machines, prizes, copies, criticism, doubt."""
    size, codes = len(person.judged), verdict.codes
    found = []
    for why, penalty in (
        ("sponsored", settings.penalty_sponsored),
        ("affiliate", settings.penalty_affiliate),
    ):
        if shown := [one.mention for one in person.bought(why)]:
            found.append(part(why, -penalty * (_PLAIN + _MORE * len(shown) / size), shown))
    if codes & {"official_account", "employee"}:
        shown = [one.mention for one in person.bought("employee")]
        found.append(part("official_or_employee", -settings.penalty_employee, shown))
    if codes & {"bot", "ring"}:
        shown = [person.judged[place].mention for place in sorted(person.crowd)]
        found.append(part("bot", -settings.penalty_bot, shown))
    if prize := [one.mention for one in person.bought("prize")]:
        found.append(
            part("prize_campaign", -settings.penalty_prize * min(1.0, 1.5 * len(prize) / size), prize)
        )
    if copied := [person.judged[place].mention for place in sorted(person.crowd | person.own)]:
        found.append(part("copied_text", -settings.penalty_copied * len(copied) / size, copied))
    if against := [one for one in person.judged if one.attitude < -0.2]:
        found.append(
            part(
                "negative_mentions",
                -settings.penalty_negative * _blame(person, settings),
                [o.mention for o in against],
            )
        )
    if verdict.faint:
        strength = 1 - math.prod(1 - doubt for _, doubt, _ in verdict.faint)
        shown = [one.mention for _, _, places in verdict.faint for one in places]
        found.append(part("doubt", -settings.penalty_doubt * strength, list(dict.fromkeys(shown))))
    return found


def attitude(judged: Sequence[Judged], *, prior: float, toward: float = 0.0) -> float:
    """Mean attitude −1…1, the newest counting most, drawn toward `toward` as if `prior` mentions said that."""
    weighted = _weighted(judged)
    total = sum(weight * one.attitude for one, weight in weighted)
    return (total + prior * toward) / (sum(weight for _, weight in weighted) + prior)


def _blame(person: Person, settings: AdvocateSettings) -> float:
    """How much of what somebody says is criticism, 0…1, the newest counting most. Now and then is only human."""
    weighted = _weighted(person.judged)
    against = sum(weight * min(1.0, -1.2 * one.attitude) for one, weight in weighted if one.attitude < -0.2)
    share = against / (sum(weight for _, weight in weighted) + 0.5)
    lately = [one.attitude for one in person.judged if one.attitude][-settings.detractor_negatives :]
    turned = len(lately) == settings.detractor_negatives and max(lately) <= _AGAINST
    return max(_TURNED if turned else 0.0, float(min(1.0, 1.5 * share) ** 1.5))


def _weighted(judged: Sequence[Judged]) -> list[tuple[Judged, float]]:
    """Mentions with an opinion, halved with every `_MEMORY_DAYS` before the author's last one.

    Not before now: a fan who turned and fell silent stays turned.
    """
    spoken = [one for one in judged if one.attitude]
    last = max((one.mention.post.created_at for one in spoken), default=None)
    if last is None:
        return []
    return [
        (one, 0.5 ** ((last - one.mention.post.created_at).total_seconds() / 86400 / _MEMORY_DAYS))
        for one in spoken
    ]


def _habit(amount: float, scale: float) -> float:
    """0…1: once is little, a few times are nearly all."""
    return 1 - math.exp(-((amount / scale) ** 2))


def _sum(judged: Sequence[Judged], of: str) -> tuple[list[Mention], float]:
    shown = [one for one in judged if getattr(one, of) > 0]
    return [one.mention for one in shown], sum(getattr(one, of) for one in shown)


def part(name: str, points: float, shown: Sequence[Mention]) -> Contribution:
    """Points with their evidence, newest first, and the newest one's words."""
    newest = sorted(shown, key=lambda m: (m.post.created_at, m.id or 0), reverse=True)
    evidence = tuple(m.id for m in newest if m.id is not None)[:_EVIDENCE]
    return Contribution(name, round(points, 1), evidence, quote(newest[0]) if newest else "")


def quote(mention: Mention) -> str:
    text = " ".join(mention.post.full_text.split())
    return text if len(text) <= QUOTE_LENGTH else text[: QUOTE_LENGTH - 1].rstrip("\u200d\ufe0f") + "…"
