"""Links that act: only ours, only for a week, only what they say."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.links import LASTING, Deed, LinkError, Links
from alerts.message import from_json, render, to_json
from storage.types import IncidentState
from tests.alerts.made import NOW, alert, incident

OURS = Links(b"k" * 32, "https://kikimimi.example.jp/")
THEIRS = Links(b"x" * 32, "https://kikimimi.example.jp/")


@pytest.mark.parametrize("deed", list(Deed))
def test_a_link_says_what_was_promised(deed: Deed) -> None:
    promise = OURS.read(OURS.token(deed, 42, NOW), NOW)
    assert (promise.deed, promise.incident_id) == (deed, 42)
    assert OURS.url(deed, 42, NOW).startswith("https://kikimimi.example.jp/do/")


def test_a_link_lasts_a_week() -> None:
    token = OURS.token(Deed.SILENCE, 1, NOW)
    assert OURS.read(token, NOW + LASTING - timedelta(seconds=1)).incident_id == 1
    with pytest.raises(LinkError) as caught:
        OURS.read(token, NOW + LASTING)
    assert caught.value.code == "expired"


@given(at=st.integers(0, 60), letter=st.characters(codec="ascii"))
def test_no_letter_of_a_link_can_be_changed(at: int, letter: str) -> None:
    token = OURS.token(Deed.ACKNOWLEDGE, 42, NOW)
    at = at % len(token)
    changed = token[:at] + letter + token[at + 1 :]
    if changed != token:
        with pytest.raises(LinkError, match="wrong"):
            OURS.read(changed, NOW)


@pytest.mark.parametrize("token", ["", ".", "...", "acknowledge.1.9999999999.", "あ.い.う.え", "\ud800"])
def test_what_is_no_link_is_refused(token: str) -> None:
    with pytest.raises(LinkError, match="wrong"):
        OURS.read(token, NOW)
    with pytest.raises(LinkError, match="wrong"):
        OURS.read(THEIRS.token(Deed.ACKNOWLEDGE, 42, NOW), NOW)


def test_only_an_open_incident_can_be_acted_on() -> None:
    opened = incident(id=7)
    labels = [one.label for one in OURS.actions(alert(opened), "ja")]
    assert labels == ["「対応中」にする", "4時間、通知を止める"]
    for state in (IncidentState.ACKNOWLEDGED, IncidentState.RESOLVED):
        assert OURS.actions(alert(replace(opened, state=state)), "ja") == ()
    assert OURS.actions(alert(replace(opened, id=None)), "ja") == ()
    assert OURS.actions(alert("ニュース"), "ja") == ()


def test_a_message_keeps_its_actions() -> None:
    message = render(alert(incident(id=7)), lang="en", timezone="Asia/Tokyo", links=OURS)
    assert [one.code for one in message.actions] == ["acknowledge", "silence"]
    assert from_json(to_json(message)) == message
