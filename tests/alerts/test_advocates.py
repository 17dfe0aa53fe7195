from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.advocates import AdvocateSettings, qualifies, rank
from storage.types import Advocate, Author, Label, Mention, SignalKind
from tests.alerts.made import AUTHOR, NOW, TOPIC, mention

SETTINGS = AdvocateSettings(keep_score=0)
R, T, D = SignalKind.RECOMMEND, SignalKind.TESTIMONIAL, SignalKind.DEFEND
WEEK = timedelta(days=7)


def praise(
    number: int,
    weeks_ago: float,
    text: str = "今日もおいしかった",
    signals: tuple[SignalKind, ...] = (),
    **more: object,
) -> Mention:
    at = NOW - weeks_ago * WEEK
    return mention(number, text, label=Label.POSITIVE, at=at, signals=signals, **more)  # type: ignore[arg-type]


FAITHFUL = [
    praise(1, 9.13, "通いはじめて一か月、深煎りが好き", (T,)),
    praise(2, 6.72, "友達にすすめたら喜ばれた", (R,)),
    praise(3, 5.31, "朝の一杯はここ", source="blog"),
    praise(4, 3.07, "悪く言う人もいるけど豆は本物だと思う", (D,)),
    praise(5, 1.44, "コーヒー好きなら絶対行くべき", (R,)),
    praise(6, 0.2, "また来た。接客もいい", (T,)),
]


def score(
    mentions: Sequence[Mention], author: Author = AUTHOR, settings: AdvocateSettings = SETTINGS
) -> Advocate:
    (found,) = rank(TOPIC, [(author, mentions)], settings, NOW)
    return found


def part(advocate: Advocate, name: str) -> float:
    return sum(one.points for one in advocate.contributions if one.name == name)


def test_a_faithful_customer_is_an_advocate() -> None:
    found = score(FAITHFUL)
    assert found.score >= 60
    assert found.organic
    assert qualifies(found, SETTINGS)
    assert found.organic_reasons[0].code == "no_sign_of_payment"
    assert (found.mentions, found.first_at) == (6, FAITHFUL[0].post.created_at)


def test_the_score_is_the_sum_of_its_parts_with_quotes() -> None:
    found = score(FAITHFUL)
    assert found.score == pytest.approx(sum(one.points for one in found.contributions), abs=0.11)
    recommends = next(one for one in found.contributions if one.name == "recommendations")
    assert recommends.evidence == (5, 2)
    assert recommends.quote == "コーヒー好きなら絶対行くべき"


def test_one_gushing_post_is_not_an_advocate() -> None:
    gushing = score([praise(1, 0, "最高！人生で一番のコーヒー、全員飲んで", (R, T, D))])
    assert gushing.score < 30
    assert part(gushing, "few_mentions") < 0


def test_many_posts_in_one_week_stay_below_the_threshold() -> None:
    eager = replace(AUTHOR, followers=90_000)
    found = score([praise(n, 0.01 * n * n, f"今日{n}杯目、おすすめ", (R, T, D)) for n in range(1, 9)], eager)
    assert 10 < found.score < SETTINGS.min_score


def test_long_ago_counts_less() -> None:
    old = [replace(m, post=replace(m.post, created_at=m.post.created_at - 52 * WEEK)) for m in FAITHFUL]
    assert score(old).score < score(FAITHFUL).score / 2


def test_reach_helps_a_little() -> None:
    small, large = (
        score(FAITHFUL, replace(AUTHOR, followers=None)),
        score(FAITHFUL, replace(AUTHOR, followers=5_000_000)),
    )
    assert 0 < large.score - small.score <= 10


@pytest.mark.parametrize(
    ("mentions", "author", "doubt"),
    [
        ([*FAITHFUL, praise(7, 0.1, "#PR ミナモさんから提供", sponsored="#PR")], AUTHOR, "sponsored"),
        ([*FAITHFUL, praise(7, 0.1, "弊社の新作です、ぜひ")], AUTHOR, "employee"),
        (FAITHFUL, replace(AUTHOR, name="ミナモ珈琲【公式】"), "official_account"),
        (FAITHFUL, replace(AUTHOR, name="", handle="minamo_coffee"), "official_account"),
        (FAITHFUL, replace(AUTHOR, bot=True), "bot"),
        ([praise(n, n, "ミナモ最高", story=5) for n in range(1, 7)], AUTHOR, "copied_text"),
        (
            [praise(n, n, f"#ミナモ秋キャンペーン に応募しました {n}") for n in range(1, 7)],
            AUTHOR,
            "prize_campaign",
        ),
    ],
)
def test_doubts_make_it_not_organic_and_cost_points(
    mentions: list[Mention], author: Author, doubt: str
) -> None:
    found = score(mentions, author)
    assert doubt in [reason.code for reason in found.organic_reasons]
    assert not found.organic
    assert not qualifies(found, SETTINGS)
    assert found.score < score(FAITHFUL).score


def test_a_text_that_many_accounts_post_is_not_their_own() -> None:
    copies = [
        (
            replace(AUTHOR, external_id=str(n)),
            [praise(10 * n + k, k + n / 50, "ミナモ最高！", story=100 + k) for k in range(1, 6)],
        )
        for n in range(1, 5)
    ]
    found = rank(TOPIC, [*copies, (AUTHOR, FAITHFUL)], SETTINGS, NOW)
    assert found[0].author == AUTHOR
    by_name = {one.author.external_id: one for one in found}
    assert by_name["4"].organic  # wrote it first, so copied nobody
    assert not any(by_name[name].organic for name in "123")
    assert all(by_name[name].score < 10 for name in "123")


def test_criticism_costs_and_sarcasm_is_no_praise() -> None:
    critical = [*FAITHFUL, mention(8, "値上げはひどい"), mention(9, "接客が雑になった")]
    assert score(critical).score < score(FAITHFUL).score - 10
    assert rank(TOPIC, [(AUTHOR, [praise(1, 1, "さすがですね（棒）", sarcasm=True)])], SETTINGS, NOW) == []


def test_who_is_not_listed() -> None:
    reddit = replace(AUTHOR, platform="reddit")
    assert rank(TOPIC, [(reddit, FAITHFUL)], SETTINGS, NOW) == []
    assert rank(TOPIC, [(AUTHOR, [mention(1)])], SETTINGS, NOW) == []
    future = [replace(m, post=replace(m.post, created_at=NOW + WEEK)) for m in FAITHFUL]
    assert rank(TOPIC, [(AUTHOR, future)], SETTINGS, NOW) == []
    assert rank(TOPIC, [(AUTHOR, [praise(1, 0)])], AdvocateSettings(keep_score=50), NOW) == []


def test_a_fan_whose_name_only_contains_the_brand_is_not_official() -> None:
    fan = replace(AUTHOR, name="ミナモ珈琲が好きな人")
    assert score(FAITHFUL, fan).organic


def test_best_first_and_repeatable() -> None:
    newer = [praise(21, 4.2, "固めのプリンがたまらない"), praise(22, 2.9, "窓ぎわの席でのんびりした")]
    people = [(replace(AUTHOR, external_id="b"), newer), (replace(AUTHOR, external_id="a"), FAITHFUL)]
    first = rank(TOPIC, people, SETTINGS, NOW)
    assert [one.author.external_id for one in first] == ["a", "b"]
    assert first == rank(TOPIC, list(reversed(people)), SETTINGS, NOW)
