"""The vocabulary, continued: what people say of the model's judgements.

Frozen values with the standard library only, as in `storage.types`. Times are aware UTC.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum

from storage.types import DisclosureKind, Emotion, Label, SignalKind

PERSON = "person"
"""Stands as `Sentiment.model` where a person said it, and no model."""


class CorrectionKind(StrEnum):
    """What a person does: put it right, confirm it, set it aside as not about the topic, take a word back."""

    CORRECT = "correct"
    CONFIRM = "confirm"
    IRRELEVANT = "irrelevant"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Labels:
    """What a person says of a mention. None leaves a field to the model; no `signals` at all is ()."""

    sentiment: Label | None = None
    emotion: Emotion | None = None
    signals: tuple[SignalKind, ...] | None = None
    disclosure: DisclosureKind | None = None
    sarcasm: bool | None = None

    def __bool__(self) -> bool:
        return any(getattr(self, one.name) is not None for one in fields(self))

    def over(self, earlier: Labels) -> Labels:
        """These, and of the earlier ones what these leave open."""
        both = ((one.name, getattr(self, one.name), getattr(earlier, one.name)) for one in fields(self))
        return Labels(**{name: old if new is None else new for name, new, old in both})


@dataclass(frozen=True, slots=True)
class Correction:
    """A person's word on one mention. Rows are added, never changed.

    As stored, `labels` hold all that people have said of the mention up to then, so that the latest word not
    taken back says everything. `id` is None until it is stored.
    """

    mention_id: int
    kind: CorrectionKind
    by: str
    at: datetime
    labels: Labels = Labels()
    note: str = ""
    id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubtful:
    """Which mentions wait for a person: judged with less confidence than `below`, created in [since, until].

    A mention that anybody spoke about waits no longer, nor do the others of its story.
    """

    topics: tuple[str, ...]
    below: float
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Lesson:
    """A mention as people labelled it, to learn from: its words and target as they were at that time."""

    mention_id: int
    topic: str
    platform: str
    text: str
    target: str | None
    lang: str
    rating: float | None
    labels: Labels
    at: datetime
