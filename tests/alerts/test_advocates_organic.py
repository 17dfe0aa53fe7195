"""Is it free and their own? What makes somebody "not organic", and what only raises a doubt."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.advocacy.wording import folded, marks
from alerts.advocates import AdvocateSettings, qualifies, rank
from storage.types import Advocate, Author, Label, Mention
from tests.alerts.made import AUTHOR, NOW, TOPIC, mention
from tests.alerts.test_advocates import FAITHFUL, SETTINGS, praise, score

NAMES = tuple(folded(name) for name in (TOPIC.brand, *TOPIC.aliases))
# Tuesday, office hours in Tokyo, weeks apart but never evenly.
_WEEKS = (41.02, 37.11, 33.05, 30.2, 26.07, 22.13, 19.01, 15.14, 11.03, 8.12, 5.06, 2.01)


def codes(advocate: Advocate) -> list[str]:
    return [reason.code for reason in advocate.organic_reasons]


def points(advocate: Advocate, name: str) -> float:
    return sum(part.points for part in advocate.contributions if part.name == name)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("ミナモ珈琲の豆が10%オフ、クーポンコード「MINAMO10」を使ってね", "affiliate"),
        ("ミナモ珈琲のおすすめ5選、詳しくはプロフのリンクから", "affiliate"),
        ("ミナモ珈琲の豆はこちら https://shop.example/x?ref=abc", "affiliate"),
        ("楽天ROOMにミナモ珈琲の豆をのせました", "affiliate"),
        ("弊社の新作ラテ、今日からです", "staff"),
        ("ミナモ珈琲で働いて3年。まかないのサンドが最高", "staff"),
        ("ミナモ珈琲の店員です。明日もお待ちしています", "staff"),
        ("ミナモ珈琲のシフトに入ってきます", "staff"),
        ("ミナモ珈琲のフォロー＆RTキャンペーンに応募しました", "prize"),
        ("ミナモ珈琲さんの企画、当たりますように", "prize"),
        ("本日よりミナモ珈琲の新作ラテが発売開始", "announcing"),
        ("開店準備の仕込みから見ていると愛着がわく", "insider"),
        ("ミナモ珈琲さんからいただきました", "advert"),
    ],
)
def test_words_that_tell(text: str, field: str) -> None:
    assert getattr(marks(text, NAMES), field)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("弊社の近くのミナモ珈琲でランチ", "staff"),
        ("ミナモ珈琲のスタッフさんが親切だった", "staff"),
        ("娘がミナモ珈琲でバイトしてます", "staff"),
        ("ミナモ珈琲は感じのいいスタッフです", "staff"),
        ("社員ではないけどミナモ珈琲が好き", "staff"),
        ("ミナモ珈琲の新作ラテ、飲んできた", "announcing"),
        ("回し者ではないけどミナモ珈琲はいい", "advert"),
        ("ミナモ珈琲のコードつき席で作業", "affiliate"),
        ("ミナモ珈琲のキャンペーン、毎年やってるよね", "prize"),
    ],
)
def test_words_that_only_look_so(text: str, field: str) -> None:
    assert not getattr(marks(text, NAMES), field)


def test_one_code_among_many_posts_makes_it_not_organic_and_is_shown() -> None:
    code = praise(7, 0.1, "ミナモ珈琲の豆、割引コード「MINA10」でお得")
    found = score([*FAITHFUL, code])
    assert not found.organic
    (reason,) = found.organic_reasons
    assert (reason.code, reason.values["mention"]) == ("affiliate", 7)
    part = next(one for one in found.contributions if one.name == "affiliate")
    assert part.evidence == (7,)
    assert "MINA10" in part.quote
    assert found.score < 10


def test_the_models_guess_of_an_ad_is_a_doubt_and_no_proof() -> None:
    def guessed(number: int, weeks: float, text: str) -> Mention:
        one = praise(number, weeks, text, sponsored="x")
        disclosure = replace(one.analysis.disclosure, confidence=0.97, evidence=None)
        return replace(one, analysis=replace(one.analysis, disclosure=disclosure))

    doubtful = score([*FAITHFUL, guessed(7, 2.2, "新作をご紹介します"), guessed(8, 4.4, "話題のお店です")])
    assert doubtful.organic
    assert codes(doubtful) == ["looks_paid"]
    assert points(doubtful, "doubt") < -5
    assert doubtful.score < score(FAITHFUL).score


def habits(text: str) -> list[Mention]:
    return [praise(n, weeks, text.format(n=n)) for n, weeks in enumerate(_WEEKS, start=1)]


def others() -> list[tuple[Author, list[Mention]]]:
    """Fifty ordinary guests at all hours, so that something is usual."""
    texts = ("ラテがおいしかった", "席が広くて落ち着く", "プリンが固めで好き", "朝のパンがふわふわ")
    return [
        (
            replace(AUTHOR, external_id=f"guest{n}", name=f"guest{n}", handle=f"guest{n}"),
            [praise(1000 + 4 * n + k, 3 + k * 7.3 + n * 0.217, f"{text}{n}") for k, text in enumerate(texts)],
        )
        for n in range(50)
    ]


def test_habits_of_staff_raise_a_doubt_only_together() -> None:
    at_work = [
        replace(one, post=replace(one.post, created_at=_office(one.post.created_at)))
        for one in habits("本日より新作{n}が登場、仕込みから違います")
    ]
    quiet = replace(AUTHOR, external_id="quiet", name="q", handle="q")
    found = {one.author.external_id: one for one in rank(TOPIC, [*others(), (quiet, at_work)], SETTINGS, NOW)}
    assert codes(found["quiet"]) == ["looks_like_staff"]
    assert found["quiet"].organic  # never said so on a guess
    assert points(found["quiet"], "doubt") < -25
    by_day = [
        replace(one, post=replace(one.post, created_at=_office(one.post.created_at)))
        for one in habits("ラテ{n}杯目が好き")
    ]
    found = {one.author.external_id: one for one in rank(TOPIC, [*others(), (quiet, by_day)], SETTINGS, NOW)}
    assert "looks_like_staff" not in codes(found["quiet"])


def _office(at: object) -> object:
    return at.replace(hour=2)  # type: ignore[attr-defined]  # 11:00 in Tokyo


def test_a_ring_that_varies_one_text_within_hours_is_found() -> None:
    bots = [
        (
            replace(AUTHOR, external_id=f"bot{n}", name=f"b{n}", handle=f"b{n}"),
            [
                praise(
                    100 * n + k,
                    6.1 * k + 0.003 * ((n * 7 + k * 3) % 5),
                    f"最近話題のミナモ珈琲に行ってきました！{dish}が絶品で店員さんも親切、絶対また行きます{'!' * n}",
                )
                for k, dish in enumerate(("ラテ", "プリン", "トースト", "モンブラン"))
            ],
        )
        for n in range(1, 6)
    ]
    ranked = rank(TOPIC, [*bots, (AUTHOR, FAITHFUL)], SETTINGS, NOW)
    assert ranked[0].author == AUTHOR
    assert ranked[0].organic
    assert all("ring" in codes(one) and one.score == 0 for one in ranked[1:])


def test_the_same_words_months_apart_are_no_ring() -> None:
    people = [
        (
            replace(AUTHOR, external_id=f"p{n}", name=f"p{n}", handle=f"p{n}"),
            [
                praise(
                    100 * n + k, 5.3 * k + 0.9 * n + 0.1, "休日の朝は深煎りとトーストでゆっくり過ごすのが好き"
                )
                for k in range(4)
            ],
        )
        for n in range(1, 5)
    ]
    assert all(one.organic for one in rank(TOPIC, people, SETTINGS, NOW))


def test_a_machine_s_clock_is_a_doubt() -> None:
    clock = [
        praise(n, n * 1.0, f"{'ラプトバ'[n % 4]}のことを書く{n}回目の日記、今日もよかった")
        for n in range(1, 9)
    ]
    assert "looks_automatic" in codes(score(clock))
    human = [praise(n, n + (n * n % 7) * 0.09, f"{n}回目の日記、今日もよかった") for n in range(1, 9)]
    assert "looks_automatic" not in codes(score(human))


def test_dates_without_a_time_are_no_machine() -> None:
    midnight = [
        replace(one, post=replace(one.post, created_at=one.post.created_at.replace(hour=15, minute=0)))
        for one in (praise(n, n * 1.0, f"{n}回目の日記、今日もよかった") for n in range(1, 9))
    ]
    assert "looks_automatic" not in codes(score(midnight))


def test_one_id_and_name_from_one_import_is_one_writer() -> None:
    here = replace(AUTHOR, platform="x", external_id="u-7", name="花子")
    there = replace(here, platform="tabelog")
    (joined,) = rank(TOPIC, [(here, FAITHFUL[:4]), (there, FAITHFUL[4:])], SETTINGS, NOW)
    assert (joined.author, joined.mentions) == (here, 6)
    nameless = replace(here, external_id="花子", handle="花子")
    apart = rank(
        TOPIC, [(nameless, FAITHFUL[:4]), (replace(nameless, platform="blog"), FAITHFUL[4:])], SETTINGS, NOW
    )
    assert len(apart) == 2


def test_a_fan_who_turned_is_no_advocate() -> None:
    late = [
        mention(20 + n, text, at=NOW - timedelta(days=n))
        for n, text in enumerate(("値上げはひどい", "もう行かない"))
    ]
    turned = score([*FAITHFUL, *late])
    assert points(turned, "negative_mentions") < -10
    assert not qualifies(turned, SETTINGS)


@pytest.mark.parametrize("name", [one for one in AdvocateSettings.model_fields if one.startswith("weight_")])
def test_every_weight_is_felt(name: str) -> None:
    everything = replace(AUTHOR, platform="x", external_id="u-7", followers=20_000)
    people = [(everything, FAITHFUL[:3]), (replace(everything, platform="blog"), FAITHFUL[3:])]
    (usual,) = rank(TOPIC, people, SETTINGS, NOW)
    (without,) = rank(TOPIC, people, SETTINGS.model_copy(update={name: 0.0}), NOW)
    assert without.score < usual.score
    assert usual.score == pytest.approx(sum(part.points for part in usual.contributions), abs=0.06)


def test_a_mention_that_is_only_positive_counts_as_the_model_is_sure() -> None:
    unsure = [
        replace(m, analysis=replace(m.analysis, sentiment=replace(m.analysis.sentiment, label=Label.NEUTRAL)))
        for m in FAITHFUL[2:3]
    ]
    assert score(FAITHFUL[:2] + unsure + FAITHFUL[3:]).score < score(FAITHFUL).score
