"""The publisher's addresses: every endpoint as one function, and the list of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from listener.publisher import feeds, pages, reviews, social
from listener.publisher.mail import Mailbox
from listener.publisher.post import Place
from listener.publisher.published import Published
from listener.publisher.slack import SlackBox

LOOPBACK = ["127.0.0.1", "localhost", "[::1]"]
_NOT_FOUND = "ありません（まだ公開されていないか、消えました）/ not found, or not published yet"


@dataclass(frozen=True)
class Endpoints:
    """What each address answers. The sync ones run in threads."""

    published: Published
    box: SlackBox
    mailbox: Mailbox
    smtp_port: int

    # ------------------------------------------------------------------ for collectors

    def instance(self, _request: Request) -> Response:
        return JSONResponse(social.instance(self.published))

    def timeline(self, request: Request) -> Response:
        query = {name: request.query_params.getlist(name) for name in request.query_params}
        page = social.timeline(self.published, request.path_params["tag"], query)
        headers = {"X-RateLimit-Limit": "300", "X-RateLimit-Remaining": "299"}
        return JSONResponse(page.statuses, headers=headers | ({"Link": page.link} if page.link else {}))

    def status(self, request: Request) -> Response:
        post = self.published.by_id(str(request.path_params["id"]))
        if post is None or post.place is not Place.SOCIAL:
            return JSONResponse({"error": "Record not found"}, 404)
        return JSONResponse(social.status(post, self.published))

    def feed(self, request: Request) -> Response:
        found = feeds.feed(self.published, request.path_params["name"])
        if found is None:
            return PlainTextResponse(_NOT_FOUND, 404)
        headers = {
            "ETag": found.etag,
            "Last-Modified": format_datetime(found.last_modified.astimezone(UTC), usegmt=True),
            "Cache-Control": "max-age=30",
        }
        if _unchanged(request, found):
            return Response(status_code=304, headers=headers)
        return Response(found.body, media_type=found.media_type, headers=headers)

    def reviews(self, request: Request) -> Response:
        asked = request.path_params
        number = int(asked.get("page", 1))
        found = reviews.page(self.published, asked["country"], asked["app"], number)
        if asked["form"] == "json":
            return Response(
                reviews.as_json(found, self.published), media_type="text/javascript; charset=utf-8"
            )
        if asked["form"] != "xml":
            return PlainTextResponse(_NOT_FOUND, 404)
        body = reviews.as_xml(found, self.published, asked["country"], asked["app"], number)
        return Response(body, media_type="application/atom+xml; charset=utf-8")

    # ------------------------------------------------------------------ for people

    def index(self, _request: Request) -> Response:
        return HTMLResponse(pages.index(self.published, self.smtp_port))

    def post(self, request: Request) -> Response:
        post = self.published.by_id(str(request.path_params["id"]))
        if post is None:
            return PlainTextResponse(_NOT_FOUND, 404)
        return HTMLResponse(pages.posts(self.published, [post]))

    def account(self, request: Request) -> Response:
        handle = request.path_params["handle"]
        everything = self.published.until_now(Place.SOCIAL) + self.published.until_now(Place.BLOG)
        found = sorted(
            (post for post in everything if post.account.handle == handle), key=lambda post: post.created_at
        )
        if not found:
            return PlainTextResponse(_NOT_FOUND, 404)
        return HTMLResponse(pages.posts(self.published, found[::-1], f"{found[0].account.name}（@{handle}）"))

    def tag(self, request: Request) -> Response:
        tag = request.path_params["tag"]
        found = [post for post in self.published.until_now(Place.SOCIAL) if tag in post.tags]
        return HTMLResponse(pages.posts(self.published, found[::-1], f"#{tag}"))

    def slack(self, request: Request) -> Response:
        return HTMLResponse(pages.slack(self.box, request.query_params.get("channel", "")))

    def mail(self, request: Request) -> Response:
        asked = request.query_params
        page = pages.mail(self.mailbox, asked.get("name", ""), as_text=asked.get("view") == "text")
        return HTMLResponse(page)

    # ------------------------------------------------------------------ for channels

    async def webhook(self, request: Request) -> Response:
        """Slack's incoming webhook."""
        payload = await _payload(request)
        refusal = self.box.refusal(payload)
        if refusal:
            return PlainTextResponse(refusal, 400)
        self.box.keep(payload, channel=str(payload.get("channel") or "alerts").lstrip("#"))
        return PlainTextResponse("ok")

    async def post_message(self, request: Request) -> Response:
        """Slack's chat.postMessage."""
        payload = await _payload(request)
        error = "" if _token(request, payload) else "not_authed"
        error = error or self.box.refusal(payload) or ("" if payload.get("channel") else "channel_not_found")
        if error:
            return JSONResponse({"ok": False, "error": error})
        shown = {name: value for name, value in payload.items() if name != "token"}
        message = self.box.keep(shown, channel=str(payload["channel"]).lstrip("#"))
        return JSONResponse({"ok": True, "channel": payload["channel"], "ts": message.ts, "message": shown})

    async def auth_test(self, request: Request) -> Response:
        """Slack's auth.test."""
        if not _token(request, await _payload(request)):
            return JSONResponse({"ok": False, "error": "not_authed"})
        who = {"team": "練習用ワークスペース", "user": "kikimimi", "team_id": "T0DEMO", "user_id": "U0DEMO"}
        return JSONResponse({"ok": True, "url": self.published.base, "bot_id": "B0DEMO", **who})


def application(endpoints: Endpoints) -> Starlette:
    """All addresses. Requests under another name than this machine's are refused (DNS rebinding)."""
    review = "/{country}/rss/customerreviews"
    routes = [
        Route("/", endpoints.index),
        Route("/api/v2/instance", endpoints.instance),
        Route("/api/v1/timelines/tag/{tag}", endpoints.timeline),
        Route("/api/v1/statuses/{id}", endpoints.status),
        Route("/feeds/{name}", endpoints.feed),
        Route(review + "/page={page:int}/id={app}/sortby=mostrecent/{form}", endpoints.reviews),
        Route(review + "/id={app}/sortby=mostrecent/{form}", endpoints.reviews),
        Route("/services/{rest:path}", endpoints.webhook, methods=["POST"]),
        Route("/api/chat.postMessage", endpoints.post_message, methods=["POST"]),
        Route("/api/auth.test", endpoints.auth_test, methods=["GET", "POST"]),
        Route("/slack", endpoints.slack),
        Route("/mail", endpoints.mail),
        Route("/tags/{tag}", endpoints.tag),
        Route("/@{handle}", endpoints.account),
        Route("/@{handle}/{id:int}", endpoints.post),
        Route("/news/{id:int}", endpoints.post),
        Route("/blog/{id:int}", endpoints.post),
        Route("/bookmarks/{id:int}", endpoints.post),
        Route("/reviews/{id:int}", endpoints.post),
    ]
    return Starlette(routes=routes, middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=LOOPBACK)])


def _unchanged(request: Request, found: feeds.FeedBody) -> bool:
    """If-None-Match decides; only without it does If-Modified-Since."""
    if "if-none-match" in request.headers:
        known = [tag.strip().removeprefix("W/") for tag in request.headers["if-none-match"].split(",")]
        return found.etag in known or "*" in known
    try:
        since = parsedate_to_datetime(request.headers.get("if-modified-since", ""))
    except ValueError:
        return False
    return since.tzinfo is not None and found.last_modified.replace(microsecond=0) <= since


async def _payload(request: Request) -> Any:
    """The body as JSON or as a form; None when it is neither."""
    if "json" in request.headers.get("content-type", "json"):
        body = await request.body()
        try:
            return json.loads(body or b"{}")
        except ValueError:
            return None
    form = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    try:
        if "payload" in form:
            return json.loads(form["payload"])
        return {
            **form,
            **{name: json.loads(form[name]) for name in ("blocks", "attachments") if name in form},
        }
    except ValueError:
        return None


def _token(request: Request, payload: Any) -> str:
    given = payload.get("token", "") if isinstance(payload, dict) else ""
    return request.headers.get("authorization", "").removeprefix("Bearer ") or str(given)
