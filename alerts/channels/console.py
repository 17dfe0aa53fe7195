"""The terminal: every alert as a box on standard error. Good for a first look and for `docker logs`.

channels:
  - name: terminal
    kind: console
"""

from __future__ import annotations

from typing import ClassVar

from rich.console import Console, Group
from rich.panel import Panel
from rich.text import Text

from alerts.channels import ChannelConfig
from alerts.words import say
from listener.http import Fetcher
from storage.notices import Message
from storage.types import Severity

_STYLE = {Severity.WATCH: "yellow", Severity.WARNING: "dark_orange", Severity.CRISIS: "bold red"}


class ConsoleConfig(ChannelConfig):
    pass


class ConsoleChannel:
    Config: ClassVar[type[ChannelConfig]] = ConsoleConfig

    def __init__(self, config: ConsoleConfig, *, http: Fetcher, console: Console | None = None) -> None:
        self._console = console

    def send(self, message: Message, *, reply_to: str = "") -> str:
        # A new Console each time: standard error may have been redirected since.
        console = self._console or Console(stderr=True)
        console.print(box(message))
        return ""

    def check(self) -> str:
        return "ok: standard error"


def box(message: Message) -> Panel:
    """Text only, never markup: a post may contain [brackets]."""
    lines = [Text(message.summary)]
    lines += [
        Text.assemble((f"{one.name}  ", "bold"), one.value.replace("\n", " ")) for one in message.fields
    ]
    lines += [Text(f"・{reason}", style="dim") for reason in message.reasons]
    for quote in message.quotes:
        label = say(f"label.{quote.label.value}", message.lang)
        lines.append(Text.assemble(("│ ", "dim"), quote.text))
        lines.append(Text(f"│ {quote.author}  {quote.at:%m/%d %H:%M}  {label}  {quote.url}", style="dim"))
    if message.link:
        lines.append(Text(message.link, style="underline"))
    style = _STYLE[message.severity]
    return Panel(
        Group(*lines), title=Text(message.title, style=style), border_style=style, title_align="left"
    )
