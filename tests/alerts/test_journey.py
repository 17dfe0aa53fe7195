"""Whose doing a post is, what is due, and what is told of it (pure)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from alerts import journey
from alerts.advocates import AdvocateSettings
from alerts.message import render
from storage.journeys import Task
from storage.types import Advocate, Disclosure, DisclosureKind, Label, Mention, Span, Stage, Topic
from tests.storage.samples import DAY, HOUR, NOW, TOPIC, analysis, author, mention, post
from tests.storage.test_advocates import advocate

OURS = Topic(TOPIC, TOPIC)
CONTACTED = NOW - 10 * DAY
SAID = Disclosure(DisclosureKind.SPONSORED, 0.98, Span(0, 3, "#PR", "hashtag"))
GUESSED = Disclosure(DisclosureKind.SPONSORED, 0.98)


def said(days: float, label: Label = Label.POSITIVE, **fields: Any) -> Mention:
    return mention(
        post(str(days), created_at=NOW - days * DAY), analysis=analysis(label, **fields), id=int(days * 24)
    )


@pytest.mark.parametrize(
    ("one", "lacks"),
    [
        (said(11), False), (said(10), True), (said(1), True), (said(1, disclosure=SAID), False),
        (said(1, disclosure=GUESSED), True), (said(1, Label.NEUTRAL), True), (said(1, Label.NEGATIVE), False),
    ],
)  # fmt: skip
def test_a_programme_post_must_say_so(one: Mention, lacks: bool) -> None:
    assert journey.lacks_disclosure(one, CONTACTED) is lacks
    assert not journey.lacks_disclosure(one, None)


def test_only_what_was_written_before_the_contact_counts() -> None:
    hana, ken, new = author(), author("ken"), author("new")
    people = [(hana, [said(11), said(9)]), (ken, [said(9)]), (new, [said(3)])]
    contacted = {("mastodon", "hana"): CONTACTED, ("mastodon", "new"): CONTACTED}
    assert list(journey.organic_part(people, contacted)) == [(hana, [said(11)]), (ken, [said(9)])]


def undisclosed(mentions: list[Mention], **fields: Any) -> list[Any]:
    one: Advocate = advocate(stage=fields.pop("stage", Stage.ACTIVE), id=7)
    return journey.undisclosed_alerts(
        one, fields.pop("since", CONTACTED), mentions, fields.pop("topic", OURS), NOW
    )


def test_each_hidden_post_is_told_once_and_quoted() -> None:
    found = undisclosed([said(1), said(2), said(3, disclosure=SAID), said(11)])
    assert [one.mentions for one in found] == [(said(1),), (said(2),)]
    assert len({one.key for one in found}) == 2
    assert {one.reason.code for one in found} == {"undisclosed_programme_post"}
    assert [one.key for one in undisclosed([said(2), said(1)])][::-1] == [one.key for one in found]
    for lang, words in (("ja", "表示がありません"), ("en", "does not say so")):
        told = render(found[0], lang=lang, timezone="Asia/Tokyo", base_url="http://k.example")
        assert words in told.title
        assert told.quotes[0].text == said(1).post.full_text
        assert told.link == "http://k.example/advocates/7"


def test_nobody_is_told_of_strangers_leavers_and_old_posts() -> None:
    assert undisclosed([said(1)], stage=Stage.LEFT) == []
    assert undisclosed([said(1)], topic=Topic(TOPIC, TOPIC, own=False)) == []
    assert undisclosed([said(40)], since=NOW - 60 * DAY) == []
    assert undisclosed([said(-1)]) == []


def course(text: str) -> list[Mention]:
    labels = {"+": Label.POSITIVE, "-": Label.NEGATIVE, "0": Label.NEUTRAL}
    return [said(len(text) - place, labels[sign]) for place, sign in enumerate(text)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("---+++", True), ("++---+++", True), ("---+0+0+", True), ("---++++", True), ("---++", False),
        ("---++-", False), ("+++", False), ("--+++", False), ("-+-+--+++", False), ("", False), ("---", False),
    ],
)  # fmt: skip
def test_who_turned_recovers_with_as_many_kind_words(text: str, told: bool) -> None:
    settings = AdvocateSettings(detractor_negatives=3)
    found = journey.recovered_alert(advocate(), course(text), OURS, settings, NOW)
    assert (found is not None) is told
    if found is not None:
        assert "ふたたび好意的" in render(found, lang="ja", timezone="Asia/Tokyo").title
        later = journey.recovered_alert(advocate(), [*course(text), said(0.5)], OURS, settings, NOW)
        assert later is not None
        assert later.key == found.key


def test_how_urgent_a_task_is() -> None:
    def task(due: Any, **fields: Any) -> Task:
        return Task(1, 1, "お礼", "佐藤", due, **fields)

    cases = {
        "open": task(NOW + 9 * DAY), "soon": task(NOW + HOUR), "overdue": task(NOW - timedelta(seconds=1)),
        "done": task(NOW - DAY, done_at=NOW),
    }  # fmt: skip
    assert {name: journey.urgency(one, NOW) for name, one in cases.items()} == {name: name for name in cases}
    assert journey.urgency(task(None), NOW) == "open"
