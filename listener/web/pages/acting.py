"""The page behind a link in an alert: says what it will do, asks who you are, does it.

A GET changes nothing: mail programs and Slack open links by themselves to look at them.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response

from alerts.links import SILENCED_FOR, LinkError, Promise
from alerts.words import say
from listener import acting
from listener.web import who
from listener.web.reasons import incident_card
from listener.web.site import Site
from listener.web.who import Name

WRONG = {"wrong": 404, "expired": 410}


def router(site: Site) -> APIRouter:
    pages = APIRouter()

    @pages.get("/do/{token}", response_class=HTMLResponse)
    def ask(request: Request, token: str) -> Response:
        try:
            promise = _read(site, token)
        except LinkError as problem:
            return _refused(site, request, problem)
        return _page(site, request, promise)

    @pages.post("/do/{token}")
    def do(request: Request, token: str, by: Annotated[Name, Form()]) -> Response:
        try:
            promise = _read(site, token)
        except LinkError as problem:
            return _refused(site, request, problem)
        told = acting.act(site.store, promise, by, site.clock.now())
        response = _page(site, request, promise, told=told)
        who.remember(site, response, by)
        return response

    return pages


def _read(site: Site, token: str) -> Promise:
    return acting.links(site.store, site.config).read(token, site.clock.now())


def _page(site: Site, request: Request, promise: Promise, *, told: acting.Done | None = None) -> HTMLResponse:
    lang = site.words(request).lang
    incident = site.store.incident(promise.incident_id)
    view = site.view(request)
    card = None
    if incident is not None:
        zone = next((one.timezone for one in site.topics if one.name == incident.topic), site.config.timezone)
        card = incident_card(incident, lang, zone, brand=view.brand(incident.topic))
    hours = int(SILENCED_FOR.total_seconds() // 3600)
    return site.page(
        request,
        "acting.html",
        bare=True,
        view=view,
        incident=incident,
        card=card,
        deed=say(f"action.{promise.deed.value}", lang, hours=hours),
        told=told.words(site.config, lang) if told else "",
        gone=say("acted.gone", lang) if incident is None else "",
        who=who.remembered(request),
    )


def _refused(site: Site, request: Request, problem: LinkError) -> HTMLResponse:
    words = site.words(request)
    return site.page(
        request,
        "acting.html",
        bare=True,
        status=WRONG[problem.code],
        view=site.view(request),
        incident=None,
        card=None,
        deed="",
        told="",
        gone=words(f"acting.{problem.code}"),
        who="",
    )
