"""What `benchmarks.speed` lets run against each other: each is a function from (text, target) pairs to anything."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import torch
from fugashi import Tagger
from transformers import BertConfig, BertForSequenceClassification, BertJapaneseTokenizer, pipeline

from nlp.sentiment.encode import Encoder
from nlp.sentiment.trained import Pairs, batches, padded
from nlp.sentiment.transformer import graph_model
from nlp.training.data import mentions
from nlp.training.export import export
from nlp.training.make import begin

Run = Callable[[Pairs], object]

_WORDS = 32_768  # as cl-tohoku/bert-base-japanese-v3
_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
_TOKENS, _POSTS = 1024, 32  # one run of our network, as nlp/sentiment/transformer.py has it


@dataclass(frozen=True, slots=True)
class Engine:
    """One way to score posts. `posts`: it runs on so many of them only, and its rate is scaled."""

    key: str
    name: str
    run: Run
    posts: int | None = None


def ours(folder: Path, threads: int) -> tuple[str, Run]:
    """A model's name, and its int8 graph on ONNX Runtime in batches, without the memory."""
    model = graph_model(folder, threads=threads, cache=0)
    return model.name, model.logits


def singly(run: Run) -> Run:
    """Post by post, as they come in one at a time."""
    return lambda pairs: [run([pair]) for pair in pairs]


def bert_base(folder: Path) -> Callable[[int], Run]:
    """A Japanese BERT-base classifier as it is usually run, for a batch size. Its weights are random: speed does not
    depend on them. Its word list is made of all our mentions, so it splits them less than a real one would: in its
    favour, as is that it is not told the target.
    """
    texts = [line.text for split in ("train", "dev") for line in mentions(split)]
    file = folder / "vocab.txt"
    file.write_text("\n".join(word_list(texts)), encoding="utf-8")
    tokenizer = BertJapaneseTokenizer(
        vocab_file=str(file),
        word_tokenizer_type="mecab",
        subword_tokenizer_type="wordpiece",
        mecab_kwargs={"mecab_dic": "unidic_lite"},
        model_max_length=512,
    )
    model = BertForSequenceClassification(BertConfig(vocab_size=_WORDS, num_labels=3)).eval()

    def of_size(size: int) -> Run:
        run = pipeline("text-classification", model=model, tokenizer=tokenizer, device="cpu", batch_size=size)
        return lambda pairs: run([text for text, _ in pairs], truncation=True)

    return of_size


def word_list(texts: Iterable[str]) -> list[str]:
    """The special words, the letters alone and inside words, and the most frequent words of the texts."""
    tagger = Tagger()
    words = Counter(word.surface for text in texts for word in tagger(text))
    letters = sorted({letter for word in words for letter in word})
    known = [*_SPECIAL, *letters, *(f"##{letter}" for letter in letters)]
    seen = set(known)
    common = [word for word, _ in words.most_common() if word not in seen]
    return [*known, *common][:_WORDS]


def in_torch(folder: Path) -> Run:
    """Our network in fp32 on torch, in the same batches."""
    network, tokenizer = begin(folder)
    network.eval()
    encoder = Encoder(tokenizer)

    def run(pairs: Pairs) -> object:
        rows = encoder.encode(pairs)
        with torch.inference_mode():
            return [
                network(*map(torch.from_numpy, padded([rows[index] for index in batch])))
                for batch in batches([len(row) for row in rows], tokens=_TOKENS, posts=_POSTS)
            ]

    return run


def fp32_graph(folder: Path, out: Path) -> Path:
    """The model's `model.fp32.onnx`; where it has none, made anew in `out` from its weights (a minute, once)."""
    if (folder / "model.fp32.onnx").exists():
        return folder / "model.fp32.onnx"
    if not (out / "model.fp32.onnx").exists():
        network, tokenizer = begin(folder)
        with tempfile.TemporaryDirectory() as place:
            export(network, tokenizer, Path(place))
            out.mkdir(parents=True, exist_ok=True)
            (out / "model.fp32.onnx").write_bytes((Path(place) / "model.fp32.onnx").read_bytes())
    return out / "model.fp32.onnx"


def onnx_runtime(graph: Path, folder: Path, threads: int, out: Path) -> Run:
    """Another graph of the same model on ONNX Runtime."""
    for name in ("config.json", "tokenizer.json"):
        if not (out / name).exists():
            (out / name).write_bytes((folder / name).read_bytes())
    return graph_model(graph.parent, threads=threads, cache=0, graph=graph.name).logits


def openvino(graph: Path, folder: Path, threads: int, precision: str) -> Run | str:
    """A graph on OpenVINO with `precision` "f32" or "bf16" for what is not int8 in it, or why that does not go."""
    if find_spec("openvino") is None:
        return "openvino is not installed (`pip install 'kikimimi[benchmarks]'`)"
    core = import_module("openvino").Core()
    if precision == "bf16" and "BF16" not in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
        return "this processor has no bf16"
    options = {
        "INFERENCE_NUM_THREADS": threads,
        "PERFORMANCE_HINT": "LATENCY",  # one batch at a time on all threads, as ONNX Runtime is run here
        "INFERENCE_PRECISION_HINT": precision,
    }
    try:
        request = core.compile_model(str(graph), "CPU", options).create_infer_request()
    except RuntimeError as error:  # OpenVINO's word for a graph that it cannot read
        return " ".join(str(error).split())[:160]
    encoder = Encoder(folder / "tokenizer.json")

    def run(pairs: Pairs) -> object:
        rows = encoder.encode(pairs)
        found = []
        for batch in batches([len(row) for row in rows], tokens=_TOKENS, posts=_POSTS):
            ids, mask = padded([rows[index] for index in batch])
            found.append(request.infer({"input_ids": ids, "attention_mask": mask}))
        return found

    return run
