"""Which texts a query is about. The tables are the specification; each row names its trap."""

from __future__ import annotations

import pytest

from listener.matching import match, parse, query_for
from storage.types import Author, Post, Topic
from tests.listener.matching.posts import post


def found(query: str, text: str, **fields: object) -> list[str] | None:
    spans = match(parse(query), post(text, **fields))
    return None if spans is None else [span.text for span in spans]


SAME = [
    ("ミナモ", "駅前のミナモで一息", "ミナモ", "katakana between hiragana"),
    ("ミナモ", "ﾐﾅﾓで一息", "ﾐﾅﾓ", "half width"),
    ("ﾐﾅﾓ", "駅前のミナモで", "ミナモ", "a query in half width"),
    ("ミナモ", "「みなも」に寄った", "みなも", "hiragana"),
    ("みなも", "昨日ミナモへ", "ミナモ", "a query in hiragana"),
    ("ガーデン", "ｶﾞｰﾃﾞﾝ席", "ｶﾞｰﾃﾞﾝ", "half-width voicing marks: two characters, one letter"),
    ("ガーデン", "か\u3099ーてﾞん", "か\u3099ーてﾞん", "voicing marks that combine"),
    ("ミナモコーヒー", "ミナモ・コーヒーの豆", "ミナモ・コーヒー", "middle dot in the text"),
    ("ミナモコーヒー", "ミナモ コーヒーの豆", "ミナモ コーヒー", "space in the text"),
    ("ミナモコーヒー", "ミナモ\u3000コーヒーの豆", "ミナモ\u3000コーヒー", "full-width space in the text"),
    ("ミナモコーヒー", "ﾐﾅﾓ･ｺｰﾋｰの豆", "ﾐﾅﾓ･ｺｰﾋｰ", "half-width middle dot"),
    ("ミナモ・コーヒー", "ミナモコーヒーの豆", "ミナモコーヒー", "middle dot in the query only"),
    ('"ミナモ コーヒー"', "ミナモコーヒーの豆", "ミナモコーヒー", "space in the query only"),
    ('"ミナモ 珈琲"', "ミナモ珈琲の豆", "ミナモ珈琲", "space between katakana and kanji"),
    ("ミナモコーヒー", "ミナモコ－ヒ－の豆", "ミナモコ－ヒ－", "full-width minus for ー"),
    ("ミナモコーヒー", "ミナモコ―ヒ―の豆", "ミナモコ―ヒ―", "dash for ー"),
    ("ミナモコーヒー", "ミナモコ-ヒ-の豆", "ミナモコ-ヒ-", "hyphen for ー"),
    ("コーヒー", "コ〜ヒ〜のみたい", "コ〜ヒ〜", "wave dash"),
    ("コーヒー", "コ～ヒ～のみたい", "コ～ヒ～", "full-width tilde"),
    ("ミナモ", "ミナモ〜最高", "ミナモ", "a wave after the name is no part of it"),
    ("ミナモ", "ミナモ－公式サイト", "ミナモ", "a dash after the name is no part of it"),
    ("minamo", "ＭＩＮＡＭＯは良い", "ＭＩＮＡＭＯ", "full-width Latin, upper case"),
    ("MINAMO", "minamo's beans", "minamo", "apostrophe"),
    ("café", "CAFE MINAMO", "CAFE", "accent in the query"),
    ("cafe", "un Cafe\u0301 noir", "Cafe\u0301", "accent that combines"),
    ('"minamo coffee"', "Minamo  Coffee!", "Minamo  Coffee", "two spaces"),
    ('"minamo coffee"', "minamo-coffee shop", "minamo-coffee", "hyphen between Latin words"),
    ('"minamo coffee"', "at Minamo\nCoffee today", "Minamo\nCoffee", "a line that wraps"),
    ("高島屋", "日本橋髙島屋へ", None, "old form, but inside a run of kanji without a tokenizer"),
    ("高島屋", "「髙島屋」へ", "髙島屋", "old form of 高"),
    ("茅ヶ崎", "茅ケ崎の海", "茅ケ崎", "small and large ke"),
    ("ミナモ", "ミナ\u200bモに来た", "ミナ\u200bモ", "a character of no width inside"),
    ("キロ", "重さは㌔で", "㌔", "one character that stands for the whole word"),
    ("株式会社", "㍿みなも", "㍿", "squared company"),
    ("C++", "we write C++ here", "C++", "a word that ends in signs"),
    ("Yahoo!", "Yahoo！ニュース", "Yahoo！", "full-width sign"),
    ("100", "100円", "100", "a number before a kanji"),
    ("🍵", "一息🍵した", "🍵", "emoji"),
    ("らーめん", "「らーめん」を食べた", "らーめん", "ー in hiragana"),
]


@pytest.mark.parametrize(("query", "text", "expected", "why"), SAME, ids=[row[3] for row in SAME])
def test_the_same_word_written_differently(query: str, text: str, expected: str | None, why: str) -> None:
    assert found(query, text) == (None if expected is None else [expected])


TRAPS = [
    ("カフェ", "カフェインレスが好き"),
    ("カフェ", "ネットカフェ"),
    ("京都", "東京都に住む"),
    ("ミナモ", "源はミナモトと読む"),
    ("みなも", "いまのみなもとは"),
    ("稲荷", "伏見稲荷大社"),
    ("inari", "luminarias"),
    ("LINE", "ONLINE"),
    ("LINE", "LINER notes"),
    ("LINE", "ＯＮＬＩＮＥストア"),
    ("line", "line_height"),
    ("カレ", "カレーを食べた"),
    ("ロ", "㌔は"),
    ("コーヒー", "アイスコーヒーメーカー"),
    ('"minamo coffee"', "minamocoffee"),
    ("minamocoffee", "minamo coffee"),
    ("ミナモコーヒー", "ミナモ\nコーヒー"),
    ("京都", "東京 都合"),
    ("みなも", "はみ なもの"),
    ("ミナモ", "ミナモ゙"),  # a voicing mark makes another letter of it
]


@pytest.mark.parametrize(("query", "text"), TRAPS)
def test_letters_inside_a_longer_word_are_not_the_word(query: str, text: str) -> None:
    assert found(query, text) is None


def edges_of(*words: str) -> frozenset[int]:
    edges, at = {0}, 0
    for word in words:
        at += len(word)
        edges.add(at)
    return frozenset(edges)


@pytest.mark.parametrize(
    ("query", "words", "expected"),
    [
        ("京都", ("京都", "市", "に", "行く"), True),
        ("京都", ("東京", "都", "に", "行く"), False),
        ("みなも", ("はい", "みなも", "に", "行く"), True),
        ("みなも", ("みなもと", "は"), False),
        ("コーヒー", ("アイス", "コーヒー", "を"), True),
        ("LINE", ("ON", "LINE"), False),
    ],
)
def test_a_tokenizer_opens_a_run_of_one_script(query: str, words: tuple[str, ...], expected: bool) -> None:
    text = "".join(words)
    assert (match(parse(query), post(text), boundaries=lambda _: edges_of(*words)) is not None) is expected


def test_the_tokenizer_is_asked_only_when_scripts_do_not_decide() -> None:
    asked: list[str] = []

    def boundaries(text: str) -> frozenset[int]:
        asked.append(text)
        return frozenset()

    match(parse("ミナモ OR 珈琲"), post("ミナモの珈琲を"), boundaries=boundaries)
    assert asked == []
    match(parse("京都 OR 都"), post("東京都へ"), boundaries=boundaries)
    assert asked == ["東京都へ"]


@pytest.mark.parametrize("text", ["ミナモ珈琲店", "ミナモ珈琲新宿店", "自家焙煎ミナモ珈琲", "新ミナモ珈琲"])
def test_a_name_of_mixed_script_may_stand_among_kanji(text: str) -> None:
    assert found("ミナモ珈琲", text) == ["ミナモ珈琲"]


LOGIC = [
    ("a b", "b then a", True),
    ("a b", "a alone", False),
    ("a AND b", "b a", True),
    ("a OR b c", "a", True),
    ("a OR b c", "b", False),
    ("(a OR b) c", "a", False),
    ("（a OR b） c", "c b", True),
    ("a ＯＲ b", "b", True),
    ("a -b", "a b", False),
    ("a －b", "a b", False),
    ("a -b", "a", True),
    ("a NOT b", "a b", False),
    ("a AND NOT b", "a", True),
    ('a -"b c"', "a b c", False),
    ('a -"b c"', "a b x c", True),
    ("a -(b OR c)", "a c", False),
    ("a (b OR -c)", "a", True),
    ("a (b OR -c)", "a c", False),
    ("“a b”", "a b", True),
    ("”a b”", "a x b", False),
    ("a or b", "a b", False),  # small letters are words
    ("a or b", "a or b", True),
    ('"OR"', "this OR that", True),
    ("minamo*", "minamoto", True),
    ("*".join(["珈琲", ""]), "珈琲店", True),
    ("珈琲＊", "珈琲店", True),
    ("minamo*", "luminamo", False),
    ('"minamo cof*"', "minamo coffee", True),
    ("a NEAR/0 b", "a b", True),
    ("a NEAR/2 b", "a x y b", True),
    ("a NEAR/2 b", "a x y z b", False),
    ("a NEAR/2 b", "b x y a", True),
    ("カビ NEAR/5 ミナモ", "ミナモの袋にカビ", True),
    ("カビ NEAR/3 ミナモ", "ミナモの袋の中にカビ", False),
    ("(a OR b) NEAR/1 c", "b x c", True),
    ("a NEAR/1 b NEAR/1 c", "a b c", True),
    ("a NEAR/1 a", "a", False),  # one place is not two
    ("a NEAR/1 b OR c", "c", True),
    ("a -b NEAR/1 c", "a b x", True),
    ("http://minamo.example", "see http://minamo.example today", True),
    ("注意：a", "注意：a", True),
]


@pytest.mark.parametrize(("query", "text", "expected"), LOGIC)
def test_logic(query: str, text: str, expected: bool) -> None:
    assert (found(query, text) is not None) is expected


def review(**fields: object) -> Post:
    author = Author("appstore", "u1", handle="Taro@cafe.example", name="珈琲 太郎", followers=1200)
    known = {"title": "新作のご案内", "url": "https://www.note.com/minamo/n/1", "author": author, "lang": "ja-JP",
             "rating": 2.0, "source": "アプリ レビュー", "platform": "appstore",
             "tags": ("ミナモ珈琲", "#PR")}  # fmt: skip
    return post("ミナモは本文", **{**known, **fields})


FIELDS = [
    ("title:新作", True),
    ("title:ミナモ", False),
    ('title:"新作のご案内"', True),
    ("title:(新作 OR 旧作)", True),
    ("title:(新作 -案内)", False),
    ("title:(新作 -旧作)", True),
    ("title:案*", True),
    ("title:内*", False),
    ("ミナモ -title:新作", False),
    ("ミナモ －title:旧作", True),
    ("author:taro", True),
    ("author:@TARO@cafe.example", True),
    ('author:"珈琲 太郎"', True),
    ("author:ta", False),
    ("author:ta*", True),
    ("lang:ja", True),
    ("lang:en", False),
    ("site:note.com", True),
    ("site:www.note.com/minamo", True),
    ("site:note.com/other", False),
    ("site:ote.com", False),
    ('source:"アプリ レビュー"', True),
    ("source:アプリ", False),
    ("source:アプリ*", True),
    ("platform:appstore", True),
    ("rating:<=2", True),
    ("rating:<2", False),
    ("rating:2", True),
    ("rating:＞＝２", True),
    ("rating:≦2", True),
    ("rating:>2.5", False),
    ("followers:>1,000", True),
    ("followers:<1000", False),
    ("#ミナモ珈琲", True),
    ("#ミナモ*", True),
    ("#ミナモ", False),
    ("＃pr", True),
    ("-#pr ミナモ", False),
]


@pytest.mark.parametrize(("query", "expected"), FIELDS)
def test_fields(query: str, expected: bool) -> None:
    assert (match(parse(query), review()) is not None) is expected


@pytest.mark.parametrize(
    "query", ["rating:<=5", "rating:>=0", "followers:>=0", "author:taro", "site:note.com"]
)
def test_what_a_source_does_not_say_meets_no_condition(query: str) -> None:
    silent = review(rating=None, author=None, url="")
    assert match(parse(query), silent) is None
    assert match(parse(f"ミナモ -{query}"), silent) is not None


@pytest.mark.parametrize(
    ("text", "lang"),
    [("みなも", "ja"), ("I like it", "en"), ("很好喝", ""), ("123", "en"), ("今日は minamo", "ja")],
)
def test_language_is_guessed_when_the_source_is_silent(text: str, lang: str) -> None:
    met = {code for code in ("ja", "en") if match(parse(f"lang:{code}"), post(text)) is not None}
    assert met == ({lang} if lang else set())


MARKED = [
    ("#minamo", "love #Minamo!", ["#Minamo"]),
    ("#minamo", "love #minamocoffee", None),
    ("#minamo", "love # minamo", None),
    ("#minamo", "minamo", None),
    ("#ミナモ珈琲", "新作＃ﾐﾅﾓ珈琲", ["＃ﾐﾅﾓ珈琲"]),
    ("#ミナモ珈琲", "#ミナモ珈琲最高", None),
    ("#ミナモ珈琲", "#ミナモ 珈琲", None),
    ("#ミナモ*", "#ミナモ珈琲最高", ["#ミナモ"]),
    ("@minamo", "@minamo さん", ["@minamo"]),
    ("@minamo", "@minamoさん", ["@minamo"]),
    ("@minamo", "info@minamo.example", None),
    ("@minamo", "@minamo.coffee", None),
    ("@minamo", "thanks @minamo.", ["@minamo"]),
    ("ミナモ", "#ミナモ", ["ミナモ"]),
]


@pytest.mark.parametrize(("query", "text", "expected"), MARKED)
def test_tags_and_handles(query: str, text: str, expected: list[str] | None) -> None:
    assert found(query, text) == expected


def test_spans_are_offsets_into_title_and_text() -> None:
    one = post("一杯のﾐﾅﾓ珈琲とＭＩＮＡＭＯ", title="ミナモの朝")
    spans = match(parse("ミナモ OR ミナモ珈琲 OR minamo"), one) or ()
    assert [(span.text, span.why) for span in spans] == [
        ("ミナモ", "ミナモ"),
        ("ﾐﾅﾓ珈琲", "ミナモ珈琲"),
        ("ＭＩＮＡＭＯ", "minamo"),
    ]
    assert all(one.full_text[span.start : span.end] == span.text for span in spans)


def test_a_phrase_does_not_run_from_the_title_into_the_text() -> None:
    assert match(parse('"minamo coffee"'), post("Coffee news", title="Minamo")) is None
    assert match(parse('"minamo coffee"'), post("Minamo\nCoffee news")) is not None


def test_a_post_that_repeats_a_word_shows_enough_of_it() -> None:
    spans = match(parse("ミナモ"), post("ミナモ " * 1000)) or ()
    assert len(spans) == 100


def test_a_topic_without_query_is_its_brand_or_an_alias() -> None:
    topic = Topic("t", "ミナモ珈琲", ("minamo coffee", "AND"))
    query = query_for(topic)
    assert [match(query, post(text)) is not None for text in ("ミナモ珈琲!", "Minamo Coffee", "x AND y", "珈琲")] == [
        True, True, True, False,
    ]  # fmt: skip
    assert query_for(Topic("t", "x", query="珈琲")) == parse("珈琲")


def test_excluded_words_leave_no_span() -> None:
    assert found("ミナモ -広告", "ミナモの話") == ["ミナモ"]
    assert found('source:toots -"x"', "ミナモの話") == []
