"""What a person does with an advocate: the next step, consent, owner, notes, tasks, opting out.

Every form asks who is speaking. What may not be done comes back as a sentence on the page, never as an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Form, HTTPException
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints

from listener.web import who
from listener.web.site import Site
from listener.web.who import Name
from storage.consents import Consent, ConsentKind, Scope, standing
from storage.journeys import Step, StepKind
from storage.people import JourneyError
from storage.types import Advocate, Stage

Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)]
Mail = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=254, pattern=r"^([^@\s,;<>]+@[^@\s,;<>]+)?$")
]
Day = Annotated[date | None, BeforeValidator(lambda value: value or None)]  # an empty field is no date
DONE = ("stage", "consent", "withdrawn", "owner", "tags", "note", "task", "task_done", "opt_out", "opt_in")
PROBLEMS = (
    "move", "consent", "future", "scopes", "evidence", "not_contacted", "nothing_stands", "opted_out", "task",
)  # fmt: skip


class Move(BaseModel):
    model_config = ConfigDict(frozen=True)

    by: Name
    stage: Stage
    note: Text = ""


class Yes(BaseModel):
    """What somebody agreed to, how they said so, and what they had been shown."""

    model_config = ConfigDict(frozen=True)

    by: Name
    scopes: list[Scope] = []
    evidence: Text = ""
    wording: Text = ""
    on: Day = None
    until: Day = None
    email: Mail = ""
    name_given: Line = ""


class No(BaseModel):
    """What somebody takes back; no scope named: everything."""

    model_config = ConfigDict(frozen=True)

    by: Name
    scopes: list[Scope] = []
    evidence: Text = ""


class Owner(BaseModel):
    model_config = ConfigDict(frozen=True)

    by: Name
    owner: Annotated[str, StringConstraints(strip_whitespace=True, max_length=60)] = ""


class Tags(BaseModel):
    """Words between commas, Japanese ones too; an empty field takes all tags away."""

    model_config = ConfigDict(frozen=True)

    by: Name
    tags: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""

    @property
    def words(self) -> list[str]:
        return [word for word in (part.strip() for part in re.split("[,、，]", self.tags)) if word]


class Note(BaseModel):
    model_config = ConfigDict(frozen=True)

    by: Name
    kind: Literal["note", "contact"] = "note"
    text: Annotated[Text, StringConstraints(min_length=1)]


class NewTask(BaseModel):
    model_config = ConfigDict(frozen=True)

    by: Name
    title: Annotated[Line, StringConstraints(min_length=1)]
    due: Day = None


def router(site: Site) -> APIRouter:
    pages = APIRouter(prefix="/advocates/{advocate_id}")
    _steps(pages, site)
    _tasks(pages, site)
    _consents(pages, site)
    return pages


def _steps(pages: APIRouter, site: Site) -> None:
    @pages.post("/stage")
    def set_stage(advocate_id: int, given: Annotated[Move, Form()]) -> RedirectResponse:
        def move(now: datetime) -> None:
            site.store.people.move(advocate_id, given.stage, by=given.by, now=now, note=given.note)

        return _answer(site, advocate_id, given.by, "stage", move)

    @pages.post("/owner")
    def set_owner(advocate_id: int, given: Annotated[Owner, Form()]) -> RedirectResponse:
        def own(now: datetime) -> None:
            site.store.people.set_owner(advocate_id, given.owner, by=given.by, now=now)

        return _answer(site, advocate_id, given.by, "owner", own)

    @pages.post("/tags")
    def set_tags(advocate_id: int, given: Annotated[Tags, Form()]) -> RedirectResponse:
        def tag(now: datetime) -> None:
            site.store.people.set_tags(advocate_id, given.words, by=given.by, now=now)

        return _answer(site, advocate_id, given.by, "tags", tag)

    @pages.post("/note")
    def add_note(advocate_id: int, given: Annotated[Note, Form()]) -> RedirectResponse:
        def write(now: datetime) -> None:
            site.store.people.write(Step(advocate_id, StepKind(given.kind), now, given.by, given.text))

        return _answer(site, advocate_id, given.by, "note", write)


def _tasks(pages: APIRouter, site: Site) -> None:
    @pages.post("/task")
    def add_task(advocate_id: int, given: Annotated[NewTask, Form()]) -> RedirectResponse:
        def write(now: datetime) -> None:
            due = {"due": _end_of(site, given.due).isoformat()} if given.due else {}
            site.store.people.write(Step(advocate_id, StepKind.TASK, now, given.by, given.title, due))

        return _answer(site, advocate_id, given.by, "task", write)

    @pages.post("/task/{task_id}/done")
    def end_task(advocate_id: int, task_id: int, by: Annotated[Name, Form()]) -> RedirectResponse:
        def write(now: datetime) -> None:
            step = Step(advocate_id, StepKind.DONE, now, by, values={"task": task_id})
            site.store.people.write(step)

        return _answer(site, advocate_id, by, "task_done", write)


def _consents(pages: APIRouter, site: Site) -> None:
    @pages.post("/consent")
    def consent(advocate_id: int, given: Annotated[Yes, Form()]) -> RedirectResponse:
        def record(now: datetime) -> None:
            stands = standing(site.store.people.ledger(advocate_id), now)
            kind = ConsentKind.CHANGED if stands else ConsentKind.GRANTED
            site.store.people.record(_consent(site, advocate_id, kind, given, now), now)

        return _answer(site, advocate_id, given.by, "consent", record)

    @pages.post("/withdraw")
    def withdraw(advocate_id: int, given: Annotated[No, Form()]) -> RedirectResponse:
        def record(now: datetime) -> None:
            scopes = frozenset(one.value for one in given.scopes)
            row = Consent(advocate_id, ConsentKind.WITHDRAWN, scopes, now, given.by, given.evidence)
            site.store.people.record(row, now)

        return _answer(site, advocate_id, given.by, "withdrawn", record)

    @pages.post("/opt-out")
    def opt_out(advocate_id: int, by: Annotated[Name, Form()]) -> RedirectResponse:
        def refuse(now: datetime) -> None:
            site.store.privacy.opt_out(known(site, advocate_id).author, now, by=by)

        return _answer(site, advocate_id, by, "opt_out", refuse)

    @pages.post("/opt-in")
    def opt_in(advocate_id: int, by: Annotated[Name, Form()]) -> RedirectResponse:
        def take_back(now: datetime) -> None:
            site.store.privacy.take_back(known(site, advocate_id).author, now, by=by)

        return _answer(site, advocate_id, by, "opt_in", take_back)


def known(site: Site, advocate_id: int) -> Advocate:
    """The advocate, or the page that says that there is none."""
    found = site.store.advocate(advocate_id) if 0 < advocate_id < 2**63 else None
    if found is None:
        raise HTTPException(404)
    return found


def _answer(
    site: Site, advocate_id: int, by: str, done: str, act: Callable[[datetime], None]
) -> RedirectResponse:
    """Do it, and go back to the page, which says what was done or why it was not."""
    known(site, advocate_id)
    try:
        act(site.clock.now())
        said = f"done={done}"
    except JourneyError as problem:
        said = f"problem={problem.code}"
    response = RedirectResponse(f"/advocates/{advocate_id}?{said}", 303)
    who.remember(site, response, by)
    return response


def _consent(site: Site, advocate_id: int, kind: ConsentKind, given: Yes, now: datetime) -> Consent:
    today = now.astimezone(site.zone()).date()
    noon = datetime.combine(given.on or today, time(12), site.zone())
    return Consent(
        advocate_id,
        kind,
        frozenset(one.value for one in given.scopes),
        now if given.on in (None, today) else noon,
        given.by,
        given.evidence,
        given.wording,
        _end_of(site, given.until) if given.until else None,
        given.email,
        given.name_given,
    )


def _end_of(site: Site, day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), site.zone())
