"""Which sentences can stand alone, and which must not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from alerts import testimonials
from alerts.testimonials import Permission, find, permission, sentences
from storage.consents import Consent, ConsentKind
from storage.types import Author, Label, Mention, SignalKind, Topic
from tests.alerts.made import NOW, TOPIC, analysis, mention

RIVAL = Topic("カラカラ", "カラカラ珈琲", ("カラカラ",), own=False)
AUTHOR = Author("mastodon", "7", handle="asa")


def praise(text: str, number: int = 1, **more: Any) -> Mention:
    made = mention(number, text, label=Label.POSITIVE, author=more.pop("author", AUTHOR), **more)
    return replace(made, id=number)


def found(*mentions: Mention, allowed: Permission = Permission.NOT_ASKED) -> list[testimonials.Testimonial]:
    return find(mentions, TOPIC, [RIVAL], lambda _: allowed)


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("今日も行った。ミナモ珈琲の店員さんが豆の違いを丁寧に教えてくれた。#珈琲 #朝活",
         "ミナモ珈琲の店員さんが豆の違いを丁寧に教えてくれた。"),
        ("ミナモ珈琲は席が広くて、3年通っていますが仕事がはかどります！",
         "ミナモ珈琲は席が広くて、3年通っていますが仕事がはかどります！"),
        ("ミナモ珈琲のアプリ、注文が早くて助かっています☕️ https://x.example/1",
         "ミナモ珈琲のアプリ、注文が早くて助かっています"),
        ("豆を間違えて買ったのに、すぐその場で交換してくれました。すごい", ""),
        ("注文を間違えたとき、すぐその場で交換してくれました。",
         "注文を間違えたとき、すぐその場で交換してくれました。"),
        ("Minamo coffee saved my mornings, and the staff helped me choose the beans.",
         "Minamo coffee saved my mornings, and the staff helped me choose the beans."),
    ],
)  # fmt: skip
def test_a_sentence_that_stands_alone(text: str, quote: str) -> None:
    made = found(praise(text))
    assert [one.quote for one in made] == ([quote] if quote else [])
    for one in made:
        assert text[one.start : one.end] == one.quote
        assert one.benefit


@pytest.mark.parametrize(
    "text",
    [
        "最高！",  # says nothing
        "ミナモ珈琲のラテは美味しいらしいです。",  # hearsay
        "友達がミナモ珈琲の店員さんは親切だと言っていました。",  # not first-hand
        "ミナモ珈琲のモーニングが良さそうなので行きたい。",  # a wish
        "それで接客がとても丁寧でした。",  # hangs on what came before
        "ミナモ珈琲の席は広くて、電源も",  # not complete
        "ミナモ珈琲のラテは美味しかったけど、高すぎる。",  # not all good
        "田中さんの接客がとても丁寧でした。",  # names somebody
        "@hanako が教えてくれた豆が美味しかった。",
        "カラカラよりミナモ珈琲のラテが美味しかったです。",  # another brand
        "ミナモ珈琲の対応が早くて最高でした（棒）",  # sarcasm
        "ミナモ珈琲様からご提供いただき、ラテが美味しかったです。#PR",  # paid
        "ミナモ珈琲のプレゼントキャンペーンに応募しました。豆が美味しかったです。",  # a prize
        "ミナモ珈琲の店員さんは親切でしたか？",  # a question
    ],
)
def test_a_sentence_that_must_not_be_quoted(text: str) -> None:
    assert found(praise(text)) == []


GOOD = "ミナモ珈琲の店員さんが豆の違いを丁寧に教えてくれた。"


@pytest.mark.parametrize(
    "changed",
    [
        {"label": Label.NEGATIVE},
        {"label": Label.NEUTRAL},
        {"sarcasm": True},
        {"sponsored": "提供"},
        {"signals": (SignalKind.COMPLAINT,)},
    ],
)
def test_what_the_judgement_rules_out(changed: dict[str, Any]) -> None:
    judged = analysis(changed.pop("label", Label.POSITIVE), **changed)
    assert found(replace(praise(GOOD), analysis=judged)) == []


def test_copies_machines_and_nameless_posts_are_left_out() -> None:
    one = praise(GOOD)
    repost = replace(one, post=replace(one.post, repost_of="9"))
    machine = praise(GOOD, author=replace(AUTHOR, bot=True))
    nameless = replace(one, post=replace(one.post, author=None))
    assert found(repost, machine, nameless) == []


def test_what_may_be_quoted_comes_first() -> None:
    granted = Author("x", "1", handle="b")
    made = find(
        [
            praise(GOOD, 1),
            praise(
                "ミナモ珈琲は席が広くて、3年通っていますが仕事がはかどります！",
                2,
                author=granted,
                at=NOW - timedelta(days=9),
            ),
        ],
        TOPIC,
        [],
        lambda author: Permission.GRANTED if author == granted else Permission.ASKED,
    )
    assert [(one.mention_id, one.permission) for one in made] == [
        (2, Permission.GRANTED), (1, Permission.ASKED),
    ]  # fmt: skip


def consent(kind: ConsentKind, *scopes: str, days: int) -> Consent:
    return Consent(1, kind, frozenset(scopes), NOW - timedelta(days=days), "佐藤")


@pytest.mark.parametrize(
    ("ledger", "asked", "opted_out", "state"),
    [
        ([], False, False, Permission.NOT_ASKED),
        ([], True, False, Permission.ASKED),
        ([], True, True, Permission.REFUSED),
        ([consent(ConsentKind.GRANTED, "quote", days=3)], True, False, Permission.GRANTED),
        ([consent(ConsentKind.GRANTED, "quote", days=3)], True, True, Permission.REFUSED),
        ([consent(ConsentKind.GRANTED, "contact", days=3)], True, False, Permission.ASKED),
        ([consent(ConsentKind.GRANTED, "quote", days=3), consent(ConsentKind.WITHDRAWN, days=1)], True, False,
         Permission.REFUSED),
        ([consent(ConsentKind.GRANTED, "quote", "contact", days=3),
          consent(ConsentKind.WITHDRAWN, "quote", days=1)], True, False, Permission.REFUSED),
    ],
)  # fmt: skip
def test_what_the_ledger_says(ledger: list[Consent], asked: bool, opted_out: bool, state: Permission) -> None:
    at = NOW - timedelta(days=5) if asked else None
    assert permission(ledger, asked_at=at, opted_out=opted_out, now=NOW) is state


def test_sentences_keep_their_place() -> None:
    text = "一つ目。  二つ目！#タグ\n三つ目☕"
    assert [text[start:end] for start, end in sentences(text)] == ["一つ目。", "二つ目！", "三つ目"]


def test_words_of_many_are_nobodys_own() -> None:
    text = GOOD
    three = [
        praise(f"{text} #{n}", n, author=Author("mastodon", str(n)), at=NOW - timedelta(hours=n))
        for n in range(1, 4)
    ]
    assert [one.mention_id for one in found(*three[:2])] == [2]  # who wrote first copied nobody
    assert found(*three) == []
    assert len(found(*three, allowed=Permission.GRANTED)) == 3
    own = [praise(text, n, at=NOW - timedelta(days=n)) for n in range(1, 5)]
    assert [one.mention_id for one in found(*own)] == [4]  # a habit of one's own
