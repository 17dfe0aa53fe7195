"""A digest through the real store and dispatcher: told once, with what is there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from listener import upkeep
from listener.clock import VirtualClock
from listener.service import Service, opened
from storage.notices import Delivery
from tests.listener.test_pipeline import collect, config_of, write

NOW = datetime(2026, 11, 22, 0, 5, tzinfo=UTC)  # 09:05 in Tokyo
CONFIG = """
model: lexicon
topics:
  - {name: ミナモ, brand: ミナモ珈琲, aliases: [ミナモ]}
  - {name: トマリギ, brand: トマリギコーヒー, own: false}
sources:
  - {name: posts, kind: file, path: posts.jsonl}
channels:
  - {name: console, kind: console}
digest: {daily: "09:00", weekly: 9, weekday: sun}
"""


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    texts = {
        3: "ミナモ珈琲のラテが最高",
        5: "ミナモ、最悪。二度と行かない",
        30: "ミナモに来た",
        200: "ミナモは休み",
    }
    write(
        tmp_path / "posts.jsonl",
        [
            {"id": f"p{hours}", "text": text, "created_at": (NOW - timedelta(hours=hours)).isoformat()}
            for hours, text in texts.items()
        ],
    )
    (tmp_path / "config.yaml").write_text(CONFIG, encoding="utf-8")
    with opened(config_of(tmp_path), VirtualClock(NOW, 1)) as service:
        yield service


def test_each_is_told_once_with_the_counts_of_its_stretch(service: Service) -> None:
    collect(service, "posts")
    daily, weekly = upkeep.send_digests(service.pipeline, now=NOW)
    assert (daily.state, weekly.state) == (Delivery.SENT, Delivery.SENT)
    assert daily.title == "【日報】11/21（土）：言及2件、うちネガティブ1件"
    assert weekly.title == "【週報】11/15（日）〜11/22（日）：言及3件、うちネガティブ1件"
    lines = json.loads(daily.payload)["reasons"]
    assert lines[0] == "ミナモ：2件（前回比+100%）、ポジティブ1、ネガティブ1（前回0）"
    assert lines[1] == "競合 トマリギ：0件（前回も0件）、ポジティブ0、ネガティブ0（前回0）"
    assert upkeep.send_digests(service.pipeline, now=NOW + timedelta(minutes=1)) == []


def test_a_service_that_starts_late_still_tells_today_but_not_yesterday(service: Service) -> None:
    collect(service, "posts")
    assert len(upkeep.send_digests(service.pipeline, now=NOW + timedelta(hours=5))) == 2
    assert upkeep.send_digests(service.pipeline, now=NOW + timedelta(hours=20)) == []
    (tomorrow,) = upkeep.send_digests(service.pipeline, now=NOW + timedelta(hours=24))
    assert tomorrow.title.startswith("【日報】11/22（日）")


def test_a_day_without_anything_is_not_told(service: Service) -> None:
    assert upkeep.send_digests(service.pipeline, now=NOW) == []
