"""The crisis: a video of a dropped ice scoop spreads. Three hours of growth, a day of anger, a slow end."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial

from listener.publisher.cast import account_of
from listener.publisher.ordinary import reviewer
from listener.publisher.post import Account, Event, Place, StoryPost, social_post
from listener.publisher.wording import (
    BRAND_TAG,
    crowd,
    data_file,
    dealt,
    lines,
    tagged,
    trimmed,
    unsaid,
    visitors,
    worded,
)

NEWS_AT = 2.06  # hours after the first post
APOLOGY_AT = 6.05
PEAK_AT = 3.0
PEAK_PER_HOUR = 70.0
POSTS_IN_20_HOURS = 252
_ENDINGS = {
    "spark": "angry",
    "anger": "angry",
    "after": "angry",
    "mixed": "even",
    "defend": "even",
    "english": "shocked",
}
POSTS_AFTERWARDS = 52  # until the third day ends
PEOPLE = 205

# (until hour, how often each kind of text): nobody knows before the news what the news says.
_PHASES: tuple[tuple[float, Mapping[str, float]], ...] = (
    (0.9, {"spark": 0.62, "anger": 0.33, "mixed": 0.05}),
    (NEWS_AT, {"anger": 0.82, "spark": 0.06, "mixed": 0.07, "defend": 0.05}),
    (APOLOGY_AT, {"anger": 0.73, "news": 0.13, "mixed": 0.07, "defend": 0.05, "english": 0.02}),
    (20.0, {"anger": 0.40, "after": 0.34, "mixed": 0.08, "defend": 0.14, "english": 0.04}),
    (72.0, {"late": 0.60, "after": 0.20, "defend": 0.12, "mixed": 0.08}),
)
# Words that only make sense between these hours.
_ONLY: tuple[tuple[str, float, float], ...] = (
    ("謝罪まだ", 2.5, APOLOGY_AT),
    ("黙ってる", 1.0, 2.1),
    ("昨日のケーキ", 1.0, 2.1),
    ("営業してて", 0.5, APOLOGY_AT),
    ("営業止めて", 0.5, APOLOGY_AT),
    ("been hours", 2.5, APOLOGY_AT),
    ("「確認中」の投稿", 2.2, 5.0),
    ("昼に", 0.0, 12.0),
    ("謝", APOLOGY_AT, 99.0),
    ("apology", APOLOGY_AT, 99.0),
    ("休業", APOLOGY_AT, 99.0),
    ("閉まってた", APOLOGY_AT, 99.0),
    ("点検終わったら", APOLOGY_AT, 99.0),
    ("立入検査", APOLOGY_AT, 99.0),
    ("再開", APOLOGY_AT, 99.0),
    ("隠さず", APOLOGY_AT, 99.0),
    ("再発防止策", 46.0, 99.0),
    ("衛生点検の報告", 46.0, 99.0),
    ("3日もすると", 60.0, 99.0),
    ("ふえてる", 24.0, 99.0),
)


def crisis(epoch: datetime) -> Iterator[StoryPost]:
    """Everything on the social network and in the app's reviews that the video set off, except by the cast."""
    yield from _loud(epoch)
    yield from _many(epoch)
    yield from _reviews(epoch)


def _loud(epoch: datetime) -> Iterator[StoryPost]:
    """Who started it, who amplified it, and the news account."""
    rng = random.Random("loud")
    loud = (
        ("first", 0.0, 5200, 6100),
        ("amplifier", 50 / 60, 9100, 7400),
        ("news_account", NEWS_AT, 2100, 1900),
    )
    for key, hours, likes, boosts in loud:
        story = data_file("crisis")[key]
        text, tags = tagged(worded(story["text"], rng, brand=BRAND_TAG), (BRAND_TAG,), rng, more=False)
        yield social_post(
            Event.CRISIS, epoch + timedelta(hours=hours), account_of(story), text, tags=tags, likes=likes,
            boosts=boosts, replies=likes // 7,
        )  # fmt: skip


def _many(epoch: datetime) -> Iterator[StoryPost]:
    rng = random.Random("crisis")
    story = data_file("crisis")
    keys = ("spark", "anger", "news", "after", "mixed", "defend", "late", "english")
    decks = {key: dealt(lines(story[key]), rng) for key in keys}
    angry = list(crowd()[::3]) + list(crowd(530)[460:])
    people, strangers = dealt(angry[:PEOPLE], rng), dealt(visitors(), rng)
    said: set[str] = set()
    for hours in crisis_hours(rng):
        phase = next(weights for until, weights in _PHASES if hours <= until)
        key = rng.choices(list(phase), list(phase.values()))[0]
        template = next(deck_text for deck_text in decks[key] if _fits(deck_text, hours))
        template = template.replace("{n}時間", f"{int(hours)}時間")
        text = unsaid(partial(_drawn, template, _ENDINGS.get(key, "sour"), rng), said, rng)
        lang = "en" if key == "english" else "ja"
        account: Account = next(strangers if lang == "en" else people)
        text, tags = tagged(text, (BRAND_TAG,), rng, lang=lang, more=False)
        likes = int(rng.lognormvariate(1.1, 1.4) * (1 + account.followers / 800))
        yield social_post(
            Event.CRISIS, epoch + timedelta(hours=hours), account, text, tags=tags, lang=lang, likes=likes,
            boosts=likes // 3, replies=likes // 10,
        )  # fmt: skip


def _drawn(template: str, mood: str, rng: random.Random) -> str:
    return trimmed(worded(template, rng), rng, mood=mood)


def _fits(text: str, hours: float) -> bool:
    return next((start <= hours <= end for words, start, end in _ONLY if words in text), True)


def crisis_hours(rng: random.Random) -> list[float]:
    """When the many write, in hours after the first post: growth to the peak, decay over the day, a tail."""
    growth = math.log(PEAK_PER_HOUR / 3) / PEAK_AT
    rising = (PEAK_PER_HOUR - 3) / growth  # how many posts the growth brings
    decay = (POSTS_IN_20_HOURS - rising) / PEAK_PER_HOUR
    hours = []
    for number in range(POSTS_IN_20_HOURS):
        share = number + rng.random()
        if share < rising:
            hours.append(math.log1p(share * growth / 3) / growth)
        else:
            left = max(1 - (share - rising) / (decay * PEAK_PER_HOUR), 0.004)
            hours.append(min(PEAK_AT - decay * math.log(left), 19.9))
    hours += [20 + 52 * rng.random() ** 1.5 for _ in range(POSTS_AFTERWARDS)]
    return sorted(max(0.04, hour) for hour in hours)


def _reviews(epoch: datetime) -> Iterator[StoryPost]:
    rng = random.Random("crisis reviews")
    for number, line in enumerate(lines(data_file("crisis")["app"])):
        rating, title, text = line.split(" | ", 2)
        late = any(word in title + text for word in ("謝罪", "様子見", "今回も", "対応", "店によ", "店の人"))
        hours = rng.uniform(7, 40) if late else 0.7 + 22 * rng.random() ** 1.6
        yield StoryPost(
            Place.APP, Event.CRISIS, epoch + timedelta(hours=hours), reviewer(f"crisis/{number}"), text, title=title,
            rating=int(rating), likes=rng.randrange(2, 40),
        )  # fmt: skip
