"""What is known of a candidate at a moment, as numbers: the traits that a prediction is made of. Pure.

Only from mentions up to the moment. Followers are left out on purpose: the store keeps them as they are today, and
today's number tells of the past what nobody knew then.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from statistics import median

from alerts.advocacy.organic import Verdict
from alerts.advocacy.person import Judged, Person
from alerts.advocacy.points import attitude
from storage.types import SignalKind

DAY = 86400.0
_ASKS = (SignalKind.QUESTION, SignalKind.REQUEST)
_NO_GAP = 60.0  # days: who praised once has shown no rhythm yet


@dataclass(frozen=True, slots=True)
class Trait:
    """`sign`: which way it may speak (+1 for, −1 against, 0 free). `counted`: a count, of which the first weigh most.

    `penalty` (see `logistic.fit`): where the score is heading tells most by far (measured), so the others must earn
    their weight, and on a short history they have next to none.
    """

    name: str
    sign: int
    counted: bool = False
    penalty: float = 30.0


TRAITS = (
    Trait("score", 1),
    Trait("heading", 1, penalty=1.0),
    Trait("weeks", 1, counted=True),
    Trait("lately", 1, counted=True),
    Trait("trend", 0),
    Trait("silence", -1, counted=True),
    Trait("gap", -1, counted=True),
    Trait("recommends", 1, counted=True),
    Trait("testimonials", 1, counted=True),
    Trait("defends", 1, counted=True),
    Trait("attitude", 1),
    Trait("criticism", -1),
    Trait("own_words", 1),
    Trait("places", 1),
    Trait("talks", 0),
    Trait("doubt", -1),
    Trait("since", 0, counted=True),
    Trait("pace", 1),
    Trait("mentions", 0, counted=True),
)
SIGNS = tuple(one.sign for one in TRAITS)
NAMES = tuple(one.name for one in TRAITS)
PENALTIES = tuple(one.penalty for one in TRAITS)
SCORE, MENTIONS = NAMES.index("score"), NAMES.index("mentions")


def traits(person: Person, verdict: Verdict, score: float, later: float, now: datetime) -> tuple[float, ...]:
    """One number for each of `TRAITS`, as a reader counts it; `later` is `ahead.heading`. The person has praise."""
    judged = person.judged
    praised = [_ago(one, now) for one in judged if one.praise > 0]
    month = sum(ago < 30 for ago in praised)
    since = max(praised)
    values = {
        "score": score,
        "heading": later,
        "weeks": person.weeks,
        "lately": month,
        "trend": max(-3, min(3, month - sum(30 <= ago < 60 for ago in praised))),
        "silence": min(praised),
        "gap": _gap(praised),
        "recommends": sum(one.recommends for one in judged),
        "testimonials": sum(one.testimonial for one in judged),
        "defends": sum(one.defends for one in judged),
        "attitude": attitude(judged, prior=1.0),
        "criticism": sum(one.attitude < -0.2 for one in judged) / len(judged),
        "own_words": 1 - len(person.crowd | person.own) / len(judged),
        "places": min(3, len({one.mention.post.platform for one in judged if one.praise > 0})),
        "talks": sum(map(_talks, judged)) / len(judged),
        "doubt": 1 - math.prod(1 - strength for _, strength, _ in verdict.faint),
        "since": since,
        "pace": min(8.0, person.weeks * 30 / max(since, 30.0)),
        "mentions": sum(_ago(one, now) < 30 for one in judged),
    }
    return tuple(float(values[name]) for name in NAMES)


def shaped(values: Sequence[float]) -> list[float]:
    """Traits as a prediction weighs them: of what is counted, the first tell the most."""
    return [
        math.log1p(value) if trait.counted else value for trait, value in zip(TRAITS, values, strict=True)
    ]


def _ago(one: Judged, now: datetime) -> float:
    """Days."""
    return max(0.0, (now - one.mention.post.created_at).total_seconds() / DAY)


def _gap(praised: Sequence[float]) -> float:
    """The usual number of days between two days with praise."""
    days = sorted({int(ago) for ago in praised})
    return median(after - before for before, after in pairwise(days)) if len(days) > 1 else _NO_GAP


def _talks(one: Judged) -> bool:
    """Asks something, or answers somebody."""
    return one.mention.post.reply_to is not None or one.mention.analysis.has(*_ASKS)
