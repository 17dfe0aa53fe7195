"""A contact as neutral fields, and under the names that each program of others gives them (pure)."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC
from typing import Annotated, TypeVar

from pydantic import AfterValidator

from alerts.exports import ExportError, Row
from storage.consents import Contact, Scope
from storage.types import Author

FIELDS = (
    "id", "email", "name", "first_name", "last_name", "topic", "platform", "handle", "profile_url", "score",
    "organic", "stage", "tags", "consent_at", "consent_scopes", "consent_evidence",
)  # fmt: skip
_JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff々]")
T = TypeVar("T")


def key_of(author: Author) -> str:
    """The id by which the other side knows this account; the same for ever, also after a new start from zero."""
    account = f"{author.platform}\0{author.external_id}".encode()
    return f"kikimimi-{hashlib.sha256(account).hexdigest()[:32]}"


def row_of(contact: Contact) -> Row:
    """Raises ExportError for somebody who did not consent to be handed over."""
    if Scope.EXPORT not in contact.scopes:
        raise ExportError(
            f"advocate {contact.advocate_id} gave no consent to be handed over: nothing was sent; record the "
            f'consent with the scope "{Scope.EXPORT.value}" first',
            permanent=True,
        )
    cells = _cells(contact)
    digest = hashlib.sha256(json.dumps(cells, sort_keys=True).encode()).hexdigest()[:32]
    return Row(cells["id"], cells, digest, contact)


def _cells(contact: Contact) -> dict[str, str]:
    first, last = names(contact.name_given)
    scopes = sorted(str(scope) for scope in contact.scopes)
    return {
        "id": key_of(contact.author),
        "email": contact.email.strip(),
        "name": contact.name_given.strip(),
        "first_name": first,
        "last_name": last,
        "topic": contact.topic,
        "platform": contact.author.platform,
        "handle": contact.author.handle or contact.author.name,
        "profile_url": contact.author.url,
        "score": f"{contact.score:.1f}",
        "organic": "true" if contact.organic else "false",
        "stage": contact.stage.value,
        "tags": "; ".join(contact.tags),
        "consent_at": contact.consent_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "consent_scopes": "; ".join(scopes),
        "consent_evidence": contact.consent_evidence,
    }


def names(given: str) -> tuple[str, str]:
    """First and last name. A Japanese name has the family first; a single word counts as the last name."""
    parts = given.split()
    if len(parts) < 2:
        return "", given.strip()
    if _JAPANESE.search(given):
        return " ".join(parts[1:]), parts[0]
    return parts[0], " ".join(parts[1:])


def _known(mapping: dict[str, str]) -> dict[str, str]:
    strange = [name for name in mapping if name not in FIELDS]
    if strange:
        raise ValueError(f"{', '.join(strange)}: no such field → the fields are {', '.join(FIELDS)}")
    return mapping


Names = Annotated[dict[str, str], AfterValidator(_known)]
"""Our field: the other side's name for it; "" leaves it out."""


def named(row: Row, usual: Mapping[str, str], wished: Mapping[str, str]) -> dict[str, str]:
    """The row under the other side's names. What we do not know is left out: an empty cell would erase theirs."""
    found = {theirs: row.cells[ours] for ours, theirs in {**usual, **wished}.items() if theirs}
    return {theirs: cell for theirs, cell in found.items() if cell}


def in_parts(rows: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
