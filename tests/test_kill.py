"""SIGKILL at 50 random moments of collecting and sending: nothing lost, nothing doubled, no repair needed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from storage.db import MentionFilter, Store
from storage.notices import Delivery
from tests.servers import HttpServer, Reply, Request, json_reply, xml

KILLS = 50
ROOT = Path(__file__).parents[1]
CONFIG = """
language: ja
model: lexicon
web: {{port: {port}}}
storage: {{path: kill.db}}
network: {{allow: [127.0.0.1]}}
topics:
  - {{name: テスト珈琲, brand: テスト珈琲}}
sources:
  - {{name: feed, kind: feed, url: "{url}/feed.xml", interval: 1m}}
  - {{name: drop, kind: file, path: drop, interval: 1m}}
channels:
  - {{name: hook, kind: webhook, url: "{url}/hook", secret_env: HOOK_SECRET}}
routes:
  - {{channels: [hook], group_wait: 0s}}  # each loud complaint by itself
thresholds:
  crisis: {{warning_authors: 1000000, crisis_authors: 1000000}}  # no incident here inhibits them
"""
ANGRY = ("最悪。", "ひどい。", "腹が立つ。", "がっかりした。", "不愉快だった。")
WHAT = (
    "注文した品が一時間待っても出てこない", "床がべたついて座れたものではない", "会計を二度も間違えられた",
    "電話口の人の言葉づかいが乱暴", "冷めたスープに髪の毛が浮いていた", "予約したのに席がないと言われた",
    "子どもを怒鳴りつけられて泣かせた", "返金を頼んだら鼻で笑われた", "駐車場で傘を盗まれても知らん顔",
)  # fmt: skip
WHO = (
    "母と行って",
    "出張の朝に",
    "雨の日曜に",
    "友達の誕生日で",
    "閉店まぎわに",
    "昼休みに走って",
    "初めて寄って",
)


class Stage:
    """A feed that grows while we watch, a drop folder that is written to, and a receiver that takes its time."""

    def __init__(self, drop: Path) -> None:
        self.started = time.monotonic()
        self.zero = datetime.now(UTC)
        self.drop = drop
        self.received: list[str] = []
        self.feed_posts = 300
        self.file_posts = 0
        self.loud = 0
        self._lock = threading.Lock()

    def feed(self, _: Request) -> Reply:
        """Ten new entries a second; every entry stays, so that only the reader can lose one."""
        count = min(self.feed_posts, 20 + int((time.monotonic() - self.started) * 10))
        entries = "".join(self._entry(n) for n in range(count))
        return xml(f'<rss version="2.0"><channel><title>t</title>{entries}</channel></rss>')

    def _entry(self, n: int) -> str:
        at = format_datetime(self.zero - timedelta(minutes=20) + timedelta(seconds=n))
        words = f"{WHO[n % 7]}テスト珈琲、{WHAT[n % 9]}。{ANGRY[n % 5]}{n * 7919 % 1000}円も払ったのに"
        return (
            f"<item><guid>urn:uuid:kill-{n}</guid><title>{words}</title><pubDate>{at}</pubDate>"
            f"<author>guest{n}@example.com (客{n})</author></item>"
        )

    def write_files(self, until: threading.Event) -> None:
        """Seven rows twice a second; one of them is a complaint by somebody with 80,000 followers."""
        while not until.wait(0.5):
            n = self.file_posts
            rows = [self._row(n + k, loud=k == 0) for k in range(7)]
            part = self.drop / f"{n:06}.part"
            part.write_text(
                "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8"
            )
            part.rename(self.drop / f"{n:06}.jsonl")
            self.file_posts += len(rows)
            self.loud += 1

    def _row(self, n: int, *, loud: bool) -> dict[str, Any]:
        return {
            "id": f"row-{n}",
            "text": f"テスト珈琲は最悪。ひどい。{n}度目" if loud else f"テスト珈琲なう、{n}杯目。",
            "author": f"飲む人{n}" if loud else f"常連{n % 3}",  # three regulars are no crowd
            "author_followers": 80_000 if loud else 10,
            "created_at": datetime.now(UTC).isoformat(),
        }

    def hook(self, request: Request) -> Reply:
        with self._lock:
            self.received.append(request.headers["webhook-id"])
        time.sleep(0.15)  # leaves time to be killed while the answer is under way
        return json_reply({"ok": True})


def test_fifty_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    (tmp_path / "drop").mkdir()
    stage = Stage(tmp_path / "drop")
    ended = threading.Event()
    with HttpServer() as server:
        server.route("/feed.xml", stage.feed)
        server.route("/hook", stage.hook)
        config = tmp_path / "config.yaml"
        config.write_text(CONFIG.format(url=server.url("").rstrip("/"), port=_free_port()), encoding="utf-8")
        writer = threading.Thread(target=stage.write_files, args=(ended,))
        writer.start()
        driver = subprocess.Popen(
            [sys.executable, "-m", "tests.kill_driver", str(config), str(KILLS), "20261122"],
            cwd=ROOT, env={**os.environ, "HOOK_SECRET": "whsec_dGVzdHRlc3R0ZXN0dGVzdA=="},
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            _wait_until_all_is_stored(tmp_path, stage, ended, driver)
            (tmp_path / "done").touch()
            lives = json.loads(driver.communicate(timeout=30)[0].strip().splitlines()[-1])
        finally:
            ended.set()
            driver.kill()
            writer.join()
    assert len(lives) == KILLS
    _check(tmp_path, stage)


def _wait_until_all_is_stored(
    folder: Path, stage: Stage, ended: threading.Event, driver: subprocess.Popen[str]
) -> None:
    """Until the store holds everything that was published, or 300 s are over; the asserts judge which."""
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline and driver.poll() is None:
        time.sleep(1)
        if time.monotonic() - stage.started < KILLS * 1.0:
            continue
        ended.set()
        with Store.open(f"sqlite:///{folder / 'kill.db'}") as store:
            sent = store.notifications(1000)
            whole = store.count(MentionFilter()) >= stage.feed_posts + stage.file_posts
            if whole and len(sent) > stage.loud and all(row.state is Delivery.SENT for row in sent):
                return


def _check(folder: Path, stage: Stage) -> None:
    with Store.open(f"sqlite:///{folder / 'kill.db'}") as store:
        assert store.integrity() == []
        stored = store.mentions(MentionFilter(), limit=100_000)
        ids = Counter(mention.post.external_id for mention in stored)
        assert [one for one, times in ids.items() if times > 1] == []
        assert len(ids) == stage.feed_posts + stage.file_posts
        notes = store.notifications(1000)
        assert notes, "a crisis went by and nobody was told"
        assert {note.state for note in notes} == {Delivery.SENT}
        assert len({note.alert_key for note in notes}) == len(notes)
        assert len(set(stage.received)) == len(notes), "every alert arrived under exactly one id"
        assert len(notes) > stage.loud, "each loud complaint is told, and the crisis"
        # Without these the kills would have met a service that was doing nothing.
        assert len(store.fetches(limit=100_000)) >= KILLS
        assert any(note.attempts > 1 for note in notes), "no kill fell between sending and writing it down"


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
