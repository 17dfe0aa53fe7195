import pickle
import subprocess
import sys
from pathlib import Path

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.vocab import Vocab

from nlp.tokenizers import TOKENIZERS, tokenizer_class
from nlp.tokenizers.mecab import MecabTokenizer, blank, boundaries

_PIECES = st.sampled_from(
    [" ", "  ", "\n", "\u3000", "\t", "\x00", "ミナモ珈琲", "が", "美味しかった", "www", "👨‍👩‍👧"]
)
_TEXTS = st.lists(st.one_of(_PIECES, st.text(max_size=4))).map("".join)


@settings(max_examples=150, deadline=None)
@given(_TEXTS)
def test_the_text_of_the_doc_is_the_text(text: str) -> None:
    assert MecabTokenizer(Vocab())(text).text == text


@pytest.mark.parametrize("text", ["", " ", "  コーヒー が\n おいしかった 。  ", "a\x00b", "改行\r\n\r\n二つ"])
def test_white_space_is_kept(text: str) -> None:
    assert blank()(text).text == text


def test_words_carry_what_unidic_knows() -> None:
    doc = blank()("コーヒーがおいしかったです")
    assert [word.text for word in doc] == ["コーヒー", "が", "おいしかっ", "た", "です"]
    assert [word.lemma_ for word in doc][:3] == ["コーヒー", "が", "美味しい"]
    assert [word.pos_ for word in doc] == ["NOUN", "ADP", "ADJ", "AUX", "AUX"]
    assert doc[0].tag_ == "名詞-普通名詞-一般"
    assert doc[2].morph.get("Reading") == ["オイシカッ"]


def test_a_pipeline_survives_disk_and_pickle(tmp_path: Path) -> None:
    japanese = blank()
    japanese.add_pipe("sentencizer", config={"punct_chars": ["。"]})
    japanese.to_disk(tmp_path)
    text = "行った。うまかった。"
    for loaded in (spacy.load(tmp_path), pickle.loads(pickle.dumps(japanese))):
        assert isinstance(loaded.tokenizer, MecabTokenizer)
        assert [sent.text for sent in loaded(text).sents] == ["行った。", "うまかった。"]


def test_pipe_takes_many_texts() -> None:
    assert [len(doc) for doc in blank().pipe(["最高", "", "また来た"])] == [1, 0, 3]


@pytest.mark.parametrize(
    ("text", "inside", "edges"),
    [("カフェインの量", 3, (0, 5)), ("カフェの豆", 1, (0, 3)), ("ミナモ珈琲で会う", 7, (3, 5, 6))],
)
def test_boundaries(text: str, inside: int, edges: tuple[int, ...]) -> None:
    found = boundaries(text)
    assert inside not in found
    assert set(edges) <= found


def test_boundaries_need_no_spacy() -> None:
    code = "import sys; from nlp.tokenizers.mecab import boundaries; boundaries('豆'); print('spacy' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        == "False\n"
    )


def test_the_list_names_real_classes() -> None:
    assert [tokenizer_class(name) for name in TOKENIZERS] == [MecabTokenizer]
