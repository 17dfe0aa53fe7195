"""An invented population around one café brand: who they are, what they write in twelve months. Repeatable by seed.

The labels (which kind an author is) stay here: what the product reads is a file of posts, as any export would be.
The words are put together from `population.yaml`, so that honest people write near-copies of each other by chance.
Only `ADVOCATES` are what a recruiter looks for; everybody else is there to be mistaken for one.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

START = datetime(2025, 11, 1, tzinfo=UTC)
DAYS = 365
PLATFORMS = ("x", "x", "x", "x", "mastodon", "instagram", "threads", "tabelog", "blog")
WORDS = Path(__file__).parent / "population.yaml"

#: Share of the authors by kind. What is left are passers-by.
SHARES = {
    "advocate": 0.018,
    "influencer_unpaid": 0.003,
    "casual": 0.22,
    "regular": 0.02,
    "influencer_paid": 0.012,
    "employee_open": 0.006,
    "employee_quiet": 0.006,
    "affiliate": 0.012,
    "prize": 0.06,
    "bot": 0.02,
    "one_hit": 0.08,
    "turned": 0.012,
    "critic": 0.06,
}
ADVOCATES = frozenset({"advocate", "influencer_unpaid"})
FORBIDDEN = frozenset({"influencer_paid", "employee_open", "employee_quiet", "affiliate", "bot"})


@dataclass(frozen=True, slots=True)
class Written:
    """One post: when, what, and how many liked it."""

    at: datetime
    text: str
    likes: int


@dataclass(frozen=True, slots=True)
class Writer:
    """One invented author. `kind` is the label: it never goes into the file."""

    id: str
    name: str
    kind: str
    followers: int | None
    platforms: tuple[str, ...]
    posts: tuple[Written, ...] = field(default=())


@lru_cache(maxsize=1)
def words() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    return loaded


def population(seed: int, authors: int = 5000) -> list[Writer]:
    """`authors` writers with their posts, oldest first, by kind in fixed shares and random in all else."""
    pen = _Pen(random.Random(seed))
    pen.launches = sorted(pen.dice.sample(range(10, DAYS - 5), 14))
    kinds: list[str] = []
    for kind, share in SHARES.items():
        kinds += [kind] * round(share * authors)
    kinds += ["passer_by"] * (authors - len(kinds))
    writers = [_writer(pen, kind, number) for number, kind in enumerate(kinds) if kind != "bot"]
    writers += _rings(pen, kinds.count("bot"))
    pen.dice.shuffle(writers)
    return writers


def rows(writers: Sequence[Writer]) -> Iterator[dict[str, Any]]:
    """The posts as rows of docs/file-format.md, in order of time, without any label."""
    every = [(post, writer, n) for writer in writers for n, post in enumerate(writer.posts)]
    every.sort(key=lambda one: (one[0].at, one[1].id))
    for post, writer, n in every:
        platform = writer.platforms[n % len(writer.platforms)] if n % 3 == 0 else writer.platforms[0]
        yield {
            "id": f"{writer.id}-{n}",
            "text": post.text,
            "created_at": post.at.isoformat(),
            "author": writer.name,
            "author_id": writer.id,
            "author_followers": writer.followers,
            "source": platform,
            "lang": "ja",
            "likes": post.likes,
            "reposts": post.likes // 9,
            "replies": post.likes // 20,
        }


# ------------------------------------------------------------------ words


class _Pen:
    """Writes: one source of chance for all, so that a seed is a population."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.launches: list[int] = []

    def say(self, piece: str, *, bare: bool = False) -> str:
        pieces: list[str] = words()["pieces"][piece]
        text = self.fill(self.dice.choice(pieces))
        if bare:
            return text
        opener = self.dice.choice(words()["openers"]) if self.dice.random() < 0.12 else ""
        closer = self.dice.choice(words()["closers"]) if self.dice.random() < 0.15 else ""
        second = f"。{self.fill(self.dice.choice(pieces))}" if self.dice.random() < 0.04 else ""
        return f"{opener}{text}{second}{closer}"

    def fill(self, text: str) -> str:
        slots = words()["slots"]
        return re.sub(r"\{(\w+)\}", lambda slot: str(self.dice.choice(slots[slot[1]])), text)

    def followers(self, middle: float, spread: float = 1.2) -> int | None:
        return None if self.dice.random() < 0.04 else int(self.dice.lognormvariate(middle, spread))

    def name(self) -> str:
        front = (
            "あお",
            "みさ",
            "けん",
            "ゆう",
            "なつ",
            "はる",
            "しろ",
            "くろ",
            "まめ",
            "そら",
            "りん",
            "たけ",
        )
        back = ("", "太", "子", "っち", "丸", "🌙", "の日記", "＠散歩", "まま", "さん", "吉", "ぽん", "_log")
        return self.dice.choice(front) + self.dice.choice(front)[:1] + self.dice.choice(back)


def _moments(
    dice: random.Random, count: int, start: float, end: float, hours: Sequence[int] | None = None
) -> list[datetime]:
    """`count` irregular times between two days: bursts and silences, each writer with own hours of the day."""
    if hours is None:
        middle, width = dice.choice((7, 8, 12, 15, 18, 20, 22)), dice.uniform(1.5, 4)
        spans = [dice.gauss(middle, width) % 24 for _ in range(count)]
    else:
        spans = [dice.choice(hours) + dice.random() for _ in range(count)]
    days: list[float] = []
    while len(days) < count:
        near = days and dice.random() < 0.25
        day = dice.choice(days) + dice.expovariate(1 / 3) if near else dice.uniform(start, end)
        if start <= day <= end:
            days.append(day)
    moments = [
        START + timedelta(days=int(day), hours=span - 9, seconds=dice.randrange(60))
        for day, span in zip(days, spans, strict=True)
    ]
    return sorted(max(START, one) for one in moments)


def _posts(
    pen: _Pen, count: int, mix: Mapping[str, float], start: float, end: float, fame: float
) -> list[Written]:
    kinds = pen.dice.choices(list(mix), weights=list(mix.values()), k=count)
    times = _moments(pen.dice, count, start, end)
    return [
        Written(at, pen.say(kind), int(pen.dice.expovariate(1) * fame))
        for at, kind in zip(times, kinds, strict=True)
    ]


# ------------------------------------------------------------------ kinds of people

_FAN = {
    "praise": 44, "recommend": 15, "referral": 11, "testimonial": 12, "defend": 6, "neutral": 9, "mild": 3,
}  # fmt: skip
_CASUAL = {"praise": 62, "recommend": 5, "testimonial": 3, "referral": 2, "neutral": 23, "mild": 5}
_REGULAR = {"neutral": 66, "praise": 22, "mild": 8, "complaint": 2, "recommend": 2}
_CRITIC = {"complaint": 70, "mild": 15, "neutral": 15}


def _advocate(pen: _Pen) -> list[Written]:
    months = pen.dice.uniform(4, 12) * 30
    start = pen.dice.uniform(0, DAYS - months) if months < DAYS else 0
    return _posts(pen, round(pen.dice.triangular(8, 36, 12)), _FAN, start, min(DAYS - 1, start + months), 8)


def _influencer(pen: _Pen) -> list[Written]:
    return _posts(pen, pen.dice.randint(9, 22), _FAN, pen.dice.uniform(0, 90), DAYS - 1, 900)


def _casual(pen: _Pen) -> list[Written]:
    count = min(9, 1 + int(pen.dice.expovariate(1 / 2.2)))
    return _posts(pen, count, _CASUAL, 0, DAYS - 1, 5)


def _regular(pen: _Pen) -> list[Written]:
    return _posts(pen, pen.dice.randint(8, 22), _REGULAR, 0, DAYS - 1, 3)


def _paid(pen: _Pen) -> list[Written]:
    """Most mark most of their posts; some mark one of many."""
    marked = pen.dice.choice((0.15, 0.4, 0.7, 1.0))
    made = _posts(pen, pen.dice.randint(4, 18), {"ad": 60, "praise": 25, "recommend": 15}, 0, DAYS - 1, 700)
    must = pen.dice.randrange(len(made))
    return [
        Written(one.at, _marked(pen, one.text), one.likes) if n == must or pen.dice.random() < marked else one
        for n, one in enumerate(made)
    ]


def _marked(pen: _Pen, text: str) -> str:
    if pen.dice.random() < 0.4:
        return f"{pen.dice.choice(words()['pieces']['ad_mark'])}{text}"
    return f"{text}{pen.dice.choice(words()['pieces']['ad_end'])}"


def _employee(pen: _Pen, *, says: bool) -> list[Written]:
    """Weekdays in office hours, on the days of every launch; those who say so say it now and then."""
    days = [pen.dice.choice(pen.launches) + pen.dice.randint(0, 1) for _ in range(pen.dice.randint(6, 14))]
    made = [
        Written(_office(pen.dice, day), pen.say("staff_habit" if pen.dice.random() < 0.7 else "praise"), 4)
        for day in days
    ]
    others = _moments(pen.dice, pen.dice.randint(4, 14), 0, DAYS - 1, (0, 1, 2, 3, 4, 5, 6, 7, 8))
    made += [
        Written(_weekday(at), pen.say(pen.dice.choice(("praise", "recommend", "staff_habit"))), 3)
        for at in (one + timedelta(hours=9) for one in others)
    ]
    if says:
        extra = _moments(pen.dice, pen.dice.randint(1, 5), 0, DAYS - 1)
        made += [Written(at, pen.say("staff_says"), 4) for at in extra]
    return sorted(made, key=lambda one: one.at)


def _office(dice: random.Random, day: int) -> datetime:
    return _weekday(START + timedelta(days=day, hours=dice.uniform(0.3, 8.7)))


def _weekday(at: datetime) -> datetime:
    late = (at + timedelta(hours=9)).weekday() - 4
    return at - timedelta(days=max(0, late)) if at - timedelta(days=2) >= START else at


def _affiliate(pen: _Pen) -> list[Written]:
    mix = {"affiliate": 55, "praise": 25, "recommend": 20}
    made = _posts(pen, pen.dice.randint(5, 18), mix, 0, DAYS - 1, 6)
    return [*made, Written(made[-1].at + timedelta(minutes=5), pen.say("affiliate", bare=True), 2)]


def _prize(pen: _Pen) -> list[Written]:
    return _posts(pen, pen.dice.randint(1, 6), {"prize": 80, "praise": 20}, 0, DAYS - 1, 2)


def _one_hit(pen: _Pen) -> list[Written]:
    day = pen.dice.uniform(0, DAYS - 6)
    mix = {"gush": 70, "recommend": 20, "praise": 10}
    return _posts(pen, pen.dice.choice((1, 1, 1, 2, 3, 5)), mix, day, day + 4, pen.dice.choice((5, 50, 4000)))


def _turned(pen: _Pen) -> list[Written]:
    turn = pen.dice.uniform(150, 330)
    before = _posts(pen, pen.dice.randint(6, 16), _FAN, 0, turn, 5)
    return before + _posts(pen, pen.dice.randint(3, 8), {"complaint": 85, "neutral": 15}, turn, DAYS - 1, 20)


def _critic(pen: _Pen) -> list[Written]:
    return _posts(pen, min(12, 1 + int(pen.dice.expovariate(1 / 2.5))), _CRITIC, 0, DAYS - 1, 10)


def _passer_by(pen: _Pen) -> list[Written]:
    mix = {"neutral": 78, "praise": 10, "mild": 8, "complaint": 4}
    return _posts(pen, min(8, 1 + int(pen.dice.expovariate(1 / 1.3))), mix, 0, DAYS - 1, 3)


_KINDS: dict[str, tuple[Callable[[_Pen], list[Written]], float]] = {
    "advocate": (_advocate, 5.6),
    "influencer_unpaid": (_influencer, 10.8),
    "casual": (_casual, 5.3),
    "regular": (_regular, 5.0),
    "influencer_paid": (_paid, 10.3),
    "employee_open": (lambda pen: _employee(pen, says=True), 5.2),
    "employee_quiet": (lambda pen: _employee(pen, says=False), 5.2),
    "affiliate": (_affiliate, 7.0),
    "prize": (_prize, 5.0),
    "one_hit": (_one_hit, 5.6),
    "turned": (_turned, 5.5),
    "critic": (_critic, 5.2),
    "passer_by": (_passer_by, 5.4),
}


def _writer(pen: _Pen, kind: str, number: int) -> Writer:
    write, middle = _KINDS[kind]
    home = pen.dice.choice(PLATFORMS)
    others = tuple(one for one in pen.dice.sample(sorted({*PLATFORMS} - {home}), 2))
    several = pen.dice.random() < (0.35 if kind in ADVOCATES else 0.12)
    return Writer(
        id=f"u{number:05d}{pen.dice.randrange(16**4):04x}",
        name=pen.name(),
        kind=kind,
        followers=pen.followers(middle),
        platforms=(home, *others) if several else (home,),
        posts=tuple(write(pen)),
    )


# ------------------------------------------------------------------ rings of machines


def _rings(pen: _Pen, accounts: int) -> list[Writer]:
    """Accounts in rings of 6 to 12 that post one text, lightly varied, within hours; a few run alone by the clock."""
    found: list[Writer] = []
    while len(found) < accounts:
        size = min(pen.dice.randint(6, 12), accounts - len(found))
        found += (
            _ring(pen, size, len(found))
            if size > 2
            else [_clockwork(pen, len(found) + n) for n in range(size)]
        )
        if len(found) < accounts and pen.dice.random() < 0.5:
            found.append(_clockwork(pen, len(found)))
    return found


def _ring(pen: _Pen, size: int, first: int) -> list[Writer]:
    posts: list[list[Written]] = [[] for _ in range(size)]
    for day in sorted(pen.dice.sample(range(DAYS - 1), pen.dice.randint(5, 14))):
        shared = pen.dice.choice(words()["pieces"]["ring"])
        base = pen.fill(shared)
        begin = START + timedelta(days=day, hours=pen.dice.uniform(0, 16))
        for mine in posts:
            if pen.dice.random() < 0.85:
                varied = pen.fill(shared) if pen.dice.random() < 0.3 else base
                text = f"{varied}{pen.dice.choice(words()['closers'])}"
                mine.append(Written(begin + timedelta(minutes=pen.dice.uniform(0, 240)), text, 0))
    return [_bot(pen, first + n, mine) for n, mine in enumerate(posts)]


def _clockwork(pen: _Pen, number: int) -> Writer:
    every, at = pen.dice.choice((5, 7, 10)), pen.dice.uniform(0, 15)
    times = [
        START + timedelta(days=day, hours=at, minutes=pen.dice.random()) for day in range(2, DAYS - 1, every)
    ]
    return _bot(pen, number, [Written(one, pen.say("ring", bare=True), 0) for one in times])


def _bot(pen: _Pen, number: int, posts: list[Written]) -> Writer:
    name = f"{pen.name()}{pen.dice.randrange(1000, 99999)}"
    return Writer(
        f"b{number:05d}{pen.dice.randrange(16**4):04x}", name, "bot", pen.followers(4.0), ("x",), tuple(posts)
    )
