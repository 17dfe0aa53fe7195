import gzip
import json
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from nlp.sentiment import EMOTIONS, LABELS, SIGNALS
from nlp.sentiment.network import split_heads
from nlp.sentiment.trained import HEADS
from nlp.training import data, evaluate
from nlp.training.losses import labelled, taught
from nlp.training.train import _batches, pad
from storage.types import Emotion, Label, SignalKind

FULL = data.Line("最高", "ミナモ", 0, 0, tuple([0] * len(SIGNALS)), 0, 0)
SENTIMENT_ONLY = data.Line("景気は良い", None, 0)


def test_no_name_is_both_learned_and_calibrated_on() -> None:
    training, held = data.hold_out(data.mentions("train"))
    assert len(training) + len(held) == 6786
    assert len(held) > 300
    assert not {line.target for line in training} & {line.target for line in held}


def test_the_corpus_keeps_names_and_texts_apart() -> None:
    training, held = data.corpus()
    assert len(training) > 20_000
    assert len(held) == 552
    assert not {line.target for line in training} & {line.target for line in held} - {None}
    assert not {line.text for line in training} & {line.text for line in held}


def test_a_row_may_leave_things_open() -> None:
    row = {"text": "また行く", "target": None, "sentiment": None, "signals": ["praise"], "unsure": ["warn"]}
    line = data.mention(row)
    assert (line.sentiment, line.emotion, line.disclosure, line.sarcasm) == (data.UNKNOWN,) * 4
    said = dict(zip(SIGNALS, line.signals, strict=True))
    assert (said[SignalKind.PRAISE], said[SignalKind.WARN], said[SignalKind.COMPLAINT]) == (
        1,
        data.UNKNOWN,
        0,
    )
    assert data.mention({"text": "x"}).signals == ()


def test_a_text_with_two_verdicts_is_never_judged_as_a_whole() -> None:
    both = [
        replace(FULL, text="AよりB", target="A", sentiment=2),
        replace(FULL, text="AよりB", target="B", sentiment=0),
    ]
    lines = data.epoch(both * 50, None, seed=1)
    assert len(lines) == 100
    assert all(line.target for line in lines)


def test_development_names_are_in_no_training_line() -> None:
    shared = {line.target for line in data.mentions("dev")} & {line.target for line in data.mentions("train")}
    assert shared <= {"ここ", "こちら", "このBGM", "このbot", "公式", "監督"}  # words, not names


def test_an_epoch_says_the_same_of_others() -> None:
    lines = [replace(FULL, text=f"店{n}号、もう無理", target=f"店{n}号", sentiment=2) for n in range(400)]
    told = [line for line in data.epoch(lines, None, seed=1) if line.target]
    assert len(told) == 400
    assert {line.sentiment for line in told} == {2}
    assert all(line.target in line.text for line in told if line.target)
    before, after = ({line.text for line in each} for each in (lines, told))
    tagged = {line.text for line in told if line.target and line.text.endswith(line.target)}
    assert 30 < len(tagged) < 100  # 15 % at the end
    assert all("、もう無理" in text or text.startswith("もう無理") for text in after)
    assert 200 < len(after & before) < 360  # half keep their name, and some of those move it


@pytest.mark.parametrize(
    ("text", "target", "plain"),
    [
        ("ミナモ珈琲に行った", "ミナモ珈琲", True),
        ("Lumo is down", "Lumo", True),
        ("Lumotion is down", "Lumo", False),
        ("ここが好き", "ここ", False),
        ("名前がない", "ミナモ珈琲", False),
        ("名前がない", None, False),
    ],
)
def test_only_plain_names_are_exchanged(text: str, target: str | None, plain: bool) -> None:
    assert data.is_plain_name(replace(FULL, text=text, target=target)) is plain


def test_an_epoch_mixes_in_what_lies_in_the_folder(tmp_path: Path) -> None:
    (tmp_path / "text").mkdir()
    rows = [{"text": f"{label} {n}", "sentiment": label, "raw": 0} for label in LABELS for n in range(5)]
    with gzip.open(tmp_path / "text" / "economy_watchers.train.jsonl.gz", "wt") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    lines = data.epoch([FULL] * 100, tmp_path, seed=1)
    mixed = [line for line in lines if not line.signals]
    assert len(mixed) == 15
    assert {line.emotion for line in mixed} == {data.UNKNOWN}
    assert 110 < len(lines) - len(mixed) < 160
    assert any(line.target is None for line in lines if line.signals)
    assert lines == data.epoch([FULL] * 100, tmp_path, seed=1)


def test_reddit_emotions_become_ours(tmp_path: Path) -> None:
    (tmp_path / "text").mkdir()
    raws = [["joy", "love"], ["anger", "joy"], ["neutral"], ["curiosity"]]
    with gzip.open(tmp_path / "text" / "goemotions_en.train.jsonl.gz", "wt") as file:
        file.writelines(
            json.dumps({"text": str(raw), "sentiment": "positive", "raw": raw}) + "\n" for raw in raws
        )
    found = {line.text: line.emotion for line in data.epoch([], tmp_path, seed=1)}
    joy, none = EMOTIONS.index(Emotion.JOY), EMOTIONS.index(Emotion.NONE)
    assert [found[str(raw)] for raw in raws] == [joy, data.UNKNOWN, none, data.UNKNOWN]


def test_what_a_line_does_not_label_costs_nothing() -> None:
    logits = torch.zeros(2, sum(HEADS.values()))
    logits[1, len(LABELS) :] = 50.0  # absurd, but only where the second line says nothing
    even = torch.zeros(2, sum(HEADS.values()))
    lines = [FULL, SENTIMENT_ONLY]
    assert labelled(logits, lines).item() == pytest.approx(labelled(even, lines).item())
    assert labelled(logits, [FULL, FULL]).item() > labelled(even, [FULL, FULL]).item() + 1
    unsure = replace(FULL, signals=(data.UNKNOWN,) * len(SIGNALS))
    absurd = even.clone()
    absurd[:, 10:21] = 50.0  # the signals' places
    assert labelled(absurd, [unsure] * 2).item() < labelled(absurd, [FULL] * 2).item() - 10


def test_a_heavier_line_counts_for_more() -> None:
    logits = torch.zeros(2, sum(HEADS.values()))
    logits[0, :3] = torch.tensor([5.0, 0.0, 0.0])  # the first line is right, the second undecided
    light = labelled(logits, [SENTIMENT_ONLY, SENTIMENT_ONLY]).item()
    assert labelled(logits, [replace(SENTIMENT_ONLY, weight=9.0), SENTIMENT_ONLY]).item() < light


def test_a_teacher_is_agreed_with_or_not() -> None:
    teacher = torch.randn(4, sum(HEADS.values()), generator=torch.Generator().manual_seed(1))
    same, other = taught(teacher, teacher), taught(-teacher, teacher)
    assert other.item() > same.item() + 1
    learning = (teacher + 1e-3 * torch.randn_like(teacher)).requires_grad_()
    taught(learning, teacher).backward()
    assert learning.grad is not None
    assert learning.grad.abs().max() < 0.1


def test_batches_hold_every_line_once_and_little_padding() -> None:
    lengths = [3, 90, 4, 80, 5, 70] * 40
    batches = _batches(lengths, random.Random(1))
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    padded = sum(max(lengths[index] for index in batch) * len(batch) for batch in batches)
    assert padded < 1.2 * sum(lengths)
    ids, mask = pad([[5, 6], [7]])
    assert ids.tolist() == [[5, 6], [7, 1]]
    assert mask.tolist() == [[1, 1], [1, 0]]


def test_temperature_and_threshold_find_their_place() -> None:
    chance = np.random.default_rng(1)
    right = chance.integers(0, 3, 400)
    wrong = chance.random(400) < 0.3  # a model that is right seven times in ten, and always sure
    logits = np.zeros((400, sum(HEADS.values())), dtype=np.float32)
    logits[np.arange(400), np.where(wrong, (right + 1) % 3, right)] = 8
    lines = [data.Line("", None, int(label), 0, tuple([0] * len(SIGNALS)), 0, 0) for label in right]
    assert evaluate.fit_temperatures(logits, lines)["sentiment"] > 2
    assert evaluate.calibration_error(np.eye(3)[right], right) == pytest.approx(0, abs=1e-9)
    shares = np.where(right == 0, 0.4, 0.2)
    unsaid = np.where(right == 0, 1, data.UNKNOWN)  # nothing but what is known counts
    assert evaluate._threshold(np.where(right == 0, 0.4, 0.9), unsaid) <= 0.4
    assert 0.2 < evaluate._threshold(shares, (right == 0).astype(int)) <= 0.4


def test_scores() -> None:
    said, right = np.array([0, 0, 1, 2]), np.array([0, 1, 1, 2])
    assert evaluate.macro_f1(said, right, classes=3) == pytest.approx((2 / 3 + 2 / 3 + 1) / 3)
    one = evaluate.score(said == 0, right == 0)
    assert (one.precision, one.recall, one.support) == (0.5, 1.0, 1)


def test_the_one_row_is_cut_in_the_order_of_the_heads() -> None:
    heads = split_heads(torch.arange(sum(HEADS.values())).float()[None])
    assert {name: part.shape[1] for name, part in heads.items()} == HEADS
    assert heads["disclosure"].tolist() == [[21.0, 22.0]]
    assert list(LABELS) == [Label.POSITIVE, Label.NEUTRAL, Label.NEGATIVE]
