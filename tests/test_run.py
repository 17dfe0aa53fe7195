"""The service as a person runs it: started from the shell, looked at over HTTP, stopped with Ctrl-C."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from storage.db import MentionFilter, Store

ROOT = Path(__file__).parents[1]
PATIENCE_S = 120  # for a machine that does other things at the same time
CONFIG = """
model: lexicon
network: {{allow: [127.0.0.1]}}
web: {{port: {port}}}
topics:
  - {{name: ミナモ, brand: ミナモ珈琲}}
sources:
  - {{name: posts, kind: file, path: posts.jsonl, interval: 2s}}
  - {{name: dead, kind: feed, url: "http://127.0.0.1:{dead}/feed.xml", interval: 1h}}
channels:
  - {{name: console, kind: console}}
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def started(*arguments: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "listener", *arguments],
        cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", "COLUMNS": "200"},
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def asked(url: str) -> Any:
    """The JSON at `url`, or None while nobody answers."""
    try:
        with urlopen(url, timeout=10) as answer:
            return json.load(answer)
    except (URLError, TimeoutError, ConnectionError):
        return None


def until(true: Callable[[], Any], process: subprocess.Popen[str]) -> Any:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and process.poll() is None:
        if found := true():
            return found
        time.sleep(0.3)
    return true()


def stopped(process: subprocess.Popen[str]) -> str:
    process.send_signal(signal.SIGINT)
    _, words = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, words
    assert "Traceback" not in words
    return words


def test_it_serves_says_what_is_unreachable_and_stops_clean(tmp_path: Path) -> None:
    port = free_port()
    (tmp_path / "config.yaml").write_text(CONFIG.format(port=port, dead=free_port()), encoding="utf-8")
    row = {"id": "1", "text": "ミナモ珈琲が最高", "created_at": "2026-11-20T09:00:00+09:00", "author": "客"}
    (tmp_path / "posts.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    with started("run", folder=tmp_path) as process:
        base = f"http://127.0.0.1:{port}"
        rows = until(lambda: _both_tried(asked(f"{base}/api/sources")), process)
        by_name = {one["name"]: one for one in rows}
        assert by_name["posts"]["health"] == "ok"
        assert by_name["dead"]["health"] == "failing"
        assert by_name["dead"]["next_at"]
        words = stopped(process)
    assert f"http://127.0.0.1:{port}" in words
    assert re.search(r"dead: unreachable, next try at \d\d/\d\d \d\d:\d\d", words)
    with Store.open(f"sqlite:///{tmp_path / 'var/kikimimi.db'}") as store:
        assert store.integrity() == []
        assert store.count(MentionFilter(topic="ミナモ")) == 1


def _both_tried(answer: Any) -> list[dict[str, Any]] | None:
    rows = answer["sources"] if answer else []
    return rows if len(rows) == 2 and all(row["last_at"] for row in rows) else None


def test_a_taken_port_is_said_with_its_remedy(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        (tmp_path / "config.yaml").write_text(CONFIG.format(port=port, dead=free_port()), encoding="utf-8")
        with started("run", folder=tmp_path) as process:
            _, words = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 1
    assert f"127.0.0.1:{port}" in words
    assert "--port" in words
    assert "Traceback" not in words


def test_the_demo_breaks_its_crisis_and_tells_everybody(tmp_path: Path) -> None:
    for needed in (8485, 8486):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", needed)) == 0:
                pytest.skip(
                    f"port {needed} is taken, probably by a running kikimimi: stop it to run this test"
                )
    port = free_port()
    with started("demo", "--port", str(port), "--speed", "1200", folder=tmp_path) as process:
        base = f"http://127.0.0.1:{port}"
        incidents = until(lambda: (asked(f"{base}/api/incidents") or {}).get("incidents"), process)
        assert incidents, "no crisis was found"
        assert incidents[0]["kind"] == "negative_excess"
        mailbox = tmp_path / "var/demo/var/mailbox"
        mails = until(lambda: [*mailbox.glob("*.eml")], process)
        assert any("ミナモ珈琲" in _subject(mail) for mail in mails)
        assert (mailbox.parent / "slack/messages.jsonl").read_text(encoding="utf-8").count("\n") >= 1
        stopped(process)


def _subject(mail: Path) -> str:
    import email
    import email.policy

    return str(email.message_from_bytes(mail.read_bytes(), policy=email.policy.default)["Subject"])
