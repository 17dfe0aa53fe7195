"""One alert as several messages, where the other side takes only so much; and going on after a failure.

Nothing is cut inside what a reader takes for a character: combining marks, joined emoji, flags and surrogate
pairs stay whole. Shared by the channels; names none of them.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from alerts.channels import ChannelError
from alerts.message import characters, cut

MOST = 10  # messages for one alert; what is longer still is read on the page
NUMBERING = 9  # UTF-16 units of the longest "（10/10）", with room
_REMEMBERED = 500
# After these a sentence or a word has ended; the earlier in the list, the better the place to split.
_ENDS = ("\n", "。！？!?", "、，,; 　")

Piece = TypeVar("Piece")
Size = Callable[[str], int]


def units(text: str) -> int:
    """Length in UTF-16 units, the stricter way to count: an emoji is two."""
    return len(text) + sum(letter > "\uffff" for letter in text)


def utf8(text: str) -> int:
    return len(text.encode("utf-8"))


def wider(text: str) -> int:
    """Bytes in UTF-8 or UTF-16, whichever is more: for limits whose encoding is not published."""
    return max(utf8(text), 2 * units(text))


# ------------------------------------------------------------------ splitting


def split(text: str, limit: int, *, size: Size = units) -> list[str]:
    """`text` in pieces of at most `limit`, which together are `text`; [] for an empty one.

    Ends pieces after a line, a sentence or a word where one ends in the second half. `size` must add up: the
    size of two texts together is at most the sum of theirs. Only a "character" that is itself over the limit
    (a letter with thousands of marks) comes apart, between code points.
    """
    if size(text) <= limit:
        return [text] if text else []
    found: list[str] = []
    begun: list[str] = []
    filled = 0
    for one in _units_of_reading(text, limit, size):
        while begun and filled + size(one) > limit:
            kept = _good_end(begun)
            found.append("".join(begun[:kept]))
            begun = begun[kept:]
            filled = sum(map(size, begun))
        begun.append(one)
        filled += size(one)
    return [*found, "".join(begun)]


def _units_of_reading(text: str, limit: int, size: Size) -> list[str]:
    found: list[str] = []
    for one in characters(text):
        if size(one) > limit and len(one) > 1:
            found.extend(one)
        elif found and _is_vowel_or_final(one):
            found[-1] += one
        else:
            found.append(one)
    return found


def _is_vowel_or_final(letter: str) -> bool:
    """A Hangul vowel or final consonant written on its own (NFD, as files from a Mac have it)."""
    return "\u1160" <= letter[0] <= "\u11ff"


def _good_end(begun: Sequence[str]) -> int:
    """How many of the characters to keep in this piece: up to the best end in its second half, else all."""
    for ends in _ENDS:
        for place in range(len(begun) - 1, len(begun) // 2 - 1, -1):
            if begun[place] in ends:
                return place + 1
    return len(begun)


def pack(
    pieces: Sequence[Piece], fits: Callable[[Sequence[Piece]], bool], *, more: Piece
) -> list[list[Piece]]:
    """The pieces in as few messages as hold them, in order. Each piece alone must fit.

    At most MOST messages: then the last one ends with `more`, which says where to read on.
    """
    found: list[list[Piece]] = []
    for piece in pieces:
        if found and fits([*found[-1], piece]):
            found[-1].append(piece)
        elif len(found) < MOST:
            found.append([piece])
        else:
            last = found[-1]
            while last and not fits([*last, more]):
                last.pop()
            last.append(more)
            break
    return found


def numbered(title: str, part: int, parts: int) -> str:
    """The title of one of several messages: （2/3）…; of a single one, as it is."""
    return f"（{part + 1}/{parts}）{title}" if parts > 1 else title


def continued(title: str, part: int, parts: int, limit: int = 80) -> str:
    """The same for a line of its own: whole on the first message, short on those that follow."""
    return numbered(title if part == 0 else cut(" ".join(title.split()), limit), part, parts)


# ------------------------------------------------------------------ sending them


@dataclass(frozen=True, slots=True)
class Posted:
    """One part arrived: the other side's id, and the seconds it wants before the next one (0: none)."""

    id: str = ""
    pause_s: float = 0.0


class Progress:
    """Which parts of which message arrived, so that a retry goes on after them. Thread-safe.

    Kept in memory: after a restart a message of several parts begins again (at least once).
    """

    def __init__(self) -> None:
        self._arrived: OrderedDict[str, list[str]] = OrderedDict()
        self._lock = threading.Lock()

    def send(self, key: str, parts: Sequence[Piece], post: Callable[[Piece, int, str], Posted]) -> str:
        """Post the parts that have not arrived, in order; returns the first one's id. Raises ChannelError.

        `post` gets the part, its number from 0, and the first part's id ("" for the first).
        """
        with self._lock:
            arrived = list(self._arrived.get(key, ()))
        try:
            for number in range(len(arrived), len(parts)):
                posted = post(parts[number], number, arrived[0] if arrived else "")
                arrived.append(posted.id)
                if posted.pause_s > 0 and number + 1 < len(parts):
                    words = f"part {number + 1} of {len(parts)} arrived; the rest must wait"
                    raise ChannelError(words, retry_after=posted.pause_s)
        except ChannelError as error:
            self._remember(key, [] if error.permanent else arrived)
            raise
        self._remember(key, [])
        return arrived[0] if arrived else ""

    def _remember(self, key: str, arrived: list[str]) -> None:
        with self._lock:
            self._arrived.pop(key, None)
            if arrived:
                self._arrived[key] = arrived
            while len(self._arrived) > _REMEMBERED:
                self._arrived.popitem(last=False)
