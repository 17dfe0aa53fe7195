"""The social network: statuses and hashtag timelines in the shape of Mastodon's API, read only."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from listener.publisher.post import Account, Place, StoryPost
from listener.publisher.published import Published

DOMAIN = "machi.example"  # in handles and ids, so that they do not change with the port
MAX_LIMIT = 40
_LINKED = re.compile(r"(https?://[^\s]+)|#(\w+)")


@dataclass(frozen=True)
class Timeline:
    """One answer of a timeline: the statuses, and the Link header (empty when there are none)."""

    statuses: list[dict[str, Any]]
    link: str


def timeline(published: Published, tag: str, query: Mapping[str, Sequence[str]]) -> Timeline:
    """One page of a hashtag's posts. `query` has max_id, since_id, min_id, limit, any[], all[], none[]."""
    posts = [post for post in published.until_now(Place.SOCIAL) if _carries(post, tag, query)]
    page = _page(posts, query)
    return Timeline([status(post, published) for post in page], _link(page, published, tag, query))


def _carries(post: StoryPost, tag: str, query: Mapping[str, Sequence[str]]) -> bool:
    tags = {one.casefold() for one in post.tags}
    wanted = [tag, *query.get("any[]", ())]
    return (
        any(one.casefold() in tags for one in wanted)
        and all(one.casefold() in tags for one in query.get("all[]", ()))
        and not any(one.casefold() in tags for one in query.get("none[]", ()))
    )


def _page(posts: Sequence[StoryPost], query: Mapping[str, Sequence[str]]) -> list[StoryPost]:
    """Newest first. `min_id` takes the ones next to it; `since_id` the newest ones."""
    limit = min(max(_number(query, "limit") or 20, 1), MAX_LIMIT)
    before, since, after = (_number(query, name) for name in ("max_id", "since_id", "min_id"))
    lower = max(since or 0, after or 0)
    found = [post for post in posts if int(post.id) > lower and (before is None or int(post.id) < before)]
    return (found[:limit] if after is not None else found[-limit:])[::-1]


def _number(query: Mapping[str, Sequence[str]], name: str) -> int | None:
    value = next(iter(query.get(name, ())), "")
    return int(value) if value.isdecimal() else None


def _link(
    page: Sequence[StoryPost], published: Published, tag: str, query: Mapping[str, Sequence[str]]
) -> str:
    if not page:
        return ""
    kept = [
        (name, value)
        for name, values in query.items()
        if name not in ("max_id", "since_id", "min_id")
        for value in values
    ]
    address = f"{published.base}/api/v1/timelines/tag/{quote(tag)}"
    older, newer = (
        urlencode([*kept, (name, post.id)]) for name, post in (("max_id", page[-1]), ("min_id", page[0]))
    )
    return f'<{address}?{older}>; rel="next", <{address}?{newer}>; rel="prev"'


def status(post: StoryPost, published: Published) -> dict[str, Any]:
    """One post as the API tells it; its counts grow with the clock."""
    now = published.now()
    return {
        "id": post.id,
        "created_at": _moment(post.created_at),
        "in_reply_to_id": None,
        "in_reply_to_account_id": None,
        "sensitive": False,
        "spoiler_text": "",
        "visibility": "public",
        "language": post.lang,
        "uri": f"https://{DOMAIN}/users/{post.account.handle}/statuses/{post.id}",
        "url": published.link(post),
        "replies_count": post.grown(post.replies, now),
        "reblogs_count": post.grown(post.boosts, now),
        "favourites_count": post.grown(post.likes, now),
        "quotes_count": post.grown(post.boosts // 9, now),
        "edited_at": None,
        "content": content(post.text, published.base),
        "reblog": None,
        "application": None,
        "account": _account(post.account, published),
        "media_attachments": [],
        "mentions": [],
        "tags": [{"name": tag, "url": f"{published.base}/tags/{quote(tag)}"} for tag in post.tags],
        "emojis": [],
        "card": None,
        "poll": None,
    }


def content(text: str, base: str) -> str:
    """The text as the network's HTML: paragraphs, line breaks, linked hashtags and addresses."""
    marked = "".join(_marked(text, base)).replace("\n", "<br />")
    return f"<p>{marked}</p>"


def _marked(text: str, base: str) -> Iterable[str]:
    end = 0
    for match in _LINKED.finditer(text):
        yield html.escape(text[end : match.start()], quote=False)
        end = match.end()
        address, tag = match.groups()
        if tag:
            href = f"{base}/tags/{quote(tag)}"
            yield f'<a href="{href}" class="mention hashtag" rel="tag">#<span>{html.escape(tag)}</span></a>'
        else:
            shown = html.escape(address)
            yield f'<a href="{shown}" target="_blank" rel="nofollow noopener">{shown}</a>'
    yield html.escape(text[end:], quote=False)


def _account(account: Account, published: Published) -> dict[str, Any]:
    address = f"{published.base}/@{account.handle}"
    joined = published.epoch - timedelta(days=400 + sum(map(ord, account.handle)) % 1500)
    return {
        "id": str(110_000_000_000 + sum(ord(ch) * 131**at for at, ch in enumerate(account.handle)) % 10**9),
        "username": account.handle,
        "acct": account.handle,
        "display_name": account.name,
        "locked": False,
        "bot": account.bot,
        "discoverable": True,
        "indexable": True,
        "noindex": False,
        "group": False,
        "created_at": _moment(joined.replace(hour=0, minute=0, second=0, microsecond=0)),
        "note": "",
        "url": address,
        "uri": f"https://{DOMAIN}/users/{account.handle}",
        "avatar": "",
        "header": "",
        "followers_count": account.followers,
        "following_count": account.followers // 2 + 41,
        "statuses_count": 120 + account.followers // 3,
        "emojis": [],
        "fields": [],
    }


def instance(published: Published) -> dict[str, Any]:
    """What the server says of itself: hashtags are open to visitors."""
    opened = {"local": "public", "remote": "public"}
    return {
        "domain": DOMAIN,
        "title": "Kikimimi の練習用サーバー / Kikimimi practice server",
        "version": "4.5.1",
        "source_url": "",
        "description": "架空のカフェの投稿だけがあります / only posts about an invented café",
        "languages": ["ja", "en"],
        "configuration": {
            "timelines_access": {"hashtag_feeds": opened, "live_feeds": opened},
            "statuses": {"max_characters": 500},
        },
        "registrations": {"enabled": False, "approval_required": False, "message": None},
        "rules": [],
    }


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
