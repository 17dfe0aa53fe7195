"""Handing over: how each export stands, who would go and why others would not, running one; the letters' drafts.

All of it goes through `listener.handing`, as the command does: consent is asked for there and nowhere else.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from alerts.exports import ExportConfig, ExportError
from alerts.exports.csv_file import CsvExportConfig
from alerts.outreach import Draft, Purpose
from alerts.words_handover import explain
from listener import handing
from listener.handing import Wish
from listener.lettering import Letter, LetterError, letter
from listener.web import who
from listener.web.handing_runs import Runs
from listener.web.site import Site
from listener.web.who import Name
from storage.transfers import Transfer, TransferState
from storage.types import Advocate

HOME = "/programme/handover"
FILE = "(--out)"
PATIENCE = 8.0  # seconds a browser waits for a run before it is told that the run goes on
SHOWN = 200
DONE = ("ran", "started")
PROBLEMS = ("busy", "file")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in a list: who (None: erased, or not stored any more), how it stands, why, and what was said."""

    advocate: Advocate | None
    number: int
    state: str
    reason: str
    transfer: Transfer | None = None
    content: tuple[tuple[str, str], ...] = ()


def router(site: Site) -> APIRouter:
    pages, runs = APIRouter(prefix="/programme"), Runs(site)
    _running(pages, site, runs)
    _letters(pages, site)

    @pages.get("/handover", response_class=HTMLResponse)
    def overview(request: Request) -> HTMLResponse:
        view, asked = site.view(request), request.query_params
        standings = handing.standings(site.store, site.config)
        name = asked.get("export", "")
        stands = next((one for one in standings if one.name == name), standings[0] if standings else None)
        done, problem = asked.get("done", ""), asked.get("problem", "")
        chosen = _chosen(site, stands.name) if stands else None
        return site.page(
            request,
            "handover.html",
            view=view,
            standings=standings,
            stands=stands,
            running={one.name for one in standings if runs.running(one.name)},
            tried=_tried(site, stands.transfers, view.lang) if stands else [],
            failed=sum(one.state is not TransferState.SENT for one in stands.transfers) if stands else 0,
            who=who.remembered(request),
            done=view.words(f"handover.done.{done}") if done in DONE else "",
            problem=view.words(f"handover.problem.{problem}") if problem in PROBLEMS else "",
            **_plan(site, chosen, view.lang),
        )

    return pages


def _running(pages: APIRouter, site: Site, runs: Runs) -> None:
    @pages.post("/handover/run")
    def run(
        by: Annotated[Name, Form()],
        export: Annotated[str, Form()],
        what: Annotated[Literal["new", "unsent"], Form()] = "new",
        again: Annotated[bool, Form()] = False,
    ) -> RedirectResponse:
        chosen = _chosen(site, export)
        wish = Wish(handing.topics_of(site.config, chosen), again=again, unsent=what == "unsent")
        if not runs.start(chosen, wish, by):
            return _back(site, by, export=export, problem="busy")
        ended = runs.wait(export, PATIENCE)
        return _back(site, by, export=export, done="ran" if ended else "started")

    @pages.post("/handover/file")
    def file(by: Annotated[Name, Form()]) -> Response:
        """The same file as `kikimimi export-advocates --out`, written and noted in the same way."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "advocates.csv"
            chosen = CsvExportConfig(name=FILE, kind="csv", path=path)
            try:
                wish = Wish(handing.topics_of(site.config, chosen))
                done = handing.run(site.store, site.config, chosen, wish, site.clock, by=by)
            except ExportError:
                return _back(site, by, problem="file")
            if done.report is None or not done.report.complete:
                return _back(site, by, problem="file")
            content = path.read_bytes()
        response = Response(
            content,
            media_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": 'attachment; filename="advocates.csv"'},
        )
        who.remember(site, response, by)
        return response


def _letters(pages: APIRouter, site: Site) -> None:
    @pages.get("/letter/{advocate_id}", response_class=HTMLResponse)
    def draft(advocate_id: int, request: Request) -> HTMLResponse:
        view, asked = site.view(request), request.query_params
        purpose = asked.get("purpose", "")
        chosen = Purpose(purpose) if purpose in set(Purpose) else Purpose.QUOTE
        number = asked.get("mention", "")
        mention = int(number) if number.isascii() and number.isdigit() and len(number) < 19 else None
        language = asked.get("in", view.lang)
        wanted = Letter(
            advocate_id,
            chosen,
            language if language in ("ja", "en") else view.lang,
            mention,
            asked.get("sender", who.remembered(request))[:100],
            asked.get("contact", "")[:200],
        )
        found, problem = _draft(site, wanted)
        return site.page(
            request,
            "letter.html",
            view=view,
            wanted=wanted,
            draft=found,
            advocate=site.store.advocate(advocate_id),
            purposes=[one.value for one in Purpose],
            contact=wanted.contact or site.config.network.contact,
            problem=view.words(f"letter.problem.{problem}") if problem else "",
        )


def _draft(site: Site, wanted: Letter) -> tuple[Draft | None, str]:
    """The letter, or why there is none. An advocate who is not there is a page that is not there."""
    if wanted.purpose is Purpose.DISCLOSURE and wanted.mention is None:
        return None, "disclosure"
    try:
        return letter(site.store, site.config, wanted)[1], ""
    except LetterError as problem:
        if problem.code == "unknown":
            raise HTTPException(404) from problem
        return None, problem.code


def _plan(site: Site, chosen: ExportConfig | None, lang: str) -> dict[str, Any]:
    """The dry run: who would go, who stays and why, whom to delete there, who never said yes."""
    topics = [one.name for one in site.config.topics if one.own]
    if chosen is None:
        silent = handing.without_consent(site.store, topics, site.clock.now())
        return {"going": [], "staying": [], "gone": [], "silent": silent[:SHOWN], "stopped": ""}
    wish = Wish(handing.topics_of(site.config, chosen))
    silent = handing.without_consent(
        site.store, [one for one in topics if one in wish.topics], site.clock.now()
    )
    try:
        run = handing.dry_run(site.store, site.config, chosen, wish, site.clock)
    except ExportError as problem:
        return {"going": [], "staying": [], "gone": [], "silent": silent[:SHOWN], "stopped": problem.message}
    shape = handing.shape(run, lang)
    going = [
        _person(site, row["advocate"], "going", content=_flat(row["content"]))
        for row in shape["rows"][:SHOWN]
    ]
    staying = [_person(site, row["advocate"], "staying", row["reason"]) for row in shape["left"][:SHOWN]]
    gone = [
        replace(_person(site, one.advocate_id, "gone", explain("gone", lang)), transfer=one)
        for one in run.gone[:SHOWN]
    ]
    return {"going": going, "staying": staying, "gone": gone, "silent": silent[:SHOWN], "stopped": ""}


def _tried(site: Site, transfers: tuple[Transfer, ...], lang: str) -> list[Person]:
    """Everybody who was tried, those who did not arrive first."""
    ordered = sorted(transfers, key=lambda one: one.at, reverse=True)
    ordered.sort(key=lambda one: one.state is TransferState.SENT)
    return [
        replace(_person(site, one.advocate_id, one.state.value, explain(one.code, lang)), transfer=one)
        for one in ordered[:SHOWN]
    ]


def _person(
    site: Site, number: int, state: str, reason: str = "", content: tuple[tuple[str, str], ...] = ()
) -> Person:
    return Person(site.store.advocate(number), number, state, reason, content=content)


def _flat(content: Any, before: str = "") -> tuple[tuple[str, str], ...]:
    """What leaves, one line a field, whatever the other side's form nests."""
    if isinstance(content, dict):
        return tuple(
            pair
            for name, inner in content.items()
            for pair in _flat(inner, f"{before}.{name}" if before else str(name))
        )
    return ((before, str(content)),) if content not in ("", None) else ()


def _chosen(site: Site, name: str) -> ExportConfig:
    found = next((one for one in site.config.exports if one.name == name), None)
    if found is None:
        raise HTTPException(404)
    return found


def _back(site: Site, by: str, **said: str) -> RedirectResponse:
    response = RedirectResponse(f"{HOME}?{urlencode(said)}", 303)
    who.remember(site, response, by)
    return response
