"""Why something is so, in words. Incidents speak with the words of the alerts: one wording everywhere."""

from __future__ import annotations

from dataclasses import dataclass, replace

from alerts.message import render
from alerts.words import known, say
from listener.web.language import TABLES, Words
from storage.notices import Alert, AlertKind, Field
from storage.types import Incident, Reason


@dataclass(frozen=True, slots=True)
class IncidentCard:
    """An incident in the reader's language: what happened and why we say so, and the facts in short."""

    incident: Incident
    reasons: tuple[str, ...]
    fields: tuple[Field, ...]


def incident_card(incident: Incident, lang: str, timezone: str, *, brand: str = "") -> IncidentCard:
    """What an alert about the incident would say, for the page; it calls the topic `brand`."""
    alert = Alert(
        key=incident.key,
        kind=AlertKind.INCIDENT,
        topic=incident.topic,
        severity=incident.severity,
        reason=Reason("resolved", {"hours": _hours(incident)}) if incident.resolved_at else Reason("opened"),
        created_at=incident.updated_at,
        subject=replace(incident, topic=brand or incident.topic),
    )
    message = render(alert, lang=lang, timezone=timezone)
    return IncidentCard(incident, (message.summary, *message.reasons), message.fields)


def organic_reason(reason: Reason, words: Words) -> str:
    """Why an advocate counts as organic, or does not; the code when there are no words for it."""
    key = f"organic_reason.{reason.code}"
    return words(key, **reason.values) if key in TABLES[words.lang] else reason.code


def contribution(name: str, lang: str) -> str:
    """The name of one part of an advocate's score."""
    return say(f"part.{name}", lang) if known(f"part.{name}") else name


def severity(level: str, lang: str) -> str:
    return say(f"severity.{level}", lang)


def _hours(incident: Incident) -> float:
    end = incident.resolved_at or incident.updated_at
    return round((end - incident.opened_at).total_seconds() / 3600, 1)
