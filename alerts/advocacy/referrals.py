"""Who brought whom, as figures: how many refer, how many of those referred buy, and what they are worth. Pure.

Money is never added up across currencies. The interval of a mean is a bootstrap over customers; shares have Wilson's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

import numpy as np

from alerts.advocacy.surveys import FEW, Step, start_of, wilson
from storage.referrals import CAME, Referral, ReferralKind

_RESAMPLES = 1000
_SEED = 20251122  # the same events give the same interval
_LARGE = 20_000  # customers from which on the normal approximation does as well


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `of` people, with the 95 % interval; None where there is nobody."""

    hits: int
    of: int
    value: float | None
    low: float | None
    high: float | None

    @property
    def few(self) -> bool:
        return self.of < FEW


@dataclass(frozen=True, slots=True)
class Worth:
    """Revenue in one currency.

    `mean` is per referred customer, who bought nothing counting 0; `low` and `high` are its 95 % interval. `per_buyer`
    and `per_referrer` are plain means.
    """

    currency: str
    revenue: float
    orders: int
    customers: int
    mean: float
    low: float
    high: float
    per_buyer: float
    per_referrer: float

    @property
    def few(self) -> bool:
        return self.customers < FEW


@dataclass(frozen=True, slots=True)
class Referrer:
    """One person who brought customers; `advocate_id` only where a standing consent says who it is."""

    referrer: str
    advocate_id: int | None
    customers: int
    buyers: int
    revenue: dict[str, float]


@dataclass(frozen=True, slots=True)
class ReferralPeriod:
    start: datetime
    customers: int
    buyers: int
    revenue: dict[str, float]


@dataclass(frozen=True, slots=True)
class ReferralSummary:
    """`per_customer` needs to be told how many customers there are, `per_advocate` how many may be recognised."""

    invited: int
    clicked: int
    referrers: int
    customers: int
    per_customer: Share | None
    per_advocate: Share
    conversion: Share
    worth: tuple[Worth, ...]
    people: tuple[Referrer, ...]
    periods: tuple[ReferralPeriod, ...]


def summary(
    referrals: Sequence[Referral],
    zone: tzinfo,
    *,
    advocates: Collection[int] = (),
    customers: int | None = None,
    step: Step = "month",
) -> ReferralSummary:
    """`advocates` are those whom a consent lets us recognise; `customers` how many customers the brand has."""
    came = [one for one in referrals if one.kind in CAME]
    bought = [one for one in came if one.kind == ReferralKind.PURCHASED]
    referrers = {one.referrer for one in came}
    referred, buyers = _customers(came), _customers(bought)
    active = {one.advocate_id for one in came if one.advocate_id in advocates}
    return ReferralSummary(
        invited=sum(one.kind == ReferralKind.INVITED for one in referrals),
        clicked=sum(one.kind == ReferralKind.CLICKED for one in referrals),
        referrers=len(referrers),
        customers=len(referred),
        per_customer=share(len(referrers), max(customers, len(referrers))) if customers else None,
        per_advocate=share(len(active), len(advocates)),
        conversion=share(len(buyers), len(referred)),
        worth=tuple(
            _worth(currency, bought, len(referred), len(referrers)) for currency in _currencies(bought)
        ),
        people=_people(came),
        periods=_periods(came, zone, step),
    )


def share(hits: int, of: int) -> Share:
    if of == 0:
        return Share(0, 0, None, None, None)
    low, high = wilson(hits, of)
    return Share(hits, of, round(hits / of, 4), round(low, 4), round(high, 4))


def _worth(currency: str, bought: Sequence[Referral], customers: int, referrers: int) -> Worth:
    spent: dict[str, float] = {}
    orders = 0
    for one in bought:
        if one.currency == currency and one.value is not None:
            spent[one.customer] = spent.get(one.customer, 0.0) + one.value
            orders += 1
    amounts = np.zeros(customers)
    amounts[: len(spent)] = list(spent.values())
    low, high = _interval(amounts)
    revenue = sum(spent.values())
    return Worth(
        currency=currency,
        revenue=round(revenue, 2),
        orders=orders,
        customers=customers,
        mean=round(revenue / customers, 2),
        low=round(low, 2),
        high=round(high, 2),
        per_buyer=round(revenue / len(spent), 2),
        per_referrer=round(revenue / referrers, 2),
    )


def _interval(amounts: np.ndarray[tuple[int], np.dtype[np.float64]]) -> tuple[float, float]:
    """Of the mean, 95 %."""
    n = len(amounts)
    if n >= _LARGE:
        half = 1.96 * float(amounts.std(ddof=1)) / n**0.5
        return float(amounts.mean()) - half, float(amounts.mean()) + half
    random = np.random.default_rng(_SEED)
    means = [float(random.choice(amounts, n).mean()) for _ in range(_RESAMPLES)]
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)


def _people(came: Sequence[Referral]) -> tuple[Referrer, ...]:
    """Who brought most customers first."""
    groups: dict[str, list[Referral]] = {}
    for one in came:
        groups.setdefault(one.referrer, []).append(one)
    found = []
    for referrer, some in groups.items():
        bought = [one for one in some if one.kind == ReferralKind.PURCHASED]
        number = next((one.advocate_id for one in some if one.advocate_id is not None), None)
        found.append(
            Referrer(referrer, number, len(_customers(some)), len(_customers(bought)), _revenue(bought))
        )
    return tuple(sorted(found, key=lambda one: (-one.customers, -one.buyers, one.referrer)))


def _periods(came: Sequence[Referral], zone: tzinfo, step: Step) -> tuple[ReferralPeriod, ...]:
    groups: dict[datetime, list[Referral]] = {}
    for one in came:
        groups.setdefault(start_of(one.at, zone, step), []).append(one)
    found = []
    for start, some in sorted(groups.items()):
        bought = [one for one in some if one.kind == ReferralKind.PURCHASED]
        found.append(ReferralPeriod(start, len(_customers(some)), len(_customers(bought)), _revenue(bought)))
    return tuple(found)


def _customers(some: Iterable[Referral]) -> set[str]:
    return {one.customer for one in some if one.customer}


def _currencies(bought: Iterable[Referral]) -> list[str]:
    return sorted({one.currency for one in bought if one.value is not None})


def _revenue(bought: Sequence[Referral]) -> dict[str, float]:
    return {
        currency: round(sum(one.value or 0.0 for one in bought if one.currency == currency), 2)
        for currency in _currencies(bought)
    }
