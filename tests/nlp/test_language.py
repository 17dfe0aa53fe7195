import pytest

from nlp.language import detect


@pytest.mark.parametrize(
    ("text", "declared", "expected"),
    [
        ("ミナモ珈琲の新作おいしかった", None, "ja"),
        ("最高", None, "ja"),
        ("返金対応中", None, "ja"),
        ("ミナモ", None, "ja"),
        ("神", "en", "ja"),
        ("ｽｺﾞｲ", None, "ja"),
        ("質量很好，我很喜欢", None, "zh"),
        ("這個很好吃嗎", None, "zh"),
        ("最高", "zh", "zh"),
        ("감사합니다 좋아요", None, "ko"),
        ("This is the worst app I have ever used", None, "en"),
        ("I love ミナモ珈琲 so much, best coffee in the whole town", None, "en"),
        ("LOVE THIS SHOP SO MUCH", None, "en"),
        ("great product", None, "en"),
        ("ヽ(´ー｀)ノ good coffee today, my friends", None, "en"),
        ("Das ist wirklich ein sehr gutes Produkt", None, "de"),
        ("C'est vraiment un très mauvais service", None, "fr"),
        ("Minamo latte", None, "und"),
        ("Minamo latte", "en-US", "en"),
        ("😊😊", None, "und"),
        ("😊😊", "ja", "ja"),
        ("https://example.com/コーヒー", "ja_JP", "ja"),
        ("(´・ω・`)", None, "und"),
        ("", None, "und"),
        ("ok", "und", "en"),
    ],
)
def test_detect(text: str, declared: str | None, expected: str) -> None:
    assert detect(text, declared) == expected
