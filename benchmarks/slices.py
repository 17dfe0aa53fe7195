"""How the held-out mentions are cut into slices. Pure, but for the list of lines that name two brands."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

Row = Mapping[str, Any]

#: Words that praise in one post and blame in the next. 神 and 草 only where they are no part of a longer word.
SLANG = re.compile(
    r"やば[いすくかっー〜]|ヤバ|えぐ[いすくかっ]|エグ[いすくかっ]|沼|(?<![雑水海煙薬牧七若])草(?![の原花食木津履加稲枕])"
    r"|(?<![精女])神(?![社経戸奈田様前道])|しんど|無理すぎ|反則|優勝|鬼(?![ごヶ百灯])|バグ(?:って|り)|狂って|エモ[いすく]"
)
LENGTHS = ((0, 20), (21, 60), (61, 120), (121, 10**9))
_TWO_BRANDS = Path(__file__).parent / "two_brands.txt"


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of the held-out lines. `group` puts slices of one kind beside each other."""

    group: str
    name: str
    indices: tuple[int, ...]


def slices(rows: Sequence[Row], *, known: frozenset[str] | None = None) -> list[Slice]:
    """Every slice that has a line in it, the whole first. `known`: as `two_brands` takes it."""
    kinds: list[tuple[str, str, Callable[[Row], bool]]] = [("", "all", lambda row: True)]
    kinds += [("source", kind, _is("source", kind)) for kind in ("post", "review", "forum", "news", "qa")]
    kinds += [("language", "Japanese", _is("lang", "ja")), ("language", "English", _is("lang", "en"))]
    kinds += [("wording", "plain", _is("style", "plain")), ("wording", "witty", _is("style", "witty"))]
    kinds += [("sarcasm", "sarcastic", _is("sarcasm", True))]
    kinds += [("slang", "やばい えぐい 沼 草 神 …", lambda row: has_slang(row["text"]))]
    kinds += [("length", _span(low, high), _long(low, high)) for low, high in LENGTHS]
    both = two_brands(rows, known=known)
    found = [Slice(group, name, _where(rows, test)) for group, name, test in kinds]
    found.append(Slice("brands", "two named", both))
    found.append(Slice("brands", "one named", tuple(sorted(set(range(len(rows))) - set(both)))))
    return [each for each in found if each.indices]


def has_slang(text: str) -> bool:
    return bool(SLANG.search(text))


def two_brands(rows: Sequence[Row], *, known: frozenset[str] | None = None) -> tuple[int, ...]:
    """The lines whose text names a second brand, shop or product besides the target.

    A text that stands under two targets names both. Most held-out rivals are nobody's target, and an invented name
    looks like any rare word, so the others were read by a person: `known` has their keys (default: the list here).
    """
    keys = _listed() if known is None else known
    targets: dict[str, set[str | None]] = {}
    for row in rows:
        targets.setdefault(row["text"], set()).add(row["target"])
    return _where(rows, lambda row: len(targets[row["text"]]) > 1 or key(row["text"]) in keys)


def key(text: str) -> str:
    """How `two_brands.txt` names a text."""
    return blake2b(text.encode("utf-8"), digest_size=16).hexdigest()[:12]


def slice_of(index: int, found: Sequence[Slice]) -> str:
    """The rarest slice that a line is in: what is most particular about it."""
    named = [
        each
        for each in found
        if each.group in ("sarcasm", "slang", "brands", "language", "source", "wording")
    ]
    sizes = Counter({each.name: len(each.indices) for each in named if index in each.indices})
    return min(sizes, key=lambda name: sizes[name])


def _listed() -> frozenset[str]:
    lines = _TWO_BRANDS.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def _where(rows: Sequence[Row], test: Callable[[Row], bool]) -> tuple[int, ...]:
    return tuple(index for index, row in enumerate(rows) if test(row))


def _is(name: str, value: object) -> Callable[[Row], bool]:
    return lambda row: bool(row.get(name) == value)


def _long(low: int, high: int) -> Callable[[Row], bool]:
    return lambda row: low <= len(row["text"]) <= high


def _span(low: int, high: int) -> str:
    if low == 0:
        return f"≤ {high} letters"
    return f"> {low - 1} letters" if high > 10**6 else f"{low}–{high} letters"
