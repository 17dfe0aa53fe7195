from __future__ import annotations

import pytest

from nlp.terms import terms


@pytest.mark.parametrize(
    ("text", "has", "has_not"),
    [
        ("落としたアイススコップを氷の中に戻してる", {"落とす", "アイススコップ", "スコップ", "氷"}, {"中", "為る"}),
        ("製氷機の衛生管理はどうなってるの？", {"製氷機", "衛生管理"}, {"どう", "成る"}),
        ("ミナモ珈琲の港通り店、汚い https://example.com/ice #炎上", {"港通り店", "汚い", "炎上"}, {"ミナモ", "https"}),
        ("The barista dropped an ice scoop on the floor", {"barista", "ice", "scoop", "floor"}, {"the", "on"}),
        ("3時間で12件 @someone@machi.example", set(), {"3", "12", "machi", "someone"}),
        ("", set(), set()),
    ],
)  # fmt: skip
def test_words_that_say_what_it_is_about(text: str, has: set[str], has_not: set[str]) -> None:
    found = terms(text, without=("ミナモ珈琲",))
    assert has <= found
    assert not has_not & found
