"""Teams, Discord, LINE and Chatwork over HTTP, against servers that keep the vendors' rules."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from alerts.channels import Channel, ChannelError
from alerts.channels.chatwork import ChatworkChannel, ChatworkConfig
from alerts.channels.discord import DiscordChannel, DiscordConfig
from alerts.channels.line import LineChannel, LineConfig
from alerts.channels.teams import TeamsChannel, TeamsConfig
from alerts.decide import trial_alert
from alerts.dispatch import Dispatcher
from alerts.message import render
from listener.http import Fetcher
from storage.db import Store
from storage.notices import Delivery, Message, Quote
from storage.types import Label, Severity
from tests.alerts.channels.vendors import Chatwork, Discord, Line, Teams, nodes
from tests.alerts.made import NOW, alert, message
from tests.servers import HttpServer, json_reply, slow, text, too_many


@pytest.fixture
def server() -> Iterator[HttpServer]:
    with HttpServer() as running:
        yield running


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path / 'k.db'}") as opened:
        yield opened


def fetcher(**options: Any) -> Fetcher:
    return Fetcher(allow=["127.0.0.1"], **options)


def teams(url: str, **options: Any) -> TeamsChannel:
    return TeamsChannel(
        TeamsConfig(name="t", kind="teams", webhook_url=SecretStr(url)), http=fetcher(**options)
    )


def discord(url: str, **options: Any) -> DiscordChannel:
    config = DiscordConfig(name="d", kind="discord", webhook_url=SecretStr(url))
    return DiscordChannel(config, http=fetcher(**options))


def line(
    url: str, *, token: str = Line.token, to: str = Line.to, form: Any = "flex", **options: Any
) -> LineChannel:
    config = LineConfig(name="l", kind="line", token=SecretStr(token), to=to, format=form, base_url=url)
    return LineChannel(config, http=fetcher(**options))


def chatwork(
    url: str, *, token: str = Chatwork.token, room: str = Chatwork.room, **options: Any
) -> ChatworkChannel:
    config = ChatworkConfig(name="c", kind="chatwork", token=SecretStr(token), room=room, base_url=url)
    return ChatworkChannel(config, http=fetcher(**options))


# A channel whose every request meets one answer, whatever it asks.
EVERY: dict[str, Callable[..., Channel]] = {
    "teams": lambda server, **options: teams(server.url("/workflows/1?sig=TOPSECRET-signature1"), **options),
    "discord": lambda server, **options: discord(server.url("/api/webhooks/1/TOPSECRET_token_0"), **options),
    "line": lambda server, **options: line(server.url(""), **options),
    "chatwork": lambda server, **options: chatwork(server.url(""), **options),
}
LONG = "".join(f"{number}番目の、返金されないという投稿👨‍👩‍👧です。" for number in range(700))


def long_message() -> Message:
    return message(summary=LONG, quotes=(Quote(LONG, "花子", "https://x.example/1", NOW, Label.NEGATIVE),))


# ------------------------------------------------------------------ what all of them do


@pytest.mark.parametrize("kind", EVERY)
@pytest.mark.parametrize(
    ("status", "permanent"),
    [
        (400, True),
        (401, True),
        (403, True),
        (404, True),
        (410, True),
        (413, True),
        (500, False),
        (503, False),
    ],
)
def test_errors_say_what_to_do_and_no_secret(
    server: HttpServer, kind: str, status: int, permanent: bool
) -> None:
    server.route("*", text("TOPSECRET", status=status))
    for asked in (lambda channel: channel.send(message()), lambda channel: channel.check()):
        with pytest.raises(ChannelError, match=str(status)) as caught:
            asked(EVERY[kind](server))
        assert caught.value.permanent is permanent
        assert "TOPSECRET" not in f"{caught.value.message} {caught.value!r} {caught.value.__cause__!r}"
        assert ". " in caught.value.message or not permanent  # the remedy


@pytest.mark.parametrize("kind", EVERY)
def test_429_is_tried_again_when_the_other_side_says(server: HttpServer, kind: str) -> None:
    server.route("*", too_many(17))
    with pytest.raises(ChannelError) as caught:
        EVERY[kind](server).send(message())
    assert (caught.value.permanent, caught.value.retry_after) == (False, 17)


@pytest.mark.parametrize("kind", EVERY)
def test_no_answer_is_tried_again(server: HttpServer, kind: str) -> None:
    server.route("*", slow(text("ok"), 0.6))
    with pytest.raises(ChannelError) as caught:
        EVERY[kind](server, timeout_s=0.1).send(message())
    assert not caught.value.permanent
    assert "TOPSECRET" not in caught.value.message


@pytest.mark.parametrize("kind", EVERY)
def test_secrets_are_not_shown(server: HttpServer, kind: str) -> None:
    assert "TOPSECRET" not in repr(vars(EVERY[kind](server)))


# ------------------------------------------------------------------ Teams


def test_teams_posts_a_card(server: HttpServer) -> None:
    flow = Teams(server)
    assert teams(flow.url).send(message()) == "run1"
    (card,) = flow.cards
    title = card["body"][0]["items"][0]["inlines"][0]["text"]
    assert title == "🔶 【炎上の兆し】ミナモ珈琲：ネガティブな投稿が60分で38件（平常時2.1件）"
    assert card["body"][0]["style"] == "warning"
    assert card["actions"][0]["url"] == "http://127.0.0.1:8484/incidents/7"
    links = [node["url"] for node in nodes(card["body"]) if node.get("type") == "Action.OpenUrl"]
    assert links == ["https://social.example.jp/1"]


def test_teams_long_message_is_several_cards_that_teams_takes(server: HttpServer) -> None:
    flow = Teams(server)
    teams(flow.url).send(long_message())
    assert flow.failed_runs == []
    assert len(flow.cards) > 3
    said = "".join(
        node["text"] for card in flow.cards for node in nodes(card) if node.get("type") == "TextRun"
    )
    assert all(said.count(f"{n}番目の、返金") >= 2 for n in range(700))
    assert "（2/" in flow.cards[1]["body"][0]["items"][0]["inlines"][0]["text"]


def test_teams_check_posts_nothing(server: HttpServer) -> None:
    flow = Teams(server)
    assert teams(flow.url).check() == "ok: the workflow answers"
    assert flow.cards == []
    with pytest.raises(ChannelError, match="401"):
        teams(flow.url.replace("TOPSECRET-signature1", "other")).check()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://minamo.webhook.office.com/webhookb2/1", "ended in 2026"),
        ("prod-1.logic.azure.com/x", "web address"),
    ],
)
def test_teams_addresses(url: str, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        teams(url)


# ------------------------------------------------------------------ Discord


def test_discord_posts_embeds_and_pings_nobody(server: HttpServer) -> None:
    there = Discord(server)
    evil = Quote(
        "@everyone <@1> **x** [y](https://evil.example)", "a_b", "https://x.example/(1)", NOW, Label.NEGATIVE
    )
    assert discord(there.url).send(message(quotes=(evil,))) == "991"
    (sent,) = there.messages
    assert sent["content"].startswith("**🔶 【炎上の兆し】ミナモ珈琲")
    assert sent["allowed_mentions"] == {"parse": []}
    words = "\n".join(one.get("description", "") for one in sent["embeds"])
    assert "[▶ 詳細を開く](http://127.0.0.1:8484/incidents/7)" in words
    assert r"\<@1>" in words
    assert r"\*\*x\*\* [y\](https://evil.example)" in words
    assert "[投稿を開く](https://x.example/%281%29)" in words


def test_discord_goes_on_after_its_rate_limit(server: HttpServer) -> None:
    there = Discord(server)
    there.remaining = 2
    channel = discord(there.url)
    with pytest.raises(ChannelError) as caught:
        channel.send(long_message())
    assert (caught.value.permanent, caught.value.retry_after) == (False, 1.5)
    with pytest.raises(ChannelError) as caught:
        channel.send(long_message())  # too early
    assert caught.value.retry_after == 0.75
    there.remaining = 50
    assert channel.send(long_message()) == "991"
    said = "".join(e.get("description", "") for one in there.messages for e in one["embeds"])
    assert all(said.count(f"{n}番目の、返金") >= 2 for n in range(700))
    numbers = [re.match("（(\\d+)/", one["content"]) for one in there.messages]
    assert [int(one[1]) for one in numbers if one] == list(range(1, len(there.messages) + 1))


def test_discord_check_shows_nothing(server: HttpServer) -> None:
    there = Discord(server)
    assert discord(there.url).check() == "ok: Discord knows this webhook"
    assert there.messages == []
    with pytest.raises(ChannelError, match="deleted"):
        discord(there.url + "x").check()


def test_discord_addresses() -> None:
    for url in (
        "https://discord.com/channels/1/2",
        "discord.com/api/webhooks/1/x",
        "https://x/api/webhooks/1/x/slack",
    ):
        with pytest.raises(ValidationError, match="not a Discord webhook"):
            discord(url)


# ------------------------------------------------------------------ LINE


@pytest.mark.parametrize("form", ["flex", "text"])
def test_line_pushes_once_whatever_happens(server: HttpServer, form: str) -> None:
    there = Line(server)
    assert line(there.url, form=form).send(message()) == "461"
    assert line(there.url, form=form).send(message()) == "461"  # after a crash: LINE knows the retry key
    assert len(there.pushes) == 1
    assert line(there.url, form=form).send(message(key="another")) == "462"
    said = str(there.pushes[0])
    assert "🔶 【炎上の兆し】ミナモ珈琲" in said
    assert "http://127.0.0.1:8484/incidents/7" in said


@pytest.mark.parametrize("form", ["flex", "text"])
def test_line_long_message_is_one_push_of_several(server: HttpServer, form: str) -> None:
    there = Line(server)
    told = long_message() if form == "flex" else replace(long_message(), quotes=())
    line(there.url, form=form).send(told)
    assert sum(map(len, there.pushes)) > 3
    said = "".join(node.get("text", "") for one in there.pushes for node in nodes(one))
    assert all(f"{n}番目の、返金" in said for n in range(700))


def test_line_says_when_the_month_is_used_up(server: HttpServer) -> None:
    there = Line(server, quota=1)
    channel = line(there.url)
    assert channel.check() == "ok: 広報当番, 0 of 1 messages used this month"
    channel.send(message())
    for asked in (lambda: channel.send(message(key="another")), channel.check):
        with pytest.raises(ChannelError, match="month's messages are used up") as caught:
            asked()
        assert caught.value.permanent


def test_line_429_of_another_kind_is_tried_again(server: HttpServer) -> None:
    server.route(
        "*", json_reply({"message": "The API rate limit has been exceeded. Try again later."}, status=429)
    )
    with pytest.raises(ChannelError) as caught:
        line(server.url("")).send(message())
    assert not caught.value.permanent


def test_line_wrong_token_and_target(server: HttpServer) -> None:
    there = Line(server)
    with pytest.raises(ChannelError, match="token is wrong"):
        line(there.url, token="TOPSECRET-other").send(message())
    with pytest.raises(ChannelError, match="friend's user id"):
        line(there.url, to="U" + "0" * 32).send(message())
    with pytest.raises(ChannelError, match="Nobody has the id"):
        line(there.url, to="U" + "0" * 32).check()
    with pytest.raises(ValidationError, match="not a LINE id"):
        line(there.url, to="@minamo")


# ------------------------------------------------------------------ Chatwork


def test_chatwork_posts_a_frame_without_foreign_markup(server: HttpServer) -> None:
    there = Chatwork(server)
    evil = Quote("[toall] [/info] [To:1]", "花子", "https://x.example/1", NOW, Label.NEGATIVE)
    assert chatwork(there.url).send(message(quotes=(evil,))) == "771"
    (body,) = there.bodies
    assert body.startswith("[info][title]🔶 【炎上の兆し】ミナモ珈琲：")
    assert body.endswith("[/info]")
    assert re.findall(r"\[/?[A-Za-z]+", body) == ["[info", "[title", "[/title", "[/info"]
    assert "http://127.0.0.1:8484/incidents/7" in body


def test_chatwork_waits_for_its_window(server: HttpServer) -> None:
    there = Chatwork(server)
    there.remaining = 1
    channel = chatwork(there.url)
    channel.send(message())
    with pytest.raises(ChannelError) as caught:
        channel.send(message(key="another"))
    assert not caught.value.permanent
    assert caught.value.retry_after == pytest.approx(120, abs=5)


def test_chatwork_splits_and_stops_at_its_window(server: HttpServer) -> None:
    there = Chatwork(server)
    there.remaining = 1
    channel = chatwork(there.url)
    told = message(summary=LONG * 2)
    with pytest.raises(ChannelError) as caught:
        channel.send(told)
    assert caught.value.retry_after == pytest.approx(120, abs=5)
    there.remaining = 300
    assert channel.send(told) == "771"
    assert len(there.bodies) > 1
    assert "".join(there.bodies).count("699番目の、返金") == 2


def test_chatwork_check_reads_the_rooms_name(server: HttpServer) -> None:
    there = Chatwork(server)
    assert chatwork(there.url, room="#!rid123456").check() == "ok: 広報"
    with pytest.raises(ChannelError, match="invite it as a member"):
        chatwork(there.url, room="999").check()
    assert there.bodies == []
    with pytest.raises(ValidationError, match="not a room's number"):
        chatwork(there.url, room="広報")


# ------------------------------------------------------------------ as the product uses them


def test_resolved_is_not_shown_as_alarm(server: HttpServer) -> None:
    flow, over = (
        Teams(server),
        message(key="ミナモ/x/resolved/crisis", severity=Severity.CRISIS, title="【収束】ミナモ"),
    )
    teams(flow.url).send(over)
    assert flow.cards[0]["body"][0]["style"] == "good"
    assert "✅ 【収束】ミナモ" in str(flow.cards[0])


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_a_test_alert_and_an_incident_arrive_everywhere(store: Store, lang: str) -> None:
    with HttpServer() as one, HttpServer() as two, HttpServer() as three, HttpServer() as four:
        flow, there, push, room = Teams(one), Discord(two), Line(three), Chatwork(four)
        channels = {
            "teams": teams(flow.url), "discord": discord(there.url), "line": line(push.url),
            "chatwork": chatwork(room.url),
        }  # fmt: skip
        dispatcher = Dispatcher(store, channels, [], lang=lang, base_url="https://mimi.example.jp")
        done = dispatcher.dispatch([trial_alert(datetime.now(UTC)), alert()], NOW)
    assert [one.state for one in done] == [Delivery.SENT] * 8
    assert all(one.remote_id for one in done)
    title = render(alert(), lang=lang, timezone="Asia/Tokyo").title.replace("[", "").replace("]", "")
    for told in (flow.cards, there.messages, push.pushes, room.bodies):
        assert len(told) == 2
        assert title in str(told[1]).replace("[\u200b", "").replace("[", "").replace("]", "")


def test_a_dead_channel_is_told_through_another(store: Store, server: HttpServer) -> None:
    room = Chatwork(server)
    channels = {"dead": chatwork(room.url, token="TOPSECRET-old"), "alive": chatwork(room.url)}
    Dispatcher(store, channels, [], lang="ja").dispatch([alert()], NOW)
    states = {(one.channel, one.state) for one in store.notifications(10)}
    assert ("dead", Delivery.FAILED) in states
    assert any("【通知エラー】dead" in body and "401" in body for body in room.bodies)
    assert not any("TOPSECRET" in body for body in room.bodies)
