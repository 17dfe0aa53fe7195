"""What changed when people were contacted, beside people like them who were not (pure).

Everybody who was contacted counts, whether they said yes or no: to look only at those who said yes would pick the
keen. Each person's weeks are counted from their own first contact. People are contacted when they are loud, and who
is loud now is mostly quieter later, contact or not (regression to the mean). So each stands beside the `NEAREST`
people who were as loud in the same weeks, by the whole stretch before and its last four weeks, and were not
contacted until the stretch was over.

What it cannot say: why somebody was chosen, if the reason is not in what they had posted; nor anything about people
who opted out or were erased, whom it never sees.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from alerts.advocacy.interrupted import FEWEST, Estimate, Matrix, beyond, change, segmented
from storage.types import Author, Label, Mention

Account = tuple[str, str]  # (platform, external id)

SHORTEST, LONGEST = 8, 26  # weeks on a side
NEAREST = 5  # comparisons for each person
PRAISE_WEEKS = 3  # different weeks with praise make a comparison
LATELY = 4  # weeks before the contact that count a second time
WEEK = timedelta(weeks=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Voices:
    """Everybody's posts as columns: whose, when (weeks since 1970), whether praise, how the sentiment was (−1…1)."""

    accounts: tuple[Account, ...]
    owner: NDArray[np.int64]
    at: Matrix
    praise: NDArray[np.bool_]
    score: Matrix


@dataclass(frozen=True, slots=True)
class Point:
    """Mean posts a person in one week, counted from the contact: −1 is the last week before it, 0 the first after."""

    week: int
    contacted: float
    comparison: float | None


@dataclass(frozen=True, slots=True)
class BeforeAfter:
    """`code`: measured, too_few (people) or too_short (weeks); every figure is None or empty unless measured.

    `level` and `slope` are those of the contacted alone; `difference` is what is left beside the comparison,
    in posts a person and week, and `sentiment` the same for the mean score of their posts.
    """

    code: str
    contacted: int
    people: int = 0
    weeks: int = 0
    before: float | None = None
    after: float | None = None
    level: Estimate | None = None
    slope: Estimate | None = None
    comparisons: int = 0
    difference: Estimate | None = None
    sentiment: Estimate | None = None
    points: tuple[Point, ...] = ()


def voices(people: Iterable[tuple[Author, Sequence[Mention]]], also: Iterable[Account] = ()) -> Voices:
    """The columns of these people; `also` are accounts that count with no post, too."""
    places: dict[Account, int] = {}
    rows: list[tuple[int, float, bool, float]] = []
    for author, mentions in people:
        place = places.setdefault((author.platform, author.external_id), len(places))
        for one in mentions:
            said = one.analysis.sentiment
            rows.append((place, _weeks(one.post.created_at), said.label is Label.POSITIVE, said.score))
    for account in also:
        places.setdefault(account, len(places))
    owner, at, praise, score = zip(*rows, strict=True) if rows else ((), (), (), ())
    return Voices(
        tuple(places), np.array(owner, np.int64), np.array(at, float), np.array(praise, bool), np.array(score, float)
    )  # fmt: skip


def before_after(
    heard: Voices,
    contacted: Mapping[Account, datetime],
    since: datetime,
    until: datetime,
    *,
    busy: Mapping[Account, datetime] | None = None,
    barred: frozenset[Account] = frozenset(),
) -> BeforeAfter:
    """The change at the first contact. Nothing outside [since, until) is known, and there it is not zero.

    `busy` are the accounts that were contacted for whatever topic, `barred` those that are no comparison: machines,
    paid people, staff.
    """
    known = {account: place for place, account in enumerate(heard.accounts)}
    starts = {known[account]: _weeks(at) for account, at in contacted.items() if account in known}
    weeks, chosen = _stretch(starts, _weeks(since), _weeks(until))
    if len(starts) < FEWEST:
        return BeforeAfter("too_few", len(contacted))
    if len(chosen) < FEWEST:
        return BeforeAfter("too_short", len(contacted))
    taken = {known[one]: _weeks(at) for one, at in {**(busy or {}), **contacted}.items() if one in known}
    closed = frozenset(known[one] for one in barred if one in known)
    panel = _Panel.of(heard, chosen, weeks, taken, closed)
    level, slope = segmented(panel.own)
    matched = panel.matched
    return BeforeAfter(
        code="measured",
        contacted=len(contacted),
        people=len(chosen),
        weeks=weeks,
        before=float(panel.own[:, :weeks].mean()),
        after=float(panel.own[:, weeks:].mean()),
        level=level,
        slope=slope,
        comparisons=int((panel.shares[matched].sum(axis=0) > 0).sum()),
        difference=beyond(change(panel.own[matched]), panel.shares[matched], panel.others[matched]),
        sentiment=_feeling(panel),
        points=_points(panel, weeks),
    )


def _weeks(moment: datetime) -> float:
    return (moment - _EPOCH) / WEEK


def _stretch(starts: Mapping[int, float], since: float, until: float) -> tuple[int, dict[int, float]]:
    """The weeks on a side that keep most person-weeks, and who was seen for all of them."""
    best: tuple[int, dict[int, float]] = (0, {})
    for weeks in range(LONGEST, SHORTEST - 1, -1):
        seen = {who: at for who, at in starts.items() if since <= at - weeks and at + weeks <= until}
        if len(seen) >= FEWEST and len(seen) * weeks > best[0] * len(best[1]):
            best = (weeks, seen)
    return best


# ------------------------------------------------------------------ people × weeks


@dataclass(frozen=True, slots=True)
class _Panel:
    """The contacted people's weeks (`own`), and everybody's changes over each of theirs (`others`, `felt`).

    `beside[i]` is the mean of i's comparisons, week by week; NaN without any. `felt` is NaN for who did not post.
    """

    own: Matrix
    shares: Matrix
    others: Matrix
    beside: Matrix
    feeling: Matrix
    felt: Matrix

    @property
    def matched(self) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = self.shares.sum(axis=1) > 0
        return found

    @classmethod
    def of(
        cls, heard: Voices, chosen: Mapping[int, float], weeks: int,
        taken: Mapping[int, float], barred: frozenset[int],
    ) -> _Panel:  # fmt: skip
        size = len(heard.accounts)
        shape = (len(chosen), size)
        own, beside = np.zeros((len(chosen), 2 * weeks)), np.full((len(chosen), 2 * weeks), np.nan)
        shares, others, felt = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        contact = np.full(size, np.inf)
        contact[list(taken)] = list(taken.values())
        for row, (who, start) in enumerate(chosen.items()):
            counts, praised, felt[row] = _around(heard, start, weeks)
            free = contact >= start + weeks
            free[list(barred)] = False
            alike = _alike(counts[:, :weeks], praised[:, :weeks], counts[who, :weeks], free)
            own[row], others[row] = counts[who], change(counts)
            if len(alike):
                shares[row, alike] = 1 / len(alike)
                beside[row] = counts[alike].mean(axis=0)
        rows = np.arange(len(chosen))
        return cls(own, shares, others, beside, felt[rows, list(chosen)], felt)


def _around(heard: Voices, start: float, weeks: int) -> tuple[Matrix, Matrix, Matrix]:
    """Posts and praise a person and week around `start`, and each person's change of mean score (NaN: unknown)."""
    size = len(heard.accounts)
    week = np.floor(heard.at - start).astype(np.int64) + weeks
    inside = (week >= 0) & (week < 2 * weeks)
    place = heard.owner[inside] * 2 * weeks + week[inside]

    def sums(weight: Matrix | None) -> Matrix:
        return np.bincount(place, weight, size * 2 * weeks).reshape(size, 2 * weeks).astype(float)

    counts, scores = sums(None), sums(heard.score[inside])
    sides = [slice(0, weeks), slice(weeks, 2 * weeks)]
    with np.errstate(invalid="ignore"):
        before, after = (scores[:, side].sum(axis=1) / counts[:, side].sum(axis=1) for side in sides)
    return counts, sums(heard.praise[inside].astype(float)), after - before


def _alike(before: Matrix, praised: Matrix, own: Matrix, free: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The nearest of those who praised often enough to be advocates, by square roots of their counts."""
    fit = np.flatnonzero(free & ((praised > 0).sum(axis=1) >= PRAISE_WEEKS))
    if len(fit) < FEWEST:
        return fit[:0]
    whole = np.abs(np.sqrt(before[fit].sum(axis=1)) - np.sqrt(own.sum()))
    lately = np.abs(np.sqrt(before[fit, -LATELY:].sum(axis=1)) - np.sqrt(own[-LATELY:].sum()))
    return fit[np.argsort(whole + lately, kind="stable")[:NEAREST]]


def _feeling(panel: _Panel) -> Estimate | None:
    """The change of the mean score beside the comparison's, among those who posted before and after."""
    there = np.where(np.isnan(panel.felt), 0.0, panel.shares)
    sure = ~np.isnan(panel.feeling) & (there.sum(axis=1) > 0)
    if sure.sum() < FEWEST:
        return None
    shares = there[sure] / there[sure].sum(axis=1, keepdims=True)
    return beyond(panel.feeling[sure], shares, np.nan_to_num(panel.felt[sure]))


def _points(panel: _Panel, weeks: int) -> tuple[Point, ...]:
    beside = panel.beside[panel.matched].mean(axis=0) if panel.matched.any() else None
    return tuple(
        Point(week, float(mean), None if beside is None else float(beside[week + weeks]))
        for week, mean in zip(range(-weeks, weeks), panel.own.mean(axis=0), strict=True)
    )
