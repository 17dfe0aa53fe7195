"""A signed POST to any address: Zapier, Make, n8n, or your own program.

    channels:
      - name: our-crm
        kind: webhook
        url: https://crm.example.jp/hooks/kikimimi
        secret_env: KIKIMIMI_WEBHOOK_SECRET    # "whsec_" + base64, or any long random text

The body is JSON: {"type": "kikimimi.alert", "id": …, "data": {key, severity, title, summary, reasons,
fields, quotes, link, …}}. The headers follow Standard Webhooks: `webhook-id` (the same when a delivery is
tried again: use it to drop repeats), `webhook-timestamp` (seconds), and with a secret `webhook-signature` =
"v1," + base64(HMAC-SHA256(secret, "{id}.{timestamp}.{body}")). Answer 2xx within 20 s. 410 ends it, other 4xx
need a person, anything else is tried again.
"""

from __future__ import annotations

import hashlib
import json
import time
from typing import Any, ClassVar
from urllib.parse import urlsplit

from pydantic import Field

from alerts.channels import ChannelConfig, refused
from alerts.message import to_json
from alerts.signing import HookSecret, HookUrl, key_of, sign
from listener.http import Fetcher, FetchError
from storage.notices import Message


class WebhookConfig(ChannelConfig):
    url: HookUrl = Field(description="where to POST")
    secret: HookSecret | None = Field(default=None, description="signs what is sent")


class WebhookChannel:
    Config: ClassVar[type[ChannelConfig]] = WebhookConfig

    def __init__(self, config: WebhookConfig, *, http: Fetcher) -> None:
        self._config = config
        self._http = http

    def send(self, message: Message, *, reply_to: str = "") -> str:
        """Returns the `webhook-id`, which depends on the message's key alone."""
        webhook_id = "msg_" + hashlib.sha256(message.key.encode()).hexdigest()[:32]
        self._post(
            webhook_id, {"type": "kikimimi.alert", "id": webhook_id, "data": json.loads(to_json(message))}
        )
        return webhook_id

    def check(self) -> str:
        """A signed {"type": "kikimimi.ping"}: receivers answer 2xx and do nothing."""
        self._post(f"ping_{int(time.time())}", {"type": "kikimimi.ping", "data": {}})
        return f"ok: {urlsplit(self._config.url).hostname} answers"

    def _post(self, webhook_id: str, content: dict[str, Any]) -> None:
        body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
        stamp = str(int(time.time()))
        headers = {
            "Content-Type": "application/json",
            "webhook-id": webhook_id,
            "webhook-timestamp": stamp,
        }
        if self._config.secret is not None:
            headers["webhook-signature"] = sign(key_of(self._config.secret), webhook_id, stamp, body)
        try:
            self._http.post(self._config.url, content=body, headers=headers, guard=False)
        except FetchError as error:
            remedy = {410: "The receiver is gone: remove this channel", 401: "Check the secret on both sides"}
            raise refused(error, "webhook", remedy.get(error.status or 0, "Check the address")) from error
