"""/programme/impact and /api/programme/impact: the month's figures, its files, and what may be asked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import sync_playwright
from pypdf import PdfReader

from listener.config import Config
from listener.web import pdf
from listener.web.app import create_app
from listener.web.server import WebServer
from storage.db import Store
from tests.listener.programme_seed import OTHERS, fill_programme, person
from tests.listener.web.conftest import FixedClock, browser_like
from tests.listener.web.test_browser import CHROMIUM, PATIENCE, PHONE

PAGE = "/programme/impact"


@pytest.fixture(scope="module")
def programme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path_factory.mktemp('impact')}/p.db") as store:
        fill_programme(store)
        yield store


@pytest.fixture
def reader(programme: Store, config: Config) -> TestClient:
    return browser_like(
        create_app(store=programme, config=config, clock=FixedClock()), follow_redirects=False
    )


def test_the_page_shows_the_last_whole_month(reader: TestClient) -> None:
    page = reader.get(PAGE).text
    assert "推奨プログラム月次報告　ミナモ珈琲（2026年10月）" in page
    assert '<a href="/programme/impact" aria-current="page">' in page
    assert 'value="2026-10" selected' in page
    assert "2026年11月（途中）" in page
    figures = dict(re.findall(r"<dt>(.+?)</dt><dd><strong>(.+?)</strong>", page))
    assert figures["参加者"] == "5人"
    assert figures["参加者の投稿"] == "41件"
    assert figures["紹介で来た人"] == "2人"
    assert page.count("<h1>") == 1
    assert page.count('class="picture large"') == 2


def test_the_page_links_its_evidence_and_names_nobody_without_consent(reader: TestClient) -> None:
    page = reader.get(PAGE, params={"month": "2026-10", "lang": "en"}).text
    assert re.search(r'<a href="/mentions/\d+">Post #\d+', page)
    assert '<a href="/advocates/1">Advocate #1</a>' in page
    assert "ひよりさん" in page
    assert not any(name in page for name in OTHERS)
    assert person("みなと").handle not in page


@pytest.mark.parametrize("form", ["html", "text", "json"])
@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_report_as_a_file(reader: TestClient, form: str, lang: str) -> None:
    answer = reader.get(f"{PAGE}/report/{form}", params={"month": "2026-10", "lang": lang})
    ending = {"text": "txt"}.get(form, form)
    assert answer.headers["content-disposition"] == (
        f'attachment; filename="programme-minamo-2026-10-{lang}.{ending}"'
    )
    assert ("推奨プログラム月次報告" if lang == "ja" else "Advocacy programme, monthly report") in answer.text
    if form == "html":
        assert "<script" not in answer.text
        assert not re.search(
            r'(?:src|href)="(?!#)', answer.text
        )  # nothing from outside, no link without an address
    if form == "json":
        said = json.loads(answer.text)
        assert said["numbers"]["month"]["mentions"] == 41


def test_the_pdf_reads_in_japanese(reader: TestClient) -> None:
    if not pdf.has_japanese_font():
        pytest.skip(f"no Japanese font on this machine: {pdf.FONT}")
    answer = reader.get(f"{PAGE}/report/pdf", params={"month": "2026-10", "lang": "ja"})
    if answer.status_code == 303:
        pytest.skip("no Pango on this machine")
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages)
    for words in ("推奨プログラム月次報告", "参加者の状況", "関係性の明示", "声をかける前と後", "ひよりさん"):
        assert words in text


def test_a_machine_without_a_font_says_so(reader: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "has_japanese_font", lambda: False)
    answer = reader.get(f"{PAGE}/report/pdf", params={"month": "2026-10", "lang": "ja"})
    assert answer.status_code == 303
    assert "PDFを作れませんでした" in reader.get(answer.headers["location"]).text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{PAGE}?month=2026-13", 400), (f"{PAGE}?month=2027-01", 400), (f"{PAGE}?topic=nobody", 400),
        (f"{PAGE}?month=<script>", 400), (f"{PAGE}/report/docx", 404), (f"{PAGE}/report/html?month=x", 400),
    ],
)  # fmt: skip
def test_a_wrong_address_gets_friendly_words(reader: TestClient, path: str, status: int) -> None:
    answer = reader.get(path)
    assert answer.status_code == status
    assert "<script>" not in answer.text.replace("<script src", "")


def test_the_api_gives_the_pages_figures(reader: TestClient) -> None:
    said = reader.get("/api/programme/impact", params={"topic": "minamo", "month": "2026-10"}).json()
    assert (said["topic"], said["month"], said["running"]) == ("minamo", "2026-10", False)
    assert said["figures"]["enrolled"] == 5
    assert said["figures"]["mentions"] == 41
    assert said["before"]["referrals"]["purchased"] == 1
    assert said["before_after"]["code"] == "measured"
    assert set(said["before_after"]["difference"]) == {"value", "low", "high", "people"}
    assert reader.get("/api/programme/impact").json()["month"] == "2026-10"


@pytest.mark.parametrize(
    "query", ["month=2026-13", "month=october", "month=2027-01", "topic=nobody", "mnth=2026-10"]
)
def test_the_api_refuses_what_it_does_not_know(reader: TestClient, query: str) -> None:
    answer = reader.get(f"/api/programme/impact?{query}")
    assert answer.status_code == 400
    assert answer.json()["error"]["message"]


def test_a_store_without_a_programme_has_a_page_too(client: TestClient) -> None:
    page = client.get(PAGE).text
    assert "数字は出していません" in page
    assert "None" not in page


@pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=f"no browser at {CHROMIUM}")
def test_the_page_fits_a_phone_and_stays_silent(programme: Store, config: Config) -> None:
    any_port = config.model_copy(update={"web": config.web.model_copy(update={"port": 0})})
    complaints: list[str] = []
    with WebServer(any_port, programme, FixedClock()) as address, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(base_url=address, locale="ja-JP", viewport=PHONE)  # type: ignore[arg-type]
        page.set_default_timeout(PATIENCE)
        page.on("console", lambda said: complaints.append(said.text))
        page.goto(PAGE)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.locator("select[name=month]").select_option("2026-11")
        page.get_by_text("月の途中").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.locator("svg.picture.large").count() == 2
        browser.close()
    assert complaints == []
