"""Where alerts by mail arrive: an SMTP server that writes each message into a folder, and reads them back."""

from __future__ import annotations

import itertools
import os
import re
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

from aiosmtpd.smtp import SMTP, Envelope, Session

from listener.clock import Clock

TOKYO = ZoneInfo("Asia/Tokyo")  # where the invented company reads its mail
_NAME = re.compile(r"[\w.-]+\.eml", re.ASCII)


@dataclass(frozen=True)
class Mail:
    """One mail as people read it. `html` is what the sender wrote: show it only in a sandbox."""

    name: str
    subject: str
    sender: str
    to: str
    date: str
    text: str
    html: str


@dataclass
class Mailbox:
    """A folder of *.eml files, newest last by name."""

    folder: Path
    clock: Clock
    _count: Any = field(default_factory=itertools.count)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Called by the SMTP server for each message."""
        self.keep(cast(bytes, envelope.original_content))
        return "250 OK"

    def keep(self, content: bytes) -> Path:
        """Write the message; a reader never sees half of it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        stamp = self.clock.now().strftime("%Y%m%dT%H%M%S")
        path = self.folder / f"{stamp}-{os.getpid()}-{next(self._count):05d}.eml"
        part = path.with_suffix(".part")
        part.write_bytes(content)
        part.replace(path)
        return path

    def names(self) -> list[str]:
        """The names of all mails, newest first."""
        return sorted((path.name for path in self.folder.glob("*.eml")), reverse=True)

    def read(self, name: str) -> Mail | None:
        """The mail of this name, or None."""
        path = self.folder / name
        if not _NAME.fullmatch(name) or not path.is_file():
            return None
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        return Mail(
            name, str(message.get("subject", "")), str(message.get("from", "")), str(message.get("to", "")),
            _date(message), _body(message, "plain"), _body(message, "html"),
        )  # fmt: skip


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part else ""


def _date(message: EmailMessage) -> str:
    try:
        return parsedate_to_datetime(str(message["date"])).astimezone(TOKYO).strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return ""
