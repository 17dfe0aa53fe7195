"""Any Hugging Face sequence-classification model in place of the bundled one, by id or folder.

    model: my-team/bert-base-japanese-sentiment            # an id: fetched once, then from the cache
    model: /opt/models/reviews                             # a folder: no network
    model: my-team/old-model?labels=negative,neutral,positive    # its labels are LABEL_0, LABEL_1, …
    model: my-team/aspects?target=pair                     # it learned (text, target) pairs

Its labels must say positive and negative (neutral if it has it; 1 to 5 stars will do too). Without
`?target=pair` it judges the text as a whole: the target is not told to it. It knows no signals, emotion,
disclosure or sarcasm. Long texts lose their end. `fugashi` and `unidic-lite`, which Japanese BERT models ask for,
are installed. In bf16 on a GPU when torch sees one.

Code that comes with a model is never run, and weights are read from safetensors only; `?weights=pickle` takes an
old `pytorch_model.bin` too (tensors only: nothing in it is run either).
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from nlp.normalize import canonical
from nlp.sentiment import LABELS, ModelError, Prediction, Thresholds
from nlp.sentiment.torch_model import chosen_device
from storage.types import Label

_BATCH = {"cuda": 256, "cpu": 32}
_MAX_TOKENS = 512
_OFFSET = {"roberta": 2, "xlm-roberta": 2, "camembert": 2}  # positions that these never give to a token
_NAMES: dict[str, Label] = {
    **dict.fromkeys(("positive", "pos", "very positive", "ポジティブ", "肯定", "好意的"), Label.POSITIVE),
    **dict.fromkeys(("neutral", "neu", "mixed", "ニュートラル", "中立", "中性"), Label.NEUTRAL),
    **dict.fromkeys(("negative", "neg", "very negative", "ネガティブ", "否定", "批判的"), Label.NEGATIVE),
}
_STARS = re.compile(r"([1-5])\s*(?:stars?|点|つ星)|星([1-5])", re.IGNORECASE)
_REMEDY = "check `model:` in config.yaml, or set `model: bundled`"


class HubModel:
    """A model by Hugging Face id or folder. Raises ModelError when it cannot be had or says something else."""

    def __init__(self, spec: str, *, device: str | None = None) -> None:
        place, _, query = spec.partition("?")
        options = _options(place, query)
        where = chosen_device(device)
        self.name = place
        self.thresholds = Thresholds()
        self._tokenizer, self._model = _load(place, options, where)
        self._labels = _labels(place, self._model.config.id2label, options.labels)
        self._pairs = options.pairs
        self._max_tokens = _room(self._tokenizer, self._model.config)
        self._batch = _BATCH.get(where.type, _BATCH["cpu"])
        self._lock = threading.Lock()  # Japanese tokenizers hold one MeCab, which is not thread-safe

    def predict(self, texts: Sequence[tuple[str, str | None]]) -> list[Prediction]:
        """Texts with a target and texts without one apart: a tokenizer takes pairs, or no pairs."""
        plain = [canonical(text).text for text, _ in texts]
        told = [canonical(target).text if target and self._pairs else "" for _, target in texts]
        found: dict[int, Prediction] = {}
        for paired in (False, True):
            same = [index for index in range(len(plain)) if bool(told[index]) is paired]
            order = sorted(same, key=lambda index: len(plain[index]))
            for start in range(0, len(order), self._batch):
                batch = order[start : start + self._batch]
                second = [told[index] for index in batch] if paired else None
                found.update(zip(batch, self._run([plain[index] for index in batch], second), strict=True))
        return [found[index] for index in range(len(plain))]

    def _run(self, texts: list[str], targets: list[str] | None) -> list[Prediction]:
        with self._lock, torch.inference_mode():
            encoded = self._tokenizer(
                texts,
                targets,
                padding=True,
                truncation="only_first" if targets else True,
                max_length=self._max_tokens,
                return_tensors="pt",
            )
            rows = self._model(**encoded.to(self._model.device)).logits.float().softmax(-1).tolist()
        return [Prediction(sentiment=self._sentiment(row)) for row in rows]

    def _sentiment(self, row: list[float]) -> tuple[float, float, float]:
        total = dict.fromkeys(LABELS, 0.0)
        for index, probability in enumerate(row):
            total[self._labels[index]] += probability
        return total[Label.POSITIVE], total[Label.NEUTRAL], total[Label.NEGATIVE]


@dataclass(frozen=True, slots=True)
class _Options:
    """What stands behind the `?` of a model's id or folder."""

    labels: tuple[str, ...] = ()
    pairs: bool = False
    pickle: bool = False


def _options(place: str, query: str) -> _Options:
    """Raises ModelError for what nobody understands: a mistyped option must not be ignored."""
    given = dict(parse_qsl(query, keep_blank_values=True))
    known = {"labels": None, "target": ("pair", "none"), "weights": ("safetensors", "pickle")}
    for name, value in given.items():
        choices = known.get(name, ())
        if choices is not None and value not in choices:
            wanted = f"{name}={' or '.join(choices)}" if choices else ", ".join(f"{one}=…" for one in known)
            raise ModelError(f"model {place!r}: ?{name}={value} is no option; write {wanted}")
    labels = tuple(name.strip() for name in given["labels"].split(",")) if "labels" in given else ()
    return _Options(labels, given.get("target") == "pair", given.get("weights") == "pickle")


def _load(place: str, options: _Options, device: torch.device) -> tuple[Any, Any]:
    folder = Path(place).expanduser()
    local = folder.is_dir()
    source = str(folder) if local else place
    try:
        tokenizer = AutoTokenizer.from_pretrained(source, local_files_only=local, trust_remote_code=False)
        model, loading = AutoModelForSequenceClassification.from_pretrained(
            source,
            local_files_only=local,
            trust_remote_code=False,
            use_safetensors=not options.pickle,
            dtype=torch.bfloat16 if device.type == "cuda" else torch.float32,
            output_loading_info=True,
        )
    except (OSError, ValueError, ImportError, KeyError) as error:
        raise ModelError(_refusal(place, local, error)) from error
    if loading["missing_keys"]:
        absent = ", ".join(sorted(loading["missing_keys"])[:3])
        raise ModelError(
            f"model {place!r} is no finished classifier: its weights lack {absent}; take one that was fine-tuned for"
            " sentiment, or set `model: bundled`"
        )
    if len(tokenizer) > model.config.vocab_size:
        raise ModelError(
            f"model {place!r}: its tokenizer knows {len(tokenizer)} words, its network {model.config.vocab_size};"
            f" the files do not belong together; {_REMEDY}"
        )
    return tokenizer, model.eval().to(device)


def _refusal(place: str, local: bool, error: Exception) -> str:
    """Why there is no model, and the remedy that fits: no safetensors, no network, or no such thing."""
    said = _first_line(error)
    text = f"{said} {error}".lower()
    if "safetensors" in text:
        return (
            f"model {place!r} has no weights in safetensors ({said}); ask its author for them, or write"
            f" {place}?weights=pickle if you trust it"
        )
    if not local and any(word in text for word in ("connect", "offline", "internet", "resolve", "timed out")):
        return (
            f"model {place!r} is not on this machine, and huggingface.co cannot be reached ({said}); where there is a"
            f" network run `hf download {place} --local-dir FOLDER`, bring the folder here and set `model: FOLDER`,"
            " or set `model: bundled`"
        )
    what = "is not a model folder" if local else "is neither a folder nor a model that could be fetched"
    return f"model {place!r} {what}: {said}; {_REMEDY}"


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


def _room(tokenizer: Any, config: Any) -> int:
    """How many tokens fit: some tokenizers do not say, and a longer row would break the network."""
    positions = getattr(config, "max_position_embeddings", None) or _MAX_TOKENS
    return int(min(_MAX_TOKENS, tokenizer.model_max_length, positions - _OFFSET.get(config.model_type, 0)))


def _labels(place: str, id2label: Mapping[int, str], given: Sequence[str]) -> dict[int, Label]:
    """Output index → Label. Raises ModelError unless every output has one, and both poles are there."""
    names = {int(index): name for index, name in id2label.items()}
    if given:
        if len(given) != len(names):
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
