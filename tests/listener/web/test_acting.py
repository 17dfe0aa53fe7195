"""Acting from an alert: the page behind its links, and buttons pressed in Slack."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from urllib.parse import urlencode

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from alerts.channels.slack import SlackConfig
from alerts.links import LASTING, Deed
from listener import acting
from listener.config import Config
from listener.http import Fetcher
from listener.web.app import create_app
from storage.db import Store
from storage.types import IncidentState
from tests.listener.web.conftest import HOME, FixedClock
from tests.listener.web.seed import NOW
from tests.servers import HttpServer, text

SECRET = "slack-signing-secret"


@pytest.fixture
def waiting(own_store: Store) -> int:
    """An incident that nobody has taken."""
    return next(one.id for one in own_store.open_incidents() if one.state is IncidentState.OPEN and one.id)


@pytest.fixture
def locked(config: Config) -> Config:
    """With a password on the page, and a Slack app of ours."""
    slack = SlackConfig(
        name="team", kind="slack", token=SecretStr("xoxb-1"), channel="C1", signing_secret=SecretStr(SECRET)
    )
    web = config.web.model_copy(update={"password": SecretStr("pass-phrase")})
    return config.model_copy(update={"web": web, "channels": (slack,)})


def client(store: Store, config: Config, http: Fetcher | None = None) -> TestClient:
    return TestClient(create_app(store=store, config=config, clock=FixedClock(), http=http), base_url=HOME)


def path(store: Store, config: Config, deed: Deed, incident: int) -> str:
    return acting.links(store, config).url(deed, incident, NOW).removeprefix(config.base_url)


def test_looking_changes_nothing_and_pressing_does(own_store: Store, locked: Config, waiting: int) -> None:
    page, link = client(own_store, locked), path(own_store, locked, Deed.ACKNOWLEDGE, waiting)
    shown = page.get(link)
    assert shown.status_code == 200
    assert "「対応中」にする" in shown.text
    known = own_store.incident(waiting)
    assert known is not None
    assert known.state is IncidentState.OPEN
    done = page.post(link, data={"by": "佐藤"}, headers={"Origin": HOME})
    assert "佐藤さんが「対応中」にしました。" in done.text
    known = own_store.incident(waiting)
    assert known is not None
    assert (known.state, known.acknowledged_by) == (IncidentState.ACKNOWLEDGED, "佐藤")
    again = page.post(link, data={"by": "鈴木"}, headers={"Origin": HOME})
    assert "変更はありません" in again.text


def test_a_silence_from_a_mail_is_made_once(own_store: Store, locked: Config, waiting: int) -> None:
    page, link = client(own_store, locked), path(own_store, locked, Deed.SILENCE, waiting)
    for _ in range(2):
        done = page.post(link, data={"by": "佐藤"}, headers={"Origin": HOME})
        assert "まで止めました" in done.text
    (silence,) = own_store.silences(NOW)
    assert (silence.by, silence.breaks) == ("佐藤", True)
    assert silence.until - NOW == acting.SILENCED_FOR


def test_a_wrong_and_an_old_link_say_so(own_store: Store, locked: Config, waiting: int) -> None:
    page = client(own_store, locked)
    good = path(own_store, locked, Deed.ACKNOWLEDGE, waiting)
    assert page.get(good[:-1]).status_code == 404
    links = acting.links(own_store, locked)
    old = links.url(Deed.ACKNOWLEDGE, waiting, NOW - LASTING).removeprefix(locked.base_url)
    answer = page.get(old)
    assert answer.status_code == 410
    assert "有効期限" in answer.text
    assert "有効期限" in page.post(old, data={"by": "佐藤"}, headers={"Origin": HOME}).text
    assert page.get(path(own_store, locked, Deed.ACKNOWLEDGE, 999_999)).status_code == 200
    # the page that the link leads to stays locked
    assert page.get(f"/incidents/{waiting}", follow_redirects=False).headers["location"].startswith("/login")


def test_another_site_cannot_press(own_store: Store, locked: Config, waiting: int) -> None:
    link = path(own_store, locked, Deed.ACKNOWLEDGE, waiting)
    answer = client(own_store, locked).post(
        link, data={"by": "x"}, headers={"Origin": "https://evil.example"}
    )
    assert answer.status_code == 403


# ------------------------------------------------------------------ Slack


def pressed(token: str, response_url: str = "", action: str = "kikimimi.acknowledge") -> bytes:
    payload = {
        "type": "block_actions",
        "user": {"id": "U1", "name": "sato"},
        "response_url": response_url,
        "message": {"ts": "1700000000.0001"},
        "actions": [{"action_id": action, "value": token}],
    }
    return urlencode({"payload": json.dumps(payload)}).encode()


def signed(body: bytes, *, secret: str = SECRET, age: int = 0) -> dict[str, str]:
    stamp = str(int(time.time()) - age)
    mark = hmac.new(secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    return {
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={mark}",
        "Content-Type": "application/x-www-form-urlencoded",
    }


def test_a_button_in_slack_acknowledges_and_is_answered_in_the_thread(
    own_store: Store, locked: Config, waiting: int
) -> None:
    token = acting.links(own_store, locked).token(Deed.ACKNOWLEDGE, waiting, NOW)
    with HttpServer() as slack:
        slack.route("/answer", text("ok"))
        http = Fetcher(user_agent="test", allow=("127.0.0.1",))
        body = pressed(token, slack.url("/answer"))
        answer = client(own_store, locked, http).post(
            "/slack/interactions", content=body, headers=signed(body)
        )
        assert answer.status_code == 200
        known = own_store.incident(waiting)
        assert known is not None
        assert (known.state, known.acknowledged_by) == (IncidentState.ACKNOWLEDGED, "sato")
        until = time.monotonic() + 20
        while not slack.requests and time.monotonic() < until:
            time.sleep(0.02)
        told = slack.requests[0].json()
        http.close()
    assert told["text"] == "satoさんが「対応中」にしました。"
    assert (told["response_type"], told["thread_ts"]) == ("in_channel", "1700000000.0001")


@pytest.mark.parametrize(
    ("how", "status"),
    [({"secret": "another"}, 401), ({"age": 360}, 401), ({"age": -360}, 401), ({"age": 240}, 200)],
)
def test_only_slack_is_believed(
    own_store: Store, locked: Config, waiting: int, how: dict[str, object], status: int
) -> None:
    body = pressed(acting.links(own_store, locked).token(Deed.ACKNOWLEDGE, waiting, NOW))
    headers = signed(body, **how)  # type: ignore[arg-type]
    assert (
        client(own_store, locked).post("/slack/interactions", content=body, headers=headers).status_code
        == status
    )
    known = own_store.incident(waiting)
    assert known is not None
    assert (known.state is IncidentState.ACKNOWLEDGED) == (status == 200)


def test_without_a_secret_nothing_is_believed(own_store: Store, config: Config) -> None:
    body = pressed("x")
    assert (
        client(own_store, config).post("/slack/interactions", content=body, headers=signed(body)).status_code
        == 401
    )


@pytest.mark.parametrize(
    "body", [b"", b"payload=%7B", b"payload=[]", pressed("x"), pressed("x", action="other")]
)
def test_what_slack_sends_besides_changes_nothing(
    own_store: Store, locked: Config, waiting: int, body: bytes
) -> None:
    assert (
        client(own_store, locked).post("/slack/interactions", content=body, headers=signed(body)).status_code
        == 200
    )
    known = own_store.incident(waiting)
    assert known is not None
    assert known.state is IncidentState.OPEN
