"""HubSpot, Salesforce, Segment, ReferralCandy and Friendbuy as far as an exporter meets them, on loopback.

Each class answers requests by the vendor's rules and remembers what it was given, so that a test can count people.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
from typing import Any
from urllib.parse import parse_qs

from tests.servers import HttpServer, Reply, Request, json_reply, text


def form(request: Request) -> dict[str, str]:
    return {name: words[0] for name, words in parse_qs(request.body.decode(), keep_blank_values=True).items()}


class HubSpot:
    """Batch upsert: 100 a batch, 207 with the bad rows named by their trace, 401, unknown properties."""

    token = "pat-TOPSECRET"
    path = "/crm/objects/2026-03/contacts/batch/upsert"

    def __init__(self, server: HttpServer) -> None:
        self.contacts: dict[str, dict[str, Any]] = {}
        self.properties = {
            "kikimimi_id", "email", "firstname", "lastname", "kikimimi_score", "kikimimi_topic", "kikimimi_stage",
            "kikimimi_platform", "kikimimi_handle", "kikimimi_profile_url", "kikimimi_consent_at",
            "kikimimi_consent_evidence",
        }  # fmt: skip
        self.bad: set[str] = set()  # e-mail addresses that it refuses
        self.whole = False  # refuses the whole batch for one bad row
        server.route(f"POST {self.path}", self.upsert)

    def upsert(self, request: Request) -> Reply:
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return json_reply(
                {"status": "error", "message": "Authentication credentials not found"}, status=401
            )
        inputs = request.json()["inputs"]
        if len(inputs) > 100:
            return json_reply({"status": "error", "message": "more than 100 inputs"}, status=400)
        unknown = {name for one in inputs for name in one["properties"]} - self.properties
        if unknown:
            message = f'Property "{min(unknown)}" does not exist'
            return json_reply(
                {"status": "error", "category": "VALIDATION_ERROR", "message": message}, status=400
            )
        errors = [self._error(one) for one in inputs if one["properties"].get("email") in self.bad]
        if errors and self.whole:
            return json_reply({"status": "error", **errors[0], "context": {}}, status=400)
        good = [one for one in inputs if one["properties"].get("email") not in self.bad]
        results = [self._put(one) for one in good]
        if errors:
            answer = {"status": "COMPLETE", "results": results, "numErrors": len(errors), "errors": errors}
            return json_reply(answer, status=207)
        return json_reply({"status": "COMPLETE", "results": results})

    def _put(self, one: dict[str, Any]) -> dict[str, Any]:
        number = str(501 + len(self.contacts))
        known = self.contacts.setdefault(one["id"], {"id": number})
        known.update(one["properties"])
        return {"id": known["id"], "properties": one["properties"], "new": known["id"] == number}

    def _error(self, one: dict[str, Any]) -> dict[str, Any]:
        email = one["properties"]["email"]
        return {
            "category": "VALIDATION_ERROR",
            "message": f"Email address {email} is invalid",
            "context": {"objectWriteTraceId": [one["objectWriteTraceId"]]},
        }


class Salesforce:
    """OAuth client credentials and Bulk API 2.0 ingest; the job walks through `states` as it is polled."""

    client_id, client_secret, token = "3MVG-id", "TOPSECRET", "00D-session"
    jobs = "/services/data/v67.0/jobs/ingest"

    def __init__(self, server: HttpServer) -> None:
        self.records: dict[str, dict[str, str]] = {}
        self.states = ["UploadComplete", "InProgress", "JobComplete"]
        self.job: dict[str, Any] = {}
        self.rows: list[dict[str, str]] = []
        self.failing: dict[str, str] = {}  # e-mail → sf__Error
        self.done = 10_000  # so many rows are processed before a job fails or is aborted
        self.logins = 0
        self.sessions = {self.token}
        server.route("POST /services/oauth2/token", self.log_in)
        server.route("*", self.answer)

    def log_in(self, request: Request) -> Reply:
        given = form(request)
        self.logins += 1
        if (given["client_id"], given["client_secret"]) != (self.client_id, self.client_secret):
            return json_reply(
                {"error": "invalid_client", "error_description": "invalid client credentials"}, status=400
            )
        return json_reply({"access_token": self.token, "token_type": "Bearer"})

    def answer(self, request: Request) -> Reply:
        session = request.headers.get("authorization", "").removeprefix("Bearer ")
        if session not in self.sessions:
            self.sessions.add(self.token)
            return json_reply([{"errorCode": "INVALID_SESSION_ID", "message": "Session expired"}], status=401)
        part = request.path.removeprefix(self.jobs).removeprefix("/750xx").strip("/")
        if request.method == "POST" and request.path == self.jobs:
            return self._create(request)
        if request.method == "PUT" and part == "batches":
            return self._upload(request)
        if request.method == "PATCH" and not part:
            self.job["state"] = request.json()["state"]
            return json_reply(self.job)
        if request.method == "GET":
            return self._poll() if not part else self._table(part)
        return json_reply([{"errorCode": "NOT_FOUND", "message": "no such resource"}], status=404)

    def _create(self, request: Request) -> Reply:
        wanted = request.json()
        assert wanted["operation"] == "upsert"
        self.job = {"id": "750xx", "state": "Open", **wanted}
        return json_reply(self.job)

    def _upload(self, request: Request) -> Reply:
        if self.job["state"] != "Open" or not request.headers["content-type"].startswith("text/csv"):
            return json_reply([{"errorCode": "INVALIDJOBSTATE", "message": "not open"}], status=409)
        assert b"\r\n" not in request.body
        self.rows = list(csv.DictReader(io.StringIO(request.body.decode(), newline="")))
        return Reply(status=201)

    def _poll(self) -> Reply:
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        if state not in ("UploadComplete", "InProgress"):
            for row in self._taken():
                self.records.setdefault(row["Kikimimi_Id__c"], {}).update(row)
        said = {"errorMessage": "InvalidBatch : Field name not found : X__c"} if state == "Failed" else {}
        return json_reply({**self.job, "state": state, **said})

    def _table(self, name: str) -> Reply:
        failed = [row for row in self.rows[: self.done] if row.get("Email") in self.failing]
        wanted = {
            "successfulResults": [{"sf__Id": "003xx", "sf__Created": "true", **row} for row in self._taken()],
            "failedResults": [
                {"sf__Id": "", "sf__Error": self.failing[row["Email"]], **row} for row in failed
            ],
            "unprocessedrecords": self.rows[self.done :],
        }[name]
        out = io.StringIO(newline="")
        writer = csv.DictWriter(out, list(wanted[0]) if wanted else ["sf__Id"], lineterminator="\n")
        writer.writeheader()
        writer.writerows(wanted)
        return text(out.getvalue(), content_type="text/csv", charset="utf-8")

    def _taken(self) -> list[dict[str, str]]:
        return [row for row in self.rows[: self.done] if row.get("Email") not in self.failing]


class Segment:
    """The batch endpoint: 500 KB a batch, 32 KB an event, 200 for all else; repeats are dropped by messageId."""

    key = "wk-TOPSECRET"

    def __init__(self, server: HttpServer) -> None:
        self.events: dict[str, dict[str, Any]] = {}
        self.sizes: list[int] = []
        server.route("POST /v1/batch", self.batch)

    def batch(self, request: Request) -> Reply:
        name = base64.b64encode(f"{self.key}:".encode()).decode()
        if request.headers.get("authorization") != f"Basic {name}":
            return json_reply({"success": False, "message": "bad write key"}, status=401)
        self.sizes.append(len(request.body))
        batch = request.json()["batch"]
        if len(request.body) > 500_000 or max(len(json.dumps(one).encode()) for one in batch) > 64_000:
            return json_reply({"success": False, "message": "too large"}, status=400)
        self.events.update({one["messageId"]: one for one in batch})
        return json_reply({"success": True})


class ReferralCandy:
    """Invitations, each a letter; signed with MD5 of the secret and the sorted parameters."""

    access_id, secret = "acc-1", "TOPSECRET"

    def __init__(self, server: HttpServer) -> None:
        self.letters: list[str] = []
        self.known: set[str] = set()
        server.route("POST /invite.json", self.invite)

    def invite(self, request: Request) -> Reply:
        given = form(request)
        signature = given.pop("signature", "")
        collected = "".join(f"{name}={given[name]}" for name in sorted(given))
        expected = hashlib.md5(f"{self.secret}{collected}".encode(), usedforsecurity=False).hexdigest()
        if signature != expected or given.get("accessID") != self.access_id or "timestamp" not in given:
            return json_reply({"message": "Invalid signature"}, status=401)
        email = given["email"]
        if "@" not in email:
            return json_reply({"message": f"Invalid email {email}"}, status=400)
        if email in self.known:
            return json_reply({"message": "Contact already signed up."}, status=400)
        self.known.add(email)
        self.letters.append(email)
        return json_reply(
            {"message": "Success", "referral_link": f"https://refer.example/{len(self.letters)}"}
        )


class Friendbuy:
    """A token for key and secret, then customers by id; 422 for an address it does not like."""

    key, secret = "fb-key", "TOPSECRET"

    def __init__(self, server: HttpServer) -> None:
        self.customers: dict[str, dict[str, Any]] = {}
        self.tokens = 0
        self.expires_after = 1_000
        server.route("POST /authorization", self.authorize)
        server.route("POST /postCustomer", self.customer)

    def authorize(self, request: Request) -> Reply:
        if request.json() != {"key": self.key, "secret": self.secret}:
            return json_reply({"error": {"code": "unauthorized", "message": "wrong secret"}}, status=401)
        self.tokens += 1
        self._left = self.expires_after
        return json_reply({"tokenType": "Bearer", "token": f"jwt-{self.tokens}"})

    def customer(self, request: Request) -> Reply:
        if request.headers.get("authorization") != f"Bearer jwt-{self.tokens}" or self._left == 0:
            return json_reply({"error": {"code": "unauthorized", "message": "token expired"}}, status=401)
        self._left -= 1
        given = request.json()
        if "@" not in given["email"]:
            return json_reply({"error": {"code": "invalid", "message": "email is invalid"}}, status=422)
        self.customers.setdefault(given["id"], {}).update(given)
        return json_reply(given)
