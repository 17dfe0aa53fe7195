"""The Hacker News collector against a loopback server that searches like Algolia, and a recorded answer."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from listener.collectors import CollectError, Page, collector_class
from listener.collectors.hackernews import HackerNewsCollector, HackerNewsConfig
from listener.http import Fetcher
from storage.types import Engagement, Post
from tests.servers import HttpServer, Reply, Request, json_reply, text, too_many

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
HTTP = Fetcher(allow=["127.0.0.1"], min_gap_s=0)
PATH = "/api/v1/search_by_date"
RECORDINGS = Path(os.environ.get("KIKIMIMI_RECORDINGS") or Path(__file__).parents[4] / "shared" / "data")


def story(number: int, *, at: datetime | None = None, **changes: Any) -> dict[str, Any]:
    """An invented story; `number` minutes before now."""
    moment = at or NOW - timedelta(minutes=number)
    return {
        "_tags": ["story", "author_aoi", f"story_{number}"],
        "objectID": str(number),
        "title": f"Story {number}",
        "url": "https://coffee.example/",
        "story_text": None,
        "author": "aoi",
        "points": 12,
        "num_comments": 3,
        "created_at": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "created_at_i": int(moment.timestamp()),
        **changes,
    }


def comment(number: int, **changes: Any) -> dict[str, Any]:
    return {
        **story(number),
        "_tags": ["comment", "author_ren"],
        "title": None,
        "url": None,
        "comment_text": 'It&#x27;s <i>great</i> coffee &amp; tea.<p>See <a href="https:&#x2F;&#x2F;a.example">a</a>',
        "story_title": "Story of Minamo",
        "author": "ren",
        "points": None,
        "num_comments": None,
        "parent_id": 77,
        **changes,
    }


class Algolia:
    """Newest first, `limit` hits at most and no further page; the bounds are those of `numericFilters`."""

    def __init__(self, hits: list[dict[str, Any]]) -> None:
        self.hits = hits

    def __call__(self, request: Request) -> Reply:
        bounds = re.fullmatch(r"created_at_i>(\d+),created_at_i<=(\d+)", request.query["numericFilters"])
        assert bounds is not None
        after, until = int(bounds[1]), int(bounds[2])
        found = [hit for hit in self.hits if after < hit["created_at_i"] <= until]
        room = int(request.query["hitsPerPage"])
        newest = sorted(found, key=lambda hit: -hit["created_at_i"])[:room]
        return json_reply({"hits": newest, "nbHits": len(found), "hitsPerPage": room, "page": 0})


@pytest.fixture
def server() -> Iterator[HttpServer]:
    with HttpServer() as running:
        yield running


def collector(server: HttpServer, **keys: Any) -> HackerNewsCollector:
    given = {"name": "hn", "query": "minamo", "base_url": server.url("/api/v1"), **keys}
    config = HackerNewsConfig.model_validate(given)
    return HackerNewsCollector(config, http=HTTP)


def collect(
    server: HttpServer, cursor: Mapping[str, Any] | None = None, *, now: datetime = NOW, **keys: Any
) -> list[Page]:
    return list(collector(server, **keys).collect(cursor or {}, now=now))


def posts(pages: list[Page]) -> list[Post]:
    return [post for page in pages for post in page.posts]


def ids(pages: list[Page]) -> list[int]:
    return [int(post.external_id) for post in posts(pages)]


def only(server: HttpServer, hit: dict[str, Any]) -> Post:
    server.route(PATH, Algolia([hit]))
    (post,) = posts(collect(server))
    return post


# ------------------------------------------------------------------ one hit


def test_a_story_becomes_a_post(server: HttpServer) -> None:
    post = only(server, story(5, story_text="We roast.<p>Ask &#x2F; tell us"))
    assert (post.platform, post.external_id, post.source) == ("hackernews", "5", "hn")
    assert (post.title, post.text) == ("Story 5", "We roast.\nAsk / tell us")
    assert post.url == "https://news.ycombinator.com/item?id=5"
    assert post.created_at == NOW - timedelta(minutes=5)
    assert post.engagement == Engagement(likes=12, replies=3)
    assert (post.lang, post.reply_to) == (None, None)
    assert post.author is not None
    assert (post.author.handle, post.author.url) == ("aoi", "https://news.ycombinator.com/user?id=aoi")
    assert (post.author.followers, post.author.bot) == (None, None)


def test_a_comment_becomes_a_post(server: HttpServer) -> None:
    post = only(server, comment(6))
    assert (post.title, post.text) == ("", "It's great coffee & tea.\nSee a")
    assert post.engagement == Engagement()
    assert post.reply_to == "77"
    assert post.author is not None
    assert post.author.handle == "ren"


@pytest.mark.parametrize("missing", ["points", "num_comments"])
def test_what_is_not_sent_is_unknown_and_not_zero(server: HttpServer, missing: str) -> None:
    hit = story(1)
    del hit[missing]
    engagement = only(server, hit).engagement
    assert (engagement.likes, engagement.replies) == ((None, 3) if missing == "points" else (12, None))


def test_deleted_and_broken_hits_are_skipped(server: HttpServer) -> None:
    broken = [
        comment(2, comment_text=""),
        story(3, title=None),
        {**story(4), "objectID": None},
        story(5, author=None),
    ]
    server.route(PATH, Algolia([story(1), *broken]))
    found = posts(collect(server))
    assert [(post.external_id, post.author is None) for post in found] == [("5", True), ("1", False)]


def test_the_time_may_be_text(server: HttpServer) -> None:
    server.route(PATH, json_reply({"hits": [{**story(1), "created_at_i": None}]}))
    (post,) = posts(collect(server))
    assert post.created_at == NOW - timedelta(minutes=1)


@pytest.mark.parametrize(
    "odd", [None, True, 5, -1, 1.5, 10**30, float("inf"), "x", "", [], [None, 7, {}], {}], ids=repr
)
def test_a_field_of_another_type_breaks_nothing(server: HttpServer, odd: Any) -> None:
    """One hit a field, with that field odd; and a good one after them, which must be read."""
    strange = [{**comment(2 + n), name: odd} for n, name in enumerate(comment(1))]
    server.route(PATH, json_reply({"hits": [*strange, story(90)]}))
    found = posts(collect(server))
    assert "Story 90" in [post.title for post in found]
    assert all(post.engagement.likes is None or post.engagement.likes >= 0 for post in found)


# ------------------------------------------------------------------ spans of time


def test_the_first_collect_reads_back_and_later_ones_from_the_cursor(server: HttpServer) -> None:
    algolia = Algolia([story(n, at=NOW - timedelta(days=n)) for n in (1, 50, 89, 91)])
    server.route(PATH, algolia)
    first = collect(server)
    assert ids(first) == [89, 50, 1]
    assert first[-1].cursor == {"since": int(NOW.timestamp()), "caught_up": True}
    later = NOW + timedelta(hours=1)
    algolia.hits.append(story(7, at=later - timedelta(minutes=1)))
    second = collect(server, first[-1].cursor, now=later, overlap="2d")
    assert ids(second) == [1, 7]  # 1 again, for its points
    assert second[-1].cursor["since"] == int(later.timestamp())


def test_a_hit_at_the_very_end_is_read_once_and_not_lost(server: HttpServer) -> None:
    server.route(PATH, Algolia([story(0, at=NOW)]))
    first = collect(server)
    second = collect(server, {**first[-1].cursor, "caught_up": False}, now=NOW + timedelta(minutes=1))
    assert (ids(first), ids(second)) == ([0], [])


def test_a_full_answer_is_split_until_nothing_is_cut_off(server: HttpServer) -> None:
    server.route(PATH, Algolia([story(n) for n in range(1, 60)]))
    pages = collect(server, limit=4)
    assert ids(pages) == list(range(59, 0, -1))  # oldest first
    assert [page.cursor["caught_up"] for page in pages][-2:] == [False, True]


def test_a_server_that_sends_fewer_than_asked_is_split_too(server: HttpServer) -> None:
    algolia = Algolia([story(n) for n in range(1, 20)])

    def capped(request: Request) -> Reply:
        answer = json.loads(algolia(request).body)
        return json_reply({**answer, "hits": answer["hits"][:5], "hitsPerPage": 5})

    server.route(PATH, capped)
    assert sorted(ids(collect(server))) == list(range(1, 20))


def test_more_than_fits_in_one_second_is_said(server: HttpServer) -> None:
    server.route(PATH, Algolia([story(n, at=NOW - timedelta(hours=1)) for n in range(1, 9)] + [story(50)]))
    pages = collect(server, limit=4)
    assert any("too many posts in one second" in page.note for page in pages)
    assert 50 in ids(pages)


@pytest.mark.parametrize("killed_after", [1, 2, 5])
def test_killed_between_pages_loses_nothing(server: HttpServer, killed_after: int) -> None:
    server.route(PATH, Algolia([story(n) for n in range(1, 60)]))
    first = list(islice(collector(server, limit=8).collect({}, now=NOW), killed_after))
    cursor = json.loads(json.dumps(first[-1].cursor))
    second = collect(server, cursor, limit=8)
    assert set(ids(first + second)) == set(range(1, 60))


def test_a_long_way_is_gone_in_several_collects(server: HttpServer) -> None:
    server.route(PATH, Algolia([story(n) for n in range(1, 60)]))
    cursor: Mapping[str, Any] = {}
    seen: set[int] = set()
    for _ in range(60):
        pages = collect(server, cursor, limit=4, max_pages=2, backfill="61m", overlap="1h")
        seen |= set(ids(pages))
        cursor = pages[-1].cursor
        if cursor["caught_up"]:
            break
    assert seen == set(range(1, 60))


def test_nothing_found_is_not_an_error(server: HttpServer) -> None:
    server.route(PATH, Algolia([]))
    (page,) = collect(server)
    assert (page.posts, page.unchanged, page.cursor["caught_up"]) == ((), True, True)


def test_a_clock_that_went_back_asks_nothing(server: HttpServer) -> None:
    cursor = {"since": int(NOW.timestamp()), "caught_up": True}
    (page,) = collect(server, cursor, now=NOW - timedelta(days=3))
    assert page.unchanged
    assert server.requests == []


# ------------------------------------------------------------------ asking and failing


def test_the_request_has_what_algolia_wants(server: HttpServer) -> None:
    server.route(PATH, Algolia([]))
    collect(server, query='"minamo coffee"')
    query = dict(server.requests[-1].query)
    assert query.pop("numericFilters").startswith("created_at_i>")
    assert query == {
        "query": '"minamo coffee"',
        "tags": "(story,comment)",
        "hitsPerPage": "1000",
        "page": "0",
        "advancedSyntax": "true",
    }
    collect(server, include=["comment"])
    assert server.requests[-1].query["tags"] == "(comment)"


@pytest.mark.parametrize(
    "keys", [{"query": ""}, {"include": ["poll"]}, {"include": []}, {"base_url": "hn.example"}]
)
def test_wrong_keys_are_refused(keys: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        HackerNewsConfig.model_validate({"name": "hn", "query": "minamo", **keys})


def test_the_registry_knows_it() -> None:
    assert collector_class("hackernews").__name__ == "HackerNewsCollector"


def test_too_many_requests_says_when_to_come_back(server: HttpServer) -> None:
    server.route(PATH, too_many(30))
    with pytest.raises(CollectError) as caught:
        collect(server)
    assert caught.value.retry_after == pytest.approx(30, abs=5)
    assert not caught.value.permanent


@pytest.mark.parametrize(
    "reply",
    [text("oops", status=500), text("<html>", content_type="text/html"), json_reply({"message": "x"})],
)
def test_a_broken_answer_is_tried_again_later(server: HttpServer, reply: Reply) -> None:
    server.route(PATH, reply)
    with pytest.raises(CollectError) as caught:
        collect(server)
    assert not caught.value.permanent


# ------------------------------------------------------------------ a recorded answer


def test_the_recorded_answer(server: HttpServer) -> None:
    file = RECORDINGS / "payloads" / "hackernews" / "algolia_search_story.json"
    if not file.exists():
        pytest.skip(
            "no recorded answer here: set KIKIMIMI_RECORDINGS to the folder that has payloads/hackernews"
        )
    sent = json.loads(file.read_text("utf-8"))["hits"][0]
    server.route(PATH, text(file.read_bytes(), content_type="application/json"))
    (post,) = posts(collect(server))
    assert (post.external_id, post.title) == (sent["objectID"], sent["title"])
    assert post.created_at == datetime(2016, 12, 8, 19, 39, 7, tzinfo=UTC)
    assert post.engagement == Engagement(likes=1, replies=0)
    assert post.author is not None
    assert post.author.handle == sent["author"]
    assert "I don't know how to harvest" in post.text
    assert "and/or the original article" in post.text
    assert "\nFor example, say PG" in post.text
    assert "<p>" not in post.text
    assert "&#x" not in post.text
