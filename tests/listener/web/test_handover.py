"""The hand-over page: who would go, running it, resending, the file; nobody goes without consent; in a browser."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Page, expect, sync_playwright

from listener.config import Config
from listener.web.app import create_app
from listener.web.server import WebServer
from storage.consents import Consent, ConsentKind
from storage.db import Store
from storage.transfers import TransferState
from storage.types import Advocate, Author, Contribution, Stage
from tests.listener.web.conftest import FixedClock, browser_like, configured
from tests.listener.web.seed import NOW, OWN
from tests.listener.web.test_browser import CHROMIUM, DESK, PATIENCE, PHONE
from tests.servers import HttpServer, text

HOME = "/programme/handover"
SCOPES = ("contact", "quote", "export")


@dataclass
class Desk:
    """The page, its store, and the program of others at the end of the wire."""

    client: TestClient
    store: Store
    config: Config
    server: HttpServer

    def run(self, **fields: str) -> str:
        return self.client.post(f"{HOME}/run", data={"by": "佐藤", "export": "hook", **fields}).text

    def sent(self) -> list[str]:
        return [json.loads(request.body)["data"]["email"] for request in self.server.requests]


def advocate(author: Author, score: float) -> Advocate:
    return Advocate(author, OWN, score, (Contribution("praise", score),), True, (), 4, NOW, NOW)


def crowd(store: Store, people: list[tuple[str, frozenset[str]]]) -> list[Advocate]:
    """Advocates on these platforms who allow these scopes, contacted all of them."""
    some = [
        advocate(
            Author(platform, f"p{n}", f"person{n}", f"ひと{n}", f"https://social.example/@p{n}"), 80.0 - n
        )
        for n, (platform, _) in enumerate(people)
    ]
    saved = store.save_advocates(OWN, some, NOW)
    for n, (one, (_, scopes)) in enumerate(zip(saved, people, strict=True)):
        for stage in (Stage.REVIEWED, Stage.CONTACTED):
            store.people.move(one.id or 0, stage, by="佐藤", now=NOW)
        if scopes:
            email = f"p{n}@mail.example"
            yes = Consent(one.id or 0, ConsentKind.GRANTED, scopes, NOW, "佐藤", "DM", "文", email=email)
            store.people.record(yes, NOW)
    return saved


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with HttpServer() as server, Store.open(f"sqlite:///{tmp_path / 'h.db'}") as store:
        server.route("/hook", text("ok"))
        yield opened(tmp_path, server, store)


def opened(folder: Path, server: HttpServer, store: Store) -> Desk:
    more = (
        "web: {port: 8484}\nnetwork: {allow: [127.0.0.1], contact: pr@minamo.example}\n"
        f'exports: [{{name: hook, kind: webhook, url: "{server.url("/hook")}"}}]'
    )
    config = configured(folder, more)
    return Desk(
        browser_like(create_app(store=store, config=config, clock=FixedClock())), store, config, server
    )


ALL = frozenset(SCOPES)
MIXED = [
    ("mastodon", ALL),
    ("mastodon", frozenset({"contact", "quote"})),
    ("reddit", ALL),
    ("mastodon", frozenset()),
]


def test_the_dry_run_says_who_would_go_and_why_others_would_not(desk: Desk) -> None:
    crowd(desk.store, MIXED)
    page = desk.client.get(HOME).text
    plan = page.split('id="plan"')[1].split('id="tried"')[0]
    assert "送る人: 1人" in plan
    assert "p0@mail.example" in plan
    assert "ひと2" in plan
    assert "Redditの規約が、投稿者の照合・引き渡しを禁じている" in plan
    assert "p2@mail.example" not in page
    silent = page.split('id="silent"')[1]
    assert "ひと1" in silent
    assert "ひと3" in silent
    assert "p1@mail.example" not in page
    assert desk.server.requests == []
    assert desk.store.handover.of_export("hook") == {}


def test_a_person_runs_it_once(desk: Desk) -> None:
    crowd(desk.store, MIXED)
    assert desk.client.post(f"{HOME}/run", data={"export": "hook"}).status_code == 400  # who is speaking?
    assert desk.client.post(f"{HOME}/run", data={"by": "佐藤", "export": "nope"}).status_code == 404
    foreign = {"Origin": "https://elsewhere.example"}
    assert (
        desk.client.post(f"{HOME}/run", data={"by": "x", "export": "hook"}, headers=foreign).status_code
        == 403
    )
    assert desk.server.requests == []
    page = desk.run()
    assert "1人中1人を登録" in page
    assert "登録済み" in page
    assert desk.sent() == ["p0@mail.example"]
    assert "前回から変わっていません" in desk.run()
    assert len(desk.server.requests) == 1


def test_a_refusal_is_shown_and_sent_again(desk: Desk) -> None:
    crowd(desk.store, [("mastodon", ALL), ("mastodon", ALL)])
    desk.server.route("/hook", text("no such list", status=422))
    page = desk.run()
    assert "未完了の" in page
    (first, *_) = desk.store.handover.of_export("hook").values()
    assert first.state in (TransferState.REFUSED, TransferState.FAILED)
    desk.server.route("/hook", text("ok"))
    done = desk.run(what="unsent", again="true")
    assert {one.state for one in desk.store.handover.of_export("hook").values()} == {TransferState.SENT}
    assert "未完了の" not in done


def test_who_withdrew_is_to_be_deleted_there(desk: Desk) -> None:
    (who,) = crowd(desk.store, [("mastodon", ALL)])
    desk.run()
    gone = Consent(who.id or 0, ConsentKind.WITHDRAWN, frozenset({"export"}), NOW, "佐藤")
    desk.store.people.record(gone, NOW)
    page = desk.client.get(HOME).text
    assert "送信先から削除してもらう人: 1人" in page
    desk.store.privacy.erase(who.author, NOW, by="佐藤")
    page = desk.client.get(HOME).text
    assert f"消去済みの方（番号 {who.id}）" in page
    assert "ひと0" not in page


def test_the_file_holds_who_consented(desk: Desk) -> None:
    crowd(desk.store, MIXED)
    full = desk.client.post(f"{HOME}/file", data={"by": "佐藤"})
    assert full.headers["content-disposition"] == 'attachment; filename="advocates.csv"'
    (row,) = csv.DictReader(io.StringIO(full.content.decode("utf-8-sig"), newline=""))
    assert (row["email"], row["consent_scopes"]) == ("p0@mail.example", "contact; export; quote")
    assert len(desk.store.handover.of_export("(--out)")) == 1
    assert desk.client.get(f"{HOME}/file").status_code == 405


def test_without_exports_the_page_says_what_to_do(own_client: TestClient) -> None:
    page = own_client.get(HOME).text
    assert "連携先が設定されていません" in page
    assert 'id="run"' not in page


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["mastodon", "reddit"]), st.frozensets(st.sampled_from(SCOPES)),
            st.sampled_from(["stays", "withdraws", "opts out"]),
        ),
        min_size=1, max_size=5,
    ),
    st.sampled_from(["new", "unsent"]), st.booleans(),
)  # fmt: skip
def test_no_way_on_the_page_hands_over_anybody_without_consent(
    tmp_path_factory: pytest.TempPathFactory,
    people: list[tuple[str, frozenset[str], str]],
    what: str,
    again: bool,
) -> None:
    folder = tmp_path_factory.mktemp("h")
    with HttpServer() as server, Store.open(f"sqlite:///{folder / 'h.db'}") as store:
        server.route("/hook", text("ok"))
        desk = opened(folder, server, store)
        saved = crowd(store, [(platform, scopes) for platform, scopes, _ in people])
        for one, (_, scopes, later) in zip(saved, people, strict=True):
            if later == "opts out":
                store.privacy.opt_out(one.author, NOW, by="佐藤")
            elif later == "withdraws" and scopes:
                back = Consent(one.id or 0, ConsentKind.WITHDRAWN, frozenset(), NOW, "佐藤")
                store.people.record(back, NOW)
        page = desk.client.get(HOME).text.split('id="plan"')[1].split('id="tried"')[0]
        desk.run(what=what, **({"again": "true"} if again else {}))
        desk.run()
        file = desk.client.post(f"{HOME}/file", data={"by": "佐藤"}).text
        left = b"".join(request.body for request in server.requests).decode() + file
        for n, (platform, scopes, later) in enumerate(people):
            may = platform != "reddit" and "export" in scopes and later == "stays"
            assert (f"https://social.example/@p{n}" in left) == may
            if not may:
                assert f"p{n}@mail.example" not in page + left


# ------------------------------------------------------------------ in a browser


@pytest.fixture
def page(desk: Desk) -> Iterator[Page]:
    if not Path(CHROMIUM).exists():
        pytest.skip(f"no browser at {CHROMIUM}; set KIKIMIMI_CHROMIUM to one, or install chromium")
    any_port = desk.config.model_copy(update={"web": desk.config.web.model_copy(update={"port": 0})})
    with WebServer(any_port, desk.store, FixedClock()) as address, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(base_url=address, locale="ja-JP", viewport=PHONE)
        context.set_default_timeout(PATIENCE)
        yield context.new_page()
        browser.close()


def test_a_person_hands_over_on_a_phone(desk: Desk, page: Page, tmp_path: Path) -> None:
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    shots = Path(os.environ.get("KIKIMIMI_SHOTS", str(tmp_path)))
    people = crowd(desk.store, MIXED)
    page.goto(HOME)
    _fits(page)
    page.locator("#run input[name=by]").fill("佐藤")
    page.locator("#run button.primary").click()
    expect(page.locator(".notice")).to_contain_text("実行しました")
    page.screenshot(path=shots / "handover-phone.png", full_page=True)
    page.goto(f"/programme/letter/{people[1].id}")
    _fits(page)
    page.set_viewport_size(DESK)
    page.goto(HOME)
    page.screenshot(path=shots / "handover-desk.png", full_page=True)
    assert desk.sent() == ["p0@mail.example"]
    assert complaints == []


def _fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    fields = "[...document.querySelectorAll('input:not([type=hidden]),select,textarea')]"
    assert page.evaluate(f"{fields}.filter(field => !field.labels.length && !field.ariaLabel).length") == 0
