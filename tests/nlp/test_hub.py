import json
from pathlib import Path

import pytest
import torch
import unidic_lite
from transformers import BertConfig, BertForSequenceClassification, BertJapaneseTokenizer

from nlp.sentiment import ModelError, load

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
VOCABULARY = [*SPECIAL, "最高", "最悪", "珈琲", "が", "の", "は", "です", "た", "味", "店"]


def folder_with_model(folder: Path, labels: list[str]) -> str:
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
