"""A text cut into phrases, as a table."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.phrases import phrases, sentences


def cut(text: str, target: str | None = None) -> list[str]:
    return [text[one.start : one.end] for one in phrases(text, target)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("おいしくない", "おいしくない"),
        ("おいしくはない", "おいしくはない"),
        ("味は悪くないけど値段が高すぎる", "味は|悪くないけど|値段が|高すぎる"),
        ("問題ありません", "問題ありません"),
        ("文句のつけようがない", "文句の|つけようがない"),
        ("すごく良いわけではない", "すごく|良いわけではない"),
        ("嫌いじゃない", "嫌いじゃない"),
        ("二度と行かない", "二度と|行かない"),
        ("店員さんが来てくれなかった", "店員さんが|来てくれなかった"),
        ("食べたくなくなってきた", "食べたくなくなってきた"),
        ("落ちまくって使い物にならない", "落ちまくって|使い物にならない"),
        ("使わへん", "使わへん"),
        ("ご対応が40分も遅い", "ご対応が|40分も|遅い"),
        ("「最高」とは言えない。", "「最高」とは|言えない。"),
        ("感動しました😊😊(´；ω；`)", "感動しました|😊😊|(´；ω；`)"),
        ("最高(^o^)／", "最高|(^o^)／"),
        ("(でも、良い)", "(でも、|良い)"),
        ("良かった #カフェ https://x.example/a?b=1", "良かった|#カフェ|https://x.example/a?b=1"),
        ("@nagisa 👍🏽👨‍👩‍👧", "@nagisa|👍🏽👨‍👩‍👧"),
        ("Not good at all, I don't like it.", "Not good|at all,|I don't like|it."),
        ("Appleはよくない", "Appleは|よくない"),
        ("最高。でも高い！？ねえ", "最高。|でも|高い！？|ねえ"),
        ("", ""),
        (" \n\u3000", ""),
    ],
)
def test_a_phrase_keeps_its_ending_and_its_negation(text: str, expected: str) -> None:
    assert "|".join(cut(text)) == expected


def test_the_target_is_a_phrase_of_its_own() -> None:
    found = phrases("やっぱりミナモ珈琲で #ミナモ珈琲", "ミナモ珈琲")
    assert [one.kind for one in found] == ["word", "target", "tag"]
    assert cut("やっぱりミナモ珈琲で", "ミナモ珈琲") == ["やっぱり", "ミナモ珈琲で"]


def test_kinds() -> None:
    text = "最高😊 (*´ω｀*) https://x.example :blobcat: #朝活"
    assert [one.kind for one in phrases(text)] == ["word", "emoji", "kaomoji", "link", "emoji", "tag"]


def test_sentences_end_at_marks_and_lines() -> None:
    text = "最高。また行く！\nただ高い"
    groups = sentences(text, phrases(text))
    assert [text[group[0].start : group[-1].end] for group in groups] == ["最高。", "また行く！", "ただ高い"]


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="ミナモ珈琲最悪ないabc'#@:😊(´ω`)「」。 \n\u3000\ud800\x00ｗ12", max_size=40))
def test_phrases_stand_in_order_and_lose_nothing_but_space(text: str) -> None:
    found = phrases(text, "ミナモ")
    edges = [edge for one in found for edge in (one.start, one.end)]
    assert edges == sorted(edges)
    assert all(one.start < one.end for one in found)
    left = "".join(
        char for at, char in enumerate(text) if not any(one.start <= at < one.end for one in found)
    )
    assert not "".join(char for char in left if char.isprintable()).strip()
