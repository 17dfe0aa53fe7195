"""The endpoints over loopback: strictly up to now, paged as the real ones page, cached as they cache."""

from __future__ import annotations

import json
import re
import socket
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import feedparser
import httpx
import pytest

from listener.publisher import Publisher, PublisherError
from listener.publisher.post import Place
from listener.publisher.reviews import APP_ID
from listener.publisher.story import posts

TAG = "/api/v1/timelines/tag/ミナモ珈琲"
REVIEWS = "/jp/rss/customerreviews/page={page}/id={app}/sortby=mostrecent/{form}"


def public(epoch: datetime, now: datetime, place: Place, tag: str = "") -> list[str]:
    """The ids that must be there, newest first."""
    return [
        post.id
        for post in reversed(posts(epoch))
        if post.place is place and post.created_at <= now and (not tag or tag in post.tags)
    ]


def ids(answer: httpx.Response) -> list[str]:
    return [str(status["id"]) for status in answer.raise_for_status().json()]


def links(answer: httpx.Response) -> dict[str, str]:
    return {rel: url for url, rel in re.findall(r'<([^>]+)>; rel="(\w+)"', answer.headers.get("link", ""))}


class TestTimeline:
    def test_paging_back_by_link_reads_every_post_once(
        self, web: httpx.Client, epoch: datetime, clock: Any
    ) -> None:
        read, url = [], f"{TAG}?limit=40"
        while url:
            page = web.get(url)
            read += ids(page)
            url = links(page).get("next", "")
        assert read == public(epoch, clock.now(), Place.SOCIAL, "ミナモ珈琲")

    def test_min_id_pages_forward_without_a_gap(self, web: httpx.Client, epoch: datetime, clock: Any) -> None:
        expected = public(epoch, clock.now(), Place.SOCIAL, "ミナモ珈琲")
        start = expected[100]
        near = ids(web.get(TAG, params={"min_id": start, "limit": 10}))
        newest = ids(web.get(TAG, params={"since_id": start, "limit": 10}))
        assert near == expected[90:100]
        assert newest == expected[:10]

    def test_at_most_forty(self, web: httpx.Client) -> None:
        assert len(ids(web.get(TAG, params={"limit": 400}))) == 40
        assert len(ids(web.get(TAG))) == 20

    def test_other_tags_count_as_asked(self, web: httpx.Client, epoch: datetime, clock: Any) -> None:
        clock.at = epoch - timedelta(days=19)
        both = web.get(TAG, params={"any[]": "トマリギコーヒー", "limit": 40}).json()
        assert any("トマリギコーヒー" in {tag["name"] for tag in status["tags"]} for status in both)
        drink = web.get(TAG, params={"all[]": "金木犀ラテ", "limit": 40}).json()
        assert drink
        assert all("金木犀ラテ" in {tag["name"] for tag in status["tags"]} for status in drink)

    def test_a_status_has_what_a_reader_needs(self, web: httpx.Client, clock: Any, epoch: datetime) -> None:
        clock.at = epoch + timedelta(hours=3)
        first = next(post for post in posts(epoch) if post.account.handle == "haru_0412")
        status = web.get(f"/api/v1/statuses/{first.id}").json()
        assert status["created_at"] == epoch.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        assert status["account"]["followers_count"] == 342
        assert status["account"]["bot"] is False
        assert status["language"] == "ja"
        assert 0 < status["reblogs_count"] < first.boosts
        assert 'rel="tag">#<span>ミナモ珈琲</span></a>' in status["content"]
        assert httpx.get(status["url"]).status_code == 200

    def test_counts_grow_with_the_clock(self, web: httpx.Client, clock: Any, epoch: datetime) -> None:
        first = next(post for post in posts(epoch) if post.account.handle == "haru_0412")
        clock.at = epoch + timedelta(minutes=30)
        early = web.get(f"/api/v1/statuses/{first.id}").json()["favourites_count"]
        clock.at = epoch + timedelta(hours=10)
        assert web.get(f"/api/v1/statuses/{first.id}").json()["favourites_count"] > early * 3


class TestTime:
    def test_nothing_is_published_before_its_moment(
        self, web: httpx.Client, clock: Any, epoch: datetime
    ) -> None:
        first = next(post for post in posts(epoch) if post.account.handle == "haru_0412")
        clock.at = epoch - timedelta(microseconds=1)
        assert first.id not in ids(web.get(TAG))
        assert web.get(f"/@haru_0412/{first.id}").status_code == 404
        assert web.get(f"/api/v1/statuses/{first.id}").status_code == 404
        clock.at = epoch
        assert ids(web.get(TAG))[0] == first.id

    def test_every_place_ends_at_now(self, web: httpx.Client, clock: Any, epoch: datetime) -> None:
        clock.at = epoch - timedelta(days=40)
        told = [status["created_at"] for status in web.get(TAG, params={"limit": 40}).json()]
        assert all(datetime.fromisoformat(at) <= clock.now() for at in told)
        for name, place in (
            ("news.xml", Place.NEWS),
            ("blog.atom", Place.BLOG),
            ("bookmarks.rdf", Place.BOOKMARKS),
        ):
            entries = feedparser.parse(web.get(f"/feeds/{name}").content).entries
            assert len(entries) == len(public(epoch, clock.now(), place)) > 3

    def test_the_world_is_alive_after_the_story(self, web: httpx.Client, clock: Any, epoch: datetime) -> None:
        clock.at = epoch + timedelta(days=30)
        newest = web.get(TAG).json()[0]["created_at"]
        assert datetime.fromisoformat(newest) > clock.now() - timedelta(days=1)


class TestFeeds:
    @pytest.mark.parametrize("name", ["news.xml", "blog.atom", "bookmarks.rdf"])
    def test_they_are_well_formed(self, web: httpx.Client, name: str) -> None:
        parsed = feedparser.parse(web.get(f"/feeds/{name}").content)
        assert not parsed.bozo
        for entry in parsed.entries:
            assert entry.title
            assert entry.link.startswith(str(web.base_url).rstrip("/"))
            assert entry.get("published_parsed") or entry.get("updated_parsed")

    def test_an_unchanged_feed_costs_an_empty_answer(self, web: httpx.Client, clock: Any) -> None:
        first = web.get("/feeds/news.xml")
        same = web.get("/feeds/news.xml", headers={"If-None-Match": first.headers["etag"]})
        dated = web.get("/feeds/news.xml", headers={"If-Modified-Since": first.headers["last-modified"]})
        clock.at += timedelta(days=1)
        changed = web.get("/feeds/news.xml", headers={"If-None-Match": first.headers["etag"]})
        assert (same.status_code, same.content) == (304, b"")
        assert dated.status_code == 304
        assert changed.status_code == 200

    def test_bookmarks_tell_their_count(self, web: httpx.Client) -> None:
        entries = feedparser.parse(web.get("/feeds/bookmarks.rdf").content).entries
        assert all(int(entry.hatena_bookmarkcount) >= 1 for entry in entries)

    def test_an_unknown_feed_is_not_there(self, web: httpx.Client) -> None:
        assert web.get("/feeds/other.xml").status_code == 404


class TestReviews:
    def test_pages_of_fifty_hold_every_review_once(
        self, web: httpx.Client, epoch: datetime, clock: Any
    ) -> None:
        found = []
        for page in range(1, 11):
            entries = feedparser.parse(
                web.get(REVIEWS.format(page=page, app=APP_ID, form="xml")).content
            ).entries
            assert len(entries) <= 50
            found += [entry.id for entry in entries]
        assert found == public(epoch, clock.now(), Place.APP)

    def test_json_says_the_same_as_xml(self, web: httpx.Client) -> None:
        xml = feedparser.parse(web.get(REVIEWS.format(page=1, app=APP_ID, form="xml")).content).entries
        told = json.loads(web.get(REVIEWS.format(page=1, app=APP_ID, form="json")).content)["feed"]["entry"]
        assert [entry.id for entry in xml] == [entry["id"]["label"] for entry in told]
        assert [entry.im_rating for entry in xml] == [entry["im:rating"]["label"] for entry in told]
        assert {entry.im_rating for entry in xml} <= set("12345")

    def test_another_app_has_none(self, web: httpx.Client) -> None:
        told = json.loads(web.get(REVIEWS.format(page=1, app="1", form="json")).content)
        assert "entry" not in told["feed"]


class TestPages:
    def test_the_index_explains_itself_in_two_languages(self, web: httpx.Client) -> None:
        page = web.get("/").raise_for_status().text
        assert "架空のカフェチェーン" in page
        assert "invented café chain" in page

    def test_every_kind_of_post_has_a_page(
        self, web: httpx.Client, epoch: datetime, publisher: Publisher
    ) -> None:
        paths = {"app": "reviews", "news": "news", "blog": "blog", "bookmarks": "bookmarks"}
        for place, path in paths.items():
            post = next(post for post in posts(epoch) if post.place == place)
            page = web.get(f"/{path}/{post.id}").raise_for_status().text
            assert post.title.split("「")[0] in page

    def test_a_person_s_posts(self, web: httpx.Client) -> None:
        page = web.get("/@yuki_asagohan").raise_for_status().text
        assert "朝ごはん記録その212" in page
        assert web.get("/@nobody").status_code == 404


class TestStartAndStop:
    def test_it_stops_while_clients_are_connected(self, clock: Any, tmp_path: Path) -> None:
        server = Publisher(clock, clock.now(), port=0, smtp_port=0, mailbox=tmp_path / "mailbox")
        server.start()
        with (
            httpx.Client(base_url=server.base) as client,
            socket.create_connection(("127.0.0.1", server.port)),
        ):
            client.get("/").raise_for_status()
            server.stop()
        with pytest.raises(OSError, match="refused"), socket.create_connection(("127.0.0.1", server.port)):
            pass
        server.stop()

    @pytest.mark.parametrize("key", ["port", "smtp_port"])
    def test_a_taken_port_is_told_with_its_remedy(self, clock: Any, tmp_path: Path, key: str) -> None:
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            taken = other.getsockname()[1]
            ports = {"port": 0, "smtp_port": 0, key: taken}
            server = Publisher(clock, clock.now(), mailbox=tmp_path / "mailbox", **ports)
            with pytest.raises(PublisherError, match=rf"port {taken} cannot be used.*publisher\.{key}"):
                server.start()
            server.stop()

    def test_it_serves_this_machine_only(self, clock: Any, tmp_path: Path, web: httpx.Client) -> None:
        with pytest.raises(PublisherError, match="this machine only"):
            Publisher(clock, clock.now(), mailbox=tmp_path, host="0.0.0.0")
        assert web.get("/mail", headers={"Host": "evil.example"}).status_code == 400
