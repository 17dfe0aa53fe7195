"""Text made comparable: one spelling for every way to write the same word, with the way back to the original.

Folded together: full and half width (NFKC), upper and lower case, accents on Latin letters, hiragana and
katakana, small ヶ and ヵ, the usual old forms of kanji in names (髙 = 高), and after kana every dash or wave
that is typed for ー. Left out: characters of no width. Spaces, middle dots and hyphens inside words become
gaps: they are not in the folded text, but it is known where they were, because one brand is written
ミナモコーヒー, ミナモ・コーヒー and ミナモ コーヒー.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

_OLD_FORMS = str.maketrans(
    "髙﨑邉邊廣澤齋齊濱櫻國眞德惠龍嶋嶌壽榮萬圓學會", "高崎辺辺広沢斎斉浜桜国真徳恵竜島島寿栄万円学会"
)
_SMALL_KA_KE = str.maketrans("ヵヶ’‘`´", "カケ''''")
_HIRAGANA = {code: chr(code + 0x60) for code in (*range(0x3041, 0x3097), 0x309D, 0x309E)}
_IGNORED = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff"
# Marks that join the character before them: accents, the two kana voicing marks in both widths, Hangul vowels.
_MARKS = "\u0300-\u034e\u0350-\u036f\u1160-\u11ff\u3099\u309a\uff9e\uff9f"
_CLUSTER = re.compile(f"[{_IGNORED}]|.[{_MARKS}]*", re.DOTALL)
_HAS_MARK = re.compile(f"[{_MARKS}]")
_IS_IGNORED = re.compile(f"[{_IGNORED}]")
_LONG_VOWEL = re.compile("(?<=[ァ-ヺー])[-~\u2010-\u2015\u2212\u2500\u301c]+")
_GAP = re.compile(r"(?:\s|[・·‧⋅•゠])+|(?<=[0-9a-z])[-\u2010\u2011]+(?=[0-9a-z])")

SOFT, HARD = 1, 2  # a gap within a line; a gap with a line break in it


@dataclass(frozen=True, slots=True)
class Folded:
    """`text[i]` stands for `original[starts[i]:ends[i]]`; `gaps[i]` says that a gap stood before `text[i]`."""

    original: str
    text: str
    starts: Sequence[int]
    ends: Sequence[int]
    gaps: Mapping[int, int]

    def whole(self, start: int, end: int) -> bool:
        """False when the slice begins or ends within one original character, as キロ does within ㌔㌘."""
        begins = start == 0 or self.starts[start] != self.starts[start - 1]
        return begins and (end == len(self.text) or self.starts[end] != self.starts[end - 1])


@lru_cache(maxsize=512)
def fold(original: str) -> Folded:
    """The folded form of a text. The last few are kept, because every topic asks for the same post."""
    spelled = original.translate(_TABLE)
    if _HAS_MARK.search(original) is None and _ODD.isdisjoint(original):
        starts: Sequence[int] = range(len(original))
        ends: Sequence[int] = range(1, len(original) + 1)
    else:
        spelled, starts, ends = _by_cluster(original)
    spelled = _LONG_VOWEL.sub(lambda found: "ー" * len(found[0]), spelled)
    return _without_gaps(original, spelled, starts, ends)


def fold_word(text: str) -> str:
    """The folded letters alone, for values that are compared as a whole (handles, hosts, names)."""
    return fold(text).text


def _by_cluster(original: str) -> tuple[str, list[int], list[int]]:
    spelled: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for found in _CLUSTER.finditer(original):
        for char in _spell(found[0]):
            spelled.append(char)
            starts.append(found.start())
            ends.append(found.end())
    return "".join(spelled), starts, ends


def _without_gaps(original: str, spelled: str, starts: Sequence[int], ends: Sequence[int]) -> Folded:
    gaps: dict[int, int] = {}
    words: list[str] = []
    kept_starts: list[int] = []
    kept_ends: list[int] = []
    last = 0
    for found in _GAP.finditer(spelled):
        words.append(spelled[last : found.start()])
        kept_starts += starts[last : found.start()]
        kept_ends += ends[last : found.start()]
        gaps[len(kept_starts)] = HARD if "\n" in found[0] or "\r" in found[0] else SOFT
        last = found.end()
    if not gaps:
        return Folded(original, spelled, starts, ends, gaps)
    words.append(spelled[last:])
    kept_starts += starts[last:]
    kept_ends += ends[last:]
    return Folded(original, "".join(words), kept_starts, kept_ends, gaps)


def _spell(cluster: str) -> str:
    """One character with its marks, in the one spelling. May be longer (㌔ = キロ) or empty (zero width)."""
    if _IS_IGNORED.fullmatch(cluster):
        return ""
    text = unicodedata.normalize("NFKC", cluster).translate(_SMALL_KA_KE).translate(_OLD_FORMS)
    return "".join(_without_accent(char) for char in text.translate(_HIRAGANA)).casefold()


def _without_accent(char: str) -> str:
    parts = unicodedata.normalize("NFD", char)
    return parts[0] if len(parts) > 1 and parts[0].isascii() and parts[0].isalpha() else char


class _Table(dict[int, str]):
    """`str.translate`'s table, filled with what is met; notes the characters that do not stay one character."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        spelled = _spell(char)
        if len(spelled) != 1:
            _ODD.add(char)
        self[code] = spelled
        return spelled


_ODD: set[str] = set()
_TABLE = _Table()
