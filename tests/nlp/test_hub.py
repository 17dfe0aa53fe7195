import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import unidic_lite
from transformers import BertConfig, BertForSequenceClassification, BertJapaneseTokenizer, BertModel

from nlp.sentiment import ModelError, load

ROOT = Path(__file__).parents[2]
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
VOCABULARY = [*SPECIAL, "最高", "最悪", "珈琲", "が", "の", "は", "です", "た", "味", "店"]


def folder_with_model(folder: Path, labels: list[str], *, spread: float = 0.02) -> str:
    """A BERT of a few hundred weights that reads Japanese with MeCab, as the well-known ones do."""
    folder.mkdir()
    (folder / "vocab.txt").write_text("\n".join(VOCABULARY), encoding="utf-8")
    tokenizer = BertJapaneseTokenizer(
        str(folder / "vocab.txt"),
        word_tokenizer_type="mecab",
        subword_tokenizer_type="wordpiece",
        mecab_kwargs={"mecab_dic": "unidic_lite"},
        model_max_length=32,
    )
    tokenizer.save_pretrained(folder)
    torch.manual_seed(3)
    config = BertConfig(
        vocab_size=len(VOCABULARY),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=32,
        initializer_range=spread,
        num_labels=len(labels),
        id2label=dict(enumerate(labels)),
        label2id={label: index for index, label in enumerate(labels)},
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    return str(folder)


def test_a_japanese_bert_from_a_folder(tmp_path: Path) -> None:
    assert unidic_lite.DICDIR
    place = folder_with_model(tmp_path / "bert", ["NEGATIVE", "NEUTRAL", "POSITIVE"])
    model = load(place)
    texts = [("珈琲の味が最高です", "珈琲"), ("最悪", None), ("", None), ("長い" * 400, None)]
    predictions = model.predict(texts)
    assert model.name == place
    assert all(sum(found.sentiment) == pytest.approx(1, abs=1e-4) for found in predictions)
    alone = [model.predict([pair])[0].sentiment for pair in texts]
    assert [found.sentiment for found in predictions] == [pytest.approx(found, abs=1e-5) for found in alone]


def test_labels_land_where_their_names_say(tmp_path: Path) -> None:
    usual = load(folder_with_model(tmp_path / "usual", ["negative", "neutral", "positive"]))
    turned = load(folder_with_model(tmp_path / "turned", ["ポジティブ", "ニュートラル", "ネガティブ"]))
    (first,), (second,) = (model.predict([("珈琲が最高", None)]) for model in (usual, turned))
    assert first.sentiment == pytest.approx(second.sentiment[::-1])


def test_stars_add_up(tmp_path: Path) -> None:
    place = folder_with_model(tmp_path / "stars", ["1 star", "2 stars", "3 stars", "4 stars", "5 stars"])
    (found,) = load(place).predict([("最高", None)])
    assert sum(found.sentiment) == pytest.approx(1, abs=1e-4)
    assert found.sentiment[0] > found.sentiment[1]


def test_nameless_labels_must_be_named(tmp_path: Path) -> None:
    place = folder_with_model(tmp_path / "plain", ["LABEL_0", "LABEL_1", "LABEL_2"])
    with pytest.raises(ModelError, match=r"LABEL_0, LABEL_1, LABEL_2.*\?labels=negative,neutral,positive"):
        load(place)
    assert load(f"{place}?labels=negative,neutral,positive").predict([("最高", None)])
    with pytest.raises(ModelError, match="has 3 outputs"):
        load(f"{place}?labels=negative,positive")


def test_an_emotion_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="joy, anger"):
        load(folder_with_model(tmp_path / "emotions", ["joy", "anger"]))


def test_a_folder_without_a_model_is_refused_without_the_network(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "unheard-of"}), encoding="utf-8")
    with pytest.raises(ModelError, match="model: bundled"):
        load(str(tmp_path))


def test_a_model_that_learned_pairs_is_told_the_target(tmp_path: Path) -> None:
    place = folder_with_model(tmp_path / "pairs", ["NEGATIVE", "NEUTRAL", "POSITIVE"], spread=0.5)
    whole, paired = load(place), load(f"{place}?target=pair")
    texts = [("珈琲の味が最高です", "珈琲"), ("店の味は最悪", None), ("長い" * 400, "店"), ("最高", "")]
    first, second = whole.predict(texts), paired.predict(texts)
    told = [
        one.sentiment != pytest.approx(other.sentiment, abs=1e-5)
        for one, other in zip(first, second, strict=True)
    ]
    assert told == [True, False, True, False]
    alone = [paired.predict([pair])[0].sentiment for pair in texts]
    assert [found.sentiment for found in second] == [pytest.approx(found, abs=1e-5) for found in alone]
    assert whole.predict([("最高", "珈琲")]) == whole.predict([("最高", "店")])


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("target=pairs", "target=pair or none"),
        ("lables=negative,positive", "labels=…, target=…, weights=…"),
        ("weights=bin", "weights=safetensors or pickle"),
    ],
)
def test_a_mistyped_option_is_named(tmp_path: Path, option: str, words: str) -> None:
    with pytest.raises(ModelError, match=words):
        load(f"{tmp_path}?{option}")


def test_pickled_weights_are_read_only_on_demand(tmp_path: Path) -> None:
    place = folder_with_model(tmp_path / "old", ["negative", "neutral", "positive"])
    expected = load(place).predict([("最高", None)])
    model = BertForSequenceClassification.from_pretrained(place)
    (tmp_path / "old" / "model.safetensors").unlink()
    torch.save(model.state_dict(), tmp_path / "old" / "pytorch_model.bin")
    with pytest.raises(ModelError, match=r"safetensors.*\?weights=pickle"):
        load(place)
    (found,) = load(f"{place}?weights=pickle").predict([("最高", None)])
    assert found.sentiment == pytest.approx(expected[0].sentiment, abs=1e-5)


def test_a_network_without_a_trained_classifier_is_refused(tmp_path: Path) -> None:
    place = folder_with_model(tmp_path / "base", ["negative", "neutral", "positive"])
    BertModel(BertConfig.from_pretrained(place)).save_pretrained(place)
    with pytest.raises(ModelError, match=r"no finished classifier: its weights lack classifier\.bias"):
        load(place)


def test_a_tokenizer_of_another_model_is_refused(tmp_path: Path) -> None:
    place = folder_with_model(tmp_path / "mixed", ["negative", "neutral", "positive"])
    with (tmp_path / "mixed" / "vocab.txt").open("a", encoding="utf-8") as file:
        file.write("\n接客\n雰囲気\n")
    with pytest.raises(ModelError, match="do not belong together"):
        load(place)


def test_a_tokenizer_that_names_no_length_does_not_break_long_texts(tmp_path: Path) -> None:
    place = folder_with_model(tmp_path / "endless", ["negative", "neutral", "positive"])
    file = tmp_path / "endless" / "tokenizer_config.json"
    settings = json.loads(file.read_text(encoding="utf-8"))
    del settings["model_max_length"]
    file.write_text(json.dumps(settings), encoding="utf-8")
    assert load(place).predict([("最高の味" * 400, None)])


def test_offline_the_remedy_is_a_folder(tmp_path: Path) -> None:
    code = (
        "from nlp.sentiment import ModelError, load\n"
        "try:\n    load('my-team/reviews')\nexcept ModelError as error:\n    print(error)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT,
        env={**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path)},
    )  # fmt: skip
    assert "huggingface.co cannot be reached" in run.stdout
    assert "hf download my-team/reviews --local-dir FOLDER" in run.stdout
