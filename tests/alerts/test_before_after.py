"""Before and after contact: by hand, with too little, and in simulation."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from alerts.advocacy.before_after import LONGEST, SHORTEST, Account, Voices, before_after, voices
from alerts.advocacy.interrupted import beyond, change, mean_of, segmented, t95
from benchmarks import impact as simulated
from storage.types import Author, Label, Mention
from tests.alerts.made import mention

START = datetime(2026, 1, 5, tzinfo=UTC)
WEEK = timedelta(weeks=1)

# ------------------------------------------------------------------ numbers


@pytest.mark.parametrize(
    ("freedom", "expected"), [(0.5, 12.706), (1, 12.706), (2, 4.303), (9, 2.262), (30, 2.042), (60, 2.000)]
)
def test_students_t(freedom: float, expected: float) -> None:
    assert t95(freedom) == pytest.approx(expected, abs=0.003)


def test_students_t_falls_with_the_degrees_of_freedom() -> None:
    points = [t95(freedom / 4) for freedom in range(4, 400)]
    assert points == sorted(points, reverse=True)
    assert points[-1] == pytest.approx(1.984, abs=0.003)
    assert t95(2.5) == pytest.approx((4.303 + 3.182) / 2)


def test_the_mean_of_people_by_hand() -> None:
    found = mean_of(np.array([1.0, 2.0, 3.0]))
    assert found is not None
    half = 4.303 * 1 / math.sqrt(3)  # standard deviation 1, two degrees of freedom
    assert (found.value, found.low, found.high) == pytest.approx((2, 2 - half, 2 + half))
    assert not found.clear


@pytest.mark.parametrize("values", [[], [1.0, 2.0], [1.0, 1.0, 1.0]])
def test_no_number_from_too_few_or_from_no_spread(values: list[float]) -> None:
    assert mean_of(np.array(values)) is None


def test_the_segmented_model_finds_what_was_put_in() -> None:
    week = np.arange(-10, 10) + 0.5
    after = week > 0
    people = np.array([2 + 0.1 * week + after * (level + 0.05 * week) for level in (0.5, 1.0, 1.5)])
    level, slope = segmented(people)
    assert level is not None
    assert level.value == pytest.approx(1.0)
    assert (level.low, level.high) == pytest.approx(
        (1 - 4.303 * 0.5 / math.sqrt(3), 1 + 4.303 * 0.5 / math.sqrt(3))
    )
    assert slope is None or slope.value == pytest.approx(0.05)


def test_the_difference_beside_a_comparison_by_hand() -> None:
    """Three rise by 1, 2, 3; each of three others, who rise by 0, 1, 2, counts a third."""
    changes, others = np.array([1.0, 2.0, 3.0]), np.tile([0.0, 1.0, 2.0], (3, 1))
    found = beyond(changes, np.full((3, 3), 1 / 3), others)
    assert found is not None
    assert found.value == pytest.approx(2 - 1)
    # Both sides: variance of a mean of three with variance 1; Welch and Satterthwaite give 4 degrees of freedom.
    assert found.high - found.value == pytest.approx(2.776 * math.sqrt(1 / 3 + 1 / 3), abs=1e-3)


def test_one_other_beside_everybody_proves_nothing() -> None:
    shares = np.array([[1.0, 0, 0], [1.0, 0, 0], [1.0, 0, 0]])
    assert beyond(np.array([1.0, 2, 3]), shares, np.zeros((3, 3))) is None


def test_a_change_is_the_mean_after_less_the_mean_before() -> None:
    assert change(np.array([[1.0, 1, 2, 4]])).tolist() == [2.0]


# ------------------------------------------------------------------ people


def weekly(name: str, counts: list[int], label: Label = Label.POSITIVE) -> tuple[Author, list[Mention]]:
    """So many posts in each week from START on."""
    who = Author("mastodon", name, name)
    found = [
        mention(
            1, "ミナモ珈琲", label=label, author=who, at=START + week * WEEK + timedelta(hours=number + 1)
        )
        for week, count in enumerate(counts)
        for number in range(count)
    ]
    return who, found


WOBBLE = [0, 0, 1, 0, 2, 0, 1] * 20


def own_weeks(place: int, side: int) -> list[int]:
    """One of the contacted: about 1.6 posts a week, then two more."""
    return [1 + WOBBLE[week + place] for week in range(side)] + [
        3 + WOBBLE[week + 3 * place] for week in range(side)
    ]


def other_weeks(place: int, side: int) -> list[int]:
    return [1 + WOBBLE[week + place + 2] for week in range(2 * side)]


def village(side: int = 10) -> tuple[Voices, dict[Account, datetime]]:
    """Four are contacted after `side` weeks; four post as they did before them, and a fifth more than anybody."""
    contacted = [weekly(f"c{place}", own_weeks(place, side)) for place in range(4)]
    others = [weekly(f"o{place}", other_weeks(place, side)) for place in range(4)]
    people = [*contacted, *others, weekly("loud", [6] * (2 * side))]
    return voices(people), {("mastodon", f"c{place}"): START + side * WEEK for place in range(4)}


def test_a_change_is_measured_beside_those_who_were_as_loud() -> None:
    heard, contacted = village()
    found = before_after(heard, contacted, START, START + 20 * WEEK)
    assert (found.code, found.people, found.weeks, found.contacted) == ("measured", 4, 10, 4)
    own, others = (
        np.array([own_weeks(n, 10) for n in range(4)]),
        np.array([other_weeks(n, 10) for n in range(4)]),
    )
    assert (found.before, found.after) == pytest.approx((own[:, :10].mean(), own[:, 10:].mean()))
    # Five comparisons for each: the four, and the loud one whose posts never change.
    usual = change(others).sum() / 5
    assert found.difference is not None
    assert found.difference.value == pytest.approx(change(own).mean() - usual)
    assert found.difference.clear
    assert len(found.points) == 20
    assert [found.points[0].week, found.points[10].week] == [-10, 0]
    assert found.points[10].contacted == pytest.approx(own[:, 10].mean())


def test_who_is_barred_or_was_contacted_too_is_no_comparison() -> None:
    heard, contacted = village()
    until = START + 20 * WEEK
    others = frozenset(("mastodon", f"o{n}") for n in range(4))
    assert before_after(heard, contacted, START, until, barred=others).difference is None
    busy = dict.fromkeys(others, START + 12 * WEEK)
    assert before_after(heard, contacted, START, until, busy=busy).comparisons == 0
    later = dict.fromkeys(others, until + WEEK)
    assert before_after(heard, contacted, START, until, busy=later).comparisons == 5


@pytest.mark.parametrize(
    ("people", "weeks", "code"),
    [(2, 20, "too_few"), (4, 17, "too_short"), (4, 10 + SHORTEST, "measured"), (0, 20, "too_few")],
)
def test_with_too_little_there_is_no_number(people: int, weeks: int, code: str) -> None:
    heard, contacted = village()
    some = dict(list(contacted.items())[:people])
    found = before_after(heard, some, START, START + weeks * WEEK)
    assert found.code == code
    assert (found.difference is None) == (code != "measured")
    assert (found.level is None and found.before is None and not found.points) == (code != "measured")


def test_before_the_watch_began_is_not_silence() -> None:
    heard, contacted = village()
    assert before_after(heard, contacted, START + 3 * WEEK, START + 20 * WEEK).code == "too_short"


def test_who_never_posted_counts_with_zeros() -> None:
    heard, contacted = village()
    silent = ("mastodon", "silent")
    until = START + 20 * WEEK
    found = before_after(_with(heard, silent), {**contacted, silent: START + 10 * WEEK}, START, until)
    without = before_after(heard, contacted, START, until)
    assert (found.people, without.people) == (5, 4)
    assert found.after == pytest.approx((without.after or 0) * 4 / 5)


def _with(heard: Voices, account: Account) -> Voices:
    return Voices((*heard.accounts, account), heard.owner, heard.at, heard.praise, heard.score)


def test_the_stretch_is_never_longer_than_half_a_year() -> None:
    heard, contacted = village(side=40)
    found = before_after(heard, contacted, START, START + 80 * WEEK)
    assert found.weeks == LONGEST


def test_sentiment_is_compared_too() -> None:
    side = 10
    turned = [
        (who, [*before, *after])
        for n in range(4)
        for (who, before), (_, after) in [
            (weekly(f"c{n}", [1] * side, Label.POSITIVE),
             weekly(f"c{n}", [0] * side + [1] * (side - n) + [0] * n, Label.NEGATIVE))
        ]
    ]  # fmt: skip
    same = [weekly(f"o{n}", [1] * 2 * side) for n in range(4)]
    contacted = {("mastodon", f"c{n}"): START + side * WEEK for n in range(4)}
    found = before_after(voices([*turned, *same]), contacted, START, START + 20 * WEEK)
    assert found.sentiment is None  # all change alike: no spread, no interval
    half = [*turned[:3], weekly("c3", [1] * 2 * side), *same]
    found = before_after(voices(half), contacted, START, START + 20 * WEEK)
    assert found.sentiment is not None
    assert found.sentiment.value == pytest.approx(-1.8 * 3 / 4)


# ------------------------------------------------------------------ simulation (fixed seeds; benchmarks/impact.py)

RUNS = 150


def test_the_interval_covers_the_truth_though_the_loudest_are_contacted() -> None:
    found = simulated.beside(RUNS, 12, loud=True, effect=simulated.EFFECT)
    assert found["measured"] > 0.9 * RUNS
    assert 0.90 <= found["covered"] <= 1.0
    assert abs(found["bias"]) < 0.1


def test_without_an_effect_one_is_rarely_claimed() -> None:
    found = simulated.beside(RUNS, 12, loud=True, effect=0.0)
    assert found["claimed"] <= 0.08
    # A look at the contacted alone would have claimed one in every third run.
    assert found["claimed_alone"] > 3 * max(found["claimed"], 0.05)


def test_a_real_effect_is_found_where_there_are_enough_people() -> None:
    found = simulated.beside(60, 30, loud=False, effect=simulated.EFFECT)
    assert found["claimed"] > 0.4


@pytest.mark.parametrize(("people", "side"), [(3, 8), (20, 16)])
def test_the_segmented_interval_covers_where_newey_west_does_not(people: int, side: int) -> None:
    found = simulated.alone(400, people, side)
    assert 0.92 <= found["covered"] <= 0.985
    assert found["newey_west"] < 0.90
