"""Links by which a reader of an alert acts on it without logging in: signed, for one incident, for a week (pure).

The mark proves that this installation wrote the link. It names one action on one incident and nothing else: whoever
has the mail may take the incident or silence it, and cannot read anything. A link may be used twice; the second time
changes nothing.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from alerts.words import say
from storage.notices import Action, Alert
from storage.types import Incident, IncidentState

LASTING = timedelta(days=7)
SILENCED_FOR = timedelta(hours=4)
PATH = "/do/"
_MARK_LENGTH = 22  # of base64: 132 bits


class Deed(StrEnum):
    ACKNOWLEDGE = "acknowledge"
    SILENCE = "silence"


class LinkError(Exception):
    """The link is not ours ("wrong") or too old ("expired"); `code` says which."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Promise:
    """What a link does."""

    deed: Deed
    incident_id: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Links:
    """Makes and reads links with one key. `key`: 32 bytes, kept by the store."""

    key: bytes
    base_url: str

    def token(self, deed: Deed, incident_id: int, now: datetime) -> str:
        until = int((now + LASTING).timestamp())
        said = f"{deed.value}.{incident_id}.{until}"
        return f"{said}.{self._mark(said)}"

    def url(self, deed: Deed, incident_id: int, now: datetime) -> str:
        return f"{self.base_url.rstrip('/')}{PATH}{self.token(deed, incident_id, now)}"

    def read(self, token: str, now: datetime) -> Promise:
        """What `token` promises. Raises LinkError."""
        said, _, mark = token.rpartition(".")
        if not token.isascii() or not hmac.compare_digest(mark, self._mark(said)):
            raise LinkError("wrong")
        deed, number, until = said.split(".")
        promise = Promise(Deed(deed), int(number), datetime.fromtimestamp(int(until), UTC))
        if promise.until <= now:
            raise LinkError("expired")
        return promise

    def actions(self, alert: Alert, lang: str) -> tuple[Action, ...]:
        """What a reader of `alert` may do: take an open incident, or silence its topic for some hours."""
        incident = alert.subject
        if (
            not isinstance(incident, Incident)
            or incident.id is None
            or incident.state is not IncidentState.OPEN
        ):
            return ()
        number, now = incident.id, alert.created_at
        values: Mapping[Deed, Mapping[str, int]] = {
            Deed.ACKNOWLEDGE: {},
            Deed.SILENCE: {"hours": int(SILENCED_FOR / timedelta(hours=1))},
        }
        return tuple(
            Action(deed.value, say(f"action.{deed.value}", lang, **words), self.url(deed, number, now))
            for deed, words in values.items()
        )

    def _mark(self, said: str) -> str:
        found = hmac.new(self.key, b"alert link\0" + said.encode(), hashlib.sha256).digest()
        return urlsafe_b64encode(found).decode()[:_MARK_LENGTH]
