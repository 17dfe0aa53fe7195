"""The page of surveys and referrals, and its API: what a reader sees, what a program may send."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import sync_playwright

from listener.config import Config
from listener.web.app import create_app
from listener.web.server import WebServer
from storage.consents import Consent, ConsentKind, Scope
from storage.db import Store
from storage.referrals import ReferralGiven, ReferralKind
from storage.responses import SCALES, Scale, SurveyGiven, SurveyKind
from storage.types import Stage
from tests.listener.web.conftest import HOME, FixedClock
from tests.listener.web.seed import NOW
from tests.listener.web.test_browser import CHROMIUM, DESK, PHONE

OWN = "minamo"
EMAIL = "hana@mail.example.jp"
COMMENTS = ("豆の話を聞くのが楽しみで通っています", "朝の席が足りません", "", "注文が早くて助かる", "")


def filled_in(store: Store) -> None:
    """A year of answers by two shops, one of which does far better, and referrals in two currencies."""
    answers = [
        SurveyGiven(
            SurveyKind.NPS,
            NOW - timedelta(days=7 * week, hours=shop + 1),
            score,
            SCALES[SurveyKind.NPS],
            comment=COMMENTS[(week + shop) % 5],
            email=EMAIL if (week, shop) == (0, 0) else "",
            properties={"店舗": name},
            external_id=f"{name}-{week}",
        )
        for week in range(50)
        for shop, (name, score) in enumerate(
            (("駅前店", 9 + week % 2), ("港北店", (3, 7, 6, 8, 5)[week % 5]))
        )
    ]
    answers += [
        SurveyGiven(SurveyKind.CSAT, NOW - timedelta(days=n, hours=1), 4 + n % 2, SCALES[SurveyKind.CSAT])
        for n in range(7)
    ]
    answers += [
        SurveyGiven(SurveyKind.CES, NOW - timedelta(days=n, hours=1), 1 + n % 7, SCALES[SurveyKind.CES])
        for n in range(40)
    ]
    store.surveys.add(OWN, "generic", answers, NOW)
    events = [
        ReferralGiven(NOW - timedelta(days=9 * n, hours=1), ReferralKind.PURCHASED,
                      EMAIL if n % 3 else f"r{n}@x.example", f"c{n}@x.example", 1200.0 + 100 * n,
                      "JPY" if n % 4 else "USD", f"o{n}")
        for n in range(24)
    ]  # fmt: skip
    events += [
        ReferralGiven(NOW - timedelta(days=n, hours=1), ReferralKind.REFERRED, EMAIL, f"d{n}@x.example")
        for n in range(12)
    ]
    events += [ReferralGiven(NOW - timedelta(days=1), ReferralKind.CLICKED, EMAIL)]
    store.referrals.add(OWN, "generic", events, NOW)


def consenting(store: Store) -> int:
    """The first advocate whom nobody has contacted yet says yes, and gives the address."""
    one = next(each for each in store.advocates(OWN) if each.stage is Stage.CANDIDATE)
    number = one.id or 0
    for stage in (Stage.REVIEWED, Stage.CONTACTED):
        store.people.move(number, stage, by="佐藤", now=NOW)
    yes = Consent(number, ConsentKind.GRANTED, frozenset({Scope.CONTACT}), NOW, "佐藤", evidence="DM",
                  wording="同意文", email=EMAIL)  # fmt: skip
    store.people.record(yes, NOW)
    return number


@pytest.fixture
def answered(own_store: Store) -> Store:
    filled_in(own_store)
    return own_store


# ------------------------------------------------------------------ the page


def test_an_empty_page_says_how_to_begin(client: TestClient) -> None:
    page = client.get("/programme/surveys").text
    assert "アンケートの回答はまだありません" in page
    assert "kikimimi surveys import answers.csv --topic minamo" in page
    assert "kikimimi referrals import referrals.csv --topic minamo" in page
    assert 'href="/programme/surveys" aria-current="page"' in page


def test_the_page_shows_figures_intervals_and_who_is_better(answered: Store, own_client: TestClient) -> None:
    page = own_client.get("/programme/surveys").text
    assert page.count('class="gauge"') == 4  # NPS, implied, CSAT, CES
    assert "アンケートのNPS" in page
    assert "推定NPS（投稿から）" in page
    assert "回答7件：少なすぎて判断できません" in page  # CSAT
    assert page.count('<td data-label="ほかとの比較">高い</td>') == 1
    assert page.count('<td data-label="ほかとの比較">低い</td>') == 1
    assert "豆の話を聞くのが楽しみで通っています" in page
    assert page.index("豆の話を聞くのが") < page.index("注文が早くて助かる")  # newest first
    assert "USD" in page
    assert "JPY" in page
    assert EMAIL not in page


def test_names_are_shown_only_while_a_consent_stands(answered: Store, own_client: TestClient) -> None:
    assert own_client.get("/programme/surveys").text.count("照合していない人") == 9
    number = consenting(answered)
    link = f'href="/advocates/{number}"'
    assert own_client.get("/programme/surveys").text.count(link) == 2  # a comment and a referrer
    gone = Consent(number, ConsentKind.WITHDRAWN, frozenset({Scope.CONTACT}), NOW, "佐藤")
    answered.people.record(gone, NOW)
    assert link not in own_client.get("/programme/surveys").text


def test_by_quarter_in_english_for_a_topic(answered: Store, own_client: TestClient) -> None:
    page = own_client.get("/programme/surveys?lang=en&step=quarter").text
    assert "no difference to claim" in page
    assert "n = 7: too few to read" in page
    other = own_client.get("/programme/surveys?topic=tomarigi&lang=en").text
    assert "No survey answers yet" in other


def test_comments_are_escaped(own_store: Store, own_client: TestClient) -> None:
    hostile = SurveyGiven(SurveyKind.NPS, NOW - timedelta(hours=1), 0, SCALES[SurveyKind.NPS],
                          comment="<script>alert(1)</script>", properties={"<b>": "<i>"})  # fmt: skip
    own_store.surveys.add(OWN, "generic", [hostile], NOW)
    page = own_client.get("/programme/surveys").text
    assert "<script>alert" not in page
    assert "<i>" not in page


# ------------------------------------------------------------------ the API


def test_the_summaries(answered: Store, own_client: TestClient) -> None:
    found = own_client.get("/api/surveys/summary?topic=minamo&step=quarter").json()
    nps, csat, ces = found["surveys"]
    assert (nps["kind"], nps["n"], nps["value"], nps["scale"]) == ("nps", 100, 20.0, [0, 10])
    assert nps["low"] < 20 < nps["high"]
    assert nps["counts"]["9"] == 25
    assert {one["segment"]: one["against_rest"] for one in nps["segments"]["店舗"]} == {
        "駅前店": "above", "港北店": "below",
    }  # fmt: skip
    assert (csat["n"], csat["few"]) == (7, True)
    assert ces["low"] < ces["value"] < ces["high"]
    assert "asked" in found["implied"]["why_different"]
    refs = own_client.get("/api/referrals/summary?topic=minamo&customers=400").json()
    assert (refs["referrers"], refs["customers"], refs["clicked"]) == (9, 36, 1)
    assert refs["rate_per_customer"]["value"] == 0.0225
    assert refs["conversion"]["hits"] == 24
    assert [one["currency"] for one in refs["worth"]] == ["JPY", "USD"]
    assert "@" not in own_client.get("/api/referrals/summary?topic=minamo").text


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "topic=nowhere",
        "topic=minamo&step=week",
        "topic=minamo&since=2030-01-01T00:00:00Z",
        "topic=minamo&x=1",
    ],
)
def test_a_wrong_question_is_named(client: TestClient, wrong: str) -> None:
    assert client.get(f"/api/surveys/summary?{wrong}").status_code == 400


def post(**fields: Any) -> dict[str, Any]:
    return {"topic": OWN, "kind": "nps", "responses": [answer()], **fields}


def answer(**fields: Any) -> dict[str, Any]:
    return {"id": "r-1", "at": NOW.isoformat(), "score": 9, "email": EMAIL, **fields}


def test_a_program_may_send_answers_once(own_store: Store, own_client: TestClient) -> None:
    body = post(responses=[answer(properties={"store": "駅前店"}), answer(id="r-2", score=3, email="")])
    answered = own_client.post("/api/surveys", json=body)
    assert (answered.status_code, answered.json()) == (201, {"stored": 2, "known": 0, "erased": 0})
    assert own_client.post("/api/surveys", json=body).json() == {"stored": 0, "known": 2, "erased": 0}
    own_store.privacy.erase_address(EMAIL, NOW, by="佐藤")
    assert own_client.post("/api/surveys", json=body).json() == {"stored": 0, "known": 1, "erased": 1}
    ces = post(kind="ces", scale=[1, 5], responses=[answer(id="c", score=5)])
    ces["responses"][0]["email"] = ""
    assert own_client.post("/api/surveys", json=ces).status_code == 201
    (stored,) = [one for one in own_store.surveys.between(OWN, NOW - timedelta(days=1), NOW + timedelta(days=1))
                 if one.kind is SurveyKind.CES]  # fmt: skip
    assert stored.scale == Scale(1, 5)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (post(responses=[answer(), answer(id="2", score=11)]), "responses[1].score"),
        (post(responses=[answer(score=9.5)]), "score"),
        (post(responses=[answer(email="hana")]), "responses[0].email"),
        (post(responses=[answer(at=(NOW + timedelta(days=9)).isoformat())]), "future"),
        (post(responses=[answer(at="2026-11-01T00:00:00")]), "at"),
        (post(responses=[]), "responses"),
        (post(kind="nps", scale=[0, 5]), "scale"),
        (post(kind="stars"), "kind"),
        (post(topic="nowhere"), "topic"),
        (post(responses=[answer(name="花")]), "name"),
    ],
)
def test_one_wrong_answer_stores_none(
    own_store: Store, own_client: TestClient, wrong: dict[str, Any], words: str
) -> None:
    refused = own_client.post("/api/surveys", json=wrong)
    assert refused.status_code == 400
    assert words in refused.json()["error"]["message"]
    assert own_store.surveys.between(None, NOW - timedelta(days=9), NOW + timedelta(days=99)) == []


def test_no_other_site_can_send_answers(own_store: Store, config: Config) -> None:
    app = create_app(store=own_store, config=config, clock=FixedClock())
    stranger = TestClient(app, base_url=HOME, headers={"Origin": "https://evil.example"})
    assert stranger.post("/api/surveys", json=post()).status_code == 403
    assert own_store.surveys.between(None, NOW - timedelta(days=9), NOW + timedelta(days=9)) == []


# ------------------------------------------------------------------ a real browser


@pytest.fixture
def address(answered: Store, config: Config) -> Iterator[str]:
    consenting(answered)
    any_port = config.model_copy(update={"web": config.web.model_copy(update={"port": 0})})
    with WebServer(any_port, answered, FixedClock()) as served:
        yield served


@pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=f"no browser at {CHROMIUM}")
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_it_fits_every_screen(address: str, size: Any, tmp_path: Path) -> None:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport=size, locale="ja-JP")
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.goto(f"{address}/programme/surveys")
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        dots = page.locator("#survey-1 .range-dot")
        assert dots.count() > 3
        page.get_by_text("数値を表で見る").first.click()
        page.screenshot(path=tmp_path / "surveys.png", full_page=True)
        browser.close()
    assert complaints == []
