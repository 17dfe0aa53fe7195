"""A topic's past, watched again minute by minute, or mention by mention: what would have been opened, and when (pure).

The same `alerts.crises.detect` that watches today is given, at every look, nothing but what was known then. So an
operator sees on the topic's own history how often a setting would have called, before it calls.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from alerts.baseline import Baseline, Span
from alerts.causes import Joining
from alerts.crises import detect, usual_for
from alerts.regulars import Regulars
from alerts.talk import Talk, talk_of
from alerts.thresholds import CrisisSettings
from storage.types import Bucket, History, Incident, IncidentState, Label, Observation, Topic

HOUR = timedelta(hours=1)
LEARN_EVERY = timedelta(hours=3)  # a baseline changes little in so long, and learning is most of the work
REMEMBERED = timedelta(days=2)  # resolved incidents that detection is told of, as in listener/watching.py
WHILE_OPEN = timedelta(minutes=1)  # a look at every mention is for what opens: what is open can wait so long
KNOWN_SINGLY = timedelta(hours=48)
KNOWN_HOURS = 56 * 24

Moments = NDArray[np.float64]


class Past:
    """A topic's mentions, given out as the History that was known at a moment. `seen` is oldest first."""

    def __init__(
        self,
        topic: Topic,
        seen: Sequence[Observation],
        story_limit: int,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        gaps: Sequence[Span] = (),
    ) -> None:
        """`since`: when we began to watch, by default the hour of the first mention; `until`: up to when, by default
        the last one.
        """
        if not seen:
            raise ValueError("a past without mentions cannot be watched")
        self.topic = topic
        told, self._regulars = _with_regulars(seen)
        self.seen = tuple(told)
        self.since = (since or seen[0].at).replace(minute=0, second=0, microsecond=0)
        self.until = until or seen[-1].at
        self._gaps = tuple(gaps)
        self._at: Moments = np.array([one.at.timestamp() for one in seen], dtype=np.float64)
        self._talk = talk_of(self.seen, story_limit)
        self._hours = _hours(self.since, self.until, seen)
        self._joining = _joining(seen)

    def at(self, now: datetime) -> tuple[History, Talk]:
        """What was known at `now`: the last 48 hours singly, the hours that were over, the columns of the former."""
        ends = [(now - KNOWN_SINGLY).timestamp(), now.timestamp()]
        first, last = (int(place) for place in np.searchsorted(self._at, ends, side="right"))
        over = max(0, int((now - self.since) / HOUR))
        joined, of = self._joining[first].tolist()
        history = History(
            topic=self.topic,
            since=self.since,
            buckets=self._hours[max(0, over - KNOWN_HOURS) : over],
            recent=tuple(self.seen[first:last]),
            gaps=tuple((start, min(end, now)) for start, end in self._gaps if start < now),
            joining=(joined, of),
            regulars=self._regulars[last],
        )
        return history, self._talk.part(first, last)

    def looks(self, start: datetime, end: datetime, every: timedelta) -> list[tuple[datetime, bool]]:
        """The ends of each `every` between `start` and `end` that brought news, and every hour.

        News is a negative mention, or one that tells of what another one told of. Where `every` is no time at all, the
        look is at the very mention. With each look: whether it brought news. Without, nothing can open, but what is
        open may be over.
        """
        step = every.total_seconds()
        at = self._at[np.array([_is_news(one) for one in self.seen], dtype=np.bool_)]
        first, last = start.timestamp(), end.timestamp()
        fresh = np.unique(first + np.ceil((at - first) / step) * step if step else at)
        fresh = fresh[(fresh > first) & (fresh < last)]
        hourly = np.setdiff1d(np.arange(first, last, HOUR.total_seconds()), fresh)
        moments = [(float(at), True) for at in fresh] + [(float(at), False) for at in hourly]
        return [(datetime.fromtimestamp(at, start.tzinfo), new) for at, new in sorted(moments)]


def replay(
    past: Past, settings: CrisisSettings, start: datetime, end: datetime, *, every: timedelta
) -> list[Incident]:
    """The incidents that watching from `start` to `end` would have opened, in that order, as they last stood."""
    known: list[Incident] = []
    opened: dict[str, Incident] = {}
    for incident in _steps(past, settings, start, end, every, known):
        opened[incident.key] = incident
        known[:] = [one for one in known if one.key != incident.key] + [incident]
    return list(opened.values())


def _steps(
    past: Past,
    settings: CrisisSettings,
    start: datetime,
    end: datetime,
    every: timedelta,
    known: list[Incident],
) -> Iterator[Incident]:
    """What detection says at each look; the caller keeps `known` up to date."""
    usual: Baseline | None = None
    learned_at = looked_at = start
    for now, fresh in past.looks(start, end, every):
        known[:] = [one for one in known if one.resolved_at is None or now - one.resolved_at <= REMEMBERED]
        is_open = any(one.state is not IncidentState.RESOLVED for one in known)
        nothing_to_see = now - looked_at < WHILE_OPEN if is_open else not fresh
        if nothing_to_see:
            continue
        looked_at = now
        history, talk = past.at(now)
        if usual is None or now - learned_at >= LEARN_EVERY:
            usual, learned_at = usual_for(history, settings, now, known), now
        yield from detect(history, tuple(known), settings, now, baseline=usual, talk=talk)


def _joining(seen: Sequence[Observation]) -> NDArray[np.int64]:
    """A row before each mention, and one after the last: what `alerts.causes.Joining` had counted by then."""
    counted, joining = Joining(), np.zeros((len(seen) + 1, 2), dtype=np.int64)
    for number, one in enumerate(seen, 1):
        if one.label is Label.NEGATIVE:
            counted.add(one.cause)
        joining[number] = counted.joined, counted.of
    return joining


def _with_regulars(
    seen: Sequence[Observation],
) -> tuple[list[Observation], list[tuple[float, float]]]:
    """Each mention with whether its author is a regular, and how many were usual before it, and after the last."""
    known = Regulars()
    told: list[Observation] = []
    usual = [known.usual]
    for one in seen:
        told.extend(known.given([one]))
        usual.append(known.usual)
    return told, usual


def _is_news(seen: Observation) -> bool:
    return seen.label is Label.NEGATIVE or seen.cause not in (None, seen.mention_id)


def _hours(since: datetime, until: datetime, seen: Sequence[Observation]) -> tuple[Bucket, ...]:
    """One bucket an hour from `since` to the hour of `until`, counted from the mentions."""
    size = int((until - since) / HOUR) + 1
    place = np.array([int((one.at - since) / HOUR) for one in seen], dtype=np.int64)
    counts = {
        label: np.bincount(place[[one.label is label for one in seen]], minlength=size) for label in Label
    }
    people = [0] * size
    for hour, _ in {(int(hour), one.author) for hour, one in zip(place, seen, strict=True)}:
        people[hour] += 1
    return tuple(
        Bucket(
            start=since + index * HOUR,
            volume=sum(int(counts[label][index]) for label in Label),
            positive=int(counts[Label.POSITIVE][index]),
            neutral=int(counts[Label.NEUTRAL][index]),
            negative=int(counts[Label.NEGATIVE][index]),
            authors=people[index],
        )
        for index in range(size)
    )
