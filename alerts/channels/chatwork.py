"""Chatwork: a message in a room.

Make an account for Kikimimi, invite it to the room, and issue its API token under "サービス連携 → API Token"
(in some plans an administrator must allow it). The room's number stands in its address: #!rid123456.

    channels:
      - name: team-chatwork
        kind: chatwork
        token_env: CHATWORK_TOKEN
        room: "123456"

Nothing in a post becomes Chatwork markup, so no post can call everybody with [toall]. Chatwork has no
idempotency key: after a crash in the middle of sending, a message may appear twice. Limits kept: 65,535 bytes a
message (longer ones become several); 300 requests in five minutes and 10 in ten seconds a room, answered
with 429 and tried again when `x-ratelimit-reset` says so.
"""

from __future__ import annotations

import time
from typing import Any, ClassVar
from urllib.parse import quote as quoted

from pydantic import Field, SecretStr, field_validator

from alerts.channels import ChannelConfig, ChannelError, refused
from alerts.channels.parts import Posted, Progress, continued, pack, split, utf8
from alerts.channels.text import headline, paragraphs
from alerts.words import say
from listener.http import Fetcher, FetchError, Response
from listener.retry_after import seconds_to_wait
from storage.notices import Message

LIMIT = 65_535  # bytes of the body; how Chatwork counts is not published, so the strictest way
TITLE = 2_000
_ROOM = LIMIT - TITLE - 100  # for the paragraphs, beside the title and the markup around them
_NO_MARKUP = "\u200b"  # after a bracket: looks the same, and is no tag
_REMEDIES = {
    400: "Check `room`",
    401: "The API token is wrong or was renewed: set it anew",
    403: "The account may not write in this room: invite it as a member",
    404: "There is no such room, or the account is not in it: check `room` and invite it",
    413: "Chatwork takes no message of this size: please report this",
}


class ChatworkConfig(ChannelConfig):
    token: SecretStr = Field(description="API token of the account that writes")
    room: str = Field(description="the room's number")
    base_url: str = Field(default="https://api.chatwork.com/v2", description="the API's address")

    @field_validator("room")
    @classmethod
    def _is_number(cls, room: str) -> str:
        number = room.removeprefix("#!").removeprefix("rid")
        if not (number.isascii() and number.isdigit()):
            raise ValueError("not a room's number: the digits after #!rid in the room's address")
        return number


class ChatworkChannel:
    Config: ClassVar[type[ChannelConfig]] = ChatworkConfig

    def __init__(self, config: ChatworkConfig, *, http: Fetcher) -> None:
        self._config = config
        self._http = http
        self._progress = Progress()

    def send(self, message: Message, *, reply_to: str = "") -> str:
        """Returns the first message's id in Chatwork."""
        return self._progress.send(message.key, bodies(message), self._part)

    def check(self) -> str:
        """The room's name, which only a member can read."""
        try:
            room = self._http.get(self._url(""), headers=self._headers()).json()
        except FetchError as error:
            raise self._refused(error) from error
        return f"ok: {room.get('name', '?') if isinstance(room, dict) else '?'}"

    def _part(self, body: str, number: int, first: str) -> Posted:
        data: dict[str, Any] = {"body": body, "self_unread": "1"}
        try:
            answer = self._http.post(self._url("/messages"), data=data, headers=self._headers(), guard=False)
            said = answer.json()
        except FetchError as error:
            raise self._refused(error) from error
        return Posted(str(said.get("message_id", "")) if isinstance(said, dict) else "", _pause(answer))

    def _url(self, path: str) -> str:
        return f"{self._config.base_url.rstrip('/')}/rooms/{quoted(self._config.room)}{path}"

    def _headers(self) -> dict[str, str]:
        return {"x-chatworktoken": self._config.token.get_secret_value()}

    def _refused(self, error: FetchError) -> ChannelError:
        return refused(error, "Chatwork", _REMEDIES.get(error.status or 0, "Check `token` and `room`"))


def _pause(answer: Response) -> float:
    """Seconds to wait when this answer says that it was the last one allowed for now."""
    if answer.headers.get("x-ratelimit-remaining", "").strip() != "0":
        return 0.0
    return seconds_to_wait(answer.headers, time.time()) or 0.0


# ------------------------------------------------------------------ text


def bodies(message: Message) -> list[str]:
    """The message as one framed text, or as several where one would be too long."""
    heading, *rest = split(headline(message), TITLE, size=_size)
    said = [*rest, *paragraphs(message)]
    pieces = [piece for one in said for piece in split(one, _ROOM, size=_size) if piece.strip()]
    more = say("more", message.lang)
    parts = pack(pieces, lambda some: _size("\n\n".join(some)) <= _ROOM, more=more) or [[]]
    found = []
    for number, part in enumerate(parts):
        title = escape(continued(heading, number, len(parts)))
        body = "\n\n".join(map(escape, part))
        found.append(f"[info][title]{title}[/title]{body}[/info]")
    return found


def escape(text: str) -> str:
    """`text` without markup of Chatwork's: it has no escape character, so the bracket is kept from its name."""
    return text.replace("[", f"[{_NO_MARKUP}")


def _size(text: str) -> int:
    return utf8(escape(text))
