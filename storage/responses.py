"""What somebody answered in a survey: the kinds, their scales, an answer as told and as stored (pure).

Frozen values with the standard library only, as in `storage.types`. Times are aware UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class SurveyKind(StrEnum):
    """Would you recommend us (0–10); how satisfied are you (1–5); how easy was it (1–7)."""

    NPS = "nps"
    CSAT = "csat"
    CES = "ces"


@dataclass(frozen=True, slots=True)
class Scale:
    """The lowest and the highest score of a question; the highest is the best."""

    low: int
    high: int


SCALES = {SurveyKind.NPS: Scale(0, 10), SurveyKind.CSAT: Scale(1, 5), SurveyKind.CES: Scale(1, 7)}


@dataclass(frozen=True, slots=True)
class SurveyGiven:
    """An answer as a file or a program tells it, not stored yet. `email` is stored as a digest only."""

    kind: SurveyKind
    at: datetime
    score: int
    scale: Scale
    comment: str = ""
    email: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)
    external_id: str = ""


@dataclass(frozen=True, slots=True)
class SurveyResponse:
    """An answer as stored. `person` is the digest of an address, "" without one.

    `advocate_id` only where a consent stands that lets us recognise the person by their address.
    """

    topic: str
    kind: SurveyKind
    at: datetime
    score: int
    scale: Scale
    comment: str
    person: str
    advocate_id: int | None
    properties: Mapping[str, str]
    source: str
    external_id: str
    id: int | None = None
