from __future__ import annotations

import io

import pytest
from rich.console import Console

from alerts.channels.console import ConsoleChannel, ConsoleConfig
from listener.http import Fetcher
from storage.notices import Quote
from storage.types import Label
from tests.alerts.made import NOW, message


def test_a_box_with_everything_and_no_markup() -> None:
    screen = io.StringIO()
    console = Console(file=screen, width=100)
    channel = ConsoleChannel(ConsoleConfig(name="c", kind="console"), http=Fetcher(), console=console)
    told = message(
        quotes=(Quote("[red]返金[/red] されない [/]", "花子", "https://x.example/1", NOW, Label.NEGATIVE),)
    )
    assert channel.send(told) == ""
    shown = screen.getvalue()
    for words in (
        "ミナモ珈琲",
        "38人",
        "[red]返金[/red]",
        "https://x.example/1",
        "ネガティブ率",
        "incidents/7",
    ):
        assert words in shown
    assert channel.check().startswith("ok")


def test_standard_error_by_default(capsys: pytest.CaptureFixture[str]) -> None:
    ConsoleChannel(ConsoleConfig(name="c", kind="console"), http=Fetcher()).send(message())
    out, err = capsys.readouterr()
    assert out == ""
    assert "ミナモ珈琲" in err
