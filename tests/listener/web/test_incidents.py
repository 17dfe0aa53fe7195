"""An incident's file on the page: what it says, what people write into it, its reports and its evidence."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from pypdf import PdfReader

from listener.web import pdf
from storage.cases import EventKind, Fate, Mark
from storage.db import Store
from storage.types import Incident
from tests.listener.web.seed import NOW

MINUTE = timedelta(minutes=1)


def current(store: Store) -> Incident:
    (found,) = store.open_incidents()
    return found


def test_the_file_says_what_since_when_how_fast_and_who(client: TestClient, store: Store) -> None:
    page = client.get(f"/incidents/{current(store).id}").text
    for words in (
        "いまやること", "第一報を作り、関係部署に共有する", "拡散の見立て", "主な論点", "広げたアカウント", "なぎさ",
        "ふだんより目立つ語", "ネガティブな投稿の感情", "支持・擁護する声", "証拠をまとめて保存",
    ):  # fmt: skip
        assert words in page, words
    english = client.get(f"/incidents/{current(store).id}?lang=en").text
    for words in ("What to do now", "How it spreads", "Main points", "Accounts that carried it"):
        assert words in english, words


def test_people_write_into_the_file(own_client: TestClient, own_store: Store) -> None:
    number = current(own_store).id or 0
    base = f"/incidents/{number}"
    assert (
        "メモを保存しました"
        in own_client.post(f"{base}/note", data={"by": "佐藤", "text": "店に確認中"}).text
    )
    assert "責任者を記録" in own_client.post(f"{base}/owner", data={"by": "佐藤", "owner": "高橋"}).text
    reply = {
        "by": "佐藤",
        "text": "確認しております",
        "url": "https://minamo.example/1",
        "at": "2026-11-22T23:40",
    }
    page = own_client.post(f"{base}/reply", data=reply).text
    for words in (
        "佐藤さんのメモ",
        "店に確認中",
        "責任者: 高橋さん",
        "対応者: 高橋",
        "当社の回答（記録: 佐藤さん）",
    ):
        assert words in page, words
    (said,) = (one for one in own_store.casebook.events(number) if one.kind is EventKind.REPLY)
    assert said.values == {"url": "https://minamo.example/1", "at": "2026-11-22T23:40:00+09:00"}


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("note", {"by": "佐藤", "text": " "}),
        ("note", {"by": "", "text": "x"}),
        ("reply", {"by": "佐藤", "text": "x", "url": "javascript:alert(1)"}),
        ("reply", {"by": "佐藤", "text": "x", "at": "昨日"}),
        ("report", {"by": "佐藤", "kind": "rumour"}),
        ("merge", {"by": "佐藤", "into": "0"}),
    ],
)
def test_what_makes_no_sense_is_refused(
    own_client: TestClient, own_store: Store, path: str, form: dict[str, str]
) -> None:
    number = current(own_store).id or 0
    before = own_store.casebook.events(number)
    assert own_client.post(f"/incidents/{number}/{path}", data=form).status_code == 400
    assert own_store.casebook.events(number) == before


def test_a_merged_incident_points_to_the_other(own_client: TestClient, own_store: Store) -> None:
    first = current(own_store)
    second = own_store.save_incident(
        replace(first, key="minamo/critical_phrase/1", kind="critical_phrase", id=None)
    )
    page = own_client.post(f"/incidents/{second.id}/merge", data={"by": "佐藤", "into": str(first.id)}).text
    assert "統合しました" in page
    assert f"この件は #{first.id} に統合されました" in page
    assert own_store.casebook.silent() == {second.id}
    again = own_client.post(f"/incidents/{second.id}/merge", data={"by": "佐藤", "into": str(first.id)}).text
    assert "すでに統合されている件です" in again


def test_a_merged_incident_is_split_again(own_client: TestClient, own_store: Store) -> None:
    first = current(own_store)
    second = own_store.save_incident(
        replace(first, key="minamo/critical_phrase/1", kind="critical_phrase", id=None)
    )
    path = f"/incidents/{second.id}"
    refused = own_client.post(f"{path}/split", data={"by": "鈴木"}).text
    assert "この件は統合されていません" in refused
    own_client.post(f"{path}/merge", data={"by": "佐藤", "into": str(first.id)})
    assert f'action="{path}/split"' in own_client.get(path).text
    page = own_client.post(f"{path}/split", data={"by": "鈴木"}).text
    assert "分けました。" in page
    assert f"鈴木さんが #{first.id} から分け、別の件に戻す" in page
    assert f'action="{path}/split"' not in page
    assert f"鈴木さんが #{second.id} をこの件から分ける" in own_client.get(f"/incidents/{first.id}").text
    assert own_store.casebook.silent() == frozenset()
    report = own_client.get(f"/incidents/{first.id}/draft").text
    assert "統合していた異変を別の件として分けました" in report


def test_a_report_is_issued_shown_and_handed_out(own_client: TestClient, own_store: Store) -> None:
    number = current(own_store).id or 0
    draft = own_client.get(f"/incidents/{number}/draft").text
    assert "下書き" in draft
    assert own_store.casebook.reports(number) == []
    page = own_client.post(
        f"/incidents/{number}/report", data={"by": "佐藤", "kind": "first", "following": "60"}
    ).text
    assert "【第一報】ミナモ珈琲" in page
    assert "11月23日(月) 00:50ごろに更新します" in page
    notes = set(re.findall(r'href="#note-(\d+)"', page))
    assert notes
    assert all(f'id="note-{one}"' in page for one in notes)
    base = f"/incidents/{number}/reports/1"
    text = own_client.get(f"{base}/text")
    assert "attachment" in text.headers["content-disposition"]
    assert "【事実】" in text.text
    assert "[Fact]" in own_client.get(f"{base}/text?lang=en").text
    html = own_client.get(f"{base}/html").text
    assert not re.search(r'(?:src|href)="(?!#|https?://)', html)
    assert "<script" not in html
    assert own_client.get(f"{base}/json").json()["kind"] == "first"
    assert own_client.get(f"{base}/docx").status_code == 404
    assert own_client.get(f"/incidents/{number}/reports/2").status_code == 404


def test_an_issued_report_never_changes(own_client: TestClient, own_store: Store) -> None:
    number = current(own_store).id or 0
    own_client.post(f"/incidents/{number}/report", data={"by": "佐藤", "kind": "first"})
    before = own_client.get(f"/incidents/{number}/reports/1/text").text
    own_client.post(f"/incidents/{number}/note", data={"by": "佐藤", "text": "あとからのメモ"})
    assert own_client.get(f"/incidents/{number}/reports/1/text").text == before
    later = own_client.post(f"/incidents/{number}/report", data={"by": "佐藤", "kind": "follow-up"}).text
    assert "【続報（第2報）】" in later
    assert "前回からの変化" in later
    assert "あとからのメモ" in later


def test_the_pdf_can_be_read_back_in_japanese(own_client: TestClient, own_store: Store) -> None:
    if not pdf.has_japanese_font():
        pytest.skip(f"no Japanese font on this machine: {pdf.FONT}")
    number = current(own_store).id or 0
    own_client.post(f"/incidents/{number}/report", data={"by": "佐藤", "kind": "first"})
    answer = own_client.get(f"/incidents/{number}/reports/1/pdf")
    if answer.headers["content-type"] != "application/pdf":
        pytest.skip(f"no Pango on this machine: {pdf.LIBRARIES}")
    pages = PdfReader(io.BytesIO(answer.content)).pages
    text = re.sub(r"\s", "", "".join(page.extract_text() for page in pages))
    for words in (
        "【第一報】ミナモ珈琲に関するネガティブな投稿の増加",
        "発生日時",
        "拡散状況",
        "当社の対応",
        "次回更新",
        "推定",
    ):
        assert words in text, words


def test_the_evidence_is_one_file_and_a_lost_post_is_marked(own_client: TestClient, own_store: Store) -> None:
    incident = current(own_store)
    number = incident.id or 0
    first = incident.evidence[0]
    place = (own_store.casebook.numbers(number)[first], number, first)
    own_store.casebook.mark([Mark(*place, Fate.GONE, NOW)])
    page = own_client.get(f"/incidents/{number}").text
    assert "元の投稿は削除されています" in page
    assert "証拠の投稿が削除された" in page
    answer = own_client.get(f"/incidents/{number}/evidence.zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        texts = [name for name in archive.namelist() if name.startswith("texts/")]
        assert len(texts) == len(incident.evidence)
        assert "gone" in archive.read("evidence.csv").decode()


def test_an_incident_without_any_mention_left_has_a_page(own_client: TestClient, own_store: Store) -> None:
    (past,) = (one for one in own_store.incidents() if one.resolved_at)
    own_store.purge(NOW - timedelta(minutes=1))
    page = own_client.get(f"/incidents/{past.id}")
    assert page.status_code == 200
    assert own_client.get(f"/incidents/{past.id}/draft").status_code == 200
