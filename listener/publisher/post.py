"""The words of the story: a post before anyone has published it, and who wrote it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Place(StrEnum):
    """Where a post appears."""

    SOCIAL = "social"
    APP = "app"
    NEWS = "news"
    BLOG = "blog"
    BOOKMARKS = "bookmarks"


class Event(StrEnum):
    """Which thread of the story a post belongs to; never published, for tests and measurements."""

    ORDINARY = "ordinary"
    RIVAL = "rival"
    RIVAL_TROUBLE = "rival_trouble"
    HOMONYM = "homonym"
    ADVOCATE = "advocate"
    PROMOTER = "promoter"
    BOTS = "bots"
    OFFICIAL = "official"
    CAMPAIGN = "campaign"
    BILL = "bill"
    PRESS = "press"
    CRISIS = "crisis"


@dataclass(frozen=True, slots=True)
class Account:
    """One invented account. `handle` is empty where the place knows only names."""

    handle: str
    name: str
    followers: int = 0
    lang: str = "ja"
    bot: bool = False


@dataclass(frozen=True, slots=True)
class StoryPost:
    """One post. The counts are what it has in the end; `grown` says how many there are by then.

    `outlet` is the newspaper or site of a feed's entry.
    """

    place: Place
    event: Event
    created_at: datetime
    account: Account
    text: str
    title: str = ""
    lang: str = "ja"
    rating: int | None = None
    tags: tuple[str, ...] = ()
    outlet: str = ""
    likes: int = 0
    boosts: int = 0
    replies: int = 0
    id: str = ""

    def grown(self, count: int, now: datetime) -> int:
        """How much of a final `count` is there at `now`: most comes in the first six hours."""
        hours = max(0.0, (now - self.created_at).total_seconds() / 3600)
        return math.floor(count * (1 - math.exp(-hours / 4)))


def social_post(
    event: Event,
    at: datetime,
    account: Account,
    text: str,
    *,
    tags: tuple[str, ...] = (),
    lang: str = "ja",
    likes: int = 0,
    boosts: int = 0,
    replies: int = 0,
) -> StoryPost:
    """A post on the social network."""
    return StoryPost(
        Place.SOCIAL,
        event,
        at,
        account,
        text,
        lang=lang,
        tags=tags,
        likes=likes,
        boosts=boosts,
        replies=replies,
    )
