"""Slack's Interactivity Request URL: POST /slack/interactions. It proves itself by its signature, not by a login."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from alerts.channels.slack import SlackConfig
from listener import slack_buttons
from listener.clock import SystemClock
from listener.http import Fetcher
from listener.slack_buttons import NotSlack, tell
from listener.web.site import Site

PATH = "/slack/interactions"
log = logging.getLogger("kikimimi.slack")


def router(site: Site, http: Fetcher | None) -> APIRouter:
    """`http`: for the answer in the channel; without it a press is acted on all the same."""
    routes = APIRouter()
    answers = ThreadPoolExecutor(1, "slack-answer")

    @routes.post(PATH)
    async def pressed(request: Request) -> Response:
        """Slack wants an answer within three seconds, so what is said in the channel follows later."""
        body = await request.body()
        try:
            _verified(site, body, request)
        except NotSlack as problem:
            log.warning("a request to %s was refused: %s", PATH, problem)
            return JSONResponse({"error": {"code": "signature", "message": str(problem)}}, 401)
        payload = parse_qs(body.decode("utf-8", "replace")).get("payload", [""])[0]
        for press in slack_buttons.presses(payload):
            told = await run_in_threadpool(
                slack_buttons.answer, site.store, site.config, press, site.clock.now()
            )
            if http is not None:
                answers.submit(tell, http, press, told)
        return Response(status_code=200)

    return routes


def _verified(site: Site, body: bytes, request: Request) -> None:
    """By the signing secret of any Slack channel. Raises NotSlack."""
    given = [one for one in site.config.channels if isinstance(one, SlackConfig) and one.signing_secret]
    if not given:
        raise NotSlack("no channel in config.yaml has a signing_secret")
    problems = []
    for one in given:
        assert one.signing_secret is not None
        secret = one.signing_secret.get_secret_value()
        try:
            return slack_buttons.verified(body, request.headers, secret, SystemClock().now())
        except NotSlack as problem:
            problems.append(problem)
    raise problems[0]
