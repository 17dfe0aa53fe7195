"""Advocates: the ranking, one of them with the sum behind the score, and the stage a person sets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from listener.web.reasons import organic_reason
from listener.web.site import Site
from storage.db import MentionFilter
from storage.types import Advocate, Contribution, Stage

STAGES = tuple(stage.value for stage in Stage)


@dataclass(frozen=True, slots=True)
class ScorePart:
    """One contribution and the width of its bar in percent of the largest."""

    contribution: Contribution
    width: float


def router(site: Site) -> APIRouter:
    pages = APIRouter()

    @pages.get("/advocates", response_class=HTMLResponse)
    def advocate_list(request: Request) -> HTMLResponse:
        asked = request.query_params
        topic, organic, stage = asked.get("topic", ""), asked.get("organic", ""), asked.get("stage", "")
        found = site.store.advocates(topic or None, limit=500)
        if organic in {"yes", "no"}:
            found = [one for one in found if one.organic == (organic == "yes")]
        if stage in STAGES:
            found = [one for one in found if one.stage.value == stage]
        return site.page(
            request,
            "advocates.html",
            advocates=found[:200],
            topics=site.topics,
            topic=topic,
            organic=organic,
            stage=stage,
            stages=STAGES,
        )

    @pages.get("/advocates/{advocate_id}", response_class=HTMLResponse)
    def advocate_page(advocate_id: int, request: Request) -> HTMLResponse:
        return _page(site, request, _known(site, advocate_id))

    @pages.post("/advocates/{advocate_id}/stage")
    def set_stage(advocate_id: int, stage: Annotated[Stage, Form()]) -> RedirectResponse:
        _known(site, advocate_id)
        site.store.set_stage(advocate_id, stage)
        return RedirectResponse(f"/advocates/{advocate_id}?done=stage", 303)

    return pages


def score_parts(advocate: Advocate) -> list[ScorePart]:
    """What speaks for the person, then what speaks against, the weightiest first."""
    ordered = sorted(advocate.contributions, key=lambda one: (one.points < 0, -abs(one.points)))
    largest = max((abs(one.points) for one in ordered), default=0) or 1
    return [ScorePart(one, abs(one.points) / largest * 100) for one in ordered]


def _known(site: Site, advocate_id: int) -> Advocate:
    found = site.store.advocate(advocate_id) if 0 < advocate_id < 2**63 else None
    if found is None:
        raise HTTPException(404)
    return found


def _page(site: Site, request: Request, advocate: Advocate) -> HTMLResponse:
    view = site.view(request)
    author = f"{advocate.author.platform}:{advocate.author.external_id}"
    mentions = site.store.mentions(MentionFilter(topic=advocate.topic, author=author), 50)
    done = request.query_params.get("done") == "stage"
    return site.page(
        request,
        "advocate.html",
        view=view,
        advocate=advocate,
        parts_of_score=score_parts(advocate),
        reasons=[organic_reason(reason, view.words) for reason in advocate.organic_reasons],
        mentions=mentions,
        known={mention.id for mention in mentions},
        zone=view.zone(advocate.topic),
        stages=STAGES,
        done=view.words("done.stage") if done else "",
    )
