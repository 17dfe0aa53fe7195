"""What people decided about sentences and where sentences stand, on both databases; hand-overs and erasure."""

from __future__ import annotations

from dataclasses import replace

import pytest

from storage.consents import Consent, ConsentKind, Scope
from storage.db import Store
from storage.quotes import Choice, Curation, Place, Publication, QuoteError
from storage.transfers import Transfer, TransferState
from storage.types import Author, Stage
from tests.storage.samples import DAY, HOUR, NOW, TOPIC, author, mention, post, save
from tests.storage.test_advocates import advocate

SAID = "ミナモ珈琲の新作がおいしい"


@pytest.fixture
def two(store: Store) -> tuple[int, int]:
    """An advocate who allows everything for thirty days from NOW, and the mention of theirs."""
    who = author("hana")
    (kept,) = save(store, mention(post("1", author=who)))
    (one,) = store.save_advocates(TOPIC, [advocate(author=who)], NOW)
    number = one.id or 0
    for stage in (Stage.REVIEWED, Stage.CONTACTED):
        store.people.move(number, stage, by="佐藤", now=NOW)
    yes = Consent(
        number, ConsentKind.GRANTED, frozenset(Scope), NOW, "佐藤", "DM", "同意文", NOW + 30 * DAY,
        email="hana@mail.example", name_given="水辺 花",
    )  # fmt: skip
    store.people.record(yes, NOW)
    return number, kept.id or 0


def published(
    store: Store, ids: tuple[int, int], place: str = "https://minamo.example/voices"
) -> Publication:
    note = Publication(ids[0], ids[1], TOPIC, SAID, place, NOW + HOUR, "佐藤")
    return store.testimonials.publish(note, NOW + HOUR)


def curation(mention_id: int, choice: Choice = Choice.APPROVED, end: int = 13) -> Curation:
    return Curation(mention_id, choice, 0, end, SAID[:end], "佐藤", NOW)


def test_the_latest_word_about_a_sentence_stands(store: Store, two: tuple[int, int]) -> None:
    store.testimonials.curate(curation(two[1]))
    store.testimonials.curate(curation(two[1], Choice.HIDDEN, 5))
    assert store.testimonials.curations() == {two[1]: curation(two[1], Choice.HIDDEN, 5)}


def test_what_was_decided_goes_with_its_mention(store: Store, two: tuple[int, int]) -> None:
    store.testimonials.curate(curation(two[1]))
    published(store, two)
    assert store.purge(NOW + DAY) == 1
    assert store.testimonials.curations() == {}
    assert len(store.testimonials.publications()) == 1  # it still stands there


def test_a_withdrawal_names_the_places_until_they_are_done(store: Store, two: tuple[int, int]) -> None:
    note, other = published(store, two), published(store, two, "駅前店のポスター")
    assert store.testimonials.to_take_down(NOW + DAY) == []
    back = Consent(two[0], ConsentKind.WITHDRAWN, frozenset({Scope.QUOTE}), NOW + DAY, "佐藤")
    store.people.record(back, NOW + DAY)
    assert store.testimonials.to_take_down(NOW + DAY) == [note, other]
    assert store.testimonials.to_take_down(NOW + DAY, two[0] + 1) == []
    assert store.testimonials.take_down(note.id or 0, by="鈴木", now=NOW + DAY)
    assert not store.testimonials.take_down(note.id or 0, by="佐藤", now=NOW + DAY)
    assert store.testimonials.to_take_down(NOW + DAY) == [other]
    done = replace(note, down_at=NOW + DAY, down_by="鈴木")
    assert {one.id: one for one in store.testimonials.publications(two[0])}[note.id] == done


def test_an_ended_consent_and_an_opt_out_name_the_places_too(store: Store, two: tuple[int, int]) -> None:
    note = published(store, two)
    assert store.testimonials.to_take_down(NOW + 31 * DAY) == [note]
    store.privacy.opt_out(author("hana"), NOW + DAY, by="佐藤")
    assert store.testimonials.to_take_down(NOW + DAY) == [note]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"place": " "}, "place"),
        ({"at": NOW + DAY}, "future"),
        ({"at": NOW - DAY}, "consent"),
        ({"advocate_id": 99}, "consent"),
    ],
)
def test_what_may_not_be_noted_as_published(
    store: Store, two: tuple[int, int], changes: dict[str, object], code: str
) -> None:
    note = replace(Publication(*two, TOPIC, SAID, "店頭", NOW, "佐藤"), **changes)  # type: ignore[arg-type]
    with pytest.raises(QuoteError) as problem:
        store.testimonials.publish(note, NOW + HOUR)
    assert problem.value.code == code
    assert store.testimonials.publications() == []


def handed(store: Store, number: int) -> None:
    transfer = Transfer("hubspot", "kikimimi-1", number, TransferState.SENDING, "d", NOW)
    store.handover.begin([transfer], NOW)
    said = "hana@mail.example is already in use (水辺 花)"
    sent = replace(transfer, state=TransferState.SENT, remote_id="501", detail=said)
    store.handover.finish([sent], NOW)
    refused = replace(transfer, export="segment", key="kikimimi-1")
    store.handover.begin([refused], NOW)
    store.handover.finish([replace(refused, state=TransferState.REFUSED, code="refused", detail=said)], NOW)


def test_a_person_is_told_where_they_went(store: Store, two: tuple[int, int]) -> None:
    handed(store, two[0])
    store.testimonials.curate(curation(two[1]))
    published(store, two)
    told = store.privacy.everything(author("hana"), NOW + HOUR)
    assert [(row["export"], row["remote_id"], row["sent_at"]) for row in told["handovers"]] == [
        ("hubspot", "501", NOW), ("segment", "", None),
    ]  # fmt: skip
    assert [row["quote"] for row in told["testimonials"]] == [SAID]
    assert [row["place"] for row in told["publications"]] == ["https://minamo.example/voices"]
    assert store.privacy.everything(Author("mastodon", "nobody"), NOW)["handovers"] == []


def test_an_erasure_says_once_where_else_the_person_is(store: Store, two: tuple[int, int]) -> None:
    handed(store, two[0])
    store.testimonials.curate(curation(two[1]))
    taken = published(store, two, "古いポスター")
    published(store, two)
    store.testimonials.take_down(taken.id or 0, by="佐藤", now=NOW + HOUR)
    done = store.privacy.erase(author("hana"), NOW + DAY, by="佐藤")
    assert [(one.export, one.remote_id, one.key) for one in done.handed] == [("hubspot", "501", "kikimimi-1")]
    assert done.places == (Place("https://minamo.example/voices", NOW + HOUR),)
    assert store.testimonials.curations() == {}
    assert store.testimonials.publications() == []
    kept = store.handover.of_advocate(two[0])
    assert [(one.export, one.detail) for one in kept] == [("hubspot", "■"), ("segment", "■")]
    again = store.privacy.erase(author("hana"), NOW + DAY, by="佐藤")
    assert (again.handed, again.places) == ((), ())
