"""What waits for a person, one mention with all that was said of it, and a person's word on it."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, ConfigDict, Field

from listener import review
from listener.web import who
from listener.web.pages.topic import story_sizes
from listener.web.security import local_path
from listener.web.site import Site
from listener.web.verdict import history_line
from listener.web.who import Name
from storage.types import DisclosureKind, Emotion, Label, Mention, SignalKind
from storage.verdicts import Correction, CorrectionKind, Labels

LATELY = 8
DONE = ("correct", "confirm", "irrelevant", "undo", "nothing", "nothing_to_undo")


class Word(BaseModel):
    """What every form says: who speaks, why, and the page to go back to."""

    model_config = ConfigDict(frozen=True)

    by: Name
    back: str = Field("/review", max_length=2000)
    note: str = Field("", max_length=500)


class Given(Word):
    """The fields of a correction; empty where a person left the judgement as it is."""

    sentiment: Label | Literal[""] = ""
    emotion: Emotion | Literal[""] = ""
    disclosure: DisclosureKind | Literal[""] = ""
    sarcasm: Literal["", "yes", "no"] = ""
    signals: tuple[SignalKind, ...] = ()
    signals_shown: str = Field("", max_length=500)


def router(site: Site) -> APIRouter:
    pages = APIRouter()
    _show(pages, site)
    _change(pages, site)
    return pages


def _show(pages: APIRouter, site: Site) -> None:
    @pages.get("/review", response_class=HTMLResponse)
    def waiting(request: Request) -> HTMLResponse:
        view, asked = site.view(request), request.query_params.get("topic", "")
        topics = [asked] if site.topic(asked) else review.own_topics(site.config)
        questions = review.questions(site.store, site.config, view.now, topics)
        return site.page(
            request,
            "review.html",
            view=view,
            questions=questions,
            sizes=_sizes(site, [one.mention for one in questions]),
            lately=site.store.judgements.corrected([topic.name for topic in site.topics], LATELY),
            topics=site.topics,
            topic=asked if site.topic(asked) else "",
            settings=site.config.review,
            who=who.remembered(request),
            rename="rename" in request.query_params,
            done=_done(site, request),
        )

    @pages.get("/mentions/{mention_id}", response_class=HTMLResponse)
    def mention_page(mention_id: int, request: Request) -> HTMLResponse:
        view, mention = site.view(request), _known(site, mention_id)
        said = site.store.judgements.corrections_of(mention_id)
        return site.page(
            request,
            "mention.html",
            view=view,
            mention=mention,
            sizes=_sizes(site, [mention]),
            zone=view.zone(mention.topic),
            history=[(one, history_line(one, view.words)) for one in reversed(said)],
            who=who.remembered(request),
            rename="rename" in request.query_params,
            done=_done(site, request),
        )


def _change(pages: APIRouter, site: Site) -> None:
    @pages.post("/mentions/{mention_id}/correct")
    def correct(mention_id: int, given: Annotated[Given, Form()]) -> RedirectResponse:
        labels = _labels(given)
        if not labels:
            _known(site, mention_id)
            return _back(site, given, "nothing")
        return _say(site, mention_id, CorrectionKind.CORRECT, given, labels)

    @pages.post("/mentions/{mention_id}/confirm")
    def confirm(mention_id: int, word: Annotated[Word, Form()]) -> RedirectResponse:
        return _say(site, mention_id, CorrectionKind.CONFIRM, word)

    @pages.post("/mentions/{mention_id}/irrelevant")
    def set_aside(mention_id: int, word: Annotated[Word, Form()]) -> RedirectResponse:
        return _say(site, mention_id, CorrectionKind.IRRELEVANT, word)

    @pages.post("/mentions/{mention_id}/undo")
    def undo(mention_id: int, word: Annotated[Word, Form()]) -> RedirectResponse:
        return _say(site, mention_id, CorrectionKind.UNDO, word)


def _say(
    site: Site, mention_id: int, kind: CorrectionKind, word: Word, labels: Labels | None = None
) -> RedirectResponse:
    _known(site, mention_id)
    now, note = site.clock.now(), word.note.strip()
    said = Correction(mention_id, kind, word.by, now, labels or Labels(), note=note)
    told = review.correct(site.store, said, site.topics)
    return _back(site, word, kind.value if told else "nothing_to_undo")


def _labels(given: Given) -> Labels:
    """What the form says otherwise than it was shown; signals left as they were shown say nothing."""
    chosen = " ".join(sorted(one.value for one in given.signals))
    shown = " ".join(sorted(given.signals_shown.split()))
    return Labels(
        sentiment=given.sentiment or None,
        emotion=given.emotion or None,
        signals=None if chosen == shown else tuple(dict.fromkeys(given.signals)),
        disclosure=given.disclosure or None,
        sarcasm={"yes": True, "no": False}.get(given.sarcasm),
    )


def _back(site: Site, word: Word, done: str) -> RedirectResponse:
    """To the page the form was on, with a word about what happened."""
    path = local_path(word.back)
    response = RedirectResponse(f"{path}{'&' if '?' in path else '?'}done={done}", 303)
    who.remember(site, response, word.by)
    return response


def _known(site: Site, mention_id: int) -> Mention:
    found = site.store.mention(mention_id) if 0 < mention_id < 2**63 else None
    if found is None:
        raise HTTPException(404)
    return found


def _sizes(site: Site, mentions: list[Mention]) -> dict[int, int]:
    """How many mentions each of the shown stories has."""
    found: dict[int, int] = {}
    for one in mentions:
        found |= story_sizes(site.store, one.topic, [one])
    return found


def _done(site: Site, request: Request) -> str:
    done = request.query_params.get("done", "")
    return site.words(request)(f"done.{done}") if done in DONE else ""
