"""Salesforce: contacts or leads, by one Bulk API 2.0 job for up to 10,000 rows.

In Salesforce: Setup → External Client App (or Connected App) with the client credentials flow and the scope
"Manage user data via APIs (api)", run as a user who may create contacts. Setup → Object Manager → Contact →
Fields: create `Kikimimi_Id__c` (text 64, "External ID" and "Unique"), and Kikimimi_Score__c (number 4.1),
Kikimimi_Topic__c, Kikimimi_Stage__c, Kikimimi_Platform__c, Kikimimi_Handle__c (text), Kikimimi_Profile__c (URL),
Kikimimi_Consent_At__c (date/time), Kikimimi_Consent__c (text 255).

    exports:
      - name: salesforce
        kind: salesforce
        instance_url: https://minamo.my.salesforce.com
        client_id_env: SALESFORCE_CLIENT_ID
        client_secret_env: SALESFORCE_CLIENT_SECRET
        fixed: {LeadSource: Kikimimi}           # the same in every row; a Lead needs {Company: …} too

Rows are found by `external_id`, so nobody is there twice however often they are sent, also when a run is cut off
in the middle of a job. An empty cell leaves what Salesforce has. A last name is required: where a person gave
no name it is their handle. The job's successful, failed and unprocessed rows are read back one by one; a job that
could not be filled is aborted, so that none stays open.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Literal
from urllib.parse import quote

from pydantic import Field, SecretStr, field_validator

from alerts.exports import ExportConfig, ExportError, Outcome, Row
from alerts.exports.calls import Calls, body_json, quiet
from alerts.exports.fields import Names, in_parts, named
from listener.http import Fetcher, Response
from storage.transfers import TransferState

ROWS = 10_000  # of about 1 KB: a tenth of the 100 MB that a job takes
USUAL = {
    "email": "Email", "first_name": "FirstName", "last_name": "LastName", "score": "Kikimimi_Score__c",
    "topic": "Kikimimi_Topic__c", "stage": "Kikimimi_Stage__c", "platform": "Kikimimi_Platform__c",
    "handle": "Kikimimi_Handle__c", "profile_url": "Kikimimi_Profile__c",
    "consent_at": "Kikimimi_Consent_At__c", "consent_evidence": "Kikimimi_Consent__c",
}  # fmt: skip
_POLL_S = (1.0, 2.0, 4.0, 8.0, 15.0)  # then every 15 s
_RUNNING = ("Open", "UploadComplete", "InProgress")
_LOCKED = ("UNABLE_TO_LOCK_ROW", "REQUEST_LIMIT_EXCEEDED", "SERVER_UNAVAILABLE")
_CODES = {
    "DUPLICATE": "conflict",
    "REQUIRED_FIELD_MISSING": "missing",
    "INVALID_EMAIL": "bad_email",
    "INVALID_FIELD": "no_such_field",
    "STRING_TOO_LONG": "too_large",
}
_REMEDIES = {
    400: "check client id and secret, the names of the fields, and that the app has the client credentials flow",
    401: "the app's client id or secret is not accepted: copy both again",
    403: "the app's user lacks rights: the API, and creating and editing of the object",
}


class SalesforceExportConfig(ExportConfig):
    instance_url: str = Field(description="your org's address, https://….my.salesforce.com")
    client_id: SecretStr = Field(description="the app's consumer key")
    client_secret: SecretStr = Field(description="the app's consumer secret")
    object: Literal["Contact", "Lead"] = Field(default="Contact", description="what advocates become there")
    external_id: str = Field(default="Kikimimi_Id__c", description="the external id field to find rows by")
    fields: Names = Field(
        default={}, description='our field: your field, where it is another; "" leaves it out'
    )
    fixed: dict[str, str] = Field(default={}, description="fields that are the same in every row")
    api_version: str = Field(default="67.0", pattern=r"^\d+\.0$", description="of the REST API")
    wait_minutes: int = Field(default=10, ge=1, le=60, description="how long to wait for a job")

    @field_validator("instance_url")
    @classmethod
    def _is_web(cls, url: str) -> str:
        if not url.startswith(("https://", "http://127.0.0.1:")):
            raise ValueError("not an address of Salesforce → begin with https://")
        return url.rstrip("/")


class SalesforceExport:
    Config: ClassVar[type[ExportConfig]] = SalesforceExportConfig
    repeatable: ClassVar[bool] = True
    whole: ClassVar[bool] = False

    def __init__(
        self, config: SalesforceExportConfig, *, http: Fetcher, wait: Callable[[float], None]
    ) -> None:
        self._config = config
        self._wait = wait
        self._calls = Calls(http, "Salesforce", wait=wait, remedies=_REMEDIES)
        self._jobs = f"{config.instance_url}/services/data/v{config.api_version}/jobs/ingest"
        self._token = ""

    def unfit(self, row: Row) -> str:
        return ""

    def parts(self, rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
        return in_parts(rows, ROWS)

    def preview(self, row: Row) -> Mapping[str, Any]:
        cells = named(row, USUAL, self._config.fields)
        last = {**USUAL, **self._config.fields}["last_name"]
        if last:
            cells.setdefault(last, row.cells["handle"] or row.key)
        return {**self._config.fixed, **cells, self._config.external_id: row.key}

    def send(self, part: Sequence[Row]) -> list[Outcome]:
        job = self._create()
        try:
            self._fill(job, part)
        except ExportError:
            self._abort(job)
            raise
        state, said = self._finished(job)
        if state in _RUNNING:
            return [
                Outcome(row.key, TransferState.FAILED, "still_running", f"job {job}: {state}") for row in part
            ]
        return self._results(job, part, state, said)

    # -------------------------------------------------------------- the job

    def _create(self) -> str:
        wanted = {
            "object": self._config.object,
            "operation": "upsert",
            "externalIdFieldName": self._config.external_id,
            "contentType": "CSV",
            "lineEnding": "LF",
        }
        answer = body_json(
            self._signed(lambda bearer: self._calls.post(self._jobs, json=wanted, headers=bearer)),
            "Salesforce",
        )
        job = str(answer.get("id", ""))
        if not job:
            raise ExportError("Salesforce made a job without an id: check instance_url", unsure=True)
        return job

    def _fill(self, job: str, part: Sequence[Row]) -> None:
        content = _csv([self.preview(row) for row in part])
        kind = {"Content-Type": "text/csv; charset=UTF-8"}
        place = self._place(job)
        self._signed(
            lambda bearer: self._calls.post(
                f"{place}/batches", content=content, headers={**kind, **bearer}, method="PUT"
            )
        )
        complete = {"state": "UploadComplete"}
        self._signed(lambda bearer: self._calls.post(place, json=complete, headers=bearer, method="PATCH"))

    def _abort(self, job: str) -> None:
        """So that no open job is left behind. When that fails too, the first error is the one to tell."""
        aborted = {"state": "Aborted"}
        try:
            self._signed(
                lambda bearer: self._calls.post(
                    self._place(job), json=aborted, headers=bearer, method="PATCH"
                )
            )
        except ExportError:
            return

    def _finished(self, job: str) -> tuple[str, str]:
        """The job's state when it is over, or when we waited long enough; and what it says went wrong."""
        left, pauses = self._config.wait_minutes * 60.0, iter(_POLL_S)
        while True:
            answer = body_json(self._read(self._place(job)), "Salesforce")
            state = str(answer.get("state", ""))
            if state not in _RUNNING or left <= 0:
                return state, quiet(str(answer.get("errorMessage") or ""))
            pause = next(pauses, _POLL_S[-1])
            self._wait(pause)
            left -= pause

    def _results(self, job: str, part: Sequence[Row], state: str, said: str) -> list[Outcome]:
        ended: dict[str, Outcome] = {}
        for one in self._table(job, "failedResults"):
            key, error = one.get(self._config.external_id, ""), one.get("sf__Error", "")
            ended[key] = _refused(key, error)
        for one in self._table(job, "successfulResults"):
            key = one.get(self._config.external_id, "")
            ended[key] = Outcome(key, TransferState.SENT, remote_id=one.get("sf__Id", ""))
        for one in self._table(job, "unprocessedrecords"):
            key = one.get(self._config.external_id, "")
            ended.setdefault(key, Outcome(key, TransferState.FAILED, "unprocessed", said or f"job {state}"))
        missing = "unsaid" if state == "JobComplete" else "unprocessed"
        return [
            ended.get(row.key, Outcome(row.key, TransferState.FAILED, missing, said or f"job {state}"))
            for row in part
        ]

    def _table(self, job: str, name: str) -> list[dict[str, str]]:
        text = self._read(f"{self._place(job)}/{name}/").body.decode("utf-8-sig", "replace")
        return list(csv.DictReader(io.StringIO(text, newline=""), restval=""))

    # -------------------------------------------------------------- the way there

    def _place(self, job: str) -> str:
        return f"{self._jobs}/{quote(job, safe='')}"

    def _read(self, url: str) -> Response:
        return self._signed(lambda bearer: self._calls.get(url, headers=bearer))

    def _signed(self, ask: Callable[[Mapping[str, str]], Response]) -> Response:
        """Ask with a token; a session that has run out is begun anew once."""
        known = bool(self._token)
        if not known:
            self._log_in()
        try:
            return ask({"Authorization": f"Bearer {self._token}"})
        except ExportError as error:
            if error.status != 401 or not known:
                raise
        self._log_in()
        return ask({"Authorization": f"Bearer {self._token}"})

    def _log_in(self) -> None:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._config.client_id.get_secret_value(),
            "client_secret": self._config.client_secret.get_secret_value(),
        }
        answer = body_json(
            self._calls.post(f"{self._config.instance_url}/services/oauth2/token", form=form), "Salesforce"
        )
        self._token = str(answer.get("access_token", ""))
        if not self._token:
            raise ExportError(
                "Salesforce gave no token: check the app's client credentials flow", permanent=True
            )


def _csv(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Columns in a fixed order; a row without a cell leaves it empty. No spreadsheet reads this: no guard."""
    columns = sorted({name for row in rows for name in row})
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _refused(key: str, error: str) -> Outcome:
    if error.startswith(_LOCKED):
        return Outcome(key, TransferState.FAILED, "busy", quiet(error))
    code = next((code for sign, code in _CODES.items() if sign in error), "refused")
    return Outcome(key, TransferState.REFUSED, code, quiet(error))
