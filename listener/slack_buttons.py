"""Buttons pressed in Slack: what Slack sends, checked and acted on. By Request URL or by Socket Mode alike."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from alerts.links import LinkError
from alerts.words import say
from listener import acting
from listener.config import Config
from listener.http import Fetcher, FetchError
from storage.db import Store

log = logging.getLogger("kikimimi.slack")

FRESH = timedelta(minutes=5)  # an older request is a replay
LONGEST_NAME = 60


class NotSlack(Exception):
    """The request does not prove that Slack sent it; the message says why, for the log."""


@dataclass(frozen=True, slots=True)
class Press:
    """A button that was pressed: its token, by whom, where to answer."""

    token: str
    by: str
    response_url: str
    thread: str


def verified(body: bytes, headers: Mapping[str, str], secret: str, now: datetime) -> None:
    """Check Slack's signature (version v0). Raises NotSlack."""
    stamp = headers.get("x-slack-request-timestamp", "")
    if not (stamp.isascii() and stamp.isdigit()) or abs(now.timestamp() - int(stamp)) > FRESH.total_seconds():
        raise NotSlack("the request's time is missing or more than five minutes off: check the clock")
    signed = hmac.new(secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(headers.get("x-slack-signature", "").encode(), f"v0={signed}".encode()):
        raise NotSlack("the signature is not of this app: check signing_secret")


def presses(payload: str | Mapping[str, Any]) -> list[Press]:
    """The buttons of ours in a `block_actions` payload; [] for anything else that Slack sends."""
    try:
        said = json.loads(payload) if isinstance(payload, str) else payload
    except ValueError:
        return []
    if not isinstance(said, Mapping) or said.get("type") != "block_actions":
        return []
    user = said.get("user") or {}
    by = str(user.get("name") or user.get("username") or user.get("id") or "Slack")[:LONGEST_NAME]
    message = said.get("message") or {}
    return [
        Press(
            token=str(action.get("value", "")),
            by=by,
            response_url=str(said.get("response_url", "")),
            thread=str(message.get("thread_ts") or message.get("ts") or ""),
        )
        for action in said.get("actions", ())
        if str(action.get("action_id", "")).startswith("kikimimi.") and action.get("value")
    ]


def answer(store: Store, config: Config, press: Press, now: datetime) -> dict[str, Any]:
    """Act, and say in the channel who did what; what cannot be done is told to the presser alone."""
    lang = config.language
    try:
        promise = acting.links(store, config).read(press.token, now)
    except LinkError as problem:
        said, alone = say(f"acted.{problem.code}", lang), True
    else:
        done = acting.act(store, promise, press.by, now)
        said, alone = done.words(config, lang), done.code in ("gone", "acknowledge.late")
    told: dict[str, Any] = {"text": said, "replace_original": False}
    told["response_type"] = "ephemeral" if alone else "in_channel"
    return told | ({"thread_ts": press.thread} if press.thread and not alone else {})


def tell(http: Fetcher, press: Press, told: dict[str, Any]) -> None:
    """Say in the channel what was done; a failure is only logged, because the deed is done."""
    try:
        if press.response_url.startswith(("https://", "http://")):
            http.post(press.response_url, json=told, guard=False)
    except FetchError as problem:
        log.warning("Slack did not take the answer to a button: %s", problem.message)
