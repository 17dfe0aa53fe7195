"""Socket Mode against a loopback server that speaks as Slack does: HTTP for the address, then a WebSocket."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Queue
from typing import Any

import pytest
from pydantic import SecretStr
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from alerts.channels.slack import SlackConfig
from alerts.links import Deed
from listener import acting
from listener.clock import VirtualClock
from listener.config import Config, load
from listener.http import Fetcher
from listener.socket_mode import listening
from storage.db import Store
from storage.types import IncidentState
from tests.alerts.made import NOW, incident
from tests.servers import HttpServer, Reply, Request, json_reply, text

YAML = "topics:\n  - {name: ミナモ珈琲, brand: ミナモ珈琲}\n"


@dataclass
class Slack:
    """What Slack's side has: envelopes to send, receipts that came, answers in the channel."""

    http: HttpServer
    envelopes: Queue[dict[str, Any] | None] = field(default_factory=Queue)
    receipts: Queue[str] = field(default_factory=Queue)
    answers: Queue[Any] = field(default_factory=Queue)
    asked: Queue[str] = field(default_factory=Queue)


@contextmanager
def slack() -> Iterator[Slack]:
    with HttpServer() as http:
        side = Slack(http)

        def talk(connection: ServerConnection) -> None:
            connection.send(json.dumps({"type": "hello", "num_connections": 1}))
            try:
                while (envelope := side.envelopes.get()) is not None:
                    connection.send(json.dumps(envelope))
                    side.receipts.put(json.loads(connection.recv(timeout=20))["envelope_id"])
            except (ConnectionClosed, TimeoutError):
                pass

        def opened(request: Request) -> Reply:
            side.asked.put(request.headers["authorization"])
            return json_reply({"ok": True, "url": f"ws://127.0.0.1:{port}/link"})

        def answered(request: Request) -> Reply:
            side.answers.put(request.json())
            return text("ok")

        with serve(talk, "127.0.0.1", 0) as server:
            port = server.socket.getsockname()[1]
            thread = threading.Thread(target=server.serve_forever, daemon=True)
            thread.start()
            http.route("/api/apps.connections.open", opened)
            http.route("/answer", answered)
            yield side
            side.envelopes.put(None)
            server.shutdown()


def press(token: str, side: Slack, *, envelope: str = "e1") -> dict[str, Any]:
    payload = {
        "type": "block_actions",
        "user": {"name": "sato"},
        "response_url": side.http.url("/answer"),
        "message": {"ts": "1.1", "thread_ts": "1.0"},
        "actions": [{"action_id": "kikimimi.acknowledge", "value": token}],
    }
    return {
        "envelope_id": envelope,
        "type": "interactive",
        "payload": payload,
        "accepts_response_payload": False,
    }


@pytest.fixture
def config(tmp_path: Path) -> Config:
    (tmp_path / "config.yaml").write_text(YAML, encoding="utf-8")
    return load(tmp_path / "config.yaml", {})


def with_app(config: Config, base_url: str) -> Config:
    channel = SlackConfig(
        name="team", kind="slack", token=SecretStr("xoxb-1"), channel="C1", base_url=base_url,
        app_token=SecretStr("xapp-secret"),
    )  # fmt: skip
    return config.model_copy(update={"channels": (channel,)})


def test_a_button_arrives_is_receipted_and_answered(config: Config, tmp_path: Path) -> None:
    with slack() as side, Store.open(f"sqlite:///{tmp_path / 'k.db'}") as store:
        ours = with_app(config, side.http.url("").rstrip("/"))
        number = store.save_incident(incident()).id
        assert number is not None
        token = acting.links(store, ours).token(Deed.ACKNOWLEDGE, number, NOW)
        http = Fetcher(user_agent="test", allow=("127.0.0.1",))
        side.envelopes.put({"envelope_id": "e0", "type": "events_api", "payload": {"event": {}}})
        side.envelopes.put(press(token, side))
        with listening(ours, store, VirtualClock(NOW, 1), http):
            assert side.asked.get(timeout=30) == "Bearer xapp-secret"
            assert [side.receipts.get(timeout=30) for _ in range(2)] == ["e0", "e1"]
            told = side.answers.get(timeout=30)
        http.close()
        assert told["text"] == "satoさんが「対応中」にしました。"
        assert told["thread_ts"] == "1.0"
        known = store.incident(number)
        assert known is not None
        assert (known.state, known.acknowledged_by) == (IncidentState.ACKNOWLEDGED, "sato")


def test_a_wrong_token_is_told_without_being_shown(
    config: Config, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    refused = threading.Event()

    def answer(request: Request) -> Reply:
        refused.set()
        return json_reply({"ok": False, "error": "invalid_auth"})

    with HttpServer() as http, Store.open(f"sqlite:///{tmp_path / 'k.db'}") as store:
        http.route("/api/apps.connections.open", answer)
        ours = with_app(config, http.url("").rstrip("/"))
        fetcher = Fetcher(user_agent="test", allow=("127.0.0.1",))
        with listening(ours, store, VirtualClock(NOW, 1), fetcher):
            assert refused.wait(30)
            for _ in range(500):
                if "invalid_auth" in caplog.text:
                    break
                threading.Event().wait(0.02)
        fetcher.close()
    assert "invalid_auth: check app_token" in caplog.text
    assert "xapp-secret" not in caplog.text


def test_without_an_app_token_nothing_is_opened(config: Config, tmp_path: Path) -> None:
    http = Fetcher(user_agent="test")
    with (
        Store.open(f"sqlite:///{tmp_path / 'k.db'}") as store,
        listening(config, store, VirtualClock(NOW, 1), http),
    ):
        assert not [one for one in threading.enumerate() if one.name == "slack-socket"]
    http.close()
