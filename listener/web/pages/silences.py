"""Silences: the list, a new one, ending one; on the page and as JSON."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints

from listener.web import shapes, who
from listener.web.site import Site
from listener.web.who import Name
from storage.notices import AlertKind, Silence
from storage.types import Severity

LENGTHS = {
    code: timedelta(minutes=minutes)
    for code, minutes in (("30m", 30), ("1h", 60), ("2h", 120), ("4h", 240), ("8h", 480), ("1d", 1440),
                          ("3d", 4320), ("7d", 10080))
}  # fmt: skip
LONGEST = timedelta(days=366)
MUTABLE = (AlertKind.INCIDENT, AlertKind.ADVOCATE, AlertKind.MENTION, AlertKind.TREND)
DONE = ("silenced", "silence_ended", "silence_late")
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]
Kind = Literal["", "incident", "advocate", "mention", "trend"]


class Given(BaseModel):
    """The form: what is muted, for how long, by whom, and why."""

    model_config = ConfigDict(frozen=True)

    by: Name
    topic: Words = ""
    kind: Kind = ""
    tag: Words = ""
    up_to: Severity = Severity.CRISIS
    length: Literal["30m", "1h", "2h", "4h", "8h", "1d", "3d", "7d"] = "1h"
    reason: Words = ""
    breaks: bool = False


class SilenceAsk(BaseModel):
    """POST /api/silences."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    by: Name
    until: AwareDatetime
    topic: Words = ""
    kind: Kind = ""
    tag: Words = ""
    up_to: Severity = Severity.CRISIS
    reason: Words = ""
    breaks: bool = True


class SilenceList(BaseModel):
    """GET /api/silences; `all` adds the latest that are over."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    all: bool = False


def router(site: Site) -> APIRouter:
    pages = APIRouter()

    @pages.get("/silences", response_class=HTMLResponse)
    def silences(request: Request) -> HTMLResponse:
        view = site.view(request)
        done = request.query_params.get("done", "")
        return site.page(
            request,
            "silences.html",
            view=view,
            active=site.store.silences(view.now),
            past=site.store.alerting.past_silences(view.now),
            topics=site.topics,
            chosen=request.query_params.get("topic", ""),
            tags=_tags(site),
            kinds=MUTABLE,
            severities=tuple(Severity),
            lengths=LENGTHS,
            who=who.remembered(request),
            done=view.words(f"done.{done}") if done in DONE else "",
        )

    @pages.post("/silences")
    def add(given: Annotated[Given, Form()]) -> RedirectResponse:
        now = site.clock.now()
        until = now + LENGTHS[given.length]
        site.store.add_silence(_silence(site, given, until, now))
        return _back(site, given.by, "silenced")

    @pages.post("/silences/{silence_id}/end")
    def end(silence_id: int, by: Annotated[Name, Form()]) -> RedirectResponse:
        ended = _end(site, silence_id)
        return _back(site, by, "silence_ended" if ended else "silence_late")

    return pages


def api(site: Site) -> APIRouter:
    routes = APIRouter(prefix="/api/silences")

    @routes.get("")
    def listed(ask: Annotated[SilenceList, Query()]) -> dict[str, Any]:
        now = site.clock.now()
        found = site.store.silences(now) + (site.store.alerting.past_silences(now) if ask.all else [])
        return {"silences": [shapes.silence(one) for one in found]}

    @routes.post("", status_code=201)
    def add(ask: SilenceAsk) -> dict[str, Any]:
        now = site.clock.now()
        if not timedelta(0) < ask.until - now <= LONGEST:
            raise HTTPException(400, "until: must be in the future, and at most 366 days away")
        return shapes.silence(site.store.add_silence(_silence(site, ask, ask.until, now)))

    @routes.delete("/{silence_id}", status_code=204)
    def end(silence_id: int) -> Response:
        if not _end(site, silence_id):
            raise HTTPException(404)
        return Response(status_code=204)

    return routes


def _silence(site: Site, given: Given | SilenceAsk, until: datetime, now: datetime) -> Silence:
    if given.topic and site.topic(given.topic) is None:
        known = ", ".join(topic.name for topic in site.topics)
        raise HTTPException(400, f"topic: there is no topic called {given.topic!r}; there are: {known}")
    if given.tag and given.tag not in _tags(site):
        known = ", ".join(_tags(site)) or "none"
        raise HTTPException(400, f"tag: no topic has the tag {given.tag!r}; there are: {known}")
    return Silence(
        given.topic,
        until,
        given.reason,
        given.by,
        now,
        kind=AlertKind(given.kind) if given.kind else None,
        tag=given.tag,
        up_to=given.up_to,
        breaks=given.breaks,
    )


def _tags(site: Site) -> list[str]:
    return sorted({tag for topic in site.topics for tag in topic.tags})


def _end(site: Site, silence_id: int) -> bool:
    return 0 < silence_id < 2**63 and site.store.end_silence(silence_id, site.clock.now())


def _back(site: Site, by: str, done: str) -> RedirectResponse:
    response = RedirectResponse(f"/silences?done={done}", 303)
    who.remember(site, response, by)
    return response
