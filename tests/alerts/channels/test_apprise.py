"""The long tail: Apprise's own JSON plugin against a loopback server."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest
from pydantic import SecretStr, ValidationError

from alerts.channels import ChannelError
from alerts.channels.apprise_channel import AppriseChannel, AppriseConfig, texts
from listener.http import Fetcher
from storage.types import Severity
from tests.alerts.made import message
from tests.servers import HttpServer, text


@pytest.fixture
def server() -> Iterator[HttpServer]:
    with HttpServer() as running:
        yield running


def channel(url: str) -> AppriseChannel:
    return AppriseChannel(AppriseConfig(name="a", kind="apprise", url=SecretStr(url)), http=Fetcher())


def on(server: HttpServer) -> AppriseChannel:
    return channel(f"json://user:TOPSECRET@127.0.0.1:{server.port}/in")


def test_sends_title_text_and_kind(server: HttpServer) -> None:
    server.route("POST /in", text("ok"))
    assert on(server).send(message()) == ""
    on(server).send(message(key="x/resolved/crisis", severity=Severity.CRISIS))
    first, over = (one.json() for one in server.requests)
    assert first["title"].startswith("🔶 【炎上の兆し】ミナモ珈琲")
    assert "▶ 詳細を開く\nhttp://127.0.0.1:8484/incidents/7" in first["message"].replace("\r\n", "\n")
    assert (first["type"], over["type"]) == ("warning", "success")


@pytest.fixture
def root_log() -> Iterator[io.StringIO]:
    """All that reaches the root logger at DEBUG. (caplog also listens where nothing is passed on.)"""
    written, root = io.StringIO(), logging.getLogger()
    handler, before = logging.StreamHandler(written), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.removeHandler(handler)
    root.setLevel(before)


@pytest.mark.parametrize(
    ("status", "permanent"), [(401, True), (404, True), (410, True), (429, False), (500, False)]
)
def test_errors(server: HttpServer, status: int, permanent: bool, root_log: io.StringIO) -> None:
    server.route("/in", text("TOPSECRET", status=status))
    with pytest.raises(ChannelError, match=str(status)) as caught:
        on(server).send(message())
    assert caught.value.permanent is permanent
    assert "TOPSECRET" not in caught.value.message + root_log.getvalue()


def test_nobody_there_is_tried_again() -> None:
    with HttpServer() as server:
        dead = on(server)
    with pytest.raises(ChannelError, match="tried again later") as caught:
        dead.send(message())
    assert not caught.value.permanent


def test_an_address_that_apprise_cannot_read_is_refused_and_not_shown(
    root_log: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    for url in ("nope://TOPSECRET", "slack://TOPSECRET", "TOPSECRET"):
        with pytest.raises(ValidationError, match="cannot read this address") as caught:
            channel(url)
        assert "TOPSECRET" not in str(caught.value) + root_log.getvalue() + "".join(capfd.readouterr())


def test_check_reads_the_address(server: HttpServer) -> None:
    assert on(server).check().startswith("ok: JSON")
    assert server.requests == []


def test_a_short_message_service_gets_the_gist() -> None:
    ((title, body),) = texts(message(), body=160, title=0)
    assert title == ""
    assert body.startswith("🔶 【炎上の兆し】ミナモ珈琲")
    assert "http://127.0.0.1:8484/incidents/7" in body
    assert "返金されない" not in body
    assert len(body) <= 160
