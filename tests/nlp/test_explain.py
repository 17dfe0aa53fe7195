"""Which words moved a score: with a model whose answers can be worked out, and with the shipped one."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from nlp.analyze import Analyzer, Request
from nlp.explain import Explanation, explain, fields
from nlp.sentiment import Prediction, SentimentModel, Thresholds, load
from nlp.sentiment.transformer import BUNDLED, graph_model

POINTS = {"最高": 0.4, "おいしくない": -0.5, "最悪": -0.6, "😊": 0.2, "great": 0.3, "not great": -0.6}
REVIEW = (
    "先週、家族で旅館に泊まりました。駅から送迎がありました。部屋は広くて窓から海が見えました。"
    "夕食の時間は七時でした。料理は刺身も天ぷらも最高でした。お風呂は二階にあります。朝食は八時からです。"
    "受付のあたりに土産物の売店がありました。荷物は預かってもらいました。値段は一人二万円でした。"
)


class AddingModel:
    """Adds points for words, and a little for being told a target."""

    name = "adding-1"
    thresholds = Thresholds()

    def __init__(self) -> None:
        self.letters = 0

    def predict(self, texts: Sequence[tuple[str, str | None]]) -> list[Prediction]:
        self.letters += sum(len(text) for text, _ in texts)
        return [self._judge(text, target) for text, target in texts]

    def _judge(self, text: str, target: str | None) -> Prediction:
        points = sum(value for word, value in POINTS.items() if word in text) + (0.1 if target else 0)
        if "おいしくない" in text or "not great" in text:
            points -= POINTS["great"] if "great" in text else 0
        score = max(-0.9, min(0.9, points))
        return Prediction((max(score, 0), 1 - abs(score), max(-score, 0)))


@pytest.fixture(scope="module")
def bundled() -> SentimentModel:
    return load("bundled")


def told(text: str, target: str | None = None, model: SentimentModel | None = None) -> Explanation:
    return explain(Request(text, target), Analyzer(model or AddingModel()))


def effects(explanation: Explanation) -> dict[str, float]:
    return {part.text: part.effect for part in explanation.parts}


def test_each_phrase_has_its_effect_and_all_add_up() -> None:
    found = told("ラテは最高だけど ケーキがおいしくない😊")
    shown = effects(found)
    assert shown["最高だけど"] == pytest.approx(0.4, abs=0.01)
    assert shown["おいしくない"] == pytest.approx(-0.5, abs=0.01)
    assert shown["😊"] == pytest.approx(0.2, abs=0.01)
    assert sum(shown.values()) == pytest.approx(found.analysis.sentiment.score, abs=0.01)
    assert [(part.text, part.strength) for part in found.telling] == [
        ("おいしくない", 3), ("最高だけど", 3), ("😊", 2)
    ]  # fmt: skip


def test_parts_are_pieces_of_the_original_text() -> None:
    text = "ﾗﾃは最高〜〜〜！！\n https://x.example/最高 ＃ラテ　(´；ω；`)"
    found = told(text)
    assert all(text[part.start : part.end] == part.text for part in found.parts)
    assert {part.kind for part in found.parts} == {"word", "link", "tag", "kaomoji"}


def test_the_effect_of_the_target_is_told() -> None:
    found = told("最高", "ミナモ珈琲")
    assert found.analysis.sentiment.score == pytest.approx(0.5)
    assert found.score_untold == pytest.approx(0.4)
    assert told("最高").score_untold is None


def test_a_tag_that_the_model_does_not_read_has_no_effect() -> None:
    found = told("ミナモ珈琲は最高 #ミナモ珈琲", "ミナモ珈琲")
    assert next(part.strength for part in found.parts if part.kind == "tag") == 0


@pytest.mark.parametrize("text", ["", "  \n", "https://x.example/", "\u200b"])
def test_a_text_without_words_has_no_parts(text: str) -> None:
    found = told(text, "ミナモ珈琲")
    assert (found.parts, found.score_untold, found.analysis.sentiment.confidence) == ((), None, 0)


def test_a_rule_is_named_with_its_words() -> None:
    said = fields(told("#PR ミナモ珈琲は最高", "ミナモ珈琲"))["disclosure"]
    assert (said["kind"], said["rule"]) == ("sponsored", "hashtag")
    assert said["evidence"] == {"start": 0, "end": 3, "text": "#PR"}
    json.dumps(said)


def test_a_long_text_is_explained_where_it_matters() -> None:
    model = AddingModel()
    found = told(REVIEW, model=model)
    best = found.telling[0]
    assert "最高" in best.text
    assert len(best.text) < 10
    assert {part.kind for part in found.parts} == {"word", "sentence"}
    assert model.letters < 64 * len(REVIEW)


@pytest.mark.parametrize(
    "text", ["最高の味です。" * 3000, "あ" * 30_000, "最悪 " * 4000, "\n".join("最高最悪")]
)
def test_the_cost_has_a_bound(text: str) -> None:
    model = AddingModel()
    told(text, "味", model)
    assert model.letters < 64 * 20_000


def test_nothing_is_left_in_the_memory() -> None:
    model = graph_model(BUNDLED)
    told("ラテは最高だけど店員が最悪", "ラテ", model)
    assert len(model._memory._found) == 1  # the text itself


@pytest.mark.parametrize(
    ("text", "target", "up", "down"),
    [
        ("味は悪くないけど値段が高すぎる", "ミナモ珈琲", ["味は"], ["高すぎる"]),
        ("新作ラテ、最高においしい！", "ミナモ珈琲", ["おいしい！"], []),
        ("店員の態度が最悪だった。二度と行かない", "ミナモ珈琲", [], ["最悪だった。", "行かない"]),
        ("Not good at all. Worst experience ever.", "Minamo", [], ["Not good", "Worst"]),
        ("おいしくない", None, [], ["おいしくない"]),
    ],
)
def test_the_shipped_model_is_explained_as_a_reader_would(
    bundled: SentimentModel, text: str, target: str | None, up: list[str], down: list[str]
) -> None:
    found = told(text, target, bundled)
    shown = effects(found)
    assert all(shown[word] > 0.04 for word in up)
    assert all(shown[word] < -0.04 for word in down)
    assert sum(shown.values()) == pytest.approx(found.analysis.sentiment.score, abs=0.01)
    assert told(text, target, bundled) == found


def test_the_word_list_is_explained_too() -> None:
    found = told("最高だった", model=load("lexicon"))
    assert found.telling[0].effect > 0
