"""A user's mistake in words: which errors a person can mend, and the exit code each one ends with."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console


class CommandError(Exception):
    """A command cannot do what was asked; the message names the place and the remedy."""


@contextmanager
def explained(err: Console) -> Iterator[None]:
    """Turn errors that a person can mend into one message and exit code 1."""
    try:
        yield
    except SystemExit:
        raise  # before the list below is asked for: it imports nearly everything
    except KeyboardInterrupt:
        err.print("Stopped. Everything collected so far is stored.")
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(1)
    except mendable() as problem:
        err.print(f"[bold red]error:[/] {_escape(str(problem))}", highlight=False)
        sys.exit(1)


def mendable() -> tuple[type[Exception], ...]:
    """The errors whose message is written for the person at the keyboard."""
    from alerts.exports import ExportError
    from listener.config import ConfigError
    from listener.matching import QueryError
    from listener.publisher import PublisherError
    from listener.service import StartError
    from nlp.sentiment import ModelError
    from storage.db import StoreError

    return (
        CommandError,
        ConfigError,
        ExportError,
        ModelError,
        PublisherError,
        QueryError,
        StartError,
        StoreError,
    )


def _escape(text: str) -> str:
    from rich.markup import escape

    return escape(text)
