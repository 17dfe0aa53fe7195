"""Stars fall: the last week's reviews of a source against the eight weeks before (pure).

How few stars are surprising follows from the stars before: a Dirichlet-multinomial, that is, the mix of 1 to 5 stars is
itself known only as well as so many reviews tell it, and never better than `_MOST_KNOWN` reviews would (weeks differ
by more than dice do). Up to `_EXACT` reviews the chance is exact, from there on the normal curve.

A drop is told once. It is over when the stars have come half the way back, or after `before_days`: then the worse
mix is what is usual.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from storage.measures import Stars

_PRIOR = (0.9, 0.4, 0.5, 1.0, 2.2)  # five reviews' worth of the mix that app stores have
_MOST_KNOWN = 200.0
_EXACT = 60
_LOW = 2  # so many stars and fewer are a bad review
_NAMED_SHARE = 0.5  # the part of the bad reviews that a version has when it is named


class RatingSettings(BaseModel):
    """When falling stars are told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool = Field(default=True, description="false: no such alerts")
    recent_days: int = Field(default=7, ge=1, description="the days that are judged")
    before_days: int = Field(default=56, ge=7, description="the days before them that they are compared with")
    min_reviews: int = Field(default=8, ge=3, description="fewest reviews in the days that are judged")
    min_before: int = Field(default=20, ge=5, description="fewest reviews in the days before")
    min_drop: float = Field(default=0.4, gt=0, lt=4, description="stars lost, at least")
    chance: float = Field(default=0.001, gt=0, lt=0.5, description="how unlikely so few stars are, at least")


@dataclass(frozen=True, slots=True)
class Drop:
    """A source's stars have fallen. Shares 0…1 are of reviews with one star; `version` "" when none stands out."""

    source: str
    since: datetime
    mean: float
    before: float
    reviews: int
    reviews_before: int
    one_star: float
    one_star_before: float
    chance: float
    days: int
    version: str = ""
    version_reviews: int = 0
    version_mean: float = 0.0
    evidence: tuple[int, ...] = ()


def step(
    known: Drop | None, source: str, reviews: Sequence[Stars], settings: RatingSettings, now: datetime
) -> Drop | None:
    """The drop that lasts now: `known` while it does, a new one, or None. `reviews` are the source's."""
    edge = now - timedelta(days=settings.recent_days)
    recent = [one for one in reviews if edge < one.at <= now]
    if known is not None:
        old = now - known.since > timedelta(days=settings.before_days)
        back = known.before - (known.before - known.mean) / 2
        recovered = len(recent) >= settings.min_reviews and _mean(recent) >= back
        return None if old or recovered else known
    start = edge - timedelta(days=settings.before_days)
    before = [one for one in reviews if start < one.at <= edge]
    if len(recent) < settings.min_reviews or len(before) < settings.min_before:
        return None
    if _mean(before) - _mean(recent) < settings.min_drop:
        return None
    chance = surprise([one.stars for one in recent], [one.stars for one in before])
    return _drop(source, recent, before, chance, settings, now) if chance <= settings.chance else None


def surprise(recent: Sequence[float], before: Sequence[float]) -> float:
    """P(as few stars or fewer in so many reviews), given the stars before."""
    seen = Counter(_whole(one) for one in before)
    alphas = np.array([_PRIOR[n] + seen[n + 1] for n in range(5)])
    alphas *= min(1.0, _MOST_KNOWN / alphas.sum())
    total = sum(_whole(one) - 1 for one in recent)
    if len(recent) <= _EXACT:
        return _exact(len(recent), total, alphas)
    shares, scores, n, known = alphas / alphas.sum(), np.arange(5), len(recent), float(alphas.sum())
    mean = float(shares @ scores)
    variance = float(shares @ (scores - mean) ** 2) * n * (n + known) / (1 + known)
    return 0.5 * math.erfc((n * mean - total - 0.5) / math.sqrt(2 * max(variance, 1e-9)))


def _exact(n: int, total: int, alphas: np.ndarray[Any, Any]) -> float:
    """The Dirichlet-multinomial's mass at sums up to `total`, by one convolution a number of stars."""
    ways = np.zeros((n + 1, 4 * n + 1))  # reviews so far × sum so far
    ways[0, 0] = 1.0
    for score, alpha in enumerate(alphas):
        after = np.zeros_like(ways)
        for k in range(n + 1):
            log_weight = math.lgamma(alpha + k) - math.lgamma(alpha) - math.lgamma(k + 1)
            moved = ways[: n + 1 - k, : 4 * n + 1 - k * score]
            after[k:, k * score :] += math.exp(log_weight) * moved
        ways = after
    last = ways[n]
    return float(last[: total + 1].sum() / last.sum())


def _whole(stars: float) -> int:
    return max(1, min(5, round(stars)))


def _mean(reviews: Sequence[Stars]) -> float:
    return sum(one.stars for one in reviews) / len(reviews)


def _drop(
    source: str,
    recent: Sequence[Stars],
    before: Sequence[Stars],
    chance: float,
    settings: RatingSettings,
    now: datetime,
) -> Drop:
    version = _blamed(recent, before)
    theirs = [one for one in recent if version and one.version == version]
    worst = sorted(recent, key=lambda one: (one.stars, one.version != version, -one.at.timestamp()))
    return Drop(
        source=source,
        since=now.astimezone(UTC),
        mean=_mean(recent),
        before=_mean(before),
        reviews=len(recent),
        reviews_before=len(before),
        one_star=_one_star(recent),
        one_star_before=_one_star(before),
        chance=chance,
        days=settings.recent_days,
        version=version,
        version_reviews=len(theirs),
        version_mean=_mean(theirs) if theirs else 0.0,
        evidence=tuple(one.mention_id for one in worst[:5]),
    )


def _one_star(reviews: Sequence[Stars]) -> float:
    return sum(_whole(one.stars) == 1 for one in reviews) / len(reviews)


def _blamed(recent: Sequence[Stars], before: Sequence[Stars]) -> str:
    """The version that most bad reviews of the week are about, if it was not as common in all weeks before."""
    low = Counter(one.version for one in recent if one.stars <= _LOW)
    named = [(count, version) for version, count in low.items() if version]
    if not named:
        return ""
    count, version = max(named)
    common = sum(one.version == version for one in before) / len(before)
    share = count / low.total()
    return version if share >= _NAMED_SHARE and common < share / 2 else ""


# ------------------------------------------------------------------ between two looks


def to_json(drops: Sequence[Drop]) -> str:
    return json.dumps([asdict(one) for one in drops], ensure_ascii=False, default=datetime.isoformat)


def from_json(text: str | None) -> dict[str, Drop]:
    """By source, the drops that `to_json` wrote."""
    rows = json.loads(text) if text else []
    drops = [
        Drop(
            **{
                **row,
                "since": datetime.fromisoformat(row["since"]),
                "evidence": tuple(row["evidence"]),
            }
        )
        for row in rows
    ]
    return {one.source: one for one in drops}
