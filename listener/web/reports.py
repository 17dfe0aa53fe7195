"""A report as a file: self-contained HTML, PDF, plain text, JSON. The pages draw it with the same parts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment

from alerts.incident import plain
from alerts.incident.report import SHOWN, Report, to_json
from alerts.incident.sentences import Sentence
from alerts.words_report import say
from listener.web import pdf
from listener.web.charts import nice_scale
from listener.web.site import STATIC, environment

FORMATS = {"html": "text/html", "pdf": "application/pdf", "text": "text/plain", "json": "application/json"}
ENDINGS = {"html": "html", "pdf": "pdf", "text": "txt", "json": "json"}
_WIDTH, _HEIGHT, _LEFT, _TOP, _FOOT = 720.0, 190.0, 36.0, 12.0, 24.0


@dataclass(frozen=True, slots=True)
class Block:
    """One rectangle of the chart, in its 720 × 190 units."""

    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """Posts over time: stacked blocks, the axis' labels, the length of one bar in minutes."""

    blocks: tuple[Block, ...]
    levels: tuple[Tick, ...]
    times: tuple[Tick, ...]
    minutes: int
    total: int


def draw(report: Report) -> Drawing:
    zone = ZoneInfo(report.timezone)
    top, step = nice_scale(max((bar.total for bar in report.bars), default=0))
    floor = _HEIGHT - _FOOT
    scale = (floor - _TOP) / top
    span = (_WIDTH - _LEFT) / max(1, len(report.bars))
    blocks = []
    for at, bar in enumerate(report.bars):
        base = floor
        for kind in ("negative", "neutral", "positive"):
            height = getattr(bar, kind) * scale
            base -= height
            if height:
                place = round(_LEFT + span * at + span * 0.1, 2)
                blocks.append(Block(kind, place, round(base, 2), round(span * 0.8, 2), round(height, 2)))
    every = max(1, -(-len(report.bars) // 7))
    times = [
        Tick(round(_LEFT + span * at, 2), _clock(bar.start, zone, day=at == 0 or bar.minutes >= 180))
        for at, bar in enumerate(report.bars)
        if at % every == 0 and at < len(report.bars) - every / 2
    ]
    levels = tuple(Tick(round(floor - value * scale, 2), f"{value:,}") for value in range(0, top + 1, step))
    total = sum(bar.total for bar in report.bars)
    return Drawing(tuple(blocks), levels, tuple(times), report.bars[0].minutes if report.bars else 0, total)


def _clock(start: str, zone: ZoneInfo, *, day: bool) -> str:
    local = datetime.fromisoformat(start).astimezone(zone)
    return f"{local.month}/{local.day} {local:%H:%M}" if day else f"{local:%H:%M}"


@dataclass(frozen=True)
class Sheet:
    """What the templates call: the report, its drawing and its words."""

    report: Report

    @property
    def drawing(self) -> Drawing:
        return draw(self.report)

    def word(self, code: str, **values: Any) -> str:
        return say(code, self.report.lang, **values)

    def more(self, sentence: Sentence) -> str:
        """How much evidence there is beyond the notes that are shown; empty without."""
        left = len(sentence.evidence) - SHOWN
        return self.word("notes.more", n=left) if left > 0 else ""


def file(report: Report, form: str, *, templates: Environment | None = None) -> bytes:
    """The report as a file of one of FORMATS. Raises PdfError where this machine cannot make a PDF."""
    if form == "json":
        return (json.dumps(to_json(report), ensure_ascii=False, indent=2) + "\n").encode()
    if form == "text":
        return plain.text(report).encode()
    page = page_of(report, templates or environment())
    return pdf.from_html(page, lang=report.lang) if form == "pdf" else page.encode()


def page_of(report: Report, templates: Environment) -> str:
    """One HTML file that needs nothing from outside."""
    style = (STATIC / "report.css").read_text(encoding="utf-8")
    page = templates.get_template("report_print.html")
    return page.render(parts_of="report_parts.html", sheet=Sheet(report), style=style)


def name_of(report: Report, number: int, form: str) -> str:
    """incident-3-report-1-ja.pdf."""
    return f"incident-{report.incident_id}-report-{number}-{report.lang}.{ENDINGS[form]}"
