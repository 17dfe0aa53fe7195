"""One topic: its chart, and its mentions with filters that live in the address."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse

from listener.web.filters import PAGE_SIZE, MentionQuery, lenient, moment, page_number
from listener.web.periods import DEFAULT_PERIOD, PERIODS, window
from listener.web.site import Site
from listener.web.summary import newest_open, topic_card
from listener.web.view import View
from storage.db import MentionFilter, Store
from storage.types import DisclosureKind, Label, Mention, SignalKind, Topic

LANGUAGES = ("ja", "en")
Choices = list[tuple[str, list[tuple[str, str]]]]


@dataclass(frozen=True, slots=True)
class MentionPage:
    mentions: list[Mention]
    total: int
    number: int

    @property
    def last(self) -> int:
        return max(1, -(-self.total // PAGE_SIZE))


def router(site: Site) -> APIRouter:
    pages = APIRouter()

    @pages.get("/topics/{name}", response_class=HTMLResponse)
    def topic_page(name: str, request: Request) -> HTMLResponse:
        topic = site.topic(name)
        if topic is None:
            raise HTTPException(404)
        view, zone = site.view(request), site.zone(topic)
        query, dropped = lenient(request.query_params)
        if query.period is None and query.since is None and query.until is None:
            query = query.model_copy(update={"period": DEFAULT_PERIOD})
        chart_period = query.period if query.period in PERIODS else _chart_period(request, query)
        shown = window(PERIODS[chart_period], view.now, zone)
        found = mention_page(site.store, query.where(topic.name, view.now, zone), request)
        incidents = newest_open(site.store.open_incidents(topic.name))
        return site.page(
            request,
            "topic.html",
            view=view,
            card=topic_card(site.store, topic, zone, shown),
            chart_period=chart_period,
            incidents=[view.incident_card(one) for one in incidents],
            query=form_values(query),
            since_date=_date_field(query.since, zone),
            until_date=_date_field(query.until, zone, end=True),
            selects=selects(site, view, topic),
            chosen=chosen(view, query, zone),
            dropped=[view.words(f"filter.{name}") for name in dropped],
            page=found,
            sizes=story_sizes(site.store, topic.name, found.mentions),
        )

    return pages


def mention_page(store: Store, where: MentionFilter, request: Request) -> MentionPage:
    """The page asked for, or the last one there is."""
    total = store.count(where)
    last = max(1, -(-total // PAGE_SIZE))
    number = min(page_number(request.query_params.get("page")), last)
    return MentionPage(store.mentions(where, PAGE_SIZE, (number - 1) * PAGE_SIZE), total, number)


def story_sizes(store: Store, topic: str, mentions: Iterable[Mention]) -> dict[int, int]:
    """How many mentions each shown story has in all."""
    stories = {mention.story for mention in mentions if mention.story is not None}
    return {story: store.count(MentionFilter(topic=topic, story=story)) for story in stories}


def form_values(query: MentionQuery) -> dict[str, Any]:
    """The filter by the names that its form and addresses use."""
    return query.model_dump(by_alias=True, mode="json")


def selects(site: Site, view: View, topic: Topic) -> Choices:
    """The lists of the filter form. Platforms are those that brought something in the last year."""
    t = view.words
    platforms = site.store.platforms(
        topic.name, view.now - timedelta(days=366), view.now + timedelta(hours=1)
    )
    return [
        ("sentiment", [(one.value, t(f"sentiment.{one.value}")) for one in Label]),
        ("signal", [(one.value, t(f"signal.{one.value}")) for one in SignalKind]),
        ("platform", [(code, view.platform(code)) for code in platforms]),
        ("disclosure", [(one.value, t(f"disclosure.{one.value}")) for one in DisclosureKind]),
        ("text_lang", [(code, t(f"language.{code}")) for code in LANGUAGES]),
    ]


def chosen(view: View, query: MentionQuery, zone: tzinfo) -> list[tuple[str, str]]:
    """The filters in force as (parameter, words); the period has its own switch."""
    t = view.words
    named = {
        "q": query.q and t("filter.quoted", text=query.q),
        "sentiment": query.sentiment and t(f"sentiment.{query.sentiment.value}"),
        "signal": query.signal and t(f"signal.{query.signal.value}"),
        "platform": query.platform and view.platform(query.platform),
        "source": query.source and f"{t('source.one')}: {query.source}",
        "author": query.author and f"{t('filter.author')}: {query.author}",
        "disclosure": query.disclosure and t(f"disclosure.{query.disclosure.value}"),
        "text_lang": query.lang and view.words.name("language", query.lang),
        "story": None if query.story is None else t("filter.story"),
        "since": query.since and f"{t('filter.since')} {_edge(view, query.since, zone)}",
        "until": query.until and f"{t('filter.until')} {_edge(view, query.until, zone)}",
    }
    return [(name, label) for name, label in named.items() if label]


def _edge(view: View, value: date | datetime, zone: tzinfo) -> str:
    at = moment(value, zone)
    if at is None:
        return ""
    words = view.clock(at, zone)
    return words if isinstance(value, datetime) else words.rsplit(" ", 1)[0]


def _chart_period(request: Request, query: MentionQuery) -> str:
    """The chart shows the period of the list; "all" and free dates get the longest."""
    return "90d" if query.period == "all" or query.since or query.until else DEFAULT_PERIOD


def _date_field(value: date | datetime | None, zone: tzinfo, *, end: bool = False) -> str:
    """For an input of type date; the end of a span is shown as its last day."""
    if isinstance(value, datetime):
        local = (moment(value, zone) or value).astimezone(zone)
        return f"{(local - timedelta(seconds=1) if end else local):%Y-%m-%d}"
    return value.isoformat() if value else ""
