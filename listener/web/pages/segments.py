"""Segments: the saved filters, the groups worth saving, one segment's people; on the page and as JSON."""

from __future__ import annotations

import shlex
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from alerts import segments
from alerts.advocacy.aspects import ASPECTS
from alerts.advocacy.regions import REGIONS
from listener import segmenting
from listener.web import segment_view, shapes, who
from listener.web.site import Site
from storage.segmentation import NOTHING, Segment, SegmentError, Wanted, given
from storage.types import Stage

SHOWN = 200
DONE = ("saved", "changed", "deleted")
PROBLEMS = (
    "name", "long", "taken", "empty", "score", "days", "unknown", "stage", "topic", "programme", "aspect", "region",
)  # fmt: skip
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Whose = Annotated[str, StringConstraints(strip_whitespace=True, max_length=who.LONGEST)]


def _or(usual: object) -> BeforeValidator:
    """An empty field of a form is no condition."""
    return BeforeValidator(lambda value: usual if value == "" else value)


class Asked(BaseModel):
    """A segment as a form sends it."""

    model_config = ConfigDict(frozen=True)

    name: Line = ""
    by: Whose = ""
    topic: Line = ""
    stage: Line = ""
    organic: Annotated[bool | None, _or(None)] = None
    min_score: Annotated[float, _or(0.0)] = 0.0
    max_score: Annotated[float, _or(100.0)] = 100.0
    owner: Line = ""
    tag: Line = ""
    programme: Line = ""
    platform: Line = ""
    lang: Line = ""
    aspect: Line = ""
    region: Line = ""
    within_days: Annotated[int | None, _or(None)] = None
    suggested: bool = False

    @property
    def wanted(self) -> Wanted:
        return Wanted(**self.model_dump(exclude={"name", "by", "suggested"}))


class MemberAsk(BaseModel):
    """Which of a segment's people."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: int = Field(100, ge=1, le=500)
    offset: int = Field(0, ge=0, le=1_000_000)


class NoParameters(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def router(site: Site) -> APIRouter:
    pages = APIRouter(prefix="/programme/segments")

    @pages.get("", response_class=HTMLResponse)
    def overview(request: Request) -> HTMLResponse:
        return _overview(site, request)

    @pages.get("/{segment_id}", response_class=HTMLResponse)
    def one(segment_id: int, request: Request) -> HTMLResponse:
        return _one(site, request, _known(site, segment_id))

    @pages.post("")
    def add(asked: Annotated[Asked, Form()]) -> RedirectResponse:
        now = site.clock.now()
        try:
            _check(site, asked.wanted)
            saved = site.store.segments.save(
                asked.name, asked.wanted, by=asked.by, now=now, number_if_taken=asked.suggested
            )
        except SegmentError as problem:
            return _back(site, "", asked, problem.code)
        return _done(site, f"/{saved.id}", "saved", asked.by)

    @pages.post("/{segment_id}")
    def change(segment_id: int, asked: Annotated[Asked, Form()]) -> RedirectResponse:
        _known(site, segment_id)
        try:
            _check(site, asked.wanted)
            site.store.segments.change(
                segment_id, asked.name, asked.wanted, by=asked.by, now=site.clock.now()
            )
        except SegmentError as problem:
            return _back(site, f"/{segment_id}", asked, problem.code)
        return _done(site, f"/{segment_id}", "changed", asked.by)

    @pages.post("/{segment_id}/delete")
    def delete(segment_id: int) -> RedirectResponse:
        _known(site, segment_id)
        gone = site.store.segments.delete(segment_id)
        said = "done=deleted" if gone else "problem=unknown"
        return RedirectResponse(f"/programme/segments?{said}", 303)

    return pages


def api(site: Site) -> APIRouter:
    routes = APIRouter(prefix="/api/segments")

    @routes.get("")
    def listed(_: Annotated[NoParameters, Query()]) -> dict[str, Any]:
        rows = [segment_view.segment_shape(one, total) for one, total in _summed(site)[0]]
        return {"segments": rows}

    @routes.get("/{segment_id}/advocates")
    def people(segment_id: int, request: Request, ask: Annotated[MemberAsk, Query()]) -> dict[str, Any]:
        segment, words = _known(site, segment_id), site.words(request)
        found = segmenting.members(site.store, site.config, site.clock.now(), segment.wanted)
        shown = found[ask.offset : ask.offset + ask.limit]
        rows = [{**shapes.advocate(one.advocate, words), **segment_view.profile_shape(one)} for one in shown]
        total = segment_view.segment_shape(segment, segments.summed(found))
        return {"segment": total, "total": len(found), "advocates": rows}

    return routes


def _overview(site: Site, request: Request) -> HTMLResponse:
    view = site.view(request)
    saved, groups = _summed(site)
    return site.page(
        request,
        "segments.html",
        view=view,
        saved=[(one, segment_view.conditions(one.wanted, view), total) for one, total in saved],
        groups=[
            (
                segment_view.group_name(one, view),
                segment_view.conditions(one.wanted, view),
                one,
                given(one.wanted),
            )
            for one in groups
        ],
        least=segments.LEAST,
        base=segmenting.base(site.config),
        **_form(site, request, None),
        **_words(),
    )


def _one(site: Site, request: Request, segment: Segment) -> HTMLResponse:
    view = site.view(request)
    found = segmenting.members(site.store, site.config, view.now, segment.wanted)
    return site.page(
        request,
        "segment.html",
        view=view,
        segment=segment,
        conditions=segment_view.conditions(segment.wanted, view),
        people=[(one, segment_view.fit_cards(one.suggestion, view.words)) for one in found[:SHOWN]],
        more=max(0, len(found) - SHOWN),
        total=segments.summed(found),
        commands=_commands(site, segment),
        **_form(site, request, segment),
        **_words(),
    )


def _commands(site: Site, segment: Segment) -> list[str]:
    """How the consenting people of a segment are handed over, ready for a shell, whatever the name holds."""
    places = [shlex.quote(one.name) for one in site.config.exports] or ["--out contacts.csv"]
    return [
        f"kikimimi export-advocates {place} --segment {shlex.quote(segment.name)} --dry-run"
        for place in places
    ]


def _words() -> dict[str, Any]:
    """What the templates say with."""
    return {
        "programme_name": segment_view.programme,
        "programmes_line": segment_view.programmes_line,
        "consent_line": segment_view.consent_line,
    }


def _summed(site: Site) -> tuple[list[tuple[Segment, segments.Sum]], list[segments.MicroSegment]]:
    """Every segment with what it comes to, and the groups worth saving: the people are read once."""
    saved, now = site.store.segments.every(), site.clock.now()
    filters = [segmenting.base(site.config), *(one.wanted for one in saved)]
    people = segmenting.profiles(site.store, site.config, now, filters)
    rows = [(one, segments.summed(segments.members(people, one.wanted, now))) for one in saved]
    return rows, segmenting.found_groups(site.store, site.config, now, segments.LEAST, people)


def _form(site: Site, request: Request, segment: Segment | None) -> dict[str, Any]:
    """The form's choices, what stands in it, and what the last one did. What was typed in vain is still there."""
    asked, words = request.query_params, site.words(request)
    done, problem = asked.get("done", ""), asked.get("problem", "")
    typed = problem in PROBLEMS and "name" in asked
    stands = {"name": segment.name if segment else "", **given(segment.wanted if segment else NOTHING)}
    platforms = {one.author.platform for one in segmenting.listed(site.store)}
    return {
        "value": dict(asked) if typed else stands,
        "topics": site.topics,
        "stages": [one.value for one in Stage],
        "owners": site.store.people.owners(),
        "programmes": segments.PROGRAMMES,
        "platforms": sorted(platforms),
        "aspects": list(ASPECTS),
        "regions": REGIONS,
        "who": who.remembered(request),
        "done": words(f"segments.done.{done}") if done in DONE else "",
        "problem": words(f"segments.problem.{problem}") if problem in PROBLEMS else "",
    }


def _known(site: Site, segment_id: int) -> Segment:
    found = site.store.segments.one(segment_id) if 0 < segment_id < 2**63 else None
    if found is None:
        raise HTTPException(404)
    return found


def _check(site: Site, wanted: Wanted) -> None:
    segments.check(wanted, [topic.name for topic in site.topics])


def _back(site: Site, path: str, asked: Asked, problem: str) -> RedirectResponse:
    """To the form, with everything that was typed."""
    typed = {name: str(value) for name, value in given(asked.wanted).items()}
    if asked.wanted.organic is not None:
        typed["organic"] = str(asked.wanted.organic).lower()
    query = urlencode({"problem": problem, "name": asked.name, **typed})
    return _remembering(site, f"/programme/segments{path}?{query}#form", asked.by)


def _done(site: Site, path: str, done: str, by: str) -> RedirectResponse:
    return _remembering(site, f"/programme/segments{path}?done={done}", by)


def _remembering(site: Site, address: str, by: str) -> RedirectResponse:
    response = RedirectResponse(address, 303)
    if by:
        who.remember(site, response, by)
    return response
