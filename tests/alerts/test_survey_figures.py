"""NPS, CSAT, CES and referrals as figures: right numbers, honest intervals, no difference that is none."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.advocacy.nps import net
from alerts.advocacy.referrals import share, summary
from alerts.advocacy.surveys import FEW, Figure, Verdict, compare, figure, start_of, summaries, wilson
from storage.referrals import Referral
from storage.responses import SCALES, Scale, SurveyKind, SurveyResponse

NPS, CSAT, CES = SurveyKind
TOKYO = ZoneInfo("Asia/Tokyo")
START = datetime(2025, 1, 15, 3, tzinfo=UTC)


def of(kind: SurveyKind, *scores: int) -> Figure:
    return figure(kind, SCALES[kind], scores)


def response(
    score: int, *, at: datetime = START, kind: SurveyKind = NPS, **properties: str
) -> SurveyResponse:
    return SurveyResponse("t", kind, at, score, SCALES[kind], "", "", None, properties, "generic", "1")


# ------------------------------------------------------------------ one figure


@pytest.mark.parametrize(
    ("scores", "value"),
    [
        ((10, 9), 100),
        ((0, 6), -100),
        ((7, 8), 0),
        ((9, 10, 8, 6), 25),
        ((9,) * 50 + (7,) * 30 + (3,) * 20, 30),
    ],
)
def test_nps_by_the_book(scores: tuple[int, ...], value: float) -> None:
    found = of(NPS, *scores)
    assert (found.value, found.n) == (value, len(scores))
    assert found.promoters + found.passives + found.detractors == found.n
    assert (found.value, found.low, found.high) == net(found.promoters, found.detractors, found.n)


def test_csat_is_the_share_of_the_two_best() -> None:
    found = of(CSAT, 5, 5, 4, 3, 1)
    assert found.value == 0.6
    assert found.counts == (1, 0, 1, 1, 2)
    seven = figure(CSAT, Scale(1, 7), (7, 6, 5, 1))
    assert seven.value == 0.5


def test_wilson_against_the_textbook() -> None:
    low, high = wilson(8, 10)  # Newcombe 1998 gives 0.490 … 0.943 for 8 of 10
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)
    assert wilson(0, 20)[0] == 0
    assert wilson(20, 20)[1] == pytest.approx(1)


def test_ces_is_a_mean_whose_interval_never_collapses() -> None:
    found = of(CES, *[7] * 12)
    assert (found.value, found.high) == (7, 7)
    assert found.low is not None
    assert found.low < 6.9
    assert of(CES, 1, 2, 3, 4, 5, 6, 7).value == 4
    assert of(CES, *[2, 6] * 20) == of(CES, *[6, 2] * 20)  # the same answers, the same interval


def test_nothing_is_no_figure() -> None:
    for kind in SurveyKind:
        found = of(kind)
        assert (found.n, found.value, found.low, found.few) == (0, None, None, True)


@given(st.sampled_from(list(SurveyKind)), st.lists(st.integers(0, 10), min_size=1, max_size=60))
def test_a_figure_lies_within_its_interval(kind: SurveyKind, raw: list[int]) -> None:
    scale = SCALES[kind]
    found = of(kind, *(min(scale.high, max(scale.low, score)) for score in raw))
    assert found.value is not None
    assert found.low is not None
    assert found.high is not None
    assert found.low - 0.1 <= found.value <= found.high + 0.1
    assert sum(found.counts) == found.n == len(raw)


# ------------------------------------------------------------------ differences


def test_a_difference_is_claimed_only_where_intervals_are_apart() -> None:
    good, fair, bad = of(NPS, *[10] * 40), of(NPS, *[10] * 25, *[3] * 15), of(NPS, *[2] * 40)
    assert compare(good, bad) is Verdict.ABOVE
    assert compare(bad, good) is Verdict.BELOW
    assert compare(fair, of(NPS, *[10] * 22, *[3] * 18)) is Verdict.SAME
    assert compare(of(NPS, *[10] * (FEW - 1)), bad) is Verdict.FEW
    assert compare(good, of(NPS)) is Verdict.FEW


def test_segments_stand_beside_everybody_else() -> None:
    some = [response(10, store="駅前店", plan="free") for _ in range(30)]
    some += [response(2, store="港北店", plan="free") for _ in range(30)]
    some += [response(5)] * 3  # says no store
    (found,) = summaries(some, TOKYO)
    assert set(found.segments) == {"store"}  # one plan tells nothing apart
    first, second = found.segments["store"]
    assert {first.value, second.value} == {"駅前店", "港北店"}
    assert {(one.value, one.verdict) for one in (first, second)} == {
        ("駅前店", Verdict.ABOVE), ("港北店", Verdict.BELOW),
    }  # fmt: skip
    assert (first.figure.n, first.rest.n) == (30, 30)


def test_months_and_quarters_are_those_of_the_topics_zone() -> None:
    new_year = datetime(2025, 12, 31, 15, tzinfo=UTC)  # midnight of 1 January in Tokyo
    assert start_of(new_year, TOKYO, "month") == datetime(2026, 1, 1, tzinfo=TOKYO)
    assert start_of(new_year - timedelta(seconds=1), TOKYO, "quarter") == datetime(2025, 10, 1, tzinfo=TOKYO)
    some = [response(10, at=new_year - timedelta(days=day)) for day in range(60)]
    (months,), (quarters,) = summaries(some, TOKYO), summaries(some, TOKYO, "quarter")
    assert [one.figure.n for one in months.periods] == [28, 31, 1]
    assert [one.verdict for one in months.periods] == [None, Verdict.SAME, Verdict.FEW]
    assert [one.figure.n for one in quarters.periods] == [59, 1]


def test_another_scale_is_another_question() -> None:
    five = replace(response(5, kind=CES), scale=Scale(1, 5))
    found = summaries([response(6, kind=CES), five, response(4, kind=CSAT), response(1)], TOKYO)
    assert [(one.figure.kind, one.figure.scale.high) for one in found] == [
        (NPS, 10),
        (CSAT, 5),
        (CES, 5),
        (CES, 7),
    ]
    assert summaries([], TOKYO) == []


# ------------------------------------------------------------------ referrals


def event(kind: str, referrer: str, customer: str = "", value: float | None = None, currency: str = "",
          advocate: int | None = None, day: int = 0) -> Referral:  # fmt: skip
    at = START + timedelta(days=day)
    return Referral(
        "t", at, kind, referrer, advocate, customer, value, currency, "generic", f"{kind}-{customer}-{day}"
    )


def test_who_brought_whom_and_what_it_is_worth() -> None:
    some = [
        event("invited", "a"), event("invited", "b"), event("clicked", "a"),
        event("referred", "a", "x", advocate=1), event("purchased", "a", "x", 1000, "JPY", advocate=1, day=1),
        event("purchased", "a", "x", 500, "JPY", advocate=1, day=40),
        event("purchased", "a", "y", 20, "USD", advocate=1),
        event("referred", "c", "z"),
    ]  # fmt: skip
    found = summary(some, TOKYO, advocates={1, 2}, customers=50)
    assert (found.invited, found.clicked, found.referrers, found.customers) == (2, 1, 2, 3)
    assert found.per_customer == share(2, 50)
    assert (found.per_advocate.hits, found.per_advocate.of) == (1, 2)
    assert (found.conversion.hits, found.conversion.of, found.conversion.few) == (2, 3, True)
    yen, dollars = found.worth
    assert (yen.currency, yen.revenue, yen.orders, yen.mean, yen.per_buyer, yen.per_referrer) == (
        "JPY", 1500, 2, 500, 1500, 750,
    )  # fmt: skip
    assert (dollars.currency, dollars.revenue) == ("USD", 20)
    assert yen.low <= yen.mean <= yen.high
    assert [(one.referrer, one.advocate_id, one.customers, one.buyers) for one in found.people] == [
        ("a", 1, 2, 2), ("c", None, 1, 0),
    ]  # fmt: skip
    assert found.people[0].revenue == {"JPY": 1500, "USD": 20}
    assert [(one.start.month, one.buyers, one.revenue) for one in found.periods] == [
        (1, 2, {"JPY": 1000, "USD": 20}), (2, 1, {"JPY": 500}),
    ]  # fmt: skip


def test_no_referrals_are_no_figures() -> None:
    found = summary([], TOKYO, advocates=(), customers=None)
    assert (found.customers, found.worth, found.per_customer, found.conversion.value) == (0, (), None, None)


def test_more_customers_narrow_the_interval() -> None:
    def width(size: int) -> float:
        some = [event("purchased", "a", f"c{n}", 1000.0 + n % 7 * 300, "JPY") for n in range(size)]
        (worth,) = summary(some, TOKYO).worth
        return worth.high - worth.low

    assert width(400) < width(40) / 2
    assert width(20_000) < width(400) / 3  # also where the bootstrap gives way to the normal law
