"""Slack's Socket Mode: buttons reach us over a connection that we opened, so the page needs no public address.

One connection for each app-level token in config.yaml. It is opened in the background and again when it breaks; the
service starts and alerts without it. The traffic is Slack's own client's (`slack_sdk`); what a press does is in
`listener.slack_buttons`.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from http.client import HTTPException
from typing import Any

from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.socket_mode.builtin import SocketModeClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web import WebClient

from alerts.channels.slack import SlackConfig
from listener import slack_buttons
from listener.clock import Clock
from listener.config import Config
from listener.http import Fetcher
from listener.slack_buttons import tell
from storage.db import Store

log = logging.getLogger("kikimimi.slack")

TRY_AGAIN = 60.0  # seconds


@contextmanager
def listening(config: Config, store: Store, clock: Clock, http: Fetcher) -> Iterator[None]:
    """Listen for buttons while the block runs; without an app-level token it does nothing."""
    apps = {
        one.app_token.get_secret_value(): one.base_url
        for one in config.channels
        if isinstance(one, SlackConfig) and one.app_token is not None
    }
    with ExitStack() as stack:
        for token, base_url in apps.items():
            socket = _Socket(token, base_url, _Presses(config, store, clock, http))
            socket.start()
            stack.callback(socket.stop)
        yield


class _Presses:
    """What is done with what Slack sends."""

    def __init__(self, config: Config, store: Store, clock: Clock, http: Fetcher) -> None:
        self._config, self._store, self._clock, self._http = config, store, clock, http

    def __call__(self, client: BaseSocketModeClient, request: SocketModeRequest) -> None:
        """Slack wants the receipt within three seconds, so it goes first."""
        client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))
        payload: Mapping[str, Any] = request.payload if request.type == "interactive" else {}
        for press in slack_buttons.presses(payload):
            tell(self._http, press, slack_buttons.answer(self._store, self._config, press, self._clock.now()))


class _Socket:
    """One connection, opened from a thread of its own until it stands."""

    def __init__(self, token: str, base_url: str, presses: _Presses) -> None:
        web = WebClient(token=token, base_url=f"{base_url.rstrip('/')}/api/", logger=log)
        self._client = SocketModeClient(token, web_client=web, logger=log)
        self._client.socket_mode_request_listeners.append(presses)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._open, name="slack-socket", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._client.close()

    def _open(self) -> None:
        while not self._stopping.is_set():
            try:
                self._client.connect()
            except (SlackApiError, SlackClientError, HTTPException, OSError) as problem:
                log.warning("Slack Socket Mode: %s; tried again in %.0f s", _short(problem), TRY_AGAIN)
                self._stopping.wait(TRY_AGAIN)
            else:
                log.info("Slack Socket Mode: connected; buttons work inside Slack")
                return


def _short(problem: Exception) -> str:
    """Slack's own code where there is one; never the token, which stands in no message of ours."""
    if isinstance(problem, SlackApiError):
        code = problem.response.get("error", "unknown_error")
        return f"{code}: check app_token (xapp-…, scope connections:write) and that Socket Mode is on"
    return f"no connection ({type(problem).__name__})"
