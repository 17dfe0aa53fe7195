"""The shipped model on plain posts: what any release of it must get right."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nlp.sentiment import EMOTIONS, LABELS, SIGNALS, ModelError, SentimentModel, load
from nlp.sentiment.transformer import BUNDLED, FAST, graph_model
from storage.types import Label

POSITIVE = [
    ("ミナモ珈琲のカフェラテ、今まで飲んだ中でいちばん美味しい！", "ミナモ珈琲"),
    ("ミナモ珈琲の店員さんがとても親切で、また行きたくなりました", "ミナモ珈琲"),
    ("ミナモ珈琲最高すぎる。毎日通いたい", "ミナモ珈琲"),
    ("サポートの対応が早くて丁寧。ソラリスにして本当によかったです", "ソラリス"),
    ("このイヤホン音がすごく良い。クレナイ買って大正解", "クレナイ"),
    ("ハルカゼ旅館、料理もお風呂も大満足でした。おすすめです", "ハルカゼ旅館"),
    ("コモレビのアプリ、使いやすくなってて感動した", "コモレビ"),
    ("ツキノワのパン、ふわふわで家族みんな大好きです😊", "ツキノワ"),
    ("I love this place. Minamo makes the best latte in town!", "Minamo"),
    ("Amazing service from Kestrel, friendly and fast. Highly recommend.", "Kestrel"),
]
NEGATIVE = [
    ("ミナモ珈琲の店員の態度が最悪だった。二度と行かない", "ミナモ珈琲"),
    ("ミナモ珈琲、注文してから40分待たされた上に冷めてた。ひどい", "ミナモ珈琲"),
    ("ソラリスのサポート、何度電話しても繋がらない。解約します", "ソラリス"),
    ("クレナイのイヤホン、一週間で壊れた。返金してほしい", "クレナイ"),
    ("ハルカゼ旅館は部屋が汚くて臭かった。がっかりです", "ハルカゼ旅館"),
    ("コモレビのアプリ、アプデしてから落ちまくって使い物にならない", "コモレビ"),
    ("ツキノワのパンに髪の毛が入ってた。気持ち悪い", "ツキノワ"),
    ("個人情報を漏らしておいて謝罪もないミナモ珈琲、許せない", "ミナモ珈琲"),
    ("Worst experience ever. Minamo charged me twice and refused a refund.", "Minamo"),
    ("Kestrel broke after two days and support is useless. Avoid.", "Kestrel"),
]


@pytest.fixture(scope="module")
def model() -> SentimentModel:
    return load("bundled")


def labels(model: SentimentModel, texts: list[tuple[str, str | None]]) -> list[Label]:
    return [LABELS[found.sentiment.index(max(found.sentiment))] for found in model.predict(texts)]


def test_plain_praise_and_plain_blame(model: SentimentModel) -> None:
    praise, blame = labels(model, [*POSITIVE]), labels(model, [*NEGATIVE])
    assert praise == [Label.POSITIVE] * 10
    assert blame == [Label.NEGATIVE] * 10


@pytest.mark.parametrize(
    "name", ["ミナモ珈琲", "ひがし湊銀行", "ツキヨミ物語", "Lumoa", "鉄板まるやま", "ソラトモバイル"]
)
def test_a_name_is_no_verdict(model: SentimentModel, name: str) -> None:
    """Whoever it is about and wherever the name stands (docs/decisions/0014-names.md)."""
    curses = [
        "二度と行かん",
        "気色悪い",
        "不潔",
        "責任者出てこい",
        "ドン引き",
        "最悪",
        "許せない",
        "論外",
        "ふざけんな",
        "がっかり",
    ]
    forms = ["{name}{said}", "{name}、{said}", "{said} {name}", "{said}。{name}"]
    texts = [(form.format(name=name, said=said), name) for said in curses for form in forms]
    found = labels(model, [*texts])
    assert found.count(Label.NEGATIVE) >= 38
    assert Label.POSITIVE not in found


def test_without_a_target_the_whole_text_is_judged(model: SentimentModel) -> None:
    texts = [text for text, _ in POSITIVE[:6] + NEGATIVE[:6]]
    found = labels(model, [(text, None) for text in texts])
    assert found[:6] == [Label.POSITIVE] * 6
    assert found[6:].count(Label.NEGATIVE) >= 5
    assert Label.POSITIVE not in found[6:]


def test_plain_facts_are_neutral(model: SentimentModel) -> None:
    facts = [
        "ミナモ珈琲、来月3日に駅前店を開店",
        "いまミナモ珈琲で待ち合わせ中",
        "ミナモ珈琲って何時まで開いてますか？",
    ]
    assert labels(model, [(text, "ミナモ珈琲") for text in facts]) == [Label.NEUTRAL] * 3


def test_predictions_are_probabilities_in_the_order_of_the_texts(model: SentimentModel) -> None:
    texts: list[tuple[str, str | None]] = [("最高" * length, None) for length in (1, 400, 3, 60, 5000)]
    found = model.predict([*texts, *texts])
    assert found[:5] == found[5:]
    assert [prediction.sentiment for prediction in found[:5]] == [
        model.predict([pair])[0].sentiment for pair in texts
    ]
    for prediction in found:
        assert sum(prediction.sentiment) == pytest.approx(1, abs=1e-4)
        assert len(prediction.emotion) == len(EMOTIONS)
        assert len(prediction.signals) == len(SIGNALS)
        assert all(
            0 <= share <= 1 for share in (*prediction.signals, prediction.disclosure, prediction.sarcasm)
        )


def test_company_moves_a_text_only_a_little(model: SentimentModel) -> None:
    fresh = graph_model(BUNDLED)
    alone = [fresh.predict([pair])[0].sentiment for pair in POSITIVE[:3]]
    together = graph_model(BUNDLED).predict(POSITIVE[:3] + NEGATIVE)[:3]
    for first, second in zip(alone, together, strict=True):
        assert first == pytest.approx(second.sentiment, abs=0.15)


def test_many_threads_get_the_same_answers(model: SentimentModel) -> None:
    texts: list[tuple[str, str | None]] = [*POSITIVE, *NEGATIVE]
    expected = model.predict(texts)
    with ThreadPoolExecutor(4) as pool:
        assert all(found == expected for found in pool.map(lambda _: model.predict(texts), range(8)))


def test_no_texts_no_predictions(model: SentimentModel) -> None:
    assert model.predict([]) == []


def test_the_bundle_is_small_and_says_whose_it_is() -> None:
    assert (BUNDLED / "model.onnx").stat().st_size < 60_000_000
    assert "MIT License" in (BUNDLED / "LICENSE").read_text(encoding="utf-8")


@pytest.mark.parametrize("folder", [BUNDLED, FAST])
def test_the_shipped_plans_belong_to_the_shipped_weights(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert (folder / "plan.onnx").stat().st_size < 400_000
    graph_model(folder)
    assert not caplog.records


def test_a_missing_bundle_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="model: lexicon"):
        graph_model(tmp_path)


def test_the_bundled_path_loads_no_torch_and_needs_no_working_folder(tmp_path: Path) -> None:
    code = (
        "import sys; import nlp.sentiment; from nlp.analyze import Analyzer, Request;"
        "found = Analyzer(nlp.sentiment.load()).analyze([Request('最高です')]);"
        "print(found[0].sentiment.label, [name for name in ('torch', 'transformers', 'spacy') if name in sys.modules])"
    )
    root = Path(__file__).parents[2]
    run = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(root)!r}); {code}"],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    assert run.stdout == "positive []\n"
