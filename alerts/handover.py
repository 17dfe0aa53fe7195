"""Handing consenting advocates over: who goes, who stays and why (pure), then sending with a ledger.

Two locks keep everybody without consent in: `store.people.contacts` gives out only people whose consent stands, and
`row_of` refuses a contact without the scope. Consent is asked for again before every part, because a long run can
be overtaken by a withdrawal.

The ledger's row is written before an attempt and ended after it. A row found "sending" by the next run is sent
again where the other side knows rows by their id, and is left to a person where a repeat would be a second letter.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from alerts.exports import Export, ExportError, Outcome, Row
from alerts.exports.fields import row_of
from storage.consents import Contact
from storage.platforms import forbids_matching
from storage.transfers import Transfer, TransferState
from storage.types import Author


@dataclass(frozen=True, slots=True)
class Left:
    """Somebody who is not handed over in this run, and why (a code of `alerts.words_handover`)."""

    key: str
    advocate_id: int
    code: str


@dataclass(frozen=True, slots=True)
class Plan:
    """`rows` go, `left` stay."""

    rows: tuple[Row, ...]
    left: tuple[Left, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """How a run ended: one outcome a row of the plan, and what stopped it, if something did."""

    outcomes: tuple[Outcome, ...]
    stopped: str = ""

    @property
    def complete(self) -> bool:
        return not self.stopped and all(one.state is TransferState.SENT for one in self.outcomes)


class Ledger(Protocol):
    """`Store.handover`."""

    def begin(self, transfers: Sequence[Transfer], now: datetime) -> set[str]: ...

    def finish(self, transfers: Sequence[Transfer], now: datetime) -> None: ...


def plan(
    export: Export, contacts: Sequence[Contact], known: Mapping[str, Transfer], *, again: bool = False
) -> Plan:
    """Who goes, by `known`, the export's ledger. Raises ExportError for a contact without consent.

    Somebody who is an advocate of several topics goes once, with the best score.
    """
    rows: list[Row] = []
    left: list[Left] = []
    seen: set[str] = set()
    for row in sorted(map(row_of, contacts), key=lambda one: (-one.contact.score, one.contact.advocate_id)):
        unfit = refused_platform(row.contact.author) or export.unfit(row)
        code = unfit or (
            "same_account" if row.key in seen else _stays(export, row, known.get(row.key), again)
        )
        if not unfit:
            seen.add(row.key)
        if code:
            left.append(Left(row.key, row.contact.advocate_id, code))
        else:
            rows.append(row)
    return Plan(tuple(rows), tuple(left))


def gone(export: Export, known: Mapping[str, Transfer], consenting: Collection[str]) -> list[Transfer]:
    """Who was handed over earlier, or may have been, and consents no longer: to be deleted there too.

    A file is written anew as a whole, so nobody stays in it.
    """
    there = [one for one in known.values() if one.sent_at or one.state is TransferState.SENDING]
    return [one for one in there if one.key not in consenting and not export.whole]


def refused_platform(author: Author) -> str:
    """The code for a platform whose terms forbid to match accounts with people; "" for any other."""
    return "reddit" if forbids_matching(author.platform, author.url) else ""


def _stays(export: Export, row: Row, before: Transfer | None, again: bool) -> str:
    """Why somebody who fits does not go this time; "" when they do."""
    if before is None or export.whole:
        return ""
    if not export.repeatable:
        if before.sent_at is not None:
            return "sent_once"
        unsure = before.state is TransferState.SENDING or before.code == "unsure"
        return "unsure" if unsure and not again else ""
    same = before.state is TransferState.SENT and before.digest == row.digest
    return "unchanged" if same and not again else ""


def hand_over(
    name: str,
    export: Export,
    rows: Sequence[Row],
    ledger: Ledger,
    *,
    standing: Callable[[], Collection[str]],
    clock: Callable[[], datetime],
) -> Report:
    """Send the plan's rows, part by part; `standing` are the keys of those whose consent stands right now.

    What one part could not bring ends the run when the next would meet the same: nobody is asked a thousand
    times with a wrong password.
    """
    outcomes: list[Outcome] = []
    stopped = ""
    for part in export.parts(rows):
        if stopped:
            outcomes += [Outcome(row.key, TransferState.FAILED, "not_tried") for row in part]
            continue
        found, stopped = _one_part(name, export, part, ledger, standing, clock)
        outcomes += found
    return Report(tuple(outcomes), stopped)


def _one_part(
    name: str,
    export: Export,
    part: Sequence[Row],
    ledger: Ledger,
    standing: Callable[[], Collection[str]],
    clock: Callable[[], datetime],
) -> tuple[list[Outcome], str]:
    allowed = set(standing())
    consenting = [row for row in part if row.key in allowed]
    withdrawn = [
        Outcome(row.key, TransferState.REFUSED, "withdrawn") for row in part if row.key not in allowed
    ]
    transfers = {row.key: _transfer(name, row, clock()) for row in consenting}
    ours = ledger.begin(list(transfers.values()), clock())
    busy = [
        Outcome(row.key, TransferState.FAILED, "another_run") for row in consenting if row.key not in ours
    ]
    going = [row for row in consenting if row.key in ours]
    if not going and not export.whole:
        return [*withdrawn, *busy], ""
    stopped = ""
    try:
        ended = export.send(going)
    except ExportError as error:
        stopped = error.message
        state = TransferState.REFUSED if error.permanent else TransferState.FAILED
        code = "unsure" if error.unsure and not export.repeatable else "stopped"
        ended = [Outcome(row.key, state, code, error.message) for row in going]
    ledger.finish([_ended(transfers[one.key], one) for one in ended], clock())
    return [*ended, *withdrawn, *busy], stopped


def _transfer(name: str, row: Row, now: datetime) -> Transfer:
    return Transfer(name, row.key, row.contact.advocate_id, TransferState.SENDING, row.digest, now)


def _ended(transfer: Transfer, outcome: Outcome) -> Transfer:
    return replace(
        transfer,
        state=outcome.state,
        code=outcome.code,
        detail=outcome.detail,
        remote_id=outcome.remote_id,
    )
