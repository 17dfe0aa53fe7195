from __future__ import annotations

from listener.matching import explain, parse
from tests.listener.matching.posts import post


def test_the_tree_says_which_part_matched_where() -> None:
    query = parse("(ミナモ OR カフェ) 珈琲 NEAR/5 朝 -広告 rating:<=2")
    lines = explain(query, post("毎朝のカフェイン、今日もミナモの珈琲で朝を始める", rating=1.0))
    assert lines == (
        "✓ all of these",
        "  ✓ any of these",
        "    ✓ “ミナモ” — found: …のカフェイン、今日も[ミナモ]の珈琲で朝を始める",
        "    ✗ “カフェ” — only inside a longer word: カフェイン",
        "  ✓ within 5 of each other",
        "    ✓ “珈琲” — found: …イン、今日もミナモの[珈琲]で朝を始める",
        "    ✓ “朝” — found: …今日もミナモの珈琲で[朝]を始める",
        "  ✓ must not be there",
        "    ✗ “広告” — not found",
        "  ✓ rating <= 2",
    )


def test_in_japanese() -> None:
    lines = explain(parse("京都 #pr title:x @minamo"), post("東京都", title="y", tags=("PR",)), lang="ja")
    assert lines == (
        "✗ 次のすべて",
        "  ✗ “京都” — 長い単語の一部のため対象外：東京都",
        "  ✓ “#pr” — 投稿のタグにあり",
        "  ✗ タイトルの中",
        "    ✗ “x” — なし",
        "  ✗ “@minamo” — なし",
    )


def test_many_places_are_counted() -> None:
    assert explain(parse("a"), post("a a a")) == ("✓ “a” — found: [a] a a and 2 more",)
