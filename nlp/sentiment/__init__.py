"""What a sentiment model is, and the models there are; a model's module is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Protocol, cast

from storage.types import Emotion, Label, SignalKind

#: The order of every head, in files and in arrays.
LABELS: tuple[Label, ...] = (Label.POSITIVE, Label.NEUTRAL, Label.NEGATIVE)
EMOTIONS: tuple[Emotion, ...] = tuple(Emotion)
SIGNALS: tuple[SignalKind, ...] = tuple(SignalKind)


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a model says of one text toward one target: probabilities 0…1, in the orders above.

    `signals` are independent of each other. A model that knows a part of this only leaves the rest empty (0).
    """

    sentiment: tuple[float, float, float]
    emotion: tuple[float, ...] = ()
    signals: tuple[float, ...] = ()
    disclosure: float = 0.0
    sarcasm: float = 0.0


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which probability on a model's yes counts."""

    disclosure: float = 0.5
    sarcasm: float = 0.5
    signals: Mapping[SignalKind, float] = field(default_factory=dict)  # 0.5 where it does not say


class ModelError(Exception):
    """The model cannot be used. The message says why and what to do."""


class SentimentModel(Protocol):
    """Says what a text means toward a target. Must be safe to call from several threads."""

    @property
    def name(self) -> str:
        """Name and version, kept with every judgement."""
        ...

    @property
    def thresholds(self) -> Thresholds: ...

    def predict(self, texts: Sequence[tuple[str, str | None]]) -> list[Prediction]:
        """One Prediction for each (text, target), in order. Target `None`: the text as a whole."""
        ...


#: spec in config.yaml → the function that makes the model. Anything else is a Hugging Face id or a folder.
SENTIMENT_MODELS: dict[str, str] = {
    "bundled": "nlp.sentiment.transformer:load_bundled",
    "lexicon": "nlp.sentiment.lexicon:LexiconModel",
}


def load(spec: str = "bundled") -> SentimentModel:
    """The model that `spec` names: "bundled", "lexicon", or a Hugging Face id or folder. Raises ModelError."""
    if spec in SENTIMENT_MODELS:
        module, _, maker = SENTIMENT_MODELS[spec].partition(":")
        return cast(SentimentModel, getattr(import_module(module), maker)())
    from nlp.sentiment.hub import HubModel

    return HubModel(spec)
