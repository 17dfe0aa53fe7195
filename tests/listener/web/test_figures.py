"""Periods, bars, numbers and times: pure functions, in tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from listener.web import charts, formats
from listener.web.periods import PERIODS, slots, span_window, window
from storage.types import Bucket, Incident, IncidentState, Severity

TOKYO, BERLIN = ZoneInfo("Asia/Tokyo"), ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 22, 14, 50, tzinfo=UTC)


@pytest.mark.parametrize("code", list(PERIODS))
def test_a_window_ends_in_the_running_hour_and_has_all_its_bars(code: str) -> None:
    view = window(PERIODS[code], NOW, TOKYO)
    assert len(view.edges) == PERIODS[code].bars + 1
    assert view.end == datetime(2026, 11, 22, 15, tzinfo=UTC)
    assert view.edges[-2] <= NOW < view.edges[-1]
    assert view.end - view.start == view.previous_end - view.previous_start


def test_days_begin_at_midnight_of_the_topic() -> None:
    view = window(PERIODS["30d"], NOW, TOKYO)
    assert {edge.astimezone(TOKYO).hour for edge in view.edges} == {0}
    assert view.edges[-2].astimezone(TOKYO).day == 22


def test_a_clock_change_makes_a_day_longer() -> None:
    view = window(PERIODS["30d"], datetime(2026, 11, 1, 12, tzinfo=UTC), BERLIN)
    lengths = {after - before for before, after in zip(view.edges, view.edges[1:], strict=False)}
    assert lengths == {timedelta(hours=24), timedelta(hours=25)}


def test_buckets_become_bars_and_nothing_is_lost() -> None:
    view = window(PERIODS["24h"], NOW, TOKYO)
    hours = [
        Bucket(view.start + timedelta(hours=n), volume=3, positive=1, neutral=0, negative=2, score_sum=-0.9)
        for n in (0, 5, 23)
    ]
    bars = slots([Bucket(view.start - timedelta(hours=1), volume=99), *hours], view)
    assert [n for n, bar in enumerate(bars) if bar.volume] == [0, 5, 23]
    assert bars[5].score == pytest.approx(-0.3)
    assert bars[6].score is None


def test_an_incidents_window_holds_its_end() -> None:
    view = span_window(NOW - timedelta(hours=25), NOW, hours=6)
    assert view.edges[0] <= NOW - timedelta(hours=25)
    assert view.edges[-1] > NOW


@pytest.mark.parametrize(
    ("largest", "top", "step"),
    [
        (0, 4, 2),
        (1, 4, 2),
        (4, 4, 2),
        (5, 6, 2),
        (9, 10, 5),
        (41, 60, 20),
        (100, 100, 50),
        (999, 1000, 500),
        (1001, 1500, 500),
    ],
)
def test_the_axis_is_round_and_holds_the_largest(largest: int, top: int, step: int) -> None:
    assert charts.nice_scale(largest) == (top, step)


def test_bars_are_stacked_on_the_baseline() -> None:
    view = window(PERIODS["24h"], NOW, TOKYO)
    chart = charts.build(slots([Bucket(view.start, 6, 3, 2, 1, 1.2)], view), view)
    bar = chart.bars[0]
    assert [part.kind for part in bar.parts] == ["negative", "neutral", "positive"]
    assert bar.parts[0].y + bar.parts[0].height == pytest.approx(chart.volume_bottom)
    assert bar.parts[2].y == pytest.approx(charts.TOP)
    assert sum(part.height for part in bar.parts) == pytest.approx(150)
    assert chart.total == 6


def test_the_line_breaks_where_nobody_spoke() -> None:
    view = window(PERIODS["24h"], NOW, TOKYO)
    hours = [Bucket(view.start + timedelta(hours=n), 1, 1, 0, 0, 0.4) for n in (0, 1, 3, 4, 5, 9)]
    chart = charts.build(slots(hours, view), view)
    assert [line.count(",") for line in chart.lines] == [2, 3]
    assert sum(1 for bar in chart.bars if bar.score_y is not None) == 6


@pytest.mark.parametrize(
    ("opened", "resolved", "shown"),
    [(-3, None, True), (-50, -40, False), (-50, -2, True), (-50, None, True), (2, None, False)],
)
def test_only_incidents_in_the_window_are_marked(opened: int, resolved: int | None, shown: bool) -> None:
    view = window(PERIODS["24h"], NOW, TOKYO)
    begun = NOW + timedelta(hours=opened)
    ended = None if resolved is None else NOW + timedelta(hours=resolved)
    state = IncidentState.RESOLVED if ended else IncidentState.OPEN
    incident = Incident("k", "t", "negative_excess", Severity.CRISIS, state, begun, begun, (), (), ended)
    chart = charts.build(slots([], view), view, incidents=[incident])
    assert bool(chart.markers) == shown
    for marker in chart.markers:
        assert 0 <= marker.x <= 100
        assert marker.x + marker.width <= 101


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.4249, "+0.42"), (-0.86, "−0.86"), (0.001, "0.00"), (-0.001, "0.00"), (None, "—")],
)
def test_scores_carry_their_sign(value: float | None, expected: str) -> None:
    assert formats.score(value) == expected


@pytest.mark.parametrize(
    ("value", "ja", "en"),
    [
        (None, "—", "—"),
        (0, "0", "0"),
        (9999, "9,999", "10K"),
        (12300, "1.2万", "12.3K"),
        (10000, "1万", "10K"),
        (250000000, "2.5億", "250M"),
    ],
)
def test_large_numbers(value: float | None, ja: str, en: str) -> None:
    assert (formats.compact(value, "ja"), formats.compact(value, "en")) == (ja, en)


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [(10, 5, "+100%"), (5, 10, "−50%"), (5, 5, "±0%"), (5, 0, "—"), (3000, 1, "+299,900%")],
)
def test_changes(now: int, before: int, expected: str) -> None:
    assert formats.change(now, before) == expected


@pytest.mark.parametrize(
    ("minutes", "ja", "en"),
    [
        (0, "たった今", "just now"), (12, "12分前", "12 min ago"), (-12, "12分後", "in 12 min"),
        (60 * 5, "5時間前", "5 h ago"),
        (60 * 72, "3日前", "3 days ago"), (-60 * 72, "3日後", "in 3 days"), (-0.5, "まもなく", "shortly"),
    ],
)  # fmt: skip
def test_how_long_ago(minutes: float, ja: str, en: str) -> None:
    moment = NOW - timedelta(minutes=minutes)
    assert (formats.ago(moment, NOW, "ja"), formats.ago(moment, NOW, "en")) == (ja, en)


@pytest.mark.parametrize(
    ("minutes", "ja", "en"),
    [
        (0, "0分", "0 min"),
        (52, "52分", "52 min"),
        (60, "1時間", "1 h"),
        (95, "1時間35分", "1 h 35 min"),
        (3000, "2日", "2 days"),
    ],
)
def test_durations(minutes: int, ja: str, en: str) -> None:
    length = timedelta(minutes=minutes)
    assert (formats.duration(length, "ja"), formats.duration(length, "en")) == (ja, en)


def test_times_stand_in_the_topics_zone_and_name_another_year() -> None:
    assert formats.clock(NOW, TOKYO, "ja", NOW) == "11月22日(日) 23:50"
    assert formats.clock(NOW, TOKYO, "en", NOW) == "Sun 22 Nov 23:50"
    assert formats.clock(NOW - timedelta(days=365), TOKYO, "ja", NOW) == "2025年11月22日(土) 23:50"
    assert formats.full_clock(NOW, TOKYO) == "2026-11-22 23:50:00 JST"


@pytest.mark.parametrize(
    ("url", "followed"),
    [
        ("https://example.com/a?b=c", True), ("http://example.com", True), ("HTTPS://example.com", True),
        ("javascript:alert(1)", False), ("data:text/html,x", False), ("ftp://example.com", False),
        ("//example.com", False),
        ("https:///nohost", False), ("", False), ("https://[broken", False), (" javascript:alert(1)", False),
    ],
)  # fmt: skip
def test_only_web_addresses_become_links(url: str, followed: bool) -> None:
    assert bool(formats.web_link(url)) == followed
