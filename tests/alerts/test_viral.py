from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest

from alerts.decide_rules import viral_alert
from alerts.message import render
from alerts.viral import Level, Usual, Viral, ViralSettings, judge, usual_by_age
from storage.measures import Pulse, Reading
from storage.types import Engagement, Label, Severity, Topic
from tests.alerts.made import NOW, TOPIC, mention

SETTINGS = ViralSettings(min_reactions=50, min_per_hour=50)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
NO_HISTORY = usual_by_age([], 0, SETTINGS)


def pulse(*counts: tuple[float, int], born: datetime = NOW - 3 * HOUR, number: int = 1) -> Pulse:
    """`counts` are (minutes after birth, reactions)."""
    return Pulse(number, born, tuple(Reading(born + minutes * MINUTE, count) for minutes, count in counts))


def judged(about: Pulse, usual: tuple[Usual, ...] = NO_HISTORY, *, later: timedelta = MINUTE) -> Level:
    found = judge(about, usual, SETTINGS, about.readings[-1].at + later)
    return found.level if found else Level.CALM


def quiet_posts(count: int, *, most: int = 6, days: int = 14) -> list[Pulse]:
    """Posts that gather a few reactions in their first hours, as a café's do."""
    chance = random.Random(7)
    made = []
    for n in range(count):
        born = NOW - chance.random() * days * 24 * HOUR
        first, second = sorted(chance.randrange(most) for _ in range(2))
        made.append(pulse((40, first), (150, second), born=born, number=100 + n))
    return made


@pytest.mark.parametrize(
    ("counts", "level"),
    [
        ([(60, 49)], Level.CALM),  # below the floor of reactions
        ([(60, 60)], Level.GOING),
        ([(60, 300)], Level.VERY),
        ([(5, 60)], Level.GOING),  # five minutes count as half an hour
        ([(600, 100)], Level.CALM),  # ten an hour
        ([(60, 300), (400, 301)], Level.CALM),  # was fast, is over
        ([(600, 100), (660, 180)], Level.GOING),  # slow, then fast
        ([(60, 300), (120, 620)], Level.VERY),
        ([(60, 300), (120, 400)], Level.CALM),  # told as very viral before; now it is only viral
    ],
)
def test_without_history_the_floors_decide(counts: list[tuple[float, int]], level: Level) -> None:
    assert judged(pulse(*counts)) is level


def test_reactions_are_judged_by_the_topics_own_posts() -> None:
    small = usual_by_age(quiet_posts(200), 14, SETTINGS)
    busy = usual_by_age(quiet_posts(200, most=1500), 14, SETTINGS)
    about = pulse((60, 90))
    assert judged(about, small) is Level.GOING
    assert judged(about, busy) is Level.CALM
    assert small[0].limit == SETTINGS.min_per_hour
    assert busy[0].limit > 1000
    found = judge(about, small, SETTINGS, about.readings[-1].at)
    assert found is not None
    assert found.per_hour == 90
    assert found.usual < 10


def test_one_star_post_does_not_move_what_is_usual() -> None:
    posts = quiet_posts(200, most=200)
    with_star = [*posts, pulse((40, 90_000), number=999)]
    before, after = usual_by_age(posts, 14, SETTINGS), usual_by_age(with_star, 14, SETTINGS)
    assert after[0].limit == pytest.approx(before[0].limit, rel=0.05)
    left_out = usual_by_age(with_star, 14, SETTINGS, without=frozenset({999}))
    assert left_out == before


def test_a_busy_topic_hears_of_few_posts() -> None:
    """Logarithms of reactions that scatter like real ones: about two posts in `rare_days` at most."""
    chance = random.Random(3)
    posts = [
        pulse((55, int(chance.lognormvariate(3, 1.1))), born=NOW - chance.random() * 14 * 24 * HOUR, number=n)
        for n in range(2000)
    ]
    usual = usual_by_age(posts, 14, SETTINGS)
    loud = [one for one in posts if judged(one, usual) is not Level.CALM]
    assert len(loud) <= 4
    assert usual[0].limit > 500


def test_doubling_within_the_hour_needs_half_the_limit() -> None:
    usual = (Usual(20, 200), Usual(20, 200), Usual(20, 200), Usual(20, 200))
    growing = pulse((300, 100), (360, 240), born=NOW - 7 * HOUR)
    assert judged(growing, usual) is Level.GOING  # 140 an hour, from 100 to 240
    found = judge(growing, usual, SETTINGS, growing.readings[-1].at)
    assert found is not None
    assert found.doubling_min == pytest.approx(47.5, abs=0.1)
    steady = pulse((300, 1000), (360, 1140), born=NOW - 7 * HOUR)
    assert judged(steady, usual) is Level.CALM


def test_old_posts_and_old_readings_are_not_news() -> None:
    about = pulse((60, 500))
    assert judged(about, later=3 * HOUR) is Level.CALM
    old = pulse((47 * 60, 100), (48 * 60 + 30, 5000), born=NOW - 49 * HOUR)
    assert judged(old) is Level.CALM


def viral(level: Level = Level.GOING) -> Viral:
    return Viral(1, level, 240, 140.4, 3.2, 50.0, 2.5, 47.5)


@pytest.mark.parametrize(
    ("label", "level", "severity", "title"),
    [
        (Label.NEGATIVE, Level.GOING, Severity.WARNING, "【拡散中】ミナモ珈琲：ネガティブな投稿が広がっています"),
        (Label.NEGATIVE, Level.VERY, Severity.CRISIS, "【急拡散】ミナモ珈琲：ネガティブな投稿が急速に広がっています"),
        (Label.NEUTRAL, Level.GOING, Severity.WATCH, "【話題化】ミナモ珈琲：この投稿への反応が増えています"),
        (Label.NEUTRAL, Level.VERY, Severity.WARNING, "【急拡散】ミナモ珈琲：この投稿が急速に広がっています"),
        (Label.POSITIVE, Level.GOING, Severity.WATCH, "【好評】ミナモ珈琲：好意的な投稿が広がっています"),
        (Label.POSITIVE, Level.VERY, Severity.WATCH, "【大反響】ミナモ珈琲：好意的な投稿が大きな反響を呼んでいます"),
    ],
)  # fmt: skip
def test_each_tendency_has_its_severity_and_words(
    label: Label, level: Level, severity: Severity, title: str
) -> None:
    told = viral_alert(mention(label=label), viral(level), TOPIC, NOW)
    assert told is not None
    assert told.severity is severity
    shown = render(told, lang="ja", timezone=TOPIC.timezone)
    assert shown.title == f"{title}（反応240件・毎時140件増）"


def test_one_alert_a_post_and_level() -> None:
    told = viral_alert(mention(), viral(), TOPIC, NOW)
    more = viral_alert(mention(), viral(Level.VERY), TOPIC, NOW)
    assert told is not None
    assert more is not None
    assert told.key == "mention/ミナモ珈琲/mastodon:1/going_viral"
    assert more.key == "mention/ミナモ珈琲/mastodon:1/very_viral"
    competitor = Topic("トマリギ", "トマリギ", own=False)
    assert viral_alert(mention(), viral(), competitor, NOW) is None


def test_the_message_says_what_is_growing_and_where() -> None:
    about = mention(engagement=Engagement(likes=200, reposts=40, views=12_000))
    told = viral_alert(about, viral(), TOPIC, NOW)
    assert told is not None
    shown = render(told, lang="ja", timezone=TOPIC.timezone, base_url="http://127.0.0.1:8484")
    assert shown.link == "http://127.0.0.1:8484/mentions/1"
    assert shown.summary.startswith("花子 (@hanako)さんの11/22 23:50の投稿です。これから見る人が増えます。")
    assert shown.reasons == (
        "投稿から2.5時間で毎時140件増え、同じくらいの時間がたった投稿の平常（毎時3.2件）の44倍です"
        "（通知の目安は毎時50件）。",
        "反応は約48分で2倍になるペースで増え続けています。",
    )
    assert {field.name: field.value for field in shown.fields}["リーチ"] == "フォロワー1,200人・表示12,000回"
    assert [quote.url for quote in shown.quotes] == ["https://social.example.jp/@x/1"]
    english = render(told, lang="en", timezone=TOPIC.timezone)
    assert (
        english.title == "[Going viral] ミナモ珈琲: a negative post is spreading (240 reactions, 140 an hour)"
    )
    assert english.reasons[1] == "At this pace the reactions double in about 48 min."
