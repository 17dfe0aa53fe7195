"""What is done again and again, and that a page with something new is looked at without waiting for the interval."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from listener.agenda import Agenda, Job
from listener.attempt import Attempts, first_try
from listener.clock import Clock, SystemClock
from listener.collectors import SourceConfig
from listener.config import Config, load
from listener.pipeline import Pipeline
from listener.scheduler import THREADS, Scheduler
from listener.service import opened
from storage.db import MentionFilter, Store
from storage.notices import Delivery, Notification
from storage.types import Fetch, Outcome, SourceState, Topic
from tests.servers import HttpServer, text

PATIENCE_S = 60  # for a machine that does other things at the same time
A_DAY = timedelta(days=1)
HOOK = "/services/T/B/x"
ENDED = (Delivery.SENT, Delivery.MUTED)
CONFIG = """
model: lexicon
network: {allow: [127.0.0.1]}
topics:
  - {name: ミナモ, brand: ミナモ珈琲}
sources:
  - {name: posts, kind: file, path: posts, interval: 0.2s}
channels:
  - {name: slack, kind: slack, webhook_url_env: HOOK}
routes:
  - {kinds: [incident], channels: [slack]}
"""


def until(true: Callable[[], Any]) -> Any:
    """What `true` answers as soon as it is true; what it answers at last when it never is."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if found := true():
            return found
        time.sleep(0.02)
    return true()


# ------------------------------------------------------------------ the agenda


class Worker:
    """Work that begins and ends when the test says so, and knows how often it was done and by how many at a time."""

    def __init__(self, again_s: float = 3600) -> None:
        self.begun, self.ended = threading.Semaphore(0), threading.Semaphore(0)
        self.may_end = threading.Semaphore(0)
        self.done = self.inside = self.most = 0
        self._again_s = again_s

    def __call__(self) -> float:
        self.inside += 1
        self.most = max(self.most, self.inside)
        self.begun.release()
        assert self.may_end.acquire(timeout=PATIENCE_S)
        self.inside -= 1
        self.done += 1
        return self._again_s

    def wait_begun(self) -> None:
        assert self.begun.acquire(timeout=PATIENCE_S), "the work was not begun"

    def finish(self, job: Job) -> None:
        """End the present run and wait until the next one is planned or begun."""
        done = self.done
        self.may_end.release()
        assert until(lambda: self.done > done and (job.due_s is not None or self.inside))


@pytest.fixture
def agenda() -> Iterator[Agenda]:
    made = Agenda({"one": 4})
    yield made
    made.stop()


def test_a_job_that_waits_is_done_at_once_when_it_is_hurried(agenda: Agenda) -> None:
    worker = Worker()
    job = agenda.add(worker, pool="one", first_s=3600)
    agenda.start()
    job.hurry()
    worker.wait_begun()
    worker.finish(job)
    assert (worker.done, job.due_s is not None and job.due_s > 1000) == (1, True)


def test_hurried_twice_while_under_way_it_is_done_once_more_and_never_twice_at_a_time(agenda: Agenda) -> None:
    worker = Worker()
    job = agenda.add(worker, pool="one")
    agenda.start()
    worker.wait_begun()
    job.hurry()
    job.hurry()
    worker.finish(job)
    worker.wait_begun()
    worker.finish(job)
    assert (worker.done, worker.most) == (2, 1)
    assert job.due_s is not None
    assert job.due_s > 1000, "nobody asked for a third time"


def test_hurried_twice_while_it_waits_it_is_done_once(agenda: Agenda) -> None:
    worker = Worker()
    job = agenda.add(worker, pool="one", first_s=3600)
    job.hurry()
    job.hurry()
    agenda.start()
    worker.wait_begun()
    worker.finish(job)
    assert worker.done == 1
    assert job.due_s is not None
    assert job.due_s > 1000


def test_between_two_runs_it_rests(agenda: Agenda) -> None:
    worker = Worker()
    job = agenda.add(worker, pool="one", rest_s=600)
    agenda.start()
    worker.wait_begun()
    job.hurry()
    worker.finish(job)
    job.hurry()
    assert job.due_s is not None
    assert 500 < job.due_s <= 600


def test_hurrying_puts_nothing_off(agenda: Agenda) -> None:
    worker = Worker(again_s=60)
    job = agenda.add(worker, pool="one", rest_s=600)
    agenda.start()
    worker.wait_begun()
    worker.finish(job)
    job.hurry()
    assert job.due_s is not None
    assert job.due_s <= 60


def test_a_storm_of_hurrying_loses_none_and_doubles_none(agenda: Agenda) -> None:
    seen, wanted, inside = 0, 0, threading.Lock()

    def work() -> float:
        nonlocal seen
        assert inside.acquire(blocking=False), "two at a time"
        seen = wanted
        inside.release()
        return 3600

    job = agenda.add(work, pool="one")
    agenda.start()
    for _ in range(2000):
        wanted += 1
        job.hurry()
    assert until(lambda: seen == 2000), "the last wish was never granted"


def test_after_stop_nothing_is_begun(agenda: Agenda) -> None:
    worker = Worker()
    job = agenda.add(worker, pool="one", first_s=3600)
    agenda.start()
    agenda.stop()
    job.hurry()
    assert not worker.begun.acquire(timeout=0.05)


# ------------------------------------------------------------------ after a start

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("planned", "failures", "first"),
    [(None, 0, 0), (0.5, 0, 0.5), (-3, 0, -3), (5, 0, 1), (5, 2, 5)],
    ids=["never tried", "soon", "overdue", "planned by a clock that was wrong", "after failures"],
)
def test_the_first_try_after_a_start(planned: float | None, failures: int, first: float) -> None:
    at = None if planned is None else NOW + planned * HOUR
    state = SourceState("s", "file", failures=failures, last_outcome=Outcome.OK, next_at=at)
    assert first_try(state, HOUR, NOW) == NOW + first * HOUR
    assert first_try(None, HOUR, NOW) == NOW


# ------------------------------------------------------------------ the service


class SettableClock:
    """The machine's clock, which somebody sets."""

    speed = 1.0

    def __init__(self) -> None:
        self.off = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.off


@dataclass(frozen=True)
class Seen(Pipeline):
    """The pipeline, with a list of how many alerts each finished look found. `fails` raise, one look each."""

    looks: list[int] = field(default_factory=list)
    fails: list[Exception] = field(default_factory=list)

    def watch(self, topic: Topic, *, now: datetime) -> list[Notification] | None:
        told = super().watch(topic, now=now)
        if told is not None and self.fails:
            raise self.fails.pop()
        if told is not None:
            self.looks.append(len(told))
        return told


@contextmanager
def house(
    folder: Path, server: HttpServer, clock: Clock, *, watch_every: timedelta = A_DAY
) -> Iterator[Seen]:
    """A service that works: everything but the page. The first look is over when the block begins."""
    with opened(config(folder, server), clock) as service:
        pipeline = Seen(**vars(service.pipeline))
        attempts = replace(service.attempts, pipeline=pipeline)
        before = _workers()
        scheduler = Scheduler(pipeline, attempts, clock, watch_every=watch_every)
        scheduler.start()
        try:
            assert until(lambda: pipeline.looks), "nobody looked"
            yield pipeline
        finally:
            scheduler.stop()
            service.stopping.set()
            assert until(lambda: not _workers() - before), "a job did not end"


def _workers() -> set[threading.Thread]:
    return {one for one in threading.enumerate() if one.name.rpartition("_")[0] in THREADS}


def config(folder: Path, server: HttpServer) -> Config:
    (folder / "posts").mkdir(exist_ok=True)
    words = CONFIG.replace("path: posts", f"path: {folder / 'posts'}")
    (folder / "config.yaml").write_text(words, encoding="utf-8")
    return load(folder / "config.yaml", {"HOOK": server.url(HOOK)})


def blame(folder: Path, first: int, people: int) -> None:
    """A page of complaints by `people`, the first of them number `first`; the file appears whole."""
    now = datetime.now(UTC)
    rows = [
        {"id": f"p{n}", "author": f"客{n}", "created_at": (now - timedelta(milliseconds=n)).isoformat(),
         "text": f"ミナモ珈琲で食中毒になった。最悪。ひどい。{n}人目の通報"}
        for n in range(first, first + people)
    ]  # fmt: skip
    part = folder / f"{first}.part"
    part.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    part.rename(folder / "posts" / f"{first}.jsonl")


@pytest.fixture
def slack() -> Iterator[HttpServer]:
    with HttpServer() as server:
        server.route(HOOK, text("ok"))
        yield server


def each_told_once(store: Store, slack: HttpServer) -> None:
    """Every alert that was begun and not muted arrived, in one request."""
    assert until(lambda: not [row for row in store.notifications(1000) if row.state not in ENDED])
    rows = store.notifications(1000)
    sent = [row for row in rows if row.state is Delivery.SENT]
    assert sent
    assert len(slack.requests) == len(sent)
    assert set(Counter((row.alert_key, row.channel) for row in rows).values()) == {1}


def test_a_page_with_new_mentions_is_looked_at_at_once(tmp_path: Path, slack: HttpServer) -> None:
    with house(tmp_path, slack, SystemClock()) as pipeline:
        before = len(pipeline.looks)
        blame(tmp_path, 0, people=6)
        assert until(lambda: slack.requests), "the look waited for its interval, which is a day"
        assert until(lambda: any(pipeline.looks[before:]))
        each_told_once(pipeline.store, slack)


def test_a_page_about_nothing_of_ours_calls_for_no_look(tmp_path: Path, slack: HttpServer) -> None:
    with house(tmp_path, slack, SystemClock()) as pipeline:
        fetches, before = len(pipeline.store.fetches()), len(pipeline.looks)
        row = {"id": "x", "text": "今日は雨", "created_at": datetime.now(UTC).isoformat()}
        (tmp_path / "posts/rain.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
        assert until(lambda: len(pipeline.store.fetches()) > fetches + 3)
        assert sum(fetch.posts for fetch in pipeline.store.fetches()) == 1
        assert len(pipeline.looks) == before


def test_a_look_that_fails_stops_no_other(
    tmp_path: Path, slack: HttpServer, caplog: pytest.LogCaptureFixture
) -> None:
    with house(tmp_path, slack, SystemClock()) as pipeline:
        pipeline.fails.append(RuntimeError("a bug"))
        blame(tmp_path, 0, people=6)
        assert until(lambda: not pipeline.fails)
        before = len(pipeline.looks)
        blame(tmp_path, 100, people=3)
        assert until(lambda: len(pipeline.looks) > before)
        each_told_once(pipeline.store, slack)
    assert [one for one in caplog.messages if one.startswith("watch ミナモ: failed; it runs again in")]


def test_a_fetch_that_cannot_be_written_down_stops_no_other(tmp_path: Path, slack: HttpServer) -> None:
    with opened(config(tmp_path, slack), SystemClock()) as service:
        broken = Broken(**vars(service.attempts), fails=[RuntimeError("the disk is full")])
        scheduler = Scheduler(service.pipeline, broken, SystemClock())
        scheduler.start()
        try:
            blame(tmp_path, 0, people=6)
            assert until(lambda: service.store.count(MentionFilter()) == 6)
        finally:
            scheduler.stop()
    assert broken.fails == []


@dataclass(frozen=True)
class Broken(Attempts):
    """`fails` raise, one try each."""

    fails: list[Exception] = field(default_factory=list)

    def run(self, source: SourceConfig, **more: Any) -> Fetch:
        if self.fails:
            raise self.fails.pop()
        return super().run(source, **more)


# ------------------------------------------------------------------ exactly once


def test_two_services_on_one_database_tell_each_alert_once(tmp_path: Path, slack: HttpServer) -> None:
    often = timedelta(milliseconds=50)
    with (
        house(tmp_path, slack, SystemClock(), watch_every=often) as one,
        house(tmp_path, slack, SystemClock(), watch_every=often) as other,
    ):
        for first, people in ((0, 4), (4, 8), (12, 30)):
            blame(tmp_path, first, people)
            assert until(partial(_stored, one.store, first + people))
            looks = [(one, len(one.looks) + 5), (other, len(other.looks) + 5)]
            assert until(partial(_looked, looks))
        each_told_once(one.store, slack)
        assert len(one.store.incidents()) == len({row.kind for row in one.store.incidents()})
        assert one.store.count(MentionFilter()) == 42


def test_a_clock_set_back_ten_minutes_stops_no_planning_and_tells_nothing_twice(
    tmp_path: Path, slack: HttpServer
) -> None:
    clock = SettableClock()
    with house(tmp_path, slack, clock, watch_every=timedelta(milliseconds=50)) as pipeline:
        blame(tmp_path, 0, people=6)
        assert until(lambda: slack.requests)
        opened_before = {row.key for row in pipeline.store.incidents()}
        for first, minutes in ((6, -10), (8, 0), (10, -10), (12, 10)):
            clock.off = timedelta(minutes=minutes)
            looks = [(pipeline, len(pipeline.looks) + 5)]
            blame(tmp_path, first, people=2)
            assert until(partial(_stored, pipeline.store, first + 2)), "nobody collects"
            assert until(partial(_looked, looks)), "nobody looks"
        assert {row.key for row in pipeline.store.incidents()} == opened_before
        each_told_once(pipeline.store, slack)


def _stored(store: Store, mentions: int) -> bool:
    return store.count(MentionFilter()) == mentions


def _looked(looks: list[tuple[Seen, int]]) -> bool:
    """Whether each has looked so often, in all."""
    return all(len(pipeline.looks) >= often for pipeline, often in looks)
