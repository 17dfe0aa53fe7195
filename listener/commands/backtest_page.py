"""A backtest as one HTML file that needs nothing else: a picture, a table, the alerts one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined

from alerts.backtest import Trial, first_negative
from alerts.message import amount, clock_time
from alerts.replay import Past
from alerts.words import say
from listener.web.language import Words
from storage.types import Incident, Label, Topic

WIDTH, LEFT, RIGHT = 960.0, 16.0, 944.0
BARS_TOP, BARS_BOTTOM = 40.0, 200.0
LANE, FIRST_LANE = 46.0, 236.0
NARROWEST = 4.0  # a mark that ends at once must still be seen


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    width: float
    top: float
    negative_top: float
    says: str


@dataclass(frozen=True, slots=True)
class Mark:
    x: float
    width: float
    severity: str
    says: str


@dataclass(frozen=True, slots=True)
class Lane:
    y: float
    title: str
    current: bool
    marks: tuple[Mark, ...]


def page(topic: Topic, past: Past, trials: Sequence[Trial], *, current: float, lang: str) -> str:
    """The page's HTML. `current`: the budget that is set now."""
    drawing = _Drawing(topic, past, trials, current, Words(lang))
    environment = Environment(
        loader=PackageLoader("listener.web"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    chosen = next(one for one in trials if one.false_alerts_per_month == current)
    return environment.get_template("backtest.html").render(
        t=drawing.words,
        lang=lang,
        title=drawing.words("backtest.title", topic=topic.name),
        intro=drawing.intro(),
        bars=drawing.bars(),
        bottom=BARS_BOTTOM,
        months=drawing.months(),
        start_x=drawing.x(trials[0].start),
        lanes=drawing.lanes(),
        crises=drawing.crises(),
        height=FIRST_LANE + LANE * (len(trials) + bool(chosen.found)) + 12,
        trials=[drawing.row(one) for one in trials],
        judged=chosen.found is not None,
        alerts=drawing.alerts(chosen),
    )


@dataclass(frozen=True, slots=True)
class _Drawing:
    topic: Topic
    past: Past
    trials: Sequence[Trial]
    current: float
    words: Words

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.topic.timezone)

    def x(self, moment: datetime) -> float:
        whole = max((self.trials[0].end - self.past.since).total_seconds(), 1.0)
        share = (moment - self.past.since).total_seconds() / whole
        return round(LEFT + (RIGHT - LEFT) * min(max(share, 0.0), 1.0), 1)

    def day(self, moment: datetime) -> str:
        return f"{moment.astimezone(self.zone):%Y-%m-%d}"

    def intro(self) -> str:
        first = self.trials[0]
        return self.words(
            "backtest.intro",
            n=f"{len(self.past.seen):,}",
            since=self.day(self.past.since),
            until=self.day(self.past.until),
            learned=self.day(first.start),
        )

    def bars(self) -> list[Bar]:
        """One bar a day of the topic's timezone."""
        counts: dict[datetime, list[int]] = {}
        for seen in self.past.seen:
            day = seen.at.astimezone(self.zone).replace(hour=0, minute=0, second=0, microsecond=0)
            both = counts.setdefault(day, [0, 0])
            both[0] += 1
            both[1] += seen.label is Label.NEGATIVE
        most = max(volume for volume, _ in counts.values())
        scale = (BARS_BOTTOM - BARS_TOP) / most
        return [
            Bar(
                x=self.x(day),
                width=max(self.x(day + timedelta(days=1)) - self.x(day) - 1, 0.6),
                top=round(BARS_BOTTOM - volume * scale, 1),
                negative_top=round(BARS_BOTTOM - negative * scale, 1),
                says=f"{self.day(day)}: {volume} ({negative})",
            )
            for day, (volume, negative) in sorted(counts.items())
        ]

    def months(self) -> list[tuple[float, str]]:
        """Where each month begins, and its name."""
        start = self.past.since.astimezone(self.zone)
        first = start.replace(day=1, hour=0)
        found = []
        while first <= self.past.until:
            if first >= start:
                found.append((self.x(first), f"{first:%Y-%m}"))
            first = (first + timedelta(days=32)).replace(day=1)
        return found

    def lanes(self) -> list[Lane]:
        return [
            Lane(
                y=FIRST_LANE + index * LANE,
                title=self.words("backtest.lane", budget=f"{one.false_alerts_per_month:g}"),
                current=one.false_alerts_per_month == self.current,
                marks=tuple(self._mark(incident, one.end) for incident in one.incidents),
            )
            for index, one in enumerate(self.trials)
        ]

    def crises(self) -> Lane | None:
        known = self.trials[0].found
        if not known:
            return None
        marks = [
            Mark(*self._place(one.crisis.start, one.crisis.end), "truth", one.crisis.name) for one in known
        ]
        y = FIRST_LANE + LANE * len(self.trials)
        return Lane(y, self.words("backtest.crises"), current=False, marks=tuple(marks))

    def _mark(self, incident: Incident, end: datetime) -> Mark:
        place = self._place(incident.opened_at, incident.resolved_at or end)
        when = clock_time(incident.opened_at, self.words.lang, self.zone)
        severity = incident.severity.value
        return Mark(*place, severity, f"{when} {say(f'severity.{severity}', self.words.lang)}")

    def _place(self, start: datetime, end: datetime) -> tuple[float, float]:
        left = self.x(start)
        return left, max(round(self.x(end) - left, 1), NARROWEST)

    def row(self, one: Trial) -> dict[str, str | bool]:
        found = one.found or ()
        delay = one.median_delay_min
        return {
            "budget": f"{one.false_alerts_per_month:g}",
            "current": one.false_alerts_per_month == self.current,
            "incidents": str(len(one.incidents)),
            "per_month": f"{one.per_month:.2f}",
            "found": self.words(
                "backtest.of", found=sum(x.incident is not None for x in found), of=len(found)
            ),
            "delay": "–" if delay is None else self.words("backtest.minutes", n=round(delay)),
            "false": f"{one.false_per_month or 0:.2f}",
        }

    def alerts(self, one: Trial) -> list[dict[str, str]]:
        """Incidents and what was missed, in the order of time."""
        rows = [(incident.opened_at, self._alert(incident, one)) for incident in one.incidents]
        for found in one.found or ():
            if found.incident is None:
                words = self.words("backtest.missed", name=found.crisis.name)
                empty = dict.fromkeys(("severity", "code", "people", "usual", "after"), "")
                when = self._minute(found.crisis.start)
                rows.append((found.crisis.start, {**empty, "opened": when, "verdict": words}))
        return [row for _, row in sorted(rows, key=lambda pair: pair[0])]

    def _alert(self, incident: Incident, one: Trial) -> dict[str, str]:
        values = incident.reasons[0].values if incident.reasons else {}
        after = (incident.opened_at - first_negative(incident)) / timedelta(minutes=1)
        lang = self.words.lang
        return {
            "opened": self._minute(incident.opened_at),
            "severity": say(f"severity.{incident.severity.value}", lang),
            "code": incident.severity.value,
            "people": str(values.get("peak") or values.get("count") or ""),
            "usual": amount(float(values["expected"]), lang) if "expected" in values else "",
            "after": self.words("backtest.minutes", n=max(0, round(after))),
            "verdict": self.words("backtest.false") if incident in (one.false or ()) else "",
        }

    def _minute(self, moment: datetime) -> str:
        return f"{moment.astimezone(self.zone):%Y-%m-%d %H:%M}"
