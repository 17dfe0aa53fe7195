"""What the programme brought: the month's figures, its report on the page and as a file, and the API's answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from alerts.advocacy.impact import Month, latest_months, month
from alerts.advocacy.programme import Programme
from alerts.advocacy.programme_report import Report, numbers, write
from alerts.words_programme import month_name
from listener import impact
from listener.web import formats, programme_reports, reports
from listener.web.language import TABLES, Words
from listener.web.pdf import PdfError
from listener.web.shapes import plain
from listener.web.site import Site
from storage.types import Topic

CHOICES = 13  # months


@dataclass(frozen=True, slots=True)
class Figure:
    label: str
    value: str
    hint: str


class ImpactAsk(BaseModel):
    """A topic and a month as YYYY-MM; left out, the first of our own topics and the month before this one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    topic: str | None = None
    month: str | None = Field(None, pattern=r"^\d{4}-\d{2}$")


def router(site: Site) -> APIRouter:
    pages = APIRouter()

    @pages.get("/programme/impact", response_class=HTMLResponse)
    def page(request: Request) -> HTMLResponse:
        view, now = site.view(request), site.clock.now()
        topic, asked = _asked(site, request, now)
        seen = impact.open_programme(site.store, site.config, topic, asked, now)
        report = write(seen, lang=view.lang, base="/")
        names = latest_months(topic.timezone, now, CHOICES)
        done = request.query_params.get("done") == "pdf"
        return site.page(
            request, "impact.html", view=view, topic=topic, topics=_own(site), month=asked.name,
            months=[(name, _month_words(name, view.words, running=name == names[0])) for name in names],
            figures=_figures(seen, view.words), sheet=programme_reports.Sheet(report),
            forms=tuple(reports.FORMATS), asked=urlencode({"topic": topic.name, "month": asked.name}),
            problem=view.words("done.pdf") if done else "",
        )  # fmt: skip

    @pages.get("/programme/impact/report/{form}")
    def download(form: str, request: Request) -> Response:
        if form not in reports.FORMATS:
            raise HTTPException(404)
        now = site.clock.now()
        topic, asked = _asked(site, request, now)
        made = _report(site, topic, asked, now, _lang(site, request))
        try:
            content = programme_reports.file(made, form, templates=site.templates)
        except PdfError:
            back = urlencode({"topic": topic.name, "month": asked.name, "done": "pdf"})
            return RedirectResponse(f"/programme/impact?{back}", 303)
        kind = reports.FORMATS[form] + ("" if form == "pdf" else "; charset=utf-8")
        name = programme_reports.name_of(made, form)
        return Response(
            content, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'}
        )

    return pages


def api(site: Site) -> APIRouter:
    """GET /api/programme/impact: the figures of the page."""
    routes = APIRouter(prefix="/api")

    @routes.get("/programme/impact")
    def figures(ask: Annotated[ImpactAsk, Query()]) -> dict[str, Any]:
        now = site.clock.now()
        topic = _topic(site, ask.topic)
        asked = _month(topic, ask.month, now)
        seen = impact.open_programme(site.store, site.config, topic, asked, now)
        named = {"topic": topic.name, "month": asked.name, "running": asked.running}
        counted = numbers(seen)
        return {**named, "figures": plain(counted.pop("month")), **plain(counted)}

    return routes


def _report(site: Site, topic: Topic, asked: Month, now: datetime, lang: str) -> Report:
    seen = impact.open_programme(site.store, site.config, topic, asked, now)
    return write(seen, lang=lang, base=site.config.web.public_url)


def _own(site: Site) -> list[Topic]:
    """Competitors have no programme of ours; a configuration with nothing else shows what there is."""
    return [one for one in site.topics if one.own] or list(site.topics)


def _asked(site: Site, request: Request, now: datetime) -> tuple[Topic, Month]:
    topic = _topic(site, request.query_params.get("topic"))
    return topic, _month(topic, request.query_params.get("month"), now)


def _topic(site: Site, name: str | None) -> Topic:
    if name is None:
        return _own(site)[0]
    found = site.topic(name)
    if found is None:
        known = ", ".join(topic.name for topic in site.topics)
        raise HTTPException(400, f"topic: there is no topic called {name!r}; there are: {known}")
    return found


def _month(topic: Topic, name: str | None, now: datetime) -> Month:
    """The month before this one is the last that is whole."""
    try:
        return month(name or latest_months(topic.timezone, now, 2)[1], topic.timezone, now)
    except ValueError as problem:
        raise HTTPException(400, f"month: {name!r} is not a month up to now; write 2026-10") from problem


def _lang(site: Site, request: Request) -> str:
    asked = request.query_params.get("lang")
    return asked if asked in TABLES else site.words(request).lang


def _month_words(name: str, words: Words, *, running: bool) -> str:
    shown = month_name(name, words.lang)
    return words("impact.running", month=shown) if running else shown


def _figures(seen: Programme, words: Words) -> list[Figure]:
    now, before = seen.figures, seen.before
    start = sum(one.enrolled_at(now.start) for one in seen.members)

    def figure(code: str, value: str, earlier: str) -> Figure:
        hint = words("impact.before_running" if seen.month.running else "impact.before", value=earlier)
        return Figure(words(f"impact.{code}"), value, hint)

    def count(code: str, unit: str, of: int, earlier: int) -> Figure:
        said = (words(f"impact.{unit}", n=formats.number(one)) for one in (of, earlier))
        return figure(code, *said)

    def compact(of: int) -> str:
        return formats.compact(of, words.lang)

    def share(of: float | None) -> str:
        return words("unknown.dash") if of is None else formats.percent(of)

    return [
        count("enrolled", "people", now.enrolled, start),
        count("mentions", "posts", len(now.mentions), len(before.mentions)),
        figure("share", share(now.share_of_positive), share(before.share_of_positive)),
        figure("reach", compact(now.reach), compact(before.reach)),
        count("engagement", "posts", now.engagement, before.engagement),
        count("undisclosed", "posts", len(now.undisclosed), len(before.undisclosed)),
        count("defence", "posts", len(now.defence), len(before.defence)),
        count("customers", "people", now.referrals.customers, before.referrals.customers),
    ]
