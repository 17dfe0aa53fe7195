"""The file of an incident: its log, its merging, its reports, and what became of the evidence."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from storage.casebook import MergeError
from storage.cases import Event, EventKind, Fate, Mark, ReportKind
from storage.db import Store
from storage.types import IncidentState, Severity
from tests.storage.samples import HOUR, MINUTE, NOW, TOPIC, author, mention, post, save
from tests.storage.test_incidents import incident, worse

RESOLVED = IncidentState.RESOLVED


def opened(store: Store, key: str = "k/1", **fields: object) -> int:
    return store.save_incident(incident(key, **fields)).id or 0


def kinds(store: Store, number: int) -> list[str]:
    return [event.kind.value for event in store.casebook.events(number)]


def test_every_step_is_written_down_with_who_and_when(store: Store) -> None:
    number = opened(store)
    store.save_incident(worse(incident("k/1"), 5))
    store.save_incident(worse(incident("k/1"), 6))  # no step: nothing changed
    store.acknowledge(number, "佐藤", NOW + 7 * MINUTE)
    store.acknowledge(number, "鈴木", NOW + 8 * MINUTE)  # too late: no step
    store.casebook.write(Event(number, EventKind.NOTE, NOW + 9 * MINUTE, "佐藤", "店に確認中"))
    store.save_incident(worse(incident("k/1"), 60, state=RESOLVED, resolved_at=NOW + HOUR))
    store.save_incident(worse(incident("k/1"), 90))
    store.resolve(number, "佐藤", NOW + 2 * HOUR)
    assert kinds(store, number) == [
        "opened", "escalated", "acknowledged", "note", "all_clear", "reopened", "resolved",
    ]  # fmt: skip
    found = store.casebook.events(number)
    assert found[1].values == {"from": Severity.WARNING.value, "severity": Severity.CRISIS.value}
    assert (found[2].by, found[2].at) == ("佐藤", NOW + 7 * MINUTE)
    assert found[3].note == "店に確認中"
    assert [event.id for event in found] == sorted(event.id or 0 for event in found)


def test_a_step_that_something_else_makes_true_is_not_written_by_hand(store: Store) -> None:
    with pytest.raises(ValueError, match="resolved"):
        store.casebook.write(Event(opened(store), EventKind.RESOLVED, NOW, "佐藤"))
    assert store.casebook.write(Event(10**6, EventKind.NOTE, NOW, "佐藤", "?")) is None


def test_a_merged_incident_points_to_the_other_and_is_silent(store: Store) -> None:
    first, second = opened(store, "k/1"), opened(store, "k/2")
    store.casebook.merge(second, first, "佐藤", NOW + MINUTE, "同じ件")
    assert store.casebook.merged() == {second: first}
    assert store.casebook.silent() == {second}
    assert kinds(store, second) == ["opened", "merged"]
    assert kinds(store, first) == ["opened", "absorbed"]
    assert store.casebook.events(second)[1].values == {"into": first}


def test_what_still_runs_speaks_again_when_the_other_is_over(store: Store) -> None:
    first, second = opened(store, "k/1"), opened(store, "k/2")
    store.casebook.merge(second, first, "佐藤", NOW)
    store.resolve(first, "佐藤", NOW + MINUTE)
    assert store.casebook.silent() == frozenset()
    store.resolve(second, "佐藤", NOW + 2 * MINUTE)
    assert store.casebook.silent() == {second}


def test_merging_goes_along_and_never_in_a_circle(store: Store) -> None:
    first, second, third = (opened(store, f"k/{n}") for n in range(3))
    store.casebook.merge(third, second, "佐藤", NOW)
    store.casebook.merge(second, first, "佐藤", NOW)
    assert store.casebook.merged() == {third: first, second: first}
    with pytest.raises(MergeError) as refused:
        store.casebook.merge(first, second, "佐藤", NOW)
    assert refused.value.code == "merged"


@pytest.mark.parametrize("code", ["same", "unknown", "topic", "over"])
def test_a_merge_that_makes_no_sense_is_refused_and_writes_nothing(store: Store, code: str) -> None:
    first = opened(store, "k/1")
    other = opened(store, "k/2", topic="別のトピック") if code == "topic" else opened(store, "k/2")
    if code == "over":
        store.resolve(other, "佐藤", NOW)
    into = {"same": first, "unknown": 10**6}.get(code, other)
    with pytest.raises(MergeError) as refused:
        store.casebook.merge(first, into, "佐藤", NOW)
    assert refused.value.code == code
    assert store.casebook.merged() == {}
    assert kinds(store, first) == ["opened"]


def test_a_split_restores_the_merged_one_and_is_written_down_on_both(store: Store) -> None:
    first, second = opened(store, "k/1"), opened(store, "k/2")
    store.casebook.merge(second, first, "佐藤", NOW)
    assert store.casebook.split(second, "鈴木", NOW + HOUR, "別の店の件") == first
    assert store.casebook.merged() == {}
    assert store.casebook.silent() == frozenset()
    assert kinds(store, second) == ["opened", "merged", "split"]
    assert kinds(store, first) == ["opened", "absorbed", "released"]
    ours, theirs = store.casebook.events(second)[-1], store.casebook.events(first)[-1]
    assert (ours.by, ours.at, ours.note, ours.values) == ("鈴木", NOW + HOUR, "別の店の件", {"from": first})
    assert (theirs.by, theirs.at, theirs.values) == ("鈴木", NOW + HOUR, {"incident": second})
    store.casebook.merge(second, first, "佐藤", NOW + 2 * HOUR)  # and it can be merged again
    assert store.casebook.merged() == {second: first}


def test_a_split_takes_along_what_had_come_along(store: Store) -> None:
    one, two, three, four, five = (opened(store, f"k/{n}") for n in range(5))
    store.casebook.merge(four, three, "佐藤", NOW)
    store.casebook.merge(three, two, "佐藤", NOW)
    store.casebook.merge(two, one, "佐藤", NOW)
    store.casebook.merge(five, one, "佐藤", NOW)
    store.casebook.split(two, "佐藤", NOW)
    assert store.casebook.merged() == {three: two, four: two, five: one}
    store.casebook.split(four, "佐藤", NOW)
    assert store.casebook.merged() == {three: two, five: one}


@pytest.mark.parametrize("code", ["unknown", "apart", "final"])
def test_a_split_that_makes_no_sense_is_refused_and_writes_nothing(store: Store, code: str) -> None:
    first, second = opened(store, "k/1"), opened(store, "k/2")

    def issue(kind: ReportKind) -> None:
        store.casebook.issue(first, kind, "佐藤", NOW, compose=lambda step: ({}, {}, []))

    issue(ReportKind.FINAL)  # of the first one alone: no matter
    if code != "apart":
        store.casebook.merge(second, first, "佐藤", NOW)
    issue(ReportKind.FIRST)
    if code == "final":
        issue(ReportKind.FINAL)
    merged, log = store.casebook.merged(), kinds(store, second)
    with pytest.raises(MergeError) as refused:
        store.casebook.split(10**6 if code == "unknown" else second, "佐藤", NOW)
    assert refused.value.code == code
    assert (store.casebook.merged(), kinds(store, second)) == (merged, log)
    if code == "unknown":
        assert store.casebook.split(second, "佐藤", NOW) == first


def test_a_report_its_step_and_its_evidence_are_kept_together(store: Store) -> None:
    (one,) = save(store, mention())
    number = opened(store)
    made = store.casebook.issue(
        number, ReportKind.FIRST, "佐藤", NOW, values={"next_at": "x"},
        compose=lambda step: ({"ja": {"step": step.id}}, {"negative": 3}, [one.id or 0]),
    )  # fmt: skip
    assert (made.number, made.content, made.figures) == (1, {"ja": {"step": made.event_id}}, {"negative": 3})
    assert store.casebook.reports(number) == [made]
    assert store.casebook.events(number)[-1].values == {"kind": "first", "next_at": "x"}
    assert [held.mention_id for held in store.evidence(number)] == [one.id]


def test_a_report_that_cannot_be_written_leaves_nothing(store: Store) -> None:
    number = opened(store)

    def broken(_: Event) -> tuple[dict[str, object], dict[str, object], list[int]]:
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        store.casebook.issue(number, ReportKind.FIRST, "佐藤", NOW, compose=broken)
    assert store.casebook.reports(number) == []
    assert kinds(store, number) == ["opened"]


def evident(store: Store) -> tuple[int, int]:
    (one,) = save(store, mention())
    return opened(store, evidence=(one.id,)), one.id or 0


def test_a_post_that_is_rewritten_is_marked_and_its_first_words_stay(store: Store) -> None:
    number, mention_id = evident(store)
    first = store.evidence(number)[0].text
    later = post(text="さっきの投稿は誤りでした", fetched_at=NOW + MINUTE)
    save(store, replace(mention(later), id=None))
    save(store, replace(mention(later), id=None))  # seen again: no second mark
    (mark,) = store.casebook.marks(number)
    assert (mark.fate, mark.mention_id, mark.text) == (Fate.CHANGED, mention_id, later.text)
    assert mark.sha256 == hashlib.sha256(later.text.encode()).hexdigest()
    assert store.evidence(number)[0].text == first
    assert kinds(store, number)[-1] == "evidence"


def test_another_sources_version_is_no_change(store: Store) -> None:
    number, _ = evident(store)
    other = post(text="別のサーバーの見え方", source="other", fetched_at=NOW + MINUTE)
    save(store, mention(other), source="other")
    assert store.casebook.marks(number) == []


def test_a_post_that_goes_and_comes_back_is_marked_once_each(store: Store) -> None:
    number, mention_id = evident(store)
    place = (store.casebook.numbers(number)[mention_id], number, mention_id)
    gone, back = Mark(*place, Fate.GONE, NOW), Mark(*place, Fate.BACK, NOW + HOUR)
    assert store.casebook.mark([back]) == 0
    assert store.casebook.mark([gone, gone]) == 1
    assert store.casebook.mark([back, back]) == 1
    assert [mark.fate for mark in store.casebook.marks(number)] == [Fate.GONE, Fate.BACK]


def test_who_spoke_of_the_topic_before(store: Store) -> None:
    old = post("1", author=author("old"), created_at=NOW - 5 * HOUR)
    new = post("2", author=author("new"), created_at=NOW - MINUTE)
    save(store, mention(old), mention(new))
    asked = [("mastodon", "old"), ("mastodon", "new"), ("x", "old")]
    assert store.casebook.seen_before(TOPIC, NOW - HOUR, asked) == {("mastodon", "old")}
    assert store.casebook.seen_before("other", NOW, asked) == frozenset()


def test_incidents_from_before_have_their_steps(new_url: Callable[[], str]) -> None:
    """A database of the version before gets a log from what its rows tell."""
    url = new_url()
    with Store.open(url) as store:
        number = opened(store)
        store.acknowledge(number, "佐藤", NOW + MINUTE)
        store.resolve(number, "佐藤", NOW + HOUR)
        with store._database.write() as connection:
            config = Config()
            config.set_main_option("script_location", str(Path(__file__).parents[2] / "storage/migrations"))
            config.attributes["connection"] = connection
            for table in ("evidence_mark", "incident_report", "incident_merge", "incident_event"):
                connection.execute(text(f"DROP TABLE {table}"))
            connection.execute(text("UPDATE alembic_version SET version_num = '0003'"))
            command.upgrade(config, "0004")
        assert kinds(store, number) == ["opened", "acknowledged", "resolved"]
        assert [event.by for event in store.casebook.events(number)] == ["", "佐藤", "佐藤"]
