"""The default model: the bundled int8 encoder on ONNX Runtime. No torch, no network.

A text longer than 256 tokens (about 400 letters) loses its middle: reviews open with the matter and end with
the verdict. One text's probabilities move by up to about 0.02 with the company it is scored in, because int8
activations are scaled per batch; what is kept in the cache does not move.
"""

from __future__ import annotations

import json
import os
import threading
from collections import OrderedDict
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as ort_state

from nlp.sentiment import EMOTIONS, LABELS, SIGNALS, ModelError, Prediction, Thresholds
from nlp.sentiment.encode import PAD, Encoder

BUNDLED = Path(__file__).parent / "bundled"

_BATCH_TOKENS = 1024  # padded tokens of one run: more does not go faster on a CPU, and its caches are small
_BATCH_POSTS = 32
_MAX_THREADS = 8
_Floats = npt.NDArray[np.float32]


def load_bundled() -> TransformerModel:
    """The model that ships with the package. Raises ModelError when its files are not there."""
    return TransformerModel(BUNDLED)


class TransformerModel:
    """A folder with `model.onnx`, `tokenizer.json` and `config.json`, ready to predict. Thread-safe."""

    def __init__(
        self, folder: Path, *, threads: int | None = None, cache: int = 20_000, graph: str = "model.onnx"
    ) -> None:
        """`threads`: of one prediction, default the cores this process may use. `cache`: texts remembered."""
        self._config = _config(folder)
        self._encoder = Encoder(folder / "tokenizer.json", max_tokens=self._config["max_tokens"])
        self._session = _session(folder / graph, threads or min(_MAX_THREADS, _cores()))
        self._cache = _Cache(cache)
        thresholds = self._config["thresholds"]
        self._thresholds = Thresholds(
            disclosure=thresholds["disclosure"],
            sarcasm=thresholds["sarcasm"],
            signals={kind: thresholds["signals"][kind.value] for kind in SIGNALS},
        )

    @property
    def name(self) -> str:
        return str(self._config["name"])

    @property
    def thresholds(self) -> Thresholds:
        return self._thresholds

    def predict(self, texts: Sequence[tuple[str, str | None]]) -> list[Prediction]:
        keys = [_key(text, target) for text, target in texts]
        known = {key: found for key in set(keys) if (found := self._cache.get(key))}
        missing = {key: pair for key, pair in zip(keys, texts, strict=True) if key not in known}
        for key, prediction in zip(missing, self._run(list(missing.values())), strict=True):
            known[key] = prediction
            self._cache.put(key, prediction)
        return [known[key] for key in keys]

    def logits(self, texts: Sequence[tuple[str, str | None]]) -> _Floats:
        """The raw outputs, shape (texts, 25): what calibration works on."""
        rows = self._encoder.encode(texts)
        outputs = np.zeros((len(rows), self._config["outputs"]), dtype=np.float32)
        for batch in _batches([len(row) for row in rows]):
            outputs[batch] = self._session.run(None, _padded([rows[index] for index in batch]))[0]
        return outputs

    def _run(self, texts: list[tuple[str, str | None]]) -> list[Prediction]:
        if not texts:
            return []
        heads = probabilities(self.logits(texts), self._config["temperatures"])
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


def probabilities(logits: _Floats, temperatures: dict[str, float]) -> dict[str, _Floats]:
    """Logits of shape (texts, 25) → probabilities of each head."""
    sizes = {
        "sentiment": len(LABELS),
        "emotion": len(EMOTIONS),
        "signals": len(SIGNALS),
        "disclosure": 2,
        "sarcasm": 2,
    }
    found: dict[str, _Floats] = {}
    at = 0
    for head, size in sizes.items():
        scaled = logits[:, at : at + size] / np.float32(temperatures[head])
        found[head] = _sigmoid(scaled) if head == "signals" else _softmax(scaled)
        at += size
    return found


def _softmax(logits: _Floats) -> _Floats:
    powers: _Floats = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: _Floats = powers / powers.sum(axis=1, keepdims=True)
    return shares


def _sigmoid(logits: _Floats) -> _Floats:
    found: _Floats = (1 / (1 + np.exp(-logits))).astype(np.float32)
    return found


def _triple(row: _Floats) -> tuple[float, float, float]:
    positive, neutral, negative = row.tolist()
    return positive, neutral, negative


def _config(folder: Path) -> dict[str, Any]:
    try:
        config: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelError(
            f"no model in {folder} ({error.strerror}); reinstall the package, or set `model: lexicon`"
        ) from error
    ours = {
        "sentiment": [label.value for label in LABELS],
        "emotion": [emotion.value for emotion in EMOTIONS],
        "signals": [kind.value for kind in SIGNALS],
    }
    if config["labels"] != ours:
        raise ModelError(f"the model in {folder} has other labels than this version; reinstall the package")
    return config


_ORT_ERRORS = (
    ort_state.Fail,
    ort_state.InvalidArgument,
    ort_state.InvalidGraph,
    ort_state.InvalidProtobuf,
    ort_state.NoSuchFile,
    ort_state.NotImplemented,
    ort_state.RuntimeException,
)


def _session(file: Path, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Threads that wait for work must not burn the cores that the rest of the service runs on.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    except _ORT_ERRORS as error:
        raise ModelError(f"{file} cannot be loaded ({error}); reinstall the package") from error


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _batches(lengths: list[int]) -> list[list[int]]:
    """Indices in batches of like lengths, so that little is padding."""
    batches: list[list[int]] = []
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and (len(batch) == _BATCH_POSTS or lengths[index] * (len(batch) + 1) > _BATCH_TOKENS):
            batches.append(batch)
            batch = []
        batch.append(index)
    return [*batches, batch] if batch else batches


def _padded(rows: list[list[int]]) -> dict[str, npt.NDArray[np.int64]]:
    width = max(map(len, rows))
    ids = np.full((len(rows), width), PAD, dtype=np.int64)
    mask = np.zeros((len(rows), width), dtype=np.int64)
    for index, row in enumerate(rows):
        ids[index, : len(row)] = row
        mask[index, : len(row)] = 1
    return {"input_ids": ids, "attention_mask": mask}


def _key(text: str, target: str | None) -> bytes:
    return blake2b(f"{text}\0{target or ''}".encode("utf-8", "surrogatepass"), digest_size=16).digest()


class _Cache:
    """The latest predictions by text and target. A repost costs nothing."""

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
