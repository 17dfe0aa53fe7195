"""People who speak of one event are found by their words, in what is stored and in what comes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from listener.clock import VirtualClock
from listener.config import load
from listener.service import Service, opened
from listener.topic_memory import TopicMemory, words
from nlp.terms import links
from nlp.training.words import count
from storage.types import History, IncidentState, Topic
from tests.listener.test_pipeline import CONFIG, NOW, collect, row, write

TOLD = (
    "ミナモ珈琲の港通り店、落としたスコップを氷に戻してた。最悪",
    "ミナモでスコップを洗わずに氷へ？無理、二度と行かない",
    "ミナモ港通り店のスコップの動画見た。気持ち悪い",
    "ミナモ珈琲の接客がひどい",
    "ミナモの席、狭くて最悪",
)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    rows = [row(number, text, minutes_ago=60 - number) for number, text in enumerate(TOLD)]
    old = [
        row(100 + number, "ミナモの港南店、今日も混んでる", minutes_ago=60 * 24 * (3 + number))
        for number in range(20)
    ]
    old[5]["author"] = "投稿者3"
    write(tmp_path / "posts.jsonl", [*old, *rows])
    write(tmp_path / "reviews.jsonl", [])
    (tmp_path / "config.yaml").write_text(CONFIG, encoding="utf-8")
    with opened(load(tmp_path / "config.yaml", {}), VirtualClock(NOW, 1)) as service:
        collect(service, "posts")
        yield service


def told(service: Service, memory: TopicMemory, now: datetime = NOW) -> History:
    topic = next(one.topic() for one in service.config.topics if one.name == "ミナモ")
    return memory.given(service.store, service.store.history(topic, now), now)


def test_one_event_in_different_words_is_one_cause(service: Service) -> None:
    causes = [seen.cause for seen in told(service, TopicMemory()).recent]
    assert len(set(causes[:3])) == 1
    assert len(set(causes)) == 3  # poor service and narrow seats are things of their own


def test_a_second_look_and_a_restart_say_the_same(service: Service) -> None:
    memory = TopicMemory()
    first, second = told(service, memory), told(service, memory, NOW + timedelta(hours=1))
    assert first.recent == second.recent == told(service, TopicMemory()).recent


def test_the_incident_says_how_many_tell_of_the_same(
    service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    topic = next(one.topic() for one in service.config.topics if one.name == "ミナモ")
    for name in ("broken", "reviews"):
        collect(service, name)
    sent = service.pipeline.watch(topic, now=NOW)
    (incident,) = service.store.incidents("ミナモ", IncidentState.OPEN)
    assert incident.reasons[0].values["same_cause"] == 3
    assert sent
    assert "3人の投稿は、使われている言葉から、同じ" in capsys.readouterr().err


def test_who_wrote_days_ago_is_a_regular(service: Service) -> None:
    memory = TopicMemory()
    authors = {seen.author: seen.regular for seen in told(service, memory).recent}
    assert authors.pop("posts:投稿者3") is True
    assert len(authors) == 4
    assert not any(authors.values())
    assert told(service, memory).regulars == (0.0, 5.0)  # five days are late enough, each with a stranger


def test_links_join_whatever_else_is_said() -> None:
    said = "見て https://www.example.com/v/1?x=2#t 。あと http://example.com/a/。"
    assert links(said) == {"example.com/v/1?x=2", "example.com/a"}
    assert words("ミナモ https://example.com/v", ("ミナモ",)) == {"example.com/v"}


def test_the_table_of_words_is_that_of_the_training_mentions() -> None:
    from nlp.rarity import share

    mentions, english, found = count()
    for word, number in (*found.most_common(3), ("スコップ", 0)):
        assert share(word) == (number + 1) / (mentions + 1)
    assert share("coffee") == (found["coffee"] + 1) / (english + 1)
    assert share("example.com/v") == 1 / (mentions + 1)


def test_topics_do_not_share_causes(service: Service) -> None:
    memory = TopicMemory()
    told(service, memory)
    other = Topic("トマリギ", "トマリギコーヒー", own=False)
    assert memory.given(service.store, service.store.history(other, NOW), NOW).recent == ()
