"""The numbers of a report's charts: posts over time by feeling, and the main points' shares (pure)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta

from alerts.incident.dossier import Dossier
from storage.types import Label

_BARS = 48
_WIDTHS_MIN = (5, 10, 15, 30, 60, 120, 180, 240)


@dataclass(frozen=True, slots=True)
class Bar:
    """Posts from `start` (ISO 8601, UTC) for `minutes`; the last bar may still be filling."""

    start: str
    minutes: int
    negative: int
    neutral: int
    positive: int

    @property
    def total(self) -> int:
        return self.negative + self.neutral + self.positive


@dataclass(frozen=True, slots=True)
class Share:
    name: str
    count: int
    share: float


def bars(dossier: Dossier) -> tuple[Bar, ...]:
    """From the first post to the end, in `_BARS` equal bars at most."""
    length = dossier.end - dossier.start
    width = next((one for one in _WIDTHS_MIN if length <= _BARS * timedelta(minutes=one)), _WIDTHS_MIN[-1])
    step = timedelta(minutes=width)
    count = max(1, math.ceil(length / step))
    totals = [dict.fromkeys(Label, 0) for _ in range(count)]
    for one in dossier.mentions:
        at = min(count - 1, int((one.post.created_at - dossier.start) / step))
        totals[at][one.analysis.sentiment.label] += 1
    return tuple(
        Bar(
            (dossier.start + step * at).isoformat(timespec="seconds"),
            width,
            found[Label.NEGATIVE],
            found[Label.NEUTRAL],
            found[Label.POSITIVE],
        )
        for at, found in enumerate(totals)
    )


def shares(dossier: Dossier) -> tuple[Share, ...]:
    """The main points by the part of the negative posts that mention them."""
    return tuple(Share(one.word, len(one.mentions), round(one.share, 4)) for one in dossier.points)
