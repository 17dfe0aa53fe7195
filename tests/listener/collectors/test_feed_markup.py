"""HTML to the words that a reader sees."""

from __future__ import annotations

import pytest

from listener.collectors.markup import looks_like_markup, plain, tidy


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<p>一段落<br>二行目</p><p>二段落</p>", "一段落\n二行目\n\n二段落"),
        ("a<br><br/>b", "a\n\nb"),
        ("<div>外<div>内</div></div>後", "外\n内\n後"),
        ("<ul><li>一<li>二</ul>", "一\n二"),
        ("<table><tr><td>甲</td><td>乙</td></tr><tr><td>丙</td></tr></table>", "甲 乙\n丙"),
        ("<pre>一\n二</pre>三\n四", "一\n二\n三 四"),
        ("<b>ミナモ</b>珈琲", "ミナモ珈琲"),
        ("&amp;&lt;&gt;&quot;&#39;&hellip;&#9312;&#x9ad9;&nbsp;終", "&<>\"'…①髙 終"),
        ("前<script>var a = '<p>隠れ</p>';</script>後", "前後"),
        ("前<style>p { color: red }</style>後", "前後"),
        ("前<span style='DISPLAY : none'>隠<b>れ</b><br>た</span>後", "前後"),
        ("前<p hidden>隠れ</p>後", "前後"),
        ("前<noscript>代わり</noscript><iframe>枠</iframe>後", "前後"),
        ("前<iframe src='x'/>後<script src='x'/>終", "前後終"),
        ("前<iframe src='x'>後", "前後"),
        ("前<script>var a = 1", "前"),
        ("前<!-- 閉じない", "前"),
        ("<a title='a > b' href='x'>題</a>", "題"),
        ("前<b", "前<b"),
        ("前<!-- <p>注</p> -->後", "前後"),
        ("<img alt='豆の写真' src='x.png'>です", "豆の写真です"),
        ("閉じ<b>ない</p>まま", "閉じない\n\nまま"),
        ("<svg><title>図</title><path d='M0'/></svg>後", "後"),
        ("<p>一\r\n   二\t三</p>", "一 二 三"),
        ("全角　空白", "全角　空白"),
        ("\x00印", "印"),
        ("", ""),
    ],
)
def test_plain(markup, expected):
    assert plain(markup) == expected


@pytest.mark.parametrize(
    "text", ["<b>", "</p>", "a<br/>b", "&amp;", "&#12345;", "&#x1f;", "<a href='x'>", "<!-- x -->"]
)
def test_markup(text):
    assert looks_like_markup(text)


@pytest.mark.parametrize(
    "text", ["3 < 5", "A & B", "(><)", "<3", "a <- b", "x > y", "&", "顔文字 <(_ _)>", "100<200>50"]
)
def test_no_markup(text):
    assert not looks_like_markup(text)


def test_tidy_keeps_lines_and_drops_the_rest():
    assert tidy("  一 \r\n\r\n\r\n\r\n 二\u00a0 三\t\t四 ") == "一\n\n二 三 四"


def test_an_unclosed_hidden_element_ends_with_its_parent():
    assert plain("<div>前<span style='display:none'>隠れ</div>後") == "前\n後"
    assert plain("<b>前<span hidden>隠れ<i>も</span>後") == "前後"


@pytest.mark.parametrize(
    "piece", ["<!--", "<a ", "<![", "<a href='", "<iframe>", "<p hidden>", "<script></script", "&a"]
)
def test_hostile_markup_is_read_in_one_pass(piece):
    assert isinstance(plain(piece * 20_000), str)  # minutes, if it were not
