"""Which words mark the crisis: how much likelier they are in it than in the topic's usual talk (pure).

Log-odds of the share of mentions that use a word, now against before, with a Dirichlet prior made of both
together (Monroe, Colaresi and Quinn, "Fightin' Words", 2008): a rare word needs more than chance, a word that is
always there says nothing. Words are counted once a mention, so that nobody decides by repeating one.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

_PRIOR = 50.0  # the prior weighs as much as so many words
_TELLING = 1.96  # standard deviations from "as likely as ever"
_SAME = 0.8  # a word that occurs in a longer one, in so large a part of its mentions, is left out


@dataclass(frozen=True, slots=True)
class Term:
    """A word, the mentions that use it now, and how many of the earlier ones did.

    `z` is the log-odds ratio in standard deviations; None when there is no earlier talk to compare with.
    """

    word: str
    mentions: tuple[int, ...]
    share: float
    before: int
    share_before: float
    z: float | None


def telling(
    now: Mapping[int, frozenset[str]], before: Sequence[frozenset[str]], *, limit: int = 12
) -> tuple[Term, ...]:
    """The words of `now` (by mention id) that are not usual, the most telling first."""
    least = 2 if len(now) < 20 else 3
    counts, usual = Counter(_all(now.values())), Counter(_all(before))
    users: dict[str, list[int]] = {}
    for number, words in now.items():
        for word in words:
            users.setdefault(word, []).append(number)
    found = []
    for word, count in counts.items():
        if count < least:
            continue
        z = _z(word, counts, usual) if before else None
        if z is None or z >= _TELLING:
            share_before = usual[word] / len(before) if before else 0.0
            term = Term(word, tuple(users[word]), count / len(now), usual[word], share_before, z)
            found.append(term)
    found.sort(key=lambda one: (-(one.z or 0.0), -len(one.mentions), one.word))
    return tuple(_without_parts(found))[:limit]


def _all(groups: Iterable[frozenset[str]]) -> Iterable[str]:
    return (word for words in groups for word in words)


def _z(word: str, now: Counter[str], before: Counter[str]) -> float:
    here, there = now[word], before[word]
    all_now, all_before = now.total(), before.total()
    prior = _PRIOR * (here + there) / (all_now + all_before)
    odds_now = math.log((here + prior) / (all_now + _PRIOR - here - prior))
    odds_before = math.log((there + prior) / (all_before + _PRIOR - there - prior))
    return (odds_now - odds_before) / math.sqrt(1 / (here + prior) + 1 / (there + prior))


def _without_parts(terms: Sequence[Term]) -> list[Term]:
    """「スコップ」 is left out where 「アイススコップ」 says it already, and the other way round."""
    kept: list[Term] = []
    for term in terms:
        mine = set(term.mentions)
        if not any(
            (term.word in other.word or other.word in term.word)
            and len(mine & set(other.mentions)) >= _SAME * min(len(mine), len(other.mentions))
            for other in kept
        ):
            kept.append(term)
    return kept
