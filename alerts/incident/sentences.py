"""What a sentence of a report is, and the pen that writes them: words, times and the evidence behind each (pure)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from alerts import message, words_report
from alerts.incident.dossier import Dossier
from alerts.incident.voices import Voice, ids_of
from alerts.words import say as say_alert
from storage.cases import Event
from storage.types import Mention

QUOTE = 120
_WEEKDAYS_JA = "月火水木金土日"


class Ground(StrEnum):
    """What a sentence stands on: counted, computed or judged by us, or entered by a person."""

    FACT = "fact"
    ESTIMATE = "estimate"
    RECORD = "record"


@dataclass(frozen=True, slots=True)
class Ref:
    """A mention or a step of the log, by its id."""

    kind: str  # "mention" or "event"
    id: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """One statement and everything it rests on, the most telling first; never without evidence."""

    text: str
    evidence: tuple[Ref, ...]
    ground: Ground = Ground.FACT

    def __post_init__(self) -> None:
        if not self.evidence:
            raise ValueError(f"a sentence of a report needs evidence: {self.text}")


def of_mentions(ids: Iterable[int]) -> tuple[Ref, ...]:
    return tuple(Ref("mention", number) for number in dict.fromkeys(ids))


@dataclass(frozen=True)
class Pen:
    """Writes about one dossier, in one language and time zone."""

    dossier: Dossier
    lang: str
    zone: ZoneInfo

    def say(self, code: str, **values: object) -> str:
        return words_report.say(code, self.lang, **values)

    def when(self, at: datetime) -> str:
        """11月22日(日) 23:50 / Sun 22 Nov 23:50."""
        local = at.astimezone(self.zone)
        if self.lang == "ja":
            return f"{local.month}月{local.day}日({_WEEKDAYS_JA[local.weekday()]}) {local:%H:%M}"
        return f"{local:%a} {local.day} {local:%b %H:%M}"

    def length(self, length: timedelta) -> str:
        """10 min, 1.5 h."""
        minutes = length / timedelta(minutes=1)
        if minutes == float("inf") or minutes > 7 * 1440:
            return self.say("longer", length=self.say("hour", n=168))
        if minutes < 90:
            return self.say("min", n=max(1, round(minutes)))
        return self.say("hour", n=f"{minutes / 60:.1f}".removesuffix(".0"))

    def minutes(self, minutes: float) -> str:
        return self.length(timedelta(minutes=min(minutes, 7 * 1440 + 1)))

    def number(self, count: float) -> str:
        return message.amount(count, self.lang)

    def percent(self, share: float) -> str:
        return message.percent(share)

    def severity(self, level: str) -> str:
        return say_alert(f"severity.{level}", self.lang)

    def place(self, mention: Mention) -> str:
        return self.place_name(mention.post.platform)

    def place_name(self, platform: str) -> str:
        return words_report.platform(platform, self.lang)

    def author(self, mention: Mention) -> str:
        post = mention.post
        if post.author is not None:
            return message.display_name(post.author, self.lang)
        return post.publisher or say_alert("anonymous", self.lang)

    def followers(self, voice: Voice) -> str:
        unknown = self.say("unknown")
        return unknown if voice.followers is None else self.say("people.n", n=self.number(voice.followers))

    def quote(self, mention: Mention, limit: int = QUOTE) -> str:
        return message.cut(" ".join(mention.post.full_text.split()), limit)

    def listed(self, named: Iterable[tuple[str, int]]) -> str:
        return self.say("join").join(
            self.say("count", name=name, n=self.number(count)) for name, count in named
        )

    def log(self, *events: Event) -> tuple[Ref, ...]:
        """These steps, or the log's last one; an incident's log is never empty."""
        chosen = events or self.dossier.events[-1:]
        return tuple(Ref("event", event.id) for event in chosen if event.id is not None)

    def mentions(self, ids: Iterable[int]) -> tuple[Ref, ...]:
        """The mentions; where there is none, all that was looked at, or the log."""
        every = (*ids_of(self.dossier.negative), *ids_of(self.dossier.mentions))
        return of_mentions(ids) or of_mentions(every) or self.log()
