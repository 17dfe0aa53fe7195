"""The pieces that words for people are made of: numbers, times, and texts cut to a length (pure)."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from alerts.words import say


def amount(number: float, lang: str) -> str:
    """38, 2.1, 12,300; below a tenth there is no use in more figures."""
    if number == 0 or number >= 10 or number == int(number):
        return f"{round(number):,}"
    return f"{number:.1f}" if number >= 0.1 else say("below", lang, n="0.1")


def posts(number: float, lang: str) -> str:
    """So many posts, with the counter word where the language has one: 2.1件, 0.1件未満."""
    tiny = 0 < number < 0.1
    return say("posts.below", lang, n="0.1") if tiny else say("posts", lang, n=amount(number, lang))


def percent(share: float) -> str:
    return f"{share * 100:.0f}%"


def span(minutes: int, lang: str) -> str:
    """60 min as minutes, longer in hours."""
    return (
        say("minutes", lang, n=minutes) if minutes <= 90 else say("hours", lang, n=amount(minutes / 60, lang))
    )


def clock_time(at: datetime, lang: str, zone: ZoneInfo) -> str:
    """11/22 23:50 in the topic's timezone."""
    local = at.astimezone(zone)
    day = f"{local.month}/{local.day}" if lang == "ja" else f"{local:%b} {local.day}"
    return f"{day} {local:%H:%M}"


def cut(text: str, limit: int, *, size: Callable[[str], int] = len) -> str:
    """`text` within `limit` (as `size` measures), ending in "…" when shortened, never inside a character.

    Characters are what a reader takes for one: combining marks, variation selectors, skin tones, joined emoji
    and pairs of flag letters stay together.
    """
    if size(text) <= limit:
        return text
    kept = ""
    for character in characters(text):
        if size(kept + character + "…") > limit:
            break
        kept += character
    return kept.rstrip() + "…"


def characters(text: str) -> list[str]:
    """`text` in the units that a reader takes for one character (a close, small approximation)."""
    found: list[str] = []
    for letter in text:
        if found and (_extends(letter) or found[-1].endswith("\u200d") or _second_flag(found[-1], letter)):
            found[-1] += letter
        else:
            found.append(letter)
    return found


def _extends(letter: str) -> bool:
    code = ord(letter)
    return (
        unicodedata.combining(letter) != 0
        or unicodedata.category(letter) in ("Mn", "Me", "Mc")
        or code in (0x200D, 0xFF9E, 0xFF9F)  # the joiner; half-width voicing marks
        or 0x1F3FB <= code <= 0x1F3FF
        or 0xE0020 <= code <= 0xE007F
    )


def _second_flag(before: str, letter: str) -> bool:
    return 0x1F1E6 <= ord(letter) <= 0x1F1FF and len(before) == 1 and 0x1F1E6 <= ord(before) <= 0x1F1FF
