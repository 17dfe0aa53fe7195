"""The password, when the configuration has one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from listener.web.security import SESSION, SESSION_DAYS, Password, local_path
from listener.web.site import Site


def router(site: Site, password: Password) -> APIRouter:
    pages = APIRouter()

    @pages.get("/login", response_class=HTMLResponse)
    def form(request: Request, next: str = "/") -> Response:
        if not password.needed:
            return RedirectResponse("/", 303)
        return site.page(request, "login.html", bare=True, problem="", next=local_path(next))

    @pages.post("/login")
    def log_in(
        request: Request,
        given: Annotated[str, Form(alias="password", max_length=200)],
        next: Annotated[str, Form()] = "/",
    ) -> Response:
        words = site.words(request)
        goal = local_path(next)
        if password.blocked():
            problem = words("login.blocked")
            return site.page(request, "login.html", bare=True, status=429, problem=problem, next=goal)
        if not password.matches(given):
            problem = words("login.wrong")
            return site.page(request, "login.html", bare=True, status=401, problem=problem, next=goal)
        response = RedirectResponse(goal, 303)
        site.remember(response, SESSION, password.session(), seconds=SESSION_DAYS * 86400)
        return response

    @pages.post("/logout")
    def log_out() -> RedirectResponse:
        response = RedirectResponse("/login", 303)
        response.delete_cookie(SESSION, path="/")
        return response

    return pages
