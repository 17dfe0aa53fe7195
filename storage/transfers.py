"""The vocabulary, continued: one advocate handed over to one program of others, and how that ended.

Frozen values with the standard library only, as in `storage.types`. Times are aware UTC. No name, address or
word of a person is in them: `key` is a digest of the account, `digest` one of what was sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class TransferState(StrEnum):
    SENDING = "sending"  # written before the attempt; found later: nobody knows whether it arrived
    SENT = "sent"
    REFUSED = "refused"  # a person has to change something
    FAILED = "failed"  # the same may work later


@dataclass(frozen=True, slots=True)
class Transfer:
    """An advocate's row in an export. `sent_at` is the last time it arrived; None: never.

    `code` says why it was not taken, `detail` is what the other side said of it, without personal data.
    """

    export: str
    key: str
    advocate_id: int
    state: TransferState
    digest: str
    at: datetime
    attempts: int = 1
    code: str = ""
    detail: str = ""
    remote_id: str = ""
    owner: str = ""
    sent_at: datetime | None = None
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Handed:
    """Where an erased person went, or may have gone, and by what they are found there."""

    export: str
    key: str
    remote_id: str
    sent_at: datetime | None
    state: TransferState
