"""The silences page, its API, and what the notifications page does to channels and dead letters."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from alerts.dispatch import Dispatcher
from listener.config import Config, load
from listener.web.app import create_app
from storage.db import Store
from storage.notices import AlertKind, Delivery, Silence
from storage.types import Reason, Severity
from tests.delivery import Inbox
from tests.listener.web.conftest import HOME, FixedClock, browser_like
from tests.listener.web.seed import NOW, OWN

YAML = """
model: lexicon
topics:
  - {name: minamo, brand: ミナモ珈琲, tags: [直営]}
channels: [{name: 広報 Slack, kind: console}, {name: phone, kind: console}]
"""


@pytest.fixture
def own_config(tmp_path: Path) -> Config:
    path = tmp_path / "config.yaml"
    path.write_text(YAML, encoding="utf-8")
    return load(path, {})


@pytest.fixture
def client(own_store: Store, own_config: Config) -> TestClient:
    return browser_like(create_app(store=own_store, config=own_config, clock=FixedClock()))


def test_a_silence_begins_is_listed_and_ends(client: TestClient, own_store: Store) -> None:
    form = {
        "by": "佐藤", "topic": OWN, "kind": "mention", "tag": "直営", "up_to": "warning", "length": "2h",
        "reason": "発表会のため", "breaks": "true",
    }  # fmt: skip
    page = client.post("/silences", data=form).text
    assert "一時停止を開始しました。" in page
    (one,) = own_store.silences(NOW)
    assert (one.topic, one.kind, one.tag, one.up_to) == (OWN, AlertKind.MENTION, "直営", Severity.WARNING)
    assert (one.until, one.by, one.reason, one.breaks) == (
        NOW + timedelta(hours=2), "佐藤", "発表会のため", True,
    )  # fmt: skip
    assert "ミナモ珈琲 · 影響の大きい投稿 · タグ「直営」" in page
    assert "発表会のため" in page
    assert 'value="佐藤"' in client.get("/silences").text  # who it was is filled in
    assert "一時停止を終了しました" in client.post(f"/silences/{one.id}/end", data={"by": "佐藤"}).text
    assert own_store.silences(NOW) == []
    assert "すでに終了しています" in client.post(f"/silences/{one.id}/end", data={"by": "佐藤"}).text


def test_an_unticked_box_is_a_silence_that_nothing_breaks(client: TestClient, own_store: Store) -> None:
    client.post("/silences", data={"by": "佐藤", "length": "1h"})
    (one,) = own_store.silences(NOW)
    assert (one.topic, one.kind, one.breaks) == ("", None, False)
    assert "すべてのアラート" in client.get("/silences").text


@pytest.mark.parametrize(
    "wrong",
    [{"topic": "どこか"}, {"kind": "source"}, {"length": "9y"}, {"by": " "}, {"tag": "東日本"}],
)
def test_a_wrong_form_changes_nothing(client: TestClient, own_store: Store, wrong: dict[str, str]) -> None:
    answer = client.post("/silences", data={"by": "佐藤", "length": "1h"} | wrong)
    assert answer.status_code == 400
    assert own_store.silences(NOW) == []


def test_the_api(client: TestClient, own_store: Store) -> None:
    until = (NOW + timedelta(hours=3)).isoformat()
    ask = {"by": "当番ボット", "until": until, "topic": OWN, "reason": "検証"}
    made = client.post("/api/silences", json=ask)
    assert made.status_code == 201
    silence = made.json()
    assert (silence["topic"], silence["kind"], silence["breaks"]) == (OWN, None, True)
    assert client.get("/api/silences").json() == {"silences": [silence]}
    assert client.delete(f"/api/silences/{silence['id']}").status_code == 204
    assert client.delete(f"/api/silences/{silence['id']}").status_code == 404
    assert client.get("/api/silences").json() == {"silences": []}
    assert [one["id"] for one in client.get("/api/silences?all=true").json()["silences"]] == [silence["id"]]


@pytest.mark.parametrize(
    "wrong",
    [
        {"until": (NOW - timedelta(hours=1)).isoformat()},
        {"until": "2026-11-24T09:00:00"},
        {"topic": "どこか"},
        {"kind": "source"},
        {"mute": True},
    ],
)
def test_the_api_names_what_is_wrong(client: TestClient, own_store: Store, wrong: dict[str, object]) -> None:
    ask = {"by": "b", "until": (NOW + timedelta(hours=1)).isoformat()} | wrong
    answer = client.post("/api/silences", json=ask)
    assert answer.status_code == 400
    assert next(iter(wrong)) in answer.json()["error"]["message"]
    assert own_store.silences(NOW) == []


def test_no_other_site_can_silence_anything(own_store: Store, own_config: Config) -> None:
    stranger = TestClient(
        create_app(store=own_store, config=own_config, clock=FixedClock()),
        base_url=HOME,
        headers={"Origin": "https://evil.example"},
    )
    until = (NOW + timedelta(hours=1)).isoformat()
    assert stranger.post("/api/silences", json={"by": "x", "until": until}).status_code == 403
    assert stranger.post("/channels/phone/test").status_code == 403
    assert own_store.silences(NOW) == []


# ------------------------------------------------------------------ channels, tests, dead letters


def test_a_test_is_asked_for_on_the_page_and_sent_by_the_watch(client: TestClient, own_store: Store) -> None:
    assert "未使用" in client.get("/notifications").text
    page = client.post("/channels/広報 Slack/test").text
    assert "テスト通知を送信します。" in page
    box = Inbox()
    (sent,) = Dispatcher(own_store, {"広報 Slack": box}, ()).retry_due(NOW)[-1:]
    assert (sent.state, sent.channel) == (Delivery.SENT, "広報 Slack")
    assert [one.title for one in box.got] == ["【テスト】Kikimimiからのテスト通知です"]
    assert "正常" in client.get("/notifications").text
    assert client.post("/channels/nowhere/test").status_code == 404


def test_a_disabled_channel_says_why(client: TestClient, own_store: Store) -> None:
    own_store.alerting.failed(
        "phone", "invalid_auth", NOW, rest_after=5, rest=timedelta(minutes=15), disable=True
    )
    page = client.get("/notifications").text
    assert "停止中（設定の確認が必要）" in page
    assert "invalid_auth" in page


def test_a_dead_letter_is_sent_again_by_a_button(client: TestClient, own_store: Store) -> None:
    (dead,) = [one for one in own_store.notifications() if one.state is Delivery.FAILED]
    page = client.get("/notifications").text
    assert page.count("もう一度送信</button>") == 1
    assert f'action="/notifications/{dead.id}/resend"' in page
    assert "もう一度送信します。" in client.post(f"/notifications/{dead.id}/resend").text
    (again,) = [one for one in own_store.notifications() if one.id == dead.id]
    assert (again.state, again.attempts, again.next_at) == (Delivery.RETRY, 0, NOW)
    assert "すでに再送されています" in client.post(f"/notifications/{dead.id}/resend").text


@pytest.mark.parametrize(
    ("why", "words"),
    [
        (Reason("silenced", {"by": "佐藤", "until": NOW.isoformat(), "id": 1}), "佐藤さんが"),
        (Reason("inhibited", {"incident": "k", "id": 7}), "より重大な炎上・異変が続いている"),
        (Reason("quiet_hours", {"until": NOW.isoformat()}), "通知を控える時間帯のため"),
        (Reason("unanswered", {"seconds": 900}), "15分以内に誰も対応しなければ"),
        (Reason("acknowledged", {"by": "佐藤"}), "佐藤さんが対応中"),
        (Reason("grouped"), "まとめて送信"),
    ],
)
def test_a_row_says_why_it_waits_or_was_not_sent(
    client: TestClient, own_store: Store, why: Reason, words: str
) -> None:
    from dataclasses import replace

    row = own_store.notifications(1)[0]
    own_store.alerting.begin([replace(row, alert_key="new", state=Delivery.MUTED, why=why, id=None)])
    assert words in client.get("/notifications?state=muted").text


def test_both_pages_speak_english(client: TestClient, own_store: Store) -> None:
    own_store.add_silence(Silence(OWN, NOW + timedelta(hours=1), "launch", "Sato", NOW))
    silences = client.get("/silences?lang=en").text
    assert "told when it gets more severe" in silences
    assert re.search(r"1 silence in force", silences)
    assert "Send a test" in client.get("/notifications?lang=en").text
