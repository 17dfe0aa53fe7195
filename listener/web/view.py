"""What templates call: words, numbers, times and addresses for one reader and one moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode
from zoneinfo import ZoneInfo

from listener.web import formats, highlight, reasons
from listener.web.language import Words
from listener.web.lights import Light
from listener.web.periods import PERIODS, Slot
from listener.web.reasons import IncidentCard
from listener.web.verdict import correction_line
from storage.types import (
    Author,
    DisclosureKind,
    Emotion,
    Engagement,
    Incident,
    Mention,
    SignalKind,
    Topic,
)


@dataclass(frozen=True, slots=True)
class NavLink:
    href: str
    key: str
    count: int
    tone: str
    current: bool


@dataclass(frozen=True)
class View:
    """One reader's language and now. `zone` arguments left out mean the configured time zone."""

    words: Words
    now: datetime
    default_zone: ZoneInfo
    topics: Mapping[str, Topic]
    path: str
    query: str
    nav: tuple[NavLink, ...] = ()
    locked: bool = False
    model: str = ""
    assets: str = ""

    periods = tuple(PERIODS)
    signal_codes = tuple(one.value for one in SignalKind)
    number = staticmethod(formats.number)
    score = staticmethod(formats.score)
    points = staticmethod(formats.points)
    percent = staticmethod(formats.percent)
    web_link = staticmethod(formats.web_link)
    full = staticmethod(formats.full_clock)
    title_pieces = staticmethod(highlight.title_pieces)
    body_pieces = staticmethod(highlight.body_pieces)

    @property
    def lang(self) -> str:
        return self.words.lang

    # ---------------------------------------------------------------- times and numbers

    def zone(self, topic: str) -> tzinfo:
        known = self.topics.get(topic)
        return ZoneInfo(known.timezone) if known else self.default_zone

    def clock(self, moment: datetime, zone: tzinfo | None = None) -> str:
        return formats.clock(moment, zone or self.default_zone, self.lang, self.now)

    def full_clock(self, moment: datetime, zone: tzinfo | None = None) -> str:
        return formats.full_clock(moment, zone or self.default_zone)

    def ago(self, moment: datetime) -> str:
        return formats.ago(moment, self.now, self.lang)

    def duration(self, length: timedelta) -> str:
        return formats.duration(length, self.lang)

    def compact(self, value: float | None) -> str:
        return formats.compact(value, self.lang)

    def followers(self, author: Author) -> str:
        return self.words("unknown") if author.followers is None else self.compact(author.followers)

    def part(self, engagement: Engagement, kind: str) -> int | None:
        amount: int | None = getattr(engagement, kind)
        return amount

    # ---------------------------------------------------------------- charts

    def slot_name(self, slot: Slot, hours: int, zone: tzinfo) -> str:
        """The stretch of time of one bar."""
        if hours == 24:
            return formats.clock(slot.start, zone, self.lang, self.now).rsplit(" ", 1)[0]
        return f"{self.clock(slot.start, zone)}–{slot.end.astimezone(zone):%H:%M}"

    def tick_time(self, moment: datetime, hours: int, zone: tzinfo) -> str:
        return f"{moment.astimezone(zone):%H:%M}" if hours == 1 else formats.day(moment, zone, self.lang)

    def tick_score(self, value: float) -> str:
        return "0" if value == 0 else formats.score(value)[:-1]

    def tip(self, slot: Slot, hours: int, zone: tzinfo) -> str:
        """A bar's figures, one a line."""
        t = self.words
        lines = [self.slot_name(slot, hours, zone), f"{t('kpi.volume')} {self.number(slot.volume)}"]
        if slot.volume:
            lines += [
                f"{t('sentiment.positive')} {slot.positive:,}",
                f"{t('sentiment.neutral')} {slot.neutral:,}",
                f"{t('sentiment.negative')} {slot.negative:,}",
                f"{t('chart.score_short')} {self.score(slot.score)}",
            ]
        return "\n".join(lines)

    # ---------------------------------------------------------------- names

    def brand(self, topic: str) -> str:
        known = self.topics.get(topic)
        return known.brand if known else topic

    def person(self, author: Author) -> str:
        return author.name or author.handle or author.external_id

    def platform(self, code: str) -> str:
        return self.words.name("platform", code)

    def collector(self, kind: str) -> str:
        return self.words.name("collector", kind)

    def incident_card(self, incident: Incident) -> IncidentCard:
        """The incident in this reader's language and its topic's time zone."""
        zone = str(self.zone(incident.topic))
        return reasons.incident_card(incident, self.lang, zone, brand=self.brand(incident.topic))

    def incident_kind(self, kind: str) -> str:
        return self.words.name("incident_kind", kind)

    def contribution(self, name: str) -> str:
        return reasons.contribution(name, self.lang)

    def severity(self, level: str) -> str:
        return reasons.severity(level, self.lang)

    def evidence_name(self, code: str) -> str:
        """What a marked passage is evidence of: a signal or a disclosure."""
        return self.words.name("signal", code) if code != "sponsored" else self.words("disclosure.sponsored")

    @property
    def emotion_choices(self) -> list[tuple[str, str]]:
        return [(one.value, self.words(f"emotion.{one.value}")) for one in Emotion]

    @property
    def disclosure_choices(self) -> list[tuple[str, str]]:
        return [(one.value, self.words(f"disclosure.{one.value}")) for one in DisclosureKind]

    def correction_line(self, mention: Mention) -> str:
        """What the model said of a mention and what a person said instead; empty where nobody has spoken."""
        return correction_line(mention, self.words)

    def source_words(self, light: Light) -> str:
        """What is the matter with a source and when it is tried again."""
        t = self.words
        if light.health == "late":
            return t("sources.late", when=self.ago(light.last_at) if light.last_at else t("unknown"))
        if light.next_at is None:
            return t("sources.down")
        return t(
            "sources.retry",
            when=self.clock(light.next_at),
            relative=self.ago(light.next_at),
            n=light.failures,
        )

    def span(self, incident: Incident) -> str:
        """From when to when."""
        zone = self.zone(incident.topic)
        start = self.clock(incident.opened_at, zone)
        if incident.resolved_at is None:
            return self.words(
                "incident.since", when=start, length=self.duration(self.now - incident.opened_at)
            )
        return self.words(
            "incident.from_to",
            start=start,
            end=self.clock(incident.resolved_at, zone),
            length=self.duration(incident.resolved_at - incident.opened_at),
        )

    # ---------------------------------------------------------------- addresses

    def topic_url(self, name: str) -> str:
        return f"/topics/{quote(name, safe='')}"

    def here(self, **changes: Any) -> str:
        """This page's address with some parameters changed; `None` takes one away."""
        kept = [(name, value) for name, value in parse_qsl(self.query) if name not in changes]
        added = [(name, str(value)) for name, value in changes.items() if value is not None]
        query = urlencode(kept + added)
        path = quote(self.path, safe="/")
        return f"{path}?{query}" if query else path
