"""Who brought how much: a total divided among the players who made it together (Shapley values). Pure.

A phrase left out alone often moves nothing, because another one says the same. So the players are tried in many
companies, small and large, and each gets the mean of what it adds. With few trials this is KernelSHAP: Lundberg
and Lee, "A Unified Approach to Interpreting Model Predictions", 2017.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import combinations
from math import comb

import numpy as np

Company = frozenset[int]


def companies(players: int, most: int) -> dict[Company, float]:
    """At most `most` companies of the players 0 … n−1 worth trying, each with its weight; the same every time.

    The smallest and the largest first: they tell most. Where not all of a size can be tried, chance chooses, and
    with each company goes its counterpart. Never all, never none.
    """
    found: dict[Company, float] = {}
    for size in range(1, players // 2 + 1):
        both = 1 if 2 * size == players else 2
        if len(found) + both * comb(players, size) > most:
            _sample(found, players, size, most)
            break
        weight = _weight(players, size) / comb(players, size)
        for some in combinations(range(players), size):
            found[frozenset(some)] = found[frozenset(range(players)) - frozenset(some)] = weight
    return found


def shares(
    players: int, worth: dict[Company, float], weights: dict[Company, float], total: float
) -> list[float]:
    """What each player brought: the shares that explain `worth` best and add up to `total`."""
    if players == 1:
        return [total]
    order = list(worth)
    present = np.array([[float(player in some) for player in range(players)] for some in order])
    weight = np.array([weights[some] for some in order])[:, None]
    worths = np.array([worth[some] for some in order])
    normal = present.T @ (weight * present) + 1e-6 * np.eye(players)
    free = np.linalg.solve(normal, (weight * present).T @ worths)
    even = np.linalg.solve(normal, np.ones(players))
    fitted: Sequence[float] = (free - even * (free.sum() - total) / even.sum()).tolist()
    return list(fitted)


def _weight(players: int, size: int) -> float:
    """Of all companies of one size together, as KernelSHAP has it."""
    return (players - 1) / (size * (players - size))


def _sample(found: dict[Company, float], players: int, smallest: int, most: int) -> None:
    """Fill up with companies of the sizes that are left, in pairs, which share the weight that is left."""
    chance = random.Random(players)
    sizes = list(range(smallest, players // 2 + 1))
    rest = [_weight(players, size) for size in sizes]
    fresh: set[Company] = set()
    for _ in range(10 * most):
        if len(found) + len(fresh) + 2 > most:
            break
        (size,) = chance.choices(sizes, rest)
        some = frozenset(chance.sample(range(players), size))
        fresh |= {some, frozenset(range(players)) - some}
    found |= dict.fromkeys(sorted(fresh, key=sorted), 2 * sum(rest) / max(1, len(fresh)))
