from __future__ import annotations

import email.header
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from alerts.channels import ChannelError
from alerts.channels.smtp import SmtpChannel, SmtpConfig, html, plain
from listener.http import Fetcher
from storage.notices import Field, Quote
from storage.types import Label, Severity
from tests.alerts.made import NOW, message
from tests.servers import SmtpServer


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with SmtpServer() as running:
        yield running


def config(port: int, **more: Any) -> SmtpConfig:
    values: dict[str, Any] = {
        "name": "m",
        "kind": "smtp",
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
        "sender": "Kikimimi <kikimimi@example.jp>",
        "recipients": ("pr@example.jp", "oncall@example.jp"),
        "timeout_s": 3,
    }
    return SmtpConfig(**{**values, **more})


def channel(port: int, **more: Any) -> SmtpChannel:
    return SmtpChannel(config(port, **more), http=Fetcher())


def part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    assert isinstance(body, EmailMessage)
    return str(body.get_content()).replace("\r\n", "\n")


def test_a_mail_that_reads_well(server: SmtpServer) -> None:
    remote_id = channel(server.port).send(message())
    (got,) = server.messages
    assert got.recipients == ("pr@example.jp", "oncall@example.jp")
    mail = got.message
    assert mail["Subject"] == "【炎上の兆し】ミナモ珈琲：ネガティブな投稿が60分で38件（平常時2.1件）"
    assert b"Subject: =?utf-8?" in got.raw
    assert mail["Message-ID"] == remote_id
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"]
    assert mail.get_content_type() == "multipart/alternative"
    assert "次の対応:\n1. 確認する\n2. 連絡する" in part(mail, "plain")
    assert "http://127.0.0.1:8484/incidents/7" in part(mail, "plain")
    assert "返金されない" in part(mail, "html")
    assert max(len(line) for line in got.raw.splitlines()) <= 998
    assert got.raw.isascii()


def test_the_same_alert_has_the_same_id_and_one_incident_one_thread(server: SmtpServer) -> None:
    sending = channel(server.port)
    first = sending.send(message())
    assert sending.send(message()) == first
    second = sending.send(
        message(key="ミナモ珈琲/negative_excess/20261122T1440Z/resolved/warning"), reply_to=first
    )
    assert second != first
    opened, _, resolved = (one.message for one in server.messages)
    assert opened["References"] == opened["In-Reply-To"]
    assert resolved["In-Reply-To"] == first
    assert resolved["References"].split() == [opened["References"], first]


def test_greylisting_is_temporary_and_then_accepted(server: SmtpServer) -> None:
    server.greylist(2)
    with pytest.raises(ChannelError, match="451") as caught:
        channel(server.port).send(message())
    assert not caught.value.permanent
    channel(server.port).send(message())
    assert len(server.messages) == 1


def test_one_refused_recipient_does_not_stop_the_other(server: SmtpServer) -> None:
    server.greylist(1)
    channel(server.port).send(message())
    assert [one.recipients for one in server.messages] == [("oncall@example.jp",)]


def test_no_such_mailbox_is_permanent(server: SmtpServer) -> None:
    server.reject("550 5.1.1 no such mailbox")
    with pytest.raises(ChannelError, match=r"SMTP 550: 5\.1\.1") as caught:
        channel(server.port).send(message())
    assert caught.value.permanent


def test_a_server_that_hangs_up_is_temporary(server: SmtpServer) -> None:
    server.drop()
    with pytest.raises(ChannelError) as caught:
        channel(server.port).send(message())
    assert not caught.value.permanent


@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # the test server has no TLS
def test_login() -> None:
    with SmtpServer(login=("kikimimi", "hunter2hunter2")) as server:
        right = {"username": "kikimimi", "password": SecretStr("hunter2hunter2")}
        channel(server.port, **right).send(message())
        assert server.messages[0].user == "kikimimi"


@pytest.mark.parametrize(
    ("answers", "words", "permanent"),
    [
        ({"AUTH": "535 5.7.8 bad credentials"}, "login refused", True),
        ({"AUTH": "454 4.7.0 try later"}, "login refused", False),
        ({"MAIL": "552 5.2.2 too much mail"}, "SMTP 552", True),
        ({"DATA": "421 4.3.2 shutting down"}, "SMTP 421", False),
        ({"": "554 5.3.2 no service here"}, "SMTP 554", True),
    ],
)
def test_answers_of_a_moody_server(answers: dict[str, str], words: str, permanent: bool) -> None:
    with moody_server(answers) as port, pytest.raises(ChannelError, match=words) as caught:
        channel(port, username="kikimimi", password=SecretStr("wrongwrong")).send(message())
    assert caught.value.permanent is permanent
    assert "wrongwrong" not in caught.value.message


@contextmanager
def moody_server(answers: dict[str, str]) -> Iterator[int]:
    """One SMTP conversation in which some commands ("" is the greeting) get another answer."""
    usual = {
        "": "220 hello",
        "EHLO": "250-hello\r\n250 AUTH PLAIN",
        "AUTH": "235 welcome",
        "DATA": "354 go on",
    }

    def talk() -> None:
        connection, _ = listening.accept()
        with connection, connection.makefile("rw", newline="", encoding="ascii") as lines:
            lines.write(f"{({**usual, **answers})['']}\r\n")
            lines.flush()
            for line in lines:
                command = line[:4].strip().upper()
                lines.write(f"{({**usual, **answers}).get(command, '250 ok')}\r\n")
                lines.flush()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=talk, daemon=True)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            thread.join(timeout=5)


def test_starttls_is_never_skipped(server: SmtpServer) -> None:
    with pytest.raises(ChannelError, match="STARTTLS") as caught:
        channel(server.port, security="starttls").send(message())
    assert caught.value.permanent
    assert server.messages == []


def test_nobody_listens_and_check() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(ChannelError, match="no connection") as caught:
            channel(taken.getsockname()[1]).send(message())
    assert not caught.value.permanent
    with SmtpServer() as server:
        assert channel(server.port).check() == f"ok: 127.0.0.1:{server.port}"
        assert server.messages == []


@pytest.mark.parametrize(
    "title",
    [
        "あ" * 300,
        "🔥👨‍👩‍👧" * 60,
        "件名に改行\r\nBcc: victim@example.jp",
        "ASCII only " * 30,
        "＝？UTF-8？＝ =?utf-8?b?44GC?= 髙﨑",
    ],
)
def test_any_subject_survives(server: SmtpServer, title: str) -> None:
    channel(server.port).send(message(title=title))
    (got,) = server.messages
    subject = str(email.header.make_header(email.header.decode_header(got.message["Subject"])))
    assert title.split()[0][:20] in subject.replace("\r\n", "")
    assert got.message["Bcc"] is None
    assert "\ufffd" not in subject
    assert got.recipients == ("pr@example.jp", "oncall@example.jp")


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_html_is_escaped_and_loads_nothing() -> None:
    evil = '<img src="https://tracker.example/x.png"><script>alert(1)</script>'
    told = message(
        title=evil,
        summary=evil,
        reasons=(evil,),
        fields=(Field(evil, evil),),
        quotes=(
            Quote(evil, evil, 'https://a.example/"onclick="x', NOW, Label.NEGATIVE),
            Quote("あ", "い", "javascript:alert(1)", NOW, Label.NEGATIVE),
        ),
        severity=Severity.CRISIS,
    )
    page = _Page()
    page.feed(html(told))
    tags = {tag for tag, _ in page.tags}
    assert not tags & {"img", "script", "link", "iframe"}
    assert {name for _, given in page.tags for name in given} <= {
        "style",
        "href",
        "lang",
        "charset",
        "name",
        "content",
    }
    assert all(str(given["href"]).startswith("http") for tag, given in page.tags if tag == "a")
    assert evil in plain(told)


@pytest.mark.parametrize(
    "wrong",
    [
        {"recipients": ()},
        {"recipients": ("pr",)},
        {"sender": "nobody"},
        {"username": "x"},
        {"host": "smtp.example.jp", "username": "x", "password": SecretStr("y")},
        {"security": "ssl"},
    ],
)
def test_config_is_checked(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        config(25, **wrong)
