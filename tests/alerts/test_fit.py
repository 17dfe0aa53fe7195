"""Which programme suits whom: by what they do, never by their followers alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from alerts.advocacy.fit import NEEDS, PARTS, SUGGESTED, Programme, Suggestion, suggest
from storage.types import Advocate, Engagement, Label, Mention, SignalKind, Stage
from tests.alerts.made import AUTHOR, NOW, TOPIC, advocate, mention

WEEK = timedelta(weeks=1)


def posts(
    texts: Sequence[str], *, every: timedelta = WEEK, label: Label = Label.POSITIVE, **more: Any
) -> list[Mention]:
    """One post a week, the last of them yesterday."""
    day = timedelta(days=1)
    return [
        mention(number + 1, text, label=label, at=NOW - day - every * (len(texts) - 1 - number), **more)
        for number, text in enumerate(texts)
    ]


def asked(mentions: Sequence[Mention], who: Advocate | None = None, **more: Any) -> Suggestion:
    return suggest(who or advocate(), mentions, TOPIC, NOW, **more)


def best(mentions: Sequence[Mention], who: Advocate | None = None) -> Programme | None:
    return asked(mentions, who).best


FRIENDS = [
    "ミナモ珈琲を友達にすすめたら喜ばれた",
    "同僚をミナモ珈琲に連れて行った。気に入ってくれた",
    "ミナモ珈琲の豆、母に紹介したら毎日飲んでるらしい",
    "また友人をミナモ珈琲に誘った。絶対おすすめ",
]
CASES = [
    "ミナモのシフト管理を社内に導入して、集計の工数が月20時間から3時間に減った。本当に助かっている",
    "導入後3年、業務の引き継ぎが楽になった。ミナモのおかげ",
    "部署の月次処理が半分の時間で終わるようになった。ミナモを導入して良かった",
]
ANSWERS = [
    "ミナモ珈琲のモバイル注文は、受け取り時間も指定できますよ。便利で気に入ってます",
    "ミナモ珈琲なら豆の挽き方も相談すると教えてくれるので大丈夫ですよ",
    "ミナモ珈琲、朝なら空いてますよ。試してみてください",
    "ミナモ珈琲が叩かれてるけど、店員さんはちゃんと対応してくれたし誤解だと思う",
]
PRODUCT = [
    "ミナモのアプリ、新しい検索機能が使いやすくて好き",
    "アップデートでミナモの画面が見やすくなった。嬉しい",
    "ミナモのアプリの通知設定、細かくできて気に入っている",
    "カレンダー連携の機能が最高。ミナモのアプリは手放せない",
]
LOYAL = [
    f"ミナモ珈琲の{what}が好き。{side}"
    for what, side in zip(
        ["深煎り", "朝の一杯", "窓際の席", "豆", "ラテ", "新作", "接客", "モーニング", "静けさ", "焼き菓子"],
        [
            "香りがいい",
            "店員さんが丁寧",
            "居心地がいい",
            "新鮮",
            "おいしい",
            "値段も手頃",
            "笑顔がいい",
            "おいしい",
            "落ち着く",
            "安い",
        ],
        strict=True,
    )
]
REVIEWS = [f"今月の喫茶店巡り{number}軒目、ミナモ珈琲。飲み比べても一番好き" for number in range(1, 6)]
LOUD = Engagement(likes=150, reposts=20)


@pytest.mark.parametrize(
    ("expected", "mentions"),
    [
        (Programme.REFERRAL, posts(FRIENDS, signals=(SignalKind.REFERRAL, SignalKind.RECOMMEND))),
        (Programme.REFERENCE, posts(CASES, signals=(SignalKind.TESTIMONIAL,))),
        (Programme.COMMUNITY, [replace(m, post=replace(m.post, reply_to="q1")) for m in posts(ANSWERS)]),
        (Programme.INFLUENCER, posts(REVIEWS, engagement=LOUD, author=replace(AUTHOR, followers=60_000))),
        (Programme.USER_GROUP, posts(PRODUCT)),
        (Programme.AMBASSADOR, posts(LOYAL, every=timedelta(days=14))),
    ],
)
def test_each_programme_finds_its_people(expected: Programme, mentions: list[Mention]) -> None:
    found = asked(mentions)
    assert found.best is expected
    top = found.fits[0]
    assert SUGGESTED <= top.fit <= 1
    assert top.fit == pytest.approx(sum(reason.share for reason in top.reasons), abs=0.02)
    assert [reason.share for reason in top.reasons] == sorted((r.share for r in top.reasons), reverse=True)
    known = {one.id for one in mentions}
    shown = [reason for reason in top.reasons if reason.evidence]
    assert shown
    assert all(set(reason.evidence) <= known and reason.quote for reason in shown)


def test_the_weights_of_a_programme_add_up_and_what_is_needed_is_weighed() -> None:
    for programme, parts in PARTS.items():
        assert sum(part.weight for part in parts.values()) == pytest.approx(1.0)
        assert {name for group in NEEDS[programme] for name in group} <= set(parts)
    assert set(PARTS) == set(NEEDS) == set(Programme)


def test_followers_alone_suggest_nothing() -> None:
    plain = ["ミナモ珈琲が好き", "ミナモ珈琲はいつもいい", "ミナモ珈琲に来た。最高"]
    crowd = replace(advocate(), author=replace(AUTHOR, followers=2_000_000))
    assert asked(posts(plain, author=crowd.author), crowd).fits == ()
    quiet = posts(plain, author=crowd.author, engagement=Engagement(likes=1))
    assert Programme.INFLUENCER not in {fit.programme for fit in asked(quiet, crowd).fits}
    # The other way round: without the followers, reactions alone make no influencer either.
    small = replace(AUTHOR, followers=300)
    heard = posts(REVIEWS, engagement=LOUD, author=small)
    fits = asked(heard, replace(advocate(), author=small)).fits
    assert Programme.INFLUENCER not in {fit.programme for fit in fits}


def test_thin_quiet_and_unfit_say_so() -> None:
    assert asked(posts(FRIENDS[:2])).none == "thin"
    burst = posts(FRIENDS, every=timedelta(minutes=5))
    assert asked(burst).none == "thin"
    later = suggest(advocate(), posts(FRIENDS), TOPIC, NOW + timedelta(days=200))
    assert (later.fits, later.none) == ((), "quiet")
    assert asked(posts(["ミナモ珈琲が好き", "ミナモ珈琲はいい", "ミナモ珈琲最高"])).none == "no_match"
    assert asked([]).none == "thin"


def test_who_is_not_organic_opted_out_or_left_gets_none() -> None:
    mentions = posts(FRIENDS)
    assert asked(mentions).fits
    assert asked(mentions, advocate(organic=False)) == Suggestion(none="not_organic")
    assert asked(mentions, opted_out=True) == Suggestion(none="opted_out")
    assert asked(mentions, replace(advocate(), stage=Stage.LEFT)) == Suggestion(none="left")


def test_bought_and_angry_posts_count_for_nothing() -> None:
    paid = posts([f"#PR {text}" for text in FRIENDS], sponsored="#PR")
    assert asked(paid).none == "thin"
    angry = posts([f"{text} と思ったけど最悪" for text in FRIENDS], label=Label.NEGATIVE)
    assert asked(angry).none == "thin"
    own = asked(posts(FRIENDS)).fits
    mixed = asked([*posts(FRIENDS), *(replace(one, id=(one.id or 0) + 100) for one in paid)]).fits
    assert mixed == own


def test_nothing_later_is_looked_at_and_the_order_does_not_matter() -> None:
    mentions = posts(FRIENDS)
    future = mention(99, "ミナモのアプリの機能が最高", label=Label.POSITIVE, at=NOW + WEEK)
    assert asked([*reversed(mentions), future]) == asked(mentions)


def test_the_reasons_count_what_they_say() -> None:
    fits = {fit.programme: fit for fit in asked(posts(FRIENDS)).fits}
    reasons = {reason.code: reason for reason in fits[Programme.REFERRAL].reasons}
    assert reasons["friends"].values == {"n": 4}
    assert reasons["friends"].evidence == (4, 3, 2, 1)
    assert reasons["friends"].quote == FRIENDS[-1]
    assert reasons["weeks"].values == {"n": 4}
