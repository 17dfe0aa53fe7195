"""A trained model on torch: the same answers as its ONNX graph, many times as fast on a GPU.

Reads `network.safetensors` (the state of `Network`) and `encoder.json` (its encoder's BertConfig) beside the
`config.json` and `tokenizer.json` that the ONNX graph needs too; a bundled model, which brings the graph only, has
its weights taken from there. On CUDA the encoder runs in bf16 and the heads in fp32; on a CPU everything is fp32,
and slower than the int8 graph.
"""

from __future__ import annotations

import json
import threading
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from transformers import BertConfig

from nlp.sentiment import ModelError
from nlp.sentiment.cores import cores
from nlp.sentiment.network import Network
from nlp.sentiment.trained import Engine, Floats, Ids, TrainedModel
from nlp.sentiment.unpack import shape_of, state_of

WEIGHTS, ENCODER = "network.safetensors", "encoder.json"

#: device → padded tokens of one run, and posts. A GPU is only busy with many; a CPU's caches are small.
_BATCH = {"cuda": (65_536, 1024), "cpu": (1024, 32)}
_REMEDY = "train it anew, or set `device: cpu`"


def torch_model(folder: Path, *, device: str | None = None, cache: int = 20_000) -> TrainedModel:
    """A folder with `network.safetensors` and `encoder.json`. `device`: as torch names it, default CUDA if there
    is one, else the CPU. `cache`: texts remembered. Raises ModelError.
    """
    chosen = chosen_device(device)
    return TrainedModel(folder, lambda: _engine(folder, chosen), cache=cache)


def _engine(folder: Path, device: torch.device) -> Engine:
    network = _network(folder).to(device).eval()
    lock = threading.Lock()  # two batches at once would only need twice the memory
    half = device.type == "cuda"

    def run(ids: Ids, mask: Ids) -> Floats:
        with lock, torch.inference_mode():
            with torch.autocast(device.type, dtype=torch.bfloat16, enabled=half):
                vectors = network.pool(torch.from_numpy(ids).to(device), torch.from_numpy(mask).to(device))
            logits: Floats = network.heads(vectors.float()).cpu().numpy()
        return logits

    tokens, posts = _BATCH.get(device.type, _BATCH["cpu"])
    return Engine(run, tokens, posts, device.type)


def chosen_device(device: str | None) -> torch.device:
    """The device asked for, or the best there is; on the CPU with as many threads as we have cores. Raises ModelError
    for CUDA where torch sees none.
    """
    seen = torch.cuda.is_available()
    if device and device.startswith("cuda") and not seen:
        raise ModelError(
            f"device: {device} is asked for, but torch {torch.__version__} sees no CUDA device; install the driver and"
            " a CUDA build of torch, or set `device: auto`"
        )
    chosen = torch.device(device or ("cuda" if seen else "cpu"))
    if chosen.type == "cpu":
        torch.set_num_threads(min(torch.get_num_threads(), cores()))
    return chosen


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
