"""The feed collector against invented feeds on a real server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from pydantic import ValidationError

from listener.collectors import COLLECTORS, CollectError, collector_class
from listener.collectors.feed import FeedCollector, FeedConfig
from listener.collectors.feed_dates import moment
from listener.collectors.feed_identity import absolute, external_id, scope_of, without_tracking
from listener.http import Fetcher
from storage.types import Engagement
from tests.servers import HttpServer, Reply, conditional, json_reply, redirect, text, too_many, xml

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


@pytest.fixture
def server():
    with HttpServer() as running:
        yield running


@pytest.fixture
def fetcher():
    made = Fetcher(allow=["127.0.0.1"], timeout_s=5)
    yield made
    made.close()


def collector(server, fetcher, **keys):
    if "preset" not in keys:
        keys = {"url": server.url("/feed"), **keys}
    elif "base_url" not in keys:
        keys["base_url"] = server.url("")
    return FeedCollector(FeedConfig(name="テスト", **keys), http=fetcher)


def posts(server, fetcher, body, *, content_type="application/xml", **keys):
    server.route("*", text(body, content_type=content_type))
    pages = list(collector(server, fetcher, **keys).collect({}, now=NOW))
    return [post for page in pages for post in page.posts]


def rss(*entries, head="<title>ミナモ便り</title>"):
    space = (
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:slash="http://purl.org/rss/1.0/modules/slash/" xmlns:note="https://note.com" '
        'xmlns:hatena="http://www.hatena.ne.jp/info/xmlns#"'
    )
    inside = "".join(f"<item>{entry}</item>" for entry in entries)
    return f'<?xml version="1.0"?><rss version="2.0" {space}><channel>{head}{inside}</channel></rss>'


ENTRY = (
    "<title>新しい豆が届きました</title><link>https://blog.example.jp/1</link>"
    "<guid isPermaLink='true'>https://blog.example.jp/1</guid>"
    "<pubDate>Sat, 21 Nov 2026 10:00:00 +0900</pubDate><description>深煎りです。</description>"
)

# ------------------------------------------------------------------ what a post says


def test_rss(server, fetcher):
    entry = (
        ENTRY
        + "<dc:creator>水面 花子</dc:creator><category>珈琲</category><slash:comments>4</slash:comments>"
    )
    (post,) = posts(server, fetcher, rss(entry, head="<title>ミナモ便り</title><language>ja-JP</language>"))
    assert (post.platform, post.source) == ("feed", "テスト")
    assert post.external_id == post.url == "https://blog.example.jp/1"
    assert (post.title, post.text) == ("新しい豆が届きました", "深煎りです。")
    assert post.created_at == datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
    assert post.fetched_at == NOW
    assert post.author is not None
    assert (post.author.name, post.author.external_id) == ("水面 花子", "blog.example.jp/水面 花子")
    assert (post.publisher, post.lang, post.tags) == ("ミナモ便り", "ja", ("珈琲",))
    assert post.engagement == Engagement(replies=4)
    assert post.rating is None


def test_what_is_not_said_is_unknown(server, fetcher):
    (post,) = posts(server, fetcher, rss("<title>題だけ</title>", head=""))
    assert post.author is None
    assert post.engagement == Engagement()
    assert post.engagement.total is None
    assert (post.url, post.publisher, post.lang, post.rating, post.text) == ("", "", None, None, "")
    assert post.created_at == NOW


def test_atom(server, fetcher):
    body = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="ja"><title>窓辺の日記</title>
    <author><name>山田</name><uri>https://example.jp/yamada</uri></author>
    <entry><id>tag:example.jp,2026:1</id><title type="html">&lt;b&gt;ミナモ&lt;/b&gt; &amp;amp; 私</title>
      <link rel="alternate" href="/entry/1"/><link rel="edit" href="/edit/1"/>
      <updated>2026-11-20T09:00:00+09:00</updated><published>2026-11-19T09:00:00+09:00</published>
      <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>一行目</p><p>二行目</p></div></content></entry>
    <entry><id>2</id><title>3 &lt; 5 &lt;b&gt; の話</title><author><name>佐藤</name></author>
      <updated>2026-11-20T00:00:00Z</updated><summary type="text">a &lt; b &amp; c</summary></entry></feed>"""
    first, second = posts(server, fetcher, body)
    assert (first.title, first.text) == ("ミナモ & 私", "一行目\n\n二行目")
    assert first.url == server.url("/entry/1")
    assert first.external_id == "tag:example.jp,2026:1"
    assert first.created_at == datetime(2026, 11, 19, tzinfo=UTC)
    assert first.author is not None
    assert (first.author.name, first.author.url) == ("山田", "https://example.jp/yamada")
    assert (second.title, second.text) == ("3 < 5 <b> の話", "a < b & c")
    assert second.author is not None
    assert second.author.name == "佐藤"
    assert second.url == ""
    assert second.lang == "ja"


def test_rdf_with_bookmarks(server, fetcher):
    body = """<?xml version="1.0" encoding="UTF-8"?>
    <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
      xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
      xmlns:hatena="http://www.hatena.ne.jp/info/xmlns#">
    <channel rdf:about="https://b.example.jp/"><title>検索</title><items><rdf:Seq>
      <rdf:li rdf:resource="https://www.cafe.example.jp/a"/></rdf:Seq></items></channel>
    <item rdf:about="https://www.cafe.example.jp/a"><title>喫茶の話</title><link>https://www.cafe.example.jp/a</link>
      <description>静かな店</description><content:encoded>&lt;cite&gt;ボタンなど&lt;/cite&gt;静かな店</content:encoded>
      <dc:date>2026-11-20T12:00:00+09:00</dc:date><dc:subject>暮らし</dc:subject>
      <hatena:bookmarkcount>38</hatena:bookmarkcount></item></rdf:RDF>"""
    (post,) = posts(server, fetcher, body, preset="hatena-bookmark", query="喫茶")
    assert post.platform == "hatena"
    assert post.engagement == Engagement(likes=38)
    assert post.text == "静かな店"
    assert post.publisher == "cafe.example.jp"
    assert post.tags == ("暮らし",)
    assert post.created_at == datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


def test_json_feed_with_older_pages(server, fetcher):
    first = {
        "version": "https://jsonfeed.org/version/1.1", "title": "便り", "language": "ja",
        "next_url": "/page2", "authors": [{"name": "編集部", "url": "https://example.jp/"}],
        "items": [
            {"id": 7, "url": "https://example.jp/7", "title": "七", "content_html": "<p>本文<br>です</p>",
             "date_published": "2026-11-21T09:00:00+09:00", "tags": ["豆", "豆"]},
            {"id": "https://example.jp/8", "content_text": "a < b", "author": {"name": "旅人"}},
            "broken", {"id": "x"},
        ],
    }  # fmt: skip
    second = {"version": "https://jsonfeed.org/version/1", "items": [{"id": 1, "content_text": "古い話"}]}
    server.route("/feed", json_reply(first))
    server.route("/page2", json_reply(second))
    reader = collector(server, fetcher)
    pages = list(reader.collect({}, now=NOW))
    assert [len(page.posts) for page in pages] == [2, 1]
    seven, eight = pages[0].posts
    assert seven.external_id == f"{scope_of(server.url('/feed'))}#7"
    assert (seven.text, seven.lang, seven.tags) == ("本文\nです", "ja", ("豆",))
    assert seven.created_at == datetime(2026, 11, 21, tzinfo=UTC)
    assert seven.author is not None
    assert seven.author.name == "編集部"
    assert eight.author is not None
    assert (eight.author.name, eight.text, eight.external_id) == ("旅人", "a < b", "https://example.jp/8")
    assert dict(pages[0].cursor) == {}
    assert pages[1].cursor["newest"]


def test_paging_is_bounded_and_stays_on_its_site(server, fetcher):
    def page(request):
        number = int(request.query.get("p", 0))
        entry = {
            "id": number,
            "content_text": f"第{number}話",
            "date_published": f"2026-10-{28 - number:02}T00:00:00Z",
        }
        return json_reply({"items": [entry], "next_url": f"/feed?p={number + 1}"})

    server.route("/feed", page)
    reader = collector(server, fetcher, max_pages=3)
    pages = list(reader.collect({}, now=NOW))
    assert len(pages) == len(server.requests) == 3
    again = list(reader.collect(pages[-1].cursor, now=NOW))
    assert len(again) == 1  # the first page reaches what is known
    server.route(
        "/feed", json_reply({"items": [{"id": 1, "content_text": "x"}], "next_url": "https://other.example/"})
    )
    assert len(list(reader.collect({}, now=NOW))) == 1


def test_a_broken_older_page_does_not_fail_the_source(server, fetcher):
    server.route("/feed", json_reply({"items": [{"id": 1, "content_text": "x"}], "next_url": "/gone"}))
    pages = list(collector(server, fetcher).collect({}, now=NOW))
    assert [len(page.posts) for page in pages] == [1, 0]
    assert pages[-1].cursor["newest"]


def test_hidden_markup_is_not_read(server, fetcher):
    html = (
        "<p>見える</p><script>alert('隠れ')</script><style>p{}</style><span style='display:none'>隠し</span>"
        "<!-- 注 --><img alt='写真' src='x'><ul><li>一<li>二</ul>&amp;lt;3&nbsp;&hellip;"
    )
    entry = f"<title>題</title><description><![CDATA[{html}]]></description>"
    (post,) = posts(server, fetcher, rss(entry))
    assert post.text == "見える\n\n写真\n一\n二\n&lt;3 …"


@pytest.mark.parametrize("label", ["Windows-31J", "x-sjis", "Shift_JIS", "EUC-JP", "ISO-2022-JP", "UTF-16"])
def test_japanese_encodings_give_the_same_posts(server, fetcher, label):
    codec = {"Windows-31J": "cp932", "x-sjis": "cp932", "Shift_JIS": "cp932"}.get(label, label)
    special = "①髙" if codec == "cp932" else ""
    body = rss(ENTRY.replace("新しい", f"{special}新しい")).replace('"1.0"?>', f'"1.0" encoding="{label}"?>')
    (post,) = posts(server, fetcher, body.encode(codec))
    assert post.title == f"{special}新しい豆が届きました"
    assert post.text == "深煎りです。"


def test_a_cut_off_feed_gives_its_whole_entries_only(server, fetcher):
    entries = [f"<title>第{n}話</title><guid>https://e.example/{n}</guid>" for n in range(5)]
    body = rss(*entries).encode()
    cut = body[: body.index("第3話".encode()) + 4]
    server.route("/feed", Reply(body=cut, headers={"ETag": '"1"'}))
    (page,) = collector(server, fetcher).collect({}, now=NOW)
    assert [post.title for post in page.posts] == ["第0話", "第1話", "第2話"]
    assert "etag" not in page.cursor
    assert "cut off" in page.note


def test_malformed_entries_do_not_stop_the_rest(server, fetcher):
    found = posts(server, fetcher, rss("<title>甲 & 乙</title><link>https://e.example/1</link>", ENTRY))
    assert [post.title for post in found] == ["甲 & 乙", "新しい豆が届きました"]


# ------------------------------------------------------------------ identity


@pytest.mark.parametrize(
    "given",
    ["https://e.example/?p=1", "tag:e.example,2026:1", "urn:uuid:1225c695-cfb8-4ebb-aaaa-80da344efa6a", "yt:video:abc",
     "1225c695-cfb8-4ebb-aaaa-80da344efa6a", "0123456789abcdef0123456789abcdef"],
)  # fmt: skip
def test_ids_unique_in_the_world_stay(given):
    assert external_id(given=given, link="https://e.example/x", words="w", scope="s") == given


@pytest.mark.parametrize("given", ["1", "article/12", "CBMi123", "第1号", "12:30"])
def test_other_ids_are_scoped_to_their_feed(given):
    one = external_id(given=given, link="", words="w", scope=scope_of("https://e.example/a.xml"))
    other = external_id(given=given, link="", words="w", scope=scope_of("https://e.example/b.xml"))
    assert one != other
    assert given in one


def test_without_an_id_the_link_then_the_words():
    assert external_id(given="", link="https://e.example/1?utm_source=rss&id=3", words="w", scope="s") == (
        "https://e.example/1?id=3"
    )
    one, other = (external_id(given="", link="", words=words, scope="s") for words in ("ＡＢＣ 題", "abc題"))
    assert one == other
    assert external_id(given="", link="", words="別の題", scope="s") != one
    assert len(external_id(given="x" * 5000, link="", words="", scope="s")) < 100


def test_scope_hides_the_query():
    assert "s3cret" not in scope_of("https://e.example/feed?token=s3cret")
    assert scope_of("https://e.example/feed?token=a") != scope_of("https://e.example/feed?token=b")


def test_a_feed_whose_entries_share_one_id(server, fetcher):
    entries = [
        f"<title>第{n}話</title><link>https://e.example/{n}</link><guid>https://e.example/</guid>"
        for n in range(3)
    ]
    found = posts(server, fetcher, rss(*entries))
    assert [post.external_id for post in found] == [f"https://e.example/{n}" for n in range(3)]


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        (
            "https://www.google.com/url?rct=j&sa=t&url=https://e.example/a%3Fb%3D1&ct=ga",
            "https://e.example/a?b=1",
        ),
        ("https://www.google.co.jp/url?q=https://e.example/a", "https://e.example/a"),
        (
            "https://evil.example/url?url=https://e.example/a",
            "https://evil.example/url?url=https://e.example/a",
        ),
        ("/a", "https://e.example/a"),
        ("javascript:alert(1)", ""),
        ("mailto:a@e.example", ""),
        ("http://[bad", ""),
        ("", ""),
    ],
)
def test_links(link, expected):
    assert absolute(link, "https://e.example/feed") == expected


def test_tracking_is_cut_from_addresses():
    assert without_tracking("https://e.example/a?source=rss") == "https://e.example/a"
    assert without_tracking("https://e.example/a?source=web") == "https://e.example/a?source=web"


# ------------------------------------------------------------------ dates


@pytest.mark.parametrize(
    ("words", "japanese", "expected"),
    [
        ("Wed, 19 Aug 2026 10:00:00 +0900", False, "2026-08-19T01:00:00"),
        ("Wed, 19 Aug 2026 10:00:00 JST", False, "2026-08-19T01:00:00"),
        ("Wed, 19 Aug 2026 10:00:00 GMT", True, "2026-08-19T10:00:00"),
        ("19 Aug 2026 10:00 +0000", True, "2026-08-19T10:00:00"),
        ("2026-08-19T10:00:00+09:00", False, "2026-08-19T01:00:00"),
        ("2026-08-19T10:00:00Z", True, "2026-08-19T10:00:00"),
        ("2026-08-19T10:00:00.123+0900", False, "2026-08-19T01:00:00.123"),
        ("2026-08-19 10:00:00", True, "2026-08-19T01:00:00"),
        ("2026-08-19 10:00:00", False, "2026-08-19T10:00:00"),
        ("2026/08/19 10:00", True, "2026-08-19T01:00:00"),
        ("2026/8/19", False, "2026-08-19T00:00:00"),
        ("2026年8月19日（水）午後3時05分", False, "2026-08-19T06:05:00"),
        ("2026年8月19日 10:30:15", False, "2026-08-19T01:30:15"),
        ("2026年8月19日", False, "2026-08-18T15:00:00"),
        ("2030-01-01T00:00:00Z", False, "2026-11-22T03:00:00"),
        ("1970-01-01T00:00:00Z", False, None),
        ("0001-01-01T00:00:00", False, None),
        ("2026/13/45 10:00", False, None),
        ("昨日", True, None),
        ("", True, None),
    ],
)
def test_dates(words, japanese, expected):
    found = moment(words, None, now=NOW, japanese=japanese)
    assert found == (datetime.fromisoformat(expected + "+00:00") if expected else None)


def test_dates_that_only_the_library_reads():
    assert moment("Wed, 19 Aug 2026 10:00:00 EST", (2026, 8, 19, 15, 0, 0, 2, 231, 0), now=NOW) == datetime(
        2026, 8, 19, 15, tzinfo=UTC
    )
    # its reading of this form is the first of the current month
    assert moment("2026/08/45", (2026, 11, 1, 0, 0, 0, 6, 305, 0), now=NOW) is None


# ------------------------------------------------------------------ the well-known ones


def google(title, source, code, extra=""):
    return (
        f"<title>{title} - {source}</title><link>https://news.google.com/rss/articles/{code}?oc=5</link>"
        f"<guid isPermaLink='false'>{code}</guid><pubDate>Sat, 21 Nov 2026 01:00:00 GMT</pubDate>"
        f"<description>&lt;a href='x'&gt;{title}&lt;/a&gt;&amp;nbsp;&lt;font&gt;{source}&lt;/font&gt;</description>"
        f"<source url='https://news.example.jp'>{source}</source>{extra}"
    )


def test_google_news(server, fetcher):
    body = rss(
        google("ミナモ珈琲、新店 - 速報", "みほん新聞", "CBMiAAA"),
        head="<title>G</title><language>ja</language>",
    )
    (post,) = posts(server, fetcher, body, preset="google-news", query="ミナモ珈琲")
    assert (post.platform, post.title, post.text) == ("news", "ミナモ珈琲、新店 - 速報", "")
    assert (post.publisher, post.lang) == ("みほん新聞", "ja")
    assert post.author is None
    assert server.requests[0].path == "/rss/search"
    assert server.requests[0].query == {"q": "ミナモ珈琲 when:7d", "hl": "ja", "gl": "JP", "ceid": "JP:ja"}


def test_google_news_same_article_with_another_id(server, fetcher):
    keys = {"preset": "google-news", "query": "q"}
    (one,) = posts(server, fetcher, rss(google("新店", "みほん新聞", "CBMiAAA")), **keys)
    (two,) = posts(server, fetcher, rss(google("新店", "みほん新聞", "CBMiBBB")), **keys)
    (other,) = posts(server, fetcher, rss(google("新店", "べつの新聞", "CBMiAAA")), **keys)
    assert one.external_id == two.external_id != other.external_id


def test_google_news_asks_for_less_when_it_was_here_today(server, fetcher):
    server.route("*", xml(rss(google("新店", "みほん新聞", "CBMiAAA"))))
    reader = collector(server, fetcher, preset="google-news", query="甲 OR 乙")
    (page,) = reader.collect({}, now=NOW)
    list(reader.collect(page.cursor, now=NOW + timedelta(hours=1)))
    list(reader.collect(page.cursor, now=NOW + timedelta(days=2)))
    own = collector(server, fetcher, preset="google-news", query="甲 when:1h", lang="en")
    list(own.collect({}, now=NOW))
    asked = [request.query["q"] for request in server.requests]
    assert asked == ["(甲 OR 乙) when:7d", "(甲 OR 乙) when:1d", "(甲 OR 乙) when:7d", "甲 when:1h"]
    assert server.requests[-1].query["hl"] == "en-US"


@pytest.mark.parametrize("status", [403, 429, 503])
def test_google_news_blocked_waits_for_hours(server, fetcher, status):
    server.route("*", Reply(status=status))
    with pytest.raises(CollectError) as caught:
        list(collector(server, fetcher, preset="google-news", query="q").collect({}, now=NOW))
    assert caught.value.retry_after is not None
    assert caught.value.retry_after >= 3600
    assert not caught.value.permanent


def test_google_alerts(server, fetcher):
    body = """<feed xmlns="http://www.w3.org/2005/Atom"><id>tag:google.com,2005:reader/user/0/state/1</id>
    <title>Google アラート - ミナモ珈琲</title><entry><id>tag:google.com,2013:googlealerts/feed:123</id>
    <title type="html">&lt;b&gt;ミナモ&lt;/b&gt;珈琲の秋</title>
    <link href="https://www.google.com/url?rct=j&amp;url=https://e.example/aki&amp;ct=ga"/>
    <published>2026-11-20T00:00:00Z</published><updated>2026-11-20T00:00:00Z</updated>
    <content type="html">秋の&lt;b&gt;ミナモ&lt;/b&gt;&amp;nbsp;珈琲...</content>
    <author><name></name></author></entry></feed>"""
    (post,) = posts(server, fetcher, body)
    assert (post.title, post.text) == ("ミナモ珈琲の秋", "秋のミナモ 珈琲...")
    assert post.url == "https://e.example/aki"
    assert post.external_id == "tag:google.com,2013:googlealerts/feed:123"
    assert post.author is None


def test_note(server, fetcher):
    entry = (
        "<title>朝の一杯</title><link>https://note.com/hana/n/n1</link><guid>https://note.com/hana/n/n1</guid>"
        "<description><![CDATA[<p>良い朝</p><br/><a href='https://note.com/hana/n/n1'>続きをみる</a>]]></description>"
        "<note:creatorName>花</note:creatorName><pubDate>Sat, 21 Nov 2026 10:00:00 +0900</pubDate>"
    )
    (post,) = posts(server, fetcher, rss(entry), preset="note-hashtag", tag="#ミナモ珈琲")
    assert (post.platform, post.text, post.publisher) == ("note", "良い朝", "note")
    assert post.author is not None
    assert (post.author.external_id, post.author.handle, post.author.name) == ("hana", "hana", "花")
    assert post.author.url == "https://note.com/hana"
    assert post.engagement == Engagement()
    assert server.requests[0].path == "/hashtag/ミナモ珈琲/rss"


def test_yahoo_news_has_one_id_with_and_without_guid(server, fetcher):
    link = "<title>大雨</title><link>https://news.yahoo.co.jp/pickup/1?source=rss</link>"
    (bare,) = posts(
        server, fetcher, rss(link + "<comments>https://e.example/c</comments>"), preset="yahoo-news"
    )
    guid = "<guid isPermaLink='false'>yahoo/news/topics/1</guid>"
    (other,) = posts(server, fetcher, rss(link + guid), preset="yahoo-news", category="business")
    assert bare.external_id == other.external_id == "https://news.yahoo.co.jp/pickup/1"
    assert (bare.platform, bare.publisher, bare.engagement) == ("news", "Yahoo!ニュース", Engagement())
    assert server.paths() == ["/rss/topics/top-picks.xml", "/rss/topics/business.xml"]


def test_prtimes(server, fetcher):
    entry = ENTRY + "<dc:corp>株式会社ミナモ</dc:corp>"
    (post,) = posts(server, fetcher, rss(entry), preset="prtimes-company", company_id=12345)
    assert (post.platform, post.publisher) == ("news", "株式会社ミナモ")
    assert server.requests[0].query == {"company_id": "12345"}


def test_hatena_address(server, fetcher):
    posts(server, fetcher, rss(ENTRY), preset="hatena-bookmark", query="ミナモ/珈琲")
    assert server.requests[0].path == "/q/ミナモ/珈琲"
    assert quote("ミナモ/珈琲", safe="")  # the slash is sent as %2F, the server here decodes it
    assert server.requests[0].query["mode"] == "rss"


def test_a_pasted_address_is_read_like_its_preset():
    made = FeedCollector(FeedConfig(name="x", url="https://news.google.com/rss/search?q=a"), http=Fetcher())
    assert (made._platform, made._preset) == ("news", "google-news")


# ------------------------------------------------------------------ the cursor


def test_unchanged_feed_costs_one_empty_answer(server, fetcher):
    server.route(
        "/feed", conditional(rss(ENTRY), etag='W/"5"', last_modified="Sat, 21 Nov 2026 00:00:00 GMT")
    )
    reader = collector(server, fetcher)
    (first,) = reader.collect({}, now=NOW)
    (second,) = reader.collect(first.cursor, now=NOW + timedelta(hours=1))
    assert not first.unchanged
    assert second.unchanged
    assert second.posts == ()
    (third,) = reader.collect(second.cursor, now=NOW + timedelta(hours=2))
    assert third.unchanged
    assert [request.headers.get("if-none-match") for request in server.requests] == [None, 'W/"5"', 'W/"5"']


def test_validators_go_with_their_body(server, fetcher):
    server.route("/feed", [Reply(body=rss(ENTRY).encode(), headers={"ETag": '"1"'}), xml(rss(ENTRY))])
    reader = collector(server, fetcher)
    (first,) = reader.collect({}, now=NOW)
    (second,) = reader.collect(first.cursor, now=NOW)
    assert first.cursor["etag"] == '"1"'
    assert "etag" not in second.cursor


def test_validators_are_dropped_with_an_older_parser(server, fetcher):
    server.route("/feed", conditional(rss(ENTRY), etag='"1"'))
    reader = collector(server, fetcher)
    (first,) = reader.collect({}, now=NOW)
    (again,) = reader.collect({**first.cursor, "parser": 0}, now=NOW)
    assert len(again.posts) == 1
    assert "if-none-match" not in server.requests[1].headers


def test_validators_are_dropped_with_another_address(server, fetcher):
    server.route("*", conditional(rss(ENTRY), etag='"1"'))
    (first,) = collector(server, fetcher).collect({}, now=NOW)
    (again,) = collector(server, fetcher, url=server.url("/other")).collect(first.cursor, now=NOW)
    assert len(again.posts) == 1


def test_an_undated_entry_keeps_its_identity(server, fetcher):
    server.route("/feed", xml(rss("<title>日付なし</title>")))
    reader = collector(server, fetcher)
    (one,) = reader.collect({}, now=NOW)
    (two,) = reader.collect(one.cursor, now=NOW + timedelta(hours=1))
    assert one.posts[0].external_id == two.posts[0].external_id
    assert one.posts[0].created_at == NOW


def test_a_moved_feed_is_asked_where_it_went(server, fetcher):
    server.route("/feed", redirect("/new", status=301))
    server.route("/new", conditional(rss(ENTRY), etag='"1"'))
    reader = collector(server, fetcher)
    (first,) = reader.collect({}, now=NOW)
    assert first.cursor["moved_to"] == server.url("/new")
    assert "/new" in first.note
    (second,) = reader.collect(first.cursor, now=NOW)
    assert second.unchanged
    assert "/new" in second.note
    server.route("/new", conditional(rss(ENTRY, ENTRY.replace("/1", "/2")), etag='"2"'))
    (third,) = reader.collect(second.cursor, now=NOW)
    assert third.cursor["moved_to"] == server.url("/new")
    assert first.posts[0].external_id == third.posts[0].external_id
    assert server.paths() == ["/feed", "/new", "/new", "/new"]


def test_when_the_move_was_a_mistake_the_old_address_is_asked(server, fetcher):
    server.route("/feed", [redirect("/login", status=301), xml(rss(ENTRY))])
    server.route("/login", [xml(rss(ENTRY)), text("<html>login</html>", content_type="text/html")])
    reader = collector(server, fetcher)
    (first,) = reader.collect({}, now=NOW)
    (second,) = reader.collect(first.cursor, now=NOW)
    assert len(second.posts) == 1
    assert "moved_to" not in second.cursor


# ------------------------------------------------------------------ failures


def failure(server, fetcher, reply, **keys):
    server.route("*", reply)
    with pytest.raises(CollectError) as caught:
        list(collector(server, fetcher, **keys).collect({}, now=NOW))
    return caught.value


def test_gone_is_final(server, fetcher):
    error = failure(server, fetcher, Reply(status=410))
    assert error.permanent
    assert "410" in error.message


@pytest.mark.parametrize("status", [401, 403, 404, 500, 503])
def test_other_refusals_are_tried_again(server, fetcher, status):
    assert not failure(server, fetcher, Reply(status=status)).permanent


def test_retry_after_is_handed_on(server, fetcher):
    assert failure(server, fetcher, too_many(90)).retry_after == 90


@pytest.mark.parametrize(
    "body",
    ["<!doctype html><html><head><title>ログイン</title></head><body><p>こんにちは</body></html>", "", "not a feed",
     "{}", '{"items": 3}', "{broken", "<?xml version='1.0'?><unknown/>"],
)  # fmt: skip
def test_what_is_not_a_feed_says_so(server, fetcher, body):
    error = failure(server, fetcher, text(body, content_type="text/html"))
    assert "not a feed" in error.message
    assert "text/html" in error.message


def test_an_empty_feed_is_fine(server, fetcher):
    assert posts(server, fetcher, rss()) == []


def test_private_addresses_are_refused(server):
    reader = FeedCollector(FeedConfig(name="x", url=server.url("/feed")), http=Fetcher())
    with pytest.raises(CollectError, match=r"network\.allow") as caught:
        list(reader.collect({}, now=NOW))
    assert caught.value.permanent
    assert server.requests == []


def test_a_secret_address_stays_secret(server, fetcher):
    secret = server.url("/alerts/feeds/0123456789?token=s3cret")
    config = FeedConfig(name="x", secret_url=secret)
    assert "s3cret" not in repr(config)
    server.route("*", xml(rss("<title>題</title><guid>1</guid>")))
    (page,) = FeedCollector(config, http=fetcher).collect({}, now=NOW)
    assert "s3cret" not in repr(page)
    server.route("*", Reply(status=404))
    with pytest.raises(CollectError) as caught:
        list(FeedCollector(config, http=fetcher).collect({}, now=NOW))
    assert "s3cret" not in caught.value.message
    assert "0123456789" not in caught.value.message


# ------------------------------------------------------------------ configuration


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ({}, "write one of"),
        ({"url": "https://e.example/", "preset": "google-news", "query": "a"}, "write one of"),
        ({"url": "feed.xml"}, "http"),
        ({"preset": "google-news"}, "needs query"),
        ({"preset": "note-hashtag", "query": "a", "tag": "b"}, "query: not used here"),
        ({"url": "https://e.example/", "tag": "b"}, "tag: not used here"),
        ({"preset": "other"}, "google-news"),
        ({"url": "https://e.example/", "intervall": "1h"}, "intervall"),
        ({"url": "https://e.example/", "interval": "soon"}, "not a duration"),
        ({"url": "https://e.example/", "interval": 0}, "longer than zero"),
    ],
)
def test_mistakes_are_named(keys, says):
    with pytest.raises(ValidationError, match=says):
        FeedConfig(name="x", **keys)


@pytest.mark.parametrize(
    ("words", "seconds"),
    [("15m", 900), ("1h30m", 5400), ("90d", 7_776_000), (45, 45), ("2 h", 7200), ("1w", 604_800)],
)
def test_durations(words, seconds):
    config = FeedConfig(name="x", url="https://e.example/", interval=words)
    assert config.interval == timedelta(seconds=seconds)


def test_the_list_leads_to_classes():
    for kind in ("feed", "appstore"):
        found = collector_class(kind)
        assert found.Config.model_fields["kind"].default == kind
    with pytest.raises(KeyError, match="mastodon"):
        collector_class("fax")
    assert set(COLLECTORS) >= {"feed", "appstore", "mastodon", "misskey", "hackernews", "file"}
