"""Crises: the list, one of them with its evidence and timeline, and a person's word on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from listener.web import charts, who
from listener.web.charts import Chart
from listener.web.pages.topic import story_sizes
from listener.web.periods import slots, span_window
from listener.web.reasons import IncidentCard
from listener.web.site import Site
from listener.web.view import View
from listener.web.who import Name
from storage.notices import Delivery, Notification
from storage.types import Incident, IncidentState, Mention

BEFORE, LONGEST = timedelta(hours=24), timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of an incident's timeline."""

    at: datetime
    title: str
    note: str
    tone: str


def router(site: Site) -> APIRouter:
    pages = APIRouter()

    @pages.get("/incidents", response_class=HTMLResponse)
    def incident_list(request: Request) -> HTMLResponse:
        view = site.view(request)
        asked = request.query_params.get("state", "")
        state = IncidentState(asked) if asked in set(IncidentState) else None
        found = site.store.incidents(state=state, limit=200)
        cards = [view.incident_card(one) for one in found]
        return site.page(
            request, "incidents.html", view=view, cards=cards, state=state.value if state else ""
        )

    @pages.get("/incidents/{incident_id}", response_class=HTMLResponse)
    def incident_page(incident_id: int, request: Request) -> HTMLResponse:
        incident = _known(site, incident_id)
        return _page(site, request, incident)

    @pages.post("/incidents/{incident_id}/acknowledge")
    def acknowledge(incident_id: int, by: Annotated[Name, Form()]) -> RedirectResponse:
        done = site.store.acknowledge(_number(site, incident_id), by, site.clock.now())
        return _back(site, incident_id, by, "acknowledged" if done else "late")

    @pages.post("/incidents/{incident_id}/resolve")
    def resolve(incident_id: int, by: Annotated[Name, Form()]) -> RedirectResponse:
        done = site.store.resolve(_number(site, incident_id), by, site.clock.now())
        return _back(site, incident_id, by, "resolved" if done else "late")

    return pages


def _known(site: Site, incident_id: int) -> Incident:
    found = site.store.incident(incident_id) if 0 < incident_id < 2**63 else None
    if found is None:
        raise HTTPException(404)
    return found


def _number(site: Site, incident_id: int) -> int:
    return _known(site, incident_id).id or incident_id


def _back(site: Site, incident_id: int, by: str, done: str) -> RedirectResponse:
    response = RedirectResponse(f"/incidents/{incident_id}?done={done}", 303)
    who.remember(site, response, by)
    return response


def _page(site: Site, request: Request, incident: Incident) -> HTMLResponse:
    view = site.view(request)
    zone = view.zone(incident.topic)
    evidence = site.store.mentions_by_id(incident.evidence[:50])
    card = view.incident_card(incident)
    done = request.query_params.get("done", "")
    return site.page(
        request,
        "incident.html",
        view=view,
        incident=incident,
        zone=zone,
        card=card,
        chart=_chart(site, incident),
        evidence=evidence,
        sizes=story_sizes(site.store, incident.topic, evidence),
        roles=roles(view, evidence),
        timeline=timeline(view, incident, evidence, _told(site, incident)),
        brief=brief(view, card, evidence, site.config.base_url, zone),
        who=who.remembered(request),
        done=view.words(f"done.{done}") if done in {"acknowledged", "resolved", "late"} else "",
    )


def _chart(site: Site, incident: Incident) -> Chart:
    """Hour by hour from a day before it began to its end or now, seven days at most."""
    start = incident.opened_at - BEFORE
    end = min(incident.resolved_at or site.clock.now(), incident.opened_at + LONGEST)
    view = span_window(start, end, hours=1 if end - start < timedelta(days=3) else 6)
    bars = slots(site.store.buckets(incident.topic, view.start, view.edges[-1]), view)
    return charts.build(bars, view, incidents=[incident])


def _told(site: Site, incident: Incident) -> list[Notification]:
    """The notifications about this incident: their alert's key begins with the incident's."""
    every = site.store.notifications(1000, incident.topic)
    return [one for one in every if one.alert_key.startswith(f"{incident.key}/")]


def roles(view: View, evidence: Sequence[Mention]) -> dict[int | None, str]:
    """Who began it, and who carries it furthest; one mention may be both."""
    found: dict[int | None, list[str]] = {}
    if evidence:
        first = min(evidence, key=lambda one: one.post.created_at)
        found.setdefault(first.id, []).append(view.words("role.first"))
    known = [one for one in evidence if one.post.author and one.post.author.followers]
    if known:
        loudest = max(known, key=lambda one: (one.post.author and one.post.author.followers) or 0)
        found.setdefault(loudest.id, []).append(view.words("role.loudest"))
    return {mention_id: view.words("list.comma").join(names) for mention_id, names in found.items()}


def timeline(
    view: View, incident: Incident, evidence: Sequence[Mention], told: Sequence[Notification]
) -> list[Step]:
    """What happened, the latest first."""
    t = view.words
    steps = [Step(incident.opened_at, t("timeline.opened"), "", "open")]
    if evidence:
        first = min(evidence, key=lambda one: one.post.created_at).post
        steps.append(Step(first.created_at, t("timeline.first"), view.platform(first.platform), "plain"))
    for one in told:
        note = one.error if one.state in {Delivery.FAILED, Delivery.RETRY} else one.title
        title = t("timeline.told", channel=one.channel, state=t(f"delivery.{one.state.value}"))
        steps.append(Step(one.created_at, title, note, one.state.value))
    if incident.state == IncidentState.ACKNOWLEDGED:
        steps.append(
            Step(incident.updated_at, t("timeline.taken", name=incident.acknowledged_by), "", "taken")
        )
    if incident.resolved_at:
        steps.append(Step(incident.resolved_at, t("timeline.resolved"), "", "resolved"))
    return sorted(steps, key=lambda step: step.at, reverse=True)


def brief(view: View, card: IncidentCard, evidence: Sequence[Mention], base_url: str, zone: tzinfo) -> str:
    """The first report as plain text, ready to paste: what we know, since when, where to look."""
    t, incident = view.words, card.incident
    lines = [
        t("brief.head", brand=view.brand(incident.topic), severity=view.severity(incident.severity.value)),
        t("brief.since", when=view.clock(incident.opened_at, zone)),
        t("brief.state", state=t(f"state.{incident.state.value}"), now=view.clock(view.now, zone)),
        *(t("brief.reason", reason=reason) for reason in card.reasons),
    ]
    if evidence:
        first = min(evidence, key=lambda one: one.post.created_at).post
        where = f"{view.platform(first.platform)} {view.web_link(first.url)}".strip()
        lines.append(t("brief.first", when=view.clock(first.created_at, zone), where=where))
    lines.append(t("brief.link", url=f"{base_url}/incidents/{incident.id}"))
    return "\n".join(lines)
