"""Friendbuy: customers, so that referrals can be joined to your advocates.

Friendbuy's sales team gives out the key and the secret of the Merchant API.

    exports:
      - name: friendbuy
        kind: friendbuy
        key_env: FRIENDBUY_KEY
        secret_env: FRIENDBUY_SECRET

A customer is created or brought up to date by an id that is the same for the same account for ever, so nobody is
there twice. Only people who gave an e-mail address with a consent to be contacted are handed over. Friendbuy
publishes no limits: 429 is waited for. The names of its addresses and fields are from a description by others:
try one advocate first (`topics:`), and look at the result in Friendbuy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from pydantic import Field, SecretStr

from alerts.exports import ExportConfig, ExportError, Outcome, Row
from alerts.exports.calls import Calls, body_json, said_in
from alerts.exports.fields import in_parts
from listener.http import Fetcher, Response
from storage.transfers import TransferState

REMEDIES = {401: "key or secret is not accepted: ask Friendbuy for new ones"}


class FriendbuyExportConfig(ExportConfig):
    key: SecretStr = Field(description="the Merchant API's key")
    secret: SecretStr = Field(description="the Merchant API's secret")
    base_url: str = Field(default="https://mapi.fbot.me/v1", description="the API's address")


class FriendbuyExport:
    Config: ClassVar[type[ExportConfig]] = FriendbuyExportConfig
    repeatable: ClassVar[bool] = True
    whole: ClassVar[bool] = False

    def __init__(
        self, config: FriendbuyExportConfig, *, http: Fetcher, wait: Callable[[float], None]
    ) -> None:
        self._config = config
        self._calls = Calls(http, "Friendbuy", wait=wait, remedies=REMEDIES)
        self._token = ""

    def unfit(self, row: Row) -> str:
        return "" if row.cells["email"] else "no_email"

    def parts(self, rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
        return in_parts(rows, 1)

    def preview(self, row: Row) -> Mapping[str, Any]:
        cells = {
            "id": row.key,
            "email": row.cells["email"],
            "firstName": row.cells["first_name"],
            "lastName": row.cells["last_name"],
        }
        return {name: cell for name, cell in cells.items() if cell}

    def send(self, part: Sequence[Row]) -> list[Outcome]:
        return [self._one(row) for row in part]

    def _one(self, row: Row) -> Outcome:
        try:
            self._signed(self.preview(row))
        except ExportError as error:
            if error.status not in (400, 409, 422):
                raise
            code = "conflict" if error.status == 409 else "refused"
            return Outcome(row.key, TransferState.REFUSED, code, said_in(error.body))
        return Outcome(row.key, TransferState.SENT, remote_id=row.key)

    def _signed(self, customer: Mapping[str, Any]) -> Response:
        """Ask with a token; one that has run out is replaced once."""
        known = bool(self._token)
        if not known:
            self._log_in()
        try:
            return self._post("/postCustomer", customer)
        except ExportError as error:
            if error.status != 401 or not known:
                raise
        self._log_in()
        return self._post("/postCustomer", customer)

    def _log_in(self) -> None:
        given = {
            "key": self._config.key.get_secret_value(),
            "secret": self._config.secret.get_secret_value(),
        }
        self._token = ""
        answer = body_json(self._post("/authorization", given), "Friendbuy")
        self._token = str(answer.get("token", ""))
        if not self._token:
            raise ExportError("Friendbuy gave no token: ask them to check the key", permanent=True)

    def _post(self, path: str, content: Mapping[str, Any]) -> Response:
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        return self._calls.post(self._config.base_url.rstrip("/") + path, json=content, headers=headers)
