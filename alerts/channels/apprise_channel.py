"""The long tail through Apprise: Mattermost, Google Chat, Telegram, ntfy, Pushover and about 180 more.

    channels:
      - name: team-mattermost
        kind: apprise
        url_env: APPRISE_URL                   # mmosts://chat.example.jp/…; it holds the keys: a secret

The address says which service it is and with which keys; https://appriseit.com/services/ lists them all. For
Slack, Teams, Discord, LINE, Chatwork, e-mail and webhooks use the kinds of their own: they know more than
Apprise does (threads, buttons, retry keys, when to try again).

Messages are plain text, split where the service takes less. A service that takes fewer than 500 characters (SMS)
gets the title, the summary and the link only. Apprise tells little about a failure: a status of 401, 403, 404
or 410 in its log is taken as permanent, everything else is tried again. `kikimimi check` can only read the
address; send a test to be sure.
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field, SecretStr, field_validator

from alerts.channels import ChannelConfig, ChannelError
from alerts.channels.parts import NUMBERING, Posted, Progress, numbered, pack, split, units
from alerts.channels.text import headline, is_over, paragraphs
from alerts.message import cut
from alerts.words import say
from listener.http import Fetcher
from storage.notices import Message
from storage.types import Severity

if TYPE_CHECKING:
    from apprise import NotifyBase

TIMEOUT_S = 30
_BRIEF = 500  # a service that takes less gets the gist
_STATUS = re.compile(r"\berror=(\d{3})\b")
_GONE = {"401", "403", "404", "410"}
_KIND = {Severity.WATCH: "info", Severity.WARNING: "warning", Severity.CRISIS: "failure"}


class AppriseConfig(ChannelConfig):
    url: SecretStr = Field(description="the service's address in Apprise's words")

    @field_validator("url")
    @classmethod
    def _is_known(cls, url: SecretStr) -> SecretStr:
        _service(url)
        return url


def _service(url: SecretStr) -> NotifyBase:
    """The service behind the address. Raises ValueError. Importing Apprise takes a second: only when used."""
    from apprise import Apprise

    # It would log an address that it cannot read, keys and all, and whole messages; and urllib3, which only Apprise
    # uses here, logs paths that are keys. What matters comes through log_callback.
    logging.getLogger("urllib3").setLevel(logging.WARNING)
    logger = logging.getLogger("apprise")
    logger.propagate = False
    logger.setLevel(logging.WARNING)
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    found = Apprise.instantiate(url.get_secret_value(), suppress_exceptions=True)
    if found is None:
        raise ValueError("Apprise cannot read this address: compare https://appriseit.com/services/")
    return found


class AppriseChannel:
    Config: ClassVar[type[ChannelConfig]] = AppriseConfig

    def __init__(self, config: AppriseConfig, *, http: Fetcher) -> None:
        self._url = config.url
        self._progress = Progress()

    def send(self, message: Message, *, reply_to: str = "") -> str:
        """Apprise gives no ids: returns ""."""
        service = _service(self._url)
        kind = "success" if is_over(message) else _KIND[message.severity]
        made = texts(message, body=service.body_maxlen, title=service.title_maxlen)
        return self._progress.send(
            message.key, made, lambda part, number, first: _notify(service, kind, *part)
        )

    def check(self) -> str:
        return f"ok: {_service(self._url).service_name} (address readable; send a test to be sure)"


def _notify(service: NotifyBase, kind: str, title: str, body: str) -> Posted:
    from apprise import Apprise, NotifyFormat

    logged: list[str] = []
    sending = Apprise()
    sending.add(service)
    arrived = sending.notify(
        body=body,
        title=title,
        notify_type=kind,
        body_format=NotifyFormat.TEXT,
        timeout=TIMEOUT_S,
        log_callback=lambda entry, _: logged.append(entry.message),
        log_level=logging.WARNING,
    )
    if arrived:
        return Posted()
    statuses = [status for words in logged for status in _STATUS.findall(words)]
    name = f"Apprise ({service.service_name})"
    if not statuses:
        raise ChannelError(f"{name}: not delivered; it is tried again later")
    if statuses[-1] in _GONE:
        words = f"{name}: HTTP {statuses[-1]}. Check the keys and the target in its address"
        raise ChannelError(words, permanent=True)
    raise ChannelError(f"{name}: HTTP {statuses[-1]}")


def texts(message: Message, *, body: int, title: int) -> list[tuple[str, str]]:
    """(title, body) of each message, for a service that takes so many characters. 0 for `title`: it has none."""
    whole, brief = headline(message), body < _BRIEF
    heading = cut(whole, title - NUMBERING, size=units) if title > NUMBERING else ""
    above = "" if heading else cut(whole, max(20, body // 3), size=units)
    room = max(1, body - NUMBERING - units(above) - 2)
    said = [message.summary, message.link] if brief else paragraphs(message)
    if not brief and whole not in (heading, above):
        said = [whole, *said]
    pieces = [piece for one in said for piece in split(one, room) if piece.strip()]
    more = say("more", message.lang)
    parts = pack(pieces, lambda some: units("\n\n".join(some)) <= room, more=more) or [[]]
    found = []
    for number, part in enumerate(parts):
        first = numbered(above if number == 0 else "", number, len(parts)) if above else ""
        text = "\n\n".join([*([first] if first else []), *part])
        found.append((numbered(heading, number, len(parts)) if heading else "", text or heading))
    return found
