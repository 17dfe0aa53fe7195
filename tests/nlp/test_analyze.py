import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from nlp.analyze import Analyzer, Request
from nlp.score import score_lines
from nlp.sentiment import EMOTIONS, SIGNALS, Prediction, Thresholds, load
from nlp.stories import ALONE, fingerprint
from storage.types import DisclosureKind, Emotion, Label, SignalKind


class FixedModel:
    """Says the same of every text, and remembers what it was asked."""

    name = "fixed-1"
    thresholds = Thresholds(disclosure=0.6, sarcasm=0.7, signals={SignalKind.PRAISE: 0.3})

    def __init__(self, prediction: Prediction) -> None:
        self.prediction = prediction
        self.asked: list[tuple[str, str | None]] = []

    def predict(self, texts: Sequence[tuple[str, str | None]]) -> list[Prediction]:
        self.asked += texts
        return [self.prediction for _ in texts]


def signals(**shares: float) -> tuple[float, ...]:
    return tuple(shares.get(kind.value, 0.0) for kind in SIGNALS)


GLAD = Prediction(
    sentiment=(0.7, 0.2, 0.1),
    emotion=tuple(0.9 if kind is Emotion.JOY else 0.01 for kind in EMOTIONS),
    signals=signals(praise=0.4, recommend=0.8, question=0.45),
    disclosure=0.5,
    sarcasm=0.69,
)


def test_one_pass_says_everything() -> None:
    text = "ミナモ珈琲のラテが美味しいのでオススメです。駅前のお店、朝なら空いてます"
    (found,) = Analyzer(FixedModel(GLAD)).analyze([Request(text, "ミナモ珈琲")])
    assert found.sentiment.label is Label.POSITIVE
    assert (found.sentiment.score, found.sentiment.confidence) == (0.6, 0.7)
    assert found.sentiment.model == "fixed-1"
    assert found.emotion is Emotion.JOY
    assert [signal.kind for signal in found.signals] == [SignalKind.RECOMMEND, SignalKind.PRAISE]
    assert [signal.evidence and signal.evidence.text for signal in found.signals] == ["オススメ", "美味"]
    assert found.disclosure.kind is DisclosureKind.ORGANIC
    assert found.disclosure.confidence == 0.5
    assert not found.sarcasm
    assert found.lang == "ja"
    assert found.fingerprint == fingerprint(text) != ALONE


@pytest.mark.parametrize("text", ["", "   ", "\n\u3000", "https://example.com/", "\u200b"])
def test_a_text_without_words_is_neutral_and_unsure(text: str) -> None:
    model = FixedModel(GLAD)
    (found,) = Analyzer(model).analyze([Request(text, "ミナモ", "ja")])
    assert found.sentiment.label is Label.NEUTRAL
    assert found.sentiment.confidence == 0
    assert (found.signals, found.fingerprint, found.lang, model.asked) == ((), ALONE, "ja", [])


def test_answers_come_in_the_order_of_the_requests() -> None:
    model = FixedModel(GLAD)
    found = Analyzer(model).analyze([Request("最高"), Request(""), Request("great", "x"), Request("草", "")])
    assert [analysis.sentiment.confidence for analysis in found] == [0.7, 0.0, 0.7, 0.7]
    assert model.asked == [("最高", None), ("great", "x"), ("草", None)]
    assert Analyzer(model).analyze([]) == []


@pytest.mark.parametrize(
    ("text", "probability", "kind", "why"),
    [
        ("#PR ミナモ珈琲最高", 0.1, DisclosureKind.SPONSORED, "hashtag"),
        ("自腹で買ったミナモ珈琲", 0.9, DisclosureKind.ORGANIC, "organic_claim"),
        ("ミナモ珈琲でございます", 0.9, DisclosureKind.SPONSORED, None),
        ("ミナモ珈琲うまい", 0.3, DisclosureKind.ORGANIC, None),
    ],
)
def test_plain_words_decide_disclosure_before_the_model(
    text: str, probability: float, kind: DisclosureKind, why: str | None
) -> None:
    model = FixedModel(Prediction((0.1, 0.8, 0.1), disclosure=probability))
    (found,) = Analyzer(model).analyze([Request(text, "ミナモ珈琲")])
    assert found.disclosure.kind is kind
    assert (found.disclosure.evidence and found.disclosure.evidence.why) == why


def test_a_model_that_knows_sentiment_only_says_no_more() -> None:
    (found,) = Analyzer(FixedModel(Prediction((0.1, 0.2, 0.7)))).analyze([Request("だめ")])
    assert found.sentiment.label is Label.NEGATIVE
    assert (found.emotion, found.signals, found.sarcasm) == (Emotion.NONE, (), False)


@pytest.mark.parametrize("spec", ["bundled", "lexicon"])
def test_odd_texts_do_not_stop_a_batch(spec: str) -> None:
    texts = ["a" * 50_000, "\ud800", "a\ud800\u3099b", "\x00", "最高\x00最悪", "😊" * 300, "$[x2 " * 500]
    found = Analyzer(load(spec)).analyze([Request(text, "最\ud800") for text in texts])
    assert len(found) == len(texts)


def test_lines_of_a_file_are_scored_in_order() -> None:
    lines = [{"id": number, "text": "最高" if number % 2 else "最悪"} for number in range(1100)]
    scored = list(score_lines(iter(lines), Analyzer(load("lexicon"))))
    assert [line["id"] for line in scored] == list(range(1100))
    assert [line["sentiment"] for line in scored[:2]] == ["negative", "positive"]
    assert json.loads(json.dumps(scored[0]))["model"] == "kikimimi-lexicon-1"
    assert set(scored[0]) == {
        "id", "text", "sentiment", "score", "confidence", "emotion", "signals", "disclosure", "sarcasm", "model"
    }  # fmt: skip


def test_a_line_may_name_its_own_target() -> None:
    model = FixedModel(GLAD)
    list(score_lines([{"text": "a", "target": "own"}, {"text": "b"}], Analyzer(model), target="given"))
    assert model.asked == [("a", "own"), ("b", "given")]


@pytest.mark.parametrize("line", [{}, {"text": None}, {"text": 3}, {"body": "x"}])
def test_a_line_without_text_is_named(line: dict[str, object]) -> None:
    with pytest.raises(ValueError, match='line 2 has no "text"'):
        list(score_lines([{"text": "ok"}, line], Analyzer(FixedModel(GLAD))))


def test_scoring_reads_no_more_lines_than_it_needs(tmp_path: Path) -> None:
    endless = ({"text": "最高"} for _ in iter(int, 1))
    assert next(score_lines(endless, Analyzer(FixedModel(GLAD))))["sentiment"] == "positive"


@pytest.mark.parametrize(
    ("text", "target", "asked"),
    [
        ("二度と行かない #ミナモ珈琲", "ミナモ珈琲", "二度と行かない ミナモ珈琲"),
        ("ミナモ珈琲なう\n#ミナモ珈琲", "ミナモ珈琲", "ミナモ珈琲なう"),
        ("ミナモ珈琲でラテ ＃カフェ #朝活", "ミナモ珈琲", "ミナモ珈琲でラテ カフェ 朝活"),
        ("番号は#1です", None, "番号は1です"),
        ("C# が好き", None, "C# が好き"),
    ],
)
def test_hashtags_are_plain_words_to_the_model(text: str, target: str | None, asked: str) -> None:
    model = FixedModel(GLAD)
    Analyzer(model).analyze([Request(text, target)])
    assert model.asked == [(asked, target)]
