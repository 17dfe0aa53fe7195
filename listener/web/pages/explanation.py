"""Why a mention was judged so: a page of its own, which the lists show in place where the browser can."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse

from listener.web.api import NoParameters
from listener.web.explaining import SHOWN, Explainer, notes, shades
from listener.web.site import Site
from nlp.explain import Explanation, fields
from nlp.sentiment import ModelError
from storage.types import Mention


def router(site: Site, explainer: Explainer) -> APIRouter:
    pages = APIRouter()

    @pages.get("/mentions/{mention_id}/explanation", response_class=HTMLResponse)
    def explanation_page(mention_id: int, request: Request) -> HTMLResponse:
        mention, explanation = _explained(site, explainer, mention_id)
        view = site.view(request)
        return site.page(
            request,
            "explanation.html",
            view=view,
            m=mention,
            zone=view.zone(mention.topic),
            explanation=explanation,
            shades=shades(explanation),
            telling=explanation.telling[:SHOWN],
            notes=notes(explanation, mention, view.words),
        )

    return pages


def api(site: Site, explainer: Explainer) -> APIRouter:
    """The same as JSON."""
    door = APIRouter(prefix="/api")

    @door.get("/mentions/{mention_id}/explanation")
    def explanation_json(mention_id: int, _: Annotated[NoParameters, Query()]) -> dict[str, Any]:
        mention, explanation = _explained(site, explainer, mention_id)
        return {"id": mention.id, **fields(explanation)}

    return door


def _explained(site: Site, explainer: Explainer, mention_id: int) -> tuple[Mention, Explanation]:
    mention = site.store.mention(mention_id) if mention_id < 2**63 else None
    if mention is None:
        raise HTTPException(404)
    try:
        return mention, explainer.explain(mention, site.topic(mention.topic))
    except ModelError as problem:
        raise HTTPException(503, str(problem)) from problem
