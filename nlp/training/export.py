"""The trained network → one int8 graph for ONNX Runtime, about 50 MB, a quicker plan for it, and the files beside it.

Weights become int8 per output channel, in 7 bits so that processors without VNNI do not overflow; activations
are scaled when the graph runs. The embedding, half of the model, becomes int8 with one scale a row. Six
feed-forward layers stay as they are, stored in fp16: single activations in them are 200 times as large as the
rest, and int8 would round the rest away. On 1,297 mentions the labels are as in fp32 in 98.1 % with this and with
a last epoch that saw the rounding (nlp/training/rounding.py), in 95.5 % without the first, in 97 % without the second.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers.fusion_options import FusionOptions
from onnxruntime.transformers.optimizer import optimize_model

from nlp.sentiment import EMOTIONS, LABELS, SIGNALS
from nlp.sentiment.encode import MAX_TOKENS
from nlp.sentiment.network import Network
from nlp.sentiment.trained import HEADS
from nlp.sentiment.transformer import PLAN, PLANNED_FOR

NOTICE = Path(__file__).parent / "NOTICE.encoder.txt"
_OPSET = 17
_LARGE = 1024  # bytes; what is smaller stays in the plan
_FAR_REACHING = (0, 1, 2, 4, 5, 6)  # layers of this encoder with such activations


def export(network: Network, tokenizer: Path, out: Path) -> None:
    """Write `model.fp32.onnx` (for comparison), `model.onnx`, `plan.onnx` and `tokenizer.json` into `out`."""
    out.mkdir(parents=True, exist_ok=True)
    plain, fused = out / "model.fp32.onnx", out / "model.fused.onnx"
    _to_onnx(network, plain)
    options = FusionOptions("bert")
    options.enable_embed_layer_norm = False  # the embedding is packed below
    optimized = optimize_model(
        str(plain),
        model_type="bert",
        num_heads=network.encoder.config.num_attention_heads,
        hidden_size=network.encoder.config.hidden_size,
        optimization_options=options,
    )
    optimized.save_model_to_file(str(fused))
    kept = _far_reaching(onnx.load(str(fused)), len(network.encoder.encoder.layer))
    quantize_dynamic(
        fused,
        out / "model.onnx",
        per_channel=True,
        reduce_range=True,
        weight_type=QuantType.QInt8,
        op_types_to_quantize=["MatMul", "Attention"],
        nodes_to_exclude=[node.name for node in kept],
        extra_options={"DefaultTensorType": TensorProto.FLOAT},
    )
    fused.unlink()
    model = onnx.load(str(out / "model.onnx"))
    _pack_embedding(model)
    for node in kept:
        _store_half(model, node.input[1])
    onnx.save(model, str(out / "model.onnx"))
    write_plan(out)
    shutil.copyfile(tokenizer, out / "tokenizer.json")
    shutil.copyfile(NOTICE, out / "LICENSE")


def write_plan(folder: Path) -> None:
    """Write `plan.onnx`: the graph of `model.onnx` with other steps and no weights of its own, which it finds there.

    ONNX Runtime's fused SkipLayerNormalization takes a quarter of the time on a CPU; the same sums as two Add and a
    LayerNormalization take half as long. The weights stay where they are (external data, by offset), so they lie in
    memory once. `nlp.sentiment.transformer` uses the plan only if it was made for this very file.
    """
    file = folder / "model.onnx"
    content = file.read_bytes()
    model = onnx.load_from_string(content)
    for tensor in model.graph.initializer:
        if len(tensor.raw_data) > _LARGE:
            _point(tensor, file.name, content.index(tensor.raw_data))
    steps = [step for node in model.graph.node for step in _unfused(node)]
    del model.graph.node[:]
    model.graph.node.extend(steps)
    helper.set_model_props(model, {PLANNED_FOR: hashlib.sha256(content).hexdigest()})
    (folder / PLAN).write_bytes(model.SerializeToString())


def _point(tensor: onnx.TensorProto, file: str, offset: int) -> None:
    """Leave the numbers of a weight out and say where they lie."""
    place = {"location": file, "offset": offset, "length": len(tensor.raw_data)}
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in place.items():
        tensor.external_data.add(key=key, value=str(value))


def _unfused(node: onnx.NodeProto) -> list[onnx.NodeProto]:
    if node.op_type != "SkipLayerNormalization":
        return [node]
    values, skip, gain, shift, *bias = node.input
    added, summed = f"{node.output[0]}.added", f"{node.output[0]}.summed"
    epsilon = next(one.f for one in node.attribute if one.name == "epsilon")
    return [
        *(helper.make_node("Add", [values, one], [added]) for one in bias),
        helper.make_node("Add", [added if bias else values, skip], [summed]),
        helper.make_node("LayerNormalization", [summed, gain, shift], list(node.output[:1]), epsilon=epsilon),
    ]


def describe(
    out: Path, temperatures: Mapping[str, float], thresholds: Mapping[str, Any], *, name: str
) -> None:
    """Write `config.json`: name, label order, calibration."""
    config = {
        "name": name,
        "max_tokens": MAX_TOKENS,
        "outputs": sum(HEADS.values()),
        "labels": {
            "sentiment": [label.value for label in LABELS],
            "emotion": [emotion.value for emotion in EMOTIONS],
            "signals": [kind.value for kind in SIGNALS],
        },
        "temperatures": {head: round(value, 4) for head, value in temperatures.items()},
        "thresholds": thresholds,
    }
    (out / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


def _to_onnx(network: Network, path: Path) -> None:
    network.eval()
    network.encoder.set_attn_implementation("eager")  # the form that ONNX Runtime knows how to fuse
    ids = torch.randint(5, 1000, (2, 9))
    axes = {0: "posts", 1: "tokens"}
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # the tracing exporter is deprecated; the other needs one more package
        torch.onnx.export(
            network,
            (ids, torch.ones_like(ids)),
            str(path),
            dynamo=False,
            opset_version=_OPSET,
            input_names=["input_ids", "attention_mask"],
            output_names=["logits"],
            dynamic_axes={"input_ids": axes, "attention_mask": axes, "logits": {0: "posts"}},
        )


def _far_reaching(model: onnx.ModelProto, layers: int) -> list[onnx.NodeProto]:
    """The matrix products that read the activations of the layers in `_FAR_REACHING`."""
    names = tuple(f"/layer.{layer}/output/dense/" for layer in _FAR_REACHING if layer < layers)
    found = [n for n in model.graph.node if n.op_type == "MatMul" and any(name in n.name for name in names)]
    if len(found) != len(names):
        raise RuntimeError(
            f"found {len(found)} of {len(names)} products by name; the exporter names them anew"
        )
    return found


def _store_half(model: onnx.ModelProto, name: str) -> None:
    """Store a weight in fp16, widened once when the graph is loaded."""
    table = next(tensor for tensor in model.graph.initializer if tensor.name == name)
    half = numpy_helper.from_array(numpy_helper.to_array(table).astype(np.float16), f"{name}.half")
    model.graph.initializer.remove(table)
    model.graph.initializer.append(half)
    model.graph.node.insert(0, helper.make_node("Cast", [half.name], [name], to=TensorProto.FLOAT))


def _pack_embedding(model: onnx.ModelProto) -> None:
    """Replace the word embedding's float table by int8 rows and one scale a row."""
    graph = model.graph
    table = max(graph.initializer, key=lambda tensor: int(np.prod(tensor.dims)))
    rows = numpy_helper.to_array(table).astype(np.float32)
    scale = np.abs(rows).max(axis=1, keepdims=True) / 127
    packed = np.round(rows / np.maximum(scale, 1e-12)).astype(np.int8)
    gather = next(node for node in graph.node if node.op_type == "Gather" and node.input[0] == table.name)
    ids, result = gather.input[1], gather.output[0]
    graph.initializer.remove(table)
    graph.initializer.extend(
        [
            numpy_helper.from_array(packed, "words.int8"),
            numpy_helper.from_array(scale.astype(np.float16), "words.scale"),
        ]
    )
    nodes = [
        helper.make_node("Gather", ["words.int8", ids], ["words.rows"]),
        helper.make_node("Gather", ["words.scale", ids], ["words.row_scale"]),
        helper.make_node("Cast", ["words.rows"], ["words.rows.float"], to=TensorProto.FLOAT),
        helper.make_node("Cast", ["words.row_scale"], ["words.row_scale.float"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["words.rows.float", "words.row_scale.float"], [result]),
    ]
    at = list(graph.node).index(gather)
    graph.node.remove(gather)
    for offset, node in enumerate(nodes):
        graph.node.insert(at + offset, node)
