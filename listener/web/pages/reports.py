"""An incident's reports and its evidence: made on a person's word, shown, and handed out as files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from alerts.incident import bundle
from alerts.incident.report import Report, from_json
from listener import casework
from listener.web import reports
from listener.web.language import TABLES
from listener.web.pdf import PdfError
from listener.web.site import Site
from listener.web.who import Name, remember
from storage.cases import IssuedReport, ReportKind
from storage.types import Incident

NEXT_MIN = (0, 30, 60, 120, 360, 720, 1440)  # minutes until the next update; 0: not set
Known = Callable[[Site, int], Incident]
Back = Callable[[Site, int, str, str], RedirectResponse]


def router(site: Site, known: Known, back: Back) -> APIRouter:
    pages = APIRouter()

    @pages.post("/incidents/{incident_id}/report")
    def issue(
        incident_id: int,
        by: Annotated[Name, Form()],
        kind: Annotated[ReportKind, Form()],
        following: Annotated[int, Form(ge=0, le=10080)] = 0,
    ) -> RedirectResponse:
        incident, now = known(site, incident_id), site.clock.now()
        next_at = now + timedelta(minutes=following) if following and kind is not ReportKind.FINAL else None
        made = casework.issue(site.store, site.config, incident, kind, now, by=by, next_at=next_at)
        response = RedirectResponse(f"/incidents/{incident_id}/reports/{made.number}?done=reported", 303)
        remember(site, response, by)
        return response

    @pages.get("/incidents/{incident_id}/draft", response_class=HTMLResponse)
    def draft(incident_id: int, request: Request) -> HTMLResponse:
        incident = known(site, incident_id)
        asked = request.query_params.get("kind", "")
        issued = site.store.casebook.reports(incident_id)
        kind = ReportKind(asked) if asked in set(ReportKind) else casework.next_kind(issued, incident)
        lang = _lang(site, request)
        made = casework.draft(site.store, site.config, incident, kind, site.clock.now(), lang=lang)
        return _page(site, request, incident, made, None)

    @pages.get("/incidents/{incident_id}/reports/{number}", response_class=HTMLResponse)
    def show(incident_id: int, number: int, request: Request) -> HTMLResponse:
        incident = known(site, incident_id)
        stored = _issued(site, incident_id, number)
        return _page(site, request, incident, from_json(stored.content[_lang(site, request)]), stored)

    _add_files(site, pages, known)
    return pages


def _add_files(site: Site, pages: APIRouter, known: Known) -> None:
    """What is handed out: a report in one of its forms, the evidence."""

    @pages.get("/incidents/{incident_id}/reports/{number}/{form}")
    def download(incident_id: int, number: int, form: str, request: Request) -> Response:
        known(site, incident_id)
        if form not in reports.FORMATS:
            raise HTTPException(404)
        made = from_json(_issued(site, incident_id, number).content[_lang(site, request)])
        try:
            content = reports.file(made, form, templates=site.templates)
        except PdfError:
            return RedirectResponse(f"/incidents/{incident_id}?done=pdf", 303)
        kind = reports.FORMATS[form] + ("" if form == "pdf" else "; charset=utf-8")
        return _attached(content, reports.name_of(made, number, form), kind)

    @pages.get("/incidents/{incident_id}/evidence.zip")
    def evidence(incident_id: int) -> Response:
        incident, book = known(site, incident_id), site.store.casebook
        held, marks = site.store.evidence(incident_id), book.marks(incident_id)
        found = bundle.files(incident, held, marks, book.events(incident_id), site.clock.now())
        return _attached(bundle.zipped(found), f"incident-{incident_id}-evidence.zip", "application/zip")


def _lang(site: Site, request: Request) -> str:
    """The reader's, or the one that a link to a file names."""
    asked = request.query_params.get("lang")
    return asked if asked in TABLES else site.words(request).lang


def _issued(site: Site, incident_id: int, number: int) -> IssuedReport:
    found = next((one for one in site.store.casebook.reports(incident_id) if one.number == number), None)
    if found is None:
        raise HTTPException(404)
    return found


def _page(
    site: Site, request: Request, incident: Incident, made: Report, stored: IssuedReport | None
) -> HTMLResponse:
    view = site.view(request)
    done = request.query_params.get("done") == "reported"
    return site.page(
        request,
        "report.html",
        view=view,
        incident=incident,
        sheet=reports.Sheet(made),
        stored=stored,
        forms=tuple(reports.FORMATS),
        done=view.words("done.reported") if done else "",
        text=reports.file(made, "text").decode(),
    )


def _attached(content: bytes, name: str, kind: str) -> Response:
    return Response(
        content, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
