"""The programme's report as a file: self-contained HTML, PDF, plain text, JSON. Its page has the same parts."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment

from alerts.advocacy import programme_plain
from alerts.advocacy.programme_report import SHOWN, Report, to_json
from alerts.advocacy.programme_sentences import Statement
from alerts.words_programme import month_name, say
from listener.web import pdf
from listener.web.charts import nice_scale
from listener.web.reports import ENDINGS, Block, Tick
from listener.web.site import STATIC, environment

WIDTH, HEIGHT, LEFT, TOP, FOOT = 720.0, 170.0, 36.0, 12.0, 24.0
FLOOR = HEIGHT - FOOT


@dataclass(frozen=True, slots=True)
class Columns:
    """Posts by month: stacked blocks, the axis' labels, the months' names."""

    blocks: tuple[Block, ...]
    levels: tuple[Tick, ...]
    names: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class Lines:
    """Posts a person and week around the contact: point lists, the axes' labels, and where the contact is."""

    contacted: str
    comparison: str
    levels: tuple[Tick, ...]
    weeks: tuple[Tick, ...]
    contact: float


@dataclass(frozen=True)
class Sheet:
    """What the templates call: the report, its drawings and its words."""

    report: Report

    def word(self, code: str, **values: Any) -> str:
        return say(code, self.report.lang, **values)

    def more(self, one: Statement) -> str:
        """How much evidence there is beyond the notes that are shown; empty without."""
        left = len(one.evidence) - SHOWN
        return self.word("notes.more", n=left) if left > 0 else ""

    @property
    def columns(self) -> Columns:
        return columns(self.report)

    @property
    def lines(self) -> Lines:
        return lines(self.report)

    @property
    def widest(self) -> int:
        """The longest bar of the funnel."""
        return max((one.people for one in self.report.steps), default=0) or 1


def columns(report: Report) -> Columns:
    top, step = nice_scale(
        max((one.positive + one.neutral + one.negative for one in report.columns), default=0)
    )
    scale = (FLOOR - TOP) / top
    span = (WIDTH - LEFT) / max(1, len(report.columns))
    blocks, names = [], []
    for at, one in enumerate(report.columns):
        base, left = FLOOR, LEFT + span * at
        for kind in ("negative", "neutral", "positive"):
            height = getattr(one, kind) * scale
            base -= height
            if height:
                place = round(left + span * 0.25, 2)
                blocks.append(Block(kind, place, round(base, 2), round(span * 0.5, 2), round(height, 2)))
        names.append(Tick(round(left + span / 2, 2), month_name(one.name, report.lang, short=True)))
    levels = tuple(Tick(round(FLOOR - value * scale, 2), f"{value:,}") for value in range(0, top + 1, step))
    return Columns(tuple(blocks), levels, tuple(names))


def lines(report: Report) -> Lines:
    """The axis goes to the next half post a week above the highest point."""
    points = report.points
    values = [value for one in points for value in (one.contacted, one.comparison) if value is not None]
    top = max(0.5, -(-max(values, default=0.0) // 0.5) * 0.5)
    scale, span = (FLOOR - TOP) / top, (WIDTH - LEFT - 12) / max(1, len(points))

    def place(at: int, value: float) -> str:
        return f"{LEFT + span * (at + 0.5):.1f},{FLOOR - value * scale:.1f}"

    beside = [place(at, one.comparison) for at, one in enumerate(points) if one.comparison is not None]
    half = len(points) // 2
    every = 4 if half <= 16 else 8
    weeks = [
        Tick(round(LEFT + span * (at + 0.5), 1), f"{one.week:+d}".replace("-", "−") if one.week else "0")
        for at, one in enumerate(points)
        if one.week % every == 0
    ]
    return Lines(
        " ".join(place(at, one.contacted) for at, one in enumerate(points)),
        " ".join(beside),
        tuple(Tick(round(FLOOR - top * part * scale, 2), f"{top * part:g}") for part in (0, 0.5, 1)),
        tuple(weeks),
        round(LEFT + span * half, 1),
    )


def file(report: Report, form: str, *, templates: Environment | None = None) -> bytes:
    """The report as a file of one of `listener.web.reports.FORMATS`. Raises PdfError where no PDF can be made."""
    if form == "json":
        return (json.dumps(to_json(report), ensure_ascii=False, indent=2) + "\n").encode()
    if form == "text":
        return programme_plain.text(report).encode()
    page = page_of(report, templates or environment())
    return pdf.from_html(page, lang=report.lang) if form == "pdf" else page.encode()


def page_of(report: Report, templates: Environment) -> str:
    """One HTML file that needs nothing from outside."""
    style = (STATIC / "report.css").read_text(encoding="utf-8")
    page = templates.get_template("report_print.html")
    return page.render(parts_of="programme_report_parts.html", sheet=Sheet(report), style=style)


def name_of(report: Report, form: str) -> str:
    """programme-minamo-2026-10-ja.pdf; only letters that every file system and header takes."""
    topic = re.sub(r"[^A-Za-z0-9]+", "-", report.topic).strip("-")
    parts = ("programme", topic, report.month, report.lang)
    return f"{'-'.join(part for part in parts if part)}.{ENDINGS[form]}"
