from __future__ import annotations

import string
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.decide import channel_alert, incident_alert, source_alert, trial_alert
from alerts.message import amount, characters, clock_time, cut, from_json, render, to_json
from alerts.words import WORDS
from storage.notices import Alert, AlertKind, Message
from storage.types import IncidentState, Label, Outcome, Reason, Severity, SourceState
from tests.alerts.made import NOW, advocate, alert, incident, mention


def japanese(alert: Alert) -> Message:
    return render(alert, lang="ja", timezone="Asia/Tokyo", base_url="http://127.0.0.1:8484/")


def english(alert: Alert) -> Message:
    return render(alert, lang="en", timezone="Asia/Tokyo", base_url="http://127.0.0.1:8484/")


def test_what_the_pr_team_reads_at_ten_to_midnight() -> None:
    told = japanese(alert())
    assert told.title == "【炎上の兆し】ミナモ珈琲：ネガティブな投稿が60分で38件（平常時2.1件）"
    assert told.summary == (
        "11/22 22:50から、38人がミナモ珈琲についてネガティブな投稿をしています。"
        "直近60分のネガティブな割合は62%（平常時11%）です。"
    )
    assert told.reasons == (
        "同じ時間帯の平常値2.1件に対して18倍です（1人1件として数え、転載の重複は除いています）。",
        "偶然にこれだけ増えるのは、およそ3,650日に1回です。",
    )
    fields = {one.name: one.value for one in told.fields}
    assert fields["検知"] == "11/22 23:40"
    assert fields["ネガティブ率"] == "62%（平常時11%）"
    assert "広報・担当部署に一報を入れる" in fields["次の対応"]
    assert [one.text for one in told.quotes] == ["レジの対応がひどい", "返金されない"]
    assert told.quotes[0].author == "花子 (@hanako)"
    assert told.link == "http://127.0.0.1:8484/incidents/7"
    assert told.thread == "ミナモ珈琲/negative_excess/20261122T1440Z"


def test_the_same_in_english() -> None:
    told = english(alert())
    assert told.title == "[Warning] ミナモ珈琲: 38 negative posts in 60 min (usually 2.1)"
    assert told.summary.startswith("Since Nov 22 22:50, 38 people")


@pytest.mark.parametrize(
    ("change", "title"),
    [
        (
            {"severity": Severity.CRISIS, "reasons": incident(Severity.WATCH).reasons},
            "【炎上に拡大】ミナモ珈琲：ネガティブな投稿が60分で38件（平常時2.1件）",
        ),
        (
            {"opened_at": NOW - timedelta(hours=50), "updated_at": NOW},
            "【1日経過・未対応】ミナモ珈琲：ネガティブな投稿が続いています",
        ),
        (
            {"state": IncidentState.RESOLVED, "resolved_at": NOW, "opened_at": NOW - timedelta(hours=13)},
            "【収束】ミナモ珈琲：13時間で平常に戻りました",
        ),
    ],
)
def test_later_news_of_an_incident(change: dict[str, Any], title: str) -> None:
    about = incident(**change)
    told = incident_alert(about, None, NOW)
    assert told is not None
    assert japanese(told).title == title
    assert english(told).title != title


@pytest.mark.parametrize(("regulars", "told"), [(0, False), (18, False), (19, True), (38, True)])
def test_regulars_are_named_when_half_are(regulars: int, told: bool) -> None:
    (reason,) = incident().reasons
    about = incident(reasons=(replace(reason, values={**reason.values, "regulars": regulars}),))
    line = (
        f"ネガティブな投稿をした人のうち{regulars}人は、この4週間にもこのトピックについて投稿していました。"
    )
    assert (line in japanese(alert(about)).reasons) is told


def test_critical_phrase() -> None:
    values = {"phrase": "食中毒", "phrases": ["食中毒", "健康被害"], "count": 2, "window_min": 1440}
    about = incident(kind="critical_phrase", reasons=(Reason("critical_phrase", values),))
    told = japanese(alert(about))
    assert told.title == "【重要語】ミナモ珈琲：「食中毒」を含むネガティブな投稿が24時間で2人から"
    assert "「食中毒」「健康被害」" in told.reasons[0]


def test_an_incident_of_an_unknown_kind_still_has_words() -> None:
    about = incident(kind="review_stars", reasons=(Reason("review_stars", {"stars": 1.5}),))
    assert japanese(alert(about)).title == "【炎上の兆し】ミナモ珈琲：異変を検知しました"
    assert japanese(alert(incident(reasons=()))).title


def test_advocate_with_every_point_explained() -> None:
    reason = Reason("new_advocate", {"score": 72.0, "mentions": 9, "min_score": 60.0})
    told = japanese(alert(advocate(), kind=AlertKind.ADVOCATE, reason=reason))
    assert told.title == "【推奨者】ミナモ珈琲：花子 (@hanako)さん（スコア72）"
    assert told.reasons == ("好意的な投稿が続いた週 +35「毎朝ミナモ」", "投稿がまだ少ない -9")
    assert "本人の同意" in told.summary
    assert told.link.endswith("/advocates/3")


def test_influential_mention() -> None:
    reason = Reason("influential_negative", {"followers": 120_000, "views": 0})
    told = japanese(alert(mention(5), kind=AlertKind.MENTION, reason=reason))
    assert told.title == "【影響大】ミナモ珈琲：花子 (@hanako)さんのネガティブな投稿"
    assert told.summary == "フォロワー120,000人の投稿です。"
    assert told.link == "http://127.0.0.1:8484/topics/%E3%83%9F%E3%83%8A%E3%83%A2%E7%8F%88%E7%90%B2"


def test_source_and_channel_and_trial() -> None:
    state = SourceState(
        "ニュース", "feed", last_at=NOW, last_ok_at=NOW - timedelta(hours=5),
        last_outcome=Outcome.FAILED, error="HTTP 503", failures=4, next_at=NOW + timedelta(hours=1),
    )  # fmt: skip
    failing = source_alert(state, NOW)
    assert failing is not None
    told = japanese(failing)
    assert told.title == "【収集エラー】ニュース：4回続けて取得に失敗"
    assert {one.name: one.value for one in told.fields} == {"エラー": "HTTP 503", "次の試行": "11/23 00:50"}
    assert "11/22 18:50" in told.summary
    assert told.link == "http://127.0.0.1:8484/sources"
    assert japanese(channel_alert("slack", "", NOW)).link == "http://127.0.0.1:8484/notifications"
    assert (
        japanese(channel_alert("slack", "HTTP 410", NOW)).title
        == "【通知エラー】slack：通知を届けられませんでした"
    )
    assert japanese(trial_alert(NOW)).title == "【テスト】Kikimimiからのテスト通知です"


def test_times_follow_the_topics_timezone() -> None:
    told = render(alert(), lang="en", timezone="Europe/Berlin", base_url="")
    assert told.summary.startswith("Since Nov 22 14:50")
    assert told.quotes[0].at.utcoffset() == timedelta(hours=1)
    assert told.link == ""
    assert clock_time(datetime(2026, 1, 1, tzinfo=UTC), "ja", ZoneInfo("Asia/Tokyo")) == "1/1 09:00"


def test_every_word_exists_in_both_languages_with_the_same_blanks() -> None:
    def blanks(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    for code, words in WORDS.items():
        assert set(words) == {"ja", "en"}, code
        assert blanks(words["en"]) <= blanks(words["ja"]) | {"topic"}, code
        assert blanks(words["ja"]) - blanks(words["en"]) <= {"topic"}, code


@pytest.mark.parametrize(
    ("number", "words"),
    [(0, "0"), (38, "38"), (2.1, "2.1"), (2.0, "2"), (12.4, "12"), (12345, "12,345"), (0.05, "0.1未満")],
)
def test_amount(number: float, words: str) -> None:
    assert amount(number, "ja") == words


@pytest.mark.parametrize(
    ("text", "limit", "short"),
    [
        ("ミナモ珈琲", 5, "ミナモ珈琲"),
        ("ミナモ珈琲", 4, "ミナモ…"),
        ("家族👨‍👩‍👧と行った", 5, "家族…"),  # the family of five code points stays whole or goes
        ("か\u3099んばれ", 2, "…"),  # が written as two code points
        ("🇯🇵🇯🇵🇯🇵", 4, "🇯🇵…"),
        ("👍🏽👍🏽", 3, "👍🏽…"),
    ],
)
def test_cut_keeps_characters_whole(text: str, limit: int, short: str) -> None:
    assert cut(text, limit) == short


@given(st.text(max_size=60), st.integers(1, 40))
def test_cut_never_exceeds_and_never_splits(text: str, limit: int) -> None:
    short = cut(text, limit)
    assert len(short) <= limit
    if short != text:
        kept = short.removesuffix("…")
        assert "".join(characters(text)).startswith(kept)


def test_json_there_and_back() -> None:
    told = japanese(alert())
    assert from_json(to_json(told)) == told
    assert told.quotes[0].label is Label.NEGATIVE
