"""ReferralCandy: an invitation to your referral programme, sent by ReferralCandy in your name.

In ReferralCandy: Settings → API tokens (plans with the API), copy access id and secret key.

    exports:
      - name: referral
        kind: referralcandy
        access_id_env: REFERRALCANDY_ACCESS_ID
        secret_key_env: REFERRALCANDY_SECRET_KEY

Everybody is invited once, for ever: also when their score changes later. Only people who gave an e-mail address
with a consent to be contacted are invited. An invitation is a letter to a person, so one whose fate is unknown (the
connection broke after it was sent, or the run was cut off) is not sent again by itself: the list names it; look for
the address in ReferralCandy, and if it is not there run with `--again`.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from pydantic import Field, SecretStr

from alerts.exports import ExportConfig, ExportError, Outcome, Row
from alerts.exports.calls import Calls, body_json, quiet, said_in
from alerts.exports.fields import in_parts
from listener.http import Fetcher
from storage.transfers import TransferState

_REMEDIES = {
    401: "the access id or the secret key is not accepted: copy both again; the clock of this machine must be right"
}
_THERE_ALREADY = ("already",)


class ReferralCandyExportConfig(ExportConfig):
    access_id: SecretStr = Field(description="the API's access id")
    secret_key: SecretStr = Field(description="the API's secret key")
    base_url: str = Field(default="https://my.referralcandy.com/api/v1", description="the API's address")


class ReferralCandyExport:
    Config: ClassVar[type[ExportConfig]] = ReferralCandyExportConfig
    repeatable: ClassVar[bool] = False
    whole: ClassVar[bool] = False

    def __init__(
        self, config: ReferralCandyExportConfig, *, http: Fetcher, wait: Callable[[float], None]
    ) -> None:
        self._config = config
        self._calls = Calls(http, "ReferralCandy", wait=wait, remedies=_REMEDIES)

    def unfit(self, row: Row) -> str:
        return "" if row.cells["email"] else "no_email"

    def parts(self, rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
        return in_parts(rows, 1)

    def preview(self, row: Row) -> Mapping[str, Any]:
        return {
            "email": row.cells["email"],
            "first_name": row.cells["first_name"] or row.cells["last_name"] or row.cells["handle"],
            "last_name": row.cells["last_name"] if row.cells["first_name"] else "",
        }

    def send(self, part: Sequence[Row]) -> list[Outcome]:
        return [self._invite(row) for row in part]

    def _invite(self, row: Row) -> Outcome:
        given = {name: str(cell) for name, cell in self.preview(row).items() if cell}
        form = {
            **given,
            "accessID": self._config.access_id.get_secret_value(),
            "timestamp": str(int(time.time())),
        }
        form["signature"] = signature(form, self._config.secret_key.get_secret_value())
        url = f"{self._config.base_url.rstrip('/')}/invite.json"
        try:
            answer = body_json(self._calls.post(url, form=form, repeatable=False), "ReferralCandy")
        except ExportError as error:
            said = said_in(error.body)
            if error.status not in (400, 409, 422):
                raise
            if any(sign in said.lower() for sign in _THERE_ALREADY):
                return Outcome(row.key, TransferState.SENT, "there_already", said)
            return Outcome(row.key, TransferState.REFUSED, "refused", said)
        said = quiet(str(answer.get("message", "")))
        if said.lower() != "success" and not any(sign in said.lower() for sign in _THERE_ALREADY):
            return Outcome(row.key, TransferState.REFUSED, "refused", said)
        return Outcome(row.key, TransferState.SENT, remote_id=str(answer.get("referral_link", "")))


def signature(parameters: Mapping[str, str], secret: str) -> str:
    """MD5 of the secret and the sorted parameters, as ReferralCandy asks for; it protects nothing else here."""
    collected = "".join(f"{name}={words}" for name, words in sorted(parameters.items()))
    return hashlib.md5(f"{secret}{collected}".encode(), usedforsecurity=False).hexdigest()
