from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Iterator

import pytest
from pydantic import SecretStr, ValidationError

from alerts.channels import ChannelError
from alerts.channels.webhook import WebhookChannel, WebhookConfig
from listener.http import Fetcher
from tests.alerts.made import message
from tests.servers import HttpServer, Request, slow, text, too_many

KEY = b"0123456789abcdef0123456789abcdef"
SECRET = "whsec_" + base64.b64encode(KEY).decode()


@pytest.fixture
def server() -> Iterator[HttpServer]:
    with HttpServer() as running:
        yield running


def channel(server: HttpServer, secret: str | None = SECRET, **options: float) -> WebhookChannel:
    config = WebhookConfig(
        name="w", kind="webhook", url=server.url("/in"), secret=SecretStr(secret) if secret else None
    )
    return WebhookChannel(config, http=Fetcher(allow=["127.0.0.1"], **options))  # type: ignore[arg-type]


def is_genuine(request: Request, key: bytes) -> bool:
    """As a receiver would verify it, from the published scheme."""
    head = request.headers
    signed = f"{head['webhook-id']}.{head['webhook-timestamp']}.".encode() + request.body
    wanted = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    fresh = abs(time.time() - int(head["webhook-timestamp"])) < 60
    return fresh and head["webhook-signature"] == f"v1,{wanted}"


def test_signed_and_recognisable_as_the_same(server: HttpServer) -> None:
    server.route("POST /in", text("ok"))
    first = channel(server).send(message())
    again = channel(server).send(message(title="同じキー"))
    other = channel(server).send(message(key="another"))
    assert first == again != other
    assert all(is_genuine(request, KEY) for request in server.requests)
    assert not is_genuine(server.requests[0], b"wrong")
    sent = server.requests[0].json()
    assert (sent["type"], sent["id"]) == ("kikimimi.alert", server.requests[0].headers["webhook-id"])
    assert sent["data"]["title"].startswith("【炎上の兆し】")
    assert sent["data"]["quotes"][0]["at"] == "2026-11-22T14:50:00+00:00"


def test_plain_secret_and_no_secret(server: HttpServer) -> None:
    server.route("/in", text("ok"))
    channel(server, "ただの長い言葉").send(message())
    assert is_genuine(server.requests[0], "ただの長い言葉".encode())
    channel(server, None).send(message())
    assert "webhook-signature" not in server.requests[1].headers


@pytest.mark.parametrize(
    ("status", "permanent"), [(410, True), (401, True), (404, True), (500, False), (502, False)]
)
def test_errors(server: HttpServer, status: int, permanent: bool) -> None:
    server.route("/in", text("", status=status))
    with pytest.raises(ChannelError, match=str(status)) as caught:
        channel(server).send(message())
    assert caught.value.permanent is permanent
    assert SECRET not in caught.value.message


def test_wait_and_timeout(server: HttpServer) -> None:
    server.route("/in", [too_many(7), slow(text("ok"), 0.5)])
    sending = channel(server, timeout_s=0.1)
    with pytest.raises(ChannelError) as caught:
        sending.send(message())
    assert caught.value.retry_after == 7
    with pytest.raises(ChannelError) as caught:
        channel(server, timeout_s=0.1).send(message())
    assert not caught.value.permanent


def test_check_is_a_signed_ping(server: HttpServer) -> None:
    server.route("/in", text("ok"))
    assert channel(server).check() == "ok: 127.0.0.1 answers"
    assert server.requests[0].json()["type"] == "kikimimi.ping"
    assert is_genuine(server.requests[0], KEY)


@pytest.mark.parametrize(
    ("url", "secret"), [("ftp://x.example", None), ("not", None), ("https://x.example", "whsec_%%%")]
)
def test_config_is_checked(url: str, secret: str | None) -> None:
    with pytest.raises(ValidationError):
        WebhookConfig(name="w", kind="webhook", url=url, secret=SecretStr(secret) if secret else None)
