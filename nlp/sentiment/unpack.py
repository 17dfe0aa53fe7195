"""The way back: a bundled int8 graph → weights that torch can train on or run on a GPU.

Users have no other copy of the trained weights. What rounding to 7 bits lost stays lost (about 1 in 40 labels
differs from the weights before rounding), and a few hundred steps of training absorb it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor
from transformers import BertConfig

_LINEAR = re.compile(r"/encoder/encoder/(layer\.\d+/.+)/MatMul(?:_quant)?$")
_ATTENTION = re.compile(r"Attention_(\d+)(?:_quant)?$")
_HEAD_WIDTH = 32
_HEADS = (
    "heads.weight",
    "heads.weight_Transposed",
)  # ONNX Runtime's name for it until 1.31, and from 1.32 on
_Floats = npt.NDArray[np.float32]


def state_of(graph: Path) -> dict[str, Tensor]:
    """The state of `Network`, by its own names, from a graph that `nlp.training.export` wrote."""
    model = onnx.load(str(graph))
    tables = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    found: dict[str, Any] = {
        name: table
        for name, table in tables.items()
        if name.startswith(("encoder.", "heads.bias")) and table.dtype == np.float32
    }
    found["encoder.embeddings.word_embeddings.weight"] = _words(tables)
    found["heads.weight"] = next(_weight(tables, name).T for name in _HEADS if f"{name}_quantized" in tables)
    for node in model.graph.node:
        linear, attention = _LINEAR.match(node.name), _ATTENTION.match(node.name)
        if linear:
            name = f"encoder.encoder.{linear[1].replace('/', '.')}.weight"
            found[name] = _weight(tables, node.input[1].removesuffix("_quantized")).T
        elif attention:
            _attention(found, tables, int(attention[1]))
    return {name: torch.from_numpy(np.array(table, order="C")) for name, table in found.items()}


def shape_of(state: dict[str, Tensor]) -> BertConfig:
    """The encoder's shape, read off its weights. Heads are 32 wide, as in every encoder of this family."""
    words = state["encoder.embeddings.word_embeddings.weight"]
    layers = {match[1] for name in state if (match := re.search(r"layer\.(\d+)\.", name))}
    return BertConfig(
        vocab_size=words.shape[0],
        hidden_size=words.shape[1],
        num_hidden_layers=len(layers),
        num_attention_heads=words.shape[1] // _HEAD_WIDTH,
        intermediate_size=state["encoder.encoder.layer.0.intermediate.dense.weight"].shape[0],
        max_position_embeddings=state["encoder.embeddings.position_embeddings.weight"].shape[0],
        layer_norm_eps=1e-12,
        pad_token_id=1,
    )


def _words(tables: dict[str, Any]) -> _Floats:
    rows: _Floats = tables["words.int8"].astype(np.float32) * tables["words.scale"].astype(np.float32)
    return rows


def _weight(tables: dict[str, Any], name: str) -> _Floats:
    """A weight of shape (in, out) by its name before packing, whether int8, fp16 or as it was."""
    if f"{name}_quantized" in tables:
        packed, zero = tables[f"{name}_quantized"], tables[f"{name}_zero_point"]
        whole: _Floats = (packed.astype(np.float32) - zero.astype(np.float32)) * tables[f"{name}_scale"]
        return whole
    half = tables.get(f"{name}.half")
    plain: _Floats = (tables[name] if half is None else half).astype(np.float32)
    return plain


def _attention(found: dict[str, Any], tables: dict[str, Any], layer: int) -> None:
    """Split what the export fused: query, key and value side by side."""
    weights = np.split(_weight(tables, f"Attention_{layer}_qkv_weight"), 3, axis=1)
    biases = np.split(tables[f"Attention_{layer}_qkv_bias"], 3)
    for part, weight, bias in zip(("query", "key", "value"), weights, biases, strict=True):
        name = f"encoder.encoder.layer.{layer}.attention.self.{part}"
        found[f"{name}.weight"], found[f"{name}.bias"] = weight.T, bias
