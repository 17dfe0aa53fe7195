"""What the channels send arrives: Slack's two doors, mail by SMTP, and how the previews show them."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
import pytest

from listener.publisher import Publisher
from listener.publisher.mrkdwn import to_html

HOOK = "/services/DEMO/DEMO/demo"
BOT = {"Authorization": "Bearer xoxb-demo"}


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


BUTTON = {
    "type": "button",
    "text": {"type": "plain_text", "text": "開く"},
    "url": "http://127.0.0.1/x",
    "style": "danger",
}
BLOCKS: list[dict[str, Any]] = [
    {"type": "header", "text": {"type": "plain_text", "text": ":red_circle: 炎上の可能性：ミナモ珈琲"}},
    section("ネガティブな投稿が *1時間に62件*。ふだんの *41倍* です。"),
    {"type": "section", "fields": [{"type": "mrkdwn", "text": "*投稿者*\n118人"}]},
    {"type": "divider"},
    section(">これ見てほしい\n<https://example.com/p/1|@haru_0412>"),
    {"type": "actions", "elements": [BUTTON]},
    {"type": "context", "elements": [{"type": "mrkdwn", "text": "Kikimimi"}]},
]  # fmt: skip


@pytest.fixture
def publisher(clock: Any, tmp_path: Path) -> Iterator[Publisher]:
    """One with an empty mailbox."""
    with Publisher(clock, clock.now(), port=0, smtp_port=0, mailbox=tmp_path / "mailbox") as running:
        yield running


class TestSlack:
    def test_a_webhook_message_is_shown_as_blocks(self, web: httpx.Client) -> None:
        answer = web.post(HOOK, json={"text": "炎上", "blocks": BLOCKS})
        page = web.get("/slack").text
        assert (answer.status_code, answer.text) == (200, "ok")
        assert '<div class="block header">🔴 炎上の可能性：ミナモ珈琲</div>' in page
        assert "<b>1時間に62件</b>" in page
        assert '<div class="fields"><div><b>投稿者</b><br>118人</div></div>' in page
        assert "<blockquote>これ見てほしい</blockquote>" in page
        assert '<a class="button danger" href="http://127.0.0.1/x">開く</a>' in page

    @pytest.mark.parametrize(
        ("body", "word"),
        [
            ("{", "invalid_payload"),
            ("[]", "invalid_payload"),
            ("{}", "no_text"),
            (
                '{"blocks": [{"type": "header", "text": {"type": "plain_text", "text": ""}}]}',
                "invalid_blocks",
            ),
            ('{"blocks": [{"type": "carousel"}]}', "invalid_blocks"),
        ],
    )
    def test_a_wrong_webhook_body_gets_slack_s_answer(self, web: httpx.Client, body: str, word: str) -> None:
        answer = web.post(HOOK, content=body, headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.text) == (400, word)

    @pytest.mark.parametrize(
        "block",
        [
            {"type": "header", "text": {"type": "plain_text", "text": "あ" * 151}},
            section("あ" * 3001),
            {"type": "section", "fields": [{"type": "mrkdwn", "text": "x"}] * 11},
            {"type": "actions", "elements": []},
        ],
    )
    def test_block_kit_s_limits_are_kept(self, web: httpx.Client, block: dict[str, Any]) -> None:
        assert web.post(HOOK, json={"blocks": [block]}).text == "invalid_blocks"

    def test_fifty_blocks_and_no_more(self, web: httpx.Client) -> None:
        assert web.post(HOOK, json={"blocks": [section("x")] * 50}).status_code == 200
        assert web.post(HOOK, json={"blocks": [section("x")] * 51}).status_code == 400

    def test_replies_stand_below_their_message(self, web: httpx.Client) -> None:
        call = {"channel": "#alerts", "text": "第一報"}
        first = web.post("/api/chat.postMessage", json=call, headers=BOT).json()
        reply = {"channel": "#alerts", "text": "続報", "thread_ts": first["ts"]}
        second = web.post("/api/chat.postMessage", json=reply, headers=BOT).json()
        page = web.get("/slack?channel=alerts").text
        assert first["ok"]
        assert float(second["ts"]) > float(first["ts"])
        assert page.index("第一報") < page.index("1件の返信") < page.index("続報")

    def test_the_api_takes_forms_too(self, web: httpx.Client) -> None:
        form = {"token": "xoxb-demo", "channel": "pr", "text": "フォームから"}
        assert web.post("/api/chat.postMessage", data=form).json()["ok"]
        assert "フォームから" in web.get("/slack?channel=pr").text

    def test_the_api_refuses_as_slack_does(self, web: httpx.Client) -> None:
        def error(headers: dict[str, str], **payload: str) -> str:
            return str(web.post("/api/chat.postMessage", json=payload, headers=headers).json()["error"])

        assert error({}, channel="a", text="x") == "not_authed"
        assert error(BOT, text="x") == "channel_not_found"
        assert error(BOT, channel="a") == "no_text"
        assert web.post("/api/auth.test", headers=BOT).json()["ok"]
        assert web.post("/api/auth.test").json() == {"ok": False, "error": "not_authed"}

    def test_messages_outlive_the_server(
        self, web: httpx.Client, publisher: Publisher, clock: Any, tmp_path: Path
    ) -> None:
        web.post(HOOK, json={"text": "のこる"})
        publisher.stop()
        with Publisher(clock, clock.now(), port=0, smtp_port=0, mailbox=tmp_path / "mailbox") as again:
            assert "のこる" in httpx.get(f"{again.base}/slack").text

    @pytest.mark.parametrize(
        ("written", "shown"),
        [
            ("a &amp; &lt;b&gt;", "a &amp; &lt;b&gt;"),
            ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
            ("*太字* と _斜め_ と ~消す~", "<b>太字</b> と <i>斜め</i> と <s>消す</s>"),
            ("これは*太字*です", "これは*太字*です"),  # Slack wants a space there
            ("`*x*`", "<code>*x*</code>"),
            ("<!here> <@U1|ゆき>", '<span class="at">@here</span> <span class="at">ゆき</span>'),
            ("<javascript:alert(1)|x>", "&lt;javascript:alert(1)|x&gt;"),
            ("&gt;一\n&gt;二\n三", "<blockquote>一<br>二</blockquote>三"),
            ("*<https://e.example/|題>*", '<b><a href="https://e.example/" rel="noreferrer">題</a></b>'),
        ],
    )
    def test_mrkdwn(self, written: str, shown: str) -> None:
        assert to_html(written) == shown


class TestMail:
    @pytest.fixture
    def sent(self, publisher: Publisher) -> EmailMessage:
        message = EmailMessage()
        message["Subject"] = "【警戒】ミナモ珈琲：ネガティブな投稿が急増"
        message["From"] = "Kikimimi <kikimimi@minamo.example>"
        message["To"] = "pr@minamo.example"
        message["Date"] = "Sat, 21 Nov 2026 08:10:00 +0000"
        message.set_content("本文です。髙橋①\n")
        message.add_alternative("<h1>警戒</h1><script>alert(1)</script>", subtype="html")
        with smtplib.SMTP("127.0.0.1", publisher.smtp_port, timeout=5) as client:
            client.send_message(message)
        return message

    def test_a_mail_becomes_a_file(self, sent: EmailMessage, tmp_path: Path) -> None:
        files = list((tmp_path / "mailbox").iterdir())
        assert [file.suffix for file in files] == [".eml"]
        assert b"Subject: =?utf-8?" in files[0].read_bytes()

    def test_the_inbox_shows_it_both_ways(self, sent: EmailMessage, web: httpx.Client) -> None:
        page = web.get("/mail").text
        name = page.split("/mail?name=")[1].split('"')[0]
        assert sent["Subject"] in page
        assert "2026-11-21 17:10" in page
        assert '<iframe sandbox="allow-popups"' in page
        assert "&lt;script&gt;alert(1)" in page
        assert "<script>" not in page
        assert "本文です。髙橋①" in web.get("/mail", params={"name": name, "view": "text"}).text

    @pytest.mark.parametrize("name", ["../slack/messages.jsonl", "none.eml", "/etc/passwd"])
    def test_only_mails_are_read(self, sent: EmailMessage, web: httpx.Client, name: str) -> None:
        assert "<iframe" not in web.get("/mail", params={"name": name}).text

    def test_two_mails_in_one_second_are_two_files(
        self, sent: EmailMessage, publisher: Publisher, tmp_path: Path
    ) -> None:
        with smtplib.SMTP("127.0.0.1", publisher.smtp_port, timeout=5) as client:
            client.send_message(sent)
            client.send_message(sent)
        assert len(list((tmp_path / "mailbox").glob("*.eml"))) == 3
