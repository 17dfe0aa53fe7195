"""The pages as a server gives them; tests/listener/web/test_browser.py looks at them in a browser."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from listener.config import Config, load
from listener.web.app import create_app
from storage.db import MentionFilter, Store
from storage.types import IncidentState, Label, Stage
from tests.listener.web.conftest import FixedClock, configured
from tests.listener.web.seed import HOSTILE, NOW, mention

PAGES = (
    "/", "/topics/minamo", "/topics/tomarigi", "/review", "/mentions/1", "/incidents", "/incidents/1",
    "/incidents/2", "/advocates", "/advocates/1", "/advocates/2", "/sources", "/notifications",
)  # fmt: skip


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_shown_in_both_languages(client: TestClient, path: str, lang: str) -> None:
    answer = client.get(path, params={"lang": lang})
    assert answer.status_code == 200
    assert f'<html lang="{lang}">' in answer.text
    assert ("聞き耳" in answer.text) == (lang == "ja")
    # No inline script, style or handler: the policy would refuse them.
    assert not re.search(r"<script(?! src=)|<style| style=|<[^>]+ on[a-z]+=\"", answer.text)
    outside = [link for link in re.findall(r'(?:src|href|action)="([^"]*)"', answer.text) if "://" in link]
    assert all(link.startswith("https://social.example/") for link in outside)


@pytest.mark.parametrize("path", PAGES)
def test_every_list_is_fine_when_empty(tmp_path: Path, path: str) -> None:
    with Store.open(f"sqlite:///{tmp_path / 'empty.db'}") as store:
        client = TestClient(
            create_app(store=store, config=configured(tmp_path), clock=FixedClock()),
            base_url="http://localhost",
        )
        assert client.get(path).status_code == (404 if re.search(r"\d$", path) else 200)


def test_the_language_is_remembered(client: TestClient) -> None:
    assert '<html lang="ja">' in client.get("/").text
    client.get("/sources?lang=en")
    assert '<html lang="en">' in client.get("/").text
    assert '<html lang="ja">' in client.get("/?lang=ja").text


def test_hostile_text_is_only_text(client: TestClient) -> None:
    page = client.get("/topics/minamo").text
    assert "<script>window" not in page
    assert "onerror=&#34;" in page
    shown = re.sub(r"<mark[^>]*>|</mark>", "", page)
    assert HOSTILE in html.unescape(shown)
    assert "javascript:" not in page.lower()


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ({"sentiment": "negative", "period": "all"}, MentionFilter(topic="minamo", label=Label.NEGATIVE)),
        ({"q": "返金", "period": "all"}, MentionFilter(topic="minamo", text="返金")),
        ({"author": "nagisa_k", "period": "all"}, MentionFilter(topic="minamo", author="nagisa_k")),
        ({"platform": "appstore", "period": "all"}, MentionFilter(topic="minamo", platform="appstore")),
    ],
)
def test_filters_stand_in_the_address(
    client: TestClient, store: Store, asked: Mapping[str, str], kept: MentionFilter
) -> None:
    page = client.get("/topics/minamo", params=asked).text
    assert f">{store.count(kept):,}件<" in page
    ids = [int(found) for found in re.findall(r'id="mention-(\d+)"', page)]
    assert ids == [one.id for one in store.mentions(kept, 25)]


def test_paging_shows_every_mention_once(client: TestClient, store: Store) -> None:
    where = MentionFilter(topic="minamo", label=Label.NEGATIVE)
    seen: list[int] = []
    for number in range(1, 99):
        page = client.get(f"/topics/minamo?sentiment=negative&period=all&page={number}").text
        seen += [int(found) for found in re.findall(r'id="mention-(\d+)"', page)]
        if 'rel="next"' not in page:
            break
    assert seen == [one.id for one in store.mentions(where, 1000)]


def test_a_page_past_the_end_is_the_last_one(client: TestClient) -> None:
    page = client.get("/topics/minamo?sentiment=negative&page=4000").text
    assert 'rel="prev"' in page
    assert 'rel="next"' not in page


def test_what_cannot_be_read_is_said(client: TestClient) -> None:
    page = client.get("/topics/minamo?sentiment=angry&since=soon").text
    assert "読み取れない条件を無視しました: 感情、開始" in page


def test_unknown_counts_are_not_zero(client: TestClient) -> None:
    page = client.get("/topics/minamo?platform=news&period=all").text
    assert "投稿者不明" in page
    assert "反応 不明" in page
    assert "フォロワー 不明" in client.get("/topics/minamo?q=電話がまったく").text


def test_times_are_the_topics(store: Store, tmp_path: Path) -> None:
    configured(tmp_path)
    path = tmp_path / "config.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace(
            "brand: ミナモ珈琲,", "brand: ミナモ珈琲, timezone: Europe/Berlin,"
        ),
        "utf-8",
    )
    berlin = load(path, {})
    client = TestClient(
        create_app(store=store, config=berlin, clock=FixedClock()), base_url="http://localhost"
    )
    assert "11月22日(日) 15:46" in client.get("/topics/minamo").text


def test_links_out_leak_nothing(client: TestClient) -> None:
    page = client.get("/topics/minamo").text
    links = re.findall(r"<a [^>]*https://social\.example[^>]*>", page)
    assert len(links) >= 20
    assert all('rel="noopener noreferrer"' in link for link in links)


def test_the_overview_says_what_needs_me(client: TestClient) -> None:
    page = client.get("/").text
    for words in (
        "炎上",
        "34人がミナモ珈琲について",
        "収集元 1件に問題",
        "に再試行します",
        "未達の通知 1件",
        "ひかり",
    ):
        assert words in page
    assert page.index("34人") < page.index("言及数")


def test_a_calm_day_says_so(tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path / 'empty.db'}") as store:
        app = create_app(store=store, config=configured(tmp_path), clock=FixedClock())
        assert (
            "いま対応が必要なことはありません" in TestClient(app, base_url="http://localhost").get("/").text
        )


def test_nothing_is_compared_with_a_time_before_we_watched(client: TestClient) -> None:
    assert "比較できません" not in client.get("/?period=7d").text
    assert "比較できません" in client.get("/?period=30d").text


def test_an_incident_is_acknowledged_and_resolved(own_client: TestClient, own_store: Store) -> None:
    (incident,) = own_store.open_incidents()
    page = own_client.post(f"/incidents/{incident.id}/acknowledge", data={"by": " 佐藤 "}).text
    assert "対応中にしました。" in page
    assert "対応者: 佐藤" in page
    assert 'value="佐藤"' in page
    assert [one.state for one in own_store.open_incidents()] == [IncidentState.ACKNOWLEDGED]
    again = own_client.post(f"/incidents/{incident.id}/acknowledge", data={"by": "鈴木"}).text
    assert "すでに状態が変わっていた" in again
    assert (
        "解決済みにしました。"
        in own_client.post(f"/incidents/{incident.id}/resolve", data={"by": "佐藤"}).text
    )
    assert own_store.open_incidents() == []


@pytest.mark.parametrize("by", ["", "x" * 61])
def test_a_name_is_needed(own_client: TestClient, own_store: Store, by: str) -> None:
    (incident,) = own_store.open_incidents()
    answer = own_client.post(f"/incidents/{incident.id}/acknowledge", data={"by": by})
    assert answer.status_code == 400
    assert "もう一度" in answer.text
    assert own_store.open_incidents() == [incident]


def test_an_incident_shows_reasons_evidence_timeline_and_a_first_report(
    client: TestClient, store: Store
) -> None:
    (incident,) = store.open_incidents()
    page = client.get(f"/incidents/{incident.id}").text
    for words in (
        "平常値0.7件",
        "最初の言及、フォロワー最多",
        "slackへ通知（送信済み）",
        "webhookへ通知（未達）",
        "【第一報】ミナモ珈琲",
    ):
        assert words in page
    assert page.count('<article class="mention') == len(incident.evidence)
    assert f"http://127.0.0.1:8484/incidents/{incident.id}" in page


def test_an_advocates_score_is_explained(client: TestClient) -> None:
    page = client.get("/advocates/1").text
    for words in ("+29.5", "−11.4", "友だちにもすすめた", "報酬や提供を示す表現はありません"):
        assert words in page
    assert "PRや提供の表示" in client.get("/advocates/2").text


def test_a_stage_is_set(own_client: TestClient, own_store: Store) -> None:
    given = {"stage": "reviewed", "by": "佐藤"}
    assert "ステージを保存しました" in own_client.post("/advocates/1/stage", data=given).text
    found = own_store.advocate(1)
    assert found is not None
    assert found.stage == Stage.REVIEWED
    assert own_client.post("/advocates/1/stage", data={"stage": "boss", "by": "佐藤"}).status_code == 400


def test_advocates_are_filtered(client: TestClient) -> None:
    assert "グルメ案内人" not in client.get("/advocates?organic=yes").text
    assert "ひかり" not in client.get("/advocates?organic=no").text


def test_notifications_are_filtered(client: TestClient) -> None:
    page = client.get("/notifications?state=failed").text
    assert "HTTP 410" in page
    assert "SMTP 451" not in page


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere",
        "/topics/nobody",
        "/incidents/999",
        "/incidents/99999999999999999999",
        "/advocates/0",
        "/static/../app.py",
    ],
)
def test_what_does_not_exist_is_a_friendly_404(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "ページが見つかりません" in answer.text


def test_a_bad_number_in_an_address_is_friendly(client: TestClient) -> None:
    answer = client.get("/incidents/one")
    assert answer.status_code == 400
    assert "Traceback" not in answer.text


class StoppedClock:
    """A clock that is broken."""

    speed = 1.0

    def now(self) -> datetime:
        raise RuntimeError("secret detail")


@pytest.mark.parametrize("path", ["/", "/api/mentions"])
def test_a_fault_shows_no_trace(
    store: Store, config: Config, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    app = create_app(store=store, config=config, clock=StoppedClock())
    client = TestClient(app, base_url="http://localhost", raise_server_exceptions=False)
    answer = client.get(path)
    assert answer.status_code == 500
    assert "内部でエラー" in answer.text
    assert "secret detail" not in answer.text
    assert "secret detail" in caplog.text
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_topic_with_a_difficult_name_has_a_page(own_store: Store, tmp_path: Path) -> None:
    configured(tmp_path)
    path = tmp_path / "config.yaml"
    name = "100% 珈琲?#&"
    path.write_text(path.read_text(encoding="utf-8").replace("name: tomarigi", f"name: '{name}'"), "utf-8")
    app = create_app(store=own_store, config=load(path, {}), clock=FixedClock())
    at = NOW - timedelta(minutes=1)
    one = mention(1, at, "トマリギコーヒーへ", Label.NEUTRAL, topic="tomarigi")
    own_store.save_page(
        source="s", kind="file", mentions=[replace(one, topic=name)], seen=[], cursor={}, at=NOW
    )
    client = TestClient(app, base_url="http://localhost")
    link = re.search(r'href="(/topics/100[^"?]*)', client.get("/").text)
    assert link is not None
    page = client.get(link[1] + "?sentiment=neutral")
    assert page.status_code == 200
    assert "1件" in page.text
    english = re.search(r'<a href="([^"]*)" lang="en"', page.text)
    assert english is not None
    assert '<html lang="en">' in client.get(html.unescape(english[1])).text
