"""Who is handed over: consent at every moment, the ledger, crashes between rows, other runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts import handover
from alerts.exports import ExportConfig, ExportError, Outcome, Row
from alerts.exports.fields import key_of, row_of
from alerts.handover import Plan, hand_over, plan
from alerts.words_handover import WORDS, explain
from storage.consents import Contact
from storage.db import Store
from storage.models_handover import TRANSFER
from storage.transfers import Transfer, TransferState
from tests.alerts.exports import people
from tests.alerts.exports.people import NOW, OVER_HTTP, Waits, contact, run
from tests.alerts.exports.vendors import Friendbuy, HubSpot, ReferralCandy, Salesforce, Segment
from tests.servers import HttpServer, text

VENDORS = {
    "hubspot": HubSpot, "salesforce": Salesforce, "segment": Segment, "referralcandy": ReferralCandy,
    "friendbuy": Friendbuy,
}  # fmt: skip


class Program:
    """An export of our own protocol: one row a part; takes people into `there`, and can die at any of them."""

    Config = ExportConfig
    whole = False

    def __init__(self, *, repeatable: bool = True) -> None:
        self.repeatable = repeatable
        self.there: dict[str, str] = {}
        self.letters: list[str] = []
        self.dies_at = 0
        self.after = True

    def unfit(self, row: Row) -> str:
        return ""

    def parts(self, rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
        return ([row] for row in rows)

    def preview(self, row: Row) -> Mapping[str, Any]:
        return row.cells

    def send(self, part: Sequence[Row]) -> list[Outcome]:
        (row,) = part
        dies = len(self.letters) + 1 == self.dies_at
        if dies and not self.after:
            raise Killed
        self.letters.append(row.key)
        self.there[row.key] = row.digest
        if dies:
            raise Killed
        return [Outcome(row.key, TransferState.SENT)]


class Killed(BaseException):
    """The process is gone: nothing after this line runs."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with people.opened(tmp_path) as opened:
        yield opened


def states(store: Store) -> list[str]:
    return sorted(one.state.value for one in store.handover.of_export("x").values())


# ------------------------------------------------------------------ the ledger


@pytest.mark.parametrize("after", [False, True], ids=["before it arrived", "after it arrived"])
def test_a_crash_between_rows_makes_no_duplicate(store: Store, after: bool) -> None:
    program, crowd = Program(), [contact(n) for n in range(1, 6)]
    program.dies_at, program.after = 3, after
    with pytest.raises(Killed):
        run(program, crowd, store)
    assert states(store) == ["sending", "sent", "sent"]
    program.dies_at = 0
    assert run(program, crowd, store).complete
    assert sorted(program.there) == sorted(key_of(one.author) for one in crowd)
    assert states(store) == ["sent"] * 5
    assert run(program, crowd, store).outcomes == ()


def test_after_a_crash_a_letter_is_left_to_a_person(store: Store) -> None:
    program, crowd = Program(repeatable=False), [contact(1), contact(2)]
    program.dies_at = 1
    with pytest.raises(Killed):
        run(program, crowd, store)
    planned = plan(program, crowd, store.handover.of_export("x"))
    assert [(one.advocate_id, one.code) for one in planned.left] == [(2, "unsure")]
    program.dies_at = 0
    assert run(program, crowd, store).complete
    assert len(program.letters) == len(set(program.letters)) == 2
    assert run(program, crowd, store, again=True).complete  # a person looked, and it was not there
    assert run(program, crowd, store, again=True).outcomes == ()


def test_what_another_living_run_is_sending_is_left_to_it(store: Store) -> None:
    row = row_of(contact(1))
    transfer = Transfer("x", row.key, 1, TransferState.SENDING, row.digest, NOW)
    store.handover.begin([transfer], NOW)
    with store._database.write() as connection:
        connection.execute(TRANSFER.update().values(owner="elsewhere/77/abc"))
    program = Program()
    report = run(program, [contact(1), contact(2)], store)
    assert {one.code for one in report.outcomes} == {"another_run", ""}
    assert program.letters == [key_of(contact(2).author)]
    later = NOW + timedelta(hours=3)
    assert store.handover.begin([transfer], later) == {row.key}


def test_what_was_sent_once_is_remembered_through_a_failure(store: Store) -> None:
    row = row_of(contact(1))
    transfer = Transfer("x", row.key, 1, TransferState.SENDING, row.digest, NOW)
    store.handover.begin([transfer], NOW)
    store.handover.finish([replace(transfer, state=TransferState.SENT, remote_id="9")], NOW)
    store.handover.begin([transfer], NOW + timedelta(hours=1))
    failed = replace(transfer, state=TransferState.FAILED, code="stopped", detail="HTTP 500")
    store.handover.finish([failed], NOW + timedelta(hours=1))
    (kept,) = store.handover.of_advocate(1)
    assert (kept.state, kept.sent_at, kept.remote_id, kept.attempts) == (TransferState.FAILED, NOW, "9", 2)
    assert store.handover.begin([], NOW) == set()


def test_what_changed_goes_again_and_what_did_not_stays(store: Store) -> None:
    program = Program()
    run(program, [contact(1), contact(2)], store)
    changed = [contact(1, score=99.0), contact(2)]
    planned = plan(program, changed, store.handover.of_export("x"))
    assert [row.contact.advocate_id for row in planned.rows] == [1]
    assert [one.code for one in planned.left] == ["unchanged"]


# ------------------------------------------------------------------ who goes


@pytest.mark.parametrize(
    "where",
    [
        {"platform": "reddit"},
        {"platform": "Reddit"},
        {"platform": "forum", "url": "https://old.reddit.com/user/fan1"},
        {"platform": "forum", "url": "https://www.reddit.com/u/fan1"},
    ],
)
@pytest.mark.parametrize("kind", [*OVER_HTTP, "csv"])
def test_reddit_authors_are_refused_everywhere(kind: str, where: dict[str, str], tmp_path: Path) -> None:
    made = OVER_HTTP[kind]("http://127.0.0.1:9", Waits()) if kind in OVER_HTTP else people.csv_file(tmp_path)
    planned = plan(made, [contact(1, **where)], {})
    assert planned.rows == ()
    assert [one.code for one in planned.left] == ["reddit"]
    assert "規約" in explain("reddit", "ja")


def test_one_account_goes_once(store: Store) -> None:
    both = [contact(1, score=70.0), contact(8, external_id="fan1", topic="ミナモ豆", score=90.0)]
    planned = plan(Program(), both, {})
    assert [row.contact.advocate_id for row in planned.rows] == [8]
    assert [(one.advocate_id, one.code) for one in planned.left] == [(1, "same_account")]


def test_who_consents_no_longer_is_to_be_deleted_there(store: Store) -> None:
    program = Program()
    run(program, [contact(1), contact(2)], store)
    gone = handover.gone(program, store.handover.of_export("x"), {key_of(contact(1).author)})
    assert [one.advocate_id for one in gone] == [2]


def test_the_second_lock_holds(store: Store) -> None:
    program = Program()
    with pytest.raises(ExportError, match="gave no consent"):
        run(program, [contact(1), contact(2, scopes=frozenset({"contact"}))], store)
    assert (program.letters, states(store)) == ([], [])


def test_a_withdrawal_overtakes_a_long_run(store: Store) -> None:
    """The third person withdraws while the first is being sent."""
    program, crowd = Program(), [contact(n, score=90 - n) for n in range(1, 4)]
    allowed = {key_of(one.author) for one in crowd}
    planned = plan(program, crowd, {})

    def standing() -> set[str]:
        return allowed if not program.letters else allowed - {key_of(crowd[2].author)}

    report = hand_over("x", program, planned.rows, store.handover, standing=standing, clock=lambda: NOW)
    assert [one.code for one in report.outcomes] == ["", "", "withdrawn"]
    assert len(program.letters) == 2
    assert states(store) == ["sent", "sent"]


EVERY_SCOPE = st.frozensets(st.sampled_from(["contact", "quote", "export"]))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(sorted(OVER_HTTP)),
    st.lists(st.tuples(EVERY_SCOPE, st.booleans(), st.booleans()), min_size=1, max_size=6),
)
def test_nobody_without_consent_is_ever_in_a_request(
    tmp_path_factory: pytest.TempPathFactory, kind: str, crowd: list[tuple[frozenset[str], bool, bool]]
) -> None:
    """Whatever people allow, withdraw or are: no request names anybody who does not allow it at that moment."""
    contacts = [_one(n, scopes, reddit) for n, (scopes, _, reddit) in enumerate(crowd, start=1)]
    withdrawn = {contacts[n].advocate_id for n, (_, gone, _) in enumerate(crowd) if gone}
    consenting = [one for one in contacts if "export" in one.scopes]
    standing = {key_of(one.author) for one in consenting if one.advocate_id not in withdrawn}
    allowed = {one.advocate_id for one in consenting} - withdrawn
    with HttpServer() as server, people.opened(tmp_path_factory.mktemp("k")) as store:
        server.route("/hook", text("ok"))
        if kind in VENDORS:
            VENDORS[kind](server)
        export = OVER_HTTP[kind](server.url(""), Waits())
        planned: Plan = plan(export, consenting, {})
        hand_over("x", export, planned.rows, store.handover, standing=lambda: standing, clock=lambda: NOW)
        with pytest.raises(ExportError) if len(consenting) < len(contacts) else _nothing():
            plan(export, contacts, {})
        sent = b"".join(request.body for request in server.requests)
        for one in contacts:
            if one.advocate_id not in allowed or one.author.platform == "reddit":
                for secret in (one.email, key_of(one.author), one.consent_evidence):
                    assert secret.encode() not in sent


def _one(number: int, scopes: frozenset[str], reddit: bool) -> Contact:
    place = {"platform": "reddit"} if reddit else {}
    return contact(number, scopes=scopes, consent_evidence=f"evidence-{number}.", **place)


class _nothing:
    def __enter__(self) -> None: ...

    def __exit__(self, *reason: object) -> None: ...


# ------------------------------------------------------------------ words


def test_every_code_has_words_in_both_languages() -> None:
    for code, (japanese, english) in WORDS.items():
        assert code
        assert japanese.endswith("。")
        assert english.endswith(".")
    assert explain("", "ja") == ""
