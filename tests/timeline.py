"""Crisis stories as timelines: what is posted when, and what a person must hear when.

    Timeline(
        usual(per_day=24, negative=0.1),
        at(0).posts(30, over=1),
        expect(between(0, 1), alert("opened", severity=Severity.WARNING)),
        expect(between(10, 40), alert("resolved")),
    ).run()

Times are hours from the story's zero, 2026-11-20 20:00 in Tokyo unless `zero` says otherwise. `run` looks every
`every` minutes with nothing but what was known then, fails when an expectation is not met, and fails when an
alert comes that nobody expects. `expect_nothing()` is a timeline's only expectation.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from alerts.crises import CrisisSettings, detect
from alerts.decide import incident_alerts
from storage.db import Store
from storage.notices import Alert
from storage.types import Bucket, Emotion, History, Incident, Label, Observation, Severity, Topic

ZERO = datetime(2026, 11, 20, 11, tzinfo=UTC)
TOPIC = Topic(name="ミナモ珈琲", brand="ミナモ珈琲", aliases=("ミナモコーヒー",))
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Wave:
    """Posts spread evenly over `over` hours from `start`; made into observations by `Timeline`."""

    start: float
    count: int
    over: float
    label: Label
    authors: int | None
    text: str
    same_text: bool
    reach: int | None
    platform: str
    cause: int | None = None


@dataclass(frozen=True)
class Deed:
    hour: float
    alerts: Sequence[Alert] = ()
    act: Callable[[Store, datetime], object] | None = None


@dataclass(frozen=True)
class At:
    hour: float

    def posts(
        self,
        count: int,
        *,
        over: float = 1.0,
        label: Label = Label.NEGATIVE,
        authors: int | None = None,
        text: str = "",
        same_text: bool = False,
        reach: int | None = None,
        platform: str = "mastodon",
        cause: int | None = None,
    ) -> Wave:
        """`authors` None: a different person each time. `cause`: all tell of the same thing."""
        return Wave(self.hour, count, over, label, authors, text, same_text, reach, platform, cause)

    def tell(self, *alerts: Alert) -> Deed:
        """For `tests.delivery`: the watch hands these alerts to dispatch."""
        return Deed(self.hour, alerts)

    def do(self, act: Callable[[Store, datetime], object]) -> Deed:
        """For `tests.delivery`: somebody does something."""
        return Deed(self.hour, act=act)


def at(hour: float) -> At:
    return At(hour)


@dataclass(frozen=True)
class Usual:
    """What goes on all the time: random but the same on every run, quieter before dawn."""

    per_day: float
    negative: float
    days: int


def usual(*, per_day: float, negative: float = 0.1, days: int = 28) -> Usual:
    return Usual(per_day, negative, days)


@dataclass(frozen=True)
class Gap:
    """The sources could not be read in these hours."""

    start: float
    end: float


def gap(start: float, end: float) -> Gap:
    return Gap(start, end)


@dataclass(frozen=True)
class Expectation:
    start: float
    end: float
    matches: Callable[[Alert], bool]
    words: str


def between(start: float, end: float) -> tuple[float, float]:
    return start, end


def alert(
    reason: str, *, severity: Severity | None = None, kind: str | None = None
) -> tuple[Callable[[Alert], bool], str]:
    """`reason` is the alert's reason code, `kind` the incident's kind."""

    def matches(found: Alert) -> bool:
        incident = found.subject
        assert isinstance(incident, Incident)
        right = found.reason.code == reason and (severity is None or found.severity is severity)
        return right and (kind is None or incident.kind == kind)

    return matches, f"{reason} {severity or ''} {kind or ''}".strip()


def expect(when: tuple[float, float], what: tuple[Callable[[Alert], bool], str]) -> Expectation:
    return Expectation(*when, *what)


def expect_nothing() -> Expectation:
    return Expectation(0, 0, lambda _: False, "")


Part = Wave | Usual | Gap | Expectation


@dataclass
class Timeline:
    parts: Sequence[Part]
    settings: CrisisSettings
    topic: Topic
    zero: datetime
    told: list[tuple[float, Alert]] = field(default_factory=list)
    incidents: dict[str, Incident] = field(default_factory=dict)

    def __init__(
        self,
        *parts: Part,
        settings: CrisisSettings | None = None,
        topic: Topic = TOPIC,
        zero: datetime = ZERO,
    ) -> None:
        self.parts = parts
        self.settings = settings or CrisisSettings()
        self.topic = topic
        self.zero = zero
        self.told = []
        self.incidents = {}

    def run(self, *, start: float = -2, end: float | None = None, every: int = 20) -> Timeline:
        """Look every `every` minutes from `start` to `end` (the last expectation); then compare."""
        expected = [part for part in self.parts if isinstance(part, Expectation)]
        last = end if end is not None else max((one.end for one in expected), default=24) or 48
        steps = int((last - start) * 60 / every)
        history = Recorder(self)
        for step in range(steps + 1):
            hour = start + step * every / 60
            self._look(history.at(self.zero + hour * HOUR), hour)
        self._compare(expected)
        return self

    def _look(self, history: History, hour: float) -> None:
        now = self.zero + hour * HOUR
        for incident in detect(history, list(self.incidents.values()), self.settings, now):
            self.incidents[incident.key] = incident
        known = {found.key for _, found in self.told}
        for found in incident_alerts(list(self.incidents.values()), now):
            if found.key not in known:
                self.told.append((hour, found))

    def _compare(self, expected: Sequence[Expectation]) -> None:
        seen = ", ".join(f"{hour:.1f} h {a.reason.code} {a.severity}" for hour, a in self.told) or "nothing"
        surplus = list(self.told)
        for one in (one for one in expected if one.words):
            met = [told for told in self.told if one.start <= told[0] <= one.end and one.matches(told[1])]
            assert met, f"no {one.words} between {one.start} and {one.end} h; told: {seen}"
            surplus = [told for told in surplus if told not in met]
        assert not surplus, (
            f"not expected: {[(h, a.reason.code, a.severity) for h, a in surplus]}; told: {seen}"
        )


class Recorder:
    """Turns the parts into observations once, and gives out the History known at a moment."""

    def __init__(self, story: Timeline) -> None:
        self._story = story
        self._gaps = tuple(
            (story.zero + part.start * HOUR, story.zero + part.end * HOUR)
            for part in story.parts
            if isinstance(part, Gap)
        )
        background = [part for part in story.parts if isinstance(part, Usual)]
        days = max((part.days for part in background), default=0)
        self._since = (story.zero - timedelta(days=days or 1)).replace(minute=0, second=0, microsecond=0)
        made: list[Observation] = []
        for number, part in enumerate(story.parts):
            if isinstance(part, Wave):
                made += _wave(part, story.zero, number)
            elif isinstance(part, Usual):
                made += _background(part, story.zero, number)
        made.sort(key=lambda seen: seen.at)
        self._all = [_numbered(seen, i + 1) for i, seen in enumerate(made)]

    def at(self, now: datetime) -> History:
        known = [seen for seen in self._all if seen.at <= now]
        hours = int((now - self._since) / HOUR) + 1
        volume, negative = [0] * hours, [0] * hours
        for seen in known:
            hour = int((seen.at - self._since) / HOUR)
            if 0 <= hour < hours:
                volume[hour] += 1
                negative[hour] += seen.label is Label.NEGATIVE
        buckets = tuple(
            Bucket(
                start=self._since + hour * HOUR,
                volume=volume[hour],
                neutral=volume[hour] - negative[hour],
                negative=negative[hour],
            )
            for hour in range(hours)
        )
        recent = tuple(seen for seen in known if seen.at > now - timedelta(hours=48))
        gaps = tuple((start, min(end, now)) for start, end in self._gaps if start < now)
        return History(self._story.topic, self._since, buckets, recent, gaps)


def _observation(when: datetime, author: str, label: Label, **more: object) -> Observation:
    values: dict[str, object] = {
        "mention_id": 0,
        "at": when,
        "author": author,
        "label": label,
        "emotion": Emotion.NONE,
        "story": None,
        "reach": None,
        "engagement": None,
        "platform": "mastodon",
    }
    return Observation(**{**values, **more})  # type: ignore[arg-type]


def _numbered(seen: Observation, number: int) -> Observation:
    return replace(seen, mention_id=number)


def _wave(part: Wave, zero: datetime, number: int) -> list[Observation]:
    step = part.over * HOUR / max(part.count, 1)
    people = part.authors or part.count
    return [
        _observation(
            zero + part.start * HOUR + i * step,
            f"{part.platform}:wave{number}-{i % people}",
            part.label,
            text=part.text,
            story=number if part.same_text else None,
            reach=part.reach,
            platform=part.platform,
            cause=part.cause,
        )
        for i in range(part.count)
    ]


def _background(part: Usual, zero: datetime, number: int) -> list[Observation]:
    dice = random.Random(number + 7)
    made = []
    for hour in range(-part.days * 24, 24 * 7):
        start = zero + hour * HOUR
        waking = 0.3 if (start.hour + 9) % 24 in range(1, 7) else 1.2
        count = _poisson(part.per_day / 24 * waking, dice)
        for _ in range(count):
            label = Label.NEGATIVE if dice.random() < part.negative else Label.NEUTRAL
            author = f"mastodon:usual{dice.randrange(400)}"
            made.append(_observation(start + dice.random() * HOUR, author, label))
    return made


def _poisson(mean: float, dice: random.Random) -> int:
    count, left = 0, dice.expovariate(1.0)
    while left < mean:
        count += 1
        left += dice.expovariate(1.0)
    return count
