"""From the data files to texts: slots filled, the brand named, hashtags added. Deterministic by seed."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from listener.publisher.post import Account

DATA = Path(__file__).with_name("data")
BRAND_TAG = "ミナモ珈琲"
RIVAL_TAG = "トマリギコーヒー"
TRIES = 40  # redraws of a text that has been said already
_SLOT = re.compile(r"\{(\w+)\}")
_NAME_AT_END = re.compile(r"\s#?\{b\}$")
_BRAND_NAMES = ("ミナモ珈琲",) * 12 + ("ミナモ",) * 4 + ("ミナモコーヒー",) * 2 + ("minamo coffee",)
_BRAND_NAMES_EN = ("Minamo Coffee",) * 3 + ("minamo coffee",)
_RIVAL_NAMES = ("トマリギコーヒー",) * 3 + ("トマリギ",) * 2
_SIDE_TAGS = (
    "カフェ",
    "カフェ巡り",
    "コーヒー",
    "珈琲",
    "カフェ好きな人と繋がりたい",
    "今日のおやつ",
    "喫茶店",
)
_SIDE_TAGS_EN = ("coffee", "japantravel", "cafe")


@cache
def data_file(name: str) -> Mapping[str, Any]:
    """One file of the story's data."""
    loaded: Mapping[str, Any] = yaml.safe_load((DATA / f"{name}.yaml").read_text(encoding="utf-8"))
    return loaded


def lines(block: str) -> list[str]:
    """The texts of a block, one a line; ⏎ becomes a line break."""
    return [line.replace("⏎", "\n") for line in block.splitlines() if line.strip()]


def dated(block: str) -> list[tuple[float, list[str]]]:
    """Lines "day | a | b" as (day, [a, b])."""
    rows = [[part.strip() for part in line.split(" | ")] for line in lines(block)]
    return [(float(row[0]), row[1:]) for row in rows]


def dealt(texts: Sequence[Any], rng: random.Random) -> Iterator[Any]:
    """The texts in a new order each round, so that one comes again only after all the others."""
    while True:
        round_ = list(texts)
        rng.shuffle(round_)
        yield from round_


def worded(template: str, rng: random.Random, *, brand: str = "") -> str:
    """The template with its slots filled; `brand` fixes the name that is otherwise drawn.

    A name that only stands behind the text, as people do to be found, becomes the hashtag.
    """
    slots = data_file("words")["slots"]
    template = _NAME_AT_END.sub(f" #{BRAND_TAG}", template)

    def fill(slot: re.Match[str]) -> str:
        match slot.group(1):
            case "b":
                return brand or rng.choice(_BRAND_NAMES)
            case "be":
                return brand or rng.choice(_BRAND_NAMES_EN)
            case "r":
                return rng.choice(_RIVAL_NAMES)
            case name:
                return str(rng.choice(slots[name]))

    return _SLOT.sub(fill, template)


def tagged(
    text: str, tags: Sequence[str], rng: random.Random, *, lang: str = "ja", more: bool = True
) -> tuple[str, tuple[str, ...]]:
    """The text with hashtags behind it, now and then with one `more`; and all tags that it then has."""
    missing = [tag for tag in tags if f"#{tag}" not in text]
    if more and rng.random() < 0.16:
        missing.append(rng.choice(_SIDE_TAGS if lang == "ja" else _SIDE_TAGS_EN))
    if missing:
        text += ("\n" if len(text) > 60 or rng.random() < 0.25 else " ") + " ".join(
            f"#{tag}" for tag in missing
        )
    return text, tags_of(text)


def tags_of(text: str) -> tuple[str, ...]:
    """The hashtags of a text, in order."""
    return tuple(dict.fromkeys(re.findall(r"#(\w+)", text)))


def trimmed(text: str, rng: random.Random, *, mood: str = "calm") -> str:
    """A short ending of the writer's own behind a text that has none. Moods: the keys of `tails`."""
    words, tag = _split_tag(text)
    if words[-1] in "。！？!?.w笑…☕✨🙏" or "\n" in words or len(words) > 110:
        return text
    return words + str(rng.choice(data_file("words")["tails"][mood])) + tag


def unsaid(draw: Callable[[], str], said: set[str], rng: random.Random) -> str:
    """A text that is not in `said` yet, put into it: drawn anew, and at last given another ending."""
    for _ in range(TRIES):
        text = draw()
        if text not in said:
            break
    while text in said:
        words, tag = _split_tag(text)
        text = words + rng.choice(data_file("words")["again"]) + tag
    said.add(text)
    return text


def _split_tag(text: str) -> tuple[str, str]:
    """The text, and the hashtag at its end with the space before it (or nothing)."""
    found = re.search(r"\s#\w+$", text)
    return (text[: found.start()], found.group()) if found else (text, "")


@cache
def crowd(size: int = 460) -> tuple[Account, ...]:
    """The ordinary people, Japanese. Handles are unique."""
    names = data_file("words")["names"]
    rng = random.Random("crowd")
    people: dict[str, Account] = {}
    while len(people) < size:
        at = rng.randrange(len(names["ja"]))
        number = rng.choice(["", "", str(rng.randrange(10, 99)), f"{rng.randrange(1, 1231):04d}"])
        handle = f"{names['romaji'][at]}{rng.choice(names['tail'])}{number}"
        followers = int(rng.lognormvariate(5.0, 1.1))
        people.setdefault(handle, Account(handle, names["ja"][at] + rng.choice(names["suffix"]), followers))
    return tuple(people.values())


@cache
def visitors() -> tuple[Account, ...]:
    """The people who write in English."""
    rng = random.Random("visitors")
    found = []
    for name in data_file("words")["names"]["en"]:
        handle = re.sub(r"\W+", "", name.lower()) + rng.choice(["", "_travels", "inja", "88", "_notes"])
        found.append(Account(handle, name, int(rng.lognormvariate(5.3, 1.2)), lang="en"))
    return tuple(found)
