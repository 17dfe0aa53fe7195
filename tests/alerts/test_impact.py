"""The programme's figures by hand: months, stages, reach, shares, disclosure, defence, referrals."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alerts.advocacy.impact import Around, latest_months, measure, month, referred
from alerts.advocacy.membership import Member, funnel, members, open_tasks
from alerts.advocacy.programme import silent, trend
from storage.journeys import Step, StepKind
from storage.referrals import Referral
from storage.types import (
    Advocate,
    Author,
    Engagement,
    Incident,
    IncidentState,
    Label,
    Mention,
    Severity,
    SignalKind,
    Stage,
)  # fmt: skip
from tests.alerts.made import mention

TOKYO = "Asia/Tokyo"
OCTOBER = month("2026-10", TOKYO, datetime(2026, 11, 22, tzinfo=UTC))
DAY = timedelta(days=1)
ENDS = OCTOBER.end


def day(number: int, hour: int = 12) -> datetime:
    return datetime(2026, 10, number, hour, tzinfo=UTC)


def advocate(number: int) -> Advocate:
    who = Author("mastodon", f"p{number}", f"p{number}")
    return Advocate(who, "minamo", 80, (), True, (), 9, day(1), day(2), id=number)


def moves(number: int, *steps: tuple[datetime, Stage, Stage]) -> list[Step]:
    return [
        Step(
            number,
            StepKind.MOVED,
            at,
            "佐藤",
            values={"from": before.value, "to": after.value},
            id=100 * number + n,
        )
        for n, (at, before, after) in enumerate(steps)
    ]


def joined(number: int, contacted: datetime, agreed: datetime, left: datetime | None = None) -> list[Step]:
    steps = [
        (contacted - DAY, Stage.CANDIDATE, Stage.REVIEWED), (contacted, Stage.REVIEWED, Stage.CONTACTED),
        (agreed, Stage.CONTACTED, Stage.CONSENTED),
    ]  # fmt: skip
    return moves(number, *steps, *([(left, Stage.CONSENTED, Stage.LEFT)] if left else []))


def people(**how: Any) -> tuple[Member, ...]:
    """1 agreed in August; 2 was contacted on the 5th and agreed on the 10th; 3 left on the 15th; 4 is a candidate."""
    august = datetime(2026, 8, 1, tzinfo=UTC)
    steps = {
        1: joined(1, august, august + 5 * DAY),
        2: joined(2, day(5), day(10)),
        3: joined(3, august, august + 5 * DAY, day(15)),
    }
    contacted = {1: august, 2: day(5), 3: august}
    return members([advocate(number) for number in range(1, 5)], contacted, {**steps, **how})


def said(number: int, who: int, at: datetime, label: Label = Label.POSITIVE, **more: Any) -> Mention:
    return mention(number, "ミナモ珈琲", label=label, author=advocate(who).author, at=at, **more)


# ------------------------------------------------------------------ months


def test_a_month_is_the_topics_own() -> None:
    assert OCTOBER.start == datetime(2026, 9, 30, 15, tzinfo=UTC)
    assert OCTOBER.end == datetime(2026, 10, 31, 15, tzinfo=UTC)
    assert OCTOBER.before_start == datetime(2026, 8, 31, 15, tzinfo=UTC)
    assert OCTOBER.before_end == OCTOBER.start
    assert not OCTOBER.running


def test_a_running_month_is_compared_with_as_many_days() -> None:
    now = datetime(2026, 10, 11, 15, tzinfo=UTC)
    found = month("2026-10", TOKYO, now)
    assert (found.running, found.end) == (True, now)
    assert found.before_end - found.before_start == now - found.start == 11 * DAY
    march = month("2026-03", TOKYO, datetime(2026, 3, 31, 10, tzinfo=UTC))
    assert march.before_end == march.start  # February is over sooner


def test_january_follows_december() -> None:
    found = month("2027-01", TOKYO, datetime(2027, 5, 1, tzinfo=UTC))
    assert found.before_start == datetime(2026, 11, 30, 15, tzinfo=UTC)
    assert found.end == datetime(2027, 1, 31, 15, tzinfo=UTC)
    assert latest_months(TOKYO, datetime(2026, 12, 31, 16, tzinfo=UTC), 3) == [
        "2027-01",
        "2026-12",
        "2026-11",
    ]


@pytest.mark.parametrize(
    "name", ["", "2026", "2026-13", "2026-1", "10-2026", "2026-10-01", "2026-12", "９月"]
)
def test_what_is_no_month_up_to_now_is_refused(name: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (the text is the caller's to say)
        month(name, TOKYO, datetime(2026, 11, 22, tzinfo=UTC))


# ------------------------------------------------------------------ stages


def test_stages_at_a_moment() -> None:
    one, two, three = people()
    assert [who.stage_at(day(9)) for who in (one, two, three)] == [
        Stage.CONSENTED, Stage.CONTACTED, Stage.CONSENTED,
    ]  # fmt: skip
    assert [who.enrolled_at(day(9)) for who in (one, two, three)] == [True, False, True]
    assert [who.in_programme_at(day(9)) for who in (one, two, three)] == [True, True, True]
    assert not two.in_programme_at(day(4))
    assert not three.in_programme_at(day(16))
    assert two.stage_at(day(1)) is Stage.CANDIDATE


def test_a_step_that_was_written_late_counts_when_it_happened() -> None:
    written = moves(1, (day(9), Stage.REVIEWED, Stage.CONTACTED), (day(3), Stage.CANDIDATE, Stage.REVIEWED))
    (one,) = members([advocate(1)], {1: day(9)}, {1: written})
    assert [one.stage_at(day(number)) for number in (2, 5, 10)] == [
        Stage.CANDIDATE, Stage.REVIEWED, Stage.CONTACTED,
    ]  # fmt: skip


def test_the_funnel_counts_people_and_their_moves() -> None:
    found = {one.stage: one for one in funnel(people(), OCTOBER.start, ENDS)}
    consented, left = found[Stage.CONSENTED], found[Stage.LEFT]
    assert (consented.at_start, consented.at_end, consented.came, consented.went) == (2, 2, 1, 1)
    assert (left.at_start, left.at_end, left.came) == (0, 1, 1)
    assert consented.steps == (202,)
    assert found[Stage.CONTACTED].came == 1
    assert Stage.CANDIDATE not in found


def test_open_tasks_are_sorted_by_when_they_are_due() -> None:
    steps = [
        Step(1, StepKind.TASK, day(1), "佐藤", "いつか", {}, 1),
        Step(1, StepKind.TASK, day(1), "佐藤", "先", {"due": day(20).isoformat()}, 2),
        Step(1, StepKind.TASK, day(1), "佐藤", "済み", {"due": day(2).isoformat()}, 3),
        Step(1, StepKind.DONE, day(2), "佐藤", values={"task": 3}, id=4),
    ]
    found = members([advocate(1)], {}, {1: steps})
    assert [task.title for task in open_tasks(found)] == ["先", "いつか"]


# ------------------------------------------------------------------ figures


def crisis() -> Incident:
    return Incident(
        "k", "minamo", "negative_excess", Severity.WARNING, IncidentState.RESOLVED, day(12), day(14), (), (), day(14),
        id=7,
    )  # fmt: skip


def test_the_figures_by_hand() -> None:
    likes, unknown = Engagement(likes=4, replies=1), Engagement()
    posts = {
        1: [
            said(1, 1, day(2), engagement=likes, sponsored="#PR"),
            said(2, 1, day(13), engagement=likes, signals=(SignalKind.DEFEND,)),
            said(3, 1, day(20), Label.NEGATIVE, engagement=unknown),
        ],
        2: [
            said(4, 2, day(7)),  # contacted, not enrolled yet
            said(5, 2, day(12, 20), Label.NEUTRAL, engagement=likes),
        ],
        3: [
            said(6, 3, day(14) - timedelta(seconds=1), sponsored="#PR"),
            said(7, 3, day(14)),  # the crisis is over
            said(8, 3, day(16)),  # has left
        ],
    }
    around = Around(positive=10, volume=40, reach={1: 500, 2: 500, 5: 70}, incidents=[crisis()])
    found = measure(OCTOBER.start, ENDS, people(), posts, around)
    assert found.enrolled == 2
    assert found.mentions == (3, 7, 6, 2, 5, 1)
    assert found.positive == (7, 6, 2, 1)
    assert set(found.people) == {1, 2, 3}
    assert (found.reach, found.reach_unknown) == (1070, 3)
    assert (found.engagement, found.engagement_unknown) == (15, 3)
    assert found.share_of_positive == pytest.approx(4 / 10)
    assert found.share_of_all == pytest.approx(4 / 40)
    # From the first contact on, and not the one against us, nor what says it is an advertisement.
    assert found.programme == (3, 7, 6, 2, 5, 4, 1)
    assert found.undisclosed == (7, 2, 5, 4)
    assert found.incidents == (7,)
    assert (found.defence, set(found.defenders)) == ((6, 2), {1, 3})


def test_a_month_without_anything_is_zeros_and_no_shares() -> None:
    found = measure(OCTOBER.start, ENDS, (), {}, Around(0, 0))
    assert (found.mentions, found.reach, found.enrolled, found.share_of_positive) == ((), 0, 0, None)
    assert not found.referrals.any


@pytest.mark.parametrize(
    ("resolved", "counts"), [(None, True), (day(1, 0) - 2 * DAY, False), (day(1, 12), True)]
)
def test_an_incident_that_was_open_counts(resolved: datetime | None, counts: bool) -> None:
    one = replace(crisis(), opened_at=OCTOBER.start - 5 * DAY, resolved_at=resolved, id=3)
    found = measure(
        OCTOBER.start, ENDS, people(), {1: [said(1, 1, day(1, 3))]}, Around(1, 1, incidents=[one])
    )
    assert (found.incidents == (3,)) is counts
    assert (found.defence == (1,)) is counts


def event(kind: str, customer: str = "", value: float | None = None, **more: Any) -> Referral:
    base = {
        "topic": "minamo",
        "at": day(3),
        "referrer": "r",
        "advocate_id": None,
        "currency": "JPY",
        "source": "t",
    }
    return Referral(
        **{**base, "kind": kind, "customer": customer, "value": value, "external_id": "e", **more}
    )


def test_referrals_count_customers_once_and_never_add_currencies() -> None:
    found = referred(
        [
            event("invited", id=1), event("clicked", id=2), event("referred", "a", id=3),
            event("purchased", "a", 1000.0, id=4, advocate_id=1), event("purchased", "a", 500.0, id=5),
            event("purchased", "b", 20.0, currency="USD", id=6, advocate_id=9), event("purchased", "", None, id=7),
        ],
        frozenset({1}),
    )  # fmt: skip
    assert found.counts == {"invited": 1, "clicked": 1, "referred": 1, "purchased": 4}
    assert (found.customers, found.buyers, found.known) == (2, 2, 1)
    assert found.values == {"JPY": 1500.0, "USD": 20.0}
    assert found.ids == (1, 2, 3, 4, 5, 6, 7)


def test_silence_is_of_the_enrolled() -> None:
    posts = {1: [said(1, 1, ENDS - 61 * DAY)], 2: [said(2, 2, ENDS - 59 * DAY)]}
    assert silent(people(), posts, ENDS) == (1,)


def test_the_trend_counts_what_was_posted_while_enrolled() -> None:
    posts = {2: [said(1, 2, day(7)), said(2, 2, day(11)), said(3, 2, day(12), Label.NEGATIVE)]}
    (bar,) = trend(people(), posts, [OCTOBER])
    assert (bar.month, bar.positive, bar.neutral, bar.negative, bar.total) == ("2026-10", 1, 0, 1, 2)
