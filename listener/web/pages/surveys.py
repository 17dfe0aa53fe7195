"""Surveys and referrals: what was answered, by whom people were brought; on the page and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from alerts.advocacy.nps import ImpliedNps
from alerts.advocacy.surveys import Figure, Step, figure
from listener import watching
from listener.feedback import cells as cell
from listener.feedback.overview import (
    USUAL_STRETCH,
    Asked,
    referral_shape,
    referred,
    survey_shape,
    surveyed,
)
from listener.feedback.surveys import SurveyAsk, check_scale
from listener.feedback.table import FeedbackError, RowError
from listener.web import survey_view
from listener.web.site import Site
from storage.responses import SCALES, Scale, SurveyGiven, SurveyKind, SurveyResponse
from storage.types import Topic

SHOWN_COMMENTS, SHOWN_PEOPLE = 30, 50
STEPS: tuple[Step, ...] = ("month", "quarter")
MOST_ANSWERS = 200  # a request: a body has at most 64 kB
Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]


class SummaryAsk(BaseModel):
    """GET /api/surveys/summary; two years up to now, unless told."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    topic: str
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    step: Literal["month", "quarter"] = "month"


class ReferralSummaryAsk(SummaryAsk):
    """GET /api/referrals/summary."""

    customers: int | None = Field(None, ge=1)


class AnswerGiven(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Short = ""
    at: AwareDatetime
    score: int
    comment: str = Field("", max_length=10_000)
    email: Short = ""
    properties: dict[Short, Short] = Field(default_factory=dict, max_length=20)


class AnswersGiven(BaseModel):
    """POST /api/surveys: answers to one question."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    topic: str
    kind: SurveyKind
    scale: tuple[int, int] | None = None
    responses: list[AnswerGiven] = Field(min_length=1, max_length=MOST_ANSWERS)


@dataclass
class _Implied:
    """The implied NPS of each topic, kept for its hour: reading all mentions takes seconds."""

    site: Site

    def __post_init__(self) -> None:
        self._known: dict[str, tuple[datetime, ImpliedNps]] = {}
        self._lock = Lock()

    def of(self, topic: Topic, now: datetime) -> ImpliedNps:
        hour = now.replace(minute=0, second=0, microsecond=0)
        with self._lock:
            known = self._known.get(topic.name)
            if known is None or known[0] != hour:
                settings = self.site.config.thresholds.advocate
                known = hour, watching.studied(self.site.store, topic, settings, now).implied
                self._known[topic.name] = known
            return known[1]


def router(site: Site) -> APIRouter:
    pages = APIRouter()
    implied = _Implied(site)

    @pages.get("/programme/surveys", response_class=HTMLResponse)
    def surveys(request: Request) -> HTMLResponse:
        asked_for = request.query_params
        topic = site.topic(asked_for.get("topic", "")) or site.topics[0]
        step: Step = "quarter" if asked_for.get("step") == "quarter" else "month"
        now = site.clock.now()
        asked = Asked(topic.name, now - USUAL_STRETCH, now, ZoneInfo(topic.timezone), step, now)
        responses, summaries = surveyed(site.store, asked)
        found = referred(site.store, asked)
        return site.page(
            request,
            "surveys.html",
            topics=site.topics,
            topic=topic.name,
            step=step,
            steps=STEPS,
            summaries=summaries,
            comments=_comments(responses),
            implied=_implied_figure(implied.of(topic, now)),
            referrals=found if found.customers or found.invited or found.clicked else None,
            people=found.people[:SHOWN_PEOPLE],
            names=_names(
                site, {*(one.advocate_id for one in found.people), *(one.advocate_id for one in responses)}
            ),
            draw=survey_view,
            zone=asked.zone,
        )

    return pages


def api(site: Site) -> APIRouter:
    routes = APIRouter(prefix="/api")
    implied = _Implied(site)

    @routes.get("/surveys/summary")
    def surveys(ask: Annotated[SummaryAsk, Query()]) -> dict[str, Any]:
        topic, asked = _asked(site, ask)
        _, found = surveyed(site.store, asked)
        return survey_shape(asked, found, implied.of(topic, asked.now))

    @routes.get("/referrals/summary")
    def referrals(ask: Annotated[ReferralSummaryAsk, Query()]) -> dict[str, Any]:
        _, asked = _asked(site, ask)
        return referral_shape(asked, referred(site.store, asked, ask.customers))

    @routes.post("/surveys", status_code=201)
    def add(ask: AnswersGiven) -> dict[str, Any]:
        _topic(site, ask.topic)
        now = site.clock.now()
        added = site.store.surveys.add(ask.topic, "api", _given(ask, now), now)
        return {"stored": added.stored, "known": added.known, "erased": added.erased}

    return routes


def _given(ask: AnswersGiven, now: datetime) -> list[SurveyGiven]:
    """All of them, or 400 naming the first that cannot be taken."""
    scale = Scale(*ask.scale) if ask.scale else SCALES[ask.kind]
    try:
        check_scale(SurveyAsk(kind=ask.kind, scale=Scale(*ask.scale) if ask.scale else None))
    except FeedbackError as error:
        raise HTTPException(400, str(error).replace("--", "")) from error
    given = []
    for index, one in enumerate(ask.responses):
        try:
            cell.not_ahead(one.at, "at", now)
            score = cell.score(str(one.score), "score", scale.low, scale.high)
            email = cell.email(one.email, "email")
        except RowError as error:
            raise HTTPException(400, f"responses[{index}].{error}; nothing was stored") from error
        given.append(
            SurveyGiven(ask.kind, one.at, score, scale, one.comment.strip(), email, one.properties, one.id)
        )
    return given


def _asked(site: Site, ask: SummaryAsk) -> tuple[Topic, Asked]:
    topic, now = _topic(site, ask.topic), site.clock.now()
    until = ask.until or now
    since = ask.since or until - USUAL_STRETCH
    if since >= until:
        raise HTTPException(400, "since: must be before until")
    return topic, Asked(topic.name, since, until, ZoneInfo(topic.timezone), ask.step, now)


def _topic(site: Site, name: str) -> Topic:
    topic = site.topic(name)
    if topic is None:
        known = ", ".join(one.name for one in site.topics)
        raise HTTPException(400, f"topic: there is no topic called {name!r}; there are: {known}")
    return topic


def _comments(responses: list[SurveyResponse]) -> list[SurveyResponse]:
    """Newest first."""
    return [one for one in reversed(responses) if one.comment][:SHOWN_COMMENTS]


def _implied_figure(one: ImpliedNps) -> Figure:
    """The implied NPS in the shape of a surveyed one, so that both are drawn alike."""
    empty = figure(SurveyKind.NPS, SCALES[SurveyKind.NPS], ())
    size = one.promoters + one.passives + one.detractors
    return Figure(empty.kind, empty.scale, size, one.nps, one.low, one.high, ())


def _names(site: Site, numbers: set[int | None]) -> Mapping[int, str]:
    """Names of the advocates whom a standing consent lets us recognise."""
    found = {}
    for number in numbers:
        advocate = site.store.advocate(number) if number is not None else None
        if advocate is not None and number is not None:
            found[number] = advocate.author.name or advocate.author.handle or advocate.author.external_id
    return found
