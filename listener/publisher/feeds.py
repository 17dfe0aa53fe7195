"""The feeds: news as RSS 2.0, blogs as Atom, bookmarks as RSS 1.0 with counts, each with its validators."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape

from listener.publisher.post import Place, StoryPost
from listener.publisher.published import Published

NEWEST = 100


@dataclass(frozen=True)
class FeedBody:
    """A feed's bytes, its type, and what a conditional request compares."""

    body: bytes
    media_type: str
    etag: str
    last_modified: datetime


def feed(published: Published, name: str) -> FeedBody | None:
    """The feed of this file name, or None."""
    match name:
        case "news.xml":
            place, write, media_type = Place.NEWS, _rss, "application/rss+xml"
        case "blog.atom":
            place, write, media_type = Place.BLOG, _atom, "application/atom+xml"
        case "bookmarks.rdf":
            place, write, media_type = Place.BOOKMARKS, _rdf, "application/rdf+xml"
        case _:
            return None
    posts = published.until_now(place)[-NEWEST:][::-1]
    body = write(posts, published).encode()
    newest = posts[0].created_at if posts else published.epoch
    etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
    return FeedBody(body, f"{media_type}; charset=utf-8", etag, newest)


def _rss(posts: tuple[StoryPost, ...], published: Published) -> str:
    entries = "".join(
        f"<item><title>{escape(post.title)}</title><link>{published.link(post)}</link>"
        f'<guid isPermaLink="false">machi.example:news/{post.id}</guid>'
        f"<pubDate>{format_datetime(post.created_at.astimezone(UTC), usegmt=True)}</pubDate>"
        f"<dc:creator>{escape(post.outlet)}</dc:creator>"
        f'<source url="{published.base}/feeds/news.xml">{escape(post.outlet)}</source>'
        f"<description>{escape(post.text)}</description></item>\n"
        for post in posts
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>'
        f"<title>カフェのニュース（架空）</title><link>{published.base}/</link>"
        "<description>架空の新聞社の記事です / articles of invented newspapers</description>"
        f"<language>ja</language><ttl>1</ttl>\n{entries}</channel></rss>\n"
    )


def _atom(posts: tuple[StoryPost, ...], published: Published) -> str:
    updated = posts[0].created_at if posts else published.epoch
    entries = "".join(
        f"<entry><id>tag:machi.example,2026:blog/{post.id}</id><title>{escape(post.title)}</title>"
        f'<link rel="alternate" href="{published.link(post)}"/>'
        f"<published>{_iso(post.created_at)}</published><updated>{_iso(post.created_at)}</updated>"
        f"<author><name>{escape(post.account.name)}</name>"
        f"<uri>{published.base}/@{post.account.handle}</uri></author>"
        f'<content type="html">{escape("<p>" + escape(post.text) + "</p>")}</content></entry>\n'
        for post in posts
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="ja">'
        f"<id>{published.base}/feeds/blog.atom</id><title>まいにちブログ（架空）</title>"
        f'<updated>{_iso(updated)}</updated><link rel="self" href="{published.base}/feeds/blog.atom"/>\n'
        f"{entries}</feed>\n"
    )


def _rdf(posts: tuple[StoryPost, ...], published: Published) -> str:
    now = published.now()
    links = "".join(f'<rdf:li rdf:resource="{published.link(post)}"/>' for post in posts)
    entries = "".join(
        f'<item rdf:about="{published.link(post)}"><title>{escape(post.title)}</title>'
        f"<link>{published.link(post)}</link><description>{escape(post.text)}</description>"
        f"<dc:creator>{escape(post.account.handle)}</dc:creator><dc:date>{_iso(post.created_at)}</dc:date>"
        "<dc:subject>暮らし</dc:subject>"
        f"<hatena:bookmarkcount>{1 + post.grown(post.likes, now)}</hatena:bookmarkcount></item>\n"
        for post in posts
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:hatena="http://www.hatena.ne.jp/info/xmlns#">\n'
        f'<channel rdf:about="{published.base}/feeds/bookmarks.rdf"><title>しおりブックマーク（架空）</title>'
        f"<link>{published.base}/</link><description>ミナモ珈琲を含む新着</description>"
        f"<items><rdf:Seq>{links}</rdf:Seq></items></channel>\n{entries}</rdf:RDF>\n"
    )


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
