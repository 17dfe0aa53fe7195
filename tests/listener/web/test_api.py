"""The JSON API: what docs/api.md promises."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from listener.config import Config
from listener.web.app import create_app
from storage.db import MentionFilter, Store
from storage.types import Label
from tests.listener.web.conftest import FixedClock
from tests.listener.web.seed import HOSTILE, NOW

MANUAL = Path(__file__).parents[3] / "docs" / "api.md"


def get(client: TestClient, address: str) -> Any:
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_health(client: TestClient) -> None:
    assert get(client, "/healthz") == {"status": "ok", "now": "2026-11-22T14:50:00Z"}


def test_health_says_when_the_database_is_gone(own_store: Store, config: Config, tmp_path: Path) -> None:
    reader = TestClient(
        create_app(store=own_store, config=config, clock=FixedClock()), base_url="http://localhost"
    )
    own_store.close()
    for path in tmp_path.glob("web.db*"):
        path.unlink()
        path.mkdir()
    answer = reader.get("/healthz")
    assert answer.status_code == 503
    assert answer.json() == {"status": "the database cannot be read"}


def test_topics_are_listed_our_own_first(client: TestClient) -> None:
    assert [(one["name"], one["own"]) for one in get(client, "/api/topics")["topics"]] == [
        ("minamo", True),
        ("tomarigi", False),
    ]


def test_mentions_are_filtered_counted_and_paged(client: TestClient, store: Store) -> None:
    total = store.count(MentionFilter(topic="minamo", label=Label.NEGATIVE))
    first = get(client, "/api/mentions?topic=minamo&sentiment=negative&limit=10")
    second = get(client, "/api/mentions?topic=minamo&sentiment=negative&limit=10&offset=10")
    assert first["total"] == second["total"] == total > 20
    assert {one["sentiment"]["label"] for one in first["mentions"]} == {"negative"}
    assert not {one["id"] for one in first["mentions"]} & {one["id"] for one in second["mentions"]}
    times = [one["created_at"] for one in first["mentions"] + second["mentions"]]
    assert times == sorted(times, reverse=True)


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ("disclosure=sponsored", 1),
        ("author=gourmet_pr", 1),
        ("author=misskey:paid-1", 1),
        ("q=二重請求&period=24h", 9),
        ("story=778", 9),
        ("text_lang=en", 0),
        ("since=2026-11-22T14:45:00Z&sentiment=neutral", 1),
        ("until=2020-01-01", 0),
    ],
)
def test_each_filter(client: TestClient, asked: str, count: int) -> None:
    assert get(client, f"/api/mentions?topic=minamo&{asked}")["total"] == count


def test_what_is_unknown_is_null_and_hostile_text_is_only_text(client: TestClient) -> None:
    (one,) = get(client, "/api/mentions?since=2026-11-22T14:45:00Z&sentiment=neutral")["mentions"]
    assert one["text"] == HOSTILE
    assert one["url"] == "javascript:alert(1)"
    assert one["engagement"]["views"] is None
    news = get(client, "/api/mentions?platform=news&limit=1")["mentions"][0]
    assert news["author"] is None
    assert news["engagement"]["total"] is None


def test_buckets_have_no_gaps_and_add_up(client: TestClient) -> None:
    found = get(client, "/api/buckets?topic=minamo&period=24h")
    assert len(found["buckets"]) == 24
    assert sum(one["volume"] for one in found["buckets"]) == found["totals"]["volume"] > 30
    assert found["until"] == "2026-11-22T15:00:00Z"
    assert any(one["score"] is None for one in found["buckets"])


def test_incidents_say_why_in_the_readers_language(client: TestClient) -> None:
    (one,) = get(client, "/api/incidents?state=open")["incidents"]
    assert one["severity"] == "crisis"
    assert one["reasons"][0]["values"]["count"] == 34
    assert "34人" in one["text"][0]
    english = client.get("/api/incidents?state=open", headers={"Accept-Language": "en"}).json()
    assert "34 people" in english["incidents"][0]["text"][0]
    assert len(get(client, "/api/incidents")["incidents"]) == 2


def test_advocates(client: TestClient) -> None:
    best, paid = get(client, "/api/advocates")["advocates"]
    assert best["organic"] is True
    assert best["score"] == pytest.approx(sum(one["points"] for one in best["contributions"]))
    assert "PR" in paid["organic_reasons"][0]["text"]
    assert get(client, "/api/advocates?organic=true")["total"] == 1
    assert get(client, "/api/advocates?min_score=90")["total"] == 0


def test_sources_keep_their_cursors_to_themselves(client: TestClient) -> None:
    found = get(client, "/api/sources")["sources"]
    assert [(one["name"], one["health"]) for one in found] == [
        ("news-feed", "failing"), ("mastodon-tag", "ok"), ("misskey-search", "ok"), ("archive", "off"),
    ]  # fmt: skip
    assert "cursor" not in found[0]
    assert found[0]["next_at"] == "2026-11-22T15:07:00Z"


def test_notifications(client: TestClient) -> None:
    found = get(client, "/api/notifications")["notifications"]
    assert {one["state"] for one in found} == {"sent", "retry", "failed"}
    assert all("payload" not in one for one in found)
    assert [one["channel"] for one in get(client, "/api/notifications?state=failed")["notifications"]] == [
        "webhook"
    ]


@pytest.mark.parametrize(
    ("address", "named"),
    [
        ("/api/mentions?limit=0", "limit"),
        ("/api/mentions?limit=501", "limit"),
        ("/api/mentions?offset=-1", "offset"),
        ("/api/mentions?topic=nobody", "minamo"),
        ("/api/mentions?sentiment=angry", "sentiment"),
        ("/api/mentions?since=yesterday", "since"),
        ("/api/mentions?story=9e99", "story"),
        ("/api/mentions?sentimnet=negative", "sentimnet"),
        ("/api/buckets", "topic"),
        ("/api/buckets?topic=minamo&period=1y", "period"),
        ("/api/buckets?topic=minamo&since=2026-01-01T00:00:00", "since"),
        ("/api/buckets?topic=minamo&since=2020-01-01T00:00:00Z", "366"),
        ("/api/buckets?topic=minamo&since=2026-11-22T00:00:00Z&until=2026-11-21T00:00:00Z", "until"),
        ("/api/incidents?state=closed", "state"),
        ("/api/advocates?min_score=101", "min_score"),
        ("/api/topics?topic=minamo", "topic"),
    ],
)
def test_mistakes_are_named(client: TestClient, address: str, named: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "request"
    assert named in answer.json()["error"]["message"]


def test_unknown_addresses_and_methods(client: TestClient) -> None:
    assert client.get("/api/nothing").json()["error"]["code"] == "missing"
    assert client.post("/api/topics").status_code == 405


def test_the_manual_names_every_address_and_parameter(client: TestClient) -> None:
    text = MANUAL.read_text(encoding="utf-8")
    paths = get(client, "/api/openapi.json")["paths"]
    assert len(paths) > 13
    for path, method in [(path, method) for path, methods in paths.items() for method in methods]:
        _, found, rest = text.partition(f"## `{method.upper()} {path}`")
        assert found, f"{method.upper()} {path} is not in docs/api.md"
        for parameter in paths[path][method].get("parameters", []):
            name, section = parameter["name"], re.split(r"\n## ", rest)[0]
            assert f"`{name}`" in section, f"{name} of {path} is not in docs/api.md"


def test_the_manual_names_every_field_of_a_mention(client: TestClient) -> None:
    text = MANUAL.read_text(encoding="utf-8")
    for name in get(client, "/api/mentions?limit=1")["mentions"][0]:
        assert f'"{name}"' in text


def test_times_are_the_clocks(client: TestClient) -> None:
    assert get(client, "/healthz")["now"] == NOW.isoformat().replace("+00:00", "Z")
