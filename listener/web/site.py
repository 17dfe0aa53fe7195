"""What every page needs, in one place, and how a template becomes an answer."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from listener import review
from listener.clock import Clock
from listener.web import language
from listener.web.language import Words
from listener.web.lights import Light, troubled
from listener.web.lights import lights as all_lights
from listener.web.view import NavLink, View
from storage.db import Store
from storage.types import Topic

if TYPE_CHECKING:
    from listener.config import Config

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"
YEAR = 365 * 24 * 3600


def environment() -> Environment:
    """Autoescape is on for every template, whatever its name: what we show was written by strangers."""
    return Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _assets_version() -> str:
    """Changes when a static file does, so that a browser may keep them for long."""
    found = hashlib.sha256()
    for path in sorted(STATIC.iterdir()):
        found.update(path.read_bytes())
    return found.hexdigest()[:10]


@dataclass(frozen=True)
class Site:
    """The store, the configuration, the clock and the templates of one running page."""

    store: Store
    config: Config
    clock: Clock
    model: str = ""
    templates: Environment = field(default_factory=environment)
    assets: str = field(default_factory=_assets_version)

    @property
    def topics(self) -> tuple[Topic, ...]:
        """As configured, our own first."""
        return tuple(sorted((one.topic() for one in self.config.topics), key=lambda topic: not topic.own))

    def topic(self, name: str) -> Topic | None:
        return next((topic for topic in self.topics if topic.name == name), None)

    def zone(self, topic: Topic | None = None) -> ZoneInfo:
        return ZoneInfo(topic.timezone if topic else self.config.timezone)

    def words(self, request: Request) -> Words:
        return Words(
            language.choose(
                asked=request.query_params.get("lang"),
                remembered=request.cookies.get(language.COOKIE),
                accepted=request.headers.get("accept-language"),
                default=self.config.language,
            )
        )

    def lights(self, *, recent: int = 0) -> list[Light]:
        """Every source with its health; `recent` tries each."""
        states = {state.name: state for state in self.store.sources()}
        tries = {name: tuple(self.store.fetches(name, recent)) for name in states} if recent else {}
        return all_lights(self.config.sources, states, tries, self.clock.now())

    def view(self, request: Request, *, bare: bool = False) -> View:
        return View(
            words=self.words(request),
            now=self.clock.now(),
            default_zone=self.zone(),
            topics={topic.name: topic for topic in self.topics},
            path=request.scope["path"],
            query=request.scope["query_string"].decode("latin-1"),
            nav=() if bare else self._nav(request),
            locked=self.config.web.password is not None,
            model=self.model,
            assets=self.assets,
        )

    def page(
        self, request: Request, template: str, *, view: View | None = None, status: int = 200,
        bare: bool = False, **context: Any,
    ) -> HTMLResponse:  # fmt: skip
        """Render a template; remembers the language when the address asked for one."""
        shown = view or self.view(request, bare=bare)
        text = self.templates.get_template(template).render(v=shown, t=shown.words, bare=bare, **context)
        response = HTMLResponse(text, status_code=status, headers={"Content-Language": shown.lang})
        if request.query_params.get("lang") in language.TABLES:
            self.remember(response, language.COOKIE, shown.lang)
        return response

    def remember(self, response: Response, name: str, value: str, *, seconds: int = YEAR) -> None:
        """Set a cookie that no other site and no script can read or send along a POST."""
        secure = self.config.web.public_url.startswith("https://")
        response.set_cookie(
            name, value, max_age=seconds, path="/", httponly=True, samesite="lax", secure=secure
        )

    def _nav(self, request: Request) -> tuple[NavLink, ...]:
        silent = self.store.casebook.silent()
        unresolved = sum(one.id not in silent for one in self.store.open_incidents())
        failing = len(troubled(self.lights()))
        waiting = review.count(self.store, self.config, self.clock.now())
        path: str = request.scope["path"]
        links = (
            ("/", "nav.overview", 0, ""),
            ("/review", "nav.review", waiting, ""),
            ("/incidents", "nav.incidents", unresolved, "bad"),
            ("/advocates", "nav.advocates", 0, ""),
            ("/sources", "nav.sources", failing, "warn"),
            ("/notifications", "nav.notifications", 0, ""),
            ("/silences", "nav.silences", len(self.store.silences(self.clock.now())), ""),
        )
        return tuple(NavLink(href, key, count, tone, _within(path, href)) for href, key, count, tone in links)


def _within(path: str, href: str) -> bool:
    """The pages of the programme belong to the advocates."""
    place = "/advocates" if path.startswith("/programme/") else path
    return place == href or (href != "/" and place.startswith(href + "/"))
