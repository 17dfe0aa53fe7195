"""A trained model on torch: the same answers as its ONNX graph, many times as fast on a GPU.

Reads `network.safetensors` (the state of `Network`) and `encoder.json` (its encoder's BertConfig) beside the
`config.json` and `tokenizer.json` that the ONNX graph needs too; a bundled model, which brings the graph only, has
its weights taken from there. On CUDA the encoder runs in bf16 and the heads in
fp32; on a CPU everything is fp32, and slower than the int8 graph.
"""

from __future__ import annotations

import json
import threading
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from transformers import BertConfig

from nlp.sentiment import ModelError, Prediction, Thresholds
from nlp.sentiment.network import Network
from nlp.sentiment.trained import Floats, Pairs, Trained, batches, padded
from nlp.sentiment.unpack import shape_of, state_of

WEIGHTS, ENCODER = "network.safetensors", "encoder.json"

#: device → padded tokens of one run, and posts. A GPU is only busy with many; a CPU's caches are small.
_BATCH = {"cuda": (65_536, 1024), "cpu": (1024, 32)}
_REMEDY = "train it anew, or set `device: cpu`"


class TorchModel:
    """A folder with `network.safetensors` and `encoder.json`, ready to predict. Thread-safe."""

    def __init__(self, folder: Path, *, device: str | None = None, cache: int = 20_000) -> None:
        """`device`: as torch names it, default CUDA if there is one, else the CPU. `cache`: texts remembered."""
        self._trained = Trained(folder, cache=cache)
        self._device = chosen_device(device)
        self._network = _network(folder).to(self._device).eval()
        self._tokens, self._posts = _BATCH.get(self._device.type, _BATCH["cpu"])
        self._lock = threading.Lock()  # two batches at once would only need twice the memory

    @property
    def name(self) -> str:
        return self._trained.name

    @property
    def thresholds(self) -> Thresholds:
        return self._trained.thresholds

    def predict(self, texts: Pairs) -> list[Prediction]:
        return self._trained.predict(texts, self.logits)

    def predict_once(self, texts: Pairs) -> list[Prediction]:
        """As `predict`, without the cache: for texts that nobody will ask for again."""
        return self._trained.judge(self.logits(texts))

    def logits(self, texts: Pairs) -> Floats:
        """The raw outputs, shape (texts, 25)."""
        rows = self._trained.rows(texts)
        outputs = np.zeros((len(rows), self._trained.outputs), dtype=np.float32)
        for batch in batches([len(row) for row in rows], tokens=self._tokens, posts=self._posts):
            outputs[batch] = self._run([rows[index] for index in batch])
        return outputs

    def _run(self, rows: list[list[int]]) -> Floats:
        ids, mask = (torch.from_numpy(part).to(self._device) for part in padded(rows))
        kind = self._device.type
        with self._lock, torch.inference_mode():
            with torch.autocast(kind, dtype=torch.bfloat16, enabled=kind == "cuda"):
                vectors = self._network.pool(ids, mask)
            logits: Floats = self._network.heads(vectors.float()).cpu().numpy()
        return logits


def chosen_device(device: str | None) -> torch.device:
    """The device asked for, or the best there is. Raises ModelError for CUDA where torch sees none."""
    seen = torch.cuda.is_available()
    if device and device.startswith("cuda") and not seen:
        raise ModelError(
            f"device: {device} is asked for, but torch {torch.__version__} sees no CUDA device; install the driver and"
            " a CUDA build of torch, or set `device: auto`"
        )
    return torch.device(device or ("cuda" if seen else "cpu"))


def _network(folder: Path) -> Network:
    """The network with its trained weights. Raises ModelError."""
    if not (folder / ENCODER).exists() and not (folder / WEIGHTS).exists():  # a bundled model
        return _unpacked(folder / "model.onnx")
    try:
        shape = BertConfig.from_dict(json.loads((folder / ENCODER).read_text(encoding="utf-8")))
        network = Network(shape)
        network.load_state_dict(load_file(folder / WEIGHTS))
    except OSError as error:
        raise ModelError(
            f"{error.filename or folder / WEIGHTS}: {error.strerror or error}; {_REMEDY}"
        ) from error
    except (ValueError, SafetensorError) as error:
        raise ModelError(f"the network in {folder} cannot be read ({error}); {_REMEDY}") from error
    except RuntimeError as error:  # torch's word for weights that do not fit
        raise ModelError(f"{folder / WEIGHTS} does not fit {ENCODER} ({_short(error)}); {_REMEDY}") from error
    return network


def _unpacked(graph: Path) -> Network:
    state = state_of(graph)
    network = Network(shape_of(state))
    network.load_state_dict(state)
    return network


def _short(error: RuntimeError) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return " ".join(lines[:2])
