"""Which script a character belongs to, and whether a word can end between two characters."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

LATIN, KATAKANA, HIRAGANA, KANJI, OTHER = "latin", "katakana", "hiragana", "kanji", ""
JAPANESE = frozenset({KATAKANA, HIRAGANA, KANJI})
_LONG = "ーｰ"
_RANGES = (
    (0x3041, 0x309F, HIRAGANA),
    (0x30A1, 0x30FF, KATAKANA),
    (0x31F0, 0x31FF, KATAKANA),
    (0xFF66, 0xFF9F, KATAKANA),
    (0x3005, 0x3007, KANJI),
    (0x3400, 0x4DBF, KANJI),
    (0x4E00, 0x9FFF, KANJI),
    (0xF900, 0xFAFF, KANJI),
    (0x20000, 0x323AF, KANJI),
)


@lru_cache(maxsize=4096)
def script_of(char: str) -> str:
    """LATIN stands for every letter and digit that is not Japanese; OTHER for what is no part of a word."""
    code = ord(char)
    if char == "・" or char == "･":
        return OTHER
    for first, last, script in _RANGES:
        if first <= code <= last:
            return script
    category = unicodedata.category(char)
    return LATIN if category[0] in "LN" or char in "_＿" or category == "Mn" else OTHER


def is_edge(text: str, at: int) -> bool:
    """True when the script changes between `text[at - 1]` and `text[at]`, so that a word may end there."""
    if at <= 0 or at >= len(text):
        return True
    before, after = script_of(text[at - 1]), script_of(text[at])
    if text[at] in _LONG and before in {HIRAGANA, KATAKANA}:
        return False
    if text[at - 1] in _LONG:
        before = _script_before_long(text, at - 1)
    return OTHER in {before, after} or before != after


def _script_before_long(text: str, at: int) -> str:
    """ー belongs to the kana it lengthens: hiragana in らーめん, katakana in コーヒー."""
    while at > 0 and text[at] in _LONG:
        at -= 1
    found = script_of(text[at])
    return found if found in {HIRAGANA, KATAKANA} else KATAKANA
