"""What the feeds carry: newspapers, blogs and bookmarks, the calm ones and those of the crisis."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from listener.publisher.post import Account, Event, Place, StoryPost
from listener.publisher.wording import crowd, data_file, dated, lines

FIRST_DAY, LAST_DAY = -89.0, 13.5
BLOG_SITE = "まいにちブログ"
BOOKMARK_SITE = "しおりブックマーク"
# Nobody writes of these before this day.
_EARLIEST = {
    "金木犀": -48.0,
    "桜坂店であった": -32.5,
    "二重決済の": -20.0,
    "月見ヶ丘に新しい": -15.0,
    "3.8": -66.0,
    "更新で重く": -66.0,
}
_HOMONYMS = ("水面", "歌手ミナモ", "アイドル「ミナモ", "1st アルバム")


def news(epoch: datetime) -> Iterator[StoryPost]:
    """Articles, and two press releases that six outlets print word for word."""
    story = data_file("feeds")
    for day, (outlet, title, text) in dated(story["news"]):
        yield _entry(Place.NEWS, _event(title + text, day), epoch, day, outlet, title=title, text=text)
    for release in story["press"]:
        for number, outlet in enumerate(release["outlets"]):
            title = ("", "", "", "【新着】", "", "")[number] + release["title"]
            text = release["body"] if number % 3 else release["body"].split("。")[0] + "。"
            day = release["day"] + number * number * 0.011
            yield _entry(Place.NEWS, Event.PRESS, epoch, day, outlet, title=title, text=text)


def blogs(epoch: datetime) -> Iterator[StoryPost]:
    """Blog entries, spread over the three months."""
    rng = random.Random("blogs")
    rows: list[tuple[float | None, list[str]]] = [
        (None, line.split(" | ", 1)) for line in lines(data_file("feeds")["blog"])
    ]
    rows += dated(data_file("feeds")["crisis_blog"])
    for number, (day, (title, text)) in enumerate(rows):
        writer = crowd()[(number * 37) % len(crowd())]
        when = _some_day(title + text, number, rng) if day is None else day
        yield _entry(
            Place.BLOG,
            _event(title + text, when),
            epoch,
            when,
            BLOG_SITE,
            title=title,
            text=text,
            account=writer,
        )


def bookmarks(epoch: datetime) -> Iterator[StoryPost]:
    """Bookmarks with a comment."""
    rng = random.Random("bookmarks")
    rows: list[tuple[float | None, list[str]]] = [
        (None, line.split(" | ", 1)) for line in lines(data_file("feeds")["bookmarks"])
    ]
    rows += dated(data_file("feeds")["crisis_bookmarks"])
    for number, (day, (title, text)) in enumerate(rows):
        reader = crowd()[(number * 41 + 5) % len(crowd())]
        when = _some_day(title + text, number, rng) if day is None else day
        likes = rng.randrange(3, 60) if day is None else rng.randrange(180, 900)
        yield _entry(
            Place.BOOKMARKS, _event(title + text, when), epoch, when, BOOKMARK_SITE, title=title, text=text,
            account=reader, likes=likes,
        )  # fmt: skip


def _some_day(words: str, number: int, rng: random.Random) -> float:
    """A calm day for an entry: evenly spread, but not before what it speaks of, and not in the crisis."""
    day = FIRST_DAY + (number * 4.27 + rng.random()) % (LAST_DAY - FIRST_DAY)
    earliest = max((first for key, first in _EARLIEST.items() if key in words), default=FIRST_DAY)
    if day < earliest:
        day = earliest + rng.random() * 9
    return day if not -0.3 < day < 4 else day + 5


def _event(words: str, day: float) -> Event:
    if any(word in words for word in _HOMONYMS):
        return Event.HOMONYM
    if "トマリギ" in words and "ミナモ" not in words:
        return Event.RIVAL
    crisis = day >= 0 and any(word in words for word in ("動画", "港通り", "謝罪", "衛生", "信頼"))
    return Event.CRISIS if crisis else Event.ORDINARY


def _entry(
    place: Place, event: Event, epoch: datetime, day: float, outlet: str, *, title: str, text: str,
    account: Account | None = None, likes: int = 0,
) -> StoryPost:  # fmt: skip
    at = epoch + timedelta(days=day)
    return StoryPost(
        place, event, at, account or Account("", outlet), text, title=title, outlet=outlet, likes=likes
    )
