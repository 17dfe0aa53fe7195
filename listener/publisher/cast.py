"""The named people and the planned events: advocates, promoters, bots, the company, the campaign, the bill."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from listener.publisher.ordinary import reviewer
from listener.publisher.post import Account, Event, Place, StoryPost, social_post
from listener.publisher.wording import (
    BRAND_TAG,
    RIVAL_TAG,
    crowd,
    data_file,
    dated,
    dealt,
    lines,
    tagged,
    tags_of,
    unsaid,
    worded,
)

CAMPAIGN_DAYS = (-50.0, -44.0)
BILL_DAY = -33.0
RIVAL_TROUBLE_DAY = -20.5


def advocates(epoch: datetime) -> Iterator[StoryPost]:
    """Five people who recommend the brand unpaid, week after week, in several places."""
    for person in data_file("cast")["advocates"]:
        account = account_of(person)
        rng = random.Random(account.handle)
        for day, (words,) in dated(person["posts"]):
            at = epoch + timedelta(days=day)
            if words.startswith("app"):
                title, text = words[5:].split("：", 1)
                name = Account(reviewer(account.handle).handle, account.name)
                yield StoryPost(
                    Place.APP, Event.ADVOCATE, at, name, text, title=title, rating=int(words[3]), likes=12
                )
            elif words.startswith("blog:"):
                title, text = worded(words[5:], rng, brand=BRAND_TAG).split("：", 1)
                yield StoryPost(
                    Place.BLOG, Event.ADVOCATE, at, account, text, title=title, outlet="まいにちブログ"
                )
            else:
                text, tags = tagged(worded(words, rng, brand=BRAND_TAG), (BRAND_TAG,), rng, more=False)
                likes = int(rng.uniform(15, 45) * (1 + account.followers / 1000))
                yield social_post(
                    Event.ADVOCATE,
                    at,
                    account,
                    text,
                    tags=tags,
                    likes=likes,
                    boosts=likes // 6,
                    replies=rng.randrange(6),
                )


def promoters(epoch: datetime) -> Iterator[StoryPost]:
    """Two paid accounts; some of their posts say so and some do not."""
    for person in data_file("cast")["promoters"]:
        account = account_of(person)
        rng = random.Random(account.handle)
        for day, (words,) in dated(person["posts"]):
            text, tags = tagged(worded(words, rng, brand=BRAND_TAG), (BRAND_TAG,), rng, more=False)
            likes = rng.randrange(300, 900)
            yield social_post(
                Event.PROMOTER, epoch + timedelta(days=day), account, text, tags=tags, likes=likes,
                boosts=likes // 12, replies=rng.randrange(4, 20),
            )  # fmt: skip


def bots(epoch: datetime) -> Iterator[StoryPost]:
    """Twelve accounts that post the same text within minutes, twice."""
    ring = data_file("cast")["bots"]
    for day, words in zip(ring["waves"], lines(ring["texts"]), strict=True):
        rng = random.Random(f"bots/{day}")
        at = epoch + timedelta(days=day)
        for handle in ring["handles"]:
            at += timedelta(seconds=rng.randrange(9, 38))
            text, tags = f"{words} #{BRAND_TAG}", (BRAND_TAG,)
            account = Account(handle, handle.rstrip("0123456789_"), rng.randrange(0, 40))
            yield social_post(Event.BOTS, at, account, text, tags=tags)


def official(epoch: datetime) -> Iterator[StoryPost]:
    """The company's own account."""
    company = data_file("cast")["official"]
    account = account_of(company)
    rng = random.Random(account.handle)
    for day, (words,) in dated(company["posts"]):
        text = worded(words, rng, brand=BRAND_TAG)
        if f"#{BRAND_TAG}" not in text:
            text += f"\n#{BRAND_TAG}"
        likes = rng.randrange(80, 260) * (6 if 0 <= day < 2 else 1)
        event = Event.CRISIS if 0 <= day < 2 else Event.OFFICIAL
        yield social_post(
            event, epoch + timedelta(days=day), account, text, tags=tags_of(text), likes=likes, boosts=likes // 3,
            replies=likes // 5,
        )  # fmt: skip


def campaign(epoch: datetime) -> Iterator[StoryPost]:
    """A new drink: entries to the prize draw, and what people think of it."""
    rng = random.Random("campaign")
    people = dealt(crowd(), rng)
    first, last = CAMPAIGN_DAYS
    for key, count in (("campaign", 58), ("drink", 34)):
        texts = dealt(lines(data_file("cast")[key]), rng)
        said: set[str] = set()
        for _ in range(count):
            day = first + 0.2 + (last - first) * rng.random() ** 1.4
            text = unsaid(partial(worded, next(texts), rng), said, rng)
            text, tags = tagged(text, (BRAND_TAG,), rng)
            yield social_post(
                Event.CAMPAIGN,
                epoch + timedelta(days=day),
                next(people),
                text,
                tags=tags,
                likes=rng.randrange(5),
            )


def bill(epoch: datetime) -> Iterator[StoryPost]:
    """One complaint that many read: slow service and somebody else's bill."""
    story = data_file("bill")
    rng = random.Random("bill")
    author = account_of(story)
    at = epoch + timedelta(days=BILL_DAY)
    for words, hours, likes in ((story["first"], 0.0, 4800), (story["second"], 26.0, 1100)):
        text, tags = tagged(worded(words, rng, brand=BRAND_TAG), (BRAND_TAG,), rng, more=False)
        yield social_post(
            Event.BILL, at + timedelta(hours=hours), author, text, tags=tags, likes=likes, boosts=likes // 2,
            replies=likes // 14,
        )  # fmt: skip
    people = dealt(crowd(), rng)
    for number, words in enumerate(lines(story["echoes"])):
        late = ("返金", "本部が", "公式")  # those who know of the refund write after it
        hours = rng.uniform(27, 46) if any(word in words for word in late) else 1 + 30 * rng.random() ** 1.8
        text, tags = tagged(worded(words, rng), (BRAND_TAG,), rng, more=False)
        likes = rng.randrange(0, 60)
        yield social_post(
            Event.BILL, at + timedelta(hours=hours, seconds=number), next(people), text, tags=tags, likes=likes,
            boosts=likes // 5,
        )  # fmt: skip


def rival_trouble(epoch: datetime) -> Iterator[StoryPost]:
    """The competitor's bad day."""
    rng = random.Random("rival trouble")
    people = dealt(crowd(), rng)
    for words in lines(data_file("rival")["trouble"]):
        for _ in range(2 if "{n}" in words or "{yen}" in words or "{drink}" in words else 1):
            day = RIVAL_TROUBLE_DAY + 1.4 * rng.random() ** 1.6
            text, tags = tagged(worded(words, rng), (RIVAL_TAG,), rng, more=False)
            likes = rng.randrange(0, 30)
            yield social_post(
                Event.RIVAL_TROUBLE, epoch + timedelta(days=day), next(people), text, tags=tags, likes=likes
            )


def account_of(person: Mapping[str, Any]) -> Account:
    """The account of a named person in a data file."""
    return Account(person["handle"], person["name"], person["followers"])
