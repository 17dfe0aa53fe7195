"""A trained folder on torch and on ONNX Runtime: the same answers, from a small random network built here."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from transformers import BertConfig

from nlp.sentiment import EMOTIONS, LABELS, SIGNALS, ModelError, load, predict_once
from nlp.sentiment.network import Network
from nlp.sentiment.torch_model import torch_model
from nlp.sentiment.trained import HEADS, TrainedModel, is_trained
from nlp.sentiment.transformer import BUNDLED, graph_model
from nlp.training.export import _to_onnx
from tests.nlp.small import vocabulary

ROOT = Path(__file__).parents[2]
TEXTS: list[tuple[str, str | None]] = [
    ("ミナモ珈琲のラテ、今まででいちばん美味しい！😊", "ミナモ珈琲"),
    ("二度と行かない", None),
    ("Support never answers. Avoid.", "Minamo"),
    ("店員の態度が最悪だった。" * 60, "ミナモ珈琲"),
    ("最高" * 9, "ミナモ"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `kikimimi train` writes, with two small layers and random weights."""
    folder = tmp_path_factory.mktemp("trained")
    torch.manual_seed(7)
    shutil.copyfile(BUNDLED / "tokenizer.json", folder / "tokenizer.json")
    shape = BertConfig(
        vocab_size=vocabulary(),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=256,
        pad_token_id=1,
        initializer_range=0.5,
    )
    network = Network(shape).eval()
    save_file(network.state_dict(), folder / "network.safetensors")
    (folder / "encoder.json").write_text(shape.to_json_string(), encoding="utf-8")
    config = {
        "name": "small-1",
        "max_tokens": 64,
        "outputs": sum(HEADS.values()),
        "labels": {
            "sentiment": [one.value for one in LABELS],
            "emotion": [one.value for one in EMOTIONS],
            "signals": [one.value for one in SIGNALS],
        },
        "temperatures": {"sentiment": 1.5, "emotion": 2.0, "signals": 1.2, "disclosure": 1.9, "sarcasm": 1.0},
        "thresholds": {"disclosure": 0.7, "sarcasm": 0.4, "signals": {one.value: 0.3 for one in SIGNALS}},
    }
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    _to_onnx(network, folder / "model.onnx")
    return folder


def copied(folder: Path, to: Path, *left_out: str) -> Path:
    shutil.copytree(folder, to, ignore=shutil.ignore_patterns(*left_out))
    return to


def test_torch_and_onnx_agree(folder: Path) -> None:
    onnx, torched = graph_model(folder), torch_model(folder, device="cpu")
    assert torched.logits(TEXTS) == pytest.approx(onnx.logits(TEXTS), abs=1e-3)
    for first, second in zip(onnx.predict(TEXTS), torched.predict(TEXTS), strict=True):
        assert first.sentiment == pytest.approx(second.sentiment, abs=1e-3)
        assert first.signals == pytest.approx(second.signals, abs=1e-3)
    assert (torched.name, torched.thresholds) == (onnx.name, onnx.thresholds) == ("small-1", onnx.thresholds)
    assert len({found.sentiment for found in torched.predict(TEXTS)}) == len(TEXTS)


def test_a_cpu_without_cuda_takes_the_graph(folder: Path) -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has CUDA")
    assert load(str(folder)).where == "onnx"
    assert load(str(folder), device="cpu").where == "onnx"
    with pytest.raises(ModelError, match=r"sees no CUDA device.*device: auto"):
        load(str(folder), device="cuda")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="torch sees no CUDA device here")
def test_a_gpu_takes_torch_and_agrees_in_bf16(folder: Path) -> None:
    model = load(str(folder))
    assert model.where == "cpu"
    for first, second in zip(model.predict(TEXTS), graph_model(folder).predict(TEXTS), strict=True):
        assert first.sentiment == pytest.approx(second.sentiment, abs=0.05)


def test_without_a_graph_torch_runs_on_the_cpu(folder: Path, tmp_path: Path) -> None:
    bare = copied(folder, tmp_path / "bare", "model.onnx")
    assert load(str(bare), device="cpu").where == "cpu"


def test_many_threads_and_one_memory(folder: Path) -> None:
    model = torch_model(folder, device="cpu")
    expected = model.predict(TEXTS)
    with ThreadPoolExecutor(4) as pool:
        assert all(found == expected for found in pool.map(lambda _: model.predict(TEXTS), range(8)))
    assert model.predict([]) == []


@pytest.mark.parametrize("kind", [graph_model, torch_model])
def test_what_is_asked_once_is_not_remembered(folder: Path, kind: Callable[[Path], TrainedModel]) -> None:
    model = kind(folder)
    once = predict_once(model, TEXTS)
    assert len(model._memory._found) == 0
    for first, second in zip(once, model.predict(TEXTS), strict=True):
        assert first.sentiment == pytest.approx(second.sentiment, abs=1e-3)
    assert len(model._memory._found) == len(TEXTS)


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("network.safetensors", b"", "network.safetensors|cannot be read"),
        ("network.safetensors", b"garbage garbage", "cannot be read"),
        ("encoder.json", b"{", "cannot be read"),
        ("encoder.json", b'{"hidden_size": 16, "num_attention_heads": 2}', "does not fit encoder.json"),
        ("encoder.json", None, "encoder.json: No such file"),
        ("network.safetensors", None, "network.safetensors"),
        ("tokenizer.json", None, "there is no tokenizer.json"),
        ("config.json", b"{", "is not JSON"),
        ("config.json", b'{"name": "x", "temperatures": {}}', "lacks outputs, max_tokens"),
    ],
)
def test_a_broken_folder_names_the_file(
    folder: Path, tmp_path: Path, file: str, content: bytes | None, words: str
) -> None:
    broken = copied(folder, tmp_path / "broken", file)
    if content is not None:
        (broken / file).write_bytes(content)
    with pytest.raises(ModelError, match=words):
        torch_model(broken, device="cpu")


def test_our_folder_is_told_from_a_hub_folder(folder: Path, tmp_path: Path) -> None:
    assert is_trained(folder)
    (tmp_path / "config.json").write_text('{"model_type": "bert"}', encoding="utf-8")
    assert not is_trained(tmp_path)
    assert not is_trained(tmp_path / "nowhere")


def test_the_word_list_is_not_for_cuda() -> None:
    with pytest.raises(ModelError, match="CPU only; set `device: auto`"):
        load("lexicon", device="cuda")


def test_the_bundled_graph_gives_torch_its_weights() -> None:
    graph, torched = graph_model(BUNDLED), torch_model(BUNDLED, device="cpu")
    first, second = graph.logits(TEXTS)[:, :3], torched.logits(TEXTS)[:, :3]
    assert (first.argmax(1) == second.argmax(1)).all()
    assert abs(first - second).max() < 1.5  # the graph also rounds activations


def test_choosing_a_model_imports_no_torch(folder: Path, tmp_path: Path) -> None:
    bare = copied(folder, tmp_path / "bare", "network.safetensors")
    code = (
        "import sys; from nlp.sentiment import load;"
        f"load({str(bare)!r}); load({str(folder)!r}, device='cpu'); load();"
        "print([name for name in ('torch', 'transformers', 'safetensors') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert run.stdout.strip() == "[]"
