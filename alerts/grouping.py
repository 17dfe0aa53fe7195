"""Several alerts in one message, and the message that nobody has answered yet (pure)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

from alerts.message import QUOTES, span
from alerts.words import say
from storage.notices import AlertKind, Field, Message, Notification

LISTED = 40  # titles in one message; the rest is on the page


def in_order(rows: Sequence[Notification]) -> list[Notification]:
    """The most severe first, then as they came: the first one leads the message."""
    return sorted(rows, key=lambda row: (-row.severity.rank, row.created_at, row.id or 0))


def combine(rows: Sequence[Notification], messages: Sequence[Message], base_url: str = "") -> Message:
    """One message that lists `messages`, which belong to `rows` (of one topic and kind, in order).

    One alone stays as it is. The key depends on the keys of the rows alone, so that a repeat is recognised.
    """
    first, lead = rows[0], messages[0]
    if len(messages) == 1:
        return lead
    lang, kind = lead.lang, first.kind.value
    severity = say(f"severity.{first.severity.value}", lang)
    quiet = any(row.why is not None and row.why.code == "quiet_hours" for row in rows)
    titles = [f"・{one.title}" for one in messages[:LISTED]]
    if len(messages) > LISTED:
        titles.append(f"・{say('group.more', lang, n=len(messages) - LISTED)}")
    keys = "\n".join(sorted(row.alert_key for row in rows))
    threads = {one.thread for one in messages}
    key = f"group/{hashlib.sha256(keys.encode()).hexdigest()[:24]}"
    return Message(
        key=key,
        thread=lead.thread if len(threads) == 1 else key,
        lang=lang,
        severity=first.severity,
        title=say(f"group.{kind}", lang, topic=first.topic, n=len(rows), severity=severity),
        summary=say("group.quiet" if quiet else "group.summary", lang, n=len(rows)),
        reasons=(),
        fields=(Field(say("group.list", lang), "\n".join(titles)),),
        quotes=tuple(quoted for one in messages for quoted in one.quotes[:1])[:QUOTES],
        link=_link(first, base_url),
        footer=lead.footer,
    )


def unanswered(message: Message, key: str, after: timedelta) -> Message:
    """The same message for those who are told because nobody has acknowledged it."""
    length = span(round(after / timedelta(minutes=1)), message.lang)
    return replace(
        message,
        key=key,
        title=say("unanswered.title", message.lang, length=length, rest=message.title),
        summary=say("unanswered.summary", message.lang, length=length, rest=message.summary),
    )


def _link(row: Notification, base_url: str) -> str:
    pages = {
        AlertKind.ADVOCATE: "/advocates",
        AlertKind.INCIDENT: "/incidents",
        AlertKind.SOURCE: "/sources",
        AlertKind.TREND: f"/topics/{quote(row.topic, safe='')}" if row.topic else "/",
        AlertKind.MENTION: f"/topics/{quote(row.topic, safe='')}",
    }
    return f"{base_url.rstrip('/')}{pages.get(row.kind, '/')}" if base_url else ""
