"""Advocates: the ranking, and one of them: the sum behind the score, the journey, consents, whose doing a post is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from alerts import journey
from alerts.advocacy.fit import Suggestion
from listener import segmenting
from listener.web import segment_view, who
from listener.web.language import Words
from listener.web.pages.journeys import DONE, PROBLEMS, known
from listener.web.reasons import organic_reason
from listener.web.site import Site
from listener.web.view import View
from storage.consents import Scope, standing
from storage.db import MentionFilter
from storage.journeys import ENROLLED, Journey, Step, StepKind, tasks
from storage.types import Advocate, Contribution, Mention, Stage, Topic

STAGES = tuple(stage.value for stage in Stage)
TONES = {StepKind.MOVED: "sent", StepKind.CONSENT: "resolved", StepKind.OPT_OUT: "failed"}


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
        owner, tag, segments = asked.get("owner", ""), asked.get("tag", ""), site.store.segments.every()
        segment = next((one for one in segments if str(one.id) == asked.get("segment")), None)
        if segment is None:
            found = site.store.advocates(topic or None, limit=500)
        else:
            people = segmenting.members(site.store, site.config, site.clock.now(), segment.wanted)
            found = [one.advocate for one in people if topic in ("", one.advocate.topic)]
        journeys = site.store.people.journeys([one.id or 0 for one in found])
        if organic in {"yes", "no"}:
            found = [one for one in found if one.organic == (organic == "yes")]
        if stage in STAGES:
            found = [one for one in found if one.stage.value == stage]
        if owner:
            found = [one for one in found if journeys[one.id or 0].owner == owner]
        tags = sorted({tag for one in journeys.values() for tag in one.tags})
        if tag:
            found = [one for one in found if tag in journeys[one.id or 0].tags]
        return site.page(
            request,
            "advocates.html",
            advocates=found[:200],
            topics=site.topics,
            topic=topic,
            organic=organic,
            stage=stage,
            stages=STAGES,
            owner=owner,
            owners=site.store.people.owners(),
            tag=tag,
            tags=tags,
            segments=segments,
            segment=segment,
            journeys=journeys,
        )

    @pages.get("/advocates/{advocate_id}", response_class=HTMLResponse)
    def advocate_page(advocate_id: int, request: Request) -> HTMLResponse:
        return _page(site, request, known(site, advocate_id))

    return pages


def score_parts(advocate: Advocate) -> list[ScorePart]:
    """What speaks for the person, then what speaks against, the weightiest first."""
    ordered = sorted(advocate.contributions, key=lambda one: (one.points < 0, -abs(one.points)))
    largest = max((abs(one.points) for one in ordered), default=0) or 1
    return [ScorePart(one, abs(one.points) / largest * 100) for one in ordered]


def _page(site: Site, request: Request, advocate: Advocate) -> HTMLResponse:
    view, number, people = site.view(request), advocate.id or 0, site.store.people
    author = f"{advocate.author.platform}:{advocate.author.external_id}"
    mentions = site.store.mentions(MentionFilter(topic=advocate.topic, author=author), 50)
    way, steps, ledger = people.journeys([number])[number], people.history(number), people.ledger(number)
    stands = standing(ledger, view.now)
    suggestion = _suggestion(site, advocate)
    done, problem = _said(request, view)
    return site.page(
        request,
        "advocate.html",
        view=view,
        advocate=advocate,
        parts_of_score=score_parts(advocate),
        fits=segment_view.fit_cards(suggestion, view.words),
        fit_none=segment_view.none_text(suggestion, view.words),
        reasons=[organic_reason(reason, view.words) for reason in advocate.organic_reasons],
        mentions=mentions,
        known={mention.id for mention in mentions},
        zone=view.zone(advocate.topic),
        roles=_roles(mentions, way, advocate.stage, view.words),
        way=way,
        next_steps=journey.next_steps(advocate.stage),
        may_consent=journey.may_consent(advocate.stage),
        stands=stands,
        enrolled_without=stands is None and advocate.stage in ENROLLED,
        scopes=[one.value for one in Scope],
        ledger=ledger[::-1],
        take_down=site.store.testimonials.to_take_down(view.now, number),
        tasks=[(one, journey.urgency(one, view.now)) for one in tasks(steps)],
        steps=[(one, _title(one, view.words), TONES.get(one.kind, "")) for one in steps[::-1]],
        wording=site.config.privacy.consent_wording,
        who=who.remembered(request),
        done=done,
        problem=problem,
    )


def _suggestion(site: Site, advocate: Advocate) -> Suggestion:
    topic = site.topic(advocate.topic) or Topic(advocate.topic, advocate.topic)
    settings = site.config.thresholds.advocate
    return segmenting.suggestions(site.store, topic, [advocate], settings, site.clock.now())[0]


def _said(request: Request, view: View) -> tuple[str, str]:
    """What the last form did, or why it did nothing."""
    done, problem = request.query_params.get("done", ""), request.query_params.get("problem", "")
    said = view.words(f"done.{done}" if done == "stage" else f"people.done.{done}") if done in DONE else ""
    return said, view.words(f"people.problem.{problem}") if problem in PROBLEMS else ""


def _roles(mentions: Sequence[Mention], way: Journey, stage: Stage, words: Words) -> dict[int | None, str]:
    """Which posts are the programme's doing, and which of them do not say so."""
    found = {}
    for one in mentions:
        if stage is not Stage.LEFT and journey.lacks_disclosure(one, way.contacted_at):
            found[one.id] = words("people.undisclosed")
        elif journey.is_programme(one, way.contacted_at):
            found[one.id] = words("people.programme")
    return found


def _title(step: Step, words: Words) -> str:
    """A line of the history."""
    said = step.values
    if step.kind is StepKind.MOVED:
        return words(
            "people.step.moved", start=words(f"stage.{said['from']}"), end=words(f"stage.{said['to']}")
        )
    if step.kind is StepKind.OWNER:
        return (
            words("people.step.owner", name=said["owner"]) if said["owner"] else words("people.step.no_owner")
        )
    if step.kind is StepKind.TAGS:
        tags = words("people.comma").join(said["tags"])
        return words("people.step.tags", tags=tags) if tags else words("people.step.no_tags")
    if step.kind is StepKind.CONSENT:
        return words(f"people.consent.{said['kind']}")
    return words(f"people.step.{step.kind.value}")
