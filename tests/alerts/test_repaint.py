"""The first message of a thread says how the incident stands; against a server that answers as Slack's Web API."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from alerts.channels.console import ConsoleChannel, ConsoleConfig
from alerts.channels.slack import SlackChannel, SlackConfig
from alerts.decide import incident_alert
from alerts.dispatch import Dispatcher
from alerts.links import Links
from alerts.repaint import standing
from alerts.routes import Route
from listener.http import Fetcher
from storage.db import Store
from storage.notices import Delivery
from storage.types import Incident, Severity
from tests.alerts.made import NOW, incident, mention
from tests.servers import HttpServer, Reply, Request, json_reply

MINUTE = timedelta(minutes=1)


@dataclass
class Desk:
    store: Store
    dispatcher: Dispatcher
    slack: HttpServer
    http: Fetcher

    def told(self, one: Incident, minutes: float = 0) -> Incident:
        """Store and dispatch it as watching does."""
        saved = self.store.save_incident(one)
        alert = incident_alert(saved, None, NOW + minutes * MINUTE, mentions=[mention()])
        assert alert is not None
        self.dispatcher.dispatch([alert], NOW + minutes * MINUTE)
        return saved

    def repaint(self, one: Incident, minutes: float) -> int:
        now = NOW + minutes * MINUTE
        return len(self.dispatcher.repaint([standing(one, [mention()], now)], now))

    def updates(self) -> list[dict[str, object]]:
        return [request.json() for request in self.slack.requests if request.path == "/api/chat.update"]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with HttpServer() as slack, Store.open(f"sqlite:///{tmp_path / 'k.db'}") as store:
        slack.route("/api/chat.postMessage", json_reply({"ok": True, "ts": "1700.1"}))
        slack.route("/api/chat.update", json_reply({"ok": True, "ts": "1700.1"}))
        config = SlackConfig(
            name="team", kind="slack", token=SecretStr("xoxb-1"), channel="C1",
            base_url=slack.url("").rstrip("/"),
        )  # fmt: skip
        http = Fetcher(user_agent="test", allow=("127.0.0.1",))
        ways = {
            "team": SlackChannel(config, http=http),
            "console": ConsoleChannel(ConsoleConfig(name="console", kind="console"), http=http),
        }
        links = Links(b"k" * 32, "http://127.0.0.1:8484")
        dispatcher = Dispatcher(
            store, ways, (Route(channels=("team", "console")),), base_url=links.base_url, links=links
        )
        yield Desk(store, dispatcher, slack, http)
        http.close()


def test_nothing_is_changed_while_nothing_has(desk: Desk) -> None:
    saved = desk.told(incident())
    assert desk.repaint(saved, 5) == 0
    assert desk.updates() == []


def test_an_acknowledgement_takes_the_button_away(desk: Desk) -> None:
    saved = desk.told(incident())
    assert saved.id is not None
    desk.store.acknowledge(saved.id, "佐藤", NOW + MINUTE)
    taken = desk.store.incident(saved.id)
    assert taken is not None
    assert desk.repaint(taken, 2) == 1
    (update,) = desk.updates()
    assert (update["channel"], update["ts"]) == ("C1", "1700.1")
    words = str(update["blocks"])
    assert "佐藤" in words
    assert "kikimimi.acknowledge" not in words
    assert desk.repaint(taken, 3) == 0, "what is shown now is remembered"


def test_what_got_worse_and_what_is_over_show_in_the_first_message(desk: Desk) -> None:
    saved = desk.told(incident())
    worse = desk.told(replace(saved, severity=Severity.CRISIS, updated_at=NOW + MINUTE), 1)
    assert desk.repaint(worse, 2) == 1
    assert saved.id is not None
    desk.store.resolve(saved.id, "佐藤", NOW + 3 * MINUTE)
    over = desk.store.incident(saved.id)
    assert over is not None
    assert desk.repaint(over, 4) == 1
    first, second = (str(one["text"]) for one in desk.updates())
    assert "炎上" in first
    assert "収束" in second
    told = [one for one in desk.store.notifications() if one.channel == "team" and one.state is Delivery.SENT]
    assert "収束" in told[-1].title


def test_a_refused_change_is_tried_again(desk: Desk) -> None:
    answers = [json_reply({"ok": False, "error": "internal_error"}), json_reply({"ok": True})]

    def answer(request: Request) -> Reply:
        return answers.pop(0)

    saved = desk.told(incident())
    desk.slack.route("/api/chat.update", answer)
    worse = desk.store.save_incident(replace(saved, severity=Severity.CRISIS, updated_at=NOW + MINUTE))
    assert desk.repaint(worse, 2) == 0
    assert desk.repaint(worse, 3) == 1
