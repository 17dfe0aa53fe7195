"""The page in a real browser: what a person can do, and what hostile posts cannot."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from listener.config import Config
from listener.web.server import WebServer
from storage.db import Store
from storage.types import IncidentState, Label, Sentiment
from tests.listener.web.conftest import FixedClock
from tests.listener.web.seed import NOW, mention

CHROMIUM = os.environ.get("KIKIMIMI_CHROMIUM", "/usr/bin/chromium")
PATHS = (
    "/",
    "/topics/minamo?period=30d",
    "/review",
    "/mentions/1",
    "/incidents",
    "/incidents/2",
    "/advocates",
    "/advocates/1",
    "/programme/prospects",
    "/sources",
    "/notifications",
    "/silences",
)
UNNAMED = """[...document.querySelectorAll('input:not([type=hidden]),select,textarea')]
    .filter(field => !field.labels.length && !field.ariaLabel).length"""
PATIENCE = 90_000  # milliseconds: a busy machine is slow, not wrong
expect.set_options(timeout=PATIENCE)
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}

pytestmark = pytest.mark.skipif(
    not Path(CHROMIUM).exists(),
    reason=f"no browser at {CHROMIUM}; set KIKIMIMI_CHROMIUM to one, or install chromium",
)


@dataclass
class Watched:
    """A browser window and everything it complained about or asked for."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as driver:
        opened = driver.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def site_store(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("browser")
    for part in filled.parent.glob(f"{filled.name}*"):
        shutil.copy(part, folder / part.name)
    with Store.open(f"sqlite:///{folder / filled.name}") as opened:
        yield opened


@pytest.fixture(scope="module")
def address(site_store: Store, config: Config) -> Iterator[str]:
    any_port = config.model_copy(update={"web": config.web.model_copy(update={"port": 0})})
    with WebServer(any_port, site_store, FixedClock()) as served:
        yield served


@pytest.fixture
def context(browser: Browser, address: str) -> Iterator[BrowserContext]:
    opened = browser.new_context(base_url=address, locale="ja-JP", viewport=DESK)
    opened.set_default_timeout(PATIENCE)
    yield opened
    opened.close()


@pytest.fixture
def window(context: BrowserContext) -> Iterator[Watched]:
    """A page that must stay silent and at home."""
    watched = Watched(context.new_page())
    watched.page.on("console", lambda said: watched.complaints.append(f"{said.type}: {said.text}"))
    watched.page.on("pageerror", lambda error: watched.complaints.append(str(error)))
    context.on("request", lambda request: watched.hosts.add(urlsplit(request.url).hostname or request.url))
    yield watched
    assert watched.complaints == []
    assert watched.hosts <= {"127.0.0.1"}


def test_every_page_fits_and_is_silent(window: Watched) -> None:
    for lang, size, paths in (("ja", PHONE, PATHS), ("en", DESK, PATHS[::3])):
        window.page.set_viewport_size(size)  # type: ignore[arg-type]
        for path in paths:
            window.page.goto(path + ("&" if "?" in path else "?") + f"lang={lang}")
            assert window.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (path, lang)
            assert window.page.locator("h1").count() == 1
            assert window.page.evaluate(UNNAMED) == 0, path


def test_a_hostile_post_stays_text(window: Watched) -> None:
    window.page.goto("/topics/minamo")
    post = window.page.locator(".mention", has_text="<script>window.pwned")
    expect(post).to_have_count(1)
    assert post.locator("script, img, a.out").count() == 0
    assert window.page.evaluate("window.pwned") is None


def test_filters_apply_at_once_and_stand_in_the_address(window: Watched) -> None:
    page = window.page
    page.goto("/topics/minamo?period=all")
    everything = page.locator("#mention-list > header .muted").inner_text()
    page.select_option("select[name=sentiment]", "positive")
    expect(page.locator(".chosen .chip")).to_have_text("ポジティブ ×")
    assert "sentiment=positive" in page.url
    assert page.locator(".mention").count() == page.locator(".mention.is-positive").count() > 0
    page.fill("input[name=q]", "モーニング")
    page.press("input[name=q]", "Enter")
    expect(page.locator(".chosen .chip")).to_have_count(2)
    assert all("モーニング" in text for text in page.locator(".mention .body").all_inner_texts())
    page.go_back()
    expect(page.locator(".chosen .chip")).to_have_count(1)
    page.locator(".chosen .chip").click()
    expect(page.locator("#mention-list > header .muted")).to_have_text(everything)


def test_the_next_page_shows_others(window: Watched) -> None:
    page = window.page
    page.goto("/topics/minamo?sentiment=negative")
    first = page.locator(".mention").evaluate_all("all => all.map(one => one.id)")
    page.locator(".pager a[rel=next]").click()
    expect(page.locator(".pager a[rel=prev]")).to_be_visible()
    second = page.locator(".mention").evaluate_all("all => all.map(one => one.id)")
    assert second
    assert not set(first) & set(second)


def test_why_a_mention_was_judged_so_is_shown_in_place(window: Watched) -> None:
    page = window.page
    page.goto("/topics/minamo?sentiment=negative&period=90d")
    mention = page.locator(".mention").first
    link = mention.locator("[data-explain]")
    link.click()
    expect(mention.locator(".x-text mark").first).to_be_visible()
    assert "/explanation" not in page.url
    assert link.get_attribute("aria-expanded") == "true"
    assert page.locator("#explanation").count() == 0
    link.click()
    expect(mention.locator(".explained")).to_be_hidden()
    page.goto(link.get_attribute("href") or "")
    expect(page.locator("#explanation .x-text mark").first).to_be_visible()
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_language_is_switched_in_place(window: Watched) -> None:
    page = window.page
    page.goto("/topics/minamo?sentiment=negative")
    page.get_by_role("link", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator(".chosen .chip")).to_have_text("Negative ×")
    page.get_by_role("link", name="Incidents").first.click()
    expect(page.locator("h1")).to_have_text("Incidents")


def test_the_chart_answers_pointer_and_keys(window: Watched) -> None:
    page = window.page
    page.goto("/topics/minamo?period=24h")
    tip = page.locator("#tip")
    expect(tip).to_be_hidden()
    page.locator(".plot .hit").nth(22).hover()
    expect(tip).to_contain_text("ネガティブ")
    page.mouse.move(5, 5)
    page.locator(".plot").focus()
    page.keyboard.press("ArrowLeft")
    expect(tip).to_contain_text("11月22日(日) 23:00–00:00")
    page.keyboard.press("ArrowLeft")
    expect(tip).to_contain_text("22:00–23:00")
    page.keyboard.press("Enter")
    page.wait_for_url("**since=**")
    expect(page.locator(".chosen .chip").first).to_contain_text("22:00")
    times = page.locator(".mention time").evaluate_all("all => all.map(one => one.dateTime)")
    assert times
    assert all(time.startswith("2026-11-22T13:") for time in times)


def test_a_long_text_is_folded_and_unfolds(window: Watched) -> None:
    page = window.page
    page.goto("/topics/minamo?q=長文&period=all")
    text = page.locator(".mention .body")
    folded = text.bounding_box()
    page.get_by_role("button", name="全文を表示").click()
    whole = text.bounding_box()
    assert folded is not None
    assert whole is not None
    assert whole["height"] > folded["height"] * 1.5


def test_without_scripts_everything_still_works(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address, java_script_enabled=False, locale="ja-JP")
    page = context.new_page()
    page.goto("/topics/minamo")
    page.select_option("select[name=sentiment]", "neutral")
    page.get_by_role("button", name="絞り込む").click()
    assert "sentiment=neutral" in page.url
    assert page.locator(".mention").count() == page.locator(".mention.is-neutral").count() > 0
    assert page.locator(".figures tbody tr").count() == 28
    context.close()


def test_the_page_refreshes_itself_and_says_when_it_cannot(
    context: BrowserContext, site_store: Store
) -> None:
    page = context.new_page()
    page.clock.install()
    page.goto("/")
    expect(page.locator("#worth")).not_to_contain_text("新しい苦情です")
    one = mention(7777, NOW, "ミナモ珈琲へ、新しい苦情です。", Label.NEGATIVE, likes=9000)
    site_store.save_page(source="s", kind="file", mentions=[one], seen=[], cursor={}, at=NOW)
    page.clock.fast_forward(31_000)
    expect(page.locator("#worth")).to_contain_text("新しい苦情です")
    context.set_offline(True)
    page.clock.fast_forward(31_000)
    expect(page.locator("#stale")).to_be_visible()
    context.set_offline(False)
    page.clock.fast_forward(31_000)
    expect(page.locator("#stale")).to_be_hidden()


def doubtful(store: Store, first: int) -> list[int]:
    """Two mentions of which the model is unsure, the doubtful one first."""
    found = []
    for number, confidence in ((first, 0.4), (first + 2, 0.55)):
        one = mention(number, NOW, f"ミナモ珈琲、どうだろう。{number}回目。", Label.NEUTRAL, likes=0)
        unsure = replace(one.analysis, sentiment=Sentiment(Label.NEUTRAL, 0.0, confidence, "m"))
        found.append(replace(one, analysis=unsure))
    saved = store.save_page(source="s", kind="file", mentions=found, seen=[], cursor={}, at=NOW)
    return [one.id or 0 for one in saved]


def test_doubts_are_settled_from_the_keyboard(window: Watched, site_store: Store) -> None:
    first, second = doubtful(site_store, 6000)
    page = window.page
    page.goto("/review")
    expect(page.locator("[data-keys]")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("3")
    page.locator(".ask:focus-within input[name=by]").fill("佐藤")
    page.keyboard.press("Enter")
    expect(page.locator(".notice")).to_contain_text("訂正を保存")
    expect(page.locator(".said").first).to_contain_text("モデルの判定: 中立 → 人の訂正: ネガティブ")
    page.keyboard.press("y")
    expect(page.locator(".notice")).to_contain_text("判定どおり")
    expect(page.locator(".ask")).to_have_count(0)
    corrected, confirmed = site_store.mentions_by_id([first, second])
    assert corrected.analysis.sentiment.label == Label.NEGATIVE
    assert confirmed.correction is not None
    assert confirmed.correction.by == "佐藤"
    assert site_store.integrity() == []


def test_doubts_are_settled_without_scripts(browser: Browser, address: str, site_store: Store) -> None:
    first, _ = doubtful(site_store, 6010)
    context = browser.new_context(base_url=address, java_script_enabled=False, locale="ja-JP")
    page = context.new_page()
    page.goto(f"/mentions/{first}")
    page.get_by_label("苦情").check()
    page.get_by_label("担当者名").first.fill("鈴木")
    page.get_by_role("button", name="訂正を保存").click()
    assert "訂正: 苦情" in page.locator(".timeline").inner_text()
    page.get_by_role("button", name="取り消す").click()
    assert "訂正を取り消しました" in page.locator(".notice").inner_text()
    page.get_by_role("button", name="ブランドと無関係").click()
    assert "集計から除外" in page.locator(".corrected").inner_text()
    context.close()


def test_an_incident_is_taken_from_a_phone(window: Watched, site_store: Store) -> None:
    page = window.page
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.goto("/")
    page.locator(".banner.sev-crisis").click()
    page.locator(".incident-head").get_by_label("対応者名").fill("佐藤")
    page.get_by_role("button", name="対応を始める").click()
    expect(page.locator(".incident-head")).to_contain_text("対応者: 佐藤")
    (incident,) = site_store.open_incidents()
    assert (incident.state, incident.acknowledged_by) == (IncidentState.ACKNOWLEDGED, "佐藤")
    page.goto("/incidents")
    expect(page.locator(".banner").first).to_contain_text("対応中")


def test_the_first_report_is_copied(window: Watched, context: BrowserContext) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    window.page.goto("/incidents/2")
    window.page.get_by_text("貼り付け用の文面").click()
    window.page.get_by_role("button", name="文面をコピー").click()
    expect(window.page.get_by_role("button", name="コピーしました")).to_be_visible()
    assert window.page.evaluate("navigator.clipboard.readText()").startswith("【第一報】ミナモ珈琲")
