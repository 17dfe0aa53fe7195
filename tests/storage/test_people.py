"""The journey and the consent ledger on both databases: what may follow what, and who may be handed over."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Table, select

from storage.consents import Consent, ConsentKind, Scope, standing
from storage.db import Store
from storage.journeys import ENROLLED, MOVES, Step, StepKind, tasks
from storage.models_people import CONSENT, STEP
from storage.people import JourneyError
from storage.types import Stage
from tests.storage.samples import DAY, HOUR, MINUTE, NOW, TOPIC, author
from tests.storage.test_advocates import advocate

ALL = frozenset(Scope)


def consent(
    number: int, kind: ConsentKind = ConsentKind.GRANTED, scopes: Any = ALL, **fields: Any
) -> Consent:
    base = {
        "at": NOW,
        "by": "佐藤",
        "evidence": "mail of 2 June",
        "wording": "お名前と投稿の紹介に同意します",
    }
    return Consent(number, kind, frozenset(scopes), **(base | fields))


def made(store: Store, name: str = "hana", *, contacted: bool = True) -> int:
    (one,) = store.save_advocates(TOPIC, [advocate(name)], NOW)
    number = one.id or 0
    if contacted:
        store.people.move(number, Stage.REVIEWED, by="佐藤", now=NOW)
        store.people.move(number, Stage.CONTACTED, by="佐藤", now=NOW)
    return number


def refused(code: str) -> Any:
    return pytest.raises(JourneyError, check=lambda error: error.code == code)


# ------------------------------------------------------------------ moves


def test_every_stage_can_be_reached_and_left() -> None:
    assert set(MOVES) == set(Stage)
    reached = {Stage.CANDIDATE}
    for _ in Stage:
        reached |= {after for stage in reached for after in MOVES[stage]}
    assert reached == set(Stage)
    assert all(Stage.LEFT in after for stage, after in MOVES.items() if stage is not Stage.LEFT)


@pytest.mark.parametrize(
    "stage", [one for one in Stage if one not in (Stage.REVIEWED, Stage.LEFT, Stage.CONSENTED)]
)
def test_a_candidate_cannot_jump(store: Store, stage: Stage) -> None:
    number = made(store, contacted=False)
    with refused("move"):
        store.people.move(number, stage, by="佐藤", now=NOW)
    assert store.people.history(number) == []


def test_consented_is_reached_only_by_a_consent(store: Store) -> None:
    number = made(store)
    with refused("consent"):
        store.people.move(number, Stage.CONSENTED, by="佐藤", now=NOW)
    store.people.record(consent(number), NOW)
    found = store.advocate(number)
    assert found is not None
    assert found.stage is Stage.CONSENTED
    kinds = [one.kind for one in store.people.history(number)]
    assert kinds == [StepKind.MOVED, StepKind.MOVED, StepKind.CONSENT, StepKind.MOVED]


def test_a_step_says_who_when_and_why(store: Store) -> None:
    number = made(store, contacted=False)
    store.people.move(number, Stage.REVIEWED, by="佐藤", now=NOW, at=NOW - DAY, note="投稿を確認")
    (step,) = store.people.history(number)
    assert (step.by, step.at, step.note) == ("佐藤", NOW - DAY, "投稿を確認")
    assert step.values == {"from": "candidate", "to": "reviewed"}
    with refused("future"):
        store.people.move(number, Stage.CONTACTED, by="佐藤", now=NOW, at=NOW + MINUTE)
    with refused("unknown"):
        store.people.move(10**6, Stage.LEFT, by="佐藤", now=NOW)


def test_programme_posts_begin_with_the_first_contact(store: Store) -> None:
    number = made(store)
    assert store.people.contacted_at(TOPIC) == {("mastodon", "hana"): NOW}
    store.people.move(number, Stage.LEFT, by="佐藤", now=NOW)
    store.people.move(number, Stage.REVIEWED, by="佐藤", now=NOW + DAY)
    store.people.move(number, Stage.CONTACTED, by="佐藤", now=NOW + DAY)
    assert store.people.contacted_at() == {("mastodon", "hana"): NOW}
    assert store.people.contacted_at("トマリギ") == {}


def test_owner_tags_and_tasks(store: Store) -> None:
    number = made(store, contacted=False)
    store.people.set_owner(number, "鈴木", by="佐藤", now=NOW)
    store.people.set_owner(number, "鈴木", by="佐藤", now=NOW)
    store.people.set_tags(number, ["VIP", " 東北 ", ""], by="佐藤", now=NOW)
    journey = store.people.journeys([number])[number]
    assert (journey.owner, journey.tags) == ("鈴木", ("VIP", "東北"))
    assert store.people.owners() == ["鈴木"]
    due = {"due": (NOW + DAY).isoformat()}
    later = store.people.write(Step(number, StepKind.TASK, NOW, "佐藤", "返信を確認"))
    first = store.people.write(Step(number, StepKind.TASK, NOW, "佐藤", "お礼のDM", due))
    assert [one.title for one in tasks(store.people.history(number))] == ["お礼のDM", "返信を確認"]
    store.people.write(Step(number, StepKind.DONE, NOW + HOUR, "鈴木", values={"task": first.id}))
    assert [(one.id, one.done_by) for one in tasks(store.people.history(number))] == [
        (later.id, ""), (first.id, "鈴木"),
    ]  # fmt: skip
    for wrong in (first.id, 10**6):
        with refused("task"):
            store.people.write(Step(number, StepKind.DONE, NOW, "鈴木", values={"task": wrong}))
    with pytest.raises(ValueError, match="moved"):
        store.people.write(Step(number, StepKind.MOVED, NOW, "鈴木"))


# ------------------------------------------------------------------ consent


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"scopes": ()}, "scopes"), ({"scopes": ("sell",)}, "scopes"), ({"evidence": " "}, "evidence"),
        ({"wording": ""}, "evidence"), ({"by": ""}, "evidence"), ({"at": NOW + MINUTE}, "future"),
        ({"kind": ConsentKind.WITHDRAWN}, "nothing_stands"), ({"kind": ConsentKind.CHANGED}, "nothing_stands"),
    ],
)  # fmt: skip
def test_a_consent_is_whole_or_refused(store: Store, fields: dict[str, Any], code: str) -> None:
    number = made(store)
    with refused(code):
        store.people.record(consent(number, **fields), NOW)
    assert store.people.ledger(number) == []


def test_nobody_consents_before_they_are_contacted(store: Store) -> None:
    number = made(store, contacted=False)
    with refused("not_contacted"):
        store.people.record(consent(number), NOW)


def test_contacts_are_those_whose_consent_stands(store: Store) -> None:
    number = made(store)
    scopes = {Scope.CONTACT, Scope.EXPORT}
    store.people.record(consent(number, scopes=scopes, email="hana@mail.example", name_given="ハナ"), NOW)
    (one,) = store.people.contacts(TOPIC, "export", NOW)
    assert (one.author, one.stage, one.scopes) == (author(followers=100), Stage.CONSENTED, scopes)
    assert (one.email, one.name_given, one.consent_at) == ("hana@mail.example", "ハナ", NOW)
    assert store.people.contacts(None, "contact", NOW) == [one]
    assert store.people.contacts(TOPIC, "quote", NOW) == []
    assert store.people.contacts("トマリギ", "export", NOW) == []
    assert store.people.contacts(TOPIC, "export", NOW - MINUTE) == []
    with pytest.raises(ValueError, match="sell"):
        store.people.contacts(TOPIC, "sell", NOW)
    back = consent(number, ConsentKind.WITHDRAWN, {Scope.CONTACT}, at=NOW + HOUR)
    store.people.record(back, NOW + HOUR)
    (left,) = store.people.contacts(TOPIC, "export", NOW + HOUR)
    assert left.email == ""


def test_a_withdrawal_ends_the_programme_and_stays_in_the_ledger(store: Store) -> None:
    number = made(store)
    store.people.record(consent(number), NOW)
    store.people.record(consent(number, ConsentKind.WITHDRAWN, (), at=NOW + DAY), NOW + DAY)
    found = store.advocate(number)
    assert found is not None
    assert found.stage is Stage.LEFT
    assert [one.kind for one in store.people.ledger(number)] == [ConsentKind.GRANTED, ConsentKind.WITHDRAWN]
    assert store.people.contacts(TOPIC, "contact", NOW + DAY) == []
    assert len(store.people.contacts(TOPIC, "contact", NOW + HOUR)) == 1


def test_a_consent_with_an_end_expires_by_itself_and_is_written_down_once(store: Store) -> None:
    number = made(store)
    store.people.record(consent(number, until=NOW + DAY), NOW)
    assert store.people.expire(NOW + HOUR) == 0
    assert store.people.contacts(TOPIC, "contact", NOW + DAY) == []
    assert store.people.expire(NOW + 2 * DAY) == 1
    assert store.people.expire(NOW + 2 * DAY) == 0
    assert [(one.kind, one.at) for one in store.people.ledger(number)][1:] == [
        (ConsentKind.EXPIRED, NOW + DAY)
    ]


def test_who_opts_out_is_nowhere_and_comes_back_only_by_word(store: Store) -> None:
    number = made(store)
    store.people.record(consent(number), NOW)
    store.privacy.opt_out(author(), NOW + HOUR, by="佐藤", reason="お申し出")
    assert store.people.contacts(None, "contact", NOW + DAY) == []
    assert store.advocates() == []
    assert store.save_advocates(TOPIC, [advocate()], NOW + DAY) == []
    with refused("opted_out"):
        store.people.move(number, Stage.REVIEWED, by="佐藤", now=NOW + DAY)
    assert store.people.programme(TOPIC) == []
    assert store.privacy.take_back(author(), NOW + DAY, by="佐藤")
    assert not store.privacy.take_back(author(), NOW + DAY, by="佐藤")
    assert store.people.contacts(None, "contact", NOW + DAY) == []
    (back,) = store.save_advocates(TOPIC, [advocate()], NOW + DAY)
    assert (back.id, back.stage) == (number, Stage.LEFT)


# ------------------------------------------------------------------ properties


moments = st.integers(0, 60).map(lambda n: NOW + n * DAY)
rows = st.lists(
    st.builds(
        Consent,
        st.just(1),
        st.sampled_from(ConsentKind),
        st.frozensets(st.sampled_from([one.value for one in Scope])),
        moments,
        st.just("佐藤"),
        until=st.one_of(st.none(), moments),
    ),
    max_size=6,
)


@given(rows, moments)
def test_nothing_later_changes_what_stood(ledger: list[Consent], now: Any) -> None:
    numbered = [replace(one, id=n) for n, one in enumerate(ledger)]
    past = [one for one in numbered if one.at <= now]
    assert standing(numbered, now) == standing(past, now)
    assert standing(reversed(numbered), now) == standing(numbered, now)


@given(rows, moments)
def test_only_a_yes_makes_something_stand(ledger: list[Consent], now: Any) -> None:
    numbered = [replace(one, id=n) for n, one in enumerate(ledger)]
    stands = standing(numbered, now)
    said = [
        one for one in numbered if one.at <= now and one.kind in (ConsentKind.GRANTED, ConsentKind.CHANGED)
    ]
    if stands is not None:
        assert stands.scopes <= frozenset().union(*(one.scopes for one in said))
        assert any(one.kind is ConsentKind.GRANTED for one in said)
    ending = Consent(1, ConsentKind.WITHDRAWN, frozenset(), now, "佐藤", id=99)
    assert standing([*numbered, ending], now) is None


numbers = count(1)
deeds = st.lists(
    st.one_of(
        st.tuples(st.just("move"), st.sampled_from(Stage)),
        st.tuples(st.just("yes"), st.frozensets(st.sampled_from([one.value for one in Scope]), min_size=1)),
        st.tuples(st.just("no"), st.frozensets(st.sampled_from([one.value for one in Scope]))),
        st.tuples(st.just("out"), st.booleans()),
        st.tuples(st.just("expire"), st.none()),
    ),
    max_size=12,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds)
def test_whatever_people_do_contacts_need_a_standing_consent(store: Store, deeds: list[Any]) -> None:
    """Random walks: the stage follows the table, the ledger only grows, and contacts obey the ledger."""
    name = f"p{next(numbers)}"  # a new person for every walk
    number = made(store, name, contacted=False)
    who, now = author(name), NOW
    before: dict[str, list[Any]] = {CONSENT.name: [], STEP.name: []}
    for verb, what in deeds:
        now += HOUR
        stage = getattr(store.advocate(number), "stage", None)
        try:
            _do(store, number, verb, what, now)
        except JourneyError:
            assert getattr(store.advocate(number), "stage", None) is stage
        for table in (CONSENT, STEP):
            rows_now = _rows(store, number, table)
            assert rows_now[: len(before[table.name])] == before[table.name]
            before[table.name] = rows_now
        ledger = store.people.ledger(number)
        stands = standing(ledger, now)
        for scope in Scope:
            listed = any(one.advocate_id == number for one in store.people.contacts(None, scope.value, now))
            assert listed == (
                stands is not None and scope in stands.scopes and store.privacy.refusal(who) is None
            )
        if getattr(store.advocate(number), "stage", None) in ENROLLED:
            assert any(one.kind is ConsentKind.GRANTED for one in ledger)


def _do(store: Store, number: int, verb: str, what: Any, now: Any) -> None:
    found = store.advocate(number)
    assert found is not None
    if verb == "move":
        store.people.move(number, what, by="佐藤", now=now)
    elif verb == "yes":
        store.people.record(consent(number, scopes=what, at=now, until=now + timedelta(hours=3)), now)
    elif verb == "no":
        store.people.record(consent(number, ConsentKind.WITHDRAWN, what, at=now), now)
    elif verb == "out" and what:
        store.privacy.opt_out(found.author, now, by="佐藤")
    elif verb == "out":
        store.privacy.take_back(found.author, now, by="佐藤")
    else:
        store.people.expire(now)


def _rows(store: Store, number: int, table: Table) -> list[Any]:
    """Ledger or history as it lies in its table."""
    wanted = select(table).where(table.c.advocate_id == number).order_by(table.c.id)
    with store._database.read() as connection:
        return [tuple(row) for row in connection.execute(wanted)]
