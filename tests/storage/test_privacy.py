"""Opting out and being erased, on both databases: nothing of the person is left in any table, and it stays so."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import SQLModel

from storage.cases import Event, EventKind, ReportKind
from storage.consents import Consent, ConsentKind, Scope
from storage.db import MentionFilter, Store
from storage.journeys import Step, StepKind
from storage.notices import Delivery, Notification
from storage.refusals import RefusalKind
from storage.scrub import Scrub
from storage.types import Author, Incident, IncidentState, Post, Reason, Severity, Stage
from tests.storage.samples import DAY, HOUR, NOW, TOPIC, mention, post, save
from tests.storage.test_advocates import advocate

ALL = frozenset(Scope)
turns = count(1)


def somebody() -> Author:
    """A new account whose names are found nowhere else."""
    turn = next(turns)
    return Author(
        "mastodon",
        f"10934{turn:05d}",
        f"@zubon{turn:05d}",
        f"ずぼん{turn:05d}号",
        f"https://m.example/@zubon{turn:05d}",
        50,
    )


def their_post(who: Author, name: str = "1", **fields: Any) -> Post:
    url = f"{who.url}/{name}"
    text = f"ミナモ珈琲は{who.handle}のお気に入り、毎日通う{name}番目のズボン"
    return post(f"{who.external_id}-{name}", author=who, url=url, text=text, **fields)


def traces(store: Store, who: Author) -> list[str]:
    """Every cell of every table that names the account, whatever the column."""
    needles = (who.external_id, who.handle.lstrip("@"), who.name)
    found = []
    with store._database.read() as connection:
        for table in SQLModel.metadata.sorted_tables:
            for row in connection.execute(table.select()).mappings():
                found += [
                    f"{table.name}.{column}: {value}"
                    for column, value in row.items()
                    if any(needle in json.dumps(value, default=str, ensure_ascii=False) for needle in needles)
                ]
    return found


def all_about(store: Store, who: Author) -> int:
    """Put the account into every room there is: posts, corrections, evidence, reports, programme, messages."""
    stored = save(
        store, mention(their_post(who)), mention(their_post(who), "トマリギ"), mention(their_post(who, "2"))
    )
    opened = store.save_incident(
        Incident(
            f"k/{next(turns)}", TOPIC, "burst", Severity.CRISIS, IncidentState.OPEN, NOW, NOW,
            (Reason("negative_excess", {"first": who.handle}),), (stored[0].id or 0,),
        )
    )  # fmt: skip
    number = opened.id or 0
    store.casebook.write(Event(number, EventKind.NOTE, NOW, "佐藤", f"{who.name}さんに返信"))
    quoted = {"voices": [{"name": who.name, "handle": who.handle, "text": stored[0].post.text[:20] + "…"}]}
    store.casebook.issue(
        number, ReportKind.FIRST, "佐藤", NOW, compose=lambda _: (quoted, {}, [stored[1].id or 0])
    )
    rewritten = replace(their_post(who), text=f"{who.handle} 書き直し", fetched_at=NOW + HOUR)
    save(store, mention(rewritten))
    (one,) = store.save_advocates(TOPIC, [advocate(author=who)], NOW)
    advocate_id = one.id or 0
    for stage in (Stage.REVIEWED, Stage.CONTACTED):
        store.people.move(advocate_id, stage, by="佐藤", now=NOW, note=f"{who.name}さん")
    evidence = f"mail from {who.handle}"
    yes = Consent(
        advocate_id, ConsentKind.GRANTED, ALL, NOW, "佐藤", evidence, "同意します", email="zubon@m.example"
    )
    store.people.record(yes, NOW)
    store.people.write(Step(advocate_id, StepKind.NOTE, NOW, "佐藤", f"{who.handle} は毎日通う"))
    _messages(store, who, stored[0].post)
    store.pulses.remember(
        TOPIC, f"rule-{next(turns)}", json.dumps({"who": f"mastodon:{who.external_id}"}), NOW
    )
    return advocate_id


def _messages(store: Store, who: Author, seen: Post) -> None:
    account = f"mastodon:{who.external_id}"
    payload = {"title": f"{who.name} ({who.handle})", "quotes": [{"text": seen.text, "url": seen.url}]}
    written = json.dumps(payload, ensure_ascii=False)
    for key, state in (
        (f"advocate/{TOPIC}/{account}/new_advocate", Delivery.SENT),
        (f"advocate/{TOPIC}/{account}/advocate_turned/2025-06", Delivery.RETRY),
        (f"k/{next(turns)}/opened/crisis", Delivery.SENT),
    ):
        title = f"【推奨者】{TOPIC}：{who.name}さん"
        store.begin_notification(
            Notification(key, "slack", state, 1, NOW, NOW, TOPIC, title, "", NOW, payload=written, thread=key)
        )


# ------------------------------------------------------------------ erasing


def test_an_erased_account_is_in_no_table(store: Store) -> None:
    who = somebody()
    all_about(store, who)
    assert len(traces(store, who)) > 15
    done = store.privacy.erase(who, NOW + DAY, by="佐藤", reason="mail of 2 June")
    assert traces(store, who) == []
    assert (done.mentions, done.posts, done.advocates, done.consents) == (3, 2, 1, 1)
    assert done.evidence == 2
    assert done.told == {"slack": 2}
    kept = store.privacy.refusals()  # the account, and the address that it gave
    assert {(one.kind, one.consents, one.reason) for one in kept} == {
        (RefusalKind.ERASED, 1, "mail of 2 June"),
        (RefusalKind.ERASED, 0, ""),
    }


def test_rollups_stay_and_the_database_is_whole(store: Store) -> None:
    who, other = somebody(), somebody()
    all_about(store, who)
    save(store, mention(their_post(other)))
    before = store.buckets(TOPIC, NOW - DAY, NOW)
    store.privacy.erase(who, NOW, by="佐藤")
    assert store.buckets(TOPIC, NOW - DAY, NOW) == before
    assert store.integrity() == []
    save(store, mention(their_post(other, "9")))
    assert store.integrity() == []
    assert [one.post.author for one in store.mentions(MentionFilter(topic=TOPIC))] == [other, other]


def test_messages_not_sent_yet_are_not_sent(store: Store) -> None:
    who = somebody()
    all_about(store, who)
    store.privacy.erase(who, NOW, by="佐藤")
    assert store.due_notifications(NOW + DAY) == []
    states = sorted(one.state for one in store.notifications())
    assert states == [Delivery.MUTED, Delivery.SENT, Delivery.SENT]


def test_evidence_keeps_its_words_with_a_true_checksum(store: Store) -> None:
    from storage.casebook import sha256

    who = somebody()
    all_about(store, who)
    store.privacy.erase(who, NOW, by="佐藤")
    copies = store.evidence(store.incidents()[0].id or 0)
    assert [(one.author, one.url, one.external_id) for one in copies] == [("", "", "")] * 2
    assert all("毎日通う" in one.text and "■" in one.text for one in copies)
    assert [one.sha256 for one in copies] == [sha256(one.text) for one in copies]


def test_the_posts_of_others_stay_as_they_are(store: Store) -> None:
    who, other = somebody(), somebody()
    save(store, mention(their_post(who)))
    said = their_post(other)
    save(store, mention(replace(said, text=f"{who.handle} さんと同じ意見です")))
    store.privacy.erase(who, NOW, by="佐藤")
    (left,) = store.mentions(MentionFilter())
    assert left.post.text == f"{who.handle} さんと同じ意見です"


def test_an_unknown_account_can_be_erased_ahead_and_twice(store: Store) -> None:
    who = somebody()
    for _ in range(2):
        store.privacy.erase(who, NOW, by="佐藤")
    assert save(store, mention(their_post(who))) == []
    assert traces(store, who) == []
    assert len(store.privacy.refusals()) == 1
    store.privacy.opt_out(who, NOW, by="佐藤")
    assert store.privacy.refusal(who) is RefusalKind.ERASED


rounds = st.lists(
    st.tuples(
        st.sampled_from(["page", "seen", "rank", "purge", "opt_out", "erase_again", "reopen_incident"]),
        st.sampled_from(["1", "2", "neu"]),
        st.integers(0, 72),
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rounds)
def test_an_erased_author_never_reappears(store: Store, rounds: list[Any]) -> None:
    """Whatever is collected, seen again or ranked afterwards, from whatever source: no table names them."""
    who, other = somebody(), somebody()
    all_about(store, who)
    store.privacy.erase(who, NOW, by="佐藤", reason="")
    for verb, name, hours in rounds:
        again = replace(their_post(who, name), fetched_at=NOW + hours * HOUR, source=f"s{hours}")
        if verb == "page":
            save(store, mention(again), mention(their_post(other, name)), source=f"s{hours}")
        elif verb == "seen":
            save(store, seen=(again,))
        elif verb == "rank":
            store.save_advocates(TOPIC, [advocate(author=who), advocate(author=other)], NOW)
        elif verb == "purge":
            store.purge(NOW - 400 * DAY)
        elif verb == "opt_out":
            store.privacy.opt_out(who, NOW, by="佐藤")
        elif verb == "erase_again":
            store.privacy.erase(who, NOW, by="佐藤")
        else:
            store.save_incident(replace(store.incidents()[0], updated_at=NOW + hours * HOUR))
        assert traces(store, who) == []
        assert who not in [
            author for author, _ in store.authors_with_mentions(TOPIC, NOW - DAY, NOW + 9 * DAY)
        ]
        assert store.privacy.find(f"mastodon:{who.external_id}") == []
    assert store.integrity() == []


# ------------------------------------------------------------------ opting out, and being told


def test_who_opted_out_is_in_no_ranking_but_still_counts(store: Store) -> None:
    who, other = somebody(), somebody()
    save(store, mention(their_post(who)), mention(their_post(other)))
    store.privacy.opt_out(who, NOW, by="佐藤", reason="お申し出")
    save(store, mention(their_post(who, "3")))
    seen = [author for author, _ in store.authors_with_mentions(TOPIC, NOW - DAY, NOW)]
    assert seen == [other]
    assert store.totals(TOPIC, NOW - DAY, NOW).volume == 3
    assert store.save_advocates(TOPIC, [advocate(author=who)], NOW) == []
    assert [author for author, _ in store.privacy.opted_out()] == [who]


def test_everything_about_an_account_is_told(store: Store) -> None:
    who, other = somebody(), somebody()
    all_about(store, who)
    save(store, mention(their_post(other)))
    found = store.privacy.everything(who)
    counts = {kind: len(rows) for kind, rows in found.items() if kind != "reactions" and rows}
    assert counts == {
        "author": 1, "posts": 2, "mentions": 3, "evidence": 2, "advocate": 1, "journey": 1, "history": 5,
        "consents": 1, "notifications": 2,
    }  # fmt: skip
    assert {"corrections", "reactions", "surveys", "referrals"} <= found.keys()
    assert other.handle not in json.dumps(found, default=str, ensure_ascii=False)
    assert {who} == set(store.privacy.find(who.handle)) == set(store.privacy.find(who.handle.lstrip("@")))


# ------------------------------------------------------------------ the words that go


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("@hanako さん", "@■ さん"), ("hanakosan", "hanakosan"), ("HANAKO!", "■!"), ("花", "■"),
        ("花さんへ", "■さんへ"), ("花の香り", "花の香り"), ("花 (@hanako)", "■ (@■)"),
        ("ラテが とても おい…", "■"), ("「ラテが とても おいしい店」と言う", "「■」と言う"), ("ラテ", "ラテ"),
    ],
)  # fmt: skip
def test_names_go_and_common_words_stay(said: str, left: str) -> None:
    scrub = Scrub(words={"hanako"}, names={"花"}, texts=["ラテが\nとても おいしい店"])
    assert scrub.text(said) == left
    assert json.loads(scrub.written(json.dumps({"a": [said]}, ensure_ascii=False))) == {"a": [left]}


@given(st.text(max_size=40))
def test_a_text_that_names_nobody_stays_as_it_is(said: str) -> None:
    assert (
        Scrub(words={"zubon00000"}, names={"ずぼん00000号"}, texts=["まったく別の言葉です"]).text(said)
        == said
    )
