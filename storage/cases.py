"""The vocabulary, continued: what happened in an incident, step by step, and what was reported of it.

Frozen values with the standard library only, as in `storage.types`. Times are aware UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class EventKind(StrEnum):
    """One step of an incident. What detection says and what a person does have kinds of their own."""

    OPENED = "opened"
    ESCALATED = "escalated"
    REOPENED = "reopened"
    ALL_CLEAR = "all_clear"  # detection: back to usual
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"  # a person says so
    MERGED = "merged"  # into the incident `values["into"]`
    ABSORBED = "absorbed"  # the incident `values["incident"]` was merged into this one
    SPLIT = "split"  # it was merged into `values["from"]` and stands for itself again
    RELEASED = "released"  # the incident `values["incident"]` was split off from this one again
    OWNER = "owner"
    NOTE = "note"
    REPLY = "reply"
    REPORT = "report"
    EVIDENCE = "evidence"  # a post that is evidence was changed or is gone


@dataclass(frozen=True, slots=True)
class Event:
    """Who did what, when. Rows are added, never changed. `by` is empty where Kikimimi itself says so.

    `note` is what a person wrote: the note, the owner's name, the text of our reply. `values` hold the rest:
    severity, url, ids. `id` is None until it is stored.
    """

    incident_id: int
    kind: EventKind
    at: datetime
    by: str = ""
    note: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    id: int | None = None


class ReportKind(StrEnum):
    FIRST = "first"
    FOLLOW_UP = "follow-up"
    FINAL = "final"


@dataclass(frozen=True, slots=True)
class IssuedReport:
    """A report as it was handed out; it never changes. `number` counts the incident's reports from 1.

    `content` is the report by language as plain JSON, `figures` what the next report is compared with.
    `event_id` is the step that says it was issued.
    """

    incident_id: int
    number: int
    kind: ReportKind
    at: datetime
    by: str
    content: Mapping[str, Any]
    figures: Mapping[str, Any]
    event_id: int
    id: int | None = None


class Fate(StrEnum):
    """What was seen of a post after its words were locked."""

    CHANGED = "changed"
    GONE = "gone"
    BACK = "back"


@dataclass(frozen=True, slots=True)
class Mark:
    """A later look at a post that is evidence. The locked copy stays as it is.

    `sha256` and `text` are of the words seen then; empty when the post was gone.
    """

    evidence_id: int
    incident_id: int
    mention_id: int
    fate: Fate
    at: datetime
    sha256: str = ""
    text: str = ""
    note: str = ""
    id: int | None = None
