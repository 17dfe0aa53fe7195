"""Implied NPS: promoter, passive or detractor by what an author wrote, and the brand's number from all of them.

This is no survey: nobody was asked, and who posts is not who buys. It is shown beside a survey, never as one. An
author's attitude is drawn toward what is usual for the topic, so that one post decides little. The interval is that
for a difference of two shares of the same people (Bonett and Price 2012): two authors are added, one on each side,
so that it never collapses on small numbers. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from alerts.advocacy.person import Person
from alerts.advocacy.points import attitude
from storage.types import Author, Reason

PROMOTER_FROM, DETRACTOR_TO = 0.5, -0.2
_PRIOR = 1.0  # mentions
_Z = 1.96  # 95 %


class Standing(StrEnum):
    PROMOTER = "promoter"
    PASSIVE = "passive"
    DETRACTOR = "detractor"


@dataclass(frozen=True, slots=True)
class AuthorNps:
    """Where one author stands. `attitude` −1…1. `counted` is False for those whose word is not free, or who never
    said what they think."""

    author: Author
    standing: Standing
    attitude: float
    counted: bool
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class ImpliedNps:
    """%promoters − %detractors among the authors that count, −100…100, with its 95 % interval; None without any."""

    topic: str
    nps: float | None
    low: float | None
    high: float | None
    promoters: int
    passives: int
    detractors: int
    not_counted: int
    is_survey: bool = False


def stand(people: Sequence[tuple[Person, bool]]) -> list[AuthorNps]:
    """Where each author stands; the second of each pair says whether the praise is organic."""
    usual = _usual([person for person, organic in people if organic])
    return [_stand(person, organic, usual) for person, organic in people]


def implied(topic: str, authors: Sequence[AuthorNps]) -> ImpliedNps:
    counted = [one.standing for one in authors if one.counted]
    promoters, passives, detractors = (counted.count(standing) for standing in Standing)
    size = len(counted)
    nps, low, high = net(promoters, detractors, size) if size else (None, None, None)
    return ImpliedNps(topic, nps, low, high, promoters, passives, detractors, len(authors) - size)


def net(promoters: int, detractors: int, size: int) -> tuple[float, float, float]:
    """%promoters − %detractors of `size` people, at least one, and the ends of its 95 % interval."""
    for_us, against = (promoters + 1) / (size + 2), (detractors + 1) / (size + 2)
    middle = for_us - against
    half = _Z * math.sqrt((for_us + against - middle**2) / (size + 2))
    low, high = max(-1.0, middle - half), min(1.0, middle + half)
    return round(100 * (promoters - detractors) / size, 1), round(100 * low, 1), round(100 * high, 1)


def _usual(people: Sequence[Person]) -> float:
    """The mean attitude of all mentions with an opinion; 0 without any."""
    spoken = [one.attitude for person in people for one in person.judged if one.attitude]
    return sum(spoken) / len(spoken) if spoken else 0.0


def _stand(person: Person, organic: bool, usual: float) -> AuthorNps:
    spoken = [one for one in person.judged if one.attitude]
    stands = attitude(person.judged, prior=_PRIOR, toward=usual)
    likes = sum(one.attitude > 0 for one in spoken)
    dislikes = sum(one.attitude < 0 for one in spoken)
    recommends = sum(one.recommends > 0 for one in person.judged)
    # A promoter would recommend: says so, or comes back to praise.
    promotes = stands >= PROMOTER_FROM and (recommends > 0 or person.weeks >= 2)
    standing = Standing.DETRACTOR if stands <= DETRACTOR_TO else Standing.PASSIVE
    if promotes:
        standing = Standing.PROMOTER
    values = {"for": likes, "against": dislikes, "recommends": recommends, "weeks": person.weeks}
    reasons = [Reason("said", values)]
    if not organic:
        reasons.append(Reason("not_organic"))
    if not spoken:
        reasons.append(Reason("no_opinion"))
    elif len(spoken) == 1:
        reasons.append(Reason("one_post"))
    return AuthorNps(person.author, standing, round(stands, 3), organic and bool(spoken), tuple(reasons))
