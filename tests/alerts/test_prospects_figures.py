"""The regression and the figures about it, against values worked out by hand or known beforehand."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from alerts.advocacy import calibration, logistic
from alerts.advocacy.calibration import bin_of, bins, quality, wilson


def known(cases: int, seed: int = 7) -> tuple[logistic.Matrix, logistic.Vector, logistic.Vector]:
    """Two inputs and a third that says nothing; what happens has the known probability."""
    dice = np.random.default_rng(seed)
    rows = dice.normal(size=(cases, 3)) * [2.0, 1.0, 5.0] + [10.0, 0.0, -3.0]
    likely = 1 / (1 + np.exp(-(-2.5 + 0.6 * (rows[:, 0] - 10) - 0.8 * rows[:, 1])))
    return rows, likely, (dice.random(cases) < likely).astype(float)


def test_the_weights_are_found_again() -> None:
    rows, likely, happened = known(20_000)
    found = logistic.fit(rows, happened, penalties=(1.0, 1.0, 1.0))
    assert found.weights == pytest.approx((1.2, -0.8, 0.0), abs=0.08)  # for inputs of spread 1
    assert float(np.abs(found.probabilities(rows) - likely).mean()) < 0.01
    assert float(found.probabilities(rows).mean()) == pytest.approx(happened.mean(), abs=1e-4)
    adds = found.contributions(rows[:5])
    odds = adds.sum(axis=1) + found.intercept
    assert 1 / (1 + np.exp(-odds)) == pytest.approx(found.probabilities(rows[:5]))


def test_the_fit_is_where_its_slope_is_nothing() -> None:
    rows, _, happened = known(400)
    found = logistic.fit(rows, happened, penalties=(3.0, 3.0, 3.0))
    slope = found.standard(rows).T @ (happened - found.probabilities(rows)) - 3.0 * np.array(found.weights)
    assert np.abs(slope).max() < 1e-4


def test_what_separates_perfectly_stays_finite() -> None:
    rows = np.array([[float(n)] for n in range(40)])
    happened = (rows[:, 0] > 19).astype(float)
    found = logistic.fit(rows, happened, penalties=(1.0,))
    assert 1 < found.weights[0] < 20
    assert found.probabilities(np.array([[1e9]]))[0] < 1.0


def test_a_weight_against_its_sign_is_left_out() -> None:
    rows, _, happened = known(2_000)
    free = logistic.fit(rows, happened, penalties=(1.0, 1.0, 1.0))
    held = logistic.fit(rows, happened, penalties=(1.0, 1.0, 1.0), signs=(1, 1, 0))
    assert free.weights[1] < 0
    assert held.weights[1] == 0.0
    assert held.weights[0] > 0


def test_a_heavy_penalty_leaves_the_base_rate() -> None:
    rows, _, happened = known(500)
    found = logistic.fit(rows, happened, penalties=(1e9, 1e9, 1e9))
    assert found.intercept == pytest.approx(math.log(happened.mean() / (1 - happened.mean())), abs=1e-3)


def test_one_outcome_alone_teaches_nothing() -> None:
    with pytest.raises(ValueError, match="both outcomes"):
        logistic.fit(np.zeros((3, 1)), np.zeros(3), penalties=(1.0,))


def test_figures_by_hand() -> None:
    said = np.array([0.9, 0.8, 0.8, 0.3, 0.1])
    happened = np.array([1.0, 1.0, 0.0, 1.0, 0.0])
    found = quality(said, happened)
    # Pairs: 0.9 beats both, one 0.8 ties and beats, 0.3 loses and beats: (2 + 1.5 + 1) of 6.
    assert found.auc == pytest.approx(4.5 / 6)
    brier = (0.01 + 0.04 + 0.64 + 0.49 + 0.01) / 5
    assert found.brier == pytest.approx(brier)
    assert found.skill == pytest.approx(1 - brier / (0.6 * 0.4))
    # A third at the first place, a third with 2 of 3, a third with 3 of 4.
    assert found.average_precision == pytest.approx((1 + 2 / 3 + 3 / 4) / 3)


def test_the_base_rate_has_no_skill() -> None:
    happened = np.array([1.0, 0.0, 0.0, 0.0])
    found = quality(np.full(4, 0.25), happened)
    assert (found.skill, found.auc, found.average_precision) == (pytest.approx(0), 0.5, 0.25)


@pytest.mark.parametrize(
    ("share", "count", "low", "high"),
    [(0.5, 10, 0.2366, 0.7634), (0.0, 20, 0.0, 0.1611), (1.0, 20, 0.8389, 1.0), (0.1, 100, 0.0552, 0.1744)],
)
def test_wilson(share: float, count: int, low: float, high: float) -> None:
    assert wilson(share, count) == pytest.approx((low, high), abs=1e-4)


def test_wilson_of_nobody() -> None:
    assert wilson(0.0, 0) == (0.0, 1.0)


@pytest.mark.parametrize("seed", range(5))
def test_a_history_with_known_probabilities_is_calibrated(seed: int) -> None:
    """Nineteen of twenty intervals hold the truth; of all bins of five histories at most a few miss it."""
    _, likely, happened = known(6_000, seed)
    found = bins(likely, happened, [str(n) for n in range(len(likely))])
    assert len(found) >= 7
    missed = [one for one in found if not one.floor <= one.said <= one.ceiling]
    assert len(missed) <= 1
    assert sum(one.cases for one in found) == 6_000


def test_bins_cover_everything_without_a_gap() -> None:
    for said in (np.full(40, 0.03), np.linspace(0, 1, 200), np.array([0.5]), np.linspace(0.5, 1, 20)):
        people = [str(n) for n in range(len(said))]
        found = bins(said, (said > 0.5).astype(float), people)
        assert (found[0].low, found[-1].high) == (0.0, 1.0)
        assert all(before.high == after.low for before, after in pairwise(found))
        assert sum(one.cases for one in found) == len(said)
        assert all(bin_of(found, one).low <= one <= bin_of(found, one).high for one in said.tolist())


def test_one_person_counts_once() -> None:
    """Twelve months of the same fifteen people are fifteen, not a hundred and eighty."""
    said = np.full(180, 0.5)
    happened = np.array([1.0, 0.0] * 90)
    (same,) = bins(said, happened, [str(n % 15) for n in range(180)])
    (other,) = bins(said, happened, [str(n) for n in range(180)])
    assert (same.people, same.cases, other.people) == (15, 180, 180)
    assert same.ceiling - same.floor > 3 * (other.ceiling - other.floor)
    assert same.people >= calibration.LEAST_PEOPLE
