"""What cannot be read as a query: where, why, and what to write instead."""

from __future__ import annotations

import pytest

from listener.matching import QueryError, parse

BROKEN = [
    ("", 0, "empty", "write a word"),
    ("   ", 0, "empty", "write a word"),
    ("(ミナモ", 0, "never closed", "add )"),
    ("a (b OR (c)", 2, "never closed", "add )"),
    ("(", 0, "never closed", "add )"),
    ("ミナモ)", 3, "never opened", "take it out"),
    (")", 0, "never opened", "take it out"),
    ("a AND", 2, "nothing stands after AND", "write a word after it"),
    ("a OR", 2, "nothing stands after OR", "write a word after it"),
    ("a NOT", 2, "nothing stands after NOT", "write a word after it"),
    ("a NEAR/3", 2, "nothing stands after NEAR/3", "write a word after it"),
    ("a OR OR b", 2, "nothing stands after OR", "take it out"),
    ("OR b", 0, "nothing stands before OR", "in quotes"),
    ("(AND b)", 1, "nothing stands before AND", "in quotes"),
    ("NEAR/3 b", 0, "nothing stands before NEAR/3", "in quotes"),
    ("a ()", 2, "nothing stands between", "write a word"),
    ('a ""', 2, "phrase is empty", "between the quotes"),
    ("a “  ”", 2, "phrase is empty", "between the quotes"),
    ('ミナモ "珈琲', 4, "never closed", 'add "'),
    ("tilte:x", 0, "no field tilte:", "did you mean title:?"),
    ("foo:x", 0, "no field foo:", "in quotes"),
    ("title:", 0, "nothing stands after title:", "without a space"),
    ("a lang: ja", 2, "nothing stands after lang:", "without a space"),
    ("rating:good", 7, "wants a number", "rating:<=2"),
    ("rating:<=", 7, "wants a number", "rating:<=2"),
    ("followers:1万", 10, "wants a number", "followers:>1000"),
    ("lang:(ja OR en)", 5, "wants one value", "lang:a OR lang:b"),
    ("title:-x", 6, "wants one value", "title:value"),
    ("-a", 0, "only says what must not", "add a word"),
    ("NOT a AND NOT b", 0, "only says what must not", "add a word"),
    ("a OR -b", 0, "nearly every post", "AND NOT"),
    ("title:(-a)", 0, "only says what must not", "add a word"),
    ("a - b", 2, "stands alone", "-word"),
    ("a -", 2, "stands alone", "-word"),
    ("mi*mo", 2, "inside the word", "at the end"),
    ("*", 0, "* stands alone", "beginning of a word"),
    ("a *mo", 2, "inside the word", "at the end"),
    ("a ・", 2, "no letter", "write a word"),
    ("a NEAR b", 2, "wants a distance", "NEAR/10"),
    ("a NEAR/ b", 2, "wants a distance", "NEAR/10"),
    ("a NEAR/500 b", 2, "reaches 100", "AND"),
    ("lang:ja NEAR/3 b", 0, "cannot measure", "join words"),
    ("a NEAR/3 (b c)", 9, "cannot measure", "join words"),
    ("a NEAR/3 -b", 9, "cannot measure", "join words"),
    ("(" * 60 + "a" + ")" * 60, 50, "inside each other", "split"),
    ("a " * 20_000, 20_000, "longer than", "two topics"),
]


@pytest.mark.parametrize(
    ("text", "position", "message", "remedy"), BROKEN, ids=[row[0][:20] for row in BROKEN]
)
def test_a_broken_query_says_where_and_what_to_do(
    text: str, position: int, message: str, remedy: str
) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text)
    error = caught.value
    assert error.position == position
    assert message in error.message
    assert remedy in error.remedy
    assert f"character {position + 1}" in str(error)


def test_the_same_query_typed_in_full_width_is_the_same_tree() -> None:
    plain = parse('(ミナモ OR "a b") -広告 title:x NEAR/3 y'.replace("title:x ", "x "))
    wide = parse("（ミナモ　ＯＲ　”a b”）　－広告　x　ＮＥＡＲ／３　y")
    assert wide.root == plain.root
    assert parse("ｔｉｔｌｅ：x").root == parse("title:x").root


def test_parsing_twice_gives_one_object() -> None:
    assert parse("ミナモ 珈琲") is parse("ミナモ 珈琲")
