"""The Mastodon collector against a loopback server that pages like Mastodon, and against recorded answers."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from listener.collectors import CollectError, Page, collector_class
from listener.collectors.mastodon import MastodonCollector, MastodonConfig
from listener.http import Fetcher
from storage.types import Engagement, Post
from tests.servers import HttpServer, Reply, Request, json_reply, text, too_many

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
HTTP = Fetcher(allow=["127.0.0.1"], min_gap_s=0)
TAG = "/api/v1/timelines/tag/ミナモ珈琲"
RECORDINGS = Path(os.environ.get("KIKIMIMI_RECORDINGS") or Path(__file__).parents[4] / "shared" / "data")


def snowflake(at: datetime, sequence: int = 0) -> str:
    return str((int(at.timestamp() * 1000) << 16) + sequence)


def account(**changes: Any) -> dict[str, Any]:
    return {
        "id": "7",
        "username": "aoi",
        "acct": "aoi",
        "display_name": "あおい :coffee:",
        "bot": False,
        "indexable": True,
        "noindex": False,
        "url": "https://tea.example/@aoi",
        "uri": "https://tea.example/ap/users/7",
        "followers_count": 120,
        "emojis": [{"shortcode": "coffee", "url": "https://tea.example/coffee.png"}],
        **changes,
    }


def status(number: int, *, at: datetime | None = None, **changes: Any) -> dict[str, Any]:
    """An invented status in the shape of Mastodon 4.6; `number` minutes before now."""
    moment = at or NOW - timedelta(minutes=number)
    native = snowflake(moment, number)
    return {
        "id": native,
        "created_at": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "in_reply_to_id": None,
        "sensitive": False,
        "spoiler_text": "",
        "visibility": "public",
        "language": "ja",
        "uri": f"https://tea.example/ap/users/7/statuses/{native}",
        "url": f"https://tea.example/@aoi/{native}",
        "replies_count": 1,
        "reblogs_count": 2,
        "favourites_count": 3,
        "quotes_count": 4,
        "edited_at": None,
        "content": f"<p>投稿 {number}</p>",
        "reblog": None,
        "account": account(),
        "tags": [{"name": "ミナモ珈琲", "url": "https://tea.example/tags/x"}],
        "emojis": [],
        **changes,
    }


def instance(local: str = "public", remote: str = "public") -> dict[str, Any]:
    feeds = {"local": local, "remote": remote}
    return {"domain": "tea.example", "configuration": {"timelines_access": {"hashtag_feeds": feeds}}}


class Timeline:
    """Pages as Mastodon does: newest first in every answer, `min_id` from below, `max_id` from above."""

    def __init__(self, statuses: list[dict[str, Any]]) -> None:
        self.statuses = statuses

    def __call__(self, request: Request) -> Reply:
        query = request.query
        limit = int(query.get("limit", "20"))
        newest_first = sorted(self.statuses, key=lambda each: int(each["id"]), reverse=True)
        if "min_id" in query:
            above = [each for each in newest_first if int(each["id"]) > int(query["min_id"])]
            return json_reply(above[-limit:])
        if "max_id" in query:
            newest_first = [each for each in newest_first if int(each["id"]) < int(query["max_id"])]
        return json_reply(newest_first[:limit])


@pytest.fixture
def server() -> Iterator[HttpServer]:
    with HttpServer() as running:
        running.route("/api/v2/instance", json_reply(instance()))
        yield running


def collector(server: HttpServer, **keys: Any) -> MastodonCollector:
    config = MastodonConfig.model_validate(
        {"name": "fedi", "kind": "mastodon", "instance": server.url(""), "tag": "#ミナモ珈琲", **keys}
    )
    return MastodonCollector(config, http=HTTP)


def collect(server: HttpServer, cursor: Mapping[str, Any] | None = None, **keys: Any) -> list[Page]:
    return list(collector(server, **keys).collect(cursor or {}, now=NOW))


def posts(pages: list[Page]) -> list[Post]:
    return [post for page in pages for post in page.posts]


def only(server: HttpServer, **changes: Any) -> Post:
    server.route(TAG, Timeline([status(1, **changes)]))
    (post,) = posts(collect(server))
    return post


# ------------------------------------------------------------------ one status


def test_a_status_becomes_a_post(server: HttpServer) -> None:
    wanted = status(1)
    post = only(server)
    assert (post.platform, post.external_id, post.source) == ("mastodon", wanted["uri"], "fedi")
    assert (post.text, post.title, post.lang) == ("投稿 1", "", "ja")
    assert post.url == wanted["url"]
    assert post.created_at == NOW - timedelta(minutes=1)
    assert post.fetched_at == NOW
    assert post.engagement == Engagement(likes=3, reposts=2, replies=1, quotes=4)
    assert post.tags == ("ミナモ珈琲",)
    assert post.author is not None
    assert (post.author.handle, post.author.name) == ("aoi@tea.example", "あおい")
    assert (post.author.followers, post.author.bot) == (120, False)
    assert post.author.url == "https://tea.example/@aoi"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (
            '<p><a href="https://x/tags/a" class="mention hashtag" rel="tag">#<span>珈琲</span></a> 朝</p>',
            "#珈琲 朝",
        ),
        ("<p>一行目<br>二行目<br />三行目</p>", "一行目\n二行目\n三行目"),
        ("<p>段落</p><p>次の段落</p>", "段落\n\n次の段落"),
        (
            '<p>見て <a href="https://example.jp/menu/latte"><span class="invisible">https://</span>'
            '<span class="ellipsis">example.jp/menu</span><span class="invisible">/latte</span></a></p>',
            "見て https://example.jp/menu/latte",
        ),
        ("<p>it&#39;s &lt;good&gt; &amp; warm</p>", "it's <good> & warm"),
        ('<p class="quote-inline">RE: <a href="https://a/b">https://a/b</a></p><p>同感</p>', "同感"),
        ("<p>:party: 最高:party:でした</p>", "最高 でした"),
        ("plain text of another server", "plain text of another server"),
    ],
)
def test_the_content_is_what_a_reader_sees(server: HttpServer, content: str, words: str) -> None:
    assert only(server, content=content, emojis=[{"shortcode": "party"}]).text == words


def test_a_content_warning_is_the_title(server: HttpServer) -> None:
    post = only(server, spoiler_text="食べ物の話", content="<p>ラテを飲んだ</p>")
    assert post.full_text == "食べ物の話\nラテを飲んだ"


def test_a_remote_account_keeps_its_server(server: HttpServer) -> None:
    post = only(server, account=account(acct="Ren@Milk.example", display_name=""))
    assert post.author is not None
    assert (post.author.handle, post.author.external_id, post.author.name) == (
        "Ren@Milk.example",
        "ren@milk.example",
        "aoi",
    )


def test_what_is_not_sent_is_unknown_and_not_zero(server: HttpServer) -> None:
    bare = status(1)
    for name in ("favourites_count", "reblogs_count", "replies_count", "quotes_count", "language", "url"):
        del bare[name]
    bare["account"] = {"username": "aoi", "acct": "aoi"}
    server.route(TAG, Timeline([bare]))
    (post,) = posts(collect(server))
    assert post.engagement == Engagement()
    assert (post.lang, post.url) == (None, bare["uri"])
    assert post.author is not None
    assert (post.author.followers, post.author.bot) == (None, None)


def test_a_hidden_follower_count_is_unknown(server: HttpServer) -> None:
    post = only(server, account=account(followers_count=-1))
    assert post.author is not None
    assert post.author.followers is None


def test_a_link_that_is_no_web_address_is_dropped(server: HttpServer) -> None:
    post = only(server, url="javascript:alert(1)", account=account(url="javascript:alert(1)", uri=None))
    assert post.url.startswith("https://tea.example/ap/")
    assert post.author is not None
    assert post.author.url == ""


def test_a_reply_says_what_it_answers(server: HttpServer) -> None:
    assert only(server, in_reply_to_id="42").reply_to == server.url("/api/v1/statuses/42")


def test_boosts_private_and_broken_statuses_are_skipped(server: HttpServer) -> None:
    kept = status(1, visibility="unlisted")
    skipped = [
        status(2, reblog=status(9)),
        status(3, visibility="private"),
        status(4, visibility="direct"),
        status(5, created_at="yesterday"),
        status(6, content="", spoiler_text=""),
        status(7, uri=None, url=None),
    ]
    server.route(TAG, Timeline([kept, *skipped]))
    assert [post.external_id for post in posts(collect(server))] == [kept["uri"]]


def test_authors_who_do_not_want_to_be_searched_are_left_out_and_counted(server: HttpServer) -> None:
    server.route(
        TAG,
        Timeline(
            [
                status(1),
                status(2, account=account(noindex=True)),
                status(3, account=account(indexable=False)),
                status(4, account=account(indexable=None, noindex=None)),
            ]
        ),
    )
    pages = collect(server)
    assert [post.text for post in posts(pages)] == ["投稿 1", "投稿 4"]
    assert "2 posts left out" in pages[-1].note
    everyone = collect(server, respect_noindex=False)
    assert len(posts(everyone)) == 4
    assert everyone[-1].note == ""


ODD: tuple[Any, ...] = (None, True, 5, -1, 1.5, "x", "", [], [None, 7, {}], {}, {"x": 1})


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_a_field_of_another_type_breaks_nothing(server: HttpServer, odd: Any) -> None:
    """One status a field, with that field odd; and a good one after them, which must be read."""
    fields = [name for name in status(1) if name not in ("id", "uri")]
    strange = [{**status(2 + n), name: odd} for n, name in enumerate(fields)]
    strange += [{**status(60 + n), "account": account(**{name: odd})} for n, name in enumerate(account())]
    server.route(TAG, Timeline([*strange, status(90)]))
    found = posts(collect(server))
    assert "投稿 90" in [post.text for post in found]
    for post in found:
        assert post.url == "" or post.url.startswith("https://")
        assert all(
            number is None or number >= 0 for number in (post.engagement.likes, post.engagement.quotes)
        )


# ------------------------------------------------------------------ paging


def numbers(pages: list[Page]) -> list[int]:
    return [int(post.text.split()[1]) for post in posts(pages)]


def test_the_first_collect_pages_back_to_the_beginning(server: HttpServer) -> None:
    server.route(TAG, Timeline([status(n) for n in range(1, 11)]))
    pages = collect(server, limit=4)
    assert numbers(pages) == list(range(1, 11))
    assert pages[-1].cursor == {"min_id": status(1)["id"], "caught_up": True}


def test_the_first_collect_stops_at_backfill_and_at_max_pages(server: HttpServer) -> None:
    server.route(TAG, Timeline([status(n, at=NOW - timedelta(days=n)) for n in range(1, 11)]))
    assert numbers(collect(server, limit=2, backfill="5d")) == [1, 2, 3, 4, 5]
    asked = len(server.requests)
    pages = collect(server, limit=2, max_pages=2)
    assert numbers(pages) == [1, 2, 3, 4]
    assert "max_pages" in pages[-1].note
    assert len(server.requests) - asked == 3


def test_an_empty_hashtag_is_not_an_error(server: HttpServer) -> None:
    server.route(TAG, json_reply([]))
    (page,) = collect(server)
    assert (page.posts, page.cursor, page.unchanged) == ((), {}, True)


def test_later_collects_go_forward_without_gaps(server: HttpServer) -> None:
    timeline = Timeline([status(n) for n in range(101, 104)])
    server.route(TAG, timeline)
    cursor = collect(server)[-1].cursor
    timeline.statuses += [status(n) for n in range(1, 40)]
    pages = collect(server, cursor, limit=5, overlap="1s")
    assert sorted(numbers(pages)) == [*range(1, 40), 101]  # 101 is within the overlap
    assert pages[-1].cursor == {"min_id": status(1)["id"], "caught_up": True}


def test_counts_are_refreshed_within_the_overlap(server: HttpServer) -> None:
    server.route(TAG, Timeline([status(30), status(90)]))
    cursor = collect(server)[-1].cursor
    server.route(TAG, Timeline([status(30, favourites_count=50), status(90)]))
    again = posts(collect(server, cursor, overlap="10m"))
    assert [(post.text, post.engagement.likes) for post in again] == [("投稿 30", 50)]


def test_nothing_new_leaves_the_cursor_alone(server: HttpServer) -> None:
    timeline = Timeline([status(1)])
    server.route(TAG, timeline)
    cursor = collect(server)[-1].cursor
    timeline.statuses.clear()
    (page,) = collect(server, cursor)
    assert (page.posts, page.unchanged, page.cursor) == ((), True, cursor)


def test_a_post_that_federates_late_is_found(server: HttpServer) -> None:
    timeline = Timeline([status(10), status(30)])
    server.route(TAG, timeline)
    cursor = collect(server)[-1].cursor
    timeline.statuses.append(status(20))  # written before the newest one, arrived after it
    assert 20 in numbers(collect(server, cursor, overlap="1h"))


def test_ids_that_hold_no_time_are_used_as_they_are(server: HttpServer) -> None:
    timeline = Timeline([{**status(n), "id": str(1000 - n)} for n in (3, 2)])
    server.route(TAG, timeline)
    cursor = collect(server)[-1].cursor
    assert cursor["min_id"] == "998"
    timeline.statuses.append({**status(1), "id": "999"})
    assert numbers(collect(server, cursor)) == [1]


def test_ids_of_letters_page_too(server: HttpServer) -> None:
    flakes = [{**status(n), "id": f"AbZ{9 - n}"} for n in range(1, 6)]

    def akkoma(request: Request) -> Reply:
        found = flakes
        if "max_id" in request.query:
            found = [each for each in flakes if each["id"] < request.query["max_id"]]
        if "min_id" in request.query:
            found = [each for each in flakes if each["id"] > request.query["min_id"]]
        return json_reply(found[:2])

    server.route(TAG, akkoma)
    pages = collect(server)
    assert numbers(pages) == [1, 2, 3, 4, 5]
    assert collect(server, pages[-1].cursor)[-1].unchanged


def test_a_server_that_ignores_the_position_does_not_loop(server: HttpServer) -> None:
    server.route(TAG, json_reply([status(2), status(1)]))
    pages = collect(server)
    assert {post.text for post in posts(pages)} == {"投稿 1", "投稿 2"}
    assert server.paths().count(TAG) == 2
    assert collect(server, {"min_id": status(1)["id"], "caught_up": False})[-1].cursor["caught_up"] is True


@pytest.mark.parametrize("killed_after", [1, 2, 3])
def test_killed_while_reading_back_loses_nothing(server: HttpServer, killed_after: int) -> None:
    timeline = Timeline([status(n) for n in range(10, 20)])
    server.route(TAG, timeline)
    first = list(islice(collector(server, limit=3).collect({}, now=NOW), killed_after))
    timeline.statuses.append(status(1))  # written while we were down
    cursor = json.loads(json.dumps(first[-1].cursor))
    second = collect(server, cursor, limit=3)
    assert numbers(first + second) == list(range(10, 20))  # where it was, not from the newest again
    third = collect(server, second[-1].cursor, limit=3)
    assert set(numbers(first + second + third)) == {1, *range(10, 20)}


@pytest.mark.parametrize("killed_after", [1, 2, 3])
def test_killed_while_going_forward_loses_nothing(server: HttpServer, killed_after: int) -> None:
    timeline = Timeline([status(n) for n in range(1, 11)])
    server.route(TAG, timeline)
    start = {"min_id": status(11)["id"], "caught_up": True}
    first = list(islice(collector(server, limit=3).collect(start, now=NOW), killed_after))
    second = collect(server, json.loads(json.dumps(first[-1].cursor)), limit=3)
    assert set(numbers(first + second)) == set(range(1, 11))


def test_going_forward_in_several_collects_always_moves_on(server: HttpServer) -> None:
    server.route(TAG, Timeline([status(n) for n in range(1, 21)]))
    cursor: Mapping[str, Any] = {"min_id": status(10)["id"], "caught_up": True}
    seen: set[int] = set()
    for _ in range(9):  # the new ones first, 4 a collect; then 2 of the overlap
        pages = collect(server, cursor, limit=2, max_pages=2, overlap="1h")
        seen |= set(numbers(pages))
        cursor = pages[-1].cursor
    assert seen == set(range(1, 21))


def crowd(first: int, last: int) -> list[dict[str, Any]]:
    """Fifty posts a second, the newest with the lowest number."""
    return [status(n, at=NOW - timedelta(milliseconds=20 * n)) for n in range(first, last)]


def test_a_crowd_of_new_posts_is_read_before_the_overlap(server: HttpServer) -> None:
    """Ten seconds at fifty posts a second behind an overlap of 2,000 posts: the new ones take 13 pages of 20."""
    old, new = crowd(500, 2500), crowd(0, 500)
    timeline = Timeline([*old, *new])
    server.route(TAG, timeline)
    start = {"min_id": old[0]["id"], "caught_up": True}
    first = collect(server, start, max_pages=20)
    found = numbers(first)
    assert sorted(found[:500]) == list(range(500))
    assert sorted(found[500:]) == list(range(500, 500 + 7 * 40))  # its newest part, with the pages left
    assert len(server.requests) == 1 + 20
    assert (first[-1].cursor["min_id"], first[-1].note) == (new[0]["id"], "")
    late = {**status(1, at=NOW - timedelta(seconds=25)), "content": "<p>投稿 9999</p>"}
    timeline.statuses.append(late)  # written 25 s ago, arrives now: the next collect gets there
    again = numbers(collect(server, first[-1].cursor, max_pages=20))
    assert 9999 in again
    assert min(again) == 780  # it goes on where the first one stopped


def test_more_than_the_pages_hold_is_said_and_follows(server: HttpServer) -> None:
    old, new = crowd(500, 600), crowd(0, 500)
    server.route(TAG, Timeline([*old, *new]))
    first = collect(server, {"min_id": old[0]["id"], "caught_up": True}, max_pages=10)
    assert sorted(numbers(first)) == list(range(100, 500))
    assert "max_pages (10)" in first[-1].note
    second = collect(server, first[-1].cursor, max_pages=10)
    assert sorted(numbers(second)) == [*range(100), *range(500, 600)]
    assert second[-1].note == ""
    assert second[-1].cursor == {"min_id": new[0]["id"], "caught_up": True}


def test_a_steady_trickle_does_not_use_up_the_pages(server: HttpServer) -> None:
    """Each answer finds a few posts that were written since the one before."""
    timeline = Timeline(crowd(500, 600))

    def growing(request: Request) -> Reply:
        left = len(timeline.statuses)
        timeline.statuses += crowd(600 - left - 3, 600 - left)
        return timeline(request)

    server.route(TAG, growing)
    pages = collect(server, {"min_id": timeline.statuses[60]["id"], "caught_up": True}, max_pages=20)
    assert set(range(500, 600)) <= set(numbers(pages))
    assert len(server.requests) < 10


@pytest.mark.parametrize("killed_after", range(1, 9))
def test_killed_while_looking_back_loses_nothing(server: HttpServer, killed_after: int) -> None:
    old, new = crowd(10, 30), crowd(0, 10)
    server.route(TAG, Timeline([*old, *new]))
    start = {"min_id": old[0]["id"], "caught_up": True}
    first = list(islice(collector(server, limit=4).collect(start, now=NOW), killed_after))
    second = collect(server, json.loads(json.dumps(first[-1].cursor)), limit=4)
    assert set(numbers(first + second)) == set(range(30))


# ------------------------------------------------------------------ what is asked for


def test_tags_token_and_limit_are_sent(server: HttpServer) -> None:
    server.route(TAG, json_reply([]))
    collect(server, any=["minamo"], all=["珈琲"], none=["#pr"], token="s3cret")
    request = server.requests[-1]
    assert request.headers["authorization"] == "Bearer s3cret"
    assert {name: request.query[name] for name in ("any[]", "all[]", "none[]", "limit")} == {
        "any[]": "minamo",
        "all[]": "珈琲",
        "none[]": "pr",
        "limit": "40",
    }


def test_no_token_sends_no_header(server: HttpServer) -> None:
    server.route(TAG, json_reply([]))
    collect(server)
    assert "authorization" not in server.requests[-1].headers


@pytest.mark.parametrize("written", ["tea.example", "https://tea.example/", " https://TEA.example/about "])
def test_an_instance_may_be_written_short(written: str) -> None:
    assert MastodonConfig(name="a", instance=written, tag="x").instance == "https://tea.example"


@pytest.mark.parametrize(
    "keys",
    [{"instance": "ftp://tea.example"}, {"instance": ""}, {"tag": "#"}, {"tag": "two words"}, {"limit": 80}],
)
def test_wrong_keys_are_refused(keys: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        MastodonConfig.model_validate({"name": "a", "instance": "tea.example", "tag": "x", **keys})


def test_the_registry_knows_it() -> None:
    assert collector_class("mastodon").__name__ == "MastodonCollector"


# ------------------------------------------------------------------ closed and failing servers


@pytest.mark.parametrize(
    ("local", "remote", "token", "scope"),
    [
        ("public", "public", False, {}),
        ("public", "disabled", False, {"local": "true"}),
        ("public", "authenticated", False, {"local": "true"}),
        ("disabled", "public", False, {"remote": "true"}),
        ("authenticated", "authenticated", True, {}),
        ("authenticated", "disabled", True, {"local": "true"}),
    ],
)
def test_only_the_open_part_is_asked_for(
    server: HttpServer, local: str, remote: str, token: bool, scope: dict[str, str]
) -> None:
    server.route("/api/v2/instance", json_reply(instance(local, remote)))
    server.route(TAG, Timeline([status(1)]))
    pages = collect(server, token="s3cret" if token else None)
    query = server.requests[-1].query
    assert {name: query[name] for name in ("local", "remote") if name in query} == scope
    assert len(posts(pages)) == 1
    assert bool(pages[-1].note) == bool(scope)


@pytest.mark.parametrize(
    ("local", "remote", "remedy"),
    [
        ("disabled", "disabled", "another instance"),
        ("authenticated", "authenticated", "token_env"),
        ("authenticated", "disabled", "token_env"),
    ],
)
def test_a_closed_server_is_said_in_words(server: HttpServer, local: str, remote: str, remedy: str) -> None:
    server.route("/api/v2/instance", json_reply(instance(local, remote)))
    with pytest.raises(CollectError, match=remedy) as caught:
        collect(server)
    assert caught.value.permanent
    assert server.paths() == ["/api/v2/instance"]


@pytest.mark.parametrize("answer", [401, 403, 422])
def test_a_closed_timeline_is_said_in_words(server: HttpServer, answer: int) -> None:
    server.route(TAG, json_reply({"error": "This method requires an authenticated user"}, status=answer))
    with pytest.raises(CollectError, match="token_env") as caught:
        collect(server)
    assert caught.value.permanent
    with pytest.raises(CollectError, match="read:statuses") as refused:
        collect(server, token="s3cret")
    assert "s3cret" not in str(refused.value)


def test_a_server_without_the_instance_call_is_read_anyway(server: HttpServer) -> None:
    server.route("/api/v2/instance", text("no", status=404))
    server.route(TAG, Timeline([status(1)]))
    (post,) = posts(collect(server))
    assert post.author is not None
    assert post.author.handle == f"aoi@127.0.0.1:{server.port}"


def test_too_many_requests_says_when_to_come_back(server: HttpServer) -> None:
    server.route(TAG, [Timeline([status(n) for n in range(1, 9)]), too_many(120)])
    reading = collector(server, limit=4).collect({}, now=NOW)
    first = next(reading)
    assert len(first.posts) == 4
    with pytest.raises(CollectError) as caught:
        next(reading)
    assert caught.value.retry_after == pytest.approx(120, abs=5)
    assert not caught.value.permanent


def test_the_rate_limit_header_is_a_time(server: HttpServer) -> None:
    reset = (datetime.now(UTC) + timedelta(seconds=200)).isoformat().replace("+00:00", "Z")
    server.route(
        TAG, json_reply({"error": "Too many requests"}, status=429, headers={"X-RateLimit-Reset": reset})
    )
    with pytest.raises(CollectError) as caught:
        collect(server)
    assert caught.value.retry_after == pytest.approx(200, abs=10)


@pytest.mark.parametrize(
    "reply", [text("oops", status=503), text("<html>", content_type="text/html"), json_reply({"a": 1})]
)
def test_a_broken_answer_is_tried_again_later(server: HttpServer, reply: Reply) -> None:
    server.route(TAG, reply)
    with pytest.raises(CollectError) as caught:
        collect(server)
    assert not caught.value.permanent
    server.route(TAG, Timeline([status(1)]))
    assert len(posts(collect(server))) == 1


# ------------------------------------------------------------------ recorded answers


def recorded() -> list[tuple[str, dict[str, Any]]]:
    """(file, exchange) of every recorded Mastodon call."""
    files = sorted((RECORDINGS / "payloads" / "mastodon").glob("*.decoded.json"))
    return [(file.name, each) for file in files for each in json.loads(file.read_text("utf-8"))]


@pytest.fixture
def exchanges() -> list[tuple[str, dict[str, Any]]]:
    found = recorded()
    if not found:
        pytest.skip(
            "no recorded answers here: set KIKIMIMI_RECORDINGS to the folder that has payloads/mastodon"
        )
    return found


def check(post: Post, sent: Mapping[str, Any]) -> None:
    assert post.external_id == sent["uri"]
    assert post.url == sent["url"]
    assert post.created_at.isoformat(timespec="milliseconds").replace("+00:00", "Z") == sent["created_at"]
    assert post.lang == sent["language"]
    assert "<" not in post.text
    assert "&#" not in post.text
    engagement = post.engagement
    assert engagement.likes == sent["favourites_count"]
    assert engagement.reposts == sent["reblogs_count"]
    assert engagement.replies == sent["replies_count"]
    assert engagement.quotes == sent.get("quotes_count")
    assert post.author is not None
    assert post.author.followers == sent["account"]["followers_count"]
    assert post.author.bot == sent["account"]["bot"]
    assert post.author.handle.split("@")[0] == sent["account"]["username"]


def test_recorded_timelines(server: HttpServer, exchanges: list[tuple[str, dict[str, Any]]]) -> None:
    lists = [
        each["body"]
        for _, each in exchanges
        if isinstance(each["body"], list) and "/timelines/" in each["uri"] and each["status"] == 200
    ]
    assert sum(len(statuses) for statuses in lists) >= 28
    for statuses in lists:
        server.route(TAG, Timeline(statuses))
        found = {
            post.external_id: post for post in posts(collect(server, respect_noindex=False, backfill="365d"))
        }
        assert set(found) == {sent["uri"] for sent in statuses}
        for sent in statuses:
            check(found[sent["uri"]], sent)


def test_the_recorded_hashtag_call(server: HttpServer, exchanges: list[tuple[str, dict[str, Any]]]) -> None:
    cassette = {
        each["uri"]: each["body"] for name, each in exchanges if name == "test_hashtag_tl.decoded.json"
    }
    (about,) = [body for uri, body in cassette.items() if "/api/v2/instance" in uri]
    (statuses,) = [body for uri, body in cassette.items() if uri.endswith("/timelines/tag/hoot")]
    server.route("/api/v2/instance", json_reply(about))
    server.route("/api/v1/timelines/tag/hoot", Timeline(statuses))
    (post,) = posts(collect(server, tag="hoot", backfill="365d"))
    assert post.text == "#hoot (hashtag toot)"
    assert post.author is not None
    assert post.author.handle == "mastodonpy_test_2@localhost:3000"
    assert post.engagement == Engagement(likes=0, reposts=0, replies=0, quotes=0)
    assert post.tags == ("hoot",)


def test_recorded_texts(server: HttpServer, exchanges: list[tuple[str, dict[str, Any]]]) -> None:
    wanted = {
        "test_status_card.decoded.json": "http://example.org/",
        "test_status_context.decoded.json": "Toot!",
        "test_stream_user_local.decoded.json": "it's cool guy",
    }
    for name, each in exchanges:
        if name in wanted and isinstance(each["body"], dict) and each["body"].get("content"):
            server.route(TAG, Timeline([each["body"]]))
            (post,) = posts(collect(server, respect_noindex=False, backfill="365d"))
            assert post.text == wanted[name]
            check(post, each["body"])


def test_recorded_servers_say_whether_they_are_open(
    server: HttpServer, exchanges: list[tuple[str, dict[str, Any]]]
) -> None:
    abouts = [each["body"] for _, each in exchanges if "/api/v2/instance" in each["uri"]]
    assert len(abouts) >= 5
    server.route(TAG, Timeline([status(1)]))
    for about in abouts:
        server.route("/api/v2/instance", json_reply(about))
        (post,) = posts(collect(server))
        assert post.author is not None
        assert post.author.handle == f"aoi@{about['domain']}"


def test_recorded_statuses_of_many_servers(server: HttpServer) -> None:
    file = RECORDINGS / "payloads" / "mastodon" / "streaming-examples.sse.txt"
    if not file.exists():
        pytest.skip(
            "no recorded answers here: set KIKIMIMI_RECORDINGS to the folder that has payloads/mastodon"
        )
    events = [block.partition("\ndata: ") for block in file.read_text("utf-8").split("\n\n")]
    sent = [json.loads(body) for kind, _, body in events if kind in ("event: update", "event: status.update")]
    public = {
        each["uri"]: each
        for each in sent
        if each["visibility"] in ("public", "unlisted") and not each["reblog"]
    }
    assert len(public) >= 3
    for each in public.values():
        server.route(TAG, Timeline([each]))
        found = posts(collect(server, backfill="2000d"))
        worded = bool(each["content"] or each["spoiler_text"])
        assert len(found) == worded
        if worded:
            check(found[0], each)
            assert found[0].engagement.quotes is None
