"""An invented year of a café: people who grow into advocates one after another, and many who only drop by."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from storage.types import Author, Label, Mention, SignalKind
from tests.alerts.made import NOW, mention

DAY = timedelta(days=1)
R, T = SignalKind.RECOMMEND, SignalKind.TESTIMONIAL
People = list[tuple[Author, list[Mention]]]


def year(seed: int = 1, *, growing: int = 60, passing: int = 90, days: int = 400) -> People:
    """Oldest first each. Who grows recommends once a week from some day on; who passes by praises now and then."""
    dice = random.Random(seed)
    people: People = []
    for number in range(growing + passing):
        name = f"fan{number}" if number < growing else f"guest{number}"
        author = Author(platform="mastodon", external_id=f"id{number}", handle=name, name=name, followers=100)
        ages = grown(dice, days) if number < growing else passed(dice, days)
        posts = [
            _post(dice, author, 1000 * number + n, age) for n, age in enumerate(sorted(ages, reverse=True))
        ]
        people.append((author, posts))
    return people


def grown(dice: random.Random, days: int) -> list[float]:
    start = dice.uniform(20, days - 5)
    return [age for week in range(12) if (age := start - 7 * week - dice.uniform(0, 5)) > 0]


def passed(dice: random.Random, days: int) -> list[float]:
    return [dice.uniform(1, days) for _ in range(dice.randint(1, 5))]


def _post(dice: random.Random, author: Author, number: int, age: float) -> Mention:
    grows = author.name.startswith("fan")
    signals = (R, T) if grows and dice.random() < 0.5 else (R,) if grows else ()
    label = Label.POSITIVE if grows or dice.random() < 0.6 else Label.NEUTRAL
    # Short texts: honest people say the same of the same coffee.
    text = dice.choice(("おいしい", "また行く", "すき", "いい店", "好みの味"))
    return mention(number, text, label=label, author=author, at=NOW - age * DAY, signals=signals)


def until(people: People, at: datetime) -> People:
    return [
        (author, kept)
        for author, posts in people
        if (kept := [one for one in posts if one.post.created_at <= at])
    ]


def garbled(dice: random.Random, posts: Sequence[Mention], at: datetime) -> list[Mention]:
    """The same up to a moment; later, everything is otherwise."""
    found = [one for one in posts if one.post.created_at <= at]
    for one in posts[len(found) :]:
        later = at + timedelta(seconds=1 + dice.random() * (NOW - at).total_seconds())
        found.append(
            replace(one, post=replace(one.post, created_at=min(later, NOW), text="最悪。二度と行かない"))
        )
    return sorted(found, key=lambda one: one.post.created_at)
