"""Crises: the list, one of them as its whole file, and what a person does about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import StringConstraints

from alerts.incident import plain
from alerts.incident.dossier import Dossier
from alerts.incident.todo import due, todos
from listener import casework
from listener.web import charts, incident_view, who
from listener.web.charts import Chart
from listener.web.pages import reports
from listener.web.pages.topic import story_sizes
from listener.web.periods import slots, span_window
from listener.web.site import Site
from listener.web.who import Name
from storage.casebook import MergeError
from storage.cases import Event, EventKind
from storage.types import Incident, IncidentState

BEFORE, LONGEST = timedelta(hours=24), timedelta(days=7)
SHOWN = 50  # pieces of evidence on the page; the bundle has them all
DONE = {
    "acknowledged", "resolved", "late", "note", "owner", "reply", "merged", "reported", "pdf",
    "split", "split.apart", "split.final", "merge.same", "merge.unknown", "merge.topic", "merge.merged", "merge.over",
}  # fmt: skip

Note = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
Link = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000, pattern=r"^(https?://\S+)?$")]


def router(site: Site) -> APIRouter:
    pages = APIRouter()

    @pages.get("/incidents", response_class=HTMLResponse)
    def incident_list(request: Request) -> HTMLResponse:
        view = site.view(request)
        asked = request.query_params.get("state", "")
        state = IncidentState(asked) if asked in set(IncidentState) else None
        found = site.store.incidents(state=state, limit=200)
        cards = [view.incident_card(one) for one in found]
        merged = site.store.casebook.merged()
        return site.page(
            request,
            "incidents.html",
            view=view,
            cards=cards,
            merged=merged,
            state=state.value if state else "",
        )

    @pages.get("/incidents/{incident_id}", response_class=HTMLResponse)
    def incident_page(incident_id: int, request: Request) -> HTMLResponse:
        return _page(site, request, known(site, incident_id))

    @pages.post("/incidents/{incident_id}/acknowledge")
    def acknowledge(incident_id: int, by: Annotated[Name, Form()]) -> RedirectResponse:
        done = site.store.acknowledge(_number(site, incident_id), by, site.clock.now())
        return back(site, incident_id, by, "acknowledged" if done else "late")

    @pages.post("/incidents/{incident_id}/resolve")
    def resolve(incident_id: int, by: Annotated[Name, Form()]) -> RedirectResponse:
        done = site.store.resolve(_number(site, incident_id), by, site.clock.now())
        return back(site, incident_id, by, "resolved" if done else "late")

    _add_writing(site, pages)
    pages.include_router(reports.router(site, known, back))
    return pages


def _add_writing(site: Site, pages: APIRouter) -> None:
    """What people write into the file: notes, the owner, our reply, the merging."""

    @pages.post("/incidents/{incident_id}/note")
    def note(
        incident_id: int, by: Annotated[Name, Form()], text: Annotated[Note, Form()]
    ) -> RedirectResponse:
        return _write(site, incident_id, by, Event(0, EventKind.NOTE, site.clock.now(), by, text))

    @pages.post("/incidents/{incident_id}/owner")
    def owner(
        incident_id: int, by: Annotated[Name, Form()], owner: Annotated[Name, Form()]
    ) -> RedirectResponse:
        return _write(site, incident_id, by, Event(0, EventKind.OWNER, site.clock.now(), by, owner))

    @pages.post("/incidents/{incident_id}/reply")
    def reply(
        incident_id: int,
        by: Annotated[Name, Form()],
        text: Annotated[Note, Form()],
        url: Annotated[Link, Form()] = "",
        at: Annotated[str, Form(max_length=40)] = "",
    ) -> RedirectResponse:
        incident, now = known(site, incident_id), site.clock.now()
        said = _local_time(at, site, incident) if at else now
        values = {"url": url, "at": min(said, now).isoformat()}
        return _write(site, incident_id, by, Event(0, EventKind.REPLY, now, by, text, values))

    @pages.post("/incidents/{incident_id}/merge")
    def merge(
        incident_id: int, by: Annotated[Name, Form()], into: Annotated[int, Form(ge=1)]
    ) -> RedirectResponse:
        try:
            site.store.casebook.merge(_number(site, incident_id), into, by, site.clock.now())
        except MergeError as problem:
            return back(site, incident_id, by, f"merge.{problem.code}")
        return back(site, incident_id, by, "merged")

    @pages.post("/incidents/{incident_id}/split")
    def split(incident_id: int, by: Annotated[Name, Form()]) -> RedirectResponse:
        try:
            site.store.casebook.split(_number(site, incident_id), by, site.clock.now())
        except MergeError as problem:
            return back(site, incident_id, by, f"split.{problem.code}")
        return back(site, incident_id, by, "split")


def known(site: Site, incident_id: int) -> Incident:
    """The incident of an address, or a friendly 404."""
    found = site.store.incident(incident_id) if 0 < incident_id < 2**63 else None
    if found is None:
        raise HTTPException(404)
    return found


def _number(site: Site, incident_id: int) -> int:
    return known(site, incident_id).id or incident_id


def _write(site: Site, incident_id: int, by: str, event: Event) -> RedirectResponse:
    number = _number(site, incident_id)
    site.store.casebook.write(replace(event, incident_id=number))
    return back(site, incident_id, by, event.kind.value)


def _local_time(text: str, site: Site, incident: Incident) -> datetime:
    """A time as a form sends it, on the wall clock of the topic."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as problem:
        raise HTTPException(400, "at: write a time such as 2026-11-22T23:50") from problem
    zone = site.zone(casework.topic_of(site.config, incident.topic))
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def back(site: Site, incident_id: int, by: str, done: str) -> RedirectResponse:
    """To the incident's page, which says what was done; the name is remembered."""
    response = RedirectResponse(f"/incidents/{incident_id}?done={done}", 303)
    who.remember(site, response, by)
    return response


def _page(site: Site, request: Request, incident: Incident) -> HTMLResponse:
    view, now = site.view(request), site.clock.now()
    dossier = casework.open_file(site.store, site.config, incident, now)
    issued = site.store.casebook.reports(incident.id or 0)
    kind = casework.next_kind(issued, incident)
    evidence = site.store.mentions_by_id(incident.evidence[:SHOWN])
    marks = casework.marks(site.store, incident)
    done = request.query_params.get("done", "")
    merged = site.store.casebook.merged()
    draft = casework.draft_of(site.store, site.config, dossier, kind, lang=view.lang)
    return site.page(
        request, "incident.html", view=view, incident=incident, zone=view.zone(incident.topic),
        card=view.incident_card(incident), chart=_chart(site, incident, dossier), evidence=evidence,
        sizes=story_sizes(site.store, incident.topic, evidence), roles=incident_view.roles(view, evidence),
        fates=incident_view.fates(view, marks, dossier), dossier=dossier,
        timeline=incident_view.timeline(view, dossier, incident_view.told(site, incident)),
        figures=incident_view.figures(view, dossier), course=incident_view.course(view, dossier),
        emotions=incident_view.emotions(view, dossier), sources=incident_view.sources(view, dossier),
        todos=incident_view.todo_lines(view, todos(dossier, issued, now), dossier),
        reports=issued, kind=kind.value, due=due(dossier), brief=plain.text(draft, notes=False),
        into=merged.get(incident.id or 0), others=_others(site, incident, merged),
        who=who.remembered(request), done=view.words(f"done.{done}") if done in DONE else "",
    )  # fmt: skip


def _others(site: Site, incident: Incident, merged: dict[int, int]) -> list[Incident]:
    """The incidents that this one may be merged into."""
    if incident.id in merged:
        return []
    running = incident.resolved_at is None
    return [
        one
        for one in site.store.incidents(incident.topic, limit=50)
        if one.id != incident.id and one.id not in merged and (one.resolved_at is None or not running)
    ][:10]


def _chart(site: Site, incident: Incident, dossier: Dossier) -> Chart:
    """Hour by hour from a day before it began to its end or now, seven days at most."""
    start = dossier.start - BEFORE
    end = min(incident.resolved_at or site.clock.now(), incident.opened_at + LONGEST)
    view = span_window(start, end, hours=1 if end - start < timedelta(days=3) else 6)
    bars = slots(site.store.buckets(incident.topic, view.start, view.edges[-1]), view)
    return charts.build(bars, view, incidents=[incident])
