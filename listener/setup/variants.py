"""Other ways to write a brand that the query language does not fold by itself. Pure.

Width, case, hiragana and katakana, and the space in ミナモ コーヒー are folded already, so only real spellings are
suggested: 珈琲 and コーヒー, Latin letters, the short form.
"""

from __future__ import annotations

import re

import jaconv

# One meaning a row, as Japanese shops and apps write it.
_WORDS = (
    ("珈琲", "コーヒー", "coffee"),
    ("", "カフェ", "cafe"),
    ("", "ビール", "beer"),
    ("", "ホテル", "hotel"),
)
_KATAKANA = re.compile("[ァ-ヺー]+")
_GENERIC = frozenset(word for row in _WORDS for word in row if word)
SHORTEST = 3  # letters; a shorter short form would match half of everything


def variants(brand: str) -> tuple[str, ...]:
    """Suggestions, the most useful first; never the brand itself."""
    found = [*_with_other_words(brand), *_in_latin(brand), *_short_form(brand), *_in_kana(brand)]
    return tuple(one for one in dict.fromkeys(found) if one.casefold() != brand.casefold())


def _with_other_words(brand: str) -> list[str]:
    """ミナモ珈琲 → ミナモコーヒー"""
    kanji_or_kana = [row[:2] for row in _WORDS if row[0]]
    return [
        brand.replace(word, other)
        for row in kanji_or_kana
        for word in row
        for other in row
        if word in brand and word != other and word != brand
    ]


def _in_latin(brand: str) -> list[str]:
    """ミナモ珈琲 → minamo coffee; nothing when a part cannot be read aloud by rule."""
    words = brand
    for *japanese, latin in _WORDS:
        for word in filter(None, japanese):
            words = words.replace(word, f" {latin} ")
    words = jaconv.kana2alphabet(jaconv.kata2hira(words)).replace("-", "")
    words = " ".join(words.replace("・", " ").split()).lower()
    return [words] if words.isascii() and re.search("[a-z]{3}", words) else []


def _short_form(brand: str) -> list[str]:
    """ミナモ珈琲 → ミナモ"""
    rest = brand
    for word in sorted(_GENERIC, key=len, reverse=True):
        rest = re.sub(re.escape(word), "", rest, flags=re.IGNORECASE)
    rest = rest.strip(" ・　")
    return [rest] if SHORTEST <= len(rest) < len(brand) and "・" not in rest else []


def _in_kana(brand: str) -> list[str]:
    """minamo → ミナモ; nothing when the letters are no Japanese syllables, or an acronym."""
    if brand.isupper():
        return []
    words = brand
    for _, katakana, latin in _WORDS:
        words = re.sub(rf"\b{latin}\b", katakana, words, flags=re.IGNORECASE)
    if not re.search("[A-Za-z]", words):
        return [] if words == brand else [words.replace(" ", "")]
    kana = jaconv.hira2kata(jaconv.alphabet2kana(words.lower())).replace(" ", "")
    return [kana] if _KATAKANA.fullmatch(kana) else []
