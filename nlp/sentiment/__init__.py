"""What a sentiment model is, and the models there are; a model's module is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
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


def predict_once(model: SentimentModel, texts: Sequence[tuple[str, str | None]]) -> list[Prediction]:
    """`model.predict` for texts that nobody will ask for again: a model with a memory keeps them out of it."""
    once: Callable[[Sequence[tuple[str, str | None]]], list[Prediction]]
    once = getattr(model, "predict_once", model.predict)
    return once(texts)


#: spec in config.yaml → the function that makes the model. Anything else is a folder or a Hugging Face id.
SENTIMENT_MODELS: dict[str, str] = {
    "bundled": "nlp.sentiment.transformer:load_bundled",
    "fast": "nlp.sentiment.transformer:load_fast",
    "lexicon": "nlp.sentiment.lexicon:LexiconModel",
}
DEVICES = ("auto", "cpu", "cuda")


def load(spec: str = "bundled", *, device: str = "auto") -> SentimentModel:
    """The model that `spec` names: "bundled", "lexicon", a folder that `kikimimi train` wrote, or else a Hugging
    Face id or folder. `device`: "auto" takes CUDA where torch sees it, for models that can use it. Raises ModelError.
    """
    if spec in SENTIMENT_MODELS:
        if device == "cuda":
            return _on_cuda(spec)
        module, _, maker = SENTIMENT_MODELS[spec].partition(":")
        return cast(SentimentModel, getattr(import_module(module), maker)())
    from nlp.sentiment.trained import is_trained

    folder = Path(spec).expanduser()
    if is_trained(folder):
        return _trained(folder, device)
    from nlp.sentiment.hub import HubModel

    return HubModel(spec, device=None if device == "auto" else device)


def _on_cuda(spec: str) -> SentimentModel:
    """A model that ships with the package, on a GPU: worth it from some hundred posts a second."""
    if spec == "lexicon":
        raise ModelError("the lexicon runs on the CPU only; set `device: auto`, or another `model:`")
    from nlp.sentiment.torch_model import torch_model

    return torch_model(Path(__file__).parent / spec, device="cuda")


def _trained(folder: Path, device: str) -> SentimentModel:
    """The ONNX graph on a CPU, torch on a GPU; torch is imported only where its weights are there and wanted."""
    weights = (folder / "network.safetensors").is_file()
    graph = (folder / "model.onnx").is_file()
    if device == "cuda" or (weights and device == "auto") or (weights and not graph):
        from nlp.sentiment.torch_model import chosen_device, torch_model

        where = chosen_device(None if device == "auto" else device).type
        if where == "cuda" or not graph:
            return torch_model(folder, device=where)
    from nlp.sentiment.transformer import graph_model

    return graph_model(folder)
