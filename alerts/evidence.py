"""Which mentions show an incident best: the first, the most read, the most typical (pure)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from storage.types import Observation

_LOOKED_AT = 400  # texts compared for what is typical: enough, and bounded


def rank(spoken: Sequence[Observation], *, limit: int = 12) -> tuple[int, ...]:
    """Mention ids, most telling first: the earliest, the highest reach, the most typical, then in turn.

    `spoken` is oldest first. Reach and engagement that no source sent count as unknown, not as small: such
    mentions are ranked by the other two orders.
    """
    earliest = list(spoken)
    known = [seen for seen in spoken if seen.reach is not None or seen.engagement is not None]
    loudest = sorted(known, key=lambda seen: (-(seen.reach or 0) - 10 * (seen.engagement or 0), seen.at))
    typical = _by_typicality(spoken)
    chosen: dict[int, None] = {}
    for place in range(len(earliest)):
        for order in (earliest, loudest, typical):
            if place < len(order):
                chosen.setdefault(order[place].mention_id)
        if len(chosen) >= limit:
            break
    return tuple(chosen)[:limit]


def _by_typicality(spoken: Sequence[Observation]) -> list[Observation]:
    """Those first whose pairs of characters most of the others share; the longer text on a tie."""
    texts = [(seen, _pairs(seen.text)) for seen in spoken[:_LOOKED_AT] if seen.text]
    common = Counter(pair for _, pairs in texts for pair in pairs)

    def typicality(pairs: frozenset[str]) -> float:
        return sum(common[pair] - 1 for pair in pairs) / (len(pairs) + 8)

    return [seen for seen, _ in sorted(texts, key=lambda one: (-typicality(one[1]), one[0].at))]


def _pairs(text: str) -> frozenset[str]:
    short = "".join(text.split())[:200]
    return frozenset(short[i : i + 2] for i in range(len(short) - 1))
