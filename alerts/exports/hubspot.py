"""HubSpot: contacts, created or brought up to date in batches of 100.

In HubSpot: Settings → Integrations → Private Apps → create one with the scopes crm.objects.contacts.read and
crm.objects.contacts.write, and copy its token. Settings → Properties → Contact: create the property
`kikimimi_id` (single-line text, "Require unique values for this property"), and the properties
kikimimi_score (number), kikimimi_topic, kikimimi_stage, kikimimi_platform, kikimimi_handle, kikimimi_profile_url,
kikimimi_consent_at, kikimimi_consent_evidence (single-line text).

    exports:
      - name: hubspot
        kind: hubspot
        token_env: HUBSPOT_TOKEN
        fields: {score: advocate_score, tags: ""}   # our field: your property; "" leaves it out

Contacts are found by `id_property`, so nobody is there twice however often they are sent. With
`id_property: email` they are found by e-mail address instead, which also meets contacts that you already have;
then advocates without an address are left out. What Kikimimi does not know is not sent, so nothing of yours is
emptied. HubSpot takes the good rows of a batch and names the bad ones; where it refuses a batch as a whole,
the batch is halved until the bad row is found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from pydantic import Field, SecretStr

from alerts.exports import ExportConfig, ExportError, Outcome, Row
from alerts.exports.calls import Calls, body_json, quiet, said_in
from alerts.exports.fields import Names, in_parts, named
from listener.http import Fetcher
from storage.transfers import TransferState

BATCH = 100
PATH = "/crm/objects/2026-03/contacts/batch/upsert"
USUAL = {
    "email": "email", "first_name": "firstname", "last_name": "lastname", "score": "kikimimi_score",
    "topic": "kikimimi_topic", "stage": "kikimimi_stage", "platform": "kikimimi_platform",
    "handle": "kikimimi_handle", "profile_url": "kikimimi_profile_url", "consent_at": "kikimimi_consent_at",
    "consent_evidence": "kikimimi_consent_evidence",
}  # fmt: skip
_REMEDIES = {
    401: "the token is not accepted: copy the private app's token again",
    403: "the token lacks rights: give the private app the scope crm.objects.contacts.write",
    404: "HubSpot does not know this address: check base_url",
}
_OF_SETUP = ("PROPERTY_DOESNT_EXIST", "does not exist", "not unique", "idProperty")


class HubspotExportConfig(ExportConfig):
    token: SecretStr = Field(description="the private app's token")
    id_property: str = Field(
        default="kikimimi_id", min_length=1, description="the unique property to find contacts by"
    )
    fields: Names = Field(
        default={}, description='our field: your property, where it is another; "" leaves it out'
    )
    base_url: str = Field(default="https://api.hubapi.com", description="the API's address")


class HubspotExport:
    Config: ClassVar[type[ExportConfig]] = HubspotExportConfig
    repeatable: ClassVar[bool] = True
    whole: ClassVar[bool] = False

    def __init__(self, config: HubspotExportConfig, *, http: Fetcher, wait: Callable[[float], None]) -> None:
        self._config = config
        self._calls = Calls(http, "HubSpot", wait=wait, remedies=_REMEDIES)

    def unfit(self, row: Row) -> str:
        return "no_email" if self._config.id_property == "email" and not row.cells["email"] else ""

    def parts(self, rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
        return in_parts(rows, BATCH)

    def preview(self, row: Row) -> Mapping[str, Any]:
        by_mail = self._config.id_property == "email"
        properties = named(row, USUAL, self._config.fields)
        if not by_mail:
            properties[self._config.id_property] = row.key
        return {
            "id": row.cells["email"] if by_mail else row.key,
            "idProperty": self._config.id_property,
            "objectWriteTraceId": row.key,
            "properties": properties,
        }

    def send(self, part: Sequence[Row]) -> list[Outcome]:
        try:
            answer = self._calls.post(
                self._config.base_url.rstrip("/") + PATH,
                json={"inputs": [self.preview(row) for row in part]},
                headers={"Authorization": f"Bearer {self._config.token.get_secret_value()}"},
            )
        except ExportError as error:
            return self._refused(part, error)
        return _outcomes(part, body_json(answer, "HubSpot"))

    def _refused(self, part: Sequence[Row], error: ExportError) -> list[Outcome]:
        """One bad row makes HubSpot refuse a batch: halve it. A wrong set-up would refuse every half too."""
        said = said_in(error.body)
        if error.status not in (400, 409):
            raise error
        if any(sign in error.body.decode("utf-8", "replace") for sign in _OF_SETUP):
            raise ExportError(
                f"HubSpot: {said}; create the property under Settings → Properties → Contact (kikimimi_id with "
                "unique values), or name another one in `fields` and `id_property`",
                permanent=True,
            ) from error
        if len(part) == 1:
            code = "conflict" if error.status == 409 else "refused"
            return [Outcome(part[0].key, TransferState.REFUSED, code, said)]
        middle = len(part) // 2
        return self.send(part[:middle]) + self.send(part[middle:])


def _outcomes(part: Sequence[Row], answer: Mapping[str, Any]) -> list[Outcome]:
    by_mail = {row.cells["email"].lower(): row.key for row in part if row.cells["email"]}
    keys = {row.key for row in part}
    ended: dict[str, Outcome] = {}
    for error in _objects(answer, "errors"):
        for key in _named_in(error.get("context"), keys, by_mail):
            code = "conflict" if error.get("category") == "CONFLICT" else "refused"
            ended[key] = Outcome(key, TransferState.REFUSED, code, quiet(str(error.get("message", ""))))
    for result in _objects(answer, "results"):
        for key in _named_in(result, keys, by_mail):
            ended.setdefault(key, Outcome(key, TransferState.SENT, remote_id=str(result.get("id", ""))))
    return [ended.get(row.key, Outcome(row.key, TransferState.FAILED, "unsaid")) for row in part]


def _objects(answer: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    found = answer.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _named_in(place: Any, keys: set[str], by_mail: Mapping[str, str]) -> set[str]:
    """The rows that an answer speaks of, wherever in it their trace, id or address stands."""
    if isinstance(place, dict):
        return {key for inner in place.values() for key in _named_in(inner, keys, by_mail)}
    if isinstance(place, list):
        return {key for inner in place for key in _named_in(inner, keys, by_mail)}
    words = str(place)
    return (
        {words} if words in keys else {by_mail[words.lower()]} & keys if words.lower() in by_mail else set()
    )
