"""The JSON API under /api/: read only, the same figures as the pages. docs/api.md is its manual."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from alerts.exports.csv import RANKING
from listener import review
from listener.web import shapes
from listener.web.filters import MentionQuery
from listener.web.periods import PERIODS, window
from listener.web.site import Site
from storage.db import StoreError
from storage.notices import Delivery
from storage.types import IncidentState, Stage, Topic

MOST = 500
LONGEST = timedelta(days=366)


class Window(BaseModel):
    """How many, from where on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: int = Field(100, ge=1, le=MOST)
    offset: int = Field(0, ge=0, le=1_000_000)


class MentionAsk(MentionQuery):
    """Every mention filter, which topic, how many."""

    topic: str | None = None
    limit: int = Field(100, ge=1, le=MOST)
    offset: int = Field(0, ge=0, le=1_000_000)


class BucketAsk(BaseModel):
    """A topic's hours: a period up to now, or from `since` to `until` (ISO 8601 with a zone)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    topic: str
    period: str = Field("7d", pattern="^(24h|7d|30d|90d)$")
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None


class TopicAsk(BaseModel):
    """One topic, or our own ones."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    topic: str | None = None


class CorrectionAsk(Window):
    topic: str | None = None


class IncidentAsk(Window):
    topic: str | None = None
    state: IncidentState | None = None


class AdvocateAsk(Window):
    topic: str | None = None
    min_score: float = Field(0, ge=0, le=100)
    stage: Stage | None = None
    organic: bool | None = None


class NotificationAsk(Window):
    topic: str | None = None
    state: Delivery | None = None


class NoParameters(BaseModel):
    """Nothing may be asked for; a mistyped parameter is an error and not ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def router(site: Site) -> APIRouter:
    api = APIRouter(prefix="/api")
    _mention_routes(api, site)
    _event_routes(api, site)
    _source_routes(api, site)

    @api.api_route("/{rest:path}", methods=["GET"], include_in_schema=False)
    def unknown(rest: str) -> None:
        raise HTTPException(404)

    return api


def health(site: Site) -> APIRouter:
    """/healthz: says that this process answers and its database can be read. Asks for no password."""
    open_door = APIRouter()

    @open_door.get("/healthz")
    def healthz() -> JSONResponse:
        try:
            site.store.setting("web.health")
        except StoreError:
            return JSONResponse({"status": "the database cannot be read"}, 503)
        return JSONResponse({"status": "ok", "now": shapes.plain(site.clock.now())})

    return open_door


def _mention_routes(api: APIRouter, site: Site) -> None:
    @api.get("/topics")
    def topics(_: Annotated[NoParameters, Query()]) -> dict[str, Any]:
        return {"topics": [shapes.topic(one) for one in site.topics]}

    @api.get("/mentions")
    def mentions(ask: Annotated[MentionAsk, Query()]) -> dict[str, Any]:
        topic = None if ask.topic is None else _topic(site, ask.topic)
        where = ask.where(ask.topic, site.clock.now(), site.zone(topic))
        found = site.store.mentions(where, ask.limit, ask.offset)
        return {
            "total": site.store.count(where),
            "limit": ask.limit,
            "offset": ask.offset,
            "mentions": [shapes.mention(one) for one in found],
        }

    @api.get("/review")
    def waiting(ask: Annotated[TopicAsk, Query()]) -> dict[str, Any]:
        _topic_if(site, ask.topic)
        topics = [ask.topic] if ask.topic else review.own_topics(site.config)
        found = review.questions(site.store, site.config, site.clock.now(), topics)
        return {"total": len(found), "waiting": [shapes.question(one) for one in found]}

    @api.get("/corrections")
    def corrections(ask: Annotated[CorrectionAsk, Query()]) -> dict[str, Any]:
        _topic_if(site, ask.topic)
        topics = [ask.topic] if ask.topic else [one.name for one in site.topics]
        found = site.store.judgements.corrected(topics, ask.offset + ask.limit)
        return {"mentions": [shapes.mention(one) for one in found[ask.offset :]]}

    @api.get("/buckets")
    def buckets(ask: Annotated[BucketAsk, Query()]) -> dict[str, Any]:
        topic = _topic(site, ask.topic)
        start, end = _stretch(site, topic, ask)
        found = site.store.buckets(topic.name, start, end)
        return {
            "topic": topic.name,
            "since": shapes.plain(start),
            "until": shapes.plain(end),
            "totals": {
                **shapes.bucket(site.store.totals(topic.name, start, end)),
                "start": shapes.plain(start),
            },
            "buckets": [shapes.bucket(one) for one in found],
        }


def _event_routes(api: APIRouter, site: Site) -> None:
    @api.get("/incidents")
    def incidents(request: Request, ask: Annotated[IncidentAsk, Query()]) -> dict[str, Any]:
        _topic_if(site, ask.topic)
        lang = site.words(request).lang
        found = site.store.incidents(ask.topic, ask.state, limit=ask.offset + ask.limit)
        return {
            "incidents": [
                shapes.incident(one, lang, str(site.zone(site.topic(one.topic))))
                for one in found[ask.offset :]
            ]
        }

    @api.get("/advocates")
    def advocates(request: Request, ask: Annotated[AdvocateAsk, Query()]) -> dict[str, Any]:
        _topic_if(site, ask.topic)
        words = site.words(request)
        found = [
            one
            for one in site.store.advocates(ask.topic, ask.min_score, limit=ask.offset + 10 * MOST)
            if (ask.stage is None or one.stage == ask.stage)
            and (ask.organic is None or one.organic == ask.organic)
        ]
        shown = found[ask.offset : ask.offset + ask.limit]
        rows = [shapes.advocate(one, words) for one in shown]
        return {"purpose": RANKING, "total": len(found), "advocates": rows}

    @api.get("/notifications")
    def notifications(ask: Annotated[NotificationAsk, Query()]) -> dict[str, Any]:
        _topic_if(site, ask.topic)
        found = site.store.notifications(ask.offset + 10 * MOST, ask.topic)
        kept = [one for one in found if ask.state is None or one.state == ask.state]
        shown = kept[ask.offset : ask.offset + ask.limit]
        return {"notifications": [shapes.notification(one) for one in shown]}


def _source_routes(api: APIRouter, site: Site) -> None:
    @api.get("/sources")
    def sources(_: Annotated[NoParameters, Query()]) -> dict[str, Any]:
        return {"sources": [shapes.source(one) for one in site.lights()]}


def _topic(site: Site, name: str) -> Topic:
    found = site.topic(name)
    if found is None:
        known = ", ".join(topic.name for topic in site.topics)
        raise HTTPException(400, f"topic: there is no topic called {name!r}; there are: {known}")
    return found


def _topic_if(site: Site, name: str | None) -> None:
    if name is not None:
        _topic(site, name)


def _stretch(site: Site, topic: Topic, ask: BucketAsk) -> tuple[datetime, datetime]:
    """The hours asked for; a year at most, so that one request cannot fill the memory."""
    view = window(PERIODS[ask.period], site.clock.now(), site.zone(topic))
    end = (ask.until or view.end).astimezone(UTC)
    start = (ask.since or view.start).astimezone(UTC)
    if not timedelta(0) < end - start <= LONGEST:
        raise HTTPException(400, "since, until: until must be after since, and at most 366 days later")
    return start, end
