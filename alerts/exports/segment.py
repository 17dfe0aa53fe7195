"""Segment: an `identify` with the advocate's traits and a `track` that says they consented.

In Segment: Connections → Sources → Add Source → HTTP API, and copy its write key.

    exports:
      - name: segment
        kind: segment
        write_key_env: SEGMENT_WRITE_KEY
        base_url: https://events.eu1.segmentapis.com    # for workspaces in the EU

Segment answers 200 to whatever it can read, also with a wrong write key: look at the source's debugger after the
first run. The `userId` is the same for the same account for ever, and the `messageId` for the same content, by
which Segment drops repeats. A batch stays below 500 KB and an event below 32 KB.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from pydantic import Field, SecretStr

from alerts.exports import ExportConfig, ExportError, Outcome, Row
from alerts.exports.calls import Calls
from alerts.exports.fields import Names, named
from listener.http import Fetcher
from storage.transfers import TransferState

BATCH_BYTES, EVENT_BYTES = 480_000, 32_000  # Segment says 500 KB and 32 KB; the envelope needs some of it
BATCH_EVENTS = 2_500  # the HTTP API's other limit on a batch
USUAL = {
    "email": "email", "first_name": "firstName", "last_name": "lastName", "score": "advocate_score",
    "topic": "advocate_topic", "stage": "advocate_stage", "platform": "advocate_platform",
    "handle": "advocate_handle", "profile_url": "advocate_profile_url", "tags": "advocate_tags",
    "consent_at": "advocate_consent_at", "consent_evidence": "advocate_consent_evidence",
}  # fmt: skip
_REMEDIES = {401: "the write key is not accepted: copy it from the source's settings"}


class SegmentExportConfig(ExportConfig):
    write_key: SecretStr = Field(description="the source's write key")
    event: str = Field(default="Advocate Consented", min_length=1, description="what the event is called")
    fields: Names = Field(
        default={}, description='our field: your trait, where it is another; "" leaves it out'
    )
    base_url: str = Field(default="https://api.segment.io", description="the API's address")


class SegmentExport:
    Config: ClassVar[type[ExportConfig]] = SegmentExportConfig
    repeatable: ClassVar[bool] = True
    whole: ClassVar[bool] = False

    def __init__(self, config: SegmentExportConfig, *, http: Fetcher, wait: Callable[[float], None]) -> None:
        self._config = config
        self._calls = Calls(http, "Segment", wait=wait, remedies=_REMEDIES)

    def unfit(self, row: Row) -> str:
        return "too_large" if max(map(_size, self._events(row))) > EVENT_BYTES else ""

    def parts(self, rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
        part: list[Row] = []
        used = 0
        for row in rows:
            size = sum(map(_size, self._events(row)))
            if part and (used + size > BATCH_BYTES or len(part) * 2 >= BATCH_EVENTS):
                yield part
                part, used = [], 0
            part.append(row)
            used += size
        if part:
            yield part

    def preview(self, row: Row) -> Mapping[str, Any]:
        return {"batch": self._events(row)}

    def send(self, part: Sequence[Row]) -> list[Outcome]:
        """All or none: Segment does not say which event of a batch it did not like."""
        name = base64.b64encode(f"{self._config.write_key.get_secret_value()}:".encode()).decode()
        body = json.dumps(
            {"batch": [event for row in part for event in self._events(row)]},
            ensure_ascii=False,
            separators=(",", ":"),
        ).encode()
        headers = {"Authorization": f"Basic {name}", "Content-Type": "application/json"}
        try:
            self._calls.post(f"{self._config.base_url.rstrip('/')}/v1/batch", content=body, headers=headers)
        except ExportError as error:
            if error.status not in (400, 413):
                raise
            if len(part) == 1:
                return [Outcome(part[0].key, TransferState.REFUSED, "refused", f"HTTP {error.status}")]
            middle = len(part) // 2
            return self.send(part[:middle]) + self.send(part[middle:])
        return [Outcome(row.key, TransferState.SENT) for row in part]

    def _events(self, row: Row) -> list[dict[str, Any]]:
        traits: dict[str, Any] = named(row, USUAL, self._config.fields)
        score = {**USUAL, **self._config.fields}["score"]
        if score:
            traits[score] = float(row.cells["score"])
        about = {"topic": row.cells["topic"], "scopes": row.cells["consent_scopes"]}
        at = row.cells["consent_at"]
        return [
            {"type": "identify", "userId": row.key, "traits": traits, "messageId": _mark("identify", row)},
            {
                "type": "track",
                "userId": row.key,
                "event": self._config.event,
                "properties": about,
                "timestamp": at,
                "messageId": _mark("track", row, at),
            },
        ]


def _mark(kind: str, row: Row, at: str = "") -> str:
    """The same for the same content; a track is the same for the same consent."""
    return "kikimimi-" + hashlib.sha256(f"{kind} {row.key} {at or row.digest}".encode()).hexdigest()[:40]


def _size(event: Mapping[str, Any]) -> int:
    return len(json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()) + 1
