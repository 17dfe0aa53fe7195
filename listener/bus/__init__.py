"""How batches of posts travel from the collectors to the analysis.

A Bus takes a Batch and promises that its handler has run to the end, or will. What the handler does not
finish is not acknowledged, so it comes again: handlers are idempotent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from storage.types import Post


@dataclass(frozen=True, slots=True)
class Batch:
    """Posts of one page of one source, with the cursor that is true once they are stored.

    `topics` are the topics this source may speak of (empty: any). With `about_all` every post counts as a
    mention of them, matched or not: the reviews of our own app need not name us.
    """

    source: str
    kind: str
    posts: tuple[Post, ...]
    topics: tuple[str, ...]
    about_all: bool
    cursor: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a batch: how many posts it held, how many new mentions they gave, and of which topics."""

    posts: int
    mentions: int
    topics: frozenset[str] = frozenset()


class Bus(Protocol):
    def publish(self, batch: Batch) -> Receipt:
        """Hand over one batch; returns when it is stored for good. Errors are the handler's."""
        ...


Handler = Callable[[Batch], Receipt]
