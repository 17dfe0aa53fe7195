"""The previews in a real browser: Slack's shows a new message by itself, mail runs no script."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, sync_playwright

from listener.publisher import Publisher

CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"no browser at {CHROMIUM}")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"]
        )
        yield opened
        opened.close()


@pytest.fixture
def publisher(clock: Any, tmp_path: Path) -> Iterator[Publisher]:
    with Publisher(clock, clock.now(), port=0, smtp_port=0, mailbox=tmp_path / "mailbox") as running:
        yield running


def test_a_new_message_appears_without_a_reload(browser: Browser, publisher: Publisher) -> None:
    page = browser.new_page()
    page.goto(f"{publisher.base}/slack")
    assert "まだ通知は届いていません" in page.inner_text("#messages")
    httpx.post(
        f"{publisher.base}/services/DEMO/DEMO/demo", json={"text": "*炎上* の <http://127.0.0.1/|第一報>"}
    )
    page.wait_for_selector("#messages .message b:text('炎上')", timeout=10_000)
    assert page.inner_text("#messages .content a") == "第一報"
    page.close()


def test_a_mail_s_script_does_not_run(browser: Browser, publisher: Publisher) -> None:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "件名", "a@minamo.example", "b@minamo.example"
    message.set_content("文")
    message.add_alternative(
        "<p id=p>前</p><script>document.getElementById('p').id = 'ran'</script>", subtype="html"
    )
    with smtplib.SMTP("127.0.0.1", publisher.smtp_port, timeout=5) as client:
        client.send_message(message)
    page = browser.new_page()
    page.goto(f"{publisher.base}/mail")
    frame = page.frame_locator("iframe")
    assert frame.locator("p").inner_text() == "前"
    assert frame.locator("#ran").count() == 0
    page.close()
