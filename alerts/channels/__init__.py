"""Ways out: one module a kind, one line in `CHANNELS`. Nothing else names a kind.

ChannelError        the message was not delivered: try again (when?), or give up (what to change?)
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, ClassVar, Protocol, cast

from pydantic import BaseModel, ConfigDict, Field

from listener.http import Fetcher, FetchError
from storage.notices import Message

CHANNELS: dict[str, str] = {
    "slack": "alerts.channels.slack:SlackChannel",
    "smtp": "alerts.channels.smtp:SmtpChannel",
    "webhook": "alerts.channels.webhook:WebhookChannel",
    "teams": "alerts.channels.teams:TeamsChannel",
    "discord": "alerts.channels.discord:DiscordChannel",
    "line": "alerts.channels.line:LineChannel",
    "chatwork": "alerts.channels.chatwork:ChatworkChannel",
    "apprise": "alerts.channels.apprise_channel:AppriseChannel",
    "console": "alerts.channels.console:ConsoleChannel",
}


class ChannelConfig(BaseModel):
    """What every channel in config.yaml has."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, description="what routes call the channel")
    kind: str = Field(description="one of CHANNELS: slack, smtp, …")


class ChannelError(Exception):
    """Not delivered. The message carries the remedy and never a secret.

    `permanent`: the same message will fail again, somebody must change something. `retry_after`: seconds that
    the other side asks us to wait.
    """

    def __init__(self, message: str, *, permanent: bool = False, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.permanent = permanent
        self.retry_after = retry_after


class Channel(Protocol):
    """One configured way out. Safe to call from several threads."""

    Config: ClassVar[type[ChannelConfig]]

    def __init__(self, config: Any, *, http: Fetcher) -> None: ...

    def send(self, message: Message, *, reply_to: str = "") -> str:
        """Deliver once; returns the other side's id, "" when it gives none. Raises ChannelError.

        `reply_to` is the id that the first message of the same thread got. Sent twice, the same
        `message.key` is recognisable as the same where the medium can do that.
        """

    def check(self) -> str:
        """Try the settings and tell nobody; returns words for the operator. Raises ChannelError."""


def channel_class(kind: str) -> type[Channel]:
    """The class for a kind. Raises KeyError for an unknown one."""
    module, _, name = CHANNELS[kind].partition(":")
    return cast("type[Channel]", getattr(import_module(module), name))


def refused(error: FetchError, who: str, remedy: str = "") -> ChannelError:
    """A FetchError as the ChannelError it means: client errors are permanent, but for "later" ones."""
    status = error.status
    words = f"{who}: HTTP {status}" if status else f"{who}: {error.message}"
    permanent = error.permanent and status not in (408, 425, 429)
    return ChannelError(
        f"{words}. {remedy}" if remedy and permanent else words,
        permanent=permanent,
        retry_after=error.retry_after,
    )


__all__ = ["CHANNELS", "Channel", "ChannelConfig", "ChannelError", "Fetcher", "channel_class", "refused"]
