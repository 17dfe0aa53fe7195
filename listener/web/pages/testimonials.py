"""Testimonials: the sentences worth quoting, who allows it, what was published where; page, downloads, JSON."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Form, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from alerts import quotes
from alerts.quotes import Quote, State
from alerts.testimonials import LONGEST
from listener import quoting
from listener.web import quote_view, who
from listener.web.site import Site
from listener.web.who import Name
from storage.quotes import Choice, Curation, Publication, QuoteError

HOME = "/programme/testimonials"
READ = 5000  # newest mentions of praise a topic; the page says when there were more
SHOWN = 100
DONE = ("approved", "hidden", "undecided", "cut", "published", "down")
PROBLEMS = ("cut", "long", "place", "future", "consent", "unknown", "down")
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]
Day = Annotated[date | None, BeforeValidator(lambda value: value or None)]


class Wanted(BaseModel):
    """Which sentences."""

    model_config = ConfigDict(frozen=True)

    topic: str = ""
    permission: State | Literal[""] = ""
    q: str = ""
    hidden: bool = False


class Ask(BaseModel):
    """GET /api/testimonials."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    topic: str | None = None
    permission: State | None = None
    q: str = ""
    limit: int = Field(100, ge=1, le=500)
    offset: int = Field(0, ge=0, le=1_000_000)


def router(site: Site) -> APIRouter:
    pages = APIRouter(prefix=HOME)
    _reading(pages, site)
    _deciding(pages, site)
    _publishing(pages, site)
    return pages


def api(site: Site) -> APIRouter:
    routes = APIRouter(prefix="/api/testimonials")

    @routes.get("")
    def listed(request: Request, ask: Annotated[Ask, Query()]) -> dict[str, Any]:
        view = site.view(request, bare=True)
        if ask.topic is not None and site.topic(ask.topic) is None:
            known = ", ".join(topic.name for topic in site.topics)
            raise HTTPException(400, f"topic: there is no topic called {ask.topic!r}; there are: {known}")
        wanted = Wanted(topic=ask.topic or "", permission=ask.permission or "", q=ask.q)
        found, cut_short = _found(site, wanted, view.now)
        shown = found[ask.offset : ask.offset + ask.limit]
        rows = [quote_view.shape(one, view) for one in shown]
        return {"total": len(found), "cut_short": cut_short, "testimonials": rows}

    return routes


def _reading(pages: APIRouter, site: Site) -> None:
    @pages.get("", response_class=HTMLResponse)
    def overview(request: Request) -> HTMLResponse:
        view, asked = site.view(request), request.query_params
        wanted = _wanted(request)
        found, cut_short = _found(site, wanted, view.now)
        done, problem = asked.get("done", ""), asked.get("problem", "")
        return site.page(
            request,
            "testimonials.html",
            view=view,
            cards=[quote_view.card(one, view) for one in found[:SHOWN]],
            more=max(0, len(found) - SHOWN),
            cut_short=cut_short,
            read=READ,
            total=len(found),
            ready=len(quote_view.publishable(found, view.now)),
            down=site.store.testimonials.to_take_down(view.now),
            wanted=wanted,
            topics=[topic for topic in site.topics if topic.own],
            states=[one.value for one in State],
            filters=urlencode(wanted.model_dump(exclude={"hidden"}, exclude_defaults=True)),
            who=who.remembered(request),
            done=view.words(f"testimonials.done.{done}") if done in DONE else "",
            problem=view.words(f"testimonials.problem.{problem}") if problem in PROBLEMS else "",
        )

    @pages.get("/export/{form}")
    def export(form: Literal["csv", "json", "html"], request: Request) -> Response:
        view = site.view(request, bare=True)
        found, _ = _found(site, _wanted(request), view.now)
        return Response(
            quote_view.download(form, found, view),
            media_type=quote_view.FORMS[form],
            headers={"Content-Disposition": f'attachment; filename="testimonials.{form}"'},
        )


def _deciding(pages: APIRouter, site: Site) -> None:
    @pages.post("/{mention_id}/choice")
    def choose(
        mention_id: int, by: Annotated[Name, Form()], choice: Annotated[Choice, Form()]
    ) -> RedirectResponse:
        one = _known(site, mention_id)
        _curate(site, one, choice, (one.found.start, one.found.end), by)
        return _back(site, f"done={choice.value}", by, mention_id)

    @pages.post("/{mention_id}/cut")
    def recut(
        mention_id: int, by: Annotated[Name, Form()], words: Annotated[Text, Form()]
    ) -> RedirectResponse:
        one = _known(site, mention_id)
        place = quotes.cut(one.full_text, words)
        if place is None:
            return _back(site, "problem=cut", by, mention_id)
        if place[1] - place[0] > LONGEST:
            return _back(site, "problem=long", by, mention_id)
        _curate(site, one, one.choice, place, by)
        return _back(site, "done=cut", by, mention_id)


def _publishing(pages: APIRouter, site: Site) -> None:
    @pages.post("/{mention_id}/published")
    def published(
        mention_id: int,
        by: Annotated[Name, Form()],
        place: Annotated[Line, Form()] = "",
        on: Annotated[Day, Form()] = None,
    ) -> RedirectResponse:
        one, now = _known(site, mention_id), site.clock.now()
        today = now.astimezone(site.zone()).date()
        at = now if on in (None, today) else datetime.combine(on or today, time(12), site.zone())
        found = one.found
        note = Publication(one.advocate_id or 0, mention_id, found.topic, found.quote, place, at, by)
        try:
            if one.choice is Choice.HIDDEN or one.state is not State.GRANTED:
                raise QuoteError("consent")
            site.store.testimonials.publish(note, now)
        except QuoteError as problem:
            return _back(site, f"problem={problem.code}", by, mention_id)
        return _back(site, "done=published", by, mention_id)

    @pages.post("/published/{publication_id}/down")
    def down(publication_id: int, by: Annotated[Name, Form()]) -> RedirectResponse:
        known = 0 < publication_id < 2**63
        ended = known and site.store.testimonials.take_down(publication_id, by=by, now=site.clock.now())
        return _back(site, "done=down" if ended else "problem=down", by)


def _wanted(request: Request) -> Wanted:
    """What the address asks for; a value that does not exist asks for nothing."""
    asked = request.query_params
    permission = asked.get("permission", "")
    return Wanted(
        topic=asked.get("topic", ""),
        permission=State(permission) if permission in set(State) else "",
        q=asked.get("q", "").strip()[:200],
        hidden=asked.get("hidden") == "true",
    )


def _found(site: Site, wanted: Wanted, now: datetime) -> tuple[list[Quote], bool]:
    names = {topic.name for topic in site.topics if topic.own and wanted.topic in ("", topic.name)}
    found = quoting.library(site.store, site.config, now, names, most=READ)
    needle = wanted.q.casefold()
    kept = [
        one
        for one in found.quotes
        if wanted.permission in ("", one.state)
        and (one.choice is Choice.HIDDEN) == wanted.hidden
        and needle in one.found.quote.casefold()
    ]
    return kept, found.cut_short


def _known(site: Site, mention_id: int) -> Quote:
    found = quoting.one_quote(site.store, site.config, site.clock.now(), mention_id)
    if found is None:
        raise HTTPException(404)
    return found


def _curate(site: Site, one: Quote, choice: Choice, place: tuple[int, int], by: str) -> None:
    start, end = place
    number, now = one.found.mention_id or 0, site.clock.now()
    site.store.testimonials.curate(Curation(number, choice, start, end, one.full_text[start:end], by, now))


def _back(site: Site, said: str, by: str, mention_id: int | None = None) -> RedirectResponse:
    place = "" if mention_id is None else f"#quote-{mention_id}"
    response = RedirectResponse(f"{HOME}?{said}{place}", 303)
    who.remember(site, response, by)
    return response
