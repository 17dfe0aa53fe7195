"""The first page: what needs me now, then how each topic does."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from listener.web.lights import troubled
from listener.web.pages.topic import story_sizes
from listener.web.periods import DEFAULT_PERIOD, PERIODS, window
from listener.web.site import Site
from listener.web.summary import TopicCard, newest_open, shares, topic_card
from listener.web.urgency import worth_a_look
from storage.db import MentionFilter
from storage.notices import Delivery
from storage.types import Advocate, Incident, Mention, Stage

WORTH_SPAN = timedelta(hours=48)
RECENT_FAILURE = timedelta(hours=24)


def router(site: Site) -> APIRouter:
    pages = APIRouter()

    @pages.get("/", response_class=HTMLResponse)
    def overview(request: Request) -> HTMLResponse:
        view = site.view(request)
        code = request.query_params.get("period", DEFAULT_PERIOD)
        period = code if code in PERIODS else DEFAULT_PERIOD
        cards = _cards(site, period)
        lights = site.lights()
        worth = _mentions(site)
        return site.page(
            request,
            "overview.html",
            view=view,
            period=period,
            cards=cards,
            shares=shares(cards),
            incidents=[view.incident_card(one) for one in newest_open(_speaking(site))],
            troubled=troubled(lights),
            lights=lights,
            last_ok=max((light.last_ok_at for light in lights if light.last_ok_at), default=None),
            failed_notifications=_failed(site),
            mentions=worth,
            sizes=_sizes(site, worth),
            advocates=_advocates(site),
        )

    return pages


def _speaking(site: Site) -> list[Incident]:
    """What is not resolved, without those that another one speaks for."""
    silent = site.store.casebook.silent()
    return [one for one in site.store.open_incidents() if one.id not in silent]


def _cards(site: Site, period: str) -> list[TopicCard]:
    now = site.clock.now()
    return [
        topic_card(
            site.store,
            topic,
            site.zone(topic),
            window(PERIODS[period], now, site.zone(topic)),
            small=not topic.own,
        )
        for topic in site.topics
    ]


def _mentions(site: Site) -> list[Mention]:
    """From the last two days of our own topics, the most urgent."""
    now = site.clock.now()
    found: list[Mention] = []
    for topic in site.topics:
        if topic.own:
            found += site.store.mentions(MentionFilter(topic=topic.name, since=now - WORTH_SPAN), 200)
    return worth_a_look(found, now, 6)


def _sizes(site: Site, mentions: list[Mention]) -> dict[int, int]:
    """How many mentions each of the shown stories has."""
    found: dict[int, int] = {}
    for one in mentions:
        found |= story_sizes(site.store, one.topic, [one])
    return found


def _advocates(site: Site) -> list[Advocate]:
    """The best whom nobody has looked at yet."""
    own = {topic.name for topic in site.topics if topic.own}
    best = site.store.advocates(limit=100)
    fresh = [one for one in best if one.stage == Stage.CANDIDATE and one.organic and one.topic in own]
    return fresh[:5]


def _failed(site: Site) -> int:
    """How many alerts of the last day did not reach their channel for good."""
    since = site.clock.now() - RECENT_FAILURE
    return sum(
        1 for one in site.store.notifications(200) if one.state == Delivery.FAILED and one.updated_at >= since
    )
