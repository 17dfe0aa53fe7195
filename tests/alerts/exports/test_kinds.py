"""Each export against a server that keeps its vendor's rules: who arrives, who does not, and why."""

from __future__ import annotations

import base64
import csv
import io
import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from alerts.exports import EXPORTS, ExportError, export_class
from alerts.exports.fields import FIELDS, key_of, names, row_of
from alerts.signing import sign
from storage.db import Store
from storage.transfers import TransferState
from storage.types import Author
from tests.alerts.exports import people
from tests.alerts.exports.people import OVER_HTTP, Waits, contact, run
from tests.alerts.exports.vendors import Friendbuy, HubSpot, ReferralCandy, Salesforce, Segment
from tests.servers import HttpServer, json_reply, slow, text, too_many

SENT, REFUSED, FAILED = TransferState.SENT, TransferState.REFUSED, TransferState.FAILED


@pytest.fixture
def server() -> Iterator[HttpServer]:
    with HttpServer() as running:
        yield running


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with people.opened(tmp_path) as opened:
        yield opened


# ------------------------------------------------------------------ what all of them do


@pytest.mark.parametrize("kind", EXPORTS)
def test_every_kind_has_a_manual_with_an_example(kind: str) -> None:
    made = export_class(kind)
    manual = __import__(made.__module__, fromlist=["x"]).__doc__
    assert f"kind: {kind}" in manual
    assert made.Config.model_fields["kind"].is_required()


@pytest.mark.parametrize("kind", OVER_HTTP)
@pytest.mark.parametrize(("status", "permanent"), [(401, True), (403, True), (404, True), (500, False)])
def test_what_stops_a_run(kind: str, status: int, permanent: bool, server: HttpServer, store: Store) -> None:
    """The second person is not tried with the same wrong password, and no secret is told."""
    server.route("*", json_reply({"message": "TOPSECRET is not what we want to see"}, status=status))
    waits = Waits()
    report = run(OVER_HTTP[kind](server.url(""), waits), [contact(1), contact(2)], store)
    assert {one.state for one in report.outcomes} <= {REFUSED, FAILED}
    assert report.stopped
    assert f"HTTP {status}" in report.stopped
    assert bool(waits.seconds) is not (permanent or kind == "referralcandy")
    if kind not in ("hubspot", "salesforce", "segment"):
        assert [one.code for one in report.outcomes][-1] == "not_tried"
    kept = {one.state for one in store.handover.of_export("x").values()}
    assert kept == {REFUSED if permanent else FAILED}


@pytest.mark.parametrize("kind", OVER_HTTP)
def test_too_many_is_waited_for(kind: str, server: HttpServer, store: Store) -> None:
    server.route("*", too_many(7))
    waits = Waits()
    report = run(OVER_HTTP[kind](server.url(""), waits), [contact(1)], store)
    assert waits.seconds == [7.1, 7.1, 7.1]
    assert "in 7 s" in report.stopped
    assert [one.state for one in report.outcomes] == [FAILED]


@pytest.mark.parametrize("kind", OVER_HTTP)
def test_a_long_wait_is_left_to_the_next_run(kind: str, server: HttpServer, store: Store) -> None:
    server.route("*", too_many(3600))
    waits = Waits()
    report = run(OVER_HTTP[kind](server.url(""), waits), [contact(1)], store)
    assert (waits.seconds, len(server.requests)) == ([], 1)
    assert "in 3600 s" in report.stopped


@pytest.mark.parametrize("kind", OVER_HTTP)
def test_nobody_is_at_home(kind: str, store: Store) -> None:
    with HttpServer() as gone:
        url = gone.url("")
    report = run(OVER_HTTP[kind](url, Waits()), [contact(1)], store)
    assert "nobody is handed over twice" in report.stopped


def test_a_name_becomes_two() -> None:
    assert names("朝倉 花子") == ("花子", "朝倉")
    assert names("Hanako Asakura") == ("Hanako", "Asakura")
    assert names("花子") == ("", "花子")
    assert names("") == ("", "")


def test_a_key_is_the_account_and_nothing_else() -> None:
    first, second = Author("mastodon", "1", handle="a"), Author("mastodon", "1", handle="b", followers=3)
    assert key_of(first) == key_of(second) != key_of(Author("misskey", "1"))


def test_nobody_without_the_scope_becomes_a_row() -> None:
    with pytest.raises(ExportError, match="no consent to be handed over"):
        row_of(contact(1, scopes=frozenset({"contact", "quote"})))


# ------------------------------------------------------------------ csv


def test_a_file_is_whole_safe_and_private(tmp_path: Path, store: Store) -> None:
    path = tmp_path / "out" / "contacts.csv"
    evil = contact(2, name_given='=HYPERLINK("https://evil.example","x")', consent_evidence="a\nb, 「c」")
    report = run(people.csv_file(path), [contact(1), evil], store)
    assert report.complete
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    assert tuple(rows[0]) == FIELDS
    assert rows[0]["name"].startswith("'=HYPERLINK")
    assert (rows[0]["consent_evidence"], rows[1]["email"]) == ("a\nb, 「c」", "fan1@mail.example.jp")
    again = run(people.csv_file(path, bom=False), [contact(1)], store)
    assert again.complete
    assert not path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert "fan2" not in path.read_text(encoding="utf-8")


def test_a_file_forgets_the_last_who_withdrew(tmp_path: Path, store: Store) -> None:
    path = tmp_path / "contacts.csv"
    run(people.csv_file(path), [contact(1)], store)
    run(people.csv_file(path), [], store)
    assert path.read_text(encoding="utf-8-sig").splitlines() == [",".join(FIELDS)]


def test_a_file_that_cannot_be_written_says_so(tmp_path: Path, store: Store) -> None:
    (tmp_path / "wall").write_text("")
    report = run(people.csv_file(tmp_path / "wall" / "x.csv"), [contact(1)], store)
    assert "choose a place you can write to" in report.stopped


# ------------------------------------------------------------------ webhook


def test_a_webhook_is_signed_and_recognisable(server: HttpServer, store: Store) -> None:
    server.route("/hook", text("ok"))
    assert run(people.webhook(server.url(""), Waits()), [contact(1)], store).complete
    (request,) = server.requests
    given = request.headers
    body = request.json()
    assert (body["type"], body["data"]["email"]) == ("kikimimi.contact", "fan1@mail.example.jp")
    key = base64.b64decode("c2VjcmV0")
    expected = sign(key, given["webhook-id"], given["webhook-timestamp"], request.body)
    assert given["webhook-signature"] == expected
    assert run(people.webhook(server.url(""), Waits()), [contact(1)], store, again=True).complete
    assert server.requests[1].headers["webhook-id"] == given["webhook-id"]
    changed = contact(1, score=12.5)
    assert run(people.webhook(server.url(""), Waits()), [changed], store).complete
    assert server.requests[2].headers["webhook-id"] != given["webhook-id"]


def test_a_row_that_the_receiver_does_not_take(server: HttpServer, store: Store) -> None:
    server.route("/hook", [json_reply({"message": "fan2@mail.example.jp is odd"}, status=422), text("ok")])
    report = run(people.webhook(server.url(""), Waits()), [contact(1), contact(2)], store)
    assert [(one.state, one.code) for one in report.outcomes] == [(REFUSED, "refused"), (SENT, "")]
    assert report.outcomes[0].detail == "HTTP 422 … is odd"
    assert not report.stopped


# ------------------------------------------------------------------ HubSpot


def test_hubspot_takes_a_hundred_at_a_time(server: HttpServer, store: Store) -> None:
    vendor = HubSpot(server)
    crowd = [contact(number) for number in range(1, 252)]
    export = people.hubspot(server.url(""), Waits())
    assert run(export, crowd, store).complete
    assert [len(one.json()["inputs"]) for one in server.requests] == [100, 100, 51]
    assert len(vendor.contacts) == 251
    known = vendor.contacts[key_of(contact(1).author)]
    assert (known["lastname"], known["firstname"], known["kikimimi_score"]) == ("朝倉", "花子1", "81.0")
    assert run(export, crowd, store).outcomes == ()
    assert len(server.requests) == 3
    assert run(export, crowd, store, again=True).complete
    assert len(vendor.contacts) == 251


@pytest.mark.parametrize("whole", [False, True], ids=["207 names the bad row", "400 for the whole batch"])
def test_hubspot_refuses_one_row(server: HttpServer, store: Store, whole: bool) -> None:
    vendor = HubSpot(server)
    vendor.bad, vendor.whole = {"fan3@mail.example.jp"}, whole
    report = run(people.hubspot(server.url(""), Waits()), [contact(n) for n in range(1, 8)], store)
    refused = [one for one in report.outcomes if one.state is not SENT]
    assert [one.key for one in refused] == [key_of(contact(3).author)]
    assert refused[0].detail == "Email address … is invalid"
    assert (len(vendor.contacts), report.stopped) == (6, "")
    vendor.bad = set()
    assert run(people.hubspot(server.url(""), Waits()), [contact(n) for n in range(1, 8)], store).complete
    assert len(vendor.contacts) == 7


def test_hubspot_without_the_property_stops_with_the_remedy(server: HttpServer, store: Store) -> None:
    vendor = HubSpot(server)
    vendor.properties -= {"kikimimi_id"}
    report = run(people.hubspot(server.url(""), Waits()), [contact(n) for n in range(1, 8)], store)
    assert "create the property" in report.stopped
    assert len(server.requests) == 1


def test_hubspot_by_address_and_with_other_names(server: HttpServer, store: Store) -> None:
    vendor = HubSpot(server)
    vendor.properties |= {"advocate_score"}
    fields = {"score": "advocate_score", "topic": ""}
    export = people.hubspot(server.url(""), Waits(), id_property="email", fields=fields)
    report = run(export, [contact(1), contact(2, email="")], store)
    assert [one.state for one in report.outcomes] == [SENT]
    (known,) = vendor.contacts.values()
    assert known["advocate_score"] == "81.0"
    assert {"kikimimi_topic", "kikimimi_id"}.isdisjoint(known)


def test_hubspot_says_nothing_of_a_row(server: HttpServer, store: Store) -> None:
    server.route(HubSpot.path, json_reply({"status": "COMPLETE", "results": []}))
    report = run(people.hubspot(server.url(""), Waits()), [contact(1)], store)
    assert [(one.state, one.code) for one in report.outcomes] == [(FAILED, "unsaid")]


# ------------------------------------------------------------------ Salesforce


def test_salesforce_job_from_open_to_complete(server: HttpServer, store: Store) -> None:
    vendor, waits = Salesforce(server), Waits()
    vendor.failing = {
        "fan2@mail.example.jp": "INVALID_EMAIL_ADDRESS:Email: fan2@mail.example.jp:Email --",
        "fan3@mail.example.jp": "UNABLE_TO_LOCK_ROW:unable to obtain exclusive access:--",
        "fan4@mail.example.jp": "DUPLICATES_DETECTED:Use one of these records?:--",
    }
    crowd = [contact(1, name_given=""), *(contact(n) for n in range(2, 6))]
    report = run(people.salesforce(server.url(""), waits, fixed={"LeadSource": "Kikimimi"}), crowd, store)
    ended = {one.key: one for one in report.outcomes}
    found = [(ended[key_of(one.author)].state, ended[key_of(one.author)].code) for one in crowd]
    assert found == [
        (SENT, ""), (REFUSED, "bad_email"), (FAILED, "busy"), (REFUSED, "conflict"), (SENT, ""),
    ]  # fmt: skip
    assert ended[key_of(crowd[0].author)].remote_id == "003xx"
    first = vendor.records[key_of(crowd[0].author)]
    assert (first["LastName"], first["LeadSource"], first["Kikimimi_Topic__c"]) == (
        "fan1",
        "Kikimimi",
        "ミナモ珈琲",
    )
    assert waits.seconds == [1.0, 2.0]
    assert "mail.example.jp" not in json.dumps([one.detail for one in report.outcomes])
    vendor.failing, vendor.states = {}, ["JobComplete"]
    assert run(people.salesforce(server.url(""), waits), crowd, store).complete
    assert len(vendor.records) == 5


@pytest.mark.parametrize("state", ["Failed", "Aborted"])
def test_salesforce_job_that_ends_badly(state: str, server: HttpServer, store: Store) -> None:
    vendor = Salesforce(server)
    vendor.states, vendor.done = ["InProgress", state], 1
    report = run(people.salesforce(server.url(""), Waits()), [contact(1), contact(2)], store)
    assert [(one.state, one.code) for one in report.outcomes] == [(SENT, ""), (FAILED, "unprocessed")]
    assert ("InvalidBatch" if state == "Failed" else "job Aborted") in report.outcomes[1].detail


def test_salesforce_job_that_does_not_end(server: HttpServer, store: Store) -> None:
    vendor, waits = Salesforce(server), Waits()
    vendor.states = ["InProgress"]
    report = run(people.salesforce(server.url(""), waits, wait_minutes=1), [contact(1)], store)
    assert [(one.state, one.code) for one in report.outcomes] == [(FAILED, "still_running")]
    assert sum(waits.seconds) >= 60
    vendor.states = ["JobComplete"]
    assert run(people.salesforce(server.url(""), waits), [contact(1)], store).complete
    assert len(vendor.records) == 1


def test_salesforce_leaves_no_open_job_behind(server: HttpServer, store: Store) -> None:
    vendor = Salesforce(server)
    server.route(f"PUT {vendor.jobs}/750xx/batches", text("no", status=500))
    report = run(people.salesforce(server.url(""), Waits()), [contact(1)], store)
    assert "HTTP 500" in report.stopped
    assert vendor.job["state"] == "Aborted"


def test_salesforce_session_that_runs_out(server: HttpServer, store: Store) -> None:
    vendor = Salesforce(server)
    export = people.salesforce(server.url(""), Waits())
    assert run(export, [contact(1)], store).complete
    vendor.sessions.clear()
    vendor.states = ["JobComplete"]
    assert run(export, [contact(2)], store).complete
    assert vendor.logins == 2


def test_salesforce_with_the_wrong_secret(server: HttpServer, store: Store) -> None:
    Salesforce(server)
    report = run(people.salesforce(server.url(""), Waits(), secret="wrong-secret"), [contact(1)], store)
    assert "invalid client credentials" in report.stopped
    assert "wrong-secret" not in report.stopped


# ------------------------------------------------------------------ Segment


def test_segment_batches_stay_below_the_limit(server: HttpServer, store: Store) -> None:
    vendor = Segment(server)
    crowd = [contact(n, consent_evidence="承諾" * 1000) for n in range(1, 121)]
    export = people.segment(server.url(""), Waits())
    assert run(export, crowd, store).complete
    assert len(vendor.sizes) > 1
    assert max(vendor.sizes) <= 500_000
    assert len(vendor.events) == 240
    kinds = [one["type"] for one in vendor.events.values()]
    assert (kinds.count("identify"), kinds.count("track")) == (120, 120)
    assert run(export, crowd, store, again=True).complete
    assert len(vendor.events) == 240


def test_segment_event_that_is_too_large_stays(server: HttpServer, store: Store) -> None:
    vendor = Segment(server)
    report = run(
        people.segment(server.url(""), Waits()),
        [contact(1, consent_evidence="承諾" * 9000), contact(2)],
        store,
    )
    assert [one.state for one in report.outcomes] == [SENT]
    assert {one["userId"] for one in vendor.events.values()} == {key_of(contact(2).author)}


# ------------------------------------------------------------------ ReferralCandy


def test_referralcandy_invites_everybody_once(server: HttpServer, store: Store) -> None:
    vendor = ReferralCandy(server)
    vendor.known.add("fan3@mail.example.jp")
    crowd = [contact(1), contact(2, email=""), contact(3), contact(4, email="odd")]
    report = run(people.referralcandy(server.url(""), Waits()), crowd, store)
    found = {one.key: (one.state, one.code) for one in report.outcomes}
    assert found[key_of(crowd[0].author)] == (SENT, "")
    assert found[key_of(crowd[2].author)] == (SENT, "there_already")
    assert found[key_of(crowd[3].author)] == (REFUSED, "refused")
    assert vendor.letters == ["fan1@mail.example.jp"]
    vendor.known.clear()
    changed = [contact(1, score=5.0), contact(3, score=5.0)]
    assert run(people.referralcandy(server.url(""), Waits()), changed, store, again=True).outcomes == ()
    assert vendor.letters == ["fan1@mail.example.jp"]


def test_an_invitation_of_unknown_fate_waits_for_a_person(server: HttpServer, store: Store) -> None:
    """The server took it, but its answer never came: a second letter would be worse than none."""
    vendor = ReferralCandy(server)
    server.route("/late", slow(text("ok"), 1))
    server.route("POST /invite.json", lambda request: slow(vendor.invite(request), 1))
    waits = Waits()
    report = run(people.referralcandy(server.url(""), waits, timeout_s=0.2), [contact(1)], store)
    assert [(one.state, one.code) for one in report.outcomes] == [(FAILED, "unsure")]
    assert (waits.seconds, vendor.letters) == ([], ["fan1@mail.example.jp"])
    server.route("POST /invite.json", vendor.invite)
    assert run(people.referralcandy(server.url(""), waits), [contact(1)], store).outcomes == ()
    again = run(people.referralcandy(server.url(""), waits), [contact(1)], store, again=True)
    assert [one.code for one in again.outcomes] == ["there_already"]
    assert len(vendor.letters) == 1


def test_referralcandy_checks_the_signature(server: HttpServer, store: Store) -> None:
    ReferralCandy(server)
    report = run(people.referralcandy(server.url(""), Waits(), secret="wrong"), [contact(1)], store)
    assert "HTTP 401" in report.stopped
    assert "the clock of this machine" in report.stopped


# ------------------------------------------------------------------ Friendbuy


def test_friendbuy_customers_and_a_token_that_runs_out(server: HttpServer, store: Store) -> None:
    vendor = Friendbuy(server)
    vendor.expires_after = 2
    crowd = [*(contact(n) for n in range(1, 6)), contact(6, email=""), contact(7, email="odd")]
    report = run(people.friendbuy(server.url(""), Waits()), crowd, store)
    states = [one.state for one in report.outcomes]
    assert (states.count(SENT), states.count(REFUSED)) == (5, 1)
    assert vendor.tokens == 3
    assert len(vendor.customers) == 5
    assert run(people.friendbuy(server.url(""), Waits()), crowd[:5], store, again=True).complete
    assert len(vendor.customers) == 5


def test_friendbuy_with_the_wrong_secret(server: HttpServer, store: Store) -> None:
    Friendbuy(server)
    report = run(people.friendbuy(server.url(""), Waits(), secret="wrong"), [contact(1)], store)
    assert "HTTP 401 (wrong secret)" in report.stopped
