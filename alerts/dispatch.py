"""Alerts → people: route ▸ mute ▸ dedupe ▸ group ▸ send ▸ record, and what is due later.

At least once, with an idempotency key: the notification's row is committed before the attempt and the outcome
after it, and one alert is begun once a channel for ever. Nothing sleeps: whatever waits is a time in the row.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from alerts import health
from alerts.attempt import NotOurs, Outcome, ended
from alerts.channels import Channel, ChannelError
from alerts.decide import channel_alert, trial_alert
from alerts.grouping import combine, in_order, unanswered
from alerts.links import Links
from alerts.message import from_json, render, to_json
from alerts.muting import Verdict, judge
from alerts.quiet import QuietHours
from alerts.repaint import repaint
from alerts.repeats import repeated
from alerts.routes import Route, Target, targets
from alerts.snapshot import Snapshot
from storage.db import Store
from storage.notices import Alert, AlertKind, ChannelHealth, Delivery, Message, Notification
from storage.owner import me
from storage.types import Incident, Reason, Severity

log = logging.getLogger("kikimimi.dispatch")


class Dispatcher:
    """Sends alerts through the channels. `timezones` gives a topic's own timezone where it has one."""

    def __init__(
        self,
        store: Store,
        channels: Mapping[str, Channel],
        routes: Sequence[Route],
        *,
        lang: str = "ja",
        timezone: str = "Asia/Tokyo",
        base_url: str = "",
        timezones: Mapping[str, str] | None = None,
        quiet_hours: QuietHours | None = None,
        links: Links | None = None,
    ) -> None:
        self._store = store
        self._channels = channels
        self._routes = routes
        self._lang = lang
        self._timezone = timezone
        self._timezones = timezones or {}
        self._base_url = base_url
        self._quiet = quiet_hours
        self._links = links
        self._begun: set[tuple[str, str]] = set()  # spares the database; the row is what counts
        self._checked: set[str] = set()  # channels found disabled that this process has asked

    def dispatch(self, alerts: Iterable[Alert], now: datetime) -> list[Notification]:
        """Tell each alert on each channel, once for ever; returns what was begun and how it stands."""
        seen = Snapshot(self._store, now)
        every = repeated(alerts, self._routes, now)
        rows = [row for alert in every for row in self._rows(alert, seen, now)]
        begun = self._store.alerting.begin(rows) if rows else []
        self._begun.update((row.alert_key, row.channel) for row in rows)
        return [
            one for row in begun
            for one in (self._first_try(row, now) if row.state is Delivery.SENDING else [row])
        ]  # fmt: skip

    def retry_due(self, now: datetime) -> list[Notification]:
        """Send what was held back and what failed, when its time has come; returns what became of it."""
        self._store.alerting.reclaim(now)
        self._look_after_channels(now)
        done = [one for rows in self._store.alerting.held(now) for one in self._flush(rows, now)]
        resting = [
            name for name, one in self._store.alerting.health().items()
            if not health.is_well(one) and (one.disabled_at or health.rest_left(one, now))
        ]  # fmt: skip
        for due in self._store.alerting.due(now, without=resting):
            done += self._retry(due, now)
        return done

    def test(self, channel: str, now: datetime) -> Notification:
        """Send a test through one channel, also one that rests or is disabled; a success enables it again."""
        row = self.trial(channel, now)
        begun = self._store.alerting.begin([row])
        if begun:
            return self._attempt(begun[0], now)
        return self._store.alerting.of_thread(row.thread, channel)[0]  # pressed twice within a second

    def trial(self, channel: str, now: datetime) -> Notification:
        """The row of a test."""
        alert = trial_alert(now)
        return self._row(alert, Target(channel), self._render(alert), now)

    def repaint(self, alerts: Iterable[Alert], now: datetime) -> list[Notification]:
        """Bring the first message of each incident's thread up to date, where a channel can change messages."""
        return repaint(self._store, self._channels, alerts, now, render=self._render)

    # -------------------------------------------------------------- the steps

    def _rows(self, alert: Alert, seen: Snapshot, now: datetime) -> list[Notification]:
        """Route and mute: what is to be written for each channel, before anything is sent."""
        new = [
            target for target in targets(self._routes, alert, self._channels)
            if (target.key(alert), target.channel) not in self._begun
        ]  # fmt: skip
        if not new:
            return []
        message = self._render(alert)
        return [self._judged(self._row(alert, target, message, now), target, seen, now) for target in new]

    def _render(self, alert: Alert) -> Message:
        zone = self._timezones.get(alert.topic, self._timezone)
        return render(alert, lang=self._lang, timezone=zone, base_url=self._base_url, links=self._links)

    def _row(self, alert: Alert, target: Target, message: Message, now: datetime) -> Notification:
        key, incident = target.key(alert), alert.subject if isinstance(alert.subject, Incident) else None
        told = unanswered(message, key, target.after) if target.after else message
        return Notification(
            alert_key=key,
            channel=target.channel,
            state=Delivery.SENDING,
            attempts=1,
            created_at=now,
            updated_at=now,
            topic=alert.topic,
            title=told.title,
            payload=to_json(told),
            kind=alert.kind,
            severity=alert.severity,
            began_as=_began_as(incident, alert),
            tags=alert.tags,
            thread=message.thread,
            incident_kind=incident.kind if incident else "",
            step=int(target.after.total_seconds()),
            group=target.group,
            owner=me(),
        )

    def _judged(self, row: Notification, target: Target, seen: Snapshot, now: datetime) -> Notification:
        """Sent at once, muted, or held back: for the end of quiet hours, for an answer, for others."""
        verdict = self._judge(row, seen, now)
        unsent = replace(row, attempts=0, why=verdict.why, owner="")
        if verdict.state is Delivery.MUTED:
            return replace(unsent, state=Delivery.MUTED)
        if target.after:
            due, why = (verdict.until or now) + target.after, Reason("unanswered", {"seconds": row.step})
            return replace(unsent, state=Delivery.WAITING, next_at=due, why=why)
        if verdict.until is not None:
            return replace(unsent, state=Delivery.WAITING, next_at=verdict.until)
        if target.wait:
            last = self._store.alerting.last_of_group(row.channel, row.group)
            due = max(now + target.wait, min(last, now) + target.interval) if last else now + target.wait
            return replace(unsent, state=Delivery.WAITING, next_at=due, why=Reason("grouped"))
        return self._unless_resting(row, seen, now)

    def _unless_resting(self, row: Notification, seen: Snapshot, now: datetime) -> Notification:
        """A channel that does not work just now keeps its queue; the others go on."""
        known = seen.health.get(row.channel)
        if known is None or health.is_well(known) or row.kind is AlertKind.TEST:
            return row
        why = Reason("channel_disabled" if known.disabled_at else "channel_rests")
        return replace(row, state=Delivery.RETRY, attempts=0, next_at=now, error=known.error, why=why)

    def _flush(self, rows: Sequence[Notification], now: datetime) -> list[Notification]:
        """One message for all that wait in a group, but for what was muted or is held longer."""
        send, done, seen = [], [], Snapshot(self._store, now)
        for row in rows:
            verdict = self._judge(row, seen, now)
            if verdict.state is Delivery.SENDING:
                send.append(row)
            else:
                done += self._settle(row, verdict.state, verdict.why, verdict.until, now)
        if not send:
            return done
        send = in_order(send)
        try:
            message = combine(send, [from_json(row.payload) for row in send], self._base_url)
            payload = to_json(message)
        except (ValueError, KeyError, TypeError):
            payload = ""  # the attempt says that it cannot be read
        taken = self._store.alerting.take_batch([_id(row) for row in send], payload=payload, now=now)
        if taken is None:
            return done  # another worker has it
        return [*done, *self._first_try(taken, now)]

    def _first_try(self, row: Notification, now: datetime) -> list[Notification]:
        """Send what was begun, unless the channel has gone to rest meanwhile: nobody waits for it in vain."""
        ready = self._unless_resting(row, Snapshot(self._store, now), now)
        if ready.state is Delivery.RETRY:
            return self._settle(ready, Delivery.RETRY, ready.why, now, now, Delivery.SENDING)
        return [self._attempt(row, now)]

    def _retry(self, due: Notification, now: datetime) -> list[Notification]:
        """One more try, in the words of the first; or what has become of it since."""
        if not self._may_try(due, now):
            return []
        verdict = self._judge(due, Snapshot(self._store, now), now)
        if verdict.state is not Delivery.SENDING:
            state = Delivery.RETRY if verdict.until else verdict.state
            return self._settle(due, state, verdict.why, verdict.until, now, Delivery.RETRY)
        taken = self._store.take_notification(_id(due), now)
        return [] if taken is None else [self._attempt(taken, now)]

    def _settle(
        self,
        row: Notification,
        state: Delivery,
        why: Reason | None,
        until: datetime | None,
        now: datetime,
        before: Delivery = Delivery.WAITING,
        error: str = "",
    ) -> list[Notification]:
        """Write down what becomes of a row that is not tried; nothing when another worker was first."""
        settled = replace(row, state=state, why=why, next_at=until, updated_at=now, error=error or row.error)
        return [settled] if self._store.alerting.settle(settled, before=(before,)) else []

    # -------------------------------------------------------------- one attempt

    def _attempt(self, row: Notification, now: datetime) -> Notification:
        """Send and record; when it is given up, say so through the other channels."""
        outcome = self._send(row)
        told = ended(row, outcome, now)
        self._store.finish_notification(
            _id(row),
            state=told.state,
            now=now,
            error=told.error,
            next_at=told.next_at,
            remote_id=told.remote_id,
        )
        self._note_health(row, outcome, now)
        if told.state is Delivery.RETRY:
            log.warning("%s: %s; tried again at %s", told.channel, told.error, told.next_at)
        if told.state is Delivery.FAILED:
            log.error("%s: given up: %s", told.channel, told.error)
            self._tell_others(told, now)
        return told

    def _send(self, row: Notification) -> Outcome:
        channel = self._channels.get(row.channel)
        if channel is None:
            return NotOurs("the channel is no longer in config.yaml")
        try:
            message = from_json(row.payload)
        except (ValueError, KeyError, TypeError):
            return NotOurs("the stored message cannot be read")
        try:
            return channel.send(message, reply_to=self._first_of_thread(message, row))
        except ChannelError as error:
            return error

    def _first_of_thread(self, message: Message, row: Notification) -> str:
        """The id that the first message of the same thread got on this channel, "" when this is the first."""
        if message.thread == message.key:
            return ""
        told = self._store.alerting.of_thread(message.thread, row.channel)
        return next((one.remote_id for one in told if one.state is Delivery.SENT and one.remote_id), "")

    # -------------------------------------------------------------- channels

    def _note_health(self, row: Notification, outcome: Outcome, now: datetime) -> None:
        """What the attempt says of the channel. A test that fails says it to the person who sent it."""
        if isinstance(outcome, str):
            known = self._store.alerting.health().get(row.channel)
            fresh = known is not None and health.is_fresh(known, now)
            if not fresh and self._store.alerting.succeeded(row.channel, now):
                log.info("%s: works again", row.channel)
            return
        if row.kind is not AlertKind.TEST and not isinstance(outcome, NotOurs):
            self._fail(row.channel, outcome, now)

    def _fail(self, channel: str, error: ChannelError, now: datetime) -> ChannelHealth:
        rest = health.CHECK_EVERY if error.permanent else health.REST
        return self._store.alerting.failed(
            channel, error.message, now, rest_after=health.FAILURES, rest=rest, disable=error.permanent
        )

    def _may_try(self, row: Notification, now: datetime) -> bool:
        """A resting channel is tried with one message when its rest is over, by one worker."""
        known = self._store.alerting.health().get(row.channel)
        if known is None or health.is_well(known) or row.kind is AlertKind.TEST:
            return True
        if known.disabled_at or health.rest_left(known, now):
            return False
        return self._store.alerting.claim_trial(row.channel, now, health.REST)

    def _look_after_channels(self, now: datetime) -> None:
        """Ask disabled channels whether they work again; give up what has waited for too long."""
        for name, known in self._store.alerting.health().items():
            if health.is_well(known):
                continue
            if known.disabled_at and name in self._channels and self._is_due(known, now):
                self._check(name, now)
            for row in self._store.alerting.stale(name, now - health.KEPT):
                error = known.error or row.error
                for late in self._settle(row, Delivery.FAILED, None, None, now, Delivery.RETRY, error):
                    self._tell_others(late, now)

    def _is_due(self, known: ChannelHealth, now: datetime) -> bool:
        """At the start of this process, when config.yaml may have changed; then from time to time."""
        first = known.name not in self._checked
        self._checked.add(known.name)
        return first or self._store.alerting.claim_trial(known.name, now, health.CHECK_EVERY)

    def _check(self, name: str, now: datetime) -> None:
        try:
            self._channels[name].check()
        except ChannelError as error:
            permanent = ChannelError(error.message, permanent=True)
            self._fail(name, permanent, now)
            return
        self._store.alerting.succeeded(name, now)
        log.info("%s: works again", name)

    def _tell_others(self, failed: Notification, now: datetime) -> None:
        """One alert a day about a channel that gave up, through the other ones; never about itself again."""
        if failed.alert_key.startswith("channel/") or failed.kind is AlertKind.TEST:
            return
        alert = channel_alert(failed.channel, failed.error, now)
        routed = [one.channel for one in targets(self._routes, alert, self._channels)]
        others = [name for name in routed or self._channels if name != failed.channel]
        others = others or [name for name in self._channels if name != failed.channel]
        message = self._render(alert)
        seen = Snapshot(self._store, now)
        rows = [
            self._unless_resting(self._row(alert, Target(name), message, now), seen, now) for name in others
        ]
        for row in self._store.alerting.begin(rows) if rows else []:
            if row.state is Delivery.SENDING:
                self._attempt(row, now)

    def _judge(self, row: Notification, seen: Snapshot, now: datetime) -> Verdict:
        zone = self._timezones.get(row.topic, self._timezone)
        return judge(row, seen.world(row, self._quiet, zone), now)


def _began_as(incident: Incident | None, alert: Alert) -> Severity:
    """The severity that an incident opened with; any other alert's own."""
    seen = incident.reasons[0].values if incident and incident.reasons else {}
    return Severity(seen.get("opened_as", alert.severity.value))


def _id(row: Notification) -> int:
    if row.id is None:
        raise ValueError("a notification without an id was never stored")
    return row.id
