"""Dispatch against a real store and real loopback servers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from alerts.attempt import MAX_ATTEMPTS, wait
from alerts.channels import Channel
from alerts.channels.slack import SlackChannel, SlackConfig
from alerts.channels.smtp import SmtpChannel, SmtpConfig
from alerts.channels.webhook import WebhookChannel, WebhookConfig
from alerts.decide import incident_alert, trial_alert
from alerts.dispatch import Dispatcher
from alerts.message import render, to_json
from alerts.routes import Route
from listener.http import Fetcher
from storage.db import Store
from storage.notices import Alert, AlertKind, Delivery, Notification, Silence
from storage.owner import LEASE, me
from storage.types import IncidentState, Reason, Severity
from tests.alerts.made import NOW, TOPIC, advocate, alert, incident, mention
from tests.servers import HttpServer, SmtpServer, json_reply, slow, text, too_many

MINUTE = timedelta(minutes=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path / 'k.db'}") as opened:
        yield opened


@pytest.fixture
def web() -> Iterator[HttpServer]:
    with HttpServer() as server:
        server.route("/hook", text("ok"))
        server.route("/other", text("ok"))
        yield server


def hook(web: HttpServer, path: str = "/hook", *, timeout_s: float = 5) -> WebhookChannel:
    config = WebhookConfig(name="hook", kind="webhook", url=web.url(path), secret=SecretStr("geheim"))
    return WebhookChannel(config, http=Fetcher(allow=["127.0.0.1"], timeout_s=timeout_s))


def mail(server: SmtpServer) -> SmtpChannel:
    config = SmtpConfig(
        name="mail",
        kind="smtp",
        host="127.0.0.1",
        port=server.port,
        security="none",
        sender="k@example.jp",
        recipients=("pr@example.jp",),
    )
    return SmtpChannel(config, http=Fetcher())


def dispatcher(store: Store, routes: Sequence[Route] = (), **channels: Channel) -> Dispatcher:
    return Dispatcher(store, channels, routes, lang="ja", timezone="Asia/Tokyo", base_url="http://k.example")


def states(store: Store) -> list[tuple[str, Delivery, int]]:
    return [(one.channel, one.state, one.attempts) for one in reversed(store.notifications())]


# ------------------------------------------------------------------ told once


def test_told_and_recorded(store: Store, web: HttpServer) -> None:
    (told,) = dispatcher(store, hook=hook(web)).dispatch([alert()], NOW)
    assert (told.state, told.attempts, told.topic) == (Delivery.SENT, 1, TOPIC.name)
    assert told.title.startswith("【炎上の兆し】ミナモ珈琲")
    assert told.remote_id == web.requests[0].headers["webhook-id"]
    (stored,) = store.notifications()
    assert (stored.state, stored.remote_id, stored.error) == (Delivery.SENT, told.remote_id, "")


def test_one_key_is_told_once_even_after_a_restart(store: Store, web: HttpServer) -> None:
    first = dispatcher(store, hook=hook(web))
    first.dispatch([alert(), alert()], NOW)
    assert first.dispatch([alert()], NOW + MINUTE) == []
    assert dispatcher(store, hook=hook(web)).dispatch([alert()], NOW + MINUTE) == []
    assert len(web.requests) == 1
    worse = incident_alert(incident(Severity.CRISIS, reasons=incident().reasons), None, NOW)
    assert worse is not None
    assert len(first.dispatch([worse], NOW)) == 1


# ------------------------------------------------------------------ route and mute


@pytest.mark.parametrize(
    ("route", "told", "takes"),
    [
        (Route(channels=("a",)), alert(), True),
        (Route(topics=(TOPIC.name,)), alert(), True),
        (Route(topics=("トマリギ",)), alert(), False),
        (Route(kinds=(AlertKind.ADVOCATE,)), alert(), False),
        (Route(min_severity=Severity.WARNING), alert(), True),
        (Route(min_severity=Severity.CRISIS), alert(), False),
        (Route(min_severity=Severity.CRISIS), alert(incident(Severity.CRISIS)), True),
        (Route(topics=("トマリギ",), min_severity=Severity.CRISIS), trial_alert(NOW), True),
        (Route(topics=("トマリギ",)), alert("news", kind=AlertKind.SOURCE, topic=""), False),
        (Route(tags=("東日本", "直営")), alert(tags=("直営",)), True),
        (Route(tags=("東日本",)), alert(tags=("直営",)), False),
        (Route(tags=("東日本",)), alert("news", kind=AlertKind.SOURCE, topic=""), False),
        (
            Route(topics=("トマリギ",), kinds=(AlertKind.SOURCE,)),
            alert("news", kind=AlertKind.SOURCE, topic=""),
            True,
        ),
    ],
)
def test_routes(route: Route, told: Alert, takes: bool) -> None:
    assert route.takes(told) is takes


def test_every_matching_route_and_each_channel_once(store: Store, web: HttpServer) -> None:
    routes = [
        Route(channels=("hook", "gone")),
        Route(min_severity=Severity.CRISIS, channels=("other",)),
        Route(channels=("hook",)),
    ]
    both = dispatcher(store, routes, hook=hook(web), other=hook(web, "/other"))
    both.dispatch([alert()], NOW)
    assert web.paths() == ["/hook"]
    both.dispatch([alert(incident(Severity.CRISIS))], NOW)
    assert sorted(web.paths()) == ["/hook", "/hook", "/other"]


@pytest.mark.parametrize("topic", [TOPIC.name, ""])
def test_a_silence_mutes_and_says_so(store: Store, web: HttpServer, topic: str) -> None:
    store.add_silence(Silence(topic, NOW + MINUTE, "訓練", "佐藤", NOW))
    sending = dispatcher(store, hook=hook(web))
    (muted,) = sending.dispatch([alert()], NOW)
    assert muted.state is Delivery.MUTED
    assert web.requests == []
    assert [one.state for one in sending.dispatch([trial_alert(NOW)], NOW)] == [Delivery.SENT]
    assert store.due_notifications(NOW + timedelta(days=1)) == []


def test_a_silence_for_another_topic_does_not(store: Store, web: HttpServer) -> None:
    store.add_silence(Silence("トマリギ", NOW + MINUTE, "", "佐藤", NOW))
    assert [one.state for one in dispatcher(store, hook=hook(web)).dispatch([alert()], NOW)] == [
        Delivery.SENT
    ]


def test_a_silence_that_begins_before_the_retry_mutes_it(store: Store, web: HttpServer) -> None:
    web.route("/hook", text("", status=500))
    sending = dispatcher(store, hook=hook(web))
    sending.dispatch([alert()], NOW)
    store.add_silence(Silence("", NOW + 60 * MINUTE, "", "佐藤", NOW))
    assert [one.state for one in sending.retry_due(NOW + MINUTE)] == [Delivery.MUTED]
    assert len(web.requests) == 1


# ------------------------------------------------------------------ retry


def test_retry_after_is_honoured_and_the_key_stays(store: Store, web: HttpServer) -> None:
    web.route("/hook", [too_many(90), text("ok")])
    sending = dispatcher(store, hook=hook(web))
    (waiting,) = sending.dispatch([alert()], NOW)
    assert (waiting.state, waiting.next_at) == (Delivery.RETRY, NOW + timedelta(seconds=90))
    assert "429" in waiting.error
    assert sending.retry_due(NOW + timedelta(seconds=89)) == []
    # The fetcher keeps away from a host that asked it to, so the retry comes from a fresh process.
    (sent,) = dispatcher(store, hook=hook(web)).retry_due(NOW + timedelta(seconds=90))
    assert (sent.state, sent.attempts, sent.error) == (Delivery.SENT, 2, "")
    first, second = web.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body


def test_waits_double_and_then_it_is_given_up(store: Store, web: HttpServer) -> None:
    web.route("/hook", text("", status=500))
    sending = dispatcher(store, hook=hook(web))
    (last,) = sending.dispatch([alert()], NOW)
    waits, now = [], NOW
    while last.state is Delivery.RETRY:
        assert last.next_at is not None
        waits.append((last.next_at - now).total_seconds())
        now = last.next_at
        (last,) = sending.retry_due(now)
    assert waits == [30, 60, 120, 240, 480, 960, 1920]
    assert (last.state, last.attempts) == (Delivery.FAILED, MAX_ATTEMPTS)
    assert sending.retry_due(now + timedelta(days=1)) == []


def test_wait() -> None:
    assert wait(1) == timedelta(seconds=30)
    assert wait(50) == timedelta(hours=1)
    assert wait(1, 7200) == timedelta(hours=2)


def test_timeout_is_tried_again(store: Store, web: HttpServer) -> None:
    web.route("/hook", [slow(text("ok"), 0.5), text("ok")])
    sending = dispatcher(store, hook=hook(web, timeout_s=0.1))
    assert [one.state for one in sending.dispatch([alert()], NOW)] == [Delivery.RETRY]
    assert [one.state for one in dispatcher(store, hook=hook(web)).retry_due(NOW + MINUTE)] == [Delivery.SENT]


def test_greylisting_is_tried_again_with_the_same_message_id(store: Store) -> None:
    with SmtpServer() as server:
        server.greylist(1)
        sending = dispatcher(store, mail=mail(server))
        (waiting,) = sending.dispatch([alert()], NOW)
        assert (waiting.state, waiting.error[:8]) == (Delivery.RETRY, "SMTP 451")
        (sent,) = sending.retry_due(NOW + MINUTE)
        assert sent.remote_id == server.messages[0].message["Message-ID"]
        assert sent.state is Delivery.SENT


def test_one_channel_down_does_not_stop_the_other(store: Store, web: HttpServer) -> None:
    web.route("/hook", text("", status=500))
    both = dispatcher(store, hook=hook(web), other=hook(web, "/other"))
    both.dispatch([alert()], NOW)
    assert states(store) == [("hook", Delivery.RETRY, 1), ("other", Delivery.SENT, 1)]


# ------------------------------------------------------------------ given up


def test_permanent_error_is_told_through_another_channel_once_a_day(store: Store, web: HttpServer) -> None:
    web.route("/hook", text("", status=410))
    both = dispatcher(store, [Route(channels=("hook",))], hook=hook(web), other=hook(web, "/other"))
    (failed,) = both.dispatch([alert()], NOW)
    assert (failed.state, failed.next_at) == (Delivery.FAILED, None)
    told = [request.json()["data"] for request in web.requests if request.path == "/other"]
    assert [one["title"] for one in told] == ["【通知エラー】hook：通知を届けられませんでした"]
    assert "410" in told[0]["fields"][0]["value"]
    both.dispatch([alert(incident(Severity.CRISIS))], NOW + MINUTE)
    assert web.paths().count("/other") == 1
    both.retry_due(NOW + timedelta(days=1, minutes=1))  # a day later what waited for the channel is given up
    assert web.paths().count("/other") == 2
    assert states(store)[-2:] == [("hook", Delivery.FAILED, 0), ("other", Delivery.SENT, 1)]


def test_two_dead_channels_do_not_talk_for_ever(store: Store, web: HttpServer) -> None:
    web.route("*", text("", status=410))
    web.route("/hook", text("", status=410))
    web.route("/other", text("", status=410))
    both = dispatcher(store, hook=hook(web), other=hook(web, "/other"))
    both.dispatch([alert()], NOW)
    assert sorted(web.paths()) == ["/hook", "/other"]
    assert states(store) == [
        ("hook", Delivery.FAILED, 1),
        ("other", Delivery.RETRY, 0),  # waits until the channel works again
        ("other", Delivery.FAILED, 1),  # that the hook failed
    ]


def test_the_only_channel_dead_is_only_recorded(store: Store, web: HttpServer) -> None:
    web.route("/hook", text("", status=404))
    dispatcher(store, hook=hook(web)).dispatch([alert()], NOW)
    assert states(store) == [("hook", Delivery.FAILED, 1)]


# ------------------------------------------------------------------ crash


def test_what_a_dead_process_was_sending_is_sent_again_after_reclaim(store: Store, web: HttpServer) -> None:
    key, message = alert().key, render(alert(), lang="ja", timezone="Asia/Tokyo")
    row = Notification(key, "hook", Delivery.SENDING, 1, NOW, NOW, TOPIC.name, payload=to_json(message))
    store.alerting.begin([replace(row, owner=me())])
    fresh = dispatcher(store, hook=hook(web))
    assert fresh.dispatch([alert()], NOW) == []
    assert fresh.retry_due(NOW) == []  # its process is alive: it may still be sending
    (sent,) = fresh.retry_due(NOW + LEASE)  # for so long nothing takes
    assert (sent.state, sent.attempts) == (Delivery.SENT, 2)
    assert fresh.retry_due(NOW) == []
    assert len(web.requests) == 1


def test_a_channel_that_left_the_config_fails_with_words(store: Store, web: HttpServer) -> None:
    web.route("/hook", text("", status=500))
    dispatcher(store, hook=hook(web)).dispatch([alert()], NOW)
    (failed,) = dispatcher(store, other=hook(web, "/other")).retry_due(NOW + MINUTE)
    assert (failed.state, failed.error) == (Delivery.FAILED, "the channel is no longer in config.yaml")


def test_a_broken_payload_fails_with_words(store: Store, web: HttpServer) -> None:
    row = Notification("k", "hook", Delivery.SENDING, 1, NOW, NOW, payload="{")
    assert store.begin_notification(row)  # by nobody who lives
    (failed,) = dispatcher(store, hook=hook(web)).retry_due(NOW)
    assert failed.state is Delivery.FAILED


# ------------------------------------------------------------------ threads


def test_all_about_one_incident_is_one_slack_thread(store: Store) -> None:
    with HttpServer() as slack:
        slack.route("/api/chat.postMessage", [json_reply({"ok": True, "ts": f"{n}.0"}) for n in (1, 2, 3)])
        config = SlackConfig(
            name="s", kind="slack", token=SecretStr("x"), channel="C1", base_url=slack.url("")
        )
        sending = dispatcher(store, slack=SlackChannel(config, http=Fetcher(allow=["127.0.0.1"])))
        opened = incident()
        worse = incident(Severity.CRISIS, reasons=opened.reasons)
        over = incident(state=IncidentState.RESOLVED, resolved_at=NOW)
        for about in (opened, worse, over):
            told = incident_alert(about, None, NOW)
            assert told is not None
            sending.dispatch([told], NOW)
        other = incident(key="ミナモ珈琲/negative_excess/20261123T0000Z")
        sending.dispatch([alert(other)], NOW)
        threads = [request.json().get("thread_ts") for request in slack.requests]
    assert threads == [None, "1.0", "1.0", None]


def test_a_topics_own_timezone(store: Store, web: HttpServer) -> None:
    berlin = Dispatcher(store, {"hook": hook(web)}, [], lang="en", timezones={TOPIC.name: "Europe/Berlin"})
    berlin.dispatch([alert()], NOW)
    assert "Nov 22 14:50" in web.requests[0].json()["data"]["summary"]


def test_every_kind_of_alert_goes_through(store: Store, web: HttpServer) -> None:
    alerts = [
        alert(mention(4), key="m", kind=AlertKind.MENTION, reason=_reason("influential_negative")),
        alert(advocate(), key="a", kind=AlertKind.ADVOCATE, reason=_reason("advocate_turned")),
    ]
    at_once = dispatcher(store, [Route(channels=("hook",), group_wait=timedelta(0))], hook=hook(web))
    assert [one.state for one in at_once.dispatch(alerts, NOW)] == [Delivery.SENT] * 2


def _reason(code: str) -> Reason:
    return Reason(code, {"followers": 5, "views": 6, "negatives": 2, "score": 70.0})
