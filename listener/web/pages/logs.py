"""What came in and what went out: the sources and the notifications."""

from __future__ import annotations

from collections import Counter

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from listener.web.site import Site
from storage.notices import Delivery

RECENT_TRIES = 20
SHOWN = 200


def router(site: Site) -> APIRouter:
    pages = APIRouter()

    @pages.get("/sources", response_class=HTMLResponse)
    def sources(request: Request) -> HTMLResponse:
        lights = site.lights(recent=RECENT_TRIES)
        tally = Counter(light.health for light in lights)
        return site.page(request, "sources.html", lights=lights, tally=list(tally.items()))

    @pages.get("/notifications", response_class=HTMLResponse)
    def notifications(request: Request) -> HTMLResponse:
        asked = request.query_params.get("state", "")
        state = asked if asked in set(Delivery) else ""
        found = site.store.notifications(1000 if state else SHOWN)
        shown = [one for one in found if not state or one.state.value == state][:SHOWN]
        return site.page(request, "notifications.html", notifications=shown, state=state)

    return pages
