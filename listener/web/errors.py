"""What a reader sees when something cannot be shown: friendly words, never a stack trace."""

from __future__ import annotations

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.exceptions import HTTPException

from listener.web.site import Site

log = logging.getLogger("kikimimi.web")

TITLES = {400, 403, 404, 405, 413, 421, 429, 500, 503}


def answer(site: Site, request: Request, status: int, code: str, detail: str = "") -> Response:
    """An error page, or JSON under /api/. `code` picks the words; `detail` is for JSON and plain text."""
    words = site.words(request)
    text = words(f"error.{code}")
    if str(request.scope["path"]).startswith("/api/"):
        return JSONResponse({"error": {"code": code, "message": detail or text}}, status)
    title = words(f"error.title.{status if status in TITLES else 500}")
    # Whoever is refused at the door gets no link to knock again.
    home = code not in {"host", "origin"}
    return site.page(
        request, "error.html", status=status, bare=True, title=title, text=text, home=home, status_code=status
    )


def install(app: FastAPI, site: Site) -> None:
    """Friendly answers for everything that FastAPI and our pages raise."""

    async def http_error(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        code = {404: "missing", 405: "method", 503: "model"}.get(status, "request")
        detail = str(error.detail) if isinstance(error, HTTPException) and status != 404 else ""
        return answer(site, request, status, code, detail)

    async def invalid(request: Request, error: Exception) -> Response:
        problems = error.errors() if isinstance(error, RequestValidationError) else ()
        detail = "; ".join(f"{problem['loc'][-1]}: {problem['msg']}" for problem in problems)
        return answer(site, request, 400, "request", detail)

    async def broken(request: Request, error: Exception) -> Response:
        # Imported here: security builds its answers with this module.
        from listener.web.security import protect

        log.error("the page %s failed", request.scope["path"], exc_info=error)
        words = site.words(request)
        response: Response
        if str(request.scope["path"]).startswith("/api/"):
            response = JSONResponse({"error": {"code": "broken", "message": words("error.broken")}}, 500)
        else:
            response = HTMLResponse(site.templates.get_template("broken.html").render(t=words), 500)
        protect(response.headers)
        return response

    app.add_exception_handler(HTTPException, http_error)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(Exception, broken)
