"""Exports of referral tools as events: our own columns, ReferralCandy's, Friendbuy's.

The vendors publish no description of their exports' columns: the likely names are known, others are given by
`--column`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from listener.feedback import cells as cell
from listener.feedback.cells import Moments, Names, first
from listener.feedback.table import FeedbackError, Line, RowError, Taken, flat, table, take
from storage.referrals import ReferralGiven, ReferralKind

FIELDS: Mapping[str, Names] = {
    "generic": {
        "id": ("id", "event_id", "order_id", "注文番号"),
        "at": ("at", "created_at", "date", "日時", "日付"),
        "kind": ("kind", "event", "種別", "イベント"),
        "referrer": ("referrer_email", "referrer", "referrer_id", "紹介者メール", "紹介者", "紹介者id"),
        "customer": ("customer_email", "customer", "customer_id", "顧客メール", "顧客", "顧客id"),
        "value": ("value", "amount", "金額", "購入金額"),
        "currency": ("currency", "通貨"),
    },
    "referralcandy": {
        "id": ("order number", "order id", "external_reference_id", "external reference id", "referral id", "id"),
        "at": ("order_timestamp", "purchase date", "order date", "date", "created at", "created_at"),
        "kind": ("event", "type"),
        "referrer": ("referrer email", "referrer_email", "advocate email", "referred by", "referrer"),
        "customer": ("customer email", "customer_email", "friend email", "referral email", "email"),
        "value": ("invoice_amount", "invoice amount", "purchase amount", "order amount", "amount", "total"),
        "currency": ("currency_code", "currency code", "currency"),
    },
    "friendbuy": {
        "id": ("eventid", "event id", "orderid", "order id", "conversionid", "id"),
        "at": ("createdon", "created on", "date", "timestamp"),
        "kind": ("event", "eventtype", "event type"),
        "referrer": (
            "advocateemailaddress", "advocate email address", "advocate.email", "advocateemail", "advocate email",
            "advocatecustomerid", "advocate customer id",
        ),
        "customer": (
            "friendemailaddress", "friend email address", "friend.email", "friend email", "friendcustomerid",
            "emailaddress", "email address", "email", "customerid", "customer id",
        ),
        "value": ("amount", "total", "orderamount", "order amount", "purchaseamount"),
        "currency": ("currency", "currencycode"),
    },
}  # fmt: skip
_EVENTS = {
    **{kind.value: kind for kind in ReferralKind},
    **dict.fromkeys(("invite", "invitation", "share", "shared", "招待"), ReferralKind.INVITED),
    **dict.fromkeys(("click", "visit", "クリック"), ReferralKind.CLICKED),
    **dict.fromkeys(("referral", "signup", "sign_up", "sign-up", "紹介", "登録"), ReferralKind.REFERRED),
    **dict.fromkeys(("purchase", "order", "購入"), ReferralKind.PURCHASED),
}
_USUAL = {"generic": None, "referralcandy": ReferralKind.PURCHASED, "friendbuy": ReferralKind.PURCHASED}
_CURRENCY = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class ReferralAsk:
    """How a file is to be read. `event` and `currency` are for rows that do not say their own."""

    preset: str = "generic"
    event: ReferralKind | None = None
    currency: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)


def read(path: Path, ask: ReferralAsk, moments: Moments) -> Taken[ReferralGiven]:
    """Every event of a file. Raises FeedbackError for the file as a whole; bad rows are in the result."""
    found = table(path)
    names = cell.chosen(FIELDS[ask.preset], ask.columns)
    needed = ["at", "referrer"]
    if ask.event is None and _USUAL[ask.preset] is None:
        needed.append("kind")
    cell.check_header(names, needed, found.columns, str(path))
    _check_currency(ask)
    return take(found.lines, lambda cells: event(cells, names, ask, moments))


def pulled(rows: Iterable[Mapping[str, Any]], ask: ReferralAsk, moments: Moments) -> Taken[ReferralGiven]:
    """The events of a tool's answer; a row's number takes the place of its line."""
    names = cell.chosen(FIELDS[ask.preset], ask.columns)
    _check_currency(ask)
    lines = (Line(number, flat(row)) for number, row in enumerate(rows, start=1))
    return take(lines, lambda cells: event(cells, names, ask, moments))


def event(cells: Mapping[str, Any], names: Names, ask: ReferralAsk, moments: Moments) -> ReferralGiven:
    """One row. Raises RowError."""
    when, referrer = first(cells, names["at"]), first(cells, names["referrer"])
    if not when:
        raise RowError(f"{names['at'][0]}: when was it? The cell is empty; {_there(cells, 'at')}")
    if not referrer:
        raise RowError(
            f"{names['referrer'][0]}: who referred? The cell is empty; {_there(cells, 'referrer')}"
        )
    kind = _kind(first(cells, names["kind"]), ask)
    customer = first(cells, names["customer"])
    if kind in (ReferralKind.REFERRED, ReferralKind.PURCHASED) and not customer:
        raise RowError(f"{names['customer'][0]}: who was referred? {_there(cells, 'customer')}")
    value = _value(cells, names) if kind is ReferralKind.PURCHASED else None
    return ReferralGiven(
        at=cell.at(when, cell.column(cells, names["at"]), moments),
        kind=kind,
        referrer=referrer,
        customer=customer,
        value=value,
        currency="" if value is None else _currency(first(cells, names["currency"]) or ask.currency),
        external_id=first(cells, names["id"])[:200],
    )


def _kind(written: str, ask: ReferralAsk) -> ReferralKind:
    if not written:
        usual = ask.event or _USUAL[ask.preset]
        if usual is None:
            raise RowError("kind: what happened? Write invited, clicked, referred or purchased")
        return usual
    found = _EVENTS.get(written.casefold())
    if found is None:
        raise RowError(
            f"kind: {cell.quoted(written)} is unknown; write invited, clicked, referred or purchased"
        )
    return found


def _value(cells: Mapping[str, Any], names: Names) -> float | None:
    name = cell.column(cells, names["value"])
    if not name:
        return None
    found = cell.number(cell.words(cells, name), name)
    if found < 0:
        raise RowError(f"{name}: below 0; take refunds off the purchase, or leave the row out")
    return found


def _currency(written: str) -> str:
    found = written.strip().upper()
    if not _CURRENCY.fullmatch(found):
        raise RowError(
            f"currency: {cell.quoted(written)} is none; write three letters, as in JPY, or give --currency"
        )
    return found


def _check_currency(ask: ReferralAsk) -> None:
    if ask.currency and not _CURRENCY.fullmatch(ask.currency.strip().upper()):
        raise FeedbackError("--currency: write three letters, as in JPY or USD")


def _there(cells: Mapping[str, Any], wanted: str) -> str:
    there = ", ".join(name for name in cells if name)
    return f"the row has: {there}. Name another column with --column {wanted}=COLUMN"
