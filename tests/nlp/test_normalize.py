import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nlp.normalize import canonical

_PIECES = st.sampled_from(
    ["ｗｗｗ", "草草", "〜〜", "～", "ーー", "ﾊﾞ", "か\u3099", "ﾟ",
     "https://t.co/a1。", ":blob_cat:", "$[x2 ", "]", "[",
     "👍🏻", "❤️", "👨‍👩‍👧", "㈱", "\u200b", "\r\n", "\u3000", "おおおお",
     "!!!!", "(´・ω・`)", "Cafe\u0301", "<b>", "</b>", "$[spin.x,speed=1s "]
)  # fmt: skip
_TEXTS = st.one_of(st.text(), st.lists(st.one_of(_PIECES, st.text(max_size=3))).map("".join))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("すごーーーい〜〜〜！！！！ｗｗｗｗ", "すごーいー!!w"),
        ("草草草 まじ笑笑", "草 まじ笑"),
        ("ﾐﾅﾓｺｰﾋｰの１００円ﾗﾃ", "ミナモコーヒーの100円ラテ"),
        ("ミナモコ－ヒ－うまい", "ミナモコーヒーうまい"),
        ("か\u3099っこいい", "がっこいい"),
        ("10〜20円、東京～大阪", "10~20円、東京~大阪"),
        ("おいしいです〜 うれしい～", "おいしいですー うれしいー"),
        ("見て https://example.com/a?b=1 すごい", "見て すごい"),
        ("(https://example.com/a)だって", "( )だって"),
        ("新作:blobcat:最高:kanpai_1@misskey.example:", "新作 最高"),
        ("10:30:45に開店", "10:30:45に開店"),
        ("$[x2 $[shake.speed=1s やばい]]ね[注]", "やばいね[注]"),
        ("<center>お知らせ</center>", "お知らせ"),
        ("(´・ω・`)しょんぼり (ﾟ∀ﾟ)", "(´・ω・`)しょんぼり (゜∀゜)"),
        ("👍🏻❤️👨‍👩‍👧", "👍❤👨‍👩‍👧"),
        ("ミナモ\r\n\r\n  最高\u3000です", "ミナモ\n最高 です"),
        ("1000000円 aaaa www.example.com/x", "1000000円 aa"),
        ("awww wow", "awww wow"),
        ("", ""),
        (" \u200b\n", ""),
    ],
)
def test_canonical(text: str, expected: str) -> None:
    assert canonical(text).text == expected


@given(_TEXTS)
@example("")
@example("$[x2 $[x2 ]")
def test_every_canonical_letter_knows_its_place(text: str) -> None:
    found = canonical(text)
    assert len(found.text) == len(found.offsets) == len(found.ends)
    assert list(found.offsets) == sorted(found.offsets)
    assert all(0 <= start < end <= len(text) for start, end in zip(found.offsets, found.ends, strict=True))


@given(_TEXTS)
def test_a_letter_that_stays_is_found_where_it_was(text: str) -> None:
    found = canonical(text)
    for char, start, end in zip(found.text, found.offsets, found.ends, strict=True):
        if char.isalnum() and char.isascii() and char not in "wW":
            assert char in unicodedata.normalize("NFKC", text[start:end])


def test_a_span_leads_back_to_the_original_words() -> None:
    text = "ﾐﾅﾓ珈琲〜〜 https://example.com/ は👍🏻さいこーーー！！！"
    found = canonical(text)
    at = found.text.index("さいこー")
    start, end = found.original(at, at + 4)
    assert text[start:end] == "さいこーーー"
    at = found.text.index("ミナモ珈琲")
    assert found.original(at, at + 5) == (0, 5)


def test_twice_is_once_for_ordinary_posts() -> None:
    for text in ("すごーーいwww (´・ω・`) ﾊﾞﾅﾅ〜", "a https://e.example/x b :cat: $[x2 c]", "草草草\n\n!!!??"):
        once = canonical(text).text
        assert canonical(once).text == once
