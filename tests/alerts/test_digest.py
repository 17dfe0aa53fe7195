"""Digests: when they are due, which stories they show, and how they read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from alerts.digest import DigestTimes, Stretch, alert, change, due, main_stories
from alerts.message import from_json, render, to_json
from storage.notices import Digest, TopicDigest
from storage.types import Emotion, IncidentState, Label, Observation, Severity
from tests.alerts.made import incident, mention

TOKYO = ZoneInfo("Asia/Tokyo")
NINE = DigestTimes(daily=time(9), weekly=time(9), weekday=0)


def tokyo(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TOKYO)


@pytest.mark.parametrize(
    ("now", "found"),
    [
        ("2026-11-22T08:59", []),
        ("2026-11-22T09:00", ["daily"]),
        ("2026-11-22T15:00", ["daily"]),
        ("2026-11-22T15:01", []),  # six hours late: old news
        ("2026-11-23T09:00", ["daily", "weekly"]),  # a Monday
        ("2026-11-24T09:30", ["daily"]),
    ],
)
def test_due_within_six_hours(now: str, found: list[str]) -> None:
    assert [one.period for one in due(NINE, tokyo(now).astimezone(UTC), "Asia/Tokyo")] == found


def test_a_stretch_ends_at_the_minute_and_the_one_before_is_as_long() -> None:
    (one,) = due(DigestTimes(daily=time(9, 30)), tokyo("2026-11-22T10:00"), "Asia/Tokyo")
    assert one == Stretch("daily", tokyo("2026-11-21T09:30"), tokyo("2026-11-22T09:30"))
    assert one.before == tokyo("2026-11-20T09:30")


def test_a_day_may_have_23_hours() -> None:
    """Clocks went forward in Berlin on 2026-03-29; nine o'clock is nine o'clock."""
    (one,) = due(DigestTimes(daily=time(9)), datetime(2026, 3, 29, 7, 30, tzinfo=UTC), "Europe/Berlin")
    assert one.end.astimezone(UTC) - one.start.astimezone(UTC) == timedelta(hours=23)


def test_never_is_never() -> None:
    assert due(DigestTimes(), tokyo("2026-11-23T09:00"), "Asia/Tokyo") == []


def told(
    number: int, label: Label, *, story: int | None = None, author: str = "", engagement: int = 0
) -> Observation:
    at = tokyo("2026-11-22T08:00") + timedelta(minutes=number)
    who = author or f"x:{number}"
    return Observation(number, at, who, label, Emotion.NONE, story, None, engagement, "x")


def test_a_story_counts_its_people_and_shows_the_one_most_reacted_to() -> None:
    seen = [
        told(1, Label.NEGATIVE, story=1),
        told(2, Label.NEGATIVE, story=1, engagement=90),
        told(3, Label.NEGATIVE, story=1, author="x:1"),
        told(4, Label.POSITIVE, engagement=500),
        told(5, Label.NEUTRAL, engagement=9999),
    ]
    assert main_stories(seen) == [(2, 2), (4, 1)]


def test_a_bad_day_has_its_good_word_too() -> None:
    seen = [told(n, Label.NEGATIVE, engagement=100) for n in range(1, 9)] + [told(9, Label.POSITIVE)]
    shown = [number for number, _ in main_stories(seen)]
    assert len(shown) == 5
    assert shown[-1] == 9
    assert main_stories([]) == []


def day(**more: object) -> Digest:
    stories = ((mention(7, "店員さんが神対応だった", label=Label.POSITIVE), 3),)
    topics = (
        TopicDigest("ミナモ珈琲", True, 123, 60, 9, 100, 12),
        TopicDigest("トマリギコーヒー", False, 40, 12, 2, 0, 0),
    )
    whole = Digest("daily", tokyo("2026-11-21T09:00"), tokyo("2026-11-22T09:00"), topics, stories=stories)
    return replace(whole, **more)  # type: ignore[arg-type]


def words(digest: Digest, lang: str) -> str:
    found = alert(digest, tokyo("2026-11-22T09:00"), when_empty=True)
    assert found is not None
    message = render(found, lang=lang, timezone="Asia/Tokyo", base_url="http://here")
    assert from_json(to_json(message)) == message
    fields = [f"{field.name}={field.value}" for field in message.fields]
    return "\n".join(
        [message.title, message.summary, *message.reasons, *fields, *(q.text for q in message.quotes)]
    )


def test_it_reads_in_japanese() -> None:
    assert words(day(), "ja").splitlines() == [
        "【日報】11/21（土）：言及123件、うちネガティブ9件",
        "炎上・異変はありませんでした。",
        "ミナモ珈琲：123件（前回比+23%）、ポジティブ60、ネガティブ9（前回12）",
        "競合 トマリギコーヒー：40件（前回は0件）、ポジティブ12、ネガティブ2（前回0）",
        "店員さんが神対応だった",
    ]


def test_it_says_what_needs_a_person() -> None:
    open_one = incident(Severity.CRISIS)
    over = replace(incident(Severity.WATCH), state=IncidentState.RESOLVED)
    names = tuple(f"ファン{n}" for n in range(7))
    text = words(day(incidents=(open_one, over), advocates=names, waiting=12, failing=("ニュース",)), "ja")
    assert "炎上・異変が2件ありました（対応中・未対応 1件）。" in text
    assert "新しい推奨者=ファン0、ファン1、ファン2、ファン3、ファン4、ほか2人" in text
    assert "要確認の言及=12件" in text
    assert "読めない収集元=ニュース" in text


def test_a_week_in_english() -> None:
    text = words(day(period="weekly", start=tokyo("2026-11-16T09:00"), end=tokyo("2026-11-23T09:00")), "en")
    assert text.startswith(
        "[Weekly] Mon Nov 16 – Mon Nov 23: 123 mentions, 9 negative\nThere were no incidents."
    )
    assert "Competitor トマリギコーヒー: 40 mentions (none before)" in text


def test_nothing_happened_is_told_only_when_asked_for() -> None:
    quiet = Digest("daily", tokyo("2026-11-21T09:00"), tokyo("2026-11-22T09:00"))
    assert quiet.empty
    assert alert(quiet, tokyo("2026-11-22T09:00"), when_empty=False) is None
    assert "新しい言及はありませんでした" in words(quiet, "ja")


def test_the_same_digest_has_the_same_key() -> None:
    keys = {
        a.key for hour in (9, 12) if (a := alert(day(), tokyo(f"2026-11-22T{hour:02}:00"), when_empty=False))
    }
    assert keys == {"digest/daily/20261122T0000Z"}


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [(5, 4, {"code": "change", "percent": 25.0}), (0, 4, {"code": "change", "percent": -100.0}),
     (3, 0, {"code": "new"}), (0, 0, {"code": "none"})],
)  # fmt: skip
def test_a_change_needs_something_before(now: int, before: int, said: dict[str, object]) -> None:
    assert change(now, before) == said
