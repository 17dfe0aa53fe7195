"""The testimonials library: found, decided, copied only with consent, published, taken down; JSON and downloads."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from storage.consents import Consent, ConsentKind
from storage.db import Store
from storage.types import Author, Label, SignalKind, Stage
from tests.listener.web.seed import NOW, OWN, mention

HOME = "/programme/testimonials"
BY = {"by": "佐藤"}
SENTENCE = "店員さんが豆の違いを丁寧に教えてくれた。"
POST = f"きのうはミナモ珈琲へ。{SENTENCE}また行きます。"
OTHER = "店長さんが豆の違いを丁寧に教えてくれた。ミナモ珈琲はいい。"


@pytest.fixture
def number(own_store: Store) -> int:
    """A post of the advocate 1 with a sentence worth quoting, and one by somebody on Reddit."""
    fan = own_store.advocate(1)
    assert fan is not None
    reddit = Author("reddit", "r1", "red_fan", "レディット太郎", "https://www.reddit.com/user/red_fan")
    where = {"kind": SignalKind.TESTIMONIAL, "evidence": "丁寧"}
    found = own_store.save_page(
        source="mastodon-tag", kind="mastodon", seen=(), cursor={}, at=NOW,
        mentions=[
            mention(30_001, NOW - timedelta(hours=1), POST, Label.POSITIVE, author=fan.author, **where),
            mention(30_002, NOW - timedelta(hours=2), OTHER, Label.POSITIVE, author=reddit, **where),
        ],
    )  # fmt: skip
    return found[0].id or 0


def allow(store: Store, *scopes: str, until: timedelta | None = None, name: str = "") -> None:
    """The advocate 1 says yes to these, an hour ago."""
    then = NOW - timedelta(hours=1)
    for stage in (Stage.REVIEWED, Stage.CONTACTED):
        store.people.move(1, stage, by="佐藤", now=then)
    end = NOW + until if until else None
    yes = Consent(
        1, ConsentKind.GRANTED, frozenset(scopes), then, "佐藤", "DM", "同意文", end, name_given=name
    )
    store.people.record(yes, then)


def take_back(store: Store) -> None:
    store.people.record(Consent(1, ConsentKind.WITHDRAWN, frozenset({"quote"}), NOW, "佐藤"), NOW)


def card(client: TestClient, number: int, query: str = "") -> str:
    page = client.get(f"{HOME}{query}").text
    return page.split(f'id="quote-{number}"')[1].split("</article>")[0]


def rows(client: TestClient, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"/api/testimonials{query}").json()["testimonials"]
    return found


def do(client: TestClient, what: str, **fields: str) -> str:
    return client.post(f"{HOME}/{what}", data={**BY, **fields}).text


def test_a_sentence_has_its_source_and_says_what_is_missing(
    own_client: TestClient, own_store: Store, number: int
) -> None:
    shown = card(own_client, number)
    assert SENTENCE in shown
    assert 'href="/advocates/1">ひかり</a>' in shown
    assert 'href="https://social.example/@hikari_cafe/30001"' in shown
    assert "未連絡" in shown
    assert 'href="/advocates/1#consent">同意がありません（未連絡）' in shown
    assert f"/programme/letter/1?purpose=quote&amp;mention={number}" in shown
    assert "data-copy" not in shown
    own_store.people.move(1, Stage.REVIEWED, by="佐藤", now=NOW)
    own_store.people.move(1, Stage.CONTACTED, by="佐藤", now=NOW)
    assert "確認中" in card(own_client, number)


def test_with_consent_it_is_copied_with_the_name_that_was_given(
    own_client: TestClient, own_store: Store, number: int
) -> None:
    allow(own_store, "quote", until=timedelta(days=30), name="水辺 ひかり")
    shown = card(own_client, number)
    assert "許可あり" in shown
    assert "12月22日" in shown
    copied = re.search(r"<textarea[^>]*>(.*?)</textarea>", shown, re.DOTALL)
    assert copied
    assert copied[1].splitlines() == [
        f"「{SENTENCE}」", "— 水辺 ひかりさん（Mastodonへの投稿、2026年11月）",
        "https://social.example/@hikari_cafe/30001",
    ]  # fmt: skip


def test_without_a_name_given_nobody_is_named(own_client: TestClient, own_store: Store, number: int) -> None:
    allow(own_store, "quote")
    assert "お客様の声（Mastodonへの投稿、2026年11月）" in card(own_client, number)


def test_other_consents_are_none_to_be_quoted(own_client: TestClient, own_store: Store, number: int) -> None:
    allow(own_store, "contact", "export")
    assert "data-copy" not in card(own_client, number)
    assert [one["publishable"] for one in rows(own_client) if one["mention_id"] == number] == [False]


def test_who_is_to_be_left_alone_is_not_named(own_client: TestClient, own_store: Store, number: int) -> None:
    (there,) = rows(own_client, "?permission=blocked&q=豆の違い")
    assert there["mention_id"] != number
    reddit = card(own_client, there["mention_id"], "?permission=blocked")
    assert "掲載不可" in reddit
    assert "投稿者は表示しません" in reddit
    assert "red_fan" not in reddit
    assert "レディット太郎" not in reddit
    own_store.privacy.opt_out(Author("mastodon", "fan-1"), NOW, by="佐藤")
    opted = card(own_client, number, "?permission=blocked")
    assert "掲載不可" in opted
    assert "ひかり" not in opted
    assert "hikari_cafe" not in opted
    (shape,) = [one for one in rows(own_client, "?permission=blocked") if one["mention_id"] == number]
    assert (shape["author"], shape["url"], shape["credit"]) == (None, None, None)


@pytest.mark.parametrize(
    ("form", "kind"), [("csv", "text/csv"), ("json", "application/json"), ("html", "text/html")]
)
def test_a_download_holds_only_what_may_be_printed(
    own_client: TestClient, own_store: Store, number: int, form: str, kind: str
) -> None:
    place = f"{HOME}/export/{form}"
    assert SENTENCE not in own_client.get(place).text
    allow(own_store, "quote")
    full = own_client.get(place)
    assert full.headers["content-type"].startswith(kind)
    assert full.headers["content-disposition"] == f'attachment; filename="testimonials.{form}"'
    assert full.text.count(SENTENCE) == 1  # not the one on Reddit
    if form == "csv":
        found = list(csv.DictReader(io.StringIO(full.content.decode("utf-8-sig"))))
        assert str(number) in {row["mention_id"] for row in found}
    do(own_client, f"{number}/choice", choice="hidden")
    assert SENTENCE not in own_client.get(place).text
    do(own_client, f"{number}/choice", choice="approved")
    assert SENTENCE in own_client.get(place).text
    take_back(own_store)
    assert SENTENCE not in own_client.get(place).text
    assert own_client.get(f"{HOME}/export/xml").status_code == 400


def test_hidden_sentences_are_found_among_the_hidden(own_client: TestClient, number: int) -> None:
    assert "非表示にしました" in do(own_client, f"{number}/choice", choice="hidden")
    assert f'id="quote-{number}"' not in own_client.get(HOME).text
    assert "判断を取り消す" in card(own_client, number, "?hidden=true")
    assert "判断を取り消しました" in do(own_client, f"{number}/choice", choice="undecided")
    assert f'id="quote-{number}"' in own_client.get(HOME).text


def test_the_cut_is_word_for_word(own_client: TestClient, own_store: Store, number: int) -> None:
    assert "そのままの形では見つかりません" in do(own_client, f"{number}/cut", words="豆を教えてくれた")
    assert "切り出しを保存" in do(own_client, f"{number}/cut", words=" 豆の違いを丁寧に教えてくれた。\r\n")
    shown = card(own_client, number)
    assert "<blockquote>豆の違いを丁寧に教えてくれた。</blockquote>" in shown
    (kept,) = own_store.testimonials.curations().values()
    assert POST[kept.start : kept.end] == kept.quote == "豆の違いを丁寧に教えてくれた。"
    assert own_client.post(f"{HOME}/{number}/cut", data={"words": "豆"}).status_code == 400
    assert own_client.post(f"{HOME}/99999/choice", data={**BY, "choice": "hidden"}).status_code == 404


def test_filters_narrow_the_list(own_client: TestClient, own_store: Store, number: int) -> None:
    allow(own_store, "quote")
    assert {one["permission"] for one in rows(own_client, "?permission=granted")} == {"granted"}
    assert [one["mention_id"] for one in rows(own_client, "?q=豆の違い&permission=granted")] == [number]
    assert rows(own_client, "?topic=tomarigi") == []
    assert "条件に合う文はありません" in own_client.get(f"{HOME}?q=zzz").text
    assert own_client.get("/api/testimonials?topic=nope").status_code == 400
    assert own_client.get("/api/testimonials?permission=maybe").status_code == 400


def test_the_api_tells_what_is_where(own_client: TestClient, own_store: Store, number: int) -> None:
    allow(own_store, "quote", name="水辺 ひかり")
    do(own_client, f"{number}/published", place="https://minamo.example/voices")
    (one,) = rows(own_client, "?q=豆の違い&permission=granted")
    assert (one["topic"], one["quote"], one["permission"], one["publishable"]) == (
        OWN,
        SENTENCE,
        "granted",
        True,
    )
    assert POST[one["start"] : one["end"]] == SENTENCE
    assert one["credit"] == "水辺 ひかりさん（Mastodonへの投稿、2026年11月）"
    assert one["aspects"] == ["service"]
    assert one["published"] == [
        {
            "place": "https://minamo.example/voices",
            "at": "2026-11-22T14:50:00Z",
            "by": "佐藤",
            "down_at": None,
        }
    ]


def test_a_withdrawn_consent_lists_the_places(own_client: TestClient, own_store: Store, number: int) -> None:
    assert "同意が有効な文だけ" in do(own_client, f"{number}/published", place="店頭")
    allow(own_store, "quote")
    assert "場所を入力" in do(own_client, f"{number}/published", place=" ")
    assert "未来の日付" in do(own_client, f"{number}/published", place="店頭", on="2099-01-01")
    assert "同意が有効な文だけ" in do(own_client, f"{number}/published", place="店頭", on="2020-01-01")
    assert "掲載を記録しました" in do(
        own_client, f"{number}/published", place="https://minamo.example/voices"
    )
    assert "掲載を取り下げる場所" not in own_client.get(HOME).text
    take_back(own_store)
    for path in (HOME, "/advocates/1"):
        page = own_client.get(path).text
        assert "掲載を取り下げる場所" in page
        assert "https://minamo.example/voices" in page
    (note,) = own_store.testimonials.publications()
    assert "取り下げを記録" in do(own_client, f"published/{note.id}/down")
    assert "すでに取り下げ" in do(own_client, f"published/{note.id}/down")
    assert 'id="take-down"' not in own_client.get(HOME).text


def test_tags_are_set_shown_and_filtered(own_client: TestClient, own_store: Store) -> None:
    page = own_client.post("/advocates/1/tags", data={**BY, "tags": "常連、焙煎好き, 常連"}).text
    assert "タグを変更しました" in page
    assert own_store.people.journeys([1])[1].tags == ("常連", "焙煎好き")
    listed = own_client.get("/advocates?tag=常連").text
    assert "ひかり" in listed
    assert "グルメ案内人" not in listed
    assert "タグなし" in own_client.post("/advocates/1/tags", data={**BY, "tags": ""}).text
    assert own_store.people.journeys([1])[1].tags == ()


def test_a_letter_is_drafted_on_the_page(own_client: TestClient, own_store: Store, number: int) -> None:
    assert "返信先を入力" in own_client.get("/programme/letter/1").text
    asked = f"/programme/letter/1?contact=pr@minamo.example&mention={number}&sender=佐藤"
    page = own_client.get(asked).text
    assert "ご投稿の掲載についてのお願い" in page
    assert "豆の違いを丁寧に" in page
    assert "その番号の言及は" in own_client.get("/programme/letter/1?contact=a@b.example&mention=1").text
    assert "言及の番号を指定" in own_client.get("/programme/letter/1?purpose=disclosure").text
    assert own_client.get("/programme/letter/999?contact=a@b.example").status_code == 404
    own_store.privacy.opt_out(Author("mastodon", "fan-1"), NOW, by="佐藤")
    assert "連絡しないでください" in own_client.get(asked).text
    own_store.privacy.take_back(Author("mastodon", "fan-1"), NOW, by="佐藤")
    assert "May we quote" in own_client.get(f"{asked}&lang=en&in=ja").text
