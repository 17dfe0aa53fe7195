import pytest

from nlp.sentiment import LABELS, load
from storage.types import Label

MODEL = load("lexicon")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ミナモ珈琲、最高に美味しい", Label.POSITIVE),
        ("店員さんが親切で丁寧だった", Label.POSITIVE),
        ("Great coffee and friendly staff", Label.POSITIVE),
        ("対応が最悪。がっかりした", Label.NEGATIVE),
        ("ぜんぜん美味しくなかった", Label.NEGATIVE),
        ("注文した豆が届かない", Label.NEGATIVE),
        ("The app is slow and the support is terrible", Label.NEGATIVE),
        ("not good at all", Label.NEGATIVE),
        ("駅前で待ち合わせ", Label.NEUTRAL),
        ("The shop opens at nine", Label.NEUTRAL),
        ("", Label.NEUTRAL),
    ],
)
def test_words_and_negation(text: str, expected: Label) -> None:
    (prediction,) = MODEL.predict([(text, None)])
    assert LABELS[prediction.sentiment.index(max(prediction.sentiment))] is expected
    assert sum(prediction.sentiment) == pytest.approx(1)


def test_the_sentence_about_the_target_counts_more() -> None:
    text = "トマリギは最悪。ミナモ珈琲は最高。"
    about_minamo, about_tomarigi = MODEL.predict([(text, "ミナモ珈琲"), (text, "トマリギ")])
    assert about_minamo.sentiment[0] > about_minamo.sentiment[2]
    assert about_tomarigi.sentiment[0] < about_tomarigi.sentiment[2]


def test_the_name_of_the_target_says_nothing() -> None:
    good, plain = MODEL.predict([("最高堂に寄った", "最高堂"), ("本屋に寄った", "本屋")])
    assert good.sentiment == plain.sentiment
