"""Canonical text: one spelling for what people write in many, with the way back to the original.

What changes: width and compatibility forms (NFKC), variation selectors and skin tones of emoji, wave dashes
and stretched vowels, runs of w, 草 and 笑, repeated marks, white space. What goes: URLs, `:custom_emoji:`, the
function markup of Misskey posts (`$[x2 …]`). What stays: kaomoji, emoji, case, every word.

Pure. Positions are Unicode code points.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Canonical:
    """`text[i]` stands for `original[offsets[i]:ends[i]]`; offsets never run backwards."""

    text: str
    offsets: tuple[int, ...]
    ends: tuple[int, ...] = ()

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original text that the canonical span [start, end) stands for; end > start."""
        return self.offsets[start], max(self.ends[start:end])


# A kept character: what it is now, and the index in the match that it comes from.
Kept = Iterable[tuple[str, int]]

_KANA = "\u3041-\u3096\u30a1-\u30fa\u30fc"
_URL = re.compile(r"(?:https?://|www\.)[\x21-\x7e]+", re.IGNORECASE)
_URL_TAIL = re.compile(r"[)\]}>'\",.;!?]+$")
_CUSTOM_EMOJI = re.compile(r"(?<![A-Za-z0-9]):(?=[A-Za-z0-9_+\-]*[A-Za-z])[A-Za-z0-9_+\-]{2,}(?:@[\w.\-]*)?:")
_MFM_OPEN = re.compile(r"\$\[[a-z0-9_]+(?:\.[a-zA-Z0-9_.,=\-]+)?[ \u3000\n]")
_MFM_TAG = re.compile(r"</?(?:small|center|plain|b|i|s)>")
_LONG = re.compile(rf"(?<=[{_KANA}])[\u301c\uff5e~\u3030\u223c\u223f]+|(?<=[{_KANA}ー])ー+")
_DASH = re.compile(r"(?<=[\u30a1-\u30fa])[\u2010-\u2015\u2212\u2500\uff0d\uff70](?![A-Za-z0-9\uff10-\uff5a])")
_LAUGH = re.compile(r"(?<![A-Za-z0-9])[wW]{2,}(?![A-Za-z0-9.])|草{2,}|笑{2,}")
_RUN = re.compile(r"([^\w\s])\1{2,}|([ぁ-ゖァ-ヺ])\2{2,}|([^\W\d])\3{3,}")
_SPACE = re.compile(r"\s+")
_INVISIBLE = frozenset("\u00ad\u200b\u200c\u200e\u200f\u2060\ufeff\ufe0e\ufe0f\u202a\u202b\u202c\u202d\u202e")
_WAVES = str.maketrans(dict.fromkeys("\u301c\uff5e\u3030\u223c\u223f", "~"))


def canonical(text: str) -> Canonical:
    """The canonical form of `text`. Applying it to its own result changes nothing that matters to a reader."""
    found = _markup(_start(text))
    found = _replace(found, _URL, _url)
    found = _replace(found, _CUSTOM_EMOJI, lambda match: [(" ", 0)])
    found = _replace(found, _DASH, lambda match: [("ー", 0)])
    found = _fold(found)
    found = _replace(found, _LONG, _long)
    found = _each(found, lambda char: char.translate(_WAVES))
    found = _replace(found, _LAUGH, lambda match: [(match[0][0].lower(), 0)])
    found = _replace(found, _RUN, lambda match: [(match[0][0], 0), (match[0][1], 1)])
    found = _replace(found, _SPACE, lambda match: [("\n" if "\n" in match[0] else " ", 0)])
    return _strip(found)


def _start(text: str) -> Canonical:
    return Canonical(text, tuple(range(len(text))), tuple(range(1, len(text) + 1)))


def _replace(found: Canonical, pattern: re.Pattern[str], keep: Callable[[re.Match[str]], Kept]) -> Canonical:
    """Put what `keep` returns in each match's place; the last kept character covers the rest of the match."""
    chars: list[str] = []
    offsets: list[int] = []
    ends: list[int] = []
    at = 0
    for match in pattern.finditer(found.text):
        if match.end() == match.start():
            continue
        chars.append(found.text[at : match.start()])
        offsets += found.offsets[at : match.start()]
        ends += found.ends[at : match.start()]
        kept = list(keep(match))
        for char, index in kept:
            chars.append(char)
            offsets.append(found.offsets[match.start() + index])
            ends.append(found.ends[match.start() + index])
        if kept:
            ends[-1] = found.ends[match.end() - 1]
        at = match.end()
    if not at:
        return found
    chars.append(found.text[at:])
    return Canonical("".join(chars), (*offsets, *found.offsets[at:]), (*ends, *found.ends[at:]))


def _each(found: Canonical, change: Callable[[str], str]) -> Canonical:
    return Canonical("".join(change(char) for char in found.text), found.offsets, found.ends)


def _markup(found: Canonical) -> Canonical:
    """Drop `$[name …]` (it nests) and the tags of Misskey's markup, keeping what they wrap."""
    if "$[" not in found.text and "<" not in found.text:
        return found
    found = _replace(found, _MFM_TAG, lambda match: [])
    drop: set[int] = set()
    depth: list[bool] = []  # for each open bracket: is it a function's
    at = 0
    while at < len(found.text):
        opening = _MFM_OPEN.match(found.text, at)
        if opening:
            drop.update(range(at, opening.end()))
            depth.append(True)
            at = opening.end()
            continue
        if found.text[at] == "[":
            depth.append(False)
        elif found.text[at] == "]" and depth and depth.pop():
            drop.add(at)
        at += 1
    keep = [index for index in range(len(found.text)) if index not in drop]
    return _pick(found, keep)


def _pick(found: Canonical, keep: list[int]) -> Canonical:
    return Canonical(
        "".join(found.text[index] for index in keep),
        tuple(found.offsets[index] for index in keep),
        tuple(found.ends[index] for index in keep),
    )


def _url(match: re.Match[str]) -> Kept:
    tail = _URL_TAIL.search(match[0])
    yield " ", 0
    if tail:
        yield from ((char, tail.start() + index) for index, char in enumerate(tail[0]))


def _long(match: re.Match[str]) -> Kept:
    """A wave dash after kana is a long vowel: 「です〜」 = 「ですー」; more of them say no more than one."""
    if match.start() and match.string[match.start() - 1] == "ー":
        return []
    return [("ー", 0)]


def _fold(found: Canonical) -> Canonical:
    """NFKC, one cluster (base and its combining marks) at a time, so that every character keeps its place."""
    chars: list[str] = []
    offsets: list[int] = []
    ends: list[int] = []
    text = found.text
    at = 0
    while at < len(text):
        end = at + 1
        while end < len(text) and (unicodedata.combining(text[end]) or text[end] in "\uff9e\uff9f"):
            end += 1
        folded = _fold_cluster(text[at:end])
        chars.append(folded)
        for index in range(len(folded)):
            inside = min(at + index, end - 1) if len(folded) == end - at else at
            offsets.append(found.offsets[inside])
            ends.append(found.ends[inside] if len(folded) == end - at else found.ends[end - 1])
        at = end
    return Canonical("".join(chars), tuple(offsets), tuple(ends))


def _fold_cluster(cluster: str) -> str:
    if len(cluster) == 1:
        return _fold_char(cluster)
    folded = unicodedata.normalize("NFKC", cluster)
    if any(unicodedata.combining(char) for char in folded):  # nothing to compose with: (ﾟ∀ﾟ)
        return "".join(map(_fold_char, cluster))
    return folded


def _fold_char(char: str) -> str:
    if char in _INVISIBLE or "\U0001f3fb" <= char <= "\U0001f3ff":
        return ""
    if char in "\u301c\uff5e":
        return "~"
    if char in "\u3099\u309a\uff9e\uff9f":
        return "\u309b" if char in "\u3099\uff9e" else "\u309c"
    folded = unicodedata.normalize("NFKC", char)
    if len(folded) > 1 and folded[0] == " ":  # ´ and ¯ fall apart into a space and a mark: kaomoji keep them
        return char
    if unicodedata.category(char) in ("Cc", "Cs") and char not in "\t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85":
        return ""
    return folded


def _strip(found: Canonical) -> Canonical:
    start = len(found.text) - len(found.text.lstrip())
    end = len(found.text.rstrip())
    end = max(start, end)
    return Canonical(found.text[start:end], found.offsets[start:end], found.ends[start:end])
