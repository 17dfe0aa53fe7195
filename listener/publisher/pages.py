"""The pages for people: a post, an account, a hashtag, the index, the Slack preview and the inbox."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, select_autoescape

from listener.publisher.mail import Mailbox
from listener.publisher.post import Place, StoryPost
from listener.publisher.published import Published
from listener.publisher.reviews import APP_ID, COUNTRY
from listener.publisher.slack import SlackBox

TOKYO = ZoneInfo("Asia/Tokyo")
NEWEST = 60
_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=select_autoescape(["html"]),
    trim_blocks=True,
)


def index(published: Published, smtp_port: int) -> str:
    count = sum(len(published.until_now(place)) for place in Place)
    now = f"{published.now().astimezone(TOKYO):%Y-%m-%d %H:%M}"
    return _TEMPLATES.get_template("index.html").render(
        now=now, count=count, smtp_port=smtp_port, app=APP_ID, country=COUNTRY
    )


def posts(published: Published, found: Sequence[StoryPost], heading: str = "") -> str:
    """A page with these posts, as they stand."""
    shown = [_shown(post, published) for post in found[:NEWEST]]
    return _TEMPLATES.get_template("posts.html").render(shown=shown, heading=heading)


def _shown(post: StoryPost, published: Published) -> dict[str, Any]:
    now = published.now()
    counts: list[str] = []
    if post.place is Place.SOCIAL:
        counts = [
            f"{words} {post.grown(number, now):,}"
            for words, number in (
                ("返信", post.replies),
                ("ブースト", post.boosts),
                ("お気に入り", post.likes),
            )
        ]
    handle = f"@{post.account.handle}" if post.place is Place.SOCIAL else post.outlet
    followers = f" · フォロワー {post.account.followers:,}" if post.place is Place.SOCIAL else ""
    return {
        "name": post.account.name,
        "byline": handle + followers,
        "face": post.account.name[:1],
        "hue": sum(map(ord, post.account.name)) * 47 % 360,
        "title": post.title,
        "text": post.text,
        "rating": post.rating,
        "at": f"{post.created_at.astimezone(TOKYO):%Y-%m-%d %H:%M}",
        "link": published.link(post),
        "counts": counts,
    }


def slack(box: SlackBox, channel: str) -> str:
    """The Slack preview of one channel; without a name, of the first."""
    channels = box.channels() or ["alerts"]
    chosen = channel if channel in channels else channels[0]
    return _TEMPLATES.get_template("slack.html").render(
        channels=channels, channel=chosen, threads=box.threads(chosen)
    )


def mail(mailbox: Mailbox, name: str, *, as_text: bool) -> str:
    """The inbox with one mail open; without a name, the newest."""
    names = mailbox.names()
    mails = [found for one in names[:NEWEST] if (found := mailbox.read(one))]
    chosen = mailbox.read(name) if name else (mails[0] if mails else None)
    return _TEMPLATES.get_template("mail.html").render(
        mails=mails, mail=chosen, as_text=as_text or (chosen is not None and not chosen.html)
    )
