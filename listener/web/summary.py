"""One topic's figures for a stretch of time: totals, what changed since the time before, and the chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta, tzinfo

from listener.web import charts, formats
from listener.web.charts import Chart
from listener.web.periods import Window, mean_score, slots
from storage.db import Store
from storage.types import Bucket, Incident, Topic

LOOK_BACK = timedelta(days=90)
NOTEWORTHY = 0.05  # a smaller move of the mean score is coloured neither good nor bad


@dataclass(frozen=True, slots=True)
class TopicCard:
    """`now` and `before` are sums of hours: `authors` and `reach` in them count an author once an hour.

    Not `comparable`: the data does not reach back far enough to say what changed.
    """

    topic: Topic
    zone: tzinfo
    chart: Chart
    now: Bucket
    before: Bucket
    comparable: bool

    @property
    def volume_change(self) -> str:
        return formats.change(self.now.volume, self.before.volume) if self.comparable else ""

    @property
    def score(self) -> float | None:
        return mean_score(self.now)

    @property
    def score_before(self) -> float | None:
        return mean_score(self.before) if self.comparable else None

    @property
    def score_change(self) -> float | None:
        if self.score is None or self.score_before is None:
            return None
        return self.score - self.score_before

    @property
    def score_tone(self) -> str:
        moved = self.score_change or 0.0
        return "good" if moved > NOTEWORTHY else "bad" if moved < -NOTEWORTHY else ""

    @property
    def negative_share(self) -> float | None:
        return _share(self.now)

    @property
    def negative_before(self) -> float | None:
        return _share(self.before) if self.comparable else None

    @property
    def negative_points(self) -> int | None:
        """By how many percentage points the share of negative mentions moved."""
        if self.negative_share is None or self.negative_before is None:
            return None
        return round(self.negative_share * 100) - round(self.negative_before * 100)

    @property
    def negative_change(self) -> str:
        moved = self.negative_points
        if moved is None:
            return ""
        return f"{'+' if moved > 0 else formats.MINUS if moved < 0 else '±'}{abs(moved)}pt"

    @property
    def negative_tone(self) -> str:
        moved = self.negative_points or 0
        return "bad" if moved >= 5 else "good" if moved <= -5 else ""


@dataclass(frozen=True, slots=True)
class Share:
    """A topic's part of all mentions, 0…1."""

    topic: Topic
    part: float


def topic_card(store: Store, topic: Topic, zone: tzinfo, view: Window, *, small: bool = False) -> TopicCard:
    """Read the roll-ups of one topic for a window and lay out its chart."""
    bars = slots(store.buckets(topic.name, view.start, view.end), view)
    incidents = store.incidents(topic.name, limit=50)
    return TopicCard(
        topic=topic,
        zone=zone,
        chart=charts.build(
            bars,
            view,
            incidents=incidents,
            volume_height=84 if small else 150,
            score_height=40 if small else 64,
        ),
        now=store.totals(topic.name, view.start, view.end),
        before=store.totals(topic.name, view.previous_start, view.previous_end),
        comparable=_reaches_back(store, topic, view),
    )


def _reaches_back(store: Store, topic: Topic, view: Window) -> bool:
    """Whether there is anything from before or early in the earlier stretch.

    When we began to watch in the middle of it, its sums are too small, and "+17,800 %" would be nonsense.
    """
    early = view.previous_start + (view.previous_end - view.previous_start) / 4
    return store.totals(topic.name, view.previous_start - LOOK_BACK, early).volume > 0


def shares(cards: Sequence[TopicCard]) -> list[Share]:
    """Who is talked about how much, the largest first; empty without a competitor or a mention."""
    total = sum(card.now.volume for card in cards)
    if not total or all(card.topic.own for card in cards):
        return []
    return [
        Share(card.topic, card.now.volume / total)
        for card in sorted(cards, key=lambda card: -card.now.volume)
    ]


def newest_open(incidents: Sequence[Incident]) -> list[Incident]:
    """The gravest first, then the latest."""
    return sorted(incidents, key=lambda one: (-one.severity.rank, -one.opened_at.timestamp()))


def _share(bucket: Bucket) -> float | None:
    return bucket.negative / bucket.volume if bucket.volume else None
