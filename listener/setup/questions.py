"""Asking: the thin layer between `init` and a person. `Defaults` answers for a person who said --yes."""

from __future__ import annotations

from typing import Protocol

from rich.console import Console
from rich.prompt import Confirm, Prompt


class Ask(Protocol):
    def text(self, question: str, *, default: str = "") -> str: ...

    def secret(self, question: str) -> str: ...

    def yes(self, question: str, *, default: bool = True) -> bool: ...


class Person:
    """Asks on the terminal."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def text(self, question: str, *, default: str = "") -> str:
        return Prompt.ask(
            question, console=self._console, default=default, show_default=bool(default)
        ).strip()

    def secret(self, question: str) -> str:
        return Prompt.ask(
            question, console=self._console, default="", show_default=False, password=True
        ).strip()

    def yes(self, question: str, *, default: bool = True) -> bool:
        return Confirm.ask(question, console=self._console, default=default)


class Defaults:
    """Takes every suggestion; gives away no secret."""

    def text(self, question: str, *, default: str = "") -> str:
        return default

    def secret(self, question: str) -> str:
        return ""

    def yes(self, question: str, *, default: bool = True) -> bool:
        return default
