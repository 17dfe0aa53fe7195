"""Files of referral tools, with our own columns and the vendors'. All rows invented."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from listener.feedback.cells import Moments
from listener.feedback.referrals import ReferralAsk, pulled, read
from listener.feedback.table import FeedbackError, Taken
from storage.referrals import ReferralGiven, ReferralKind

MOMENTS = Moments(ZoneInfo("Asia/Tokyo"), datetime(2026, 11, 22, tzinfo=UTC))
GENERIC = """id,日時,種別,紹介者,顧客,金額,通貨
1,2026-11-01,招待,hana@mail.example.jp,,,
2,2026-11-02,click,hana@mail.example.jp,,,
3,2026-11-03,紹介,hana@mail.example.jp,c-1,,
4,2026-11-04,購入,hana@mail.example.jp,c-1,"12,000",jpy
"""
CANDY = """Order Number,Purchase Date,Referrer Email,Customer Email,Invoice Amount,Currency
1001,2026-09-01 10:00,hana@mail.example.jp,tomo@mail.example.jp,42.50,USD
"""
FRIENDBUY = """eventId,createdOn,advocateEmailAddress,friendEmailAddress,amount,currency
e1,2026-09-01T10:00:00Z,hana@mail.example.jp,tomo@mail.example.jp,1200,JPY
"""


def taken(folder: Path, text: str, **ask: object) -> Taken[ReferralGiven]:
    path = folder / "referrals.csv"
    path.write_text(text, encoding="utf-8")
    return read(path, ReferralAsk(**ask), MOMENTS)  # type: ignore[arg-type]


def test_our_own_columns(tmp_path: Path) -> None:
    found = taken(tmp_path, GENERIC)
    assert found.bad == ()
    assert [one.kind for one in found.rows] == list(ReferralKind)
    last = found.rows[-1]
    assert (last.referrer, last.customer, last.value, last.currency) == (
        "hana@mail.example.jp",
        "c-1",
        12000,
        "JPY",
    )
    assert last.at == datetime(2026, 11, 3, 15, tzinfo=UTC)
    assert {one.value for one in found.rows[:3]} == {None}


@pytest.mark.parametrize(
    ("preset", "text", "value"), [("referralcandy", CANDY, 42.5), ("friendbuy", FRIENDBUY, 1200)]
)
def test_the_vendors_columns(tmp_path: Path, preset: str, text: str, value: float) -> None:
    (one,) = taken(tmp_path, text, preset=preset).rows
    assert (one.kind, one.value, one.referrer) == (ReferralKind.PURCHASED, value, "hana@mail.example.jp")
    assert one.customer == "tomo@mail.example.jp"


def test_columns_and_currency_may_be_told(tmp_path: Path) -> None:
    text = "when,from,to,price\n2026-09-01,a,b,10\n"
    columns = {"at": "when", "referrer": "From", "customer": "to", "value": "price"}
    (one,) = taken(tmp_path, text, columns=columns, currency="usd", event=ReferralKind.PURCHASED).rows
    assert (one.value, one.currency, one.external_id) == (10, "USD", "")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("2026-09-01,purchased,a,b,-5,JPY", "below 0"),
        ("2026-09-01,purchased,a,b,5,円", "three letters"),
        ("2026-09-01,purchased,a,b,5,", "three letters"),
        ("2026-09-01,purchased,a,,5,JPY", "who was referred"),
        ("2026-09-01,purchased,,b,5,JPY", "who referred"),
        ("2026-09-01,danced,a,b,,", "'danced' is unknown"),
        ("2026-09-01,,a,b,,", "what happened"),
        ("2026-09-01,purchased,a,b,much,JPY", "not a number"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, row: str, words: str) -> None:
    found = taken(tmp_path, f"at,kind,referrer,customer,value,currency\n{row}\n")
    assert found.rows == ()
    assert (found.bad[0].line, words in found.bad[0].problem) == (2, True)


def test_what_the_file_needs_is_said(tmp_path: Path) -> None:
    with pytest.raises(FeedbackError, match="no column for kind"):
        taken(tmp_path, "at,referrer\n")
    with pytest.raises(FeedbackError, match="--currency"):
        taken(tmp_path, GENERIC, currency="円")


def test_rows_of_an_answer_are_read_alike_and_unknown_columns_named() -> None:
    row = {"eventId": "e9", "createdOn": "2026-09-01T10:00:00Z", "advocate": {"email": "a@x.example"},
           "friend": {"email": "b@x.example"}, "amount": 5, "currency": "JPY"}  # fmt: skip
    (one,) = pulled([row], ReferralAsk("friendbuy", ReferralKind.PURCHASED), MOMENTS).rows
    assert (one.referrer, one.customer, one.value) == ("a@x.example", "b@x.example", 5)
    (bad,) = pulled([{"happened": "x"}], ReferralAsk("friendbuy"), MOMENTS).bad
    assert "the row has: happened" in bad.problem
    assert "--column at=COLUMN" in bad.problem
