"""Where alerts for Slack arrive: incoming webhooks and chat.postMessage, kept as lines of JSON."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from listener.clock import Clock
from listener.publisher.blocks import problems, render
from listener.publisher.mrkdwn import to_html

TOKYO = ZoneInfo("Asia/Tokyo")  # where the invented company reads its messages
SHOWN = 120


@dataclass(frozen=True)
class SlackMessage:
    """One message as it came. `ts` is its id; `thread` the ts of the message it replies to, or empty."""

    ts: str
    channel: str
    thread: str
    payload: Mapping[str, Any]

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(float(self.ts), TOKYO)

    @property
    def html(self) -> str:
        """The message as Slack would show it."""
        blocks = self.payload.get("blocks") or []
        body = render(blocks) if blocks else f'<div class="block section">{to_html(self._text)}</div>'
        for attachment in self.payload.get("attachments") or []:
            colour = str(attachment.get("color", "")).lstrip("#")
            bar = f"#{colour}" if colour.isalnum() and len(colour) in (3, 6) else "#ddd"
            inner = attachment.get("blocks")
            words = (
                render(inner)
                if inner
                else to_html(str(attachment.get("text") or attachment.get("fallback", "")))
            )
            body += f'<div class="attachment" style="border-color:{bar}">{words}</div>'
        return body

    @property
    def _text(self) -> str:
        return str(self.payload.get("text", ""))


@dataclass(frozen=True)
class SlackThread:
    """A message and its replies, oldest first."""

    first: SlackMessage
    replies: tuple[SlackMessage, ...]


@dataclass
class SlackBox:
    """The messages in one file. Safe to use from several threads."""

    path: Path
    clock: Clock
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _last: float = 0.0

    def refusal(self, payload: Any) -> str:
        """Slack's word for what is wrong with the payload; empty when it is fine."""
        if not isinstance(payload, Mapping):
            return "invalid_payload"
        blocks = payload.get("blocks") or []
        inner = [block for one in payload.get("attachments") or [] for block in one.get("blocks") or []]
        if not (payload.get("text") or blocks or payload.get("attachments")):
            return "no_text"
        return "invalid_blocks" if any(problems([*blocks, *inner])) else ""

    def keep(self, payload: Mapping[str, Any], *, channel: str) -> SlackMessage:
        """Store the message; its ts is later than every one before."""
        with self._lock:
            self._last = max(self.clock.now().timestamp(), self._last + 0.000_1)
            ts = f"{self._last:.6f}"
            thread = str(payload.get("thread_ts") or "")
            message = SlackMessage(ts, channel, thread if thread != ts else "", payload)
            self.path.parent.mkdir(parents=True, exist_ok=True)
            row = {"ts": ts, "channel": channel, "thread": message.thread, "payload": payload}
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
        return message

    def messages(self) -> list[SlackMessage]:
        """Every message kept, oldest first."""
        if not self.path.exists():
            return []
        with self._lock:
            rows = [json.loads(line) for line in self.path.read_text(encoding="utf-8").splitlines()]
        return [SlackMessage(row["ts"], row["channel"], row["thread"], row["payload"]) for row in rows]

    def threads(self, channel: str = "") -> list[SlackThread]:
        """The newest threads of one channel (or of all), oldest first, with their replies."""
        found = [message for message in self.messages() if channel in ("", message.channel)]
        known = {message.ts for message in found}
        firsts = [message for message in found if message.thread not in known]
        return [
            SlackThread(first, tuple(reply for reply in found if reply.thread == first.ts))
            for first in firsts[-SHOWN:]
        ]

    def channels(self) -> list[str]:
        return sorted({message.channel for message in self.messages()})
