"""Ordinary days: check-ins, questions, small praise and small complaints, with the rhythm of a Japanese week."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from listener.publisher.post import Account, Event, Place, StoryPost
from listener.publisher.wording import (
    BRAND_TAG,
    RIVAL_TAG,
    crowd,
    data_file,
    dealt,
    lines,
    tagged,
    tags_of,
    trimmed,
    unsaid,
    visitors,
    worded,
)

TOKYO = ZoneInfo("Asia/Tokyo")
# Posts by local hour, 0 to 23: few at night, peaks at breakfast, lunch, after work and before bed.
HOURS = (3, 2, 1, 1, 1, 2, 4, 8, 9, 7, 7, 8, 11, 9, 7, 8, 7, 7, 9, 9, 9, 9, 8, 6)
WEEKDAYS = (0.9, 0.9, 0.95, 0.95, 1.0, 1.3, 1.3)  # Monday first
MOODS = {"neutral": 0.36, "positive": 0.27, "negative": 0.14, "question": 0.11, "short": 0.09, "long": 0.03}
OWN_PER_DAY = 9.4
ENGLISH_PER_DAY = 1.0
RIVAL_PER_DAY = 2.4
HOMONYMS_PER_DAY = 0.45
REVIEWS_PER_DAY = 1.5


@dataclass(frozen=True)
class _Kind:
    """One kind of ordinary post: how often, by whom, from which texts (one is drawn from the decks by weight)."""

    event: Event
    per_day: float
    people: Sequence[Account]
    decks: Sequence[Sequence[tuple[str, str]]]  # (text, mood of its ending)
    weights: Sequence[float]
    tags: tuple[str, ...]
    lang: str = "ja"


def ordinary(first: int, last: int, epoch: datetime) -> Iterator[StoryPost]:
    """The ordinary posts of the days `first` … `last` − 1, counted from the local day of the epoch."""
    for number, kind in enumerate(_kinds()):
        yield from _social(kind, first, last, epoch, seed=f"{number}/{first}")
    yield from _reviews(first, last, epoch)


def _kinds() -> tuple[_Kind, ...]:
    social, rival = data_file("social"), data_file("rival")
    own = [
        [(text, "sour" if mood == "negative" else "calm") for text in lines(social[mood])] for mood in MOODS
    ]
    visited = [(text, "english") for text in lines(social["english"])]
    everyday = [(text, "even") for text in lines(rival["everyday"])]
    others = [(text, "even") for text in lines(social["homonym"])]
    crowd_ = crowd()
    return (
        _Kind(Event.ORDINARY, OWN_PER_DAY, crowd_, own, list(MOODS.values()), (BRAND_TAG,)),
        _Kind(Event.ORDINARY, ENGLISH_PER_DAY, visitors(), [visited], [1], (BRAND_TAG,), "en"),
        _Kind(Event.RIVAL, RIVAL_PER_DAY, crowd_, [everyday], [1], (RIVAL_TAG,)),
        _Kind(Event.HOMONYM, HOMONYMS_PER_DAY, crowd_, [others], [1], ()),
    )


def _social(kind: _Kind, first: int, last: int, epoch: datetime, *, seed: str) -> Iterator[StoryPost]:
    rng = random.Random(f"social/{seed}")
    decks = [dealt(deck, rng) for deck in kind.decks]
    people = dealt(kind.people, rng)
    said: set[str] = set()
    for at in moments(kind.per_day, first, last, epoch, rng):
        template, mood = next(rng.choices(decks, kind.weights)[0])
        text = unsaid(partial(_drawn, template, mood, rng), said, rng)
        tags: tuple[str, ...] = ()
        if kind.event is Event.HOMONYM:
            text, tags = tagged(
                text, ("みなも" if "水面" in text or "みなも" in text else "ミナモ",), rng, more=False
            )
        elif rng.random() < 0.95:  # the others forget the hashtag, so no reader of it will see them
            text, tags = tagged(text, kind.tags, rng, lang=kind.lang, more=mood in ("calm", "english"))
        else:
            tags = tags_of(text)
        account = next(people)
        likes = int(rng.lognormvariate(0.7, 1.1) * (1 + account.followers / 1500))
        yield StoryPost(
            Place.SOCIAL, kind.event, at, account, text, lang=kind.lang, tags=tags, likes=likes,
            boosts=likes // 8, replies=rng.choice((0, 0, 0, 1, 1, 2)),
        )  # fmt: skip


def _drawn(template: str, mood: str, rng: random.Random) -> str:
    return trimmed(worded(template, rng), rng, mood=mood)


def _reviews(first: int, last: int, epoch: datetime) -> Iterator[StoryPost]:
    """Reviews of the app; nobody reviews it twice."""
    rng = random.Random(f"reviews/{first}")
    deck = dealt([line.split(" | ", 2) for line in lines(data_file("reviews")["reviews"])], rng)
    ends, said = data_file("reviews")["ends"], set[str]()
    for number, at in enumerate(moments(REVIEWS_PER_DAY, first, last, epoch, rng)):
        rating, title, body = next(deck)
        lang = "ja" if any(ch > "\u3000" for ch in body) else "en"
        mood = "en" if lang == "en" else ("bad", "bad", "middling", "good", "good")[int(rating) - 1]
        text = unsaid(partial(_reviewed, body, ends[mood], rng), said, rng)
        yield StoryPost(
            Place.APP, Event.ORDINARY, at, reviewer(f"{first}/{number}", lang), text, title=title, lang=lang,
            rating=int(rating), likes=rng.choice((0, 0, 0, 0, 1, 2)),
        )  # fmt: skip


def _reviewed(body: str, ends: Sequence[str], rng: random.Random) -> str:
    return worded(f"{body} {rng.choice(ends)}".strip(), rng).replace("。 ", "。")


def reviewer(key: str, lang: str = "ja") -> Account:
    """The name under one review: one of a kind, as the shop of apps knows no handles."""
    rng = random.Random(f"reviewer/{key}")
    names = data_file("words")["names"]
    number = rng.randrange(100_000_000, 999_999_999)
    name = (
        rng.choice(names["en"])
        if lang == "en"
        else rng.choice(names["ja"]) + rng.choice(("", "", "1", "23", "さん"))
    )
    return Account(str(number), name, lang=lang)


def moments(per_day: float, first: int, last: int, epoch: datetime, rng: random.Random) -> Iterator[datetime]:
    """When ordinary posts appear on these days, as aware times in the zone of the epoch."""
    today = epoch.astimezone(TOKYO).date()
    for offset in range(first, last):
        day = today + timedelta(days=offset)
        expected = per_day * WEEKDAYS[day.weekday()] * rng.uniform(0.85, 1.15)
        count = int(expected) + (rng.random() < expected % 1)
        midnight = datetime.combine(day, time(), TOKYO)
        for hour in sorted(rng.choices(range(24), HOURS, k=count)):
            yield (midnight + timedelta(hours=hour, seconds=rng.randrange(3600))).astimezone(epoch.tzinfo)
