"""Segments on the page: made, suggested, looked at, changed, deleted; the programmes that suit; the JSON."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Page, expect, sync_playwright

from listener.config import Config
from listener.web.server import WebServer
from storage.consents import Consent, ConsentKind
from storage.db import Store
from storage.segmentation import Wanted
from storage.types import Advocate, Author, Contribution, Label, Mention, SignalKind, Stage
from tests.listener.web.conftest import FixedClock
from tests.listener.web.seed import NOW, OWN, mention

HOME = "/programme/segments"
TASTE = {"by": "佐藤", "name": "味のファン", "aspect": "taste", "organic": "true"}
CHROMIUM = os.environ.get("KIKIMIMI_CHROMIUM", "/usr/bin/chromium")
PATIENCE = 90_000  # milliseconds: a busy machine is slow, not wrong
SAID = (
    "ミナモ珈琲を友達にすすめたら喜ばれた。札幌店の店員さんがとても親切",
    "同僚をミナモ珈琲に連れて行った。接客がいいと気に入ってくれた",
    "ミナモ珈琲の豆を母に紹介したら毎日飲んでいるらしい。味もいい",
    "また友人をミナモ珈琲に誘った。絶対おすすめ",
)


def circle(people: int = 6) -> list[Mention]:
    """Friends in Sapporo who bring their friends, a post a week each."""
    found = []
    for who in range(people):
        author = Author("mastodon", f"friend-{who}", f"friend{who}", f"なかま{who}", followers=80)
        for week, text in enumerate(SAID):
            at = NOW - timedelta(days=7 * week + 1, minutes=37 * who)
            said = mention(20_000 + 10 * who + week, at, text, Label.POSITIVE, author=author,
                           kind=SignalKind.RECOMMEND, evidence="")  # fmt: skip
            found.append(said)
    return found


def advocate(mentions: list[Mention], score: float) -> Advocate:
    """As the ranking would store them; how the score is made is tested elsewhere."""
    author, times = mentions[0].post.author, [one.post.created_at for one in mentions]
    assert author is not None
    part = Contribution("praise_weeks", score, tuple(one.id or 0 for one in mentions))
    return Advocate(author, OWN, score, (part,), True, (), len(mentions), min(times), max(times))


@pytest.fixture
def friends(own_store: Store) -> list[Advocate]:
    """Six advocates beside the two that are there; the first has consented to everything."""
    saved = own_store.save_page(
        source="mastodon-tag", kind="mastodon", mentions=circle(), seen=[], cursor={}, at=NOW
    )
    ours = [saved[at : at + 4] for at in range(0, len(saved), 4)]
    before = own_store.advocates(OWN)
    ranking = [advocate(some, 70.0 - place) for place, some in enumerate(ours)]
    stored = own_store.save_advocates(OWN, [*before, *ranking], NOW)[len(before) :]
    number = stored[0].id or 0
    for stage in (Stage.REVIEWED, Stage.CONTACTED):
        own_store.people.move(number, stage, by="佐藤", now=NOW)
    yes = frozenset({"contact", "quote", "export"})
    own_store.people.record(
        Consent(number, ConsentKind.GRANTED, yes, NOW, "佐藤", evidence="DM", wording="同意文"), NOW
    )
    return stored


def saved(store: Store, name: str = "札幌の接客", **wanted: Any) -> str:
    conditions = wanted or {"topic": OWN, "aspect": "service", "region": "hokkaido"}
    one = store.segments.save(name, Wanted(**conditions), by="佐藤", now=NOW)
    return f"{HOME}/{one.id}"


def test_an_empty_page_says_how_to_begin(own_client: TestClient) -> None:
    page = own_client.get(HOME).text
    assert "保存したセグメントはまだありません" in page
    assert "5人以上のグループは見つかりませんでした" in page
    assert 'aria-current="page"' in page
    assert own_client.get(f"{HOME}?lang=en").text.count("No segment is saved yet.") == 1


def test_a_segment_is_made_and_shows_its_people(
    own_client: TestClient, own_store: Store, friends: list[Advocate]
) -> None:
    page = own_client.post(
        HOME, data={**TASTE, "region": "hokkaido", "min_score": "60", "within_days": ""}
    ).text
    assert "セグメントを保存しました" in page
    (one,) = own_store.segments.every()
    assert (one.name, one.by) == ("味のファン", "佐藤")
    assert one.wanted == Wanted(aspect="taste", region="hokkaido", organic=True, min_score=60.0)
    for person in friends:
        assert f'href="/advocates/{person.id}"' in page
    assert "ひかり" not in page  # an advocate as well, but nothing of Sapporo
    assert "紹介プログラム" in page
    assert "渡る人数は、多くても1人です" in page
    assert "kikimimi export-advocates --out contacts.csv --segment &#39;味のファン&#39; --dry-run" in page


def test_the_list_counts_people_consents_and_programmes(
    own_client: TestClient, own_store: Store, friends: list[Advocate]
) -> None:
    saved(own_store)
    page = own_client.get(HOME).text
    assert "接客をほめている" in page
    assert "1人 (17%)" in page
    assert "紹介プログラム 6" in page


def test_a_group_is_suggested_and_saved_with_one_click(
    own_client: TestClient, own_store: Store, friends: list[Advocate]
) -> None:
    page = own_client.get(HOME).text
    assert "ミナモ珈琲・" in page
    fields = _hidden(page)
    shown = own_client.post(HOME, data=fields).text
    assert "セグメントを保存しました" in shown
    (one,) = own_store.segments.every()
    assert one.name == fields["name"]
    assert (one.wanted.topic, one.wanted.organic, one.wanted.min_score) == (OWN, True, 30.0)
    assert _hidden(own_client.get(HOME).text).get("name") != one.name  # what is saved is suggested no more
    own_client.post(HOME, data=fields)
    assert [each.name for each in own_store.segments.every()] == [one.name, f"{one.name} 2"]


def _hidden(page: str) -> dict[str, str]:
    """The fields of the first suggested group."""
    forms = re.findall(r'<form method="post" class="inline".*?</form>', page, flags=re.DOTALL)
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', forms[0])) if forms else {}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": ""}, "名前を入力してください"),
        ({"name": "長" * 61}, "名前が長すぎます"),
        ({"aspect": "", "organic": "", "tag": ""}, "条件を1つ以上"),
        ({"min_score": "80", "max_score": "20"}, "下限が上限を超えない"),
        ({"within_days": "400"}, "日数は1〜365"),
        ({"aspect": "colour"}, "その観点はありません"),
        ({"region": "atlantis"}, "その地域はありません"),
        ({"topic": "gone"}, "そのトピックは設定にありません"),
        ({"programme": "royalty"}, "そのプログラムはありません"),
        ({"stage": "famous"}, "そのステージはありません"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    own_client: TestClient, own_store: Store, fields: dict[str, str], said: str
) -> None:
    page = own_client.post(HOME, data={**TASTE, "tag": "東北", **fields}).text
    assert said in page
    tag = fields.get("tag", "東北")
    assert f'name="tag" maxlength="60" value="{tag}"' in page
    assert 'value="佐藤"' in page
    assert own_store.segments.every() == []


def test_two_of_one_name_are_refused(own_client: TestClient, own_store: Store) -> None:
    own_client.post(HOME, data=TASTE)
    assert (
        "同じ名前のセグメントがすでにあります"
        in own_client.post(HOME, data={**TASTE, "region": "tokyo"}).text
    )
    assert len(own_store.segments.every()) == 1


def test_a_segment_is_changed_and_deleted(own_client: TestClient, own_store: Store) -> None:
    place = saved(own_store)
    assert 'value="札幌の接客"' in own_client.get(place).text
    page = own_client.post(place, data={**TASTE, "name": "味"}).text
    assert "条件を変更しました" in page
    (one,) = own_store.segments.every()
    assert (one.name, one.wanted) == ("味", Wanted(aspect="taste", organic=True))
    assert "条件を1つ以上" in own_client.post(place, data={"by": "佐藤", "name": "味"}).text
    gone = own_client.post(f"{place}/delete").text
    assert "セグメントを削除しました" in gone
    assert own_store.segments.every() == []
    assert own_client.get(place).status_code == 404
    assert own_client.post(f"{place}/delete").status_code == 404
    assert own_client.get(f"{HOME}/999999999999999999999").status_code == 404


def test_the_list_of_advocates_can_be_narrowed(
    own_client: TestClient, own_store: Store, friends: list[Advocate]
) -> None:
    number = saved(own_store).rsplit("/", 1)[1]
    assert "ひかり" in own_client.get("/advocates").text
    page = own_client.get(f"/advocates?segment={number}").text
    assert "ひかり" not in page
    assert page.count("なかま") == 6
    assert "ひかり" in own_client.get("/advocates?segment=77").text  # deleted meanwhile: no filter


def test_an_advocates_page_suggests_programmes_with_reasons(
    own_client: TestClient, friends: list[Advocate]
) -> None:
    page = own_client.get(f"/advocates/{friends[1].id}").text
    card = page.split('id="fit"')[1].split('id="consent"')[0]
    assert "おすすめのプログラム" in card
    assert "紹介プログラム" in card
    assert "友人や家族などにすすめた投稿が4件あります" in card
    assert "<blockquote>ミナモ珈琲を友達にすすめたら" in card
    assert 'href="#mention-' in card
    assert "posts tell of recommending" in own_client.get(f"/advocates/{friends[1].id}?lang=en").text


def test_who_is_not_organic_or_opted_out_gets_no_programme(own_client: TestClient) -> None:
    assert "自発的とは言えないため、提案しません" in own_client.get("/advocates/2").text
    own_client.post("/advocates/1/opt-out", data={"by": "佐藤"})
    assert "利用停止中のため、提案しません" in own_client.get("/advocates/1").text


def test_what_came_after_the_first_contact_speaks_for_no_programme(
    own_client: TestClient, own_store: Store, friends: list[Advocate]
) -> None:
    number = friends[2].id or 0
    own_store.people.move(number, Stage.REVIEWED, by="佐藤", now=NOW, at=NOW - timedelta(days=20))
    own_store.people.move(number, Stage.CONTACTED, by="佐藤", now=NOW, at=NOW - timedelta(days=20))
    page = own_client.get(f"/advocates/{number}").text
    assert "まだありません。好意的な投稿が、判断できるほどありません" in page


def test_a_hostile_name_stays_text(own_client: TestClient) -> None:
    page = own_client.post(HOME, data={**TASTE, "name": "<script>x</script>"}).text
    assert "<script>x</script>" not in page
    assert "&lt;script&gt;x&lt;/script&gt;" in page


def test_the_api_lists_segments_and_their_people(
    own_client: TestClient, own_store: Store, friends: list[Advocate]
) -> None:
    number = saved(own_store).rsplit("/", 1)[1]
    (one,) = own_client.get("/api/segments").json()["segments"]
    assert one == {
        "id": int(number), "name": "札幌の接客", "by": "佐藤", "at": "2026-11-22T14:50:00Z",
        "filter": {"topic": OWN, "aspect": "service", "region": "hokkaido"},
        "people": 6, "consenting": 1, "exportable": 1, "programmes": {"referral": 6},
    }  # fmt: skip
    found = own_client.get(f"/api/segments/{number}/advocates?limit=2&offset=1").json()
    assert (found["total"], found["segment"], len(found["advocates"])) == (6, one, 2)
    first = found["advocates"][0]
    assert (first["id"], first["score"]) == (friends[1].id, 69.0)
    (best,) = first["fit"]["programmes"]
    assert (best["programme"], first["fit"]["none"]) == ("referral", "")
    assert all(reason["evidence"] for reason in best["reasons"])
    assert set(first["aspects"]) == {"service", "taste"}
    assert set(first["regions"]) == {"hokkaido"}
    assert own_client.get("/api/segments/77/advocates").status_code == 404
    assert own_client.get("/api/segments?limit=1").status_code == 400
    assert own_client.get(f"/api/segments/{number}/advocates?limit=0").status_code == 400


def test_who_opts_out_leaves_every_segment(
    own_client: TestClient, own_store: Store, friends: list[Advocate]
) -> None:
    place = saved(own_store)
    own_store.privacy.opt_out(friends[0].author, NOW, by="佐藤")
    found = own_client.get(f"/api{place.removeprefix('/programme')}/advocates").json()
    assert found["total"] == 5
    assert (found["segment"]["consenting"], found["segment"]["exportable"]) == (0, 0)


# ------------------------------------------------------------------ in a browser


@pytest.fixture
def page(own_store: Store, friends: list[Advocate], config: Config) -> Iterator[Page]:
    """A phone in front of the page, in Japanese."""
    if not Path(CHROMIUM).exists():
        pytest.skip(f"no browser at {CHROMIUM}; set KIKIMIMI_CHROMIUM to one, or install chromium")
    any_port = config.model_copy(update={"web": config.web.model_copy(update={"port": 0})})
    with WebServer(any_port, own_store, FixedClock()) as address, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(
            base_url=address, locale="ja-JP", viewport={"width": 390, "height": 844}
        )
        context.set_default_timeout(PATIENCE)
        yield context.new_page()
        browser.close()


def test_a_person_saves_a_group_on_a_phone(page: Page, tmp_path: Path) -> None:
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(HOME)
    _fits(page)
    name = page.locator("#groups .said b").first.inner_text()
    shots = Path(os.environ.get("KIKIMIMI_SHOTS", str(tmp_path)))
    page.screenshot(path=shots / "segments-phone.png", full_page=True)
    page.locator("#groups .said button").first.click()
    expect(page.locator("h1")).to_have_text(name)
    expect(page.locator(".notice")).to_have_text("セグメントを保存しました。")
    _fits(page)
    page.screenshot(path=shots / "segment-phone.png", full_page=True)
    page.locator("#members a").first.click()
    expect(page.locator("#fit")).to_contain_text("紹介プログラム")
    _fits(page)
    page.locator("#fit").screenshot(path=shots / "fit-phone.png")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(HOME)
    expect(page.locator("#segment-list")).to_contain_text(name)
    page.screenshot(path=shots / "segments-desk.png", full_page=True)
    assert complaints == []


def _fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    fields = "[...document.querySelectorAll('input:not([type=hidden]),select')]"
    assert page.evaluate(f"{fields}.filter(field => !field.labels.length).length") == 0
