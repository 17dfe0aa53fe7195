"""Posts that are evidence are looked at again by themselves: a real store, and a loopback server that forgets posts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alerts.incident import looks
from listener.clock import VirtualClock
from listener.config import load
from listener.evidence_watch import EvidenceWatch
from listener.http import Fetcher
from listener.service import Service, opened
from storage.cases import EventKind, Fate
from storage.looks import Held
from storage.types import IncidentState
from tests.servers import HttpServer, Reply, cut_off, text
from tests.storage.samples import mention, post
from tests.storage.test_incidents import incident

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LOCKED = NOW - 2 * HOUR
CONFIG = """
model: lexicon
network: {{allow: [127.0.0.1]}}
topics: [{{name: ミナモ珈琲, brand: ミナモ珈琲}}]
sources:
  - {{name: tag, kind: mastodon, instance: "{server}", tag: ミナモ珈琲}}
  - {{name: imported, kind: file, path: posts.jsonl}}
  - {{name: press, kind: feed, url: "{server}/press.xml"}}
  - {{name: blog, kind: feed, url: "{server}/blog.xml", recheck: true}}
evidence: {{{evidence}}}
"""


@pytest.fixture
def server() -> Iterator[HttpServer]:
    with HttpServer() as running:
        yield running


class Watch:
    """One incident with posts at the server's /p1, /p2, …; `stories` is how many mentions say the same as each."""

    def __init__(self, service: Service, server: HttpServer) -> None:
        self.service, self.server = service, server
        self.http = Fetcher(allow=["127.0.0.1"], min_gap_s=0)
        self.watch = EvidenceWatch(self.http)
        self.incident_id = 0

    def holds(self, *stories: int, source: str = "tag", **fields: object) -> None:
        found = []
        for number, size in enumerate(stories, start=1):
            self.server.route(f"/p{number}", text("ここにあります"))
            for copy in range(size):
                name = f"{number}-{copy}"
                said = post(name, source=source, created_at=LOCKED, url=self.server.url(f"/p{number}"))
                found.append(mention(said, story=number))
        stored = self.service.store.save_page(
            source=source, kind="mastodon", mentions=found, seen=(), cursor={}, at=LOCKED
        )
        first = [one.id for one in stored if one.post.external_id.endswith("-0")]
        named = {"opened_at": LOCKED, "updated_at": LOCKED, "evidence": tuple(first)} | fields
        self.incident_id = self.service.store.save_incident(incident("k/1", **named)).id or 0

    def look(self, after: timedelta = timedelta(0)) -> list[str]:
        """Run once; the paths that were asked for."""
        before = len(self.server.requests)
        self.watch.look(self.service.pipeline, now=NOW + after)
        return [request.path for request in self.server.requests[before:]]

    def marks(self) -> list[tuple[Fate, datetime]]:
        return [(mark.fate, mark.at) for mark in self.service.store.casebook.marks(self.incident_id)]

    def steps(self) -> list[str]:
        events = self.service.store.casebook.events(self.incident_id)
        return [one.values["fate"] for one in events if one.kind is EventKind.EVIDENCE]


@pytest.fixture
def watch(server: HttpServer, tmp_path: Path) -> Iterator[Watch]:
    with _opened(server, tmp_path) as service:
        yield Watch(service, server)


def _opened(
    server: HttpServer, folder: Path, evidence: str = "requests: 20"
) -> AbstractContextManager[Service]:
    config = folder / "config.yaml"
    config.write_text(CONFIG.format(server=server.url(""), evidence=evidence), encoding="utf-8")
    return opened(load(config, {}), VirtualClock(NOW, 1))


def test_a_deletion_is_marked_once_after_two_looks(watch: Watch, server: HttpServer) -> None:
    watch.holds(1, 1)
    assert watch.look() == ["/robots.txt", "/p1", "/p2"]
    server.route("/p1", Reply(status=404))
    assert watch.look(30 * MINUTE) == []  # nothing is due within the hour
    assert watch.look(60 * MINUTE) == ["/p1", "/p2"]
    assert watch.marks() == []
    assert watch.look(70 * MINUTE) == ["/p1"]
    assert watch.marks() == [(Fate.GONE, NOW + 70 * MINUTE)]
    watch.look(2 * DAY)
    watch.look(2 * DAY + 10 * MINUTE)
    assert watch.marks() == [(Fate.GONE, NOW + 70 * MINUTE)]
    assert watch.steps() == ["gone"]
    server.route("/p1", text("復活"))
    watch.look(4 * DAY)
    assert watch.steps() == ["gone", "back"]


def test_a_server_that_restarts_deletes_nothing(watch: Watch, server: HttpServer) -> None:
    watch.holds(1)
    server.route("/p1", [Reply(status=404), text("戻った"), Reply(status=404), text("戻った")])
    for minutes in (0, 10, 70, 80, 200):
        watch.look(minutes * MINUTE)
    assert watch.marks() == []


@pytest.mark.parametrize("status", [403, 429, 500, 503])
def test_a_closed_door_and_a_tired_server_delete_nothing(
    watch: Watch, server: HttpServer, status: int
) -> None:
    watch.holds(1, 1)
    server.route("/p1", Reply(status=status))
    server.route("/p2", Reply(status=status))
    asked = [path for hours in range(0, 24, 2) for path in watch.look(hours * HOUR)]
    assert asked.count("/p1") + asked.count("/p2") == 12  # one a run: the host is left alone after it
    assert watch.marks() == []


def test_no_answer_deletes_nothing(watch: Watch, server: HttpServer) -> None:
    watch.holds(1)
    server.route("/p1", cut_off(text("ここに"), 0))
    for hours in (1, 2, 3):
        watch.look(hours * HOUR)
    assert watch.marks() == []


def test_what_fails_in_between_begins_the_count_anew(watch: Watch, server: HttpServer) -> None:
    watch.holds(1)
    server.route("/p1", [Reply(status=404), Reply(status=503), Reply(status=404), text("ある")])
    for minutes in (0, 10, 80, 90):
        watch.look(minutes * MINUTE)
    assert watch.marks() == []


def test_main_stories_come_first_and_the_budget_is_kept(server: HttpServer, tmp_path: Path) -> None:
    with _opened(server, tmp_path, "requests: 3") as service:
        watch = Watch(service, server)
        watch.holds(1, 3, 2, 1)
        assert watch.look() == ["/robots.txt", "/p2", "/p3"]
        assert watch.look(10 * MINUTE) == ["/p1", "/p4"]
        assert watch.look(20 * MINUTE) == []


def test_robots_txt_is_obeyed(watch: Watch, server: HttpServer) -> None:
    server.route("/robots.txt", text("User-agent: *\nDisallow: /p1\n"))
    watch.holds(1, 1)
    assert watch.look() == ["/robots.txt", "/p2"]
    server.route("/robots.txt", Reply(status=500))
    assert watch.look(2 * DAY) == ["/robots.txt"]  # what cannot be read is no yes


def test_who_asks_for_pauses_gets_one_request_a_run(watch: Watch, server: HttpServer) -> None:
    server.route("/robots.txt", text("User-agent: *\nCrawl-delay: 30\nAllow: /\n"))
    watch.holds(1, 1)
    assert watch.look() == ["/robots.txt", "/p1"]
    assert watch.look(10 * MINUTE) == ["/p2"]


@pytest.mark.parametrize(
    ("source", "asked"),
    [("tag", True), ("blog", True), ("press", False), ("imported", False), ("no longer configured", False)],
)
def test_only_posts_that_may_be_asked_for_are(watch: Watch, source: str, asked: bool) -> None:
    watch.holds(1, source=source)
    assert watch.look() == (["/robots.txt", "/p1"] if asked else [])


def test_an_old_incident_is_left_in_peace(watch: Watch) -> None:
    watch.holds(1, state=IncidentState.RESOLVED, resolved_at=LOCKED)
    assert watch.look(6 * DAY) == ["/robots.txt", "/p1"]
    assert watch.look(8 * DAY) == []


def test_one_post_of_two_incidents_is_asked_once_and_marked_in_both(watch: Watch, server: HttpServer) -> None:
    watch.holds(1)
    store = watch.service.store
    evidence = [one.mention_id for one in store.evidence(watch.incident_id)]
    other = store.save_incident(
        incident("k/2", opened_at=LOCKED, updated_at=LOCKED, evidence=tuple(evidence))
    )
    server.route("/p1", Reply(status=410))
    assert watch.look().count("/p1") == 1
    assert watch.look(10 * MINUTE) == ["/p1"]
    assert [mark.fate for mark in store.casebook.marks(other.id or 0)] == [Fate.GONE]
    assert len(watch.marks()) == 1


def test_it_can_be_switched_off(server: HttpServer, tmp_path: Path) -> None:
    with _opened(server, tmp_path, "recheck: false") as service:
        watch = Watch(service, server)
        watch.holds(1)
        assert watch.look() == []


@pytest.mark.parametrize(
    ("age", "pause"), [(0 * HOUR, HOUR), (23 * HOUR, HOUR), (DAY, 4 * HOUR), (6 * DAY, 4 * HOUR), (8 * DAY, DAY)]
)  # fmt: skip
def test_the_pauses_grow_with_age(age: timedelta, pause: timedelta) -> None:
    assert looks.wait(NOW - age, NOW) == pause


def test_two_looks_within_a_moment_prove_nothing() -> None:
    one = Held(1, 1, 1, "https://example.jp/1", NOW - HOUR, missing_at=NOW - MINUTE)
    assert looks.judge(404, one, NOW).fate is None
    assert looks.judge(410, one, NOW + 9 * MINUTE).fate is Fate.GONE
