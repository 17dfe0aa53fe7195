"""App Store reviews: invented ones on a real server, recorded ones when they are there."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from xml.sax.saxutils import escape

import pytest
from pydantic import ValidationError

from listener.collectors import CollectError
from listener.collectors.appstore import AppStoreCollector, AppStoreConfig
from listener.http import Fetcher
from storage.types import Engagement
from tests.recordings import recordings
from tests.servers import HttpServer, Reply, json_reply, text, xml

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


@pytest.fixture
def server():
    with HttpServer() as running:
        running.route("*", json_reply({"feed": {}}))
        yield running


@pytest.fixture
def fetcher():
    made = Fetcher(allow=["127.0.0.1"], timeout_s=5)
    yield made
    made.close()


def collector(server, fetcher, **keys):
    config = AppStoreConfig(name="レビュー", app_id=12345, base_url=server.url(""), **keys)
    return AppStoreCollector(config, http=fetcher)


def path(page, form="xml"):
    return f"/jp/rss/customerreviews/page={page}/id=12345/sortby=mostrecent/{form}"


def review(number, *, stars=5, words="使いやすい", title="良い", updated=None, votes=0, dated=True):
    when = updated or f"2026-11-{number % 20 + 1:02}T16:00:00-07:00"
    return {
        "id": str(number), "title": title, "content": words, "im:rating": str(stars), "im:version": "3.5.0",
        "im:voteSum": str(votes), "im:voteCount": str(votes + 3), **({"updated": when} if dated else {}),
        "name": f"利用者{number}", "uri": f"https://itunes.apple.com/jp/reviews/id{number}00",
    }  # fmt: skip


def as_xml(*reviews, last=None):
    entries = []
    for one in reviews:
        plain = "".join(
            f"<{k}>{escape(v)}</{k}>" for k, v in one.items() if k not in ("content", "name", "uri")
        )
        entries.append(
            f"<entry>{plain}<content type='text'>{escape(one['content'])}</content>"
            f"<author><name>{one['name']}</name><uri>{one['uri']}</uri></author>"
            "<link rel='related' href='https://itunes.apple.com/jp/review?id=12345'/>"
            f"<content type='html'>&lt;table&gt;&lt;b&gt;飾り&lt;/b&gt;&lt;/table&gt;</content></entry>"
        )
    link = (
        f"<link rel='last' href='https://itunes.apple.com/jp/rss/customerreviews/page={last}/id=1/xml'/>"
        if last
        else ""
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n\n<feed xmlns:im="http://itunes.apple.com/rss" '
        f'xmlns="http://www.w3.org/2005/Atom" xml:lang="ja"><id>x</id><title>レビュー</title>{link}'
        f"<author><name>iTunes Store</name></author>{''.join(entries)}</feed>"
    )


def as_json(*reviews):
    entries = []
    for one in reviews:
        entry = {k: {"label": v} for k, v in one.items() if k not in ("name", "uri")}
        entry["author"] = {"name": {"label": one["name"]}, "uri": {"label": one["uri"]}, "label": ""}
        entry["link"] = {
            "attributes": {"rel": "related", "href": "https://itunes.apple.com/jp/review?id=12345"}
        }
        entries.append(entry)
    return {"feed": {"entry": entries}}


def test_a_review(server, fetcher):
    one = review(
        7,
        stars=2,
        title="惜しい",
        words="重い < 遅い & 落ちる\n改善希望",
        updated="2026-11-20T20:30:00-08:00",
        votes=4,
    )
    server.route(path(1), xml(as_xml(one, last=1)))
    (page,) = collector(server, fetcher).collect({}, now=NOW)
    (post,) = page.posts
    assert (post.platform, post.external_id, post.source) == ("appstore", "7", "レビュー")
    assert (post.title, post.text) == ("惜しい", "重い < 遅い & 落ちる\n改善希望")
    assert (post.rating, post.engagement) == (2.0, Engagement(likes=4))
    assert post.created_at == datetime(2026, 11, 21, 4, 30, tzinfo=UTC)
    assert post.author is not None
    assert (post.author.external_id, post.author.name) == ("700", "利用者7")
    assert post.url == "https://itunes.apple.com/jp/review?id=12345"
    assert post.tags == ("version:3.5.0",)
    assert (post.publisher, post.lang) == ("App Store", None)
    assert server.paths() == [path(1)]


def test_json_stands_in_when_the_xml_is_empty(server, fetcher):
    server.route(path(1), xml(as_xml()))
    server.route(path(1, "json"), json_reply(as_json(review(1, votes=2), review(2))))
    (page,) = list(collector(server, fetcher).collect({}, now=NOW))[:1]
    assert [post.external_id for post in page.posts] == ["1", "2"]
    assert page.posts[0].engagement.likes == 2
    assert page.posts[0].created_at == datetime(2026, 11, 2, 23, 0, tzinfo=UTC)


def test_both_forms_say_the_same(server, fetcher):
    reviews = [review(n, stars=n % 5 + 1, votes=n) for n in range(1, 6)]
    server.route(path(1), xml(as_xml(*reviews)))
    first = next(collector(server, fetcher).collect({}, now=NOW))
    server.route(path(1), xml(as_xml()))
    server.route(path(1, "json"), json_reply(as_json(*reviews)))
    assert next(collector(server, fetcher).collect({}, now=NOW)).posts == first.posts


def test_one_review_in_json_is_an_object(server, fetcher):
    whole = as_json(review(1))
    server.route(path(1), xml(as_xml()))
    server.route(path(1, "json"), json_reply({"feed": {"entry": whole["feed"]["entry"][0]}}))
    page = next(collector(server, fetcher).collect({}, now=NOW))
    assert [post.external_id for post in page.posts] == ["1"]


def test_undated_reviews_and_the_entry_about_the_app(server, fetcher):
    about = {"id": {"label": "12345"}, "im:name": {"label": "アプリ"}, "title": {"label": "アプリ - 会社"}}
    answer = as_json(review(1, dated=False))
    answer["feed"]["entry"].insert(0, about)
    server.route(path(1), xml(as_xml()))
    server.route(path(1, "json"), json_reply(answer))
    reader = collector(server, fetcher)
    pages = list(reader.collect({}, now=NOW))
    assert [post.external_id for page in pages for post in page.posts] == ["1"]
    assert pages[0].posts[0].created_at == NOW
    asked = len(server.requests)
    again = list(reader.collect(pages[-1].cursor, now=NOW + timedelta(hours=1)))
    assert len(again) == 1
    assert len(server.requests) == asked + 2  # known by its id: no second page


def test_no_reviews_at_all(server, fetcher):
    server.route(path(1), xml(as_xml()))
    (page,) = collector(server, fetcher).collect({}, now=NOW)
    assert page.posts == ()
    assert "no reviews" in page.note
    assert server.paths() == [path(1), path(1, "json")]


def test_missing_counts_are_unknown(server, fetcher):
    one = {k: v for k, v in review(1).items() if not k.startswith("im:vote")}
    one["name"] = one["uri"] = ""
    server.route(path(1), xml(as_xml({**one, "im:rating": "9"}, last=1)))
    ((post,),) = (page.posts for page in collector(server, fetcher).collect({}, now=NOW))
    assert post.engagement == Engagement()
    assert post.author is None
    assert post.rating is None


def test_a_nickname_alone_is_an_author(server, fetcher):
    server.route(path(1), xml(as_xml({**review(1), "uri": ""}, last=1)))
    ((post,),) = (page.posts for page in collector(server, fetcher).collect({}, now=NOW))
    assert post.author is not None
    assert (post.author.external_id, post.author.url) == ("name:利用者1", "")


def test_bytes_that_xml_forbids(server, fetcher):
    body = as_xml(review(1, words="制御文字"), last=1).replace("制御文字", "制御\x0b文字")
    server.route(path(1), xml(body))
    page = next(collector(server, fetcher).collect({}, now=NOW))
    assert page.posts[0].text == "制御文字"


def test_broken_xml_falls_back_to_json(server, fetcher):
    server.route(path(1), xml(as_xml(review(1), last=1)[:-20]))
    server.route(path(1, "json"), json_reply(as_json(review(1))))
    page = next(collector(server, fetcher).collect({}, now=NOW))
    assert [post.external_id for post in page.posts] == ["1"]


# ------------------------------------------------------------------ pages and the cursor


def test_backfill_reads_every_page_and_moves_the_cursor_last(server, fetcher):
    for page in (1, 2, 3):
        server.route(path(page), xml(as_xml(review(20 - page), last=3)))
    pages = list(collector(server, fetcher).collect({}, now=NOW))
    assert [post.external_id for page in pages for post in page.posts] == ["19", "18", "17"]
    assert [dict(page.cursor) for page in pages[:2]] == [{}, {}]
    assert pages[2].cursor["newest"] == "2026-11-20T23:00:00+00:00"
    assert server.paths() == [path(1), path(2), path(3)]


def test_ten_pages_at_most(server, fetcher):
    for page in range(1, 13):
        server.route(path(page), xml(as_xml(review(page))))
    assert len(list(collector(server, fetcher).collect({}, now=NOW))) == 10
    assert len(list(collector(server, fetcher, max_pages=2).collect({}, now=NOW))) == 2


def test_an_empty_page_is_the_end(server, fetcher):
    server.route(path(1), xml(as_xml(review(1))))
    server.route(path(2), xml(as_xml()))
    pages = list(collector(server, fetcher).collect({}, now=NOW))
    assert sum(len(page.posts) for page in pages) == 1
    assert pages[-1].cursor["newest"]


def test_later_collects_stop_at_what_is_known(server, fetcher):
    old = [review(n) for n in (5, 4)]
    server.route(path(1), xml(as_xml(*old, last=1)))
    reader = collector(server, fetcher)
    (first,) = reader.collect({}, now=NOW)
    server.route(path(1), xml(as_xml(review(9), last=3)))
    server.route(path(2), xml(as_xml(review(6), *old, last=3)))
    server.route(path(3), xml(as_xml(review(1), last=3)))
    pages = list(reader.collect(first.cursor, now=NOW))
    assert [post.external_id for page in pages for post in page.posts] == ["9", "6", "5", "4"]
    assert dict(pages[0].cursor) == dict(first.cursor)


def test_an_edited_review_comes_again(server, fetcher):
    server.route(path(1), xml(as_xml(review(5, stars=5, words="最高"), review(4), last=1)))
    reader = collector(server, fetcher)
    (first,) = reader.collect({}, now=NOW)
    edited = review(4, stars=1, words="更新で最悪に", updated="2026-11-21T00:00:00-08:00")
    server.route(path(1), xml(as_xml(edited, review(5), last=1)))
    (second,) = reader.collect(first.cursor, now=NOW)
    changed = second.posts[0]
    assert (changed.external_id, changed.rating, changed.text) == ("4", 1.0, "更新で最悪に")
    assert changed.created_at > first.posts[0].created_at


def test_another_app_begins_anew(server, fetcher):
    server.route(path(1), xml(as_xml(review(1), last=1)))
    (first,) = collector(server, fetcher).collect({}, now=NOW)
    server.route("*", xml(as_xml(review(2), last=2)))
    other = AppStoreCollector(AppStoreConfig(name="x", app_id="9", base_url=server.url("")), http=fetcher)
    assert len(list(other.collect(first.cursor, now=NOW))) == 2


def test_an_outage_keeps_the_cursor(server, fetcher):
    server.route(path(1), xml(as_xml(review(5), last=1)))
    reader = collector(server, fetcher)
    (first,) = reader.collect({}, now=NOW)
    server.route(path(1), xml(as_xml()))
    (second,) = reader.collect(first.cursor, now=NOW)
    assert second.cursor["newest"] == first.cursor["newest"]


# ------------------------------------------------------------------ failures


@pytest.mark.parametrize("status", [403, 429])
def test_throttled(server, fetcher, status):
    server.route(path(1), Reply(status=status))
    with pytest.raises(CollectError, match="slow down") as caught:
        list(collector(server, fetcher).collect({}, now=NOW))
    assert caught.value.retry_after is not None
    assert caught.value.retry_after >= 3600
    assert not caught.value.permanent


def test_unknown_app(server, fetcher):
    server.route(path(1), Reply(status=404))
    with pytest.raises(CollectError, match="app_id"):
        list(collector(server, fetcher).collect({}, now=NOW))


@pytest.mark.parametrize("answer", ["<html>", "[]", "3"])
def test_nonsense(server, fetcher, answer):
    server.route("*", text(answer, content_type="text/html"))
    with pytest.raises(CollectError):
        list(collector(server, fetcher).collect({}, now=NOW))


@pytest.mark.parametrize(
    "keys", [{"app_id": "abc"}, {"app_id": "1", "country": "Japan"}, {"app_id": "1", "max_pages": 11}, {}]
)
def test_mistakes_in_the_configuration(keys):
    with pytest.raises(ValidationError):
        AppStoreConfig(name="x", **keys)


# ------------------------------------------------------------------ recorded


def pieces(source, tag):
    return [found.strip() for found in re.findall(rf"(?s)<{tag}(?:\s[^>]*)?>(.*?)</{tag}>", source)]


def first_page(server, fetcher):
    pages = collector(server, fetcher, max_pages=1).collect({}, now=NOW)
    return [post for page in pages for post in page.posts]


@pytest.mark.parametrize(
    "name",
    ["jp_customerreviews_2020-08", "app-reviews__duolingo_us_page1", "app-reviews__instagram_us_page1"],
)
def test_recorded_xml(server, fetcher, name):
    source = recordings("payloads", "appstore", f"{name}.xml").read_text()
    server.route(path(1), xml(source))
    found = first_page(server, fetcher)
    entries = pieces(source, "entry")
    assert len(found) == len(entries) > 0
    for post, entry in zip(found, entries, strict=True):
        assert post.external_id == pieces(entry, "id")[0]
        assert post.rating == float(pieces(entry, "im:rating")[0])
        assert post.engagement == Engagement(likes=int(pieces(entry, "im:voteSum")[0]))
        assert post.created_at == datetime.fromisoformat(pieces(entry, "updated")[0])
        assert post.created_at.utcoffset() == timedelta(0)
        assert post.author is not None
        assert post.author.name in pieces(entry, "name")[0].replace("&amp;", "&").replace("&lt;", "<")
        assert post.author.external_id.isdigit()
        assert post.text
        assert "<table" not in post.text
        assert post.tags == (f"version:{pieces(entry, 'im:version')[0]}",)


def test_recorded_json_says_what_the_xml_says(server, fetcher):
    name = "app-reviews__duolingo_us_page1"
    server.route(path(1), xml(recordings("payloads", "appstore", f"{name}.xml").read_text()))
    expected = first_page(server, fetcher)
    server.route(path(1), xml(as_xml()))
    server.route(path(1, "json"), text(recordings("payloads", "appstore", f"{name}.json").read_text()))
    assert first_page(server, fetcher) == expected


def test_recorded_json_without_dates(server, fetcher):
    answer = recordings("payloads", "appstore", "jp_customerreviews_2020-08.json").read_text()
    server.route(path(1), xml(as_xml()))
    server.route(path(1, "json"), text(answer))
    found = first_page(server, fetcher)
    entries = json.loads(answer)["feed"]["entry"]
    assert [post.external_id for post in found] == [entry["id"]["label"] for entry in entries]
    assert [post.rating for post in found] == [float(entry["im:rating"]["label"]) for entry in entries]
    assert {post.created_at for post in found} == {NOW}


def test_recorded_empty_json_beside_full_xml(server, fetcher):
    name = "app-reviews__instagram_us_page1"
    server.route(path(1), xml(recordings("payloads", "appstore", f"{name}.xml").read_text()))
    server.route(path(1, "json"), text(recordings("payloads", "appstore", f"{name}.json").read_text()))
    assert len(first_page(server, fetcher)) > 0
    server.route(path(1), xml(as_xml()))
    assert first_page(server, fetcher) == []


def test_recorded_app_without_reviews(server, fetcher):
    name = "app-reviews__spotify_tr_page1"
    server.route(path(1), xml(recordings("payloads", "appstore", f"{name}.xml").read_text()))
    server.route(path(1, "json"), text(recordings("payloads", "appstore", f"{name}.json").read_text()))
    assert first_page(server, fetcher) == []


def test_recorded_entries_without_an_address(server, fetcher):
    entries = json.loads(recordings("payloads", "appstore", "app-reviews__reviews.json").read_text())
    server.route(path(1), xml(as_xml()))
    server.route(path(1, "json"), json_reply({"feed": {"entry": entries}}))
    found = first_page(server, fetcher)
    assert [post.engagement.likes for post in found] == [12, 3, 25]
    assert all(post.author and post.author.external_id.startswith("name:") for post in found)
    assert found[1].text == found[1].text.strip()
