from __future__ import annotations

from dataclasses import replace

from alerts.incident.dossier import dossier
from alerts.incident.todo import todos
from storage.cases import Event, EventKind, IssuedReport, ReportKind
from storage.types import Emotion, IncidentState
from tests.alerts.incident.cases import (
    DAY,
    FAN,
    FIRST,
    HOUR,
    LOUD,
    MINUTE,
    OPENED,
    REPLY,
    SINCE,
    TAKEN,
    case,
    crowd,
    incident,
    made,
    special,
)
from tests.alerts.made import NOW


def test_the_first_post_is_found_by_its_words_whatever_the_model_felt() -> None:
    seen = made()
    assert seen.first is not None
    assert seen.first.post.author == FIRST
    assert seen.start == SINCE - 30 * MINUTE
    assert seen.end == NOW


def test_an_unrelated_complaint_from_before_is_not_the_first_post() -> None:
    other = replace(crowd(1)[0], id=77, story=None)
    other = replace(other, post=replace(other.post, text="レジが遅い", created_at=SINCE - 5 * HOUR))
    seen = made(mentions=[other, *crowd(), *special()])
    assert seen.first is not None
    assert seen.first.post.author == FIRST


def test_who_carries_it_who_stands_up_and_who_are_we() -> None:
    seen = made()
    assert seen.amplifiers[0].author == LOUD
    assert [one.id for one in seen.media] == [3]
    assert [one.id for one in seen.official] == [4]
    assert [(one.author, one.advocate) for one in seen.defenders] == [(FAN, True)]
    assert all(one.author not in (FAN, seen.official[0].post.author) for one in seen.amplifiers)


def test_numbers_add_up() -> None:
    seen = made()
    assert len(seen.negative) + len(seen.positive) + len(seen.neutral) == len(seen.mentions) == 45
    assert (seen.people.known, len(seen.people.new)) == (41, 39)
    assert dict(seen.emotions)[Emotion.ANGER] == tuple(100 + number for number in range(0, 40, 2))
    assert sum(len(ids) for _, ids in seen.sources) == 45


def test_points_are_words_that_are_new_with_a_post_that_says_them() -> None:
    seen = made()
    assert {"氷", "スコップ"} & {one.word for one in seen.points}
    for point in seen.points:
        assert point.word in point.quote.post.text
        assert point.quote.id in point.mentions
    assert [told.story for told in seen.stories] == [7]


def test_a_quiet_incident_with_no_mentions_left_is_still_a_file() -> None:
    seen = dossier(case(mentions=[]))
    assert (seen.first, seen.points, seen.negative) == (None, (), ())
    assert seen.growth.counts == ()


def test_the_owner_is_the_last_one_named() -> None:
    events = tuple(
        Event(1, EventKind.OWNER, NOW, "佐藤", name, id=n) for n, name in enumerate(("鈴木", "高橋"))
    )
    assert made(events=events).owner == "高橋"
    assert made(incident=incident(acknowledged_by="佐藤")).owner == "佐藤"


def codes(*reports: IssuedReport, now: object = None, **changes: object) -> list[str]:
    return [one.reason.code for one in todos(made(**changes), reports, NOW)]


def issued(kind: ReportKind, ago: object = MINUTE) -> IssuedReport:
    return IssuedReport(1, 1, kind, NOW - ago, "佐藤", {}, {}, 9)  # type: ignore[operator]


def test_what_to_do_follows_what_was_done() -> None:
    assert codes()[:2] == ["take", "first"]
    taken = incident(state=IncidentState.ACKNOWLEDGED)
    assert "owner" in codes(incident=taken)
    assert "reply" not in codes(incident=taken, events=(OPENED, TAKEN, REPLY))
    assert "follow_up" in codes(issued(ReportKind.FIRST, 3 * HOUR))
    promised = Event(1, EventKind.REPORT, NOW - HOUR, values={"next_at": (NOW - MINUTE).isoformat()}, id=9)
    assert codes(issued(ReportKind.FIRST, HOUR), events=(OPENED, promised))[1] == "due"
    over = incident(state=IncidentState.RESOLVED, resolved_at=NOW)
    assert codes(issued(ReportKind.FIRST, DAY), incident=over) == ["final"]
    assert codes(issued(ReportKind.FINAL), incident=over) == []
