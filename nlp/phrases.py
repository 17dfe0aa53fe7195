"""A text cut into the phrases that a reader takes in at once: 「おいしくない」 is one, and so is 「not good」.

A content word keeps the particles, endings and auxiliary words behind it, and a negation what it denies. Emoji,
kaomoji, hashtags, links and the name of the brand are phrases of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import emoji

from nlp.tokenizers.mecab import Word, words


@dataclass(frozen=True, slots=True)
class Phrase:
    """`text[start:end]`; `kind` is "word", "target", "tag", "link", "emoji" or "kaomoji"."""

    start: int
    end: int
    kind: str = "word"


@dataclass(frozen=True, slots=True)
class _Bit:
    """The smallest piece: to whom it belongs is said by `left` and `right`."""

    start: int
    end: int
    kind: str = "word"
    left: bool = False  # belongs to what stands directly before it
    right: bool = False  # takes in what follows it


_LINK = re.compile(r"(?:https?://|www\.)[\x21-\x7e]+", re.IGNORECASE)
_TAG = re.compile(r"[#＃]\w+|(?<!\w)[@＠][\w.\-]+(?:@[\w.\-]+)?")
_CUSTOM = re.compile(r"(?<![A-Za-z0-9]):(?=[A-Za-z0-9_+\-]*[A-Za-z])[A-Za-z0-9_+\-]{2,}:")
_FACE = re.compile(
    r"[ヽ＼m\\]?[(（](?=[^()（）\n]{0,12}[^\w\s()（）、。,.!?！？])(?![^()（）\n]*[ぁ-ん一-鿿]{2})"
    r"[^()（）\n]{1,14}[)）][ノﾉシｼ／]?|(?<!\w)(?:orz|\^\^;?|;_;|T_T|:[-]?[()DP])(?!\w)"
)
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f][A-Za-z0-9\u00c0-\u024f]*(?:['’\-][A-Za-z]+)*[,.!?]*")
_LEADING = re.compile(  # say nothing alone: they take in the next word
    r"a|an|the|to|of|in|on|at|for|with|by|is|are|was|were|be|been|it|its|this|that|my|i|and|or|so|very|too|really"
    r"|not|no|never|nothing|don['’]?t|doesn['’]?t|didn['’]?t|isn['’]?t|wasn['’]?t|aren['’]?t|won['’]?t|can['’]?t"
    r"|cannot|couldn['’]?t|wouldn['’]?t|hardly|barely|without",
    re.IGNORECASE,
)
_OPENING = frozenset("(（[［{｛「『【〔〈《<“‘")
_FORMAL = frozenset(("訳", "事", "物", "筈", "為", "様", "所", "方"))
_LIGHT = frozenset(("為る", "有る", "居る", "成る", "御座る", "出来る", "得る", "捲る", "過ぎる", "無い"))


def phrases(text: str, target: str | None = None) -> list[Phrase]:
    """The phrases of `text` in order; white space belongs to none."""
    found: list[_Bit] = []
    for bit in _bits(text, target):
        last = found[-1] if found else None
        touching = last is not None and last.end == bit.start
        spaced = last is not None and text[last.end : bit.start] == " "
        if last and ((bit.left and touching) or (last.right and (touching or spaced))):
            kind = last.kind if last.kind != "word" or bit.left else bit.kind
            found[-1] = _Bit(last.start, bit.end, kind, last.left, bit.right)
        else:
            found.append(bit)
    return [Phrase(bit.start, bit.end, bit.kind) for bit in found]


def sentences(text: str, found: list[Phrase]) -> list[list[Phrase]]:
    """The phrases, one list a sentence."""
    groups: list[list[Phrase]] = [found[:1]] if found else []
    for before, phrase in pairwise(found):
        ended = text[before.end - 1] in "。！？!?…．" or "\n" in text[before.end : phrase.start]
        if ended:
            groups.append([])
        groups[-1].append(phrase)
    return groups


def _bits(text: str, target: str | None) -> list[_Bit]:
    """What is whole by itself, and beside it the words as MeCab parts them."""
    wholes = _wholes(text, target)
    taken = bytearray(len(text))
    for whole in wholes:
        taken[whole.start : whole.end] = b"\1" * (whole.end - whole.start)
    return sorted([*wholes, *_japanese(text, taken)], key=lambda bit: bit.start)


def _wholes(text: str, target: str | None) -> list[_Bit]:
    """Links, tags, faces, emoji, the target and Latin words; where two overlap, the one named first wins."""
    found = [_Bit(match.start(), match.end(), "link") for match in _LINK.finditer(text)]
    found += [_Bit(match.start(), match.end(), "tag") for match in _TAG.finditer(text)]
    found += [_Bit(match.start(), match.end(), "kaomoji") for match in _FACE.finditer(text)]
    found += [_Bit(match.start(), match.end(), "emoji") for match in _CUSTOM.finditer(text)]
    found += [_Bit(one["match_start"], one["match_end"], "emoji") for one in emoji.emoji_list(text)]
    if target:
        found += [_Bit(m.start(), m.end(), "target") for m in re.finditer(re.escape(target), text)]
    found += [_latin(match) for match in _LATIN.finditer(text)]
    kept: list[_Bit] = []
    taken = bytearray(len(text))
    for bit in found:
        if not any(taken[bit.start : bit.end]):
            taken[bit.start : bit.end] = b"\1" * (bit.end - bit.start)
            kept.append(bit)
    return _runs(sorted(kept, key=lambda bit: bit.start))


def _latin(match: re.Match[str]) -> _Bit:
    return _Bit(match.start(), match.end(), right=bool(_LEADING.fullmatch(match[0])))


def _runs(bits: list[_Bit]) -> list[_Bit]:
    """Emoji in a row say one thing."""
    found: list[_Bit] = []
    for bit in bits:
        if found and bit.kind == found[-1].kind == "emoji" and found[-1].end == bit.start:
            found[-1] = _Bit(found[-1].start, bit.end, "emoji")
        else:
            found.append(bit)
    return found


def _japanese(text: str, taken: bytearray) -> Iterator[_Bit]:
    """The words of `text` as far as no whole has taken them."""
    before: Word | None = None
    for word in words(text):
        free = [index for index in range(word.start, word.end) if not taken[index]]
        if free:
            right = word.tag == "名詞-数詞" or word.tag.startswith("接頭辞") or word.surface in _OPENING
            yield _Bit(free[0], free[-1] + 1, left=_belongs_left(word, before), right=right)
        before = word


def _belongs_left(word: Word, before: Word | None) -> bool:
    """Does a word belong to the one before it? The tags are UniDic's."""
    tag = word.tag
    if tag.startswith(("補助記号", "記号")):
        return word.surface not in _OPENING
    if before and before.tag == "補助記号-句点":
        return False  # 「。でも」 begins anew
    if tag.startswith(("助詞", "助動詞", "接尾辞")):
        return True
    if before is None:
        return False
    if word.lemma in _FORMAL:
        return before.tag.startswith(("動詞", "形容詞", "助動詞", "形状詞"))
    if "非自立可能" not in tag or before.tag.startswith("補助記号"):
        return False
    return (
        word.lemma in _LIGHT
        or before.tag == "助詞-接続助詞"
        or (tag.startswith("動詞") and before.tag.startswith("動詞"))
    )
