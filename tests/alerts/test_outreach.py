"""Every draft: why we write, how to say no, what to disclose; and nothing that buys praise."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from string import Formatter

import pytest

from alerts.outreach import GIVES, Draft, Purpose, Sender, draft, quoted
from alerts.words_outreach import EN, JA
from storage.types import Author, Label
from tests.alerts.made import mention

AUTHOR = Author("mastodon", "7", handle="asa", name="あさ")
SENDER = Sender("ミナモ珈琲", "佐藤", "pr@minamo.example.jp", 400)
POST = mention(
    5, "ミナモ珈琲の朝ラテ、並んででも飲む価値がある。", label=Label.POSITIVE, author=AUTHOR,
    at=datetime(2026, 11, 21, 22, 0, tzinfo=UTC), url="https://social.example.jp/@asa/5",
)  # fmt: skip
ALL = [(purpose, lang) for purpose in Purpose for lang in ("ja", "en")]

_GIFT = r"(特典|謝礼|お礼|プレゼント|進呈|ポイント|割引|差し上げ)"
FORBIDDEN = {
    "a reward for praise": rf"(高評価|良い(口コミ|感想|評価)|好意的|ポジティブ|褒め|宣伝).{{0,20}}{_GIFT}",
    "a reward for posting": (
        r"(投稿|レビュー|口コミ|掲載).{0,10}(いただ(ければ|けたら|くと|いた方)|すると).{0,20}" + _GIFT
    ),
    "asks for praise": (
        r"(良い|高い|好意的な|ポジティブな)(口コミ|評価|感想|レビュー|投稿)を(お願い|書いて|いただ|投稿)"
        r"|星5|★5|高評価をお願い"
    ),
    "asks to hide something": (
        r"(悪い|否定的な|ネガティブな|気になる)(点|こと|内容)?.{0,6}(書かない|控え|削除して|触れない)"
    ),
    "asks to hide the tie": r"(PR|関係).{0,8}(隠|伏せ|表示しない|書かない)",
    "in English": (
        r"(reward|gift|pay|discount|coupon)[^.\n]{0,30}\bfor (your |a )?(praise|good|positive|post|review)"
        r"|in exchange for|(positive|good|great|five-star|5-star) (review|post|word|feedback)"
        r"|please (praise|recommend|like|share)"
    ),
}


def letter(purpose: Purpose, lang: str = "ja", **more: object) -> Draft:
    return draft(purpose, AUTHOR, POST, SENDER, lang=lang, timezone="Asia/Tokyo", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(("purpose", "lang"), ALL)
def test_a_draft_has_everything_it_must_have(purpose: Purpose, lang: str) -> None:
    made = letter(purpose, lang)
    said = made.body
    assert "ミナモ珈琲の朝ラテ、並んででも飲む価値がある。" in said
    assert "https://social.example.jp/@asa/5" in said
    assert ("2026年11月22日" if lang == "ja" else "22 November 2026") in said
    assert "Mastodon" in said
    assert said.count("pr@minamo.example.jp") >= 3  # to say no, about the data, in the signature
    assert "佐藤" in said
    assert "#PR" in said
    assert ("景品表示法" if lang == "ja" else "the law asks for it") in said
    assert ("400日で削除" if lang == "ja" else "deleted 400 days") in said
    assert ("不要な場合" if lang == "ja" else "left alone for good") in said
    assert "{" not in said + made.subject
    assert made.mention_id == 5


@pytest.mark.parametrize(("purpose", "lang"), ALL)
def test_no_draft_buys_praise(purpose: Purpose, lang: str) -> None:
    made = letter(purpose, lang)
    text = f"{made.subject}\n{made.body}"
    found = {name: re.findall(pattern, text, re.IGNORECASE) for name, pattern in FORBIDDEN.items()}
    assert {name: hits for name, hits in found.items() if hits} == {}


@pytest.mark.parametrize(
    "promise",
    [
        "高評価をいただいた方に特典を差し上げます",
        "ご投稿いただければプレゼントを進呈します",
        "良い口コミをお願いします",
        "気になる点は書かないでください",
        "PRの表示は伏せてください",
        "a discount for your review",
        "Please share a positive review in exchange for a coupon",
    ],
)
def test_the_scan_would_find_a_promise(promise: str) -> None:
    assert any(re.search(pattern, promise, re.IGNORECASE) for pattern in FORBIDDEN.values())


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_what_gives_something_asks_to_mark_it_at_the_beginning(lang: str) -> None:
    for purpose in Purpose:
        rule = "本文のはじめに" if lang == "ja" else "at the beginning"
        assert (rule in letter(purpose, lang).body) or purpose not in GIVES
    none = "提供はありません" if lang == "ja" else "nothing of value is given"
    assert none in letter(Purpose.QUOTE, lang).body
    assert none in letter(Purpose.THANKS, lang).body


def test_both_languages_have_the_same_parts() -> None:
    assert set(JA) == set(EN)
    for key in JA:
        names = [{name for _, name, _, _ in Formatter().parse(said[key]) if name} for said in (JA, EN)]
        assert key.startswith("body.") or names[0] == names[1], key  # a body may name the brand or say "we"


def test_a_stranger_cannot_write_into_the_letter() -> None:
    odd = mention(6, "{contact} {brand.__class__} {0} %s", label=Label.POSITIVE, author=AUTHOR)
    made = draft(Purpose.THANKS, AUTHOR, odd, SENDER, lang="ja", timezone="Asia/Tokyo")
    assert "「{contact} {brand.__class__} {0} %s」" in made.body


def test_a_letter_needs_an_address_to_answer_to() -> None:
    nobody = Sender("ミナモ珈琲", "", " ", 400)
    with pytest.raises(ValueError, match="an address to answer to"):
        draft(Purpose.QUOTE, AUTHOR, POST, nobody, lang="ja", timezone="Asia/Tokyo")


def test_without_a_name_the_letter_still_reads_well() -> None:
    sender = Sender("ミナモ珈琲", "", "pr@minamo.example.jp", 400)
    handle = Author("x", "1", handle="asa")
    made = draft(Purpose.QUOTE, handle, POST, sender, lang="ja", timezone="Asia/Tokyo")
    assert made.body.startswith("asa 様\n\n突然のご連絡、失礼いたします。ミナモ珈琲の担当者です。")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("短い。", "短い。"),
        ("二\n行", "二 行"),
        ("あ" * 100 + "。" + "い" * 100, "あ" * 100 + "。（…）"),
        ("あ" * 200, "あ" * 140 + "…"),
    ],
)
def test_a_long_post_is_quoted_in_part(text: str, shown: str) -> None:
    assert quoted(text) == shown
