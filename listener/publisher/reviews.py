"""Reviews of the chain's app, in the shape of the App Store's customer review feed: 50 a page, 10 pages."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any
from xml.sax.saxutils import escape

from listener.publisher.post import Place, StoryPost
from listener.publisher.published import Published

APP_ID = "9990008485"  # invented: no real app has it
COUNTRY = "jp"
PER_PAGE = 50
MAX_PAGES = 10
CUPERTINO = timezone(timedelta(hours=-7))


def page(published: Published, country: str, app: str, number: int) -> tuple[StoryPost, ...]:
    """The reviews on one page, newest first; none for another app, country or page."""
    if (country, app) != (COUNTRY, APP_ID) or not 1 <= number <= MAX_PAGES:
        return ()
    newest_first = published.until_now(Place.APP)[::-1]
    return newest_first[(number - 1) * PER_PAGE : number * PER_PAGE]


def as_xml(posts: tuple[StoryPost, ...], published: Published, country: str, app: str, number: int) -> str:
    """The page as Atom."""
    now = published.now()
    entries = "".join(
        f"<entry><updated>{_moment(post.created_at)}</updated><id>{post.id}</id>"
        f'<title>{escape(post.title)}</title><content type="text">{escape(post.text)}</content>'
        '<im:contentType term="Application" label="アプリケーション"/>'
        f"<im:voteSum>{post.grown(post.likes, now)}</im:voteSum>"
        f"<im:voteCount>{post.grown(post.likes, now)}</im:voteCount>"
        f"<im:rating>{post.rating}</im:rating><im:version>{_version(post, published)}</im:version>"
        f"<author><name>{escape(post.account.name)}</name>"
        f"<uri>{published.base}/{country}/reviews/id{post.account.handle}</uri></author>"
        f'<link rel="related" href="{published.link(post)}"/>'
        f'<content type="html">{escape("<b>" + escape(post.title) + "</b><br/>" + escape(post.text))}</content>'
        "</entry>\n"
        for post in posts
    )
    path = f"{published.base}/{country}/rss/customerreviews"
    last = max(1, -(-len(published.until_now(Place.APP)) // PER_PAGE))
    links = "".join(
        f'<link rel="{rel}" href="{path}/page={n}/id={app}/sortby=mostrecent/xml"/>'
        for rel, n in (
            ("self", number),
            ("first", 1),
            ("last", min(last, MAX_PAGES)),
            ("next", min(number + 1, last, MAX_PAGES)),
        )
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns:im="http://itunes.apple.com/rss" '
        'xmlns="http://www.w3.org/2005/Atom" xml:lang="ja">'
        f"<id>{path}/id={app}/sortBy=mostRecent/page={number}/xml</id><title>カスタマーレビュー</title>"
        f"<updated>{_moment(now)}</updated>{links}\n{entries}</feed>\n"
    )


def as_json(posts: tuple[StoryPost, ...], published: Published) -> str:
    """The page as the feed's JSON; one review stands alone, none leaves `entry` out, as the real one does."""
    entries = [_entry(post, published) for post in posts]
    told: dict[str, Any] = {
        "title": {"label": "カスタマーレビュー"},
        "updated": {"label": _moment(published.now())},
    }
    if entries:
        told["entry"] = entries if len(entries) > 1 else entries[0]
    return json.dumps({"feed": told}, ensure_ascii=False)


def _entry(post: StoryPost, published: Published) -> dict[str, Any]:
    votes = str(post.grown(post.likes, published.now()))
    return {
        "author": {
            "uri": {"label": f"{published.base}/{COUNTRY}/reviews/id{post.account.handle}"},
            "name": {"label": post.account.name},
            "label": "",
        },
        "updated": {"label": _moment(post.created_at)},
        "im:rating": {"label": str(post.rating)},
        "im:version": {"label": _version(post, published)},
        "id": {"label": post.id},
        "title": {"label": post.title},
        "content": {"label": post.text, "attributes": {"type": "text"}},
        "link": {"attributes": {"rel": "related", "href": published.link(post)}},
        "im:voteSum": {"label": votes},
        "im:contentType": {"attributes": {"term": "Application", "label": "アプリケーション"}},
        "im:voteCount": {"label": votes},
    }


def _version(post: StoryPost, published: Published) -> str:
    return "3.8.0" if post.created_at >= published.epoch - timedelta(days=67) else "3.7.2"


def _moment(at: datetime) -> str:
    return at.astimezone(CUPERTINO).isoformat(timespec="seconds")
