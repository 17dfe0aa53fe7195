"""People's words on mentions: what counts at once, what stays, what can be taken back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import MetaData, create_engine, select, text

import storage
from storage.corrections import lessons
from storage.db import MentionFilter, Store
from storage.types import (
    Disclosure,
    DisclosureKind,
    Emotion,
    Incident,
    IncidentState,
    Label,
    Mention,
    Sentiment,
    Severity,
    SignalKind,
    Topic,
)
from storage.verdicts import PERSON, Correction, CorrectionKind, Doubtful, Labels
from tests.storage.samples import DAY, HOUR, MINUTE, NOW, TOPIC, analysis, author, empty, mention, post, save

CORRECT, CONFIRM, IRRELEVANT, UNDO = CorrectionKind
NOTHING = Labels()
WRONG = Labels(
    Label.NEGATIVE, Emotion.ANGER, (SignalKind.COMPLAINT, SignalKind.WARN), DisclosureKind.SPONSORED, True
)


def say(
    store: Store, number: int | None, kind: CorrectionKind, labels: Labels = NOTHING, **fields: Any
) -> Mention | None:
    assert number is not None
    said = {"by": "佐藤", "at": NOW, "labels": labels} | fields
    return store.judgements.correct(Correction(number, kind, **said), target="ミナモ珈琲")


def stored(store: Store, *some: Mention) -> list[int]:
    return [one.id or 0 for one in save(store, *(some or (mention(),)))]


def counts(store: Store) -> tuple[int, int, int, int]:
    total = store.totals(TOPIC, NOW - DAY, NOW + HOUR)
    return total.volume, total.positive, total.neutral, total.negative


def test_a_correction_counts_everywhere_at_once(store: Store) -> None:
    number, _ = stored(store, mention(), mention(post("2")))
    told = say(store, number, CORRECT, WRONG, note="皮肉です")
    assert told == store.mention(number)
    assert told is not None
    assert told.analysis.sentiment == Sentiment(Label.NEGATIVE, -1.0, 1.0, PERSON)
    assert (told.analysis.emotion, told.analysis.sarcasm) == (Emotion.ANGER, True)
    assert told.analysis.disclosure == Disclosure(DisclosureKind.SPONSORED, 1.0)
    assert [one.kind for one in told.analysis.signals] == [SignalKind.COMPLAINT, SignalKind.WARN]
    assert told.model_said == analysis()
    assert told.correction is not None
    assert (told.correction.by, told.correction.at, told.correction.note) == ("佐藤", NOW, "皮肉です")
    for where in (
        MentionFilter(label=Label.NEGATIVE),
        MentionFilter(signal=SignalKind.WARN),
        MentionFilter(disclosure=DisclosureKind.SPONSORED),
    ):
        assert [one.id for one in store.mentions(where)] == [number]
    assert counts(store) == (2, 1, 0, 1)
    assert store.totals(TOPIC, NOW - DAY, NOW).score_sum == pytest.approx(-0.2)
    assert {seen.label for seen in store.history(Topic(TOPIC, TOPIC), NOW).recent} == {
        Label.NEGATIVE,
        Label.POSITIVE,
    }
    assert store.integrity() == []


def test_what_a_person_leaves_open_stays_with_the_model(store: Store) -> None:
    (number,) = stored(store)
    told = say(store, number, CORRECT, Labels(signals=(SignalKind.PRAISE, SignalKind.RECOMMEND)))
    assert told is not None
    assert told.analysis.sentiment == analysis().sentiment
    first, second = told.analysis.signals
    assert first.evidence == analysis().signals[0].evidence
    assert (second.kind, second.evidence) == (SignalKind.RECOMMEND, None)
    told = say(store, number, CORRECT, Labels(signals=()))
    assert told is not None
    assert told.analysis.signals == ()
    assert store.mentions(MentionFilter(signal=SignalKind.PRAISE)) == []


def test_a_confirmed_mention_keeps_its_score_and_is_sure(store: Store) -> None:
    (number,) = stored(store)
    told = say(store, number, CONFIRM)
    assert told is not None
    assert told.analysis.sentiment == Sentiment(Label.POSITIVE, 0.8, 1.0, PERSON)
    assert told.correction is not None
    assert told.correction.labels == Labels(
        Label.POSITIVE, Emotion.JOY, (SignalKind.PRAISE,), DisclosureKind.ORGANIC, False
    )
    assert store.integrity() == []


def test_what_is_not_about_the_brand_counts_nowhere(store: Store) -> None:
    number, other = stored(store, mention(), mention(post("2", author=author("mai", followers=7))))
    told = say(store, number, IRRELEVANT)
    assert told is not None
    assert told.correction is not None
    assert told.correction.kind is IRRELEVANT
    assert counts(store) == (1, 1, 0, 0)
    total = store.totals(TOPIC, NOW - DAY, NOW)
    assert (total.authors, total.reach, total.engagement) == (1, 7, 3)
    assert [one.id for one in store.mentions(MentionFilter())] == [other]
    assert store.count(MentionFilter()) == 1
    assert [one.id for one in store.mentions(MentionFilter(irrelevant=True))] == [number]
    assert store.count(MentionFilter(irrelevant=None)) == 2
    history = store.history(Topic(TOPIC, TOPIC), NOW)
    assert [seen.mention_id for seen in history.recent] == [other]
    authors = store.authors_with_mentions(TOPIC, NOW - DAY, NOW)
    assert [who.external_id for who, _ in authors] == ["mai"]
    assert store.integrity() == []
    again = say(store, number, CORRECT, Labels(sentiment=Label.NEUTRAL))
    assert again is not None
    assert counts(store) == (2, 1, 1, 0)
    assert store.integrity() == []


def test_the_hour_of_now_leaves_out_what_was_set_aside(store: Store) -> None:
    number, *_ = stored(
        store, *(mention(post(str(n), created_at=NOW + n * MINUTE), story=n) for n in (-2, -1, 5))
    )
    say(store, number, IRRELEVANT)
    assert store.history(Topic(TOPIC, TOPIC), NOW).buckets[-1].volume == 1


def test_words_are_taken_back_one_by_one(store: Store) -> None:
    (number,) = stored(store)
    before = store.mention(number)
    first = say(store, number, CORRECT, Labels(sentiment=Label.NEGATIVE))
    both = say(store, number, CORRECT, Labels(emotion=Emotion.ANGER), by="鈴木")
    assert both is not None
    assert (both.analysis.sentiment.label, both.analysis.emotion) == (Label.NEGATIVE, Emotion.ANGER)
    say(store, number, IRRELEVANT)
    assert say(store, number, UNDO) == both
    assert say(store, number, UNDO) == first
    assert say(store, number, UNDO, by="鈴木") == before
    assert say(store, number, UNDO) is None
    assert counts(store) == (1, 1, 0, 0)
    assert store.integrity() == []
    said = store.judgements.corrections_of(number)
    assert [one.kind for one in said] == [CORRECT, CORRECT, IRRELEVANT, UNDO, UNDO, UNDO]
    assert [one.by for one in said] == ["佐藤", "鈴木", "佐藤", "佐藤", "佐藤", "鈴木"]


def test_no_such_mention_and_nothing_said(store: Store) -> None:
    assert say(store, 4711, CONFIRM) is None
    (number,) = stored(store)
    assert say(store, number, UNDO) is None
    with pytest.raises(ValueError, match="at least one label"):
        say(store, number, CORRECT)
    assert store.judgements.corrections_of(number) == []


def test_a_new_analysis_goes_below_the_word(store: Store) -> None:
    (number,) = stored(store)
    say(store, number, CORRECT, Labels(sentiment=Label.NEGATIVE))
    fresh = replace(
        analysis(Label.NEUTRAL, 0.1, emotion=Emotion.SURPRISE, signals=()),
        sentiment=Sentiment(Label.NEUTRAL, 0.1, 0.5, "v2"),
    )
    edited = post(text="ミナモ珈琲の新作、ふつう", fetched_at=NOW + HOUR)
    (told,) = save(store, mention(edited, analysis=fresh))
    assert told.post.text == "ミナモ珈琲の新作、ふつう"
    assert told.analysis.sentiment == Sentiment(Label.NEGATIVE, -1.0, 1.0, PERSON)
    assert (told.analysis.emotion, told.analysis.signals) == (Emotion.SURPRISE, ())
    assert told.model_said == fresh
    assert counts(store) == (1, 0, 0, 1)
    assert store.integrity() == []
    assert save(store, mention(edited, analysis=fresh), seen=(edited,)) == [told]
    undone = say(store, number, UNDO)
    assert undone is not None
    assert (undone.analysis, undone.model_said) == (fresh, None)
    assert store.integrity() == []


def test_collecting_again_brings_nothing_back(store: Store) -> None:
    (number,) = stored(store)
    say(store, number, IRRELEVANT)
    again = save(store, mention(post(fetched_at=NOW + HOUR)), seen=(post(fetched_at=NOW + HOUR),))
    assert [one.id for one in again] == [number]
    assert counts(store) == (0, 0, 0, 0)
    assert store.count(MentionFilter()) == 0
    assert store.integrity() == []


def test_integrity_notices_a_word_that_does_not_count(store: Store) -> None:
    number, second = stored(store, mention(), mention(post("2")))
    say(store, number, CORRECT, Labels(emotion=Emotion.FEAR))
    with store._database.write() as connection:
        connection.execute(text("UPDATE mention SET emotion = 'joy'"))
        connection.execute(
            text("UPDATE mention SET correction_id = 99, confidence = 1 WHERE id = :id"), {"id": second}
        )
    assert store.integrity() == [
        f"mention {number} and its correction disagree",
        f"mention {second} and its correction disagree",
    ]


def test_corrections_go_with_their_mention_and_stay_with_evidence(store: Store) -> None:
    old, shown, new = stored(store, *(
        mention(post(name, created_at=at)) for name, at in (("o", NOW - 9 * DAY), ("s", NOW - 9 * DAY), ("n", NOW))
    ))  # fmt: skip
    store.save_incident(Incident("k", TOPIC, "x", Severity.WATCH, IncidentState.OPEN, NOW, NOW, (), (shown,)))
    for number in (old, shown, new):
        say(store, number, CORRECT, WRONG)
    assert store.purge(NOW - DAY) == 1
    assert [len(store.judgements.corrections_of(number)) for number in (old, shown, new)] == [0, 1, 1]
    assert store.integrity() == []


def test_lessons_are_what_people_labelled_as_they_read_it(store: Store) -> None:
    one, two, three, four = stored(store, *(
        mention(post(str(n), title="見出し" if n == 1 else ""), story=n) for n in range(1, 5)
    ))  # fmt: skip
    say(store, two, CONFIRM)
    say(store, one, CORRECT, Labels(sentiment=Label.NEGATIVE, sarcasm=True))
    say(store, three, IRRELEVANT)
    say(store, four, CORRECT, WRONG)
    say(store, four, UNDO)
    save(store, mention(post("1", text="書きかえました", fetched_at=NOW + HOUR)))
    second, first = store.judgements.corrections()
    assert (first.mention_id, second.mention_id) == (one, two)
    assert first.text == "見出し\nミナモ珈琲の新作がおいしい"
    assert (first.target, first.topic, first.lang, first.at) == ("ミナモ珈琲", TOPIC, "ja", NOW)
    assert first.labels == Labels(sentiment=Label.NEGATIVE, sarcasm=True)
    assert second.labels.emotion is Emotion.JOY


def test_more_lessons_than_a_page(store: Store) -> None:
    numbers = stored(store, *(mention(post(str(n)), story=None) for n in range(5)))
    for number in numbers:
        say(store, number, CONFIRM)
    assert [one.mention_id for one in lessons(store._database, page=2)] == numbers


def doubt(name: str, confidence: float, story: int | None = None, **fields: Any) -> Mention:
    unsure = Sentiment(Label.NEUTRAL, 0.0, confidence, "test-1")
    return mention(post(name, **fields), analysis=analysis(sentiment=unsure), story=story)


def ask(**changes: Any) -> Doubtful:
    base = {"topics": (TOPIC,), "below": 0.6, "since": NOW - 2 * DAY, "until": NOW}
    return Doubtful(**(base | changes))


def test_doubtful_mentions_wait_one_a_story(store: Store) -> None:
    save(
        store,
        doubt("low", 0.5),
        doubt("lower", 0.4, created_at=NOW - MINUTE),
        doubt("sure", 0.6),
        doubt("wordless", 0.0),
        doubt("old", 0.4, created_at=NOW - 3 * DAY),
        doubt("future", 0.4, created_at=NOW + MINUTE),
        doubt("copy 1", 0.4, 7, created_at=NOW - 5 * HOUR),
        doubt("copy 2", 0.4, 7, created_at=NOW - 4 * HOUR),
        replace(doubt("low", 0.5), topic="トマリギ"),
    )
    found = store.judgements.waiting(ask(), 10)
    assert [one.post.external_id for one in found] == ["lower", "low", "copy 2"]
    assert store.judgements.count_waiting(ask(), 10) == 3
    assert store.judgements.count_waiting(ask(), 2) == len(store.judgements.waiting(ask(), 2)) == 2
    assert store.judgements.count_waiting(ask(topics=(TOPIC, "トマリギ")), 10) == 4
    assert store.judgements.waiting(ask(topics=()), 10) == []


def test_what_was_spoken_of_waits_no_longer_nor_do_its_copies(store: Store) -> None:
    one, copy, other = stored(store, doubt("1", 0.4, 7), doubt("2", 0.4, 7), doubt("3", 0.4, 8))
    say(store, one, CONFIRM)
    assert [m.id for m in store.judgements.waiting(ask(), 10)] == [other]
    say(store, other, IRRELEVANT)
    assert store.judgements.count_waiting(ask(), 10) == 0
    say(store, one, UNDO)
    assert [m.id for m in store.judgements.waiting(ask(), 10)] == [copy]
    assert [m.id for m in store.judgements.corrected([TOPIC])] == [other]


def test_a_database_of_the_first_version_is_brought_along(new_url: Callable[[], str]) -> None:
    today, first = new_url(), new_url()
    with Store.open(today) as store:
        (number,) = stored(store)
    as_it_was_first(today, first)
    with Store.open(first) as store:
        assert store.integrity() == []
        assert store.count(MentionFilter()) == 1
        told = say(store, number, CORRECT, WRONG)
        assert told is not None
        assert told.analysis.sentiment.label is Label.NEGATIVE
        assert store.integrity() == []


def as_it_was_first(today: str, first: str) -> None:
    """The rows of `today` in the tables of the first version, at `first`."""
    scripts = Config()
    scripts.set_main_option("script_location", str(Path(storage.__file__).parent / "migrations"))
    new, old = create_engine(today), create_engine(first)
    with old.begin() as connection:
        scripts.attributes["connection"] = connection
        command.upgrade(scripts, "0001")
        tables = MetaData()
        tables.reflect(connection)
        with new.connect() as reading:
            for table in tables.sorted_tables:
                rows = [dict(row) for row in reading.execute(select(table)).mappings()]
                if rows and table.name != "alembic_version":
                    connection.execute(table.insert(), rows)
    new.dispose()
    old.dispose()


labels = st.builds(
    Labels,
    sentiment=st.none() | st.sampled_from(list(Label)),
    signals=st.none() | st.lists(st.sampled_from(list(SignalKind)), max_size=2, unique=True).map(tuple),
    sarcasm=st.none() | st.booleans(),
)


@settings(
    max_examples=15, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    story=st.lists(
        st.tuples(
            st.sampled_from("123"),
            st.sampled_from([*CorrectionKind, None]),
            labels,
            st.sampled_from(list(Label)),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_rollups_stay_right_whatever_is_said_and_collected(
    store: Store, story: list[tuple[str, CorrectionKind | None, Labels, Label]]
) -> None:
    empty(store)
    ids: dict[str, int] = {}
    for turn, (name, kind, given_labels, label) in enumerate(story):
        if kind is None or name not in ids:
            written = post(name, text=f"ミナモ珈琲 {turn}", fetched_at=NOW + turn * MINUTE)
            (told,) = save(store, mention(written, analysis=analysis(label, 0.3)))
            ids[name] = told.id or 0
        elif kind is not CORRECT or given_labels:
            say(store, ids[name], kind, given_labels)
    assert store.integrity() == []
