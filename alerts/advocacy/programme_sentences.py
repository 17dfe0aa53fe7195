"""What a sentence of the programme's report is, and the pen that writes them (pure).

Every sentence names its numbers and what they were counted from. Words and names of somebody who did not agree to be
quoted are never written: a post of theirs is a number and a place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote
from zoneinfo import ZoneInfo

from alerts import message, words_programme, words_report
from alerts.advocacy.programme import Programme
from alerts.incident.sentences import Ground, Ref
from storage.types import Mention

_WEEKDAYS_JA = "月火水木金土日"
QUOTE = 120


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence, the numbers in it by name, and the records behind them, the most telling first."""

    text: str
    numbers: Mapping[str, float]
    evidence: tuple[Ref, ...]
    ground: Ground = Ground.FACT

    def __post_init__(self) -> None:
        if not self.numbers or not self.evidence:
            raise ValueError(f"a sentence of the programme's report needs numbers and evidence: {self.text}")


def refs(kind: str, ids: Iterable[int]) -> tuple[Ref, ...]:
    return tuple(Ref(kind, number) for number in dict.fromkeys(ids))


@dataclass(frozen=True)
class Pen:
    """Writes about one programme, in one language and time zone. `base` is the address of the pages, or empty."""

    seen: Programme
    lang: str
    zone: ZoneInfo
    base: str = ""

    def say(self, code: str, **values: object) -> str:
        return words_programme.say(code, self.lang, **values)

    def state(
        self, code: str, numbers: Mapping[str, float], evidence: Sequence[Ref] = (), *,
        ground: Ground = Ground.FACT, **words: object,
    ) -> Statement:  # fmt: skip
        """The sentence of `code`: `numbers` are written as this language writes them, `words` as they are.

        Without any record the sentence rests on the topic's own, among which there is none.
        """
        written = {name: self.number(value) for name, value in numbers.items()}
        values = {"versus": self.versus, "brand": self.seen.topic.brand, **written, **words}
        return Statement(
            self.say(code, **values), dict(numbers), tuple(evidence) or (Ref("topic", 0),), ground
        )

    @property
    def versus(self) -> str:
        return self.say("versus.running" if self.seen.month.running else "versus")

    @property
    def month(self) -> str:
        return words_programme.month_name(self.seen.month.name, self.lang)

    def number(self, value: float) -> str:
        return message.amount(value, self.lang)

    def percent(self, share: float | None) -> str:
        """One decimal below ten percent: 0.4 % of all mentions is not nothing."""
        if share is None:
            return self.say("unknown")
        return f"{share * 100:.{0 if share == 0 or share >= 0.1 else 1}f}%"

    def change(self, now: float, before: float) -> str:
        return f"{now - before:+,.0f}".replace("-", "−") if now != before else "±0"

    def rate(self, value: float, digits: int = 2) -> str:
        return f"{value:.{digits}f}"

    def signed(self, value: float, digits: int = 2) -> str:
        text = f"{value:+.{digits}f}".replace("-", "−")
        return text if float(f"{value:.{digits}f}") else f"{0:.{digits}f}"

    def when(self, at: datetime) -> str:
        """10月3日(土) 14:20 / Sat 3 Oct 14:20."""
        return f"{self.day(at)} {at.astimezone(self.zone):%H:%M}"

    def day(self, at: datetime) -> str:
        local = at.astimezone(self.zone)
        if self.lang == "ja":
            return f"{local.month}月{local.day}日({_WEEKDAYS_JA[local.weekday()]})"
        return f"{local:%a} {local.day} {local:%b}"

    def people(self, named: Iterable[tuple[str, int]]) -> str:
        return self.say("join").join(self.say("people", name=name, n=self.number(n)) for name, n in named)

    def stage(self, code: str) -> str:
        return self.say(f"stage.{code}")

    def place(self, mention: Mention) -> str:
        return words_report.platform(mention.post.platform, self.lang)

    def excerpt(self, mention: Mention) -> str:
        return message.cut(" ".join(mention.post.full_text.split()), QUOTE)

    # ---------------------------------------------------------------- evidence in words

    def note(self, ref: Ref) -> tuple[str, str]:
        """What a piece of evidence is, and its page."""
        if ref.kind == "mention":
            return self._mention(ref.id), self._page(f"/mentions/{ref.id}")
        if ref.kind == "step":
            return self._step(ref.id)
        if ref.kind == "topic":
            name = self.say("ref.topic", brand=self.seen.topic.brand, month=self.month)
            return name, self._page(f"/topics/{quote(self.seen.topic.name, safe='')}")
        pages = {"advocate": f"/advocates/{ref.id}", "incident": f"/incidents/{ref.id}"}
        return self.say(f"ref.{ref.kind}", id=ref.id), self._page(pages.get(ref.kind, "/programme/surveys"))

    def _mention(self, number: int) -> str:
        mention = self.seen.mentions.get(number)
        if mention is None:
            return self.say("ref.mention.bare", id=number)
        when = self.when(mention.post.created_at)
        return self.say("ref.mention", id=number, where=self.place(mention), when=when)

    def _step(self, number: int) -> tuple[str, str]:
        for one in self.seen.members:
            for step in one.moves:
                if step.id == number:
                    words = self.say("ref.step", id=number, advocate=one.id, when=self.day(step.at))
                    return words, self._page(f"/advocates/{one.id}")
            for task in one.tasks:
                if task.id == number:
                    words = self.say("ref.task", id=number, advocate=one.id)
                    return words, self._page(f"/advocates/{one.id}")
        raise KeyError(number)

    def _page(self, path: str) -> str:
        return f"{self.base.rstrip('/')}{path}" if self.base else ""
