"""How likely is it that somebody with some praise is an advocate within sixty days? Pure.

A logistic regression on what candidates did so far (`traits`), learned from the topic's own past (`past`): every month
each candidate is a case, with nothing but what was known then. It is tried out as it would have been used: at each
month it is learned from those cases only whose sixty days were over, and asked about that month. What is shown never
goes beyond what was measured so: a probability stays within the interval of its calibration bin. While there is
too little to learn from, or saying the base rate would have been as good, candidates are ranked by score, and no
probability is shown.

What it will not do: say anything about people who never posted praise, or why somebody will post again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from alerts.advocacy import calibration, logistic
from alerts.advocacy.ahead import Missing, missing
from alerts.advocacy.calibration import Bin, Quality
from alerts.advocacy.logistic import Matrix, Regression, Vector
from alerts.advocacy.past import HORIZON, Account, Candidate, Case, People, read
from alerts.advocacy.traits import MENTIONS, NAMES, PENALTIES, SCORE, SIGNS, shaped
from alerts.advocates import AdvocateSettings
from storage.types import Author, Reason, Topic

LEAST_DAYS = 150  # of history: two months to learn, sixty days each to know how both ended
LEAST_MADE = 30  # people who became advocates, to learn from
LEAST_BEFORE = 15  # cases that ended well before a month that is tried out
LEAST_TRIED = 15  # people who made it in the months that were tried out
SHORTLIST = 10  # so many a month would a person look at
_SHOWN, _FOR, _AGAINST = 0.1, 4, 2  # log-odds from which a trait is worth a word, and how many
_EVIDENCE = 5


@dataclass(frozen=True, slots=True)
class Backtest:
    """What came of the predictions of past months: the model, and beside it the score and the mentions of 30 days.

    `outcomes` of `cases` were advocates within sixty days, by `made` of `people`. `hits` of the `listed` who stood
    among the first ten of their month were.
    """

    first: datetime
    last: datetime
    cases: int
    people: int
    outcomes: int
    made: int
    listed: int
    hits: int
    model: Quality
    score: Quality
    mentions: Quality
    bins: tuple[Bin, ...]


@dataclass(frozen=True, slots=True)
class Influence:
    """A trait, its value as a reader counts it, and the log-odds it adds to an average candidate's."""

    trait: str
    value: float
    adds: float


@dataclass(frozen=True, slots=True)
class Prospect:
    """`probability` with the interval measured for such cases, all None when ranked by score alone.

    `evidence` are mention ids, the newest first.
    """

    author: Author
    score: float
    probability: float | None
    low: float | None
    high: float | None
    influences: tuple[Influence, ...]
    missing: Missing
    evidence: tuple[int, ...]
    mentions: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Outlook:
    """The prospects, the likeliest first; what the predictions were worth; or in `fallback` why there are none.

    `days` of history, in which `made` people became advocates; `candidates` in all.
    """

    topic: str
    at: datetime
    days: int
    made: int
    candidates: int
    fallback: Reason | None
    backtest: Backtest | None
    fit: Regression | None
    prospects: tuple[Prospect, ...]


def outlook(
    topic: Topic,
    people: People,
    settings: AdvocateSettings,
    now: datetime,
    *,
    contacted: Mapping[Account, datetime],
    limit: int = 100,
) -> Outlook:
    """See `past.read` for `people` and `contacted`. Nothing later than `now` is looked at."""
    past = read(topic, people, settings, now, contacted)
    days = (now - past.since).days if past.since else 0
    made = len({case.writer for case in past.cases if case.became})
    tried = backtest(past.cases)
    fallback = _fallback(days, made, tried)
    fit = None if fallback else learned(past.cases)
    chosen = sorted(
        _rated(past.candidates, fit), key=lambda one: (-one[1], -one[0].advocate.score, one[0].writer)
    )
    prospects = tuple(
        _prospect(one, likely, fit, tried, topic, settings, now) for one, likely in chosen[:limit]
    )
    return Outlook(topic.name, now, days, made, len(past.candidates), fallback, tried, fit, prospects)


def learned(cases: Sequence[Case]) -> Regression:
    return logistic.fit(_rows(cases), _happened(cases), penalties=PENALTIES, signs=SIGNS)


def backtest(cases: Sequence[Case]) -> Backtest | None:
    """Every month asked with what was known before; None when nothing came of any, or too little was known."""
    asked: list[Case] = []
    said: list[Vector] = []
    for at in sorted({case.at for case in cases}):
        before = [case for case in cases if case.at + HORIZON <= at]
        if sum(case.became for case in before) < LEAST_BEFORE:
            continue
        month = [case for case in cases if case.at == at]
        said.append(
            np.stack([_by_all(before, month), _by(SCORE, before, month), _by(MENTIONS, before, month)])
        )
        asked += month
    made = {case.writer for case in asked if case.became}
    if len(made) < LEAST_TRIED or all(case.became for case in asked):
        return None
    model, score, mentions = np.concatenate(said, axis=1)
    happened = _happened(asked)
    writers = [case.writer for case in asked]
    listed = _shortlisted(asked, model)
    return Backtest(
        first=asked[0].at,
        last=asked[-1].at,
        cases=len(asked),
        people=len(set(writers)),
        outcomes=int(happened.sum()),
        made=len(made),
        listed=len(listed),
        hits=sum(case.became for case in listed),
        model=calibration.quality(model, happened),
        score=calibration.quality(score, happened),
        mentions=calibration.quality(mentions, happened),
        bins=calibration.bins(model, happened, writers),
    )


def _fallback(days: int, made: int, tried: Backtest | None) -> Reason | None:
    if days < LEAST_DAYS:
        return Reason("short_history", {"days": days, "least": LEAST_DAYS})
    if made < LEAST_MADE:
        return Reason("few_outcomes", {"made": made, "least": LEAST_MADE})
    if tried is None:
        return Reason("untried", {"made": made, "least": LEAST_TRIED})
    if tried.model.skill <= 0:
        return Reason("no_better", {"skill": round(tried.model.skill, 3)})
    return None


def _rated(candidates: Sequence[Candidate], fit: Regression | None) -> list[tuple[Candidate, float]]:
    if fit is None or not candidates:
        return [(one, one.advocate.score) for one in candidates]
    rows: Matrix = np.array([shaped(one.traits) for one in candidates])
    return list(zip(candidates, fit.probabilities(rows).tolist(), strict=True))


def _prospect(
    one: Candidate,
    likely: float,
    fit: Regression | None,
    tried: Backtest | None,
    topic: Topic,
    settings: AdvocateSettings,
    now: datetime,
) -> Prospect:
    probability = low = high = None
    influences: tuple[Influence, ...] = ()
    if fit is not None and tried is not None:
        found = calibration.bin_of(tried.bins, likely)
        low, high = found.floor, found.ceiling
        probability = min(max(likely, low), high)
        influences = _influences(one, fit)
    praise = sorted(one.person.praise, key=lambda mention: mention.post.created_at, reverse=True)
    return Prospect(
        author=one.advocate.author,
        score=one.advocate.score,
        probability=probability,
        low=low,
        high=high,
        influences=influences,
        missing=missing(one.person, one.verdict, topic, settings, now),
        evidence=tuple(mention.id for mention in praise if mention.id is not None)[:_EVIDENCE],
        mentions=one.advocate.mentions,
        last_at=one.advocate.last_at,
    )


def _influences(one: Candidate, fit: Regression) -> tuple[Influence, ...]:
    """What speaks for it, the strongest first, then what speaks against."""
    adds = fit.contributions(np.array([shaped(one.traits)]))[0].tolist()
    every = [Influence(*each) for each in zip(NAMES, one.traits, adds, strict=True)]
    speaking = sorted((each for each in every if abs(each.adds) >= _SHOWN), key=lambda each: -abs(each.adds))
    return (
        *[each for each in speaking if each.adds > 0][:_FOR],
        *[each for each in speaking if each.adds < 0][:_AGAINST],
    )


def _by_all(before: Sequence[Case], month: Sequence[Case]) -> Vector:
    return learned(before).probabilities(_rows(month))


def _by(column: int, before: Sequence[Case], month: Sequence[Case]) -> Vector:
    """By one trait alone, as a probability learned in the same way."""
    alone = logistic.fit(_rows(before)[:, [column]], _happened(before), penalties=(1.0,))
    return alone.probabilities(_rows(month)[:, [column]])


def _shortlisted(asked: Sequence[Case], said: Vector) -> list[Case]:
    """The first ten of every month."""
    order = sorted(range(len(asked)), key=lambda place: (-said[place], asked[place].writer))
    months: dict[datetime, list[Case]] = {}
    for place in order:
        months.setdefault(asked[place].at, []).append(asked[place])
    return [case for month in months.values() for case in month[:SHORTLIST]]


def _rows(cases: Sequence[Case]) -> Matrix:
    rows: Matrix = np.array([shaped(case.traits) for case in cases])
    return rows


def _happened(cases: Sequence[Case]) -> Vector:
    happened: Vector = np.array([float(case.became) for case in cases])
    return happened
