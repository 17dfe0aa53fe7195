"""Recorded feeds of real services, and a sample of feedparser's own tests, over a real connection.

They are read where they lie, when they do, and are never part of the repository.
"""

from __future__ import annotations

import ast
import json
import re
from datetime import UTC, datetime

import pytest

from listener.collectors import CollectError
from listener.collectors.feed import FeedCollector, FeedConfig
from listener.collectors.markup import plain, tidy
from listener.http import Fetcher
from tests.recordings import names, recordings
from tests.servers import HttpServer, Reply, text

NOW = datetime(2026, 11, 22, tzinfo=UTC)
PRESETS = {
    "hatena": {"preset": "hatena-bookmark", "query": "x"},
    "note": {"preset": "note-hashtag", "tag": "x"},
    "yahoo": {"preset": "yahoo-news"},
    "prtimes": {"preset": "prtimes-company", "company_id": "1"},
    "search": {"preset": "google-news", "query": "x"},
}


@pytest.fixture
def server():
    with HttpServer() as running:
        yield running


def collect(server, body, *, keys=None, content_type="application/xml"):
    server.route("*", text(body, content_type=content_type))
    keys = {**keys, "base_url": server.url("")} if keys else {"url": server.url("/feed")}
    http = Fetcher(allow=["127.0.0.1"])
    pages = list(FeedCollector(FeedConfig(name="録音", **keys), http=http).collect({}, now=NOW))
    http.close()
    return [post for page in pages for post in page.posts]


def words_of(markup):
    """An independent, rough reading of what a person sees."""
    seen = re.sub(r"(?s)<!\[CDATA\[|\]\]>|<[^>]+>", "", markup)
    return re.sub(r"\s+", "", seen.replace("&nbsp;", " ").replace("&amp;", "&").replace("&quot;", '"'))


def pieces(source, tag):
    return re.findall(rf"(?s)<{tag}(?:\s[^>]*)?>(.*?)</{tag}>", source)


@pytest.mark.parametrize("name", names("feeds", "japanese"))
def test_japanese_feeds(server, name):
    body = recordings("feeds", "japanese", name).read_bytes()
    source = body.decode()
    items = pieces(source, "item") or pieces(source, "entry")
    keys = next((keys for start, keys in PRESETS.items() if name.startswith(start)), None)
    found = collect(server, body, keys=keys)
    assert len(found) == len(items) > 0
    assert len({post.external_id for post in found}) == len(found)
    for post, item in zip(found, items, strict=True):
        assert re.sub(r"\s", "", post.title) == words_of(pieces(item, "title")[0])
        assert NOW > post.created_at > datetime(2017, 1, 1, tzinfo=UTC)
        assert post.created_at.utcoffset() == NOW.utcoffset()
        assert post.url.startswith("https://")
        assert not re.search(r"<[a-zA-Z/]", post.text)
        assert post.engagement.views is post.engagement.reposts is post.engagement.replies is None


def test_hatena(server):
    body = recordings("feeds", "japanese", "hatena_hotentry_it_2018-04.rdf").read_bytes()
    found = collect(server, body, keys=PRESETS["hatena"])
    counts = [int(number) for number in pieces(body.decode(), "hatena:bookmarkcount")]
    assert [post.engagement.likes for post in found] == counts
    assert {post.platform for post in found} == {"hatena"}
    assert all(post.author is None and post.text and post.tags for post in found)
    assert [post.external_id for post in found] == [post.url for post in found]


def test_note(server):
    body = recordings("feeds", "japanese", "note_creator_2022-07.rss").read_bytes()
    found = collect(server, body, keys=PRESETS["note"])
    name = pieces(body.decode(), "note:creatorName")[0].strip()
    assert all(post.author and post.author.name == name and post.author.url for post in found)
    assert all(post.engagement.total is None for post in found)
    assert all(len(post.text) > 50 and "\n" in post.text and "続きをみる" not in post.text for post in found)


@pytest.mark.parametrize("name", ["yahoo_top-picks_2022-07.rss", "yahoo_topics_2018-04.rss"])
def test_yahoo(server, name):
    body = recordings("feeds", "japanese", name).read_bytes()
    found = collect(server, body, keys=PRESETS["yahoo"])
    assert all(re.fullmatch(r"https://news\.yahoo\.co\.jp/pickup/\d+", post.external_id) for post in found)
    assert all(post.text == "" and post.author is None and post.lang == "ja" for post in found)
    assert all(post.engagement.total is None for post in found)


def test_app_store_reviews_read_as_a_plain_feed(server):
    body = recordings("feeds", "japanese", "appstore_jp_2020-08.atom").read_bytes()
    found = collect(server, body)
    assert [post.rating for post in found] == [float(stars) for stars in pieces(body.decode(), "im:rating")]
    assert all(post.author is not None and post.author.url for post in found)


def test_google_news(server):
    (name,) = names("feeds", "google-news")
    body = recordings("feeds", "google-news", name).read_bytes()
    found = collect(server, body, keys=PRESETS["search"])
    sources = pieces(body.decode(), "source")
    assert [post.publisher for post in found] == sources
    titles = [pieces(entry, "title")[0] for entry in pieces(body.decode(), "item")]
    assert [f"{post.title} - {post.publisher}" for post in found] == titles
    changed = collect(server, re.sub(rb"CBMi\w+", b"CBMiOTHER", body), keys=PRESETS["search"])
    assert [post.external_id for post in changed] == [post.external_id for post in found]
    assert {post.platform for post in found} == {"news"}


def facts(posts):
    """What must not depend on the encoding. Shift_JIS has ～ where JIS and Unicode have 〜."""
    return [
        (
            post.external_id,
            post.title.replace("～", "〜"),
            post.text.replace("～", "〜"),
            post.created_at,
            post.url,
            post.author,
            post.publisher,
            post.engagement,
            post.tags,
        )
        for post in posts
    ]


@pytest.mark.parametrize("name", names("feeds", "japanese-derived"))
def test_every_encoding_gives_the_same_posts(server, name):
    body = recordings("feeds", "japanese-derived", name).read_bytes()
    (original,) = recordings("feeds", "japanese").glob(name.split(".")[0] + ".*")
    expected = facts(collect(server, original.read_bytes()))
    found = facts(collect(server, body))
    if ".truncated." in name:
        assert 0 < len(found) < len(expected)
        expected = expected[: len(found)]
    assert found == expected


# ------------------------------------------------------------------ feedparser's own tests

# 161 of the 500 expect words of an entry, and all of them come out; the rest expect feedparser's own names.
FLOOR = 0.99
_EXPECTS = re.compile(
    r"""(?:not bozo and )?entries\[0\]\['(title|description|summary)(?:_detail'\]\['value)?'\]\s*==\s*(.+)"""
    r"""|(?:not bozo and )?entries\[0\]\['(content)'\]\[0\]\['value'\]\s*==\s*(.+)""",
    re.DOTALL,
)


def squeezed(words):
    return re.sub(r"\s+", "", words)


def sample():
    folder = recordings("feeds", "feedparser-sample")
    lines = (folder / "manifest.jsonl").read_text().splitlines()
    return folder, [json.loads(line) for line in lines]


def serve(server, folder, case):
    headers = {key: value for key, value in case["headers"].items() if key.lower() != "status"}
    kind = next((value for key, value in headers.items() if key.lower() == "content-type"), "text/xml")
    body = (folder / case["path"]).read_bytes()
    server.route("/feed", Reply(body=body, headers={"Content-Type": kind}))


def read(server, http):
    config = FeedConfig(name="x", url=server.url("/feed"))
    try:
        return [post for page in FeedCollector(config, http=http).collect({}, now=NOW) for post in page.posts]
    except CollectError:
        return []


def expected_words(case):
    """The field and the literal that a simple expectation names, or None."""
    match = _EXPECTS.fullmatch(case["expect"] or "")
    if not match:
        return None
    try:
        value = ast.literal_eval((match[2] or match[4]).strip())
    except (ValueError, SyntaxError):
        return None
    return (match[1] or match[3], value) if isinstance(value, str) else None


def test_feedparsers_sample_gives_the_expected_words(server):
    folder, cases = sample()
    http = Fetcher(allow=["127.0.0.1"])
    wrong, checked = [], 0
    for case in cases:
        serve(server, folder, case)
        posts = read(server, http)  # none of the 500 may raise anything else
        expected = expected_words(case)
        if expected is None:
            continue
        checked += 1
        field, value = expected
        wanted = {squeezed(plain(value)), squeezed(tidy(value))}
        post = posts[0] if posts else None
        got = "" if post is None else post.title if field == "title" else post.text
        if squeezed(got) not in wanted:
            wrong.append((case["path"], got, value))
    http.close()
    assert checked > 150
    assert 1 - len(wrong) / checked >= FLOOR, wrong
