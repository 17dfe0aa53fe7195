from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from alerts.channels import CHANNELS, ChannelConfig, ChannelError, channel_class
from alerts.channels.parts import units
from alerts.channels.slack import SlackChannel, SlackConfig, fallback, messages
from listener.http import Fetcher
from storage.notices import Field, Message, Quote
from storage.types import Label, Severity
from tests.alerts.made import NOW, message
from tests.servers import HttpServer, json_reply, slow, text, too_many

HOOK = "/services/T000/B000/verysecretpart123"


@pytest.fixture
def server() -> Iterator[HttpServer]:
    with HttpServer() as running:
        yield running


def hook(server: HttpServer, **options: Any) -> SlackChannel:
    config = SlackConfig(name="s", kind="slack", webhook_url=SecretStr(server.url(HOOK)))
    return SlackChannel(config, http=Fetcher(allow=["127.0.0.1"], **options))


def bot(server: HttpServer) -> SlackChannel:
    config = SlackConfig(
        name="s", kind="slack", token=SecretStr("xoxb-secret"), channel="C1", base_url=server.url("")
    )
    return SlackChannel(config, http=Fetcher(allow=["127.0.0.1"]))


def test_webhook_posts_blocks_with_a_button(server: HttpServer) -> None:
    server.route(f"POST {HOOK}", text("ok"))
    assert hook(server).send(message()) == ""
    sent = server.requests[0].json()
    assert sent["text"].startswith("【炎上の兆し】ミナモ珈琲：ネガティブな投稿が60分で38件")
    header, *_ = sent["blocks"]
    assert header["text"]["text"].endswith("（平常時2.1件）")
    (button,) = next(one for one in sent["blocks"] if one["type"] == "actions")["elements"]
    assert button["url"] == "http://127.0.0.1:8484/incidents/7"
    assert "返金されない" in str(sent["blocks"])


@pytest.mark.parametrize(
    ("status", "permanent"),
    [(400, True), (403, True), (404, True), (410, True), (408, False), (500, False), (503, False)],
)
def test_webhook_errors(server: HttpServer, status: int, permanent: bool) -> None:
    server.route(HOOK, text("no_service", status=status))
    with pytest.raises(ChannelError) as caught:
        hook(server).send(message())
    assert caught.value.permanent is permanent
    assert str(status) in caught.value.message
    assert "verysecretpart123" not in caught.value.message


def test_webhook_asks_to_wait(server: HttpServer) -> None:
    server.route(HOOK, too_many(30))
    with pytest.raises(ChannelError) as caught:
        hook(server).send(message())
    assert (caught.value.permanent, caught.value.retry_after) == (False, 30)


def test_webhook_times_out(server: HttpServer) -> None:
    server.route(HOOK, slow(text("ok"), 0.5))
    with pytest.raises(ChannelError) as caught:
        hook(server, timeout_s=0.1).send(message())
    assert not caught.value.permanent
    assert "verysecretpart123" not in caught.value.message


def test_bot_answers_in_the_thread(server: HttpServer) -> None:
    server.route("POST /api/chat.postMessage", json_reply({"ok": True, "ts": "1763.01"}))
    channel = bot(server)
    assert channel.send(message()) == "1763.01"
    channel.send(message(severity=Severity.CRISIS), reply_to="1763.01")
    first, second = (one.json() for one in server.requests)
    assert first["channel"] == "C1"
    assert "thread_ts" not in first
    assert (second["thread_ts"], second["reply_broadcast"]) == ("1763.01", True)
    assert server.requests[0].headers["authorization"] == "Bearer xoxb-secret"


@pytest.mark.parametrize(
    ("code", "permanent"),
    [("channel_not_found", True), ("invalid_auth", True), ("internal_error", False), ("ratelimited", False)],
)
def test_bot_errors_come_with_200(server: HttpServer, code: str, permanent: bool) -> None:
    server.route("/api/chat.postMessage", json_reply({"ok": False, "error": code}))
    with pytest.raises(ChannelError, match=code) as caught:
        bot(server).send(message())
    assert caught.value.permanent is permanent
    assert "xoxb" not in caught.value.message


def test_check_tells_nobody(server: HttpServer) -> None:
    server.route(HOOK, [text("invalid_payload", status=400), text("no_service", status=404)])
    server.route("/api/auth.test", json_reply({"ok": True, "user": "kikimimi", "team": "例"}))
    assert hook(server).check().startswith("ok")
    assert server.requests[0].json() == {}
    with pytest.raises(ChannelError, match="404"):
        hook(server).check()
    assert bot(server).check() == "ok: kikimimi @ 例"


LONG = "とても長い不満の文章です。<!channel> & <https://evil.example|click> 👨‍👩‍👧" * 400


def huge() -> Message:
    quotes = tuple(
        Quote(
            LONG,
            "花子<b>" * 50,
            f"https://social.example.jp/{n}?a=1&b=<|>",
            NOW + timedelta(hours=n),
            Label.NEGATIVE,
        )
        for n in range(6)
    )
    fields = tuple(Field(f"項目{n}", LONG if n % 2 else f"{LONG}\n続き") for n in range(30))
    return message(title=LONG, summary=LONG, reasons=(LONG,), fields=fields[:6], quotes=quotes, footer=LONG)


def texts_in(some: object) -> list[str]:
    if isinstance(some, str):
        return [some]
    if isinstance(some, dict):
        return [words for key, one in some.items() if key != "url" for words in texts_in(one)]
    return [words for one in some for words in texts_in(one)] if isinstance(some, list) else []


@pytest.mark.parametrize(
    "told", [message(), huge(), message(quotes=(), fields=(), reasons=(), link="", footer="")]
)
def test_blocks_keep_slacks_limits(told: Message) -> None:
    sent = messages(told)
    assert len(sent) <= 10
    for made in sent:
        assert len(made) <= 50
        for block in made:
            if block["type"] == "header":
                assert 0 < units(block["text"]["text"]) <= 150
            if block["type"] == "section":
                texts = [block["text"]] if "text" in block else block["fields"]
                limit = 3000 if "text" in block else 2000
                assert len(texts) <= 10
                assert all(0 < units(one["text"]) <= limit for one in texts)
        assert sum(len(words) for words in texts_in(made)) < 13_000
    assert units(fallback(told)) <= 1000


def test_a_long_message_is_several_and_the_button_stands_in_the_first(server: HttpServer) -> None:
    server.route(
        "POST /api/chat.postMessage", [json_reply({"ok": True, "ts": f"1763.0{n}"}) for n in range(9)]
    )
    posts = tuple(Quote(f"{n}件目{LONG[:2000]}", "花子", "", NOW, Label.NEGATIVE) for n in range(8))
    assert bot(server).send(message(quotes=posts)) == "1763.00"
    sent = [one.json() for one in server.requests]
    assert len(sent) > 1
    assert [any(block["type"] == "actions" for block in one["blocks"]) for one in sent] == [
        number == 0 for number in range(len(sent))
    ]
    assert {one.get("thread_ts") for one in sent} == {None, "1763.00"}
    assert f"（1/{len(sent)}）" in sent[0]["blocks"][0]["text"]["text"]
    assert all(f"{n}件目" in str(sent) for n in range(8))
    whole = "".join(words for one in sent for words in texts_in(one["blocks"])).replace("\n>", "")
    assert whole.count("👨‍👩‍👧") == sum(one.text.count("👨‍👩‍👧") for one in posts)


def test_a_retry_sends_only_what_did_not_arrive(server: HttpServer) -> None:
    server.route(f"POST {HOOK}", [text("ok"), too_many(2), text("ok")])
    channel, told = hook(server), message(summary=LONG[:20_000])
    with pytest.raises(ChannelError):
        channel.send(told)
    channel.send(told)
    headers = [one.json()["blocks"][0]["text"]["text"] for one in server.requests]
    assert headers[1] == headers[2]
    assert len(set(headers)) == len(headers) - 1


def test_an_all_clear_is_no_alarm() -> None:
    ((header, *rest),) = messages(
        message(key="ミナモ/x/resolved/crisis", severity=Severity.CRISIS, title="【収束】")
    )
    assert header["text"]["text"] == ":white_check_mark: 【収束】"
    assert "danger" not in str(rest)


def test_nothing_from_outside_is_markup() -> None:
    told = message(quotes=huge().quotes[:1], summary=LONG[:300], fields=(Field("項目", LONG[:300]),))
    for _, *rest in messages(told):  # the header is plain text: nothing in it is markup
        words = str(rest)
        assert "<!channel>" not in words
        assert "<https://evil" not in words
        assert "<b>" not in words
    assert "<https://social.example.jp/0?a=1&amp;b=" in str(messages(told))


def test_a_link_that_is_no_web_address_is_no_link() -> None:
    told = message(quotes=(Quote("あ", "い", "javascript:alert(1)", NOW, Label.NEGATIVE),))
    assert "javascript" not in str(messages(told))


def test_config_wants_exactly_one_way() -> None:
    with pytest.raises(ValidationError, match="webhook_url_env, or token_env"):
        SlackConfig(name="s", kind="slack")
    with pytest.raises(ValidationError, match="needs channel"):
        SlackConfig(name="s", kind="slack", token=SecretStr("x"))
    shown = repr(SlackConfig(name="s", kind="slack", webhook_url=SecretStr("https://x/abc")))
    assert "abc" not in shown


@pytest.mark.parametrize("kind", CHANNELS)
def test_every_kind_in_the_list_is_a_channel(kind: str) -> None:
    assert issubclass(channel_class(kind).Config, ChannelConfig)


def test_unknown_kind() -> None:
    with pytest.raises(KeyError):
        channel_class("pigeon")
