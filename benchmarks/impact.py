"""Do the intervals of `alerts.advocacy.before_after` hold what they say? Invented people of known effect.

    python -m benchmarks.impact [--runs 1000] [--json]

Everybody posts by a rate of their own (gamma) that wanders from week to week (autocorrelation 0.7), so counts are
over-dispersed and each week resembles the last. Some are contacted: the loudest of the last eight weeks, as people do
it, or anybody. Contact adds `effect` posts a week, or nothing. Counted is how often the 95 % interval covers that, and
how often an effect is claimed. Beside it stand what a look at the contacted alone would have claimed, and the segmented
model's intervals made from people and by Newey and West. Seeds are fixed; the last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from alerts.advocacy.before_after import PRAISE_WEEKS, Account, Voices, before_after
from alerts.advocacy.interrupted import Matrix, change, mean_of, segmented, t95

START = datetime(2026, 1, 5, tzinfo=UTC)
WEEK = timedelta(weeks=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EFFECT = 0.3  # posts a week
PEOPLE = 200
LOUD = 8  # weeks by which the loudest are chosen


@dataclass(frozen=True, slots=True)
class World:
    """People × weeks of posts, and since which week each of the contacted was."""

    posts: Matrix
    contacted: dict[int, int]
    side: int


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.impact", description=__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--json", action="store_true", help="only the JSON object")
    asked = parser.parse_args()
    found = {
        "beside": [
            beside(asked.runs, people, loud=loud, effect=effect)
            for loud in (True, False)
            for people in (4, 12, 30)
            for effect in (0.0, EFFECT)
        ],
        "segmented": [
            alone(asked.runs, people, side) for people, side in ((3, 8), (5, 12), (20, 16), (40, 26))
        ],
    }
    if not asked.json:
        _show(found)
    sys.stdout.write(json.dumps({"runs": asked.runs, **found}) + "\n")


# ------------------------------------------------------------------ invented people


def rates(dice: np.random.Generator, people: int, weeks: int, mean: float, like_last: float = 0.7) -> Matrix:
    """Posts to expect a person and week: gamma among people, a slow log-normal wandering in time."""
    own = dice.gamma(1.0, mean, people)
    drift = np.zeros((people, weeks))
    step = dice.normal(0, 0.7 * np.sqrt(1 - like_last**2), (people, weeks))
    drift[:, 0] = dice.normal(0, 0.7, people)
    for week in range(1, weeks):
        drift[:, week] = like_last * drift[:, week - 1] + step[:, week]
    wandering: Matrix = np.exp(drift - 0.7**2 / 2) * own[:, None]
    return wandering


def world(dice: np.random.Generator, people: int, *, loud: bool, effect: float, side: int = 12) -> World:
    """`people` are contacted one after the other, out of those who praised in enough weeks before."""
    weeks = 3 * side + 16
    expected = rates(dice, PEOPLE, weeks, 0.35)
    posts = dice.poisson(expected).astype(float)
    contacted: dict[int, int] = {}
    for week in sorted(dice.integers(side, weeks - side, people)):
        fit = ((posts[:, week - side : week] > 0).sum(axis=1) >= PRAISE_WEEKS) & ~np.isin(
            np.arange(PEOPLE), list(contacted)
        )
        there = np.flatnonzero(fit)
        if loud:
            order = np.argsort(-posts[there, week - LOUD : week].sum(axis=1), kind="stable")
            there = there[order[: max(3, len(there) // 4)]]
        who = int(dice.choice(there))
        contacted[who] = int(week)
        posts[who, week:] = dice.poisson(expected[who, week:] + effect)
    return World(posts, contacted, side)


def heard(of: World) -> tuple[Voices, dict[Account, datetime]]:
    """The world as the store would tell it: single posts, all of them praise."""
    owner, week = np.nonzero(of.posts)
    times = of.posts[owner, week].astype(int)
    first = (START - EPOCH) / WEEK
    accounts = tuple(("made", str(number)) for number in range(len(of.posts)))
    at = np.repeat(first + week + 0.5, times)
    voices = Voices(accounts, np.repeat(owner, times), at, np.ones(len(at), bool), np.full(len(at), 0.8))
    return voices, {accounts[who]: START + int(since) * WEEK for who, since in of.contacted.items()}


# ------------------------------------------------------------------ measured


def beside(runs: int, people: int, *, loud: bool, effect: float, seed: int = 3) -> dict[str, Any]:
    """How the difference beside the comparison does, and the contacted alone. Shares of the runs."""
    dice = np.random.default_rng(seed)
    covered, claimed, width, bias, naive = [], [], [], [], []
    for _ in range(runs):
        made = world(dice, people, loud=loud, effect=effect)
        voices, contacted = heard(made)
        until = START + made.posts.shape[1] * WEEK
        found = before_after(voices, contacted, START, until).difference
        if found is None:
            continue
        covered.append(found.low <= effect <= found.high)
        claimed.append(found.clear)
        width.append(found.high - found.low)
        bias.append(found.value - effect)
        own = np.array(
            [made.posts[who, at - made.side : at + made.side] for who, at in made.contacted.items()]
        )
        simple = mean_of(change(own))
        naive.append(simple is not None and simple.clear)
    return {
        "people": people,
        "chosen": "loudest" if loud else "any",
        "effect": effect,
        "measured": len(covered),
        "covered": round(float(np.mean(covered)), 3),
        "claimed": round(float(np.mean(claimed)), 3),
        "width": round(float(np.mean(width)), 2),
        "bias": round(float(np.mean(bias)), 3),
        "claimed_alone": round(float(np.mean(naive)), 3),
    }


def alone(runs: int, people: int, side: int, seed: int = 5) -> dict[str, Any]:
    """How often the interval of the level's change covers `EFFECT`: made from people, and by Newey and West."""
    dice = np.random.default_rng(seed)
    covered, beaten = [], []
    for _ in range(runs):
        expected = rates(dice, people, 2 * side, 0.6)
        expected[:, side:] += EFFECT
        weeks = dice.poisson(expected).astype(float)
        level, _ = segmented(weeks)
        covered.append(level is not None and level.low <= EFFECT <= level.high)
        value, half = newey_west(weeks.mean(axis=0))
        beaten.append(abs(value - EFFECT) <= half)
    return {
        "people": people,
        "weeks": side,
        "covered": round(float(np.mean(covered)), 3),
        "newey_west": round(float(np.mean(beaten)), 3),
    }


def newey_west(series: Matrix, lag: int = 2) -> tuple[float, float]:
    """Level change and half its interval by Newey and West (1987), Bartlett weights, with n/(n − 4) and Student's t."""
    size = len(series)
    week = np.arange(-(size // 2), size - size // 2) + 0.5
    after = (week > 0).astype(float)
    design = np.column_stack([np.ones(size), week, after, after * week])
    inverse = np.linalg.inv(design.T @ design)
    fitted = inverse @ design.T @ series
    score = design * (series - design @ fitted)[:, None]
    middle = score.T @ score
    for back in range(1, lag + 1):
        across = score[back:].T @ score[:-back]
        middle += (1 - back / (lag + 1)) * (across + across.T)
    spread = inverse @ middle @ inverse * size / (size - 4)
    return float(fitted[2]), t95(size - 4) * float(np.sqrt(max(spread[2, 2], 0.0)))


def _show(found: dict[str, Any]) -> None:
    lines = ["chosen   people effect covered claimed  width   bias | claimed by the contacted alone"]
    lines += [
        f"{one['chosen']:8} {one['people']:6} {one['effect']:6} {one['covered']:7.3f} {one['claimed']:7.3f}"
        f" {one['width']:6.2f} {one['bias']:6.3f} | {one['claimed_alone']:.3f}"
        for one in found["beside"]
    ]
    lines += ["", "segmented: people weeks covered | Newey and West"]
    lines += [
        f"           {one['people']:6} {one['weeks']:5} {one['covered']:7.3f} | {one['newey_west']:.3f}"
        for one in found["segmented"]
    ]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
