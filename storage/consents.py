"""What a person allowed: the rows of the consent ledger, what stands at a time, and whom we may contact (pure).

Frozen values with the standard library only, as in `storage.types`. Times are aware UTC.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from storage.types import Author, Stage


class Scope(StrEnum):
    """What a consent is for."""

    CONTACT = "contact"
    QUOTE = "quote"
    EXPORT = "export"


class ConsentKind(StrEnum):
    GRANTED = "granted"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Consent:
    """One row of the ledger, never changed afterwards.

    `scopes` are what is allowed from `at` on, or what is taken back (`withdrawn`; none named: everything). `wording`
    is what the person was shown, `evidence` where or how they said so, `by` who wrote the row. `email` and
    `name_given` are only what the person gave along with the consent.
    """

    advocate_id: int
    kind: ConsentKind
    scopes: frozenset[str]
    at: datetime
    by: str
    evidence: str = ""
    wording: str = ""
    until: datetime | None = None
    email: str = ""
    name_given: str = ""
    written_at: datetime | None = None
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What a person allows at one moment; `at` and `evidence` are those of the latest yes."""

    scopes: frozenset[str]
    at: datetime
    evidence: str
    until: datetime | None = None
    email: str = ""
    name_given: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody who may be handed over: every scope in `scopes` stands at the moment that was asked for.

    `email` is empty unless the person gave it with the consent and may be contacted.
    """

    advocate_id: int
    topic: str
    author: Author
    score: float
    organic: bool
    stage: Stage
    scopes: frozenset[str]
    consent_at: datetime
    consent_evidence: str
    email: str = ""
    name_given: str = ""
    tags: tuple[str, ...] = ()


def standing(rows: Iterable[Consent], now: datetime) -> Standing | None:
    """What the ledger of one person allows at `now`; None when nothing is allowed.

    Rows count in the order of their time, then of writing. After a yes with an end, nothing stands from that end on.
    """
    found: Standing | None = None
    for row in sorted((one for one in rows if one.at <= now), key=lambda one: (one.at, one.id or 0)):
        found = _after(found, row)
    if found is None or not found.scopes or (found.until is not None and found.until <= now):
        return None
    return found


def _after(before: Standing | None, row: Consent) -> Standing | None:
    if row.kind is ConsentKind.GRANTED:
        return Standing(row.scopes, row.at, row.evidence, row.until, row.email, row.name_given)
    if before is None or row.kind is ConsentKind.EXPIRED:
        return None
    if row.kind is ConsentKind.CHANGED:
        email, name = row.email or before.email, row.name_given or before.name_given
        return Standing(row.scopes, row.at, row.evidence, row.until, email, name)
    left = before.scopes - row.scopes if row.scopes else frozenset[str]()
    return Standing(left, before.at, before.evidence, before.until, before.email, before.name_given)
