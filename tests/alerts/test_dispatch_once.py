"""Exactly one alert a reason: two watchers, kill -9 between the steps, clocks that jump, servers that refuse."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from alerts.channels import ChannelError
from alerts.channels.slack import SlackChannel, SlackConfig
from alerts.dispatch import Dispatcher
from alerts.routes import Route, Step
from listener.http import Fetcher
from storage.db import Store
from storage.notices import Delivery, Message
from tests.alerts.made import NOW, alert
from tests.alerts.test_dispatch_grouping import new_advocate
from tests.delivery import Inbox, about, crisis
from tests.servers import HttpServer, json_reply, slow, text, too_many

ROOT = Path(__file__).parents[2]
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path / 'k.db'}") as opened:
        yield opened


# ------------------------------------------------------------------ kill -9


def test_kill_9_at_every_step_leaves_one_message_of_the_group(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'k.db'}"
    with HttpServer() as server:
        server.route("/hook", text("ok"))
        ends = []
        for step in ("begun", "held", "sending", "arrived", "written", "none"):
            command = [sys.executable, "-m", "tests.alerts.killed", url, server.url("/hook"), step]
            ends.append(subprocess.run(command, cwd=ROOT, check=False).returncode)
        got = [request.json()["data"] for request in server.requests]
        ids = [request.headers["webhook-id"] for request in server.requests]
    assert ends == [-9] * 5 + [0]
    assert len(set(ids)) == 1  # the one that was not written down came again, under its id
    assert len(ids) == 2
    assert len(got[0]["fields"][0]["value"].splitlines()) == 20
    with Store.open(url) as store:
        rows = store.notifications()
    assert [one.state for one in rows] == [Delivery.SENT] * 20
    assert sorted({one.attempts for one in rows}) == [3]


# ------------------------------------------------------------------ two watchers


class SlowInbox(Inbox):
    """Takes long enough for another worker to come by."""

    lock = threading.Lock()

    def send(self, message: Message, *, reply_to: str = "") -> str:
        threading.Event().wait(0.01)
        with self.lock:
            return super().send(message, reply_to=reply_to)


def test_two_watchers_tell_everything_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'k.db'}"
    box, barrier = SlowInbox(), threading.Barrier(4)
    box.refuses = [ChannelError("HTTP 500")] * 4
    opened = crisis()
    alerts = [about(opened), *(alert(key=f"k/{n}") for n in range(5)), *(new_advocate(n) for n in range(12))]

    def watch() -> None:
        with Store.open(url) as store:
            routes = [Route(channels=("box",), escalation=(Step(15 * MINUTE, ("box",)),))]
            mine = Dispatcher(store, {"box": box}, routes)
            for minute in range(0, 40, 2):
                barrier.wait()
                mine.dispatch(alerts, NOW + minute * MINUTE)
                mine.retry_due(NOW + minute * MINUTE)

    with Store.open(url) as store:
        store.save_incident(opened)
    workers = [threading.Thread(target=watch) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    with Store.open(url) as store:
        rows = store.notifications()
    assert {one.state for one in rows} <= {Delivery.SENT, Delivery.MUTED}
    times = Counter(one.key for one in box.got)
    assert set(times.values()) == {1}
    groups = [one for one in box.got if one.key.startswith("group/")]
    assert [one.title for one in groups] == ["【推奨者】ミナモ珈琲：新しいお知らせが12件あります"]
    assert len([key for key in times if "/unanswered/" in key]) == 6


# ------------------------------------------------------------------ clocks


def test_a_clock_set_back_ten_minutes_loses_and_doubles_no_retry(store: Store) -> None:
    box = Inbox()
    box.refuses = [ChannelError("HTTP 500")]
    watch = Dispatcher(store, {"box": box}, [])
    watch.dispatch([alert()], NOW)
    back = NOW - 10 * MINUTE
    looks = [back + n * 15 * SECOND for n in range(4 * 12)]
    for now in looks:
        watch.dispatch([alert()], now)
        watch.retry_due(now)
    assert len(box.got) == 1
    (row,) = store.notifications()
    assert (row.state, row.attempts) == (Delivery.SENT, 2)


def test_a_clock_that_jumps_back_and_forth_tells_a_group_once(store: Store) -> None:
    box = Inbox()
    watch = Dispatcher(store, {"box": box}, [])
    watch.dispatch([new_advocate(1), new_advocate(2)], NOW)
    for minutes in (-10, 1, -5, 3, -10, 3, 2, 20, -20, 40):
        now = NOW + minutes * MINUTE
        watch.dispatch([new_advocate(1), new_advocate(2)], now)
        watch.retry_due(now)
    assert [one.title for one in box.got] == ["【推奨者】ミナモ珈琲：新しいお知らせが2件あります"]


def test_a_message_under_way_when_the_clock_jumps_is_left_to_its_process(store: Store) -> None:
    watch = Dispatcher(store, {}, [])

    class Jumping(Inbox):
        def send(self, message: Message, *, reply_to: str = "") -> str:
            watch.retry_due(NOW - 10 * MINUTE)
            watch.retry_due(NOW + 4 * MINUTE)
            return super().send(message, reply_to=reply_to)

    box = Jumping()
    watch = Dispatcher(store, {"box": box}, [])
    watch.dispatch([alert()], NOW)
    assert len(box.got) == 1


# ------------------------------------------------------------------ Slack's bad days


def slack(server: HttpServer, *, timeout_s: float = 5) -> SlackChannel:
    config = SlackConfig(name="s", kind="slack", token=SecretStr("x"), channel="C1", base_url=server.url(""))
    return SlackChannel(config, http=Fetcher(allow=["127.0.0.1"], timeout_s=timeout_s))


OK = json_reply({"ok": True, "ts": "1.0"})


@pytest.mark.parametrize(
    ("bad", "wait"),
    [(too_many(90), 90), (text("", status=500), 30), (slow(OK, 0.5), 30), (text("", status=503), 30)],
    ids=["429 with Retry-After", "500", "timeout", "503"],
)
def test_slack_refuses_once_and_gets_the_alert_once(store: Store, bad: Any, wait: int) -> None:
    with HttpServer() as server:
        server.route("/api/chat.postMessage", [bad, OK])
        Dispatcher(store, {"slack": slack(server, timeout_s=0.2)}, []).dispatch([alert()], NOW)
        (waiting,) = store.notifications()
        assert (waiting.state, waiting.next_at) == (Delivery.RETRY, NOW + wait * SECOND)
        fresh = Dispatcher(store, {"slack": slack(server)}, [])  # a fetcher keeps away from who asked it to
        assert fresh.retry_due(NOW + (wait - 1) * SECOND) == []
        (sent,) = fresh.retry_due(NOW + wait * SECOND)
        assert (sent.state, sent.remote_id) == (Delivery.SENT, "1.0")
        assert fresh.retry_due(NOW + 60 * MINUTE) == []
        assert len(server.requests) == 2
