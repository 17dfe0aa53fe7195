"""Prospects: who may become an advocate within sixty days, why, and how often that was right; also as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict

from alerts.advocacy.prospects import Backtest
from listener import foresight
from listener.foresight import Board, Shown
from listener.web import prospects, shapes
from listener.web.site import Site
from storage.types import Topic


class ProspectAsk(BaseModel):
    """GET /api/prospects: a topic of our own; left out, the first."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    topic: str | None = None


def router(site: Site) -> APIRouter:
    pages = APIRouter()

    @pages.get("/programme/prospects", response_class=HTMLResponse)
    def prospect_list(request: Request) -> HTMLResponse:
        own = [one for one in site.topics if one.own]
        asked = request.query_params.get("topic", "")
        chosen = next((one for one in own if one.name == asked), own[0] if own else None)
        board = foresight.kept(site.store, chosen) if chosen else None
        view = site.view(request)
        return site.page(
            request,
            "prospects.html",
            view=view,
            topics=own,
            topic=chosen.name if chosen else "",
            board=board,
            shown=_shown(site, board),
            fallback=prospects.why_not(board.fallback, view.words) if board and board.fallback else "",
            tried=board.backtest if board else None,
            plot=prospects.plot(board.backtest.bins, view.words) if board and board.backtest else None,
            say=prospects,
        )

    return pages


def api(site: Site) -> APIRouter:
    routes = APIRouter(prefix="/api/prospects")

    @routes.get("")
    def listed(request: Request, ask: Annotated[ProspectAsk, Query()]) -> dict[str, Any]:
        topic = _own(site, ask.topic)
        board = foresight.kept(site.store, topic)
        words = site.words(request)
        return {
            "topic": topic.name,
            "at": shapes.plain(board.at) if board else None,
            "fallback": shapes.reason(board.fallback) if board and board.fallback else None,
            "backtest": _tried(board.backtest) if board and board.backtest else None,
            "prospects": [
                {
                    "advocate": one.advocate.id,
                    "author": asdict(one.advocate.author),
                    "score": one.advocate.score,
                    "probability": one.kept.probability,
                    "low": one.kept.low,
                    "high": one.kept.high,
                    "influences": [
                        {**asdict(each), "words": prospects.influence(each, words)}
                        for each in one.kept.influences
                    ],
                    "missing": {
                        **asdict(one.kept.missing),
                        "words": prospects.to_go(one.kept.missing, words),
                    },
                    "evidence": [mention.id for mention in one.mentions],
                }
                for one in _shown(site, board)
            ],
        }

    return routes


def _shown(site: Site, board: Board | None) -> list[Shown]:
    return foresight.shown(site.store, board, site.config.thresholds.advocate) if board else []


def _tried(backtest: Backtest) -> dict[str, Any]:
    return {**asdict(backtest), "first": shapes.plain(backtest.first), "last": shapes.plain(backtest.last)}


def _own(site: Site, name: str | None) -> Topic:
    own = [one for one in site.topics if one.own]
    found = next((one for one in own if name is None or one.name == name), None)
    if found is None:
        known = ", ".join(one.name for one in own) or "none"
        raise HTTPException(400, f"topic: there is no topic of your own called {name!r}; there are: {known}")
    return found
