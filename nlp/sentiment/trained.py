"""What every model of our own training shares, whatever runs its network: the folder and the memory.

`kikimimi train` writes a folder: `config.json` (name, order of the labels, temperatures, thresholds),
`tokenizer.json` (or, as `tokenizer` in config.json, where else it lies), and the network twice, as `model.onnx` for
the CPU and as `network.safetensors` for torch.
"""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nlp.sentiment import EMOTIONS, LABELS, SIGNALS, ModelError, Prediction, Thresholds
from nlp.sentiment.encode import PAD, Encoder

Floats = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int64]
Pairs = Sequence[tuple[str, str | None]]  # (text, target)

#: head → number of outputs, in the order in which they stand in the one output row.
HEADS: dict[str, int] = {
    "sentiment": len(LABELS),
    "emotion": len(EMOTIONS),
    "signals": len(SIGNALS),
    "disclosure": 2,
    "sarcasm": 2,
}
_REMEDY = "train it anew (the bundled one: reinstall the package), or set `model: lexicon`"


@dataclass(frozen=True, slots=True)
class Engine:
    """What runs a network. `run`: padded ids and mask of shape (texts, longest) → logits of shape (texts, outputs).

    It is given at most `tokens` ids, padding among them, and `posts` texts at a time.
    """

    run: Callable[[Ids, Ids], Floats]
    tokens: int
    posts: int
    where: str  # "onnx", "cpu", "cuda"


class TrainedModel:
    """A folder's network with its calibration and tokenizer, ready to predict. Thread-safe if its engine is."""

    def __init__(self, folder: Path, engine: Callable[[], Engine], *, cache: int = 20_000) -> None:
        """`engine` is started once the folder is known to be whole. `cache`: texts remembered. Raises ModelError."""
        config = _config(folder)
        self.name = str(config["name"])
        self.thresholds = _thresholds(config["thresholds"])
        self._outputs = int(config["outputs"])
        self._temperatures: dict[str, float] = config["temperatures"]
        self._encoder = _encoder(folder / config.get("tokenizer", "tokenizer.json"), config["max_tokens"])
        self._memory = _Memory(cache)
        self._engine = engine()

    @property
    def where(self) -> str:
        """What the network runs on: "onnx", or the device that torch uses."""
        return self._engine.where

    def predict(self, texts: Pairs) -> list[Prediction]:
        """One prediction for each (text, target); what is remembered is not asked again: a repost costs nothing."""
        keys = [_key(text, target) for text, target in texts]
        known = {key: found for key in set(keys) if (found := self._memory.get(key))}
        missing = {key: pair for key, pair in zip(keys, texts, strict=True) if key not in known}
        if missing:
            for key, prediction in zip(missing, self.predict_once(list(missing.values())), strict=True):
                known[key] = prediction
                self._memory.put(key, prediction)
        return [known[key] for key in keys]

    def predict_once(self, texts: Pairs) -> list[Prediction]:
        """As `predict`, without the memory: for texts that nobody will ask for again."""
        heads = probabilities(self.logits(texts), self._temperatures)
        return [
            Prediction(
                sentiment=_triple(heads["sentiment"][index]),
                emotion=tuple(heads["emotion"][index].tolist()),
                signals=tuple(heads["signals"][index].tolist()),
                disclosure=float(heads["disclosure"][index, 1]),
                sarcasm=float(heads["sarcasm"][index, 1]),
            )
            for index in range(len(texts))
        ]

    def logits(self, texts: Pairs) -> Floats:
        """The raw outputs, shape (texts, 25): what calibration works on."""
        rows = self._encoder.encode(texts)
        outputs = np.zeros((len(rows), self._outputs), dtype=np.float32)
        engine = self._engine
        for batch in batches([len(row) for row in rows], tokens=engine.tokens, posts=engine.posts):
            outputs[batch] = engine.run(*padded([rows[index] for index in batch]))
        return outputs


def is_trained(folder: Path) -> bool:
    """Whether the folder is one of ours: a Hugging Face folder's config.json says nothing of temperatures."""
    try:
        return "temperatures" in json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, TypeError):
        return False


def probabilities(logits: Floats, temperatures: Mapping[str, float]) -> dict[str, Floats]:
    """Logits of shape (texts, outputs) → probabilities of each head."""
    found: dict[str, Floats] = {}
    at = 0
    for head, size in HEADS.items():
        scaled = logits[:, at : at + size] / np.float32(temperatures[head])
        found[head] = _sigmoid(scaled) if head == "signals" else _softmax(scaled)
        at += size
    return found


def batches(lengths: Sequence[int], *, tokens: int, posts: int) -> list[list[int]]:
    """Indices in batches of like lengths, so that little is padding: `tokens` with it, and `posts`, at most."""
    found: list[list[int]] = []
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and (len(batch) == posts or lengths[index] * (len(batch) + 1) > tokens):
            found.append(batch)
            batch = []
        batch.append(index)
    return [*found, batch] if batch else found


def padded(rows: Sequence[Sequence[int]]) -> tuple[Ids, Ids]:
    """Ids and mask of shape (texts, longest)."""
    width = max(map(len, rows))
    ids = np.full((len(rows), width), PAD, dtype=np.int64)
    mask = np.zeros((len(rows), width), dtype=np.int64)
    for index, row in enumerate(rows):
        ids[index, : len(row)] = row
        mask[index, : len(row)] = 1
    return ids, mask


def _softmax(logits: Floats) -> Floats:
    powers: Floats = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Floats = powers / powers.sum(axis=1, keepdims=True)
    return shares


def _sigmoid(logits: Floats) -> Floats:
    found: Floats = (1 / (1 + np.exp(-logits))).astype(np.float32)
    return found


def _triple(row: Floats) -> tuple[float, float, float]:
    positive, neutral, negative = row.tolist()
    return positive, neutral, negative


def _config(folder: Path) -> dict[str, Any]:
    """config.json, with everything in it that is used. Raises ModelError."""
    file = folder / "config.json"
    try:
        config: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelError(f"no model in {folder} ({error.strerror}: config.json); {_REMEDY}") from error
    except ValueError as error:
        raise ModelError(f"{file} is not JSON ({error}); {_REMEDY}") from error
    keys = ("name", "outputs", "max_tokens", "labels", "temperatures", "thresholds")
    absent = [key for key in keys if key not in config]
    if absent:
        raise ModelError(f"{file} lacks {', '.join(absent)}; {_REMEDY}")
    ours = {
        "sentiment": [label.value for label in LABELS],
        "emotion": [emotion.value for emotion in EMOTIONS],
        "signals": [kind.value for kind in SIGNALS],
    }
    if config["labels"] != ours or config["outputs"] != sum(HEADS.values()):
        raise ModelError(f"the model in {folder} has other labels than this version; {_REMEDY}")
    if set(config["temperatures"]) != set(HEADS):
        raise ModelError(f"{file}: temperatures wants one number each for {', '.join(HEADS)}; {_REMEDY}")
    return config


def _thresholds(said: Mapping[str, Any]) -> Thresholds:
    return Thresholds(
        disclosure=said["disclosure"],
        sarcasm=said["sarcasm"],
        signals={kind: said["signals"][kind.value] for kind in SIGNALS},
    )


def _encoder(file: Path, max_tokens: int) -> Encoder:
    if not file.is_file():
        raise ModelError(f"no model in {file.parent} (there is no {file.name}); {_REMEDY}")
    return Encoder(file, max_tokens=max_tokens)


def _key(text: str, target: str | None) -> bytes:
    return blake2b(f"{text}\0{target or ''}".encode("utf-8", "surrogatepass"), digest_size=16).digest()


class _Memory:
    """The latest predictions by text and target."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._found: OrderedDict[bytes, Prediction] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: bytes) -> Prediction | None:
        with self._lock:
            found = self._found.get(key)
            if found:
                self._found.move_to_end(key)
            return found

    def put(self, key: bytes, prediction: Prediction) -> None:
        with self._lock:
            self._found[key] = prediction
            while len(self._found) > self._size:
                self._found.popitem(last=False)
