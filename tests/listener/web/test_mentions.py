"""What a mention's text shows, which mentions come first, how the filter is read, how sources are doing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listener.web.filters import lenient, page_number
from listener.web.highlight import body_pieces, pieces, title_pieces
from listener.web.lights import lights
from listener.web.urgency import worth_a_look
from storage.types import Label, Mention, Outcome, SignalKind, SourceState, Span
from tests.listener.web.seed import NOW, mention

TOKYO = ZoneInfo("Asia/Tokyo")
TEXT = "ミナモ珈琲は最高。#PR"


def sample(**changes: Any) -> Mention:
    return mention(
        1, NOW, TEXT, Label.POSITIVE, kind=SignalKind.PRAISE, evidence="最高", sponsored="#PR", **changes
    )


def test_the_match_and_the_evidence_are_marked() -> None:
    marked = {piece.text: piece.marks for piece in body_pieces(sample()) if piece.marks}
    assert marked == {"ミナモ珈琲": {"match"}, "最高": {"signal"}, "#PR": {"disclosure"}}


def test_overlapping_marks_are_both_shown() -> None:
    one = replace(sample(), matched=(Span(0, 8, "ミナモ珈琲は最", "term"),))
    assert one.post.full_text[:8] != "ミナモ珈琲は最"
    one = replace(sample(), matched=(Span(0, 7, "ミナモ珈琲は最", "term"),))
    marks = [(piece.text, set(piece.marks)) for piece in body_pieces(one)][:3]
    assert marks == [("ミナモ珈琲は", {"match"}), ("最", {"match", "signal"}), ("高", {"signal"})]


def test_a_span_that_does_not_fit_the_text_is_left_out() -> None:
    one = replace(sample(), matched=(Span(3, 8, "ちがう文字列", "term"),))
    assert not any("match" in piece.marks for piece in body_pieces(one))


def test_title_and_text_are_marked_apart() -> None:
    one = sample(platform="appstore")
    assert "".join(piece.text for piece in title_pieces(one)) == "アプリの評価"
    assert "".join(piece.text for piece in body_pieces(one)) == TEXT


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 13), st.integers(0, 13)), max_size=6),
    st.integers(0, 13),
    st.integers(0, 13),
)
def test_pieces_put_together_are_the_text(spans: list[tuple[int, int]], start: int, end: int) -> None:
    start, end = sorted((start, end))
    one = sample()
    text = one.post.full_text
    found = tuple(Span(min(pair), max(pair), text[min(pair) : max(pair)]) for pair in spans)
    assert "".join(piece.text for piece in pieces(replace(one, matched=found), start, end)) == text[start:end]


def test_the_urgent_come_first_and_a_story_once() -> None:
    calm = mention(1, NOW, "ミナモ珈琲で休憩", Label.NEUTRAL)
    angry = mention(
        3,
        NOW,
        "ミナモ珈琲はもう使わない",
        Label.NEGATIVE,
        kind=SignalKind.CHURN_INTENT,
        evidence="もう使わない",
        story=7,
    )
    copied = replace(angry, id=99)
    old = mention(
        5,
        NOW - timedelta(days=4),
        "ミナモ珈琲はもう使わない",
        Label.NEGATIVE,
        kind=SignalKind.WARN,
        evidence="もう",
        story=8,
    )
    assert [one.story for one in worth_a_look([calm, old, angry, copied], NOW, 3)] == [7, None, 8]


@pytest.mark.parametrize(
    ("asked", "field", "value"),
    [
        ({"sentiment": "negative"}, "label", Label.NEGATIVE),
        ({"signal": "warn"}, "signal", SignalKind.WARN),
        ({"q": " 返金 "}, "text", "返金"),
        ({"author": "@nagisa_k"}, "author", "nagisa_k"),
        ({"text_lang": "ja"}, "lang", "ja"),
        ({"since": "2026-11-20"}, "since", datetime(2026, 11, 19, 15, tzinfo=UTC)),
        ({"until": "2026-11-20"}, "until", datetime(2026, 11, 20, 15, tzinfo=UTC)),
        ({"since": "2026-11-20T10:00:00+00:00"}, "since", datetime(2026, 11, 20, 10, tzinfo=UTC)),
        ({"since": "2026-11-20T00:00:00+00:00"}, "since", datetime(2026, 11, 20, tzinfo=UTC)),
        ({"until": "9999-12-31"}, "until", datetime(9999, 1, 2, tzinfo=UTC)),
        ({"period": "24h"}, "since", datetime(2026, 11, 21, 15, tzinfo=UTC)),
        ({"period": "all"}, "since", None),
        ({"lang": "en"}, "lang", None),
    ],
)
def test_the_filter_is_read_from_the_address(asked: Mapping[str, str], field: str, value: object) -> None:
    query, dropped = lenient(asked)
    assert dropped == ()
    assert getattr(query.where("minamo", NOW, TOKYO), field) == value


@pytest.mark.parametrize(
    "asked",
    [
        {"sentiment": "angry"},
        {"signal": "<b>"},
        {"since": "yesterday"},
        {"since": "1700000000"},
        {"story": "x"},
        {"story": "9" * 30},
    ],
)
def test_what_cannot_be_read_is_named_and_left_out(asked: Mapping[str, str]) -> None:
    query, dropped = lenient({**asked, "q": "返金"})
    assert dropped == tuple(asked)
    assert query.q == "返金"


@pytest.mark.parametrize(
    ("text", "number"), [(None, 1), ("3", 3), ("0", 1), ("-2", 1), ("x", 1), ("99999999999", 1), ("٣", 1)]
)
def test_page_numbers(text: str | None, number: int) -> None:
    assert page_number(text) == number


@dataclass(frozen=True)
class Configured:
    name: str = "a"
    kind: str = "feed"
    interval: timedelta = timedelta(minutes=15)
    enabled: bool = True


@pytest.mark.parametrize(
    ("state", "enabled", "health"),
    [
        (None, True, "new"),
        (SourceState("a", "feed", last_at=NOW, last_outcome=Outcome.OK), False, "off"),
        (SourceState("a", "feed", last_at=NOW, last_outcome=Outcome.OK), True, "ok"),
        (SourceState("a", "feed", last_at=NOW, last_outcome=Outcome.UNCHANGED), True, "ok"),
        (SourceState("a", "feed", last_at=NOW - timedelta(hours=2), last_outcome=Outcome.OK), True, "late"),
        (SourceState("a", "feed", last_at=NOW, last_outcome=Outcome.FAILED, next_at=NOW), True, "failing"),
        (SourceState("a", "feed", last_at=NOW, last_outcome=Outcome.FAILED), True, "down"),
    ],
)
def test_a_sources_health(state: SourceState | None, enabled: bool, health: str) -> None:
    states = {"a": state} if state else {}
    assert [one.health for one in lights([Configured(enabled=enabled)], states, {}, NOW)] == [health]


def test_a_source_that_left_the_configuration_is_still_shown() -> None:
    states = {"b": SourceState("b", "feed", last_at=NOW, last_outcome=Outcome.OK)}
    assert [(one.name, one.health) for one in lights([Configured()], states, {}, NOW)] == [
        ("a", "new"),
        ("b", "gone"),
    ]
