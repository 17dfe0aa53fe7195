"""A signed POST for each advocate, to any address: Zapier, Make, n8n, or your own program.

    exports:
      - name: our-crm
        kind: webhook
        url: https://crm.example.jp/hooks/advocates
        secret_env: KIKIMIMI_WEBHOOK_SECRET    # "whsec_" + base64, or any long random text

The body is JSON: {"type": "kikimimi.contact", "timestamp": …, "data": {id, email, name, topic, score, …}}. The
headers follow Standard Webhooks: `webhook-id`, `webhook-timestamp` (seconds), and with a secret
`webhook-signature` = "v1," + base64(HMAC-SHA256(secret, "{id}.{timestamp}.{body}")). The `webhook-id` is the same
when the same content is sent again, so drop repeats by it; `data.id` is the same for the same account for ever,
so update by it. Answer 2xx within 20 s. 4xx refuses this one row, 401, 403, 404 and 410 end the run, 429 and 5xx
are tried again.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

from pydantic import Field

from alerts.exports import ExportConfig, ExportError, Outcome, Row
from alerts.exports.calls import Calls, said_in
from alerts.exports.fields import in_parts
from alerts.signing import HookSecret, HookUrl, key_of, sign
from listener.http import Fetcher
from storage.transfers import TransferState

_ENDS = frozenset({401, 403, 404, 410})


class WebhookExportConfig(ExportConfig):
    url: HookUrl = Field(description="where to POST")
    secret: HookSecret | None = Field(default=None, description="signs what is sent")


class WebhookExport:
    Config: ClassVar[type[ExportConfig]] = WebhookExportConfig
    repeatable: ClassVar[bool] = True  # the receiver drops a known webhook-id
    whole: ClassVar[bool] = False

    def __init__(self, config: WebhookExportConfig, *, http: Fetcher, wait: Callable[[float], None]) -> None:
        self._config = config
        remedies = {401: "check the secret on both sides", 410: "the receiver is gone: take this export out"}
        self._calls = Calls(http, "webhook", wait=wait, remedies=remedies)

    def unfit(self, row: Row) -> str:
        return ""

    def parts(self, rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
        return in_parts(rows, 1)

    def send(self, part: Sequence[Row]) -> list[Outcome]:
        return [self._one(row) for row in part]

    def preview(self, row: Row) -> Mapping[str, Any]:
        return {"type": "kikimimi.contact", "data": dict(row.cells)}

    def _one(self, row: Row) -> Outcome:
        webhook_id = "msg_" + hashlib.sha256(f"{row.key} {row.digest}".encode()).hexdigest()[:32]
        now = time.time()
        content = {**self.preview(row), "timestamp": datetime.fromtimestamp(now, UTC).isoformat()}
        body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
        stamp = str(int(now))
        headers = {
            "Content-Type": "application/json",
            "webhook-id": webhook_id,
            "webhook-timestamp": stamp,
        }
        if self._config.secret is not None:
            headers["webhook-signature"] = sign(key_of(self._config.secret), webhook_id, stamp, body)
        try:
            self._calls.post(self._config.url, content=body, headers=headers)
        except ExportError as error:
            if not error.permanent or error.status is None or error.status in _ENDS:
                raise
            detail = f"HTTP {error.status} {said_in(error.body)}".strip()
            return Outcome(row.key, TransferState.REFUSED, "refused", detail)
        return Outcome(row.key, TransferState.SENT, remote_id=webhook_id)
