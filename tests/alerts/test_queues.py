from __future__ import annotations

from datetime import timedelta

from alerts.decide_rules import queue_alert
from alerts.message import render
from alerts.queues import QueueSettings, QueueState, from_json, step, to_json
from storage.notices import AlertKind
from storage.types import Severity
from tests.alerts.made import NOW

SETTINGS = QueueSettings()
HOUR = timedelta(hours=1)


def after(hours: int, full: range, state: QueueState | None = None) -> tuple[QueueState, list[int]]:
    """Looked at every hour, full in the hours of `full`: the state, and the hours at which it was told."""
    state, told = state or QueueState(), []
    for hour in range(hours):
        before = state
        state = step(before, 30 if hour in full else 29, 30, SETTINGS, NOW + hour * HOUR)
        told += [hour] if state.told_at != before.told_at else []
    return state, told


def test_told_after_a_day_and_once_a_week() -> None:
    assert after(24, range(24))[1] == []
    assert after(25, range(25))[1] == [24]
    assert after(24 * 15 + 1, range(1000))[1] == [24, 24 * 8, 24 * 15]


def test_a_day_with_a_break_is_none() -> None:
    assert after(40, range(20))[1] == []
    state, told = after(60, range(21, 60))
    assert told == [45]
    assert state.full_since == NOW + 21 * HOUR


def test_state_is_written_and_read() -> None:
    state = after(25, range(25))[0]
    assert from_json(to_json(state)) == state
    assert from_json(None) == QueueState()


def test_the_alert_says_how_to_get_there() -> None:
    state = after(26, range(26))[0]
    told = queue_alert(state, 30, NOW + 25 * HOUR)
    assert told is not None
    assert told.key == "review_queue/full/20261123T145000Z"
    assert (told.kind, told.severity, told.topic) == (AlertKind.TREND, Severity.WATCH, "")
    shown = render(told, lang="ja", timezone="Asia/Tokyo", base_url="http://127.0.0.1:8484")
    assert shown.title == "【確認待ち】判定に自信のない投稿が30件たまり、24時間いっぱいのままです"
    assert shown.link == "http://127.0.0.1:8484/review"
    assert "kikimimi review" in shown.fields[0].value
    english = render(told, lang="en", timezone="Asia/Tokyo")
    assert english.title == "[Review queue] 30 uncertain posts wait; the queue has been full for 24 h"
    assert queue_alert(state, 30, NOW + 27 * HOUR) is None
    assert queue_alert(QueueState(), 30, NOW) is None
