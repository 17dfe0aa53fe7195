"""The far tails against exact sums, and no step where the normal curve takes over."""

from __future__ import annotations

import math

import pytest

from alerts.chance import binomial_at_most


def exactly(count: int, trials: int, part: float) -> float:
    """By logarithms, which hold where the powers vanish."""
    ways = (math.log(math.comb(trials, x)) for x in range(count + 1))
    odds = (x * math.log(part) + (trials - x) * math.log1p(-part) for x in range(count + 1))
    return math.fsum(math.exp(one + other) for one, other in zip(ways, odds, strict=True))


@pytest.mark.parametrize("part", [0.03, 0.4, 0.9])
@pytest.mark.parametrize("count", [0, 2, 9, 20])
def test_at_most_so_many_of_twenty(count: int, part: float) -> None:
    assert binomial_at_most(count, 20, part) == pytest.approx(exactly(count, 20, part))


@pytest.mark.parametrize("part", [0.1, 0.5, 0.85])
@pytest.mark.parametrize("deviations", [-1, 0, 1])
def test_the_normal_curve_goes_on_where_the_sum_ends(part: float, deviations: int) -> None:
    for trials in (300, 301, 4000):
        count = round(trials * part + deviations * math.sqrt(trials * part * (1 - part)))
        assert binomial_at_most(count, trials, part) == pytest.approx(exactly(count, trials, part), abs=0.02)
    assert binomial_at_most(trials, trials, part) == pytest.approx(1)
