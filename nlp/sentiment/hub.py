"""Any Hugging Face sequence-classification model in place of the bundled one, by id or folder.

    model: my-team/bert-base-japanese-sentiment            # an id: fetched once, then from the cache
    model: /opt/models/reviews                             # a folder: no network
    model: my-team/old-model?labels=negative,neutral,positive    # its labels are LABEL_0, LABEL_1, …

Its labels must say positive and negative (neutral if it has it; 1 to 5 stars will do too). It judges the text
as a whole: the target is not told to it, and it knows no signals, emotion, disclosure or sarcasm. Long texts
lose their end. Runs on a GPU when torch sees one. `fugashi` and `unidic-lite`, which Japanese BERT models ask
for, are installed.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from nlp.normalize import canonical
from nlp.sentiment import LABELS, ModelError, Prediction, Thresholds
from storage.types import Label

_BATCH = 32
_MAX_TOKENS = 512
_NAMES: dict[str, Label] = {
    **dict.fromkeys(("positive", "pos", "very positive", "ポジティブ", "肯定", "好意的"), Label.POSITIVE),
    **dict.fromkeys(("neutral", "neu", "mixed", "ニュートラル", "中立", "中性"), Label.NEUTRAL),
    **dict.fromkeys(("negative", "neg", "very negative", "ネガティブ", "否定", "批判的"), Label.NEGATIVE),
}
_STARS = re.compile(r"([1-5])\s*(?:stars?|点|つ星)|星([1-5])", re.IGNORECASE)


class HubModel:
    """A model by Hugging Face id or folder. Raises ModelError when it cannot be had or says something else."""

    def __init__(self, spec: str, *, device: str | None = None) -> None:
        place, _, options = spec.partition("?")
        local = Path(place).expanduser().is_dir()
        self.name = place
        self.thresholds = Thresholds()
        self._tokenizer, self._model = _load(place, local)
        self._labels = _labels(place, self._model.config.id2label, options)
        self._device = device or ("cuda" if torch.cuda.is_available() else "cpu")
        self._model.eval().to(self._device)
        self._max_tokens = min(_MAX_TOKENS, self._tokenizer.model_max_length)
        self._lock = threading.Lock()  # Japanese tokenizers hold one MeCab, which is not thread-safe

    def predict(self, texts: Sequence[tuple[str, str | None]]) -> list[Prediction]:
        plain = [canonical(text).text for text, _ in texts]
        order = sorted(range(len(plain)), key=lambda index: len(plain[index]))
        found: dict[int, Prediction] = {}
        for start in range(0, len(order), _BATCH):
            batch = order[start : start + _BATCH]
            found.update(zip(batch, self._run([plain[index] for index in batch]), strict=True))
        return [found[index] for index in range(len(plain))]

    def _run(self, texts: list[str]) -> list[Prediction]:
        with self._lock, torch.inference_mode():
            encoded = self._tokenizer(
                texts, padding=True, truncation=True, max_length=self._max_tokens, return_tensors="pt"
            )
            rows = self._model(**encoded.to(self._device)).logits.float().softmax(-1).tolist()
        return [Prediction(sentiment=self._sentiment(row)) for row in rows]

    def _sentiment(self, row: list[float]) -> tuple[float, float, float]:
        total = dict.fromkeys(LABELS, 0.0)
        for index, probability in enumerate(row):
            total[self._labels[index]] += probability
        return total[Label.POSITIVE], total[Label.NEUTRAL], total[Label.NEGATIVE]


def _load(place: str, local: bool) -> tuple[Any, Any]:
    try:
        tokenizer = AutoTokenizer.from_pretrained(place, local_files_only=local)
        model = AutoModelForSequenceClassification.from_pretrained(place, local_files_only=local)
    except (OSError, ValueError, ImportError) as error:
        what = "is not a model folder" if local else "is neither a folder nor a model that could be fetched"
        remedy = "check `model:` in config.yaml, or set `model: bundled`"
        raise ModelError(f"model {place!r} {what}: {_first_line(error)}; {remedy}") from error
    return tokenizer, model


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


def _labels(place: str, id2label: Mapping[int, str], options: str) -> dict[int, Label]:
    """Output index → Label. Raises ModelError unless every output has one, and both poles are there."""
    names = {int(index): name for index, name in id2label.items()}
    if options:
        key, _, value = options.partition("=")
        given = [name.strip() for name in value.split(",")]
        if key != "labels" or len(given) != len(names):
            raise ModelError(
                f"model {place!r} has {len(names)} outputs; write {place}?labels=… with that many of"
                " positive, neutral, negative, in the order of its outputs"
            )
        names = dict(enumerate(given))
    labels = {index: label for index, name in names.items() if (label := _label(name))}
    if len(labels) < len(names) or not {Label.POSITIVE, Label.NEGATIVE} <= set(labels.values()):
        listed = ", ".join(names.values())
        raise ModelError(
            f"model {place!r} has the labels {listed}, which do not say positive and negative; if they mean"
            f" it, write {place}?labels=negative,neutral,positive in the order of its outputs"
        )
    return labels


def _label(name: str) -> Label | None:
    stars = _STARS.fullmatch(name.strip())
    if stars:
        count = int(stars[1] or stars[2])
        return Label.NEGATIVE if count < 3 else Label.NEUTRAL if count == 3 else Label.POSITIVE
    return _NAMES.get(name.strip().replace("_", " ").lower())
