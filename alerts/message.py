"""Alert → Message: in words, once, for every channel; and Message ↔ JSON for a later retry (pure)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from alerts.links import Links
from alerts.pieces import amount, characters, clock_time, cut, percent, posts, span
from alerts.words import known, say
from alerts.words_rules import RULES
from storage.notices import Action, Alert, AlertKind, Digest, Field, Message, Quote
from storage.types import Advocate, Author, Incident, Label, Mention, Reason, Severity

__all__ = [
    "Parts", "amount", "characters", "clock_time", "cut", "display_name", "from_json", "percent", "posts", "render",
    "span", "to_json",
]  # fmt: skip

QUOTES = 5
QUOTE_LENGTH = 240


def render(
    alert: Alert, *, lang: str, timezone: str, base_url: str = "", links: Links | None = None
) -> Message:
    """What `alert` says, with numbers and times as they are written in `timezone`.

    Without `base_url` the message has no link, without `links` nothing to act by. Quotes are the alert's
    mentions, in their order.
    """
    zone = ZoneInfo(timezone)
    title, summary, reasons, fields = _PARTS[_subject_kind(alert)](alert, lang, zone)
    return Message(
        key=alert.key,
        thread=alert.subject.key if isinstance(alert.subject, Incident) else alert.key,
        lang="ja" if lang == "ja" else "en",
        severity=alert.severity,
        title=title,
        summary=summary,
        reasons=reasons,
        fields=fields,
        quotes=tuple(_quote(mention, lang, zone) for mention in alert.mentions[:QUOTES]),
        link=_link(alert, base_url),
        footer=say("footer", lang, timezone=timezone),
        actions=links.actions(alert, lang) if links else (),
    )


_TEN_YEARS = 3650  # days; a rarer chance is not worth a number
Parts = tuple[str, str, tuple[str, ...], tuple[Field, ...]]


def _subject_kind(alert: Alert) -> str:
    if alert.reason.code in RULES:
        return "rule"
    if isinstance(alert.subject, Incident):
        return "incident"
    if isinstance(alert.subject, Advocate):
        return "advocate"
    if isinstance(alert.subject, Digest):
        return "digest"
    return "mention" if isinstance(alert.subject, Mention) else "source"


# ------------------------------------------------------------------ incidents


def _incident(alert: Alert, lang: str, zone: ZoneInfo) -> Parts:
    incident = alert.subject
    assert isinstance(incident, Incident)
    cause = _cause(incident)
    values = _incident_values(incident, cause, lang, zone)
    code = cause.code if known(f"title.{cause.code}") else "incident"
    title, summary = say(f"title.{code}", lang, **values), say(f"summary.{code}", lang, **values)
    change = alert.reason
    if change.code == "escalated":
        before = say(f"severity.{change.values['from']}", lang)
        rest = title.split("】", 1)[-1] if lang == "ja" else title.split("] ", 1)[-1]
        title = say("title.escalated", lang, severity=values["severity"], rest=rest)
        summary = say(
            "summary.escalated", lang, **{"from": before, "to": values["severity"], "rest": summary}
        )
    elif change.code == "still_open":
        title, summary = _still_open(change, summary, lang, values)
    elif change.code == "resolved":
        hours = amount(change.values["hours"], lang)
        title = say("title.resolved", lang, **values, hours=hours)
        summary = say("summary.resolved", lang, **values)
    return (
        title,
        summary,
        _incident_whys(incident, cause, lang, values),
        _incident_fields(alert, lang, values),
    )


def _still_open(change: Reason, summary: str, lang: str, values: Mapping[str, Any]) -> tuple[str, str]:
    """Title and summary of a reminder: so many days, or the time that a route's own rhythm says."""
    if "days" in change.values:
        code, length = "still_open", {"days": change.values["days"]}
    else:
        code, length = "still_open_for", {"length": span(change.values["minutes"], lang)}
    title = say(f"title.{code}", lang, **{**values, **length})
    return title, say(f"summary.{code}", lang, **length, rest=summary)


def _cause(incident: Incident) -> Reason:
    return incident.reasons[0] if incident.reasons else Reason("incident", {})


def _incident_values(incident: Incident, cause: Reason, lang: str, zone: ZoneInfo) -> dict[str, Any]:
    """The words that titles and sentences about an incident are filled with."""
    seen = cause.values
    since = datetime.fromisoformat(seen["since"]) if seen.get("since") else incident.opened_at
    count, expected = int(seen.get("count", 0)), float(seen.get("expected", 0))
    return {
        "severity": say(f"severity.{incident.severity.value}", lang),
        "topic": incident.topic,
        "count": amount(count, lang),
        "expected": posts(expected, lang),
        "ratio": amount(count / max(expected, 0.1), lang),
        "window": span(int(seen.get("window_min", 60)), lang),
        "share": percent(float(seen.get("share", 0))),
        "baseline_share": percent(float(seen.get("baseline_share", 0))),
        "days": amount(float(seen.get("false_alarm_days", 0)), lang),
        "phrase": str(seen.get("phrase", "")),
        "phrases": ("」「" if lang == "ja" else "”, “").join(str(one) for one in seen.get("phrases", ())),
        "since": clock_time(since, lang, zone),
        "opened": clock_time(incident.opened_at, lang, zone),
        "peak": amount(int(seen.get("peak", count)), lang),
    }


def _incident_whys(
    incident: Incident, cause: Reason, lang: str, values: Mapping[str, Any]
) -> tuple[str, ...]:
    resolved = incident.resolved_at is not None
    lines = []
    for reason in incident.reasons:
        if reason.code == "quiet":
            lines.append(say("why.quiet", lang, hours=amount(reason.values["hours"], lang)))
    if resolved and not lines:
        lines.append(say("why.manual", lang))
    if not resolved and known(f"why.{cause.code}"):
        lines.append(say(f"why.{cause.code}", lang, **values))
        if int(cause.values.get("same_cause", 0)) > 1:
            lines.append(say("why.same_cause", lang, same=amount(int(cause.values["same_cause"]), lang)))
        regulars = int(cause.values.get("regulars", 0))
        if regulars and 2 * regulars >= int(cause.values.get("count", 0)):
            lines.append(say("why.regulars", lang, regulars=amount(regulars, lang)))
        if cause.values.get("false_alarm_days"):
            rare = cause.values["false_alarm_days"] > _TEN_YEARS
            lines.append(say("why.chance_rare" if rare else "why.chance", lang, days=values["days"]))
    if incident.acknowledged_by and not resolved:
        lines.append(say("why.acknowledged", lang, by=incident.acknowledged_by))
    return tuple(lines)


def _incident_fields(alert: Alert, lang: str, values: Mapping[str, Any]) -> tuple[Field, ...]:
    incident = alert.subject
    assert isinstance(incident, Incident)
    cause = _cause(incident)
    fields = [
        Field(say("field.since", lang), values["since"]),
        Field(say("field.detected", lang), values["opened"]),
        Field(say("field.people", lang), say("value.people", lang, n=values["count"])),
    ]
    if "share" in cause.values:
        shares = say("value.share", lang, now=values["share"], usual=values["baseline_share"])
        usual = say("value.usual", lang, n=values["expected"], window=values["window"])
        fields += [Field(say("field.share", lang), shares), Field(say("field.usual", lang), usual)]
    if incident.resolved_at is not None or "peak" in cause.values:
        fields.append(Field(say("field.peak", lang), say("value.peak", lang, n=values["peak"])))
    step = "resolved" if alert.reason.code == "resolved" else incident.severity.value
    fields.append(Field(say("field.next", lang), say(f"next.{step}", lang)))
    return tuple(fields)


# ------------------------------------------------------------------ advocates, mentions, sources


def _advocate(alert: Alert, lang: str, zone: ZoneInfo) -> Parts:
    advocate = alert.subject
    assert isinstance(advocate, Advocate)
    values = {
        **alert.reason.values,
        "topic": alert.topic,
        "who": display_name(advocate.author, lang),
        "score": amount(advocate.score, lang),
        "first": clock_time(advocate.first_at, lang, zone),
        "mentions": amount(advocate.mentions, lang),
        "min_score": amount(alert.reason.values.get("min_score", 0), lang),
    }
    reasons = tuple(
        f"{say(f'part.{part.name}', lang) if known(f'part.{part.name}') else part.name} {part.points:+.0f}"
        + (f"「{part.quote}」" if part.quote and lang == "ja" else f" “{part.quote}”" if part.quote else "")
        for part in advocate.contributions
    )
    fields = [Field(say("field.score", lang), f"{values['score']} / 100")]
    if advocate.author.followers is not None:
        fields.append(Field(say("field.followers", lang), amount(advocate.author.followers, lang)))
    code = alert.reason.code
    return (
        say(f"title.{code}", lang, **values),
        say(f"summary.{code}", lang, **values),
        reasons,
        tuple(fields),
    )


def _mention(alert: Alert, lang: str, zone: ZoneInfo) -> Parts:
    mention = alert.subject
    assert isinstance(mention, Mention)
    known_counts = [(name, n) for name in ("followers", "views") if (n := alert.reason.values.get(name))]
    reach = say("join", lang).join(say(f"reach.{name}", lang, n=amount(n, lang)) for name, n in known_counts)
    values = {"reach": reach, "topic": alert.topic, "who": display_name(mention.post.author, lang)}
    code = alert.reason.code
    fields = (Field(say("field.posted", lang), clock_time(mention.post.created_at, lang, zone)),)
    return say(f"title.{code}", lang, **values), say(f"summary.{code}", lang, **values), (), fields


def _source(alert: Alert, lang: str, zone: ZoneInfo) -> Parts:
    seen = alert.reason.values
    last_ok, next_at = seen.get("last_ok_at"), seen.get("next_at")
    values = {
        **seen,
        "name": str(alert.subject),
        "error": str(seen.get("error") or ""),
        "last_ok": clock_time(datetime.fromisoformat(last_ok), lang, zone)
        if last_ok
        else say("unknown", lang),
    }
    fields = []
    if values["error"]:
        fields.append(Field(say("field.error", lang), values["error"]))
    if next_at:
        when = clock_time(datetime.fromisoformat(next_at), lang, zone)
        fields.append(Field(say("field.next_try", lang), when))
    code = alert.reason.code
    summary = say(f"summary.{code}", lang, **{**values, "error": ""}).strip()
    return say(f"title.{code}", lang, **values), summary, (), tuple(fields)


def _digest(alert: Alert, lang: str, zone: ZoneInfo) -> Parts:
    from alerts.digest_parts import parts  # it is made of the pieces below

    return parts(alert, lang, zone)


def _rule(alert: Alert, lang: str, zone: ZoneInfo) -> Parts:
    from alerts.rule_parts import parts  # it is made of the pieces below

    return parts(alert, lang, zone)


_PARTS: dict[str, Callable[[Alert, str, ZoneInfo], Parts]] = {
    "incident": _incident,
    "advocate": _advocate,
    "mention": _mention,
    "source": _source,
    "digest": _digest,
    "rule": _rule,
}


# ------------------------------------------------------------------ pieces


def _quote(mention: Mention, lang: str, zone: ZoneInfo) -> Quote:
    post = mention.post
    return Quote(
        text=cut(" ".join(post.full_text.split()), QUOTE_LENGTH),
        author=display_name(post.author, lang) if post.author else post.publisher or say("anonymous", lang),
        url=post.url,
        at=post.created_at.astimezone(zone),
        label=mention.analysis.sentiment.label,
    )


def display_name(author: Author | None, lang: str) -> str:
    """The name and handle, as far as they are known."""
    if author is None:
        return say("anonymous", lang)
    handle = f"@{author.handle.removeprefix('@')}" if author.handle else ""
    if author.name and handle:
        return f"{author.name} ({handle})"
    return author.name or handle or author.external_id


_PAGES = {
    "source_failing": "/sources",
    "source_silent": "/sources",
    "source_recovered": "/sources",
    "channel_failed": "/notifications",
    "review_queue_full": "/review",
}


def _link(alert: Alert, base_url: str) -> str:
    if not base_url:
        return ""
    subject, base = alert.subject, base_url.rstrip("/")
    if isinstance(subject, Incident):
        return f"{base}/incidents/{subject.id}" if subject.id is not None else f"{base}/incidents"
    if isinstance(subject, Advocate):
        return f"{base}/advocates/{subject.id}" if subject.id is not None else f"{base}/advocates"
    if isinstance(subject, Mention):
        known_page = alert.reason.code in RULES and subject.id is not None
        return f"{base}/mentions/{subject.id}" if known_page else f"{base}/topics/{_name(subject.topic)}"
    if alert.kind is AlertKind.TREND and alert.topic:
        return f"{base}/topics/{_name(alert.topic)}"
    return base + _PAGES.get(alert.reason.code, "/")


def _name(topic: str) -> str:
    return quote(topic, safe="")


# ------------------------------------------------------------------ JSON


def to_json(message: Message) -> str:
    return json.dumps(asdict(message), ensure_ascii=False, default=datetime.isoformat)


def from_json(text: str) -> Message:
    """The message that `to_json` wrote. Raises ValueError, KeyError or TypeError for anything else."""
    raw = json.loads(text)
    quotes = [
        Quote(**{**one, "at": datetime.fromisoformat(one["at"]), "label": Label(one["label"])})
        for one in raw["quotes"]
    ]
    return Message(
        **{
            **raw,
            "severity": Severity(raw["severity"]),
            "reasons": tuple(raw["reasons"]),
            "fields": tuple(Field(**one) for one in raw["fields"]),
            "quotes": tuple(quotes),
            "actions": tuple(Action(**one) for one in raw.get("actions", ())),
        }
    )
