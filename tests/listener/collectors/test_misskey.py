"""The Misskey collector against a loopback server that pages like Misskey, and against recorded answers."""

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
from listener.collectors.mfm import plain
from listener.collectors.misskey import MisskeyCollector, MisskeyConfig
from listener.http import Fetcher
from storage.types import Engagement, Post
from tests.servers import HttpServer, Reply, Request, json_reply, text, too_many

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
HTTP = Fetcher(allow=["127.0.0.1"], min_gap_s=0)
BY_TAG = "/api/notes/search-by-tag"
SEARCH = "/api/notes/search"
RECORDINGS = Path(os.environ.get("KIKIMIMI_RECORDINGS") or Path(__file__).parents[4] / "shared" / "data")


def aid(at: datetime, unique: str = "00") -> str:
    number, digits = int(at.timestamp() * 1000) - 946_684_800_000, ""
    while number:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits.rjust(8, "0") + unique


def note(number: int, **changes: Any) -> dict[str, Any]:
    """An invented note in the shape of Misskey 13; `number` minutes before now."""
    moment = NOW - timedelta(minutes=number)
    return {
        "id": aid(moment),
        "createdAt": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "userId": "9aaaaaaaaa",
        "user": {"id": "9aaaaaaaaa", "name": "みお:tea:", "username": "mio", "host": None, "isBot": False},
        "text": f"ノート {number}",
        "cw": None,
        "visibility": "public",
        "renoteCount": 2,
        "repliesCount": 1,
        "reactions": {"👍": 3, ":yoshi@.:": 4},
        "reactionEmojis": {},
        "tags": ["ミナモ珈琲"],
        "fileIds": [],
        "files": [],
        "replyId": None,
        "renoteId": None,
        **changes,
    }


class Notes:
    """Pages as Misskey does: oldest first with `sinceId` alone, else newest first. `newest_first`: always."""

    def __init__(self, notes: list[dict[str, Any]], *, newest_first: bool = False) -> None:
        self.notes = notes
        self.newest_first = newest_first

    def __call__(self, request: Request) -> Reply:
        asked = request.json()
        found = [
            each
            for each in self.notes
            if asked.get("sinceId", "") < each["id"] < asked.get("untilId", "zzzzzzzzzzzzzzzz")
        ]
        upward = "sinceId" in asked and "untilId" not in asked and not self.newest_first
        return json_reply(sorted(found, key=lambda each: each["id"], reverse=not upward)[: asked["limit"]])


@pytest.fixture
def server() -> Iterator[HttpServer]:
    with HttpServer() as running:
        yield running


def collector(server: HttpServer, **keys: Any) -> MisskeyCollector:
    what = {} if "query" in keys else {"tag": "ミナモ珈琲"}
    config = MisskeyConfig.model_validate({"name": "mk", "instance": server.url(""), **what, **keys})
    return MisskeyCollector(config, http=HTTP)


def collect(server: HttpServer, cursor: Mapping[str, Any] | None = None, **keys: Any) -> list[Page]:
    return list(collector(server, **keys).collect(cursor or {}, now=NOW))


def posts(pages: list[Page]) -> list[Post]:
    return [post for page in pages for post in page.posts]


def numbers(pages: list[Page]) -> list[int]:
    return [int(post.text.split()[1]) for post in posts(pages)]


def only(server: HttpServer, **changes: Any) -> Post:
    server.route(BY_TAG, Notes([note(1, **changes)]))
    (post,) = posts(collect(server))
    return post


# ------------------------------------------------------------------ one note


def test_a_note_becomes_a_post(server: HttpServer) -> None:
    post = only(server)
    address = server.url(f"/notes/{note(1)['id']}")
    assert (post.platform, post.external_id, post.url, post.source) == ("misskey", address, address, "mk")
    assert (post.text, post.title, post.lang) == ("ノート 1", "", None)
    assert post.created_at == NOW - timedelta(minutes=1)
    assert post.fetched_at == NOW
    assert post.engagement == Engagement(likes=7, reposts=2, replies=1)
    assert post.tags == ("ミナモ珈琲",)
    assert post.author is not None
    assert (post.author.handle, post.author.name) == (f"mio@127.0.0.1:{server.port}", "みお")
    assert (post.author.followers, post.author.bot) == (None, False)
    assert post.author.url == server.url("/@mio")


def test_a_remote_note_has_the_address_of_its_home(server: HttpServer) -> None:
    post = only(
        server,
        uri="https://milk.example/notes/abc",
        url="https://milk.example/@ren/abc",
        user={"username": "Ren", "host": "milk.example", "name": None},
    )
    assert (post.external_id, post.url) == ("https://milk.example/notes/abc", "https://milk.example/@ren/abc")
    assert post.author is not None
    assert (post.author.handle, post.author.external_id) == ("Ren@milk.example", "ren@milk.example")
    assert (post.author.name, post.author.url) == ("Ren", "https://milk.example/@Ren")
    assert (post.author.followers, post.author.bot) == (None, None)


def test_a_content_warning_is_the_title(server: HttpServer) -> None:
    assert only(server, cw="$[x2 食レポ]", text="おいしい").full_text == "食レポ\nおいしい"


def test_what_is_not_sent_is_unknown_and_not_zero(server: HttpServer) -> None:
    bare = note(1)
    for name in ("reactions", "renoteCount", "repliesCount", "tags", "cw", "user"):
        del bare[name]
    server.route(BY_TAG, Notes([bare]))
    (post,) = posts(collect(server))
    assert post.engagement == Engagement()
    assert (post.author, post.tags, post.title) == (None, (), "")


def test_no_reaction_yet_is_zero(server: HttpServer) -> None:
    assert only(server, reactions={}).engagement.likes == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"emojis": [{"name": "tea", "url": "https://m/tea.png"}], "reactions": {"like": 7}},  # Misskey 12
        {"emojis": {}, "reactionEmojis": {}, "reactions": {"❤": 7}},  # Misskey 13
        {"reactions": None, "reactionCount": 7, "tags": None},  # a relative that sends the sum
        {"reactions": {"👍": 7, ":odd@.:": "many"}, "user": {"username": "mio"}, "tags": "none"},
    ],
)
def test_versions_and_relatives_differ_and_are_all_read(server: HttpServer, changes: dict[str, Any]) -> None:
    assert only(server, **changes).engagement.likes == 7


def test_followers_and_language_are_taken_where_a_relative_sends_them(server: HttpServer) -> None:
    post = only(server, lang="ja", user={"username": "mio", "host": None, "followersCount": 9})
    assert post.lang == "ja"
    assert post.author is not None
    assert post.author.followers == 9


def test_renotes_hidden_and_broken_notes_are_skipped(server: HttpServer) -> None:
    kept = note(1, visibility="home")
    quote = note(2, renoteId="x", renote=note(99), text="ノート 2")
    skipped = [
        note(3, text=None, renoteId="x", renote=note(99)),
        note(4, visibility="followers"),
        note(5, visibility="specified"),
        note(6, isHidden=True),
        note(7, createdAt="soon"),
        note(8, text=":only_a_picture:"),
        note(9, text=None, fileIds=["f"]),
    ]
    server.route(BY_TAG, Notes([kept, quote, *skipped]))
    assert numbers(collect(server)) == [1, 2]


def test_a_reply_says_what_it_answers(server: HttpServer) -> None:
    assert only(server, replyId="9zzz").reply_to == server.url("/notes/9zzz")
    remote = only(server, replyId="9zzz", reply={"id": "9zzz", "uri": "https://milk.example/notes/1"})
    assert remote.reply_to == "https://milk.example/notes/1"


ODD: tuple[Any, ...] = (None, True, 5, -1, 1.5, "x", "", [], [None, 7, {}], {}, {"x": 1})


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_a_field_of_another_type_breaks_nothing(server: HttpServer, odd: Any) -> None:
    """One note a field, with that field odd; and a good one after them, which must be read."""
    user = note(1)["user"]
    strange = [{**note(2 + n), name: odd} for n, name in enumerate(note(1)) if name != "id"]
    strange += [note(60 + n, user={**user, name: odd}) for n, name in enumerate(user)]
    server.route(BY_TAG, Notes([*strange, note(90)]))
    found = posts(collect(server))
    assert "ノート 90" in [post.text for post in found]
    assert all(post.engagement.likes is None or post.engagement.likes >= 0 for post in found)


# ------------------------------------------------------------------ MFM


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("$[x2 最高]", "最高"),
        ("$[tada.speed=0s 🎰 $[rainbow $[fg.color=ff0 当たり]] 🎰]", "🎰 当たり 🎰"),
        ("$[x2 見出し [公式] です]", "見出し [公式] です"),
        ("$[ruby 珈琲 コーヒー]が好き", "珈琲が好き"),
        ("$[x2 閉じていない", "閉じていない"),
        ("値段は $[500] 円", "値段は $[500] 円"),
        ("配列 a[0] と ]", "配列 a[0] と ]"),
        ("ラテ:coffee:最高", "ラテ 最高"),
        (":a::b@example.com: おはよう", "おはよう"),
        ("みお\u200b:@mio:", "みお"),
        ("12:30:45 に開店、比率は 1:2:3", "12:30:45 に開店、比率は 1:2:3"),
        ("https://example.jp:8080/a:b:c", "https://example.jp:8080/a:b:c"),
        ("**新作**と~~旧作~~と***大***", "新作と旧作と大"),
        ("[お店](https://example.jp/shop) と ?[地図](https://example.jp/map)", "お店 と 地図"),
        ("<https://example.jp/a>", "https://example.jp/a"),
        ("<center>中央</center><small>小</small> a < b > c", "中央小 a < b > c"),
        ("一行目\n\n\n\n二行目", "一行目\n\n二行目"),
        ("ただの文です。", "ただの文です。"),
        ("", ""),
    ],
)
def test_mfm_is_read_as_a_person_reads_it(written: str, read: str) -> None:
    assert plain(written) == read


# ------------------------------------------------------------------ paging


def test_the_first_collect_pages_back_and_later_ones_go_forward(server: HttpServer) -> None:
    notes = Notes([note(n) for n in range(101, 108)])
    server.route(BY_TAG, notes)
    first = collect(server, limit=3)
    assert numbers(first) == list(range(101, 108))
    assert first[-1].cursor == {"since_id": note(101)["id"], "caught_up": True}
    notes.notes += [note(n) for n in range(1, 8)]
    second = collect(server, first[-1].cursor, limit=3, overlap="1s")
    assert numbers(second) == [7, 6, 5, 4, 3, 2, 1, 101]  # oldest first, then the overlap
    assert second[-1].cursor == {"since_id": note(1)["id"], "caught_up": True}


def test_the_first_collect_stops_at_backfill_and_at_max_pages(server: HttpServer) -> None:
    server.route(BY_TAG, Notes([note(60 * n) for n in range(1, 11)]))
    assert numbers(collect(server, limit=2, backfill="5h")) == [60, 120, 180, 240, 300]
    pages = collect(server, limit=2, max_pages=2)
    assert numbers(pages) == [60, 120, 180, 240]
    assert "max_pages" in pages[-1].note


def test_an_unused_hashtag_is_not_an_error(server: HttpServer) -> None:
    server.route(BY_TAG, json_reply([]))
    (page,) = collect(server)
    assert (page.posts, page.cursor, page.unchanged) == ((), {}, True)


def test_nothing_new_leaves_the_cursor_alone(server: HttpServer) -> None:
    server.route(BY_TAG, json_reply([]))
    cursor = {"since_id": note(1)["id"], "caught_up": True}
    (page,) = collect(server, cursor)
    assert (page.cursor, page.unchanged) == (cursor, True)


@pytest.mark.parametrize("unique", ["00", "00000000"])  # aid, aidx
def test_a_note_that_federates_late_is_found(server: HttpServer, unique: str) -> None:
    def with_id(number: int) -> dict[str, Any]:
        return note(number, id=aid(NOW - timedelta(minutes=number), unique))

    notes = Notes([with_id(10), with_id(30)])
    server.route(BY_TAG, notes)
    cursor = collect(server)[-1].cursor
    notes.notes.append(with_id(20))
    assert 20 in numbers(collect(server, cursor, overlap="1h"))


def test_ids_that_hold_no_time_are_used_as_they_are(server: HttpServer) -> None:
    notes = Notes([note(n, id=f"01HQZX3V9K8M7N6P5R4S3T{9 - n:04d}") for n in (3, 2)])  # ULID
    server.route(BY_TAG, notes)
    cursor = collect(server)[-1].cursor
    notes.notes.append(note(1, id="01HQZX3V9K8M7N6P5R4S3T0008"))
    assert numbers(collect(server, cursor)) == [1]


def test_a_search_that_sends_the_newest_first_leaves_no_gap(server: HttpServer) -> None:
    notes = Notes([note(101)], newest_first=True)
    server.route(SEARCH, notes)
    server.route("/api/meta", json_reply({"policies": {"canSearchNotes": True}}))
    cursor = collect(server, query="ミナモ")[-1].cursor
    notes.notes += [note(n) for n in range(1, 12)]
    reading = collector(server, query="ミナモ", limit=3, overlap="1s").collect(cursor, now=NOW)
    first = [next(reading)]
    assert numbers(first) == [10, 11]  # the oldest ones, though they are sent last
    second = collect(server, first[-1].cursor, query="ミナモ", limit=3)
    assert set(numbers(first + second)) == {101, *range(1, 12)}


@pytest.mark.parametrize("killed_after", [1, 2, 3])
def test_killed_while_reading_back_loses_nothing(server: HttpServer, killed_after: int) -> None:
    notes = Notes([note(n) for n in range(10, 20)])
    server.route(BY_TAG, notes)
    first = list(islice(collector(server, limit=3).collect({}, now=NOW), killed_after))
    notes.notes.append(note(1))
    cursor = json.loads(json.dumps(first[-1].cursor))
    second = collect(server, cursor, limit=3)
    assert numbers(first + second) == list(range(10, 20))  # where it was, not from the newest again
    third = collect(server, second[-1].cursor, limit=3)
    assert set(numbers(first + second + third)) == {1, *range(10, 20)}


@pytest.mark.parametrize("killed_after", [1, 2, 3])
def test_killed_while_going_forward_loses_nothing(server: HttpServer, killed_after: int) -> None:
    server.route(BY_TAG, Notes([note(n) for n in range(1, 11)]))
    start = {"since_id": note(11)["id"], "caught_up": True}
    first = list(islice(collector(server, limit=3).collect(start, now=NOW), killed_after))
    second = collect(server, json.loads(json.dumps(first[-1].cursor)), limit=3)
    assert set(numbers(first + second)) == set(range(1, 11))


def test_a_server_that_ignores_the_position_does_not_loop(server: HttpServer) -> None:
    server.route(BY_TAG, json_reply([note(1), note(2)]))
    assert set(numbers(collect(server))) == {1, 2}
    assert len(server.requests) == 2
    forward = collect(server, {"since_id": note(1)["id"], "caught_up": False})
    assert forward[-1].cursor["caught_up"] is True


def crowd(first: int, last: int) -> list[dict[str, Any]]:
    """Fifty notes a second, the newest with the lowest number."""
    moments = {n: NOW - timedelta(milliseconds=20 * n) for n in range(first, last)}
    return [note(n, id=aid(moment)) for n, moment in moments.items()]


@pytest.mark.parametrize("newest_first", [False, True])
def test_a_crowd_of_new_notes_is_read_before_the_overlap(server: HttpServer, newest_first: bool) -> None:
    old, new = crowd(500, 2500), crowd(0, 500)
    notes = Notes([*old, *new], newest_first=newest_first)
    server.route(BY_TAG, notes)
    first = collect(server, {"since_id": old[0]["id"], "caught_up": True}, limit=40, max_pages=20)
    found = numbers(first)
    assert sorted(found[:500]) == list(range(500))
    rest = len(found) - 500
    assert sorted(found[500:]) == list(range(500, 500 + rest))  # its newest part, with the pages left
    assert rest in (6 * 40, 7 * 40)
    assert len(server.requests) == 20
    assert (first[-1].cursor["since_id"], first[-1].note) == (new[0]["id"], "")
    notes.notes.append(note(9999, id=aid(NOW - timedelta(seconds=25), "zz")))
    again = numbers(collect(server, first[-1].cursor, limit=40, max_pages=20))
    assert 9999 in again
    assert min(again) == 500 + rest  # it goes on where the first one stopped


def test_more_than_the_pages_hold_is_said_and_follows(server: HttpServer) -> None:
    old, new = crowd(500, 600), crowd(0, 500)
    server.route(BY_TAG, Notes([*old, *new]))
    first = collect(server, {"since_id": old[0]["id"], "caught_up": True}, limit=40, max_pages=10)
    assert sorted(numbers(first)) == list(range(100, 500))
    assert "max_pages (10)" in first[-1].note
    second = collect(server, first[-1].cursor, limit=40, max_pages=10)
    assert sorted(numbers(second)) == [*range(100), *range(500, 600)]
    assert second[-1].cursor == {"since_id": new[0]["id"], "caught_up": True}


@pytest.mark.parametrize("killed_after", range(1, 9))
def test_killed_while_looking_back_loses_nothing(server: HttpServer, killed_after: int) -> None:
    old, new = crowd(10, 30), crowd(0, 10)
    server.route(BY_TAG, Notes([*old, *new]))
    start = {"since_id": old[0]["id"], "caught_up": True}
    first = list(islice(collector(server, limit=4).collect(start, now=NOW), killed_after))
    second = collect(server, json.loads(json.dumps(first[-1].cursor)), limit=4)
    assert set(numbers(first + second)) == set(range(30))


# ------------------------------------------------------------------ what is asked for


def test_the_request_has_what_misskey_wants(server: HttpServer) -> None:
    server.route(BY_TAG, json_reply([]))
    collect(server, token="s3cret")
    assert server.requests[-1].method == "POST"
    assert server.requests[-1].json() == {"tag": "ミナモ珈琲", "limit": 100, "i": "s3cret"}


def test_a_query_searches(server: HttpServer) -> None:
    server.route("/api/meta", json_reply({"policies": {"canSearchNotes": True}}))
    server.route(SEARCH, Notes([note(1)]))
    assert numbers(collect(server, query="ミナモ珈琲")) == [1]
    assert server.requests[-1].json()["query"] == "ミナモ珈琲"


def test_a_server_that_does_not_say_its_policies_is_tried(server: HttpServer) -> None:
    server.route("/api/meta", json_reply({"version": "12.119.0"}))
    server.route(SEARCH, Notes([note(1)]))
    assert numbers(collect(server, query="ミナモ珈琲")) == [1]


@pytest.mark.parametrize(
    "keys", [{"tag": "a", "query": "b"}, {}, {"tag": "two words"}, {"tag": "a", "limit": 101}, {"query": ""}]
)
def test_wrong_keys_are_refused(keys: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        MisskeyConfig.model_validate({"name": "mk", "instance": "milk.example", **keys})


def test_the_registry_knows_it() -> None:
    assert collector_class("misskey").__name__ == "MisskeyCollector"


# ------------------------------------------------------------------ closed and failing servers


def refusal(code: str) -> dict[str, Any]:
    return {"error": {"message": "no", "code": code, "id": "0", "kind": "client"}}


def test_a_closed_search_is_said_before_it_is_tried(server: HttpServer) -> None:
    server.route("/api/meta", json_reply({"policies": {"canSearchNotes": False}}))
    with pytest.raises(CollectError, match="use `tag`") as caught:
        collect(server, query="ミナモ珈琲")
    assert caught.value.permanent
    assert server.paths() == ["/api/meta"]


@pytest.mark.parametrize(
    ("status", "code"),
    [(400, "UNAVAILABLE"), (403, "ROLE_PERMISSION_DENIED"), (400, "ROLE_PERMISSION_DENIED")],
)
def test_a_refused_search_is_said_in_words(server: HttpServer, status: int, code: str) -> None:
    server.route("/api/meta", json_reply({}))
    server.route(SEARCH, json_reply(refusal(code), status=status))
    with pytest.raises(CollectError, match=f"{code}.*use `tag`") as caught:
        collect(server, query="ミナモ珈琲")
    assert caught.value.permanent


@pytest.mark.parametrize(
    ("status", "code"), [(401, "CREDENTIAL_REQUIRED"), (403, ""), (400, "AUTHENTICATION_FAILED")]
)
def test_a_login_is_asked_for_in_words(server: HttpServer, status: int, code: str) -> None:
    server.route(BY_TAG, json_reply(refusal(code), status=status))
    with pytest.raises(CollectError, match="token_env") as caught:
        collect(server, token="s3cret")
    assert caught.value.permanent
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    "reply", [too_many(60), json_reply(refusal("RATE_LIMIT_EXCEEDED"), status=400), text("oops", status=502)]
)
def test_a_busy_server_is_tried_again_later(server: HttpServer, reply: Reply) -> None:
    server.route(BY_TAG, [Notes([note(n) for n in range(1, 9)]), reply])
    reading = collector(server, limit=4).collect({}, now=NOW)
    assert len(next(reading).posts) == 4
    with pytest.raises(CollectError) as caught:
        next(reading)
    assert not caught.value.permanent


def test_too_many_requests_says_when_to_come_back(server: HttpServer) -> None:
    server.route(BY_TAG, too_many(60))
    with pytest.raises(CollectError) as caught:
        collect(server)
    assert caught.value.retry_after == pytest.approx(60, abs=5)


@pytest.mark.parametrize("reply", [json_reply({"no": "list"}), text("<html>", content_type="text/html")])
def test_another_server_software_is_said(server: HttpServer, reply: Reply) -> None:
    server.route(BY_TAG, reply)
    with pytest.raises(CollectError):
        collect(server)


# ------------------------------------------------------------------ recorded answers


def recording(name: str) -> Any:
    file = RECORDINGS / "payloads" / "misskey" / name
    if not file.exists():
        pytest.skip(
            "no recorded answers here: set KIKIMIMI_RECORDINGS to the folder that has payloads/misskey"
        )
    return json.loads(file.read_text("utf-8"))


def check(post: Post, sent: Mapping[str, Any]) -> None:
    assert post.created_at.isoformat(timespec="milliseconds").replace("+00:00", "Z") == sent["createdAt"]
    assert post.external_id == sent.get("uri") or post.external_id.endswith(f"/notes/{sent['id']}")
    assert post.url.startswith("http")
    assert post.engagement.likes == sum(sent["reactions"].values())
    assert post.engagement.reposts == sent["renoteCount"]
    assert post.engagement.replies == sent["repliesCount"]
    assert post.engagement.quotes is None
    assert post.lang is None
    assert "$[" not in post.text
    assert post.author is not None
    assert post.author.followers is None
    assert post.author.bot == sent["user"].get("isBot")
    host = sent["user"]["host"]
    assert post.author.handle.startswith(f"{sent['user']['username']}@")
    assert not host or post.author.handle.endswith(f"@{host}")
    assert ":" not in post.author.name


@pytest.mark.parametrize(
    "name",
    [
        "services__notes__fixtures__search-by-tag.json",
        "services__notes__fixtures__search.json",
        "services__notes__fixtures__mentions.json",
        "services__notes__fixtures__conversation.json",
        "services__notes__fixtures__children.json",
        "services__notes__fixtures__replies.json",
        "services__notes__fixtures__renotes.json",
        "services__notes__fixtures__featured.json",
        "services__notes__timeline__fixtures__get.json",
        "services__notes__timeline__fixtures__get-with-poll.json",
        "MisskeyAPIKit__Timeline.json",
    ],
)
def test_recorded_notes(server: HttpServer, name: str) -> None:
    notes = recording(name)
    worded = {each["id"]: each for each in notes if plain(each["text"] or "") or plain(each["cw"] or "")}
    public = {key: each for key, each in worded.items() if each["visibility"] in ("public", "home")}
    for path in (BY_TAG, SEARCH):
        server.route(path, Notes(notes))
    server.route(
        "/api/meta", json_reply(recording("services__meta__fixtures__anon__instance_meta_detailed.json"))
    )
    for what in ({"tag": "test"}, {"query": "test"}):
        found = posts(collect(server, None, backfill="5000d", **what))
        assert len(found) == len(public)
        for post, sent in zip(
            found, sorted(public.values(), key=lambda each: each["id"], reverse=True), strict=True
        ):
            check(post, sent)


def test_recorded_ids_hold_their_time() -> None:
    for each in recording("services__notes__fixtures__search-by-tag.json"):
        assert each["id"].startswith(aid(datetime.fromisoformat(each["createdAt"]), ""))


def test_recorded_words(server: HttpServer) -> None:
    server.route(BY_TAG, Notes(recording("services__notes__fixtures__search-by-tag.json")))
    first = posts(collect(server, backfill="5000d"))[0]
    assert (first.text, first.external_id, first.tags) == (
        "#test 2",
        "https://misskey.io/notes/8aohsdxyh5",
        ("test",),
    )
    timeline = recording("MisskeyAPIKit__Timeline.json")
    server.route(BY_TAG, Notes(timeline))
    texts = [post.text for post in posts(collect(server, backfill="5000d"))]
    assert "俺の名前は" in texts  # its custom emoji is a picture
    assert len(texts) == len(timeline) - 1  # a renote without words
    slot = plain(timeline[0]["renote"]["text"])
    assert "$[" not in slot
    assert ":blank:" not in slot
    assert "与謝野晶子SLOT" in slot


def test_a_recorded_refusal(server: HttpServer) -> None:
    server.route(BY_TAG, json_reply(recording("MisskeyAPIKit__InvalidParam.json"), status=400))
    with pytest.raises(CollectError, match="INVALID_PARAM") as caught:
        collect(server)
    assert caught.value.permanent
