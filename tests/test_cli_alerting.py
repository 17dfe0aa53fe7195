"""`kikimimi silence`, `channels`, `test-alert` and `resend`, as a person or a script meets them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage.db import Store
from storage.notices import AlertKind, Delivery, Notification
from tests.servers import HttpServer, text
from tests.test_cli import kikimimi

CONFIG = """
model: lexicon
storage: {{path: k.db}}
network: {{allow: [127.0.0.1]}}
topics:
  - {{name: ミナモ, brand: ミナモ珈琲, tags: [直営]}}
channels:
  - {{name: hook, kind: webhook, url: "{url}"}}
  - {{name: terminal, kind: console}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "config.yaml").write_text(CONFIG.format(url="http://127.0.0.1:9/hook"), encoding="utf-8")
    return tmp_path


def store(folder: Path) -> Store:
    return Store.open(f"sqlite:///{folder / 'k.db'}")


def test_a_silence_is_added_listed_and_ended(folder: Path) -> None:
    scope = ("--topic", "ミナモ", "--kind", "mention", "--tag", "直営", "--up-to", "warning")
    done = kikimimi(
        "silence", "add", *scope, "--for", "2h", "--why", "発表会", "--by", "佐藤", "--json", folder=folder
    )
    assert done.returncode == 0, done.stderr
    added = json.loads(done.stdout)
    assert (added["topic"], added["kind"], added["tag"]) == ("ミナモ", "mention", "直営")
    assert (added["up_to"], added["breaks"], added["by"], added["reason"]) == (
        "warning", True, "佐藤", "発表会",
    )  # fmt: skip
    with store(folder) as opened:
        (stored,) = opened.silences(datetime.now(UTC))
    assert stored.kind is AlertKind.MENTION
    assert stored.until - stored.created_at == timedelta(hours=2)
    assert json.loads(kikimimi("silence", "list", "--json", folder=folder).stdout) == [added]
    assert kikimimi("silence", "end", str(added["id"]), folder=folder).returncode == 0
    late = kikimimi("silence", "end", str(added["id"]), folder=folder)
    assert (late.returncode, "is in force" in late.stderr) == (1, True)
    listed = kikimimi("silence", "list", "--all", folder=folder)
    assert "佐藤" in listed.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "say how long"),
        (("--for", "2h", "--until", "2030-01-01"), "say how long"),
        (("--for", "soon"), "is no length of time"),
        (("--until", "2020-01-01"), "name a time to come"),
        (("--for", "1h", "--topic", "どこか"), "no topic is called"),
        (("--for", "1h", "--tag", "東日本"), "no topic has the tag"),
    ],
)
def test_a_silence_that_cannot_be(folder: Path, words: tuple[str, ...], said: str) -> None:
    done = kikimimi("silence", "add", *words, folder=folder)
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr


def test_a_test_alert_goes_out_and_the_channel_is_listed(folder: Path) -> None:
    with HttpServer() as server:
        server.route("/hook", text("ok"))
        (folder / "config.yaml").write_text(CONFIG.format(url=server.url("/hook")), encoding="utf-8")
        done = kikimimi("test-alert", "--channel", "hook", "--json", folder=folder)
        assert json.loads(done.stdout) == [{"channel": "hook", "state": "sent", "error": ""}], done.stderr
        assert server.requests[0].json()["data"]["title"] == "【テスト】Kikimimiからのテスト通知です"
    listed = json.loads(kikimimi("channels", "--json", folder=folder).stdout)
    assert [(one["name"], one["state"], one["waiting"]) for one in listed] == [
        ("hook", "ok", 0), ("terminal", "unused", 0),
    ]  # fmt: skip


def test_a_test_that_does_not_arrive_says_so(folder: Path) -> None:
    done = kikimimi("test-alert", "--channel", "hook", folder=folder)
    assert done.returncode == 1
    assert "hook: not sent" in done.stdout
    unknown = kikimimi("test-alert", "--channel", "nowhere", folder=folder)
    assert (unknown.returncode, "config.yaml has: hook, terminal" in unknown.stderr) == (1, True)


def test_what_was_given_up_is_listed_and_put_back(folder: Path) -> None:
    now = datetime.now(UTC)
    row = Notification("k", "hook", Delivery.FAILED, 8, now, now, title="届かなかった通知", error="HTTP 410")
    with store(folder) as opened:
        (dead,) = opened.alerting.begin([row])
    listed = kikimimi("resend", folder=folder)
    assert "HTTP 410" in listed.stdout
    done = kikimimi("resend", str(dead.id), folder=folder)
    assert "1 put back in the queue" in done.stderr
    with store(folder) as opened:
        assert [one.state for one in opened.notifications()] == [Delivery.RETRY]
    again = kikimimi("resend", str(dead.id), folder=folder)
    assert (again.returncode, "not given up" in again.stderr) == (1, True)
