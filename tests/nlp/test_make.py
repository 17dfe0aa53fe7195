"""`kikimimi train` from start to finish on a small encoder built here, and the parts it is made of."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers import BertConfig

from nlp.sentiment import ModelError, load
from nlp.sentiment.encode import Encoder
from nlp.sentiment.network import Network
from nlp.sentiment.transformer import graph_model
from nlp.sentiment.unpack import shape_of, state_of
from nlp.training import data
from nlp.training.make import Order, begin, make, pairs
from nlp.training.rounding import RoundedLinear, round_activation, round_weight, rounding
from nlp.training.teach import Teachers, thin
from nlp.training.train import Recipe, answers, train
from tests.nlp.small import small_encoder

LINES = [
    data.Line(
        f"{word}{number}", "ミナモ" if number % 2 else None, label, label, (1, 0) * 5 + (0,), label % 2, 0
    )
    for number in range(24)
    for word, label in (("とても良い", 0), ("今日も行く", 1), ("ひどい目にあった", 2))
]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_encoder(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def made(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("made")
    return make(Order(out, "small-1", Recipe(30, rounded=10, rate=3e-3), start=base), LINES, LINES[:30])


def test_what_is_made_can_be_used_and_learned_what_it_was_told(made: Path) -> None:
    model = load(str(made), device="cpu")
    assert model.where == "onnx"
    assert model.name == "small-1"
    said = [max(range(3), key=found.sentiment.__getitem__) for found in model.predict(pairs(LINES))]
    right = sum(one == line.sentiment for one, line in zip(said, LINES, strict=True))
    assert right > 0.9 * len(LINES)
    files = {file.name for file in made.iterdir()}
    assert files == {
        *("LICENSE", "config.json", "tokenizer.json"),
        *("model.onnx", "plan.onnx", "model.fp32.onnx", "network.safetensors", "encoder.json"),
    }


def _logits(folder: Path) -> NDArray[np.float32]:
    return graph_model(folder).logits(pairs(LINES))


def test_the_plan_gives_what_the_graph_gives(
    made: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    bare = Path(shutil.copytree(made, tmp_path / "bare", ignore=shutil.ignore_patterns("plan.onnx")))
    plan = onnx.load(made / "plan.onnx", load_external_data=False)
    assert "SkipLayerNormalization" not in {node.op_type for node in plan.graph.node}
    assert (made / "plan.onnx").stat().st_size < (made / "model.onnx").stat().st_size / 10
    assert abs(_logits(made) - _logits(bare)).max() < 0.05
    assert not caplog.records


@pytest.mark.parametrize("content", ["another", "cut", "garbage"])
def test_a_plan_of_another_graph_is_left_aside(
    made: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, content: str
) -> None:
    """Weights put in by hand beside an old plan: the graph decides, and the log says why it is slower."""
    folder = Path(shutil.copytree(made, tmp_path / "moved"))
    if content == "another":
        graph = onnx.load(folder / "model.onnx")
        graph.doc_string = "trained anew"
        onnx.save(graph, folder / "model.onnx")
    elif content == "cut":
        (folder / "plan.onnx").write_bytes((folder / "plan.onnx").read_bytes()[:-2000])
    else:
        (folder / "plan.onnx").write_bytes(b"garbage")
    bare = Path(shutil.copytree(folder, tmp_path / "bare", ignore=shutil.ignore_patterns("plan.onnx")))
    expected = _logits(bare)
    assert not caplog.records
    assert (_logits(folder) == expected).all()
    assert "plan.onnx does not belong to model.onnx" in caplog.text


def test_the_graph_gives_its_weights_back(made: Path, tmp_path: Path) -> None:
    original, tokenizer = begin(made)
    for name in ("model.onnx", "config.json", "tokenizer.json"):
        shutil.copyfile(made / name, tmp_path / name)
    unpacked, _ = begin(tmp_path)
    assert shape_of(state_of(made / "model.onnx")).num_hidden_layers == 3
    encoder = Encoder(tokenizer)
    first, second = answers(original, encoder, LINES), answers(unpacked, encoder, LINES)
    assert (first - second).abs().max() < 0.25  # the int8 steps
    assert set(unpacked.state_dict()) == set(original.state_dict())


def test_training_goes_on_from_the_last_epoch(base: Path, tmp_path: Path) -> None:
    order = Order(tmp_path, "small-1", Recipe(1, rounded=0, rate=1e-3), start=base)
    make(order, LINES, LINES[:30])
    once = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    make(order, LINES, LINES[:30])  # nothing left to do: the same weights
    again = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    assert again["epochs"] == once["epochs"] == 1
    longer = replace(order, recipe=replace(order.recipe, epochs=2))
    make(longer, LINES, LINES[:30])
    assert torch.load(tmp_path / "checkpoint.pt", weights_only=True)["epochs"] == 2


def test_the_result_may_be_the_mean_of_two_points(base: Path, tmp_path: Path) -> None:
    """What the last epoch changed, a quarter taken back."""

    def trained(out: str, epochs: int, average: float) -> dict[str, Tensor]:
        (tmp_path / out).mkdir(exist_ok=True)
        torch.manual_seed(0)  # the heads of a fresh network
        network, tokenizer = begin(base)
        recipe = Recipe(epochs, rounded=0, rate=1e-3, average=average)
        train(network, LINES, recipe, encoder=Encoder(tokenizer), folder=None, out=tmp_path / out)
        return network.state_dict()

    one, both = trained("b", 1, 1.0), trained("c", 1, 0.0)
    quarter = trained("a", 1, 0.25)
    for name, weight in quarter.items():
        assert torch.allclose(weight, 0.25 * one[name] + 0.75 * both[name], atol=1e-6)
    assert any(not torch.equal(one[name], both[name]) for name in one)


def test_a_student_is_thinner_and_follows_its_teacher(made: Path, tmp_path: Path) -> None:
    recipe = Recipe(30, rounded=10, rate=3e-3)
    student = make(
        Order(tmp_path, "thin-1", recipe, start=made, layers=2, teachers=[made]), LINES, LINES[:30]
    )
    network, tokenizer = begin(student)
    assert len(network.encoder.encoder.layer) == 2
    teacher = Teachers([begin(made)[0]], Encoder(tokenizer))
    theirs, ours = (
        teacher(LINES)[:, :3].argmax(1),
        answers(network, Encoder(tokenizer), LINES)[:, :3].argmax(1),
    )
    assert (theirs == ours).float().mean() > 0.9


def test_thin_keeps_the_last_layer_and_spreads_the_rest() -> None:
    shape = BertConfig(
        vocab_size=99, hidden_size=32, num_hidden_layers=12, num_attention_heads=1, intermediate_size=32
    )
    network = Network(shape)
    layers = list(network.encoder.encoder.layer)
    thin(network, 4)
    assert [layers.index(layer) for layer in network.encoder.encoder.layer] == [2, 5, 8, 11]
    assert network.encoder.config.num_hidden_layers == 4


def test_rounding_is_what_the_graph_does_and_lets_gradients_through() -> None:
    torch.manual_seed(1)
    values = torch.randn(4, 7) * 3
    rounded = round_activation(values)
    step = (values.max().clamp_min(0) - values.min().clamp_max(0)) / 255
    assert (rounded - values).abs().max() <= step * 0.51 + 1e-6
    assert len(set((rounded / step).round().flatten().tolist())) <= 256
    weight = torch.randn(5, 6, requires_grad=True)
    whole = round_weight(weight)
    scale = weight.abs().amax(dim=1, keepdim=True) / 63
    assert torch.allclose((whole / scale).round(), whole / scale, atol=1e-4)
    whole.sum().backward()
    assert weight.grad is not None
    assert torch.equal(weight.grad, torch.ones(5, 6))


def test_rounding_switches_on_and_off_but_never_in_the_heads() -> None:
    shape = BertConfig(
        vocab_size=99, hidden_size=32, num_hidden_layers=1, num_attention_heads=1, intermediate_size=32
    )
    network = Network(shape)
    rounding(network, on=True)
    kinds = {name: type(module) for name, module in network.named_modules() if isinstance(module, nn.Linear)}
    assert kinds.pop("heads") is nn.Linear
    assert set(kinds.values()) == {RoundedLinear}
    rounding(network, on=False)
    assert not any(isinstance(module, RoundedLinear) for module in network.modules())


def test_a_start_that_is_none_says_so(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"has no tokenizer\.json"):
        begin(tmp_path)
    (tmp_path / "tokenizer.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ModelError, match="neither a trained model nor a base encoder"):
        begin(tmp_path)
