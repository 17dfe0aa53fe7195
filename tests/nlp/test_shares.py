"""The division of a score: what can be worked out by hand must come out."""

from __future__ import annotations

import random
from itertools import permutations

import pytest

from nlp.shares import Company, companies, shares


def divided(players: int, worth: dict[Company, float], most: int = 62) -> list[float]:
    weights = companies(players, most)
    total = worth.get(frozenset(range(players)), 0.0)
    return shares(players, {some: worth[some] for some in weights}, weights, total)


def every_company(players: int) -> list[Company]:
    return [frozenset(p for p in range(players) if bits >> p & 1) for bits in range(2**players)]


def test_two_that_say_the_same_share_it() -> None:
    worth = {some: float(bool(some & {0, 1})) for some in every_company(4)}
    assert divided(4, worth) == pytest.approx([0.5, 0.5, 0, 0], abs=1e-3)


def test_two_that_only_count_together_share_it() -> None:
    worth = {some: float({1, 2} <= some) for some in every_company(3)}
    assert divided(3, worth) == pytest.approx([0, 0.5, 0.5], abs=1e-3)


def test_few_players_get_their_exact_shapley_values() -> None:
    chance = random.Random(4)
    worth = {some: chance.uniform(-1, 1) if some else 0.0 for some in every_company(5)}
    exact = [0.0] * 5
    orders = list(permutations(range(5)))
    for order in orders:
        here: Company = frozenset()
        for player in order:
            exact[player] += (worth[here | {player}] - worth[here]) / len(orders)
            here |= {player}
    assert divided(5, worth) == pytest.approx(exact, abs=1e-3)


@pytest.mark.parametrize("players", [1, 2, 3, 7, 14, 20])
def test_what_adds_up_is_found_with_few_trials(players: int) -> None:
    parts = [(-1) ** one * one / 10 for one in range(players)]
    weights = companies(players, 62)
    worth = {some: sum(parts[one] for one in some) for some in weights}
    assert shares(players, worth, weights, sum(parts)) == pytest.approx(parts, abs=1e-3)
    assert len(weights) <= 62
    assert companies(players, 62) == weights
    assert all(0 < len(some) < players for some in weights)
