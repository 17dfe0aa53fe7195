"""Which mentions say the same thing: copies, reposts by hand, one press text in twenty papers.

A text becomes a fingerprint, a number below 2^63 that a database keeps as a plain integer:

- fewer than 16 letters (「最高！」): 0. Two people who say 「最高！」 do not tell one story, so it never groups.
- 16 to 31 letters: an exact hash. Only the same words group; two such posts that differ in one word mostly
  mean different things (「…が値上げ」「…が値下げ」).
- 32 letters and more: a SimHash of its letter 3-grams. Near-copies differ in few bits.

Letters are counted in the canonical text after URLs, #hashtags, @handles, a leading `RT @name:` and all
punctuation are gone. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from hashlib import blake2b

import numpy as np

from nlp.normalize import canonical

ALONE = 0  # the fingerprint, and the story id, of a text that is too short to group

_MIN_LETTERS = 16
_MIN_SIMILAR = 32
_GRAM = 3
# Of 62. Among 9.5 million pairs of different posts none was nearer than 11 bits; of copies with a paper's name
# put behind, 76 % lie within 9 (94 % from 80 letters on), with "[breaking]" before, 99 %.
_NEAR_BITS = 9
_EXACT = 1 << 62  # marks an exact hash, which is never near anything
_REPOST = re.compile(r"^(?:RT|QT|引用|拡散)[ :：]*[@＠][\w.\-]+(?:@[\w.\-]+)?[ :：]*", re.IGNORECASE)
_MARKS = re.compile(r"(?:https?://|www\.)[\x21-\x7e]+|[@＠][\w.\-]+(?:@[\w.\-]+)?|[#＃]\w+", re.IGNORECASE)
_NOT_LETTER = re.compile(r"[\W_]+")


def fingerprint(text: str) -> int:
    """The 63-bit fingerprint of `text`; ALONE for a text too short to group."""
    letters = _NOT_LETTER.sub("", canonical(_MARKS.sub(" ", _REPOST.sub("", text))).text).lower()
    if len(letters) < _MIN_LETTERS:
        return ALONE
    if len(letters) < _MIN_SIMILAR:
        return _hash(letters) >> 2 | _EXACT
    return _simhash(letters) or 1


def assign(new: Sequence[int], known: Iterable[int]) -> list[int]:
    """A story id for each new fingerprint: that of a known or earlier story near it, else its own.

    `known` are the story ids there are. ALONE stays ALONE: store it as "no story". Compares with the first
    mention of each story only, so that a chain of small edits does not grow one story without end. Against
    10^5 known stories one fingerprint costs about 0.2 ms (one pass over an array).
    """
    start = [story for story in known if story]
    exact = set(start)
    stories = np.zeros(len(start) + len(new), dtype=np.uint64)
    count = len(start)
    stories[:count] = start
    assigned: list[int] = []
    for mark in new:
        story = mark if mark == ALONE or mark in exact else _nearest(mark, stories[:count])
        if story not in exact and story != ALONE:
            exact.add(story)
            stories[count] = story
            count += 1
        assigned.append(story)
    return assigned


def _nearest(mark: int, stories: np.ndarray[tuple[int], np.dtype[np.uint64]]) -> int:
    """The story nearest to `mark`, or `mark` itself when none is near."""
    if mark & _EXACT or not len(stories):
        return mark
    distances = np.bitwise_count(stories ^ np.uint64(mark))
    distances[stories & np.uint64(_EXACT) != 0] = 64
    nearest = int(distances.argmin())
    return int(stories[nearest]) if distances[nearest] <= _NEAR_BITS else mark


def _hash(letters: str) -> int:
    return int.from_bytes(blake2b(letters.encode("utf-8", "replace"), digest_size=8).digest(), "big")


def _simhash(letters: str) -> int:
    grams = {letters[at : at + _GRAM] for at in range(len(letters) - _GRAM + 1)}
    hashed = b"".join(
        blake2b(gram.encode("utf-8", "replace"), digest_size=8).digest() for gram in sorted(grams)
    )
    bits = np.unpackbits(np.frombuffer(hashed, dtype=np.uint8).reshape(len(grams), 8), axis=1)
    majority = bits.sum(axis=0, dtype=np.int64) * 2 > len(grams)
    return int.from_bytes(np.packbits(majority).tobytes(), "big") >> 2
