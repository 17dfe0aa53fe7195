"""The vocabulary, continued: what a person decided about a quotable sentence, and where one was published.

Frozen values with the standard library only, as in `storage.types`. Times are aware UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Choice(StrEnum):
    """What a person decided about a sentence; UNDECIDED when they only corrected the cut."""

    UNDECIDED = "undecided"
    APPROVED = "approved"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class Curation:
    """A person's word about the sentence of one mention: `quote` is `full_text[start:end]` as they saw it.

    When the post says something else there by now, nobody decided about those words: the curation rests.
    """

    mention_id: int
    choice: Choice
    start: int
    end: int
    quote: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Publication:
    """A sentence that stands somewhere: the words as published, where, since when, and until when it stood."""

    advocate_id: int
    mention_id: int
    topic: str
    quote: str
    place: str
    at: datetime
    by: str
    down_at: datetime | None = None
    down_by: str = ""
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where an erased person's words still stand: all that an erasure tells of a publication, once."""

    place: str
    at: datetime


class QuoteError(ValueError):
    """A note about a sentence that may not be written; `code` says why.

    unknown (advocate), consent (no consent to be quoted stood at that time), place (none named), future.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
