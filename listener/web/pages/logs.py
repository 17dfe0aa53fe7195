"""What came in: the sources."""

from __future__ import annotations

from collections import Counter

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from listener.web.site import Site

RECENT_TRIES = 20


def router(site: Site) -> APIRouter:
    pages = APIRouter()

    @pages.get("/sources", response_class=HTMLResponse)
    def sources(request: Request) -> HTMLResponse:
        lights = site.lights(recent=RECENT_TRIES)
        tally = Counter(light.health for light in lights)
        return site.page(request, "sources.html", lights=lights, tally=list(tally.items()))

    return pages
