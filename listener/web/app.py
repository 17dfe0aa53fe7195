"""The page put together: guard, routes, static files, friendly errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from listener.clock import Clock
from listener.http import Fetcher
from listener.web import api, errors, slack
from listener.web.explaining import Explainer
from listener.web.pages import (
    acting,
    advocates,
    explanation,
    handover,
    impact,
    incidents,
    journeys,
    login,
    logs,
    notifications,
    overview,
    prospects,
    review,
    segments,
    silences,
    surveys,
    testimonials,
    topic,
)
from listener.web.security import Guard, Password
from listener.web.site import STATIC, Site
from storage.db import Store

if TYPE_CHECKING:
    from listener.config import Config
    from nlp.analyze import Analyzer


def create_app(
    *,
    store: Store,
    config: Config,
    clock: Clock,
    analyzer: Analyzer | None = None,
    http: Fetcher | None = None,
) -> FastAPI:
    """The ASGI application. On a person's word it changes an incident, a stage or a judgement; else it reads."""
    site = Site(store, config, clock, analyzer.model_name if analyzer else "")
    password = Password(site)
    # The stock documentation pages load scripts from elsewhere, so they stay off; the schema is ours.
    app = FastAPI(title="Kikimimi", docs_url=None, redoc_url=None, openapi_url="/api/openapi.json")
    app.include_router(api.health(site))
    app.include_router(login.router(site, password), include_in_schema=False)
    for part in (overview, topic, review, incidents, advocates, journeys, logs, notifications, silences):
        app.include_router(part.router(site), include_in_schema=False)
    app.include_router(segments.router(site), include_in_schema=False)
    app.include_router(impact.router(site), include_in_schema=False)
    app.include_router(surveys.router(site), include_in_schema=False)
    app.include_router(prospects.router(site), include_in_schema=False)
    for part in (testimonials, handover):
        app.include_router(part.router(site), include_in_schema=False)
    app.include_router(acting.router(site), include_in_schema=False)
    app.include_router(slack.router(site, http), include_in_schema=False)
    explainer = Explainer(config, analyzer)
    app.include_router(explanation.router(site, explainer), include_in_schema=False)
    app.include_router(explanation.api(site, explainer))
    app.include_router(segments.api(site))
    app.include_router(impact.api(site))
    app.include_router(prospects.api(site))
    app.include_router(silences.api(site))
    app.include_router(surveys.api(site))
    app.include_router(testimonials.api(site))
    app.include_router(api.router(site))
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    errors.install(app, site)
    app.add_middleware(Guard, site=site, password=password)
    return app
