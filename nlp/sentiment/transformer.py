"""A trained model on the CPU, by default the bundled int8 encoder: ONNX Runtime. No torch, no network.

A text longer than 256 tokens (about 400 letters) loses its middle: reviews open with the matter and end with
the verdict. One text's probabilities move by up to about 0.02 with the company it is scored in, because int8
activations are scaled per batch; what is kept in the cache does not move.
"""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path

import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as ort_state

from nlp.sentiment import ModelError
from nlp.sentiment.cores import cores
from nlp.sentiment.trained import Engine, Floats, Ids, TrainedModel, probabilities

__all__ = ["BUNDLED", "graph_model", "load_bundled", "probabilities"]

BUNDLED = Path(__file__).parent / "bundled"
FAST = Path(__file__).parent / "fast"  # its config.json names the bundled one's tokenizer

PLAN, PLANNED_FOR = "plan.onnx", "sha256 of model.onnx"
_SLOWER = ["SkipLayerNormFusion"]  # on a CPU the fused step takes twice as long as its parts

_BATCH_TOKENS = 1024  # padded tokens of one run: more does not go faster on a CPU, and its caches are small
_BATCH_POSTS = 32
_MAX_THREADS = 8
_log = logging.getLogger("kikimimi.model")


def load_bundled() -> TrainedModel:
    """The model that ships with the package. Raises ModelError when its files are not there."""
    return graph_model(BUNDLED)


def load_fast() -> TrainedModel:
    """Its student, of fewer layers: less right, and faster. docs/model-card.md has both figures."""
    return graph_model(FAST)


def graph_model(
    folder: Path, *, threads: int | None = None, cache: int = 20_000, graph: str = "model.onnx"
) -> TrainedModel:
    """A folder with `model.onnx`, and its `plan.onnx` where there is one. `threads`: of one prediction, default the
    cores this process may use. `cache`: texts remembered. Raises ModelError.
    """

    def engine() -> Engine:
        session = _quickest(folder / graph, threads or min(_MAX_THREADS, cores()))

        def run(ids: Ids, mask: Ids) -> Floats:
            logits: Floats = session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
            return logits

        return Engine(run, _BATCH_TOKENS, _BATCH_POSTS, "onnx")

    return TrainedModel(folder, engine, cache=cache)


_ORT_ERRORS = (
    ort_state.Fail,
    ort_state.InvalidArgument,
    ort_state.InvalidGraph,
    ort_state.InvalidProtobuf,
    ort_state.NoSuchFile,
    ort_state.NotImplemented,
    ort_state.RuntimeException,
)


def _quickest(file: Path, threads: int) -> onnxruntime.InferenceSession:
    """The graph, by its plan if that was made for it."""
    plan = file.with_name(PLAN)
    if file.name == "model.onnx" and file.is_file() and plan.is_file():
        try:
            session = _session(plan, threads)
        except ModelError:
            session = None
        if session and session.get_modelmeta().custom_metadata_map.get(PLANNED_FOR) == _sha256(file):
            return session
        _log.warning("%s does not belong to %s: scoring goes without it, more slowly", plan, file.name)
    return _session(file, threads)


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _session(file: Path, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Threads that wait for work must not burn the cores that the rest of the service runs on.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(
            str(file), options, providers=["CPUExecutionProvider"], disabled_optimizers=_SLOWER
        )
    except _ORT_ERRORS as error:
        remedy = "reinstall the package" if file.parent in (BUNDLED, FAST) else "train it anew"
        raise ModelError(f"{file} cannot be loaded ({error}); {remedy}, or set `model: lexicon`") from error
