"""Is this worth telling a person? A named reason, or None (pure).

An alert's key names the thing and the reason, and depends on nothing but the thing's present state: deciding
twice gives the same key, and dispatch tells one key once. So a restart may decide everything again, and an
alert that a crash swallowed between deciding and sending is told after all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import dropwhile, takewhile
from typing import Any

from alerts.advocates import AdvocateSettings, qualifies
from storage.notices import Alert, AlertKind
from storage.types import (
    Advocate,
    Fetch,
    Incident,
    IncidentState,
    Label,
    Mention,
    Outcome,
    Reason,
    Severity,
    SourceState,
    Topic,
)

REPEAT = timedelta(hours=24)  # an incident that nobody took is told again after so long
ALL_CLEAR = timedelta(hours=24)  # how long after a resolution the all-clear is still news
STILL_ACTIVE = timedelta(hours=2)
FAILURES = 3
SILENT = timedelta(hours=24)
INFLUENTIAL = 50_000


# ------------------------------------------------------------------ incidents


def incident_alerts(
    incidents: Sequence[Incident],
    now: datetime,
    *,
    mentions: Mapping[int, Mention] | None = None,
    tags: Sequence[str] = (),
) -> list[Alert]:
    """What each incident's present state calls for; pass the open and the lately resolved, every time."""
    known = mentions or {}
    found = []
    for incident in incidents:
        shown = [known[mention_id] for mention_id in incident.evidence if mention_id in known]
        alert = incident_alert(incident, None, now, mentions=shown, tags=tags)
        if alert is not None:
            found.append(alert)
    return found


def incident_alert(
    incident: Incident,
    previous: Incident | None,
    now: datetime,
    *,
    mentions: Sequence[Mention] = (),
    tags: Sequence[str] = (),
) -> Alert | None:
    """Opened, escalated, still open after 1, 3, 7, 15 … days, or resolved.

    With `previous`, only what that did not call for. An acknowledged incident is told again only when it gets
    worse, and when it is over.
    """
    reason = _incident_reason(incident, now)
    if reason is None:
        return None
    key = _incident_key(incident, reason)
    if previous is not None:
        before = _incident_reason(previous, previous.updated_at)
        if before is not None and _incident_key(previous, before) == key:
            return None
    return Alert(
        key=key,
        kind=AlertKind.INCIDENT,
        topic=incident.topic,
        severity=incident.severity,
        reason=reason,
        created_at=now,
        subject=incident,
        mentions=tuple(mentions),
        tags=tuple(tags),
    )


def again_alert(alert: Alert, every: timedelta, now: datetime) -> Alert | None:
    """What a route that repeats `every` so often says of the alert's incident: nobody took it, and it goes on."""
    incident = alert.subject
    if not isinstance(incident, Incident) or not _unanswered(incident, now):
        return None
    times = int((now - _severe_at(incident)) / every)
    if times < 1:
        return None
    seconds = int(every.total_seconds())
    reason = Reason("still_open", {"minutes": times * seconds // 60, "every": seconds, "times": times})
    return replace(alert, key=_incident_key(incident, reason), reason=reason)


def _unanswered(incident: Incident, now: datetime) -> bool:
    return incident.state is IncidentState.OPEN and now - incident.updated_at <= STILL_ACTIVE


def _severe_at(incident: Incident) -> datetime:
    """Since when it is as severe as it is."""
    first = incident.reasons[0].values if incident.reasons else {}
    return datetime.fromisoformat(first["severe_at"]) if "severe_at" in first else incident.opened_at


def _incident_reason(incident: Incident, now: datetime) -> Reason | None:
    if incident.state is IncidentState.RESOLVED:
        if incident.resolved_at is None or now - incident.resolved_at > ALL_CLEAR:
            return None
        hours = (incident.resolved_at - incident.opened_at) / timedelta(hours=1)
        return Reason("resolved", {"hours": round(hours, 1)})
    first = incident.reasons[0].values if incident.reasons else {}
    days = _told_again(int((now - _severe_at(incident)) / REPEAT))
    if days >= 1 and _unanswered(incident, now):
        return Reason("still_open", {"days": days})
    opened_as = first.get("opened_as")
    if opened_as and opened_as != incident.severity.value:
        return Reason("escalated", {"from": first.get("rose_from", opened_as), "to": incident.severity.value})
    return Reason("opened", {})


def _told_again(days: int) -> int:
    """The last day on which an unanswered incident was due to be told again: 1, 3, 7, 15 … days after it broke."""
    return (1 << ((days + 1).bit_length() - 1)) - 1 if days > 0 else 0


def _incident_key(incident: Incident, reason: Reason) -> str:
    key = f"{incident.key}/{reason.code}/{incident.severity.value}"
    again = incident.reasons[0].values.get("reopened_at") if incident.reasons else None
    if again:  # the next wave, and its own all-clear, are news
        key = f"{key}/{datetime.fromisoformat(str(again)).astimezone(UTC):%Y%m%dT%H%MZ}"
    if "every" in reason.values:
        return f"{key}/every-{reason.values['every']}s/{reason.values['times']}"
    return f"{key}/{reason.values['days']}" if reason.code == "still_open" else key


# ------------------------------------------------------------------ advocates


def advocate_alert(
    advocate: Advocate,
    previous: Advocate | None,
    topic: Topic,
    settings: AdvocateSettings,
    now: datetime,
    *,
    mentions: Sequence[Mention] = (),
) -> Alert | None:
    """A new advocate of an own topic: the score has crossed the threshold."""
    if not topic.own or not qualifies(advocate, settings):
        return None
    if previous is not None and qualifies(previous, settings):
        return None
    reason = Reason(
        "new_advocate",
        {
            "score": advocate.score,
            "before": previous.score if previous else None,
            "mentions": advocate.mentions,
            "min_score": settings.min_score,
        },
    )
    key = f"advocate/{topic.name}/{_who(advocate)}/new_advocate"
    return about(topic, advocate, key, reason, Severity.WATCH, now, mentions)


def detractor_alert(
    advocate: Advocate,
    recent: Sequence[Mention],
    topic: Topic,
    settings: AdvocateSettings,
    now: datetime,
) -> Alert | None:
    """A known advocate of an own topic has turned: their latest mentions, oldest first, are negative."""
    if not topic.own or not qualifies(advocate, settings):
        return None
    latest = list(recent)[-settings.detractor_negatives :]
    if len(latest) < settings.detractor_negatives:
        return None
    if any(mention.analysis.sentiment.label is not Label.NEGATIVE for mention in latest):
        return None
    reason = Reason("advocate_turned", {"negatives": len(latest), "score": advocate.score})
    since = latest[0].post.created_at.astimezone(UTC)
    key = f"advocate/{topic.name}/{_who(advocate)}/advocate_turned/{since:%Y-%m}"
    return about(topic, advocate, key, reason, Severity.WARNING, now, latest)


def _who(advocate: Advocate) -> str:
    return f"{advocate.author.platform}:{advocate.author.external_id}"


def about(
    topic: Topic,
    subject: Advocate | str,
    key: str,
    reason: Reason,
    severity: Severity,
    now: datetime,
    mentions: Sequence[Mention],
) -> Alert:
    """An alert about an advocate of a topic, or, where the subject is a name, about a trend of it."""
    return Alert(
        key=key,
        kind=AlertKind.ADVOCATE if isinstance(subject, Advocate) else AlertKind.TREND,
        topic=topic.name,
        severity=severity,
        reason=reason,
        created_at=now,
        subject=subject,
        mentions=tuple(mentions),
        tags=topic.tags,
    )


# ------------------------------------------------------------------ single mentions


def mention_alert(
    mention: Mention, topic: Topic, now: datetime, *, min_followers: int = INFLUENTIAL
) -> Alert | None:
    """A negative mention by an account that many people follow, or that very many have seen."""
    if not topic.own or mention.analysis.sentiment.label is not Label.NEGATIVE:
        return None
    followers = (mention.post.author.followers if mention.post.author else None) or 0
    views = mention.post.engagement.views or 0
    if max(followers, views) < min_followers or now - mention.post.created_at > REPEAT:
        return None
    return Alert(
        key=f"mention/{topic.name}/{mention.post.platform}:{mention.post.external_id}/influential_negative",
        kind=AlertKind.MENTION,
        topic=topic.name,
        severity=Severity.WARNING,
        reason=Reason("influential_negative", {"followers": followers, "views": views}),
        created_at=now,
        subject=mention,
        mentions=(mention,),
        tags=topic.tags,
    )


# ------------------------------------------------------------------ sources


def source_alert(
    state: SourceState,
    now: datetime,
    *,
    fetches: Sequence[Fetch] = (),
    failures: int = FAILURES,
    silent: timedelta = SILENT,
) -> Alert | None:
    """A source that failed `failures` times in a row, was not read for `silent`, or is back.

    `fetches` are its latest tries, newest first; only with them a recovery is seen.
    """
    since = f"{state.last_ok_at.astimezone(UTC):%Y%m%dT%H%M%SZ}" if state.last_ok_at else "never"
    values: dict[str, Any] = {
        "failures": state.failures,
        "error": state.error,
        "last_ok_at": state.last_ok_at.isoformat() if state.last_ok_at else None,
        "next_at": state.next_at.isoformat() if state.next_at else None,
    }
    if state.last_outcome is Outcome.FAILED and state.failures >= failures:
        return _source(state, f"failing/{since}", Reason("source_failing", values), Severity.WARNING, now)
    if state.failures == 0 and state.last_outcome is not Outcome.FAILED:
        run = _failed_run(fetches)
        if len(run) >= failures and now - run[0].ended_at <= ALL_CLEAR:
            reason = Reason("source_recovered", {**values, "failures": len(run)})
            key = f"recovered/{run[0].ended_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
            return _source(state, key, reason, Severity.WATCH, now)
    if state.last_at is not None and now - state.last_at >= silent and _overdue(state, now, silent):
        hours = round((now - state.last_at) / timedelta(hours=1), 1)
        key = f"silent/{state.last_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
        return _source(state, key, Reason("source_silent", {**values, "hours": hours}), Severity.WARNING, now)
    return None


def _failed_run(fetches: Sequence[Fetch]) -> list[Fetch]:
    """The failed tries in a row before the latest good ones, newest first."""
    bad = dropwhile(lambda fetch: fetch.outcome is not Outcome.FAILED, fetches)
    return list(takewhile(lambda fetch: fetch.outcome is Outcome.FAILED, bad))


def _overdue(state: SourceState, now: datetime, silent: timedelta) -> bool:
    """A try that was planned for much later is not overdue."""
    return state.next_at is None or state.next_at < now - silent / 4


def _source(state: SourceState, key: str, reason: Reason, severity: Severity, now: datetime) -> Alert:
    return Alert(
        key=f"source/{state.name}/{key}",
        kind=AlertKind.SOURCE,
        topic="",
        severity=severity,
        reason=reason,
        created_at=now,
        subject=state.name,
    )


def channel_alert(channel: str, error: str, now: datetime) -> Alert:
    """A channel gave up on a notification; told through the others, once a day."""
    return Alert(
        key=f"channel/{channel}/failed/{now.astimezone(UTC):%Y-%m-%d}",
        kind=AlertKind.SOURCE,
        topic="",
        severity=Severity.WARNING,
        reason=Reason("channel_failed", {"channel": channel, "error": error}),
        created_at=now,
        subject=channel,
    )


def trial_alert(now: datetime) -> Alert:
    """What an operator sends to see that a channel works."""
    return Alert(
        key=f"test/{now.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        kind=AlertKind.TEST,
        topic="",
        severity=Severity.WATCH,
        reason=Reason("test", {}),
        created_at=now,
        subject="",
    )
