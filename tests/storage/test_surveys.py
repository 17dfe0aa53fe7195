"""Survey responses and referrals on both databases: stored once, and joined to a person only by a standing consent."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from storage.consents import ConsentKind, Scope, standing
from storage.db import Store
from storage.models_surveys import REFERRAL, SURVEY
from storage.once import Added
from storage.referrals import Referral, ReferralGiven, ReferralKind
from storage.responses import SCALES, SurveyGiven, SurveyKind, SurveyResponse
from storage.types import Stage
from tests.storage.samples import DAY, HOUR, NOW, TOPIC, author
from tests.storage.test_advocates import advocate
from tests.storage.test_people import consent, made

EMAIL = "hana@mail.example.jp"
FRIEND = "tomo@mail.example.jp"


def answer(score: int = 9, kind: SurveyKind = SurveyKind.NPS, **fields: Any) -> SurveyGiven:
    base = {"at": NOW - DAY, "comment": "豆の話が楽しい", "email": EMAIL, "properties": {"store": "駅前店"}}
    return SurveyGiven(kind=kind, score=score, scale=SCALES[kind], **(base | fields))


def bought(value: float | None = 1200.0, **fields: Any) -> ReferralGiven:
    base = {"at": NOW - DAY, "kind": ReferralKind.PURCHASED, "referrer": EMAIL, "customer": FRIEND,
            "currency": "JPY", "external_id": "order-1"}  # fmt: skip
    return ReferralGiven(value=value, **(base | fields))


def answers(store: Store, now: datetime = NOW) -> list[SurveyResponse]:
    return store.surveys.between(TOPIC, NOW - 30 * DAY, NOW + DAY, now=now)


def events(store: Store, now: datetime = NOW) -> list[Referral]:
    return store.referrals.between(TOPIC, NOW - 30 * DAY, NOW + DAY, now=now)


def joined(store: Store, now: datetime = NOW) -> set[int | None]:
    """Whom any of the ways out names."""
    return {one.advocate_id for one in (*answers(store, now), *events(store, now))}


def everything_raw(store: Store) -> str:
    with store._database.read() as connection:
        rows = [*connection.execute(select(SURVEY)), *connection.execute(select(REFERRAL))]
    return repr(rows)


# ------------------------------------------------------------------ stored once


def test_what_goes_in_comes_out_without_an_address(store: Store) -> None:
    told = answer(
        comment=f"返事は{EMAIL}まで", properties={"store": "駅前店", "plan": FRIEND}, external_id=EMAIL
    )
    assert store.surveys.add(TOPIC, "generic", [told], NOW) == Added(1, 0, 0)
    assert store.referrals.add(TOPIC, "generic", [bought()], NOW) == Added(1, 0, 0)
    (one,), (event,) = answers(store), events(store)
    assert (one.kind, one.score, one.scale, one.at) == (SurveyKind.NPS, 9, SCALES[SurveyKind.NPS], NOW - DAY)
    assert one.comment == "返事は■まで"
    assert one.properties == {"store": "駅前店", "plan": "■"}
    assert (event.kind, event.value, event.currency, event.source) == ("purchased", 1200.0, "JPY", "generic")
    assert one.person == event.referrer != event.customer
    assert len(one.person) == 64
    assert "@" not in everything_raw(store)


def test_the_same_file_twice_stores_nothing_twice(store: Store) -> None:
    file = [answer(external_id="a"), answer(8, external_id="b"), answer(email=""), answer(email="")]
    assert store.surveys.add(TOPIC, "generic", file, NOW) == Added(4, 0, 0)  # two equal rows are two people
    assert store.surveys.add(TOPIC, "generic", file, NOW + HOUR) == Added(0, 4, 0)
    longer = [*file, answer(email="")]
    assert store.surveys.add(TOPIC, "generic", longer, NOW + HOUR) == Added(1, 4, 0)
    assert len(answers(store)) == 5
    orders = [bought(), bought(kind=ReferralKind.REFERRED), bought(external_id="")]
    assert store.referrals.add(TOPIC, "generic", orders, NOW) == Added(3, 0, 0)
    assert store.referrals.add(TOPIC, "generic", orders, NOW) == Added(0, 3, 0)


def test_an_address_is_the_same_in_any_letters(store: Store) -> None:
    store.surveys.add(TOPIC, "generic", [answer(email=EMAIL), answer(email=f" {EMAIL.upper()} ")], NOW)
    first, second = answers(store)
    assert first.person == second.person


def test_a_dry_run_counts_and_stores_nothing(store: Store) -> None:
    assert store.surveys.add(TOPIC, "generic", [answer()], NOW, dry=True) == Added(1, 0, 0)
    assert answers(store) == []


def test_other_topics_and_sources_are_other_rows(store: Store) -> None:
    for topic, source in ((TOPIC, "generic"), (TOPIC, "delighted"), ("other", "generic")):
        assert store.surveys.add(topic, source, [answer(external_id="1")], NOW).stored == 1
    assert len(store.surveys.between(None, NOW - 2 * DAY, NOW)) == 3
    assert len(answers(store)) == 2


def test_nothing_of_a_file_is_stored_when_one_row_fails(store: Store) -> None:
    naive = answer(at=datetime(2025, 6, 1))  # noqa: DTZ001  (the mistake)
    with pytest.raises(ValueError, match="aware"):
        store.surveys.add(TOPIC, "generic", [*(answer(external_id=str(n)) for n in range(700)), naive], NOW)
    assert answers(store) == []


def test_totals_never_add_currencies(store: Store) -> None:
    store.referrals.add(
        TOPIC,
        "generic",
        [
            bought(),
            bought(800.0, external_id="order-2"),
            bought(30.5, currency="USD", external_id="order-3", customer="c-9"),
            bought(None, currency="", kind=ReferralKind.REFERRED, customer="c-10", external_id="r"),
            bought(None, currency="", kind=ReferralKind.CLICKED, customer="", external_id="k"),
            bought(
                None, currency="", kind=ReferralKind.INVITED, referrer="other", customer="", external_id="i"
            ),
        ],
        NOW,
    )
    found = store.referrals.totals(TOPIC, NOW - 2 * DAY, NOW)
    assert (found.invited, found.clicked, found.referred, found.purchased) == (1, 1, 1, 3)
    assert (found.referrers, found.customers, found.buyers) == (1, 3, 2)
    assert found.revenue == {"JPY": 2000.0, "USD": 30.5}
    assert store.referrals.totals(None, NOW, NOW + DAY).purchased == 0


# ------------------------------------------------------------------ joined by consent, and by nothing else


def told(store: Store) -> None:
    store.surveys.add(TOPIC, "generic", [answer()], NOW)
    store.referrals.add(TOPIC, "generic", [bought()], NOW)


def test_a_standing_consent_joins_also_what_was_imported_before(store: Store) -> None:
    told(store)
    number = made(store)
    assert joined(store) == {None}
    store.people.record(consent(number, email=EMAIL.upper()), NOW)
    assert joined(store) == {number}
    store.surveys.add("other", "generic", [answer()], NOW)
    assert [one.advocate_id for one in store.surveys.between("other", NOW - 2 * DAY, NOW, now=NOW)] == [None]


def test_no_joining_without_the_scope_or_with_another_address(store: Store) -> None:
    told(store)
    number = made(store)
    store.people.record(consent(number, scopes={Scope.QUOTE, Scope.EXPORT}, email=EMAIL), NOW)
    assert joined(store) == {None}
    other = made(store, "sora")
    store.people.record(consent(other, email="sora@mail.example.jp"), NOW)
    assert joined(store) == {None}


def test_withdrawing_or_expiring_ends_it(store: Store) -> None:
    told(store)
    number = made(store)
    store.people.record(consent(number, email=EMAIL, until=NOW + DAY), NOW)
    assert joined(store) == {number}
    assert joined(store, NOW + DAY) == {None}  # nobody needs to have written that it expired
    gone = consent(number, ConsentKind.WITHDRAWN, scopes={Scope.CONTACT}, at=NOW + HOUR)
    store.people.record(gone, NOW + HOUR)
    assert joined(store, NOW + HOUR) == {None}


def test_nobody_on_reddit_is_ever_matched(store: Store) -> None:
    told(store)
    somebody = author("hana", platform="reddit", url="https://www.reddit.com/user/hana")
    (one,) = store.save_advocates(TOPIC, [replace(advocate(), author=somebody)], NOW)
    number = one.id or 0
    for stage in (Stage.REVIEWED, Stage.CONTACTED):
        store.people.move(number, stage, by="佐藤", now=NOW)
    store.people.record(consent(number, email=EMAIL), NOW)
    assert joined(store) == {None}


def test_opting_out_ends_it(store: Store) -> None:
    told(store)
    number = made(store)
    store.people.record(consent(number, email=EMAIL), NOW)
    store.privacy.opt_out(author(), NOW, by="佐藤")
    assert joined(store, NOW + HOUR) == {None}


LEDGER = st.lists(
    st.tuples(
        st.sampled_from(list(ConsentKind)),
        st.frozensets(st.sampled_from(list(Scope))),
        st.integers(0, 6),  # days after NOW
        st.one_of(st.none(), st.integers(1, 8)),  # the consent's end
        st.sampled_from([EMAIL, FRIEND, ""]),
    ),
    max_size=5,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ledger=LEDGER, looked=st.integers(0, 8), out=st.sampled_from(["", "opt-out", "erase"]))
def test_no_way_joins_without_a_standing_consent(store: Store, ledger: Any, looked: int, out: str) -> None:
    """Whatever was written into the ledger, by whatever way out one looks."""
    from tests.storage.samples import empty

    empty(store)
    told(store)
    number = made(store)
    for kind, scopes, day, until, email in ledger:
        row = consent(
            number,
            kind,
            scopes,
            at=NOW + day * DAY,
            email=email,
            until=None if until is None else NOW + until * DAY,
        )
        try:
            store.people.record(row, NOW + 9 * DAY)
        except ValueError:
            continue  # the ledger refuses it
    now = NOW + looked * DAY
    rows = store.people.ledger(number)
    if out == "opt-out":
        store.privacy.opt_out(author(), now, by="佐藤")
    elif out == "erase":
        store.privacy.erase(author(), now, by="佐藤")
    stands = standing(rows, now)
    may = stands is not None and Scope.CONTACT in stands.scopes and not out
    address = stands.email if stands and may else ""
    by_answers = {one.advocate_id for one in answers(store, now)}
    by_events = {one.advocate_id for one in events(store, now)}
    if not may or address != EMAIL:
        assert by_answers | by_events <= {None}
    else:
        assert by_answers == by_events == {number}
    if out != "erase":
        shown = store.privacy.everything(author(), now)
        assert bool(shown["surveys"]) == (address == EMAIL)
        assert bool(shown["referrals"]) == (address in (EMAIL, FRIEND))


# ------------------------------------------------------------------ to know, and to be forgotten


def test_export_shows_what_a_standing_consent_joins(store: Store) -> None:
    told(store)
    number = made(store)
    assert store.privacy.everything(author(), NOW)["surveys"] == []
    store.people.record(consent(number, email=EMAIL), NOW)
    shown = store.privacy.everything(author(), NOW)
    assert [row["score"] for row in shown["surveys"]] == [9.0]
    assert [row["value"] for row in shown["referrals"]] == [1200.0]
    assert store.privacy.everything_of(FRIEND)["referrals"] == shown["referrals"]
    assert store.privacy.everything_of("nobody@mail.example.jp") == {"surveys": [], "referrals": []}


def test_erasing_an_account_takes_every_address_it_ever_gave(store: Store) -> None:
    told(store)
    store.surveys.add(TOPIC, "generic", [answer(2, email="sora@mail.example.jp")], NOW)
    number = made(store)
    store.people.record(consent(number, email=EMAIL), NOW)
    store.people.record(consent(number, ConsentKind.WITHDRAWN, scopes=(), at=NOW), NOW)
    done = store.privacy.erase(author(), NOW, by="佐藤")
    assert (done.surveys, done.referrals) == (1, 1)
    assert [one.score for one in answers(store)] == [2]
    assert events(store) == []
    assert store.surveys.add(TOPIC, "generic", [answer(), answer(email="")], NOW) == Added(1, 0, 1)
    assert store.referrals.add(TOPIC, "generic", [bought()], NOW) == Added(0, 0, 1)


def test_an_erased_address_never_comes_back(store: Store) -> None:
    told(store)
    assert store.privacy.erase_address(f" {FRIEND.upper()}", NOW, by="佐藤", reason="依頼") == (0, 1)
    assert len(answers(store)) == 1
    assert store.referrals.add(TOPIC, "friendbuy", [bought(), replace(bought(), customer="x")], NOW) == Added(
        1, 0, 1
    )
    assert store.privacy.erase_address(FRIEND, NOW + timedelta(days=1), by="佐藤") == (0, 0)
    assert [one.kind.value for one in store.privacy.refusals()] == ["erased"]
