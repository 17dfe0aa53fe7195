"""The story of ミナモ珈琲: three months of a café chain that nobody runs, and the crisis at its end.

Everything here is invented and a pure function of `epoch`, the moment of the crisis' first post: the same
epoch gives the same posts with the same ids, whatever the clock says.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache

from listener.publisher import cast, crisis, press
from listener.publisher.ordinary import ordinary
from listener.publisher.post import Event, Place, StoryPost

FIRST_DAY, LAST_DAY, LAST_REPEATED_DAY = -90, 14, 60
HUSH = timedelta(hours=40)  # after the video, fewer people chat about their coffee
_FIRST_NUMBER = {Place.APP: 11_480_000_000, Place.NEWS: 40_000, Place.BLOG: 7_000, Place.BOOKMARKS: 470_000}


@lru_cache(maxsize=4)
def posts(epoch: datetime) -> tuple[StoryPost, ...]:
    """Every post from 90 days before the epoch to 14 days after it, oldest first, with its id."""
    start, end = epoch + timedelta(days=FIRST_DAY), epoch + timedelta(days=LAST_DAY)
    everything: list[StoryPost] = [
        *_hushed(ordinary(FIRST_DAY - 1, LAST_DAY + 1, epoch), epoch),
        *cast.advocates(epoch),
        *cast.promoters(epoch),
        *cast.bots(epoch),
        *cast.official(epoch),
        *cast.campaign(epoch),
        *cast.bill(epoch),
        *cast.rival_trouble(epoch),
        *crisis.crisis(epoch),
        *press.news(epoch),
        *press.blogs(epoch),
        *press.bookmarks(epoch),
    ]
    return _numbered((post for post in everything if start <= post.created_at < end), first=0)


@lru_cache(maxsize=4)
def later(epoch: datetime) -> tuple[StoryPost, ...]:
    """Ordinary days that follow the story, until 60 days after the epoch."""
    start, end = epoch + timedelta(days=LAST_DAY), epoch + timedelta(days=LAST_REPEATED_DAY)
    calm = ordinary(LAST_DAY, LAST_REPEATED_DAY + 2, epoch)
    return _numbered((post for post in calm if start <= post.created_at < end), first=len(posts(epoch)))


def _hushed(calm: Iterable[StoryPost], epoch: datetime) -> Iterable[StoryPost]:
    """Without three of five ordinary posts about the brand while the crisis is loud."""
    rng = random.Random("hush")
    for post in calm:
        loud = post.event is Event.ORDINARY and epoch <= post.created_at < epoch + HUSH
        if not (loud and rng.random() < 0.6):
            yield post


def _numbered(found: Iterable[StoryPost], *, first: int) -> tuple[StoryPost, ...]:
    """In the order of time, with ids: sortable as numbers, and the social ones as a snowflake of their time."""
    ordered = sorted(found, key=lambda post: post.created_at)
    return tuple(replace(post, id=_id(post, first + number)) for number, post in enumerate(ordered))


def _id(post: StoryPost, number: int) -> str:
    if post.place is Place.SOCIAL:
        return str((int(post.created_at.timestamp() * 1000) << 16) | (number & 0xFFFF))
    return str(_FIRST_NUMBER[post.place] + number)
