"""A mention's judgement in two layers: what the model said, and what people said instead. Pure.

The judged columns of a mention row hold what counts. While a person's word stands, `said` keeps the model's
own columns beside them, so that a new analysis can be laid below and an undo can bring it back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from sqlalchemy import RowMapping

from storage.types import DisclosureKind, Emotion, Label, SignalKind
from storage.upsert import Row
from storage.verdicts import PERSON, CorrectionKind, Labels

JUDGED = (
    "label", "score", "confidence", "model", "emotion", "sarcasm", "disclosure", "disclosure_confidence",
    "disclosure_evidence", "signals", "signal_kinds",
)  # fmt: skip
ALONE: Row = {"said": None, "irrelevant": False, "correction_id": None}  # nobody has spoken
_SURE = {Label.POSITIVE: 1.0, Label.NEUTRAL: 0.0, Label.NEGATIVE: -1.0}


def own(row: RowMapping | Row) -> Row:
    """The model's own judged columns, whoever has spoken since."""
    said = row["said"]
    return dict(said) if said else {name: row[name] for name in JUDGED}


def corrected(model: Row, labels: Labels, kind: CorrectionKind, correction_id: int) -> Row:
    """The columns of a mention about which a person's word stands; `model` are the model's own."""
    judged = {name: model[name] for name in JUDGED}
    standing = {"irrelevant": kind is CorrectionKind.IRRELEVANT, "correction_id": correction_id}
    return {**judged, **_overlay(judged, labels), **standing, "said": judged}


def _overlay(model: Row, labels: Labels) -> Row:
    """What people put in place of the model's columns; they are sure. The model's score stays if it was right."""
    new: Row = {}
    if labels.sentiment is not None:
        right = labels.sentiment.value == model["label"]
        score = model["score"] if right else _SURE[labels.sentiment]
        new |= {"label": labels.sentiment.value, "score": score, "confidence": 1.0, "model": PERSON}
    if labels.emotion is not None:
        new["emotion"] = labels.emotion.value
    if labels.sarcasm is not None:
        new["sarcasm"] = labels.sarcasm
    if labels.disclosure is not None:
        shown = model["disclosure_evidence"] if labels.disclosure.value == model["disclosure"] else None
        new |= {
            "disclosure": labels.disclosure.value,
            "disclosure_confidence": 1.0,
            "disclosure_evidence": shown,
        }
    if labels.signals is not None:
        evidence = {kind: span for kind, _, span in model["signals"]}
        kinds = [kind.value for kind in labels.signals]
        new["signals"] = [[kind, 1.0, evidence.get(kind)] for kind in kinds]
        new["signal_kinds"] = kinds_column(kinds)
    return new


def kinds_column(kinds: list[str]) -> str:
    """The kinds as one text to filter by; empty when there are none."""
    return f" {' '.join(sorted(set(kinds)))} " if kinds else ""


def everything(row: RowMapping | Row) -> Labels:
    """All that counts about a mention, as a person who confirms it says it."""
    return Labels(
        Label(row["label"]),
        Emotion(row["emotion"]),
        tuple(SignalKind(kind) for kind, _, _ in row["signals"]),
        DisclosureKind(row["disclosure"]),
        bool(row["sarcasm"]),
    )


def labels_row(labels: Labels) -> Row:
    """Only the fields that are labelled."""
    given = {one.name: getattr(labels, one.name) for one in fields(labels)}
    return {name: value for name, value in given.items() if value is not None}


def labels_of(row: Mapping[str, Any]) -> Labels:
    signals = row.get("signals")
    return Labels(
        sentiment=Label(row["sentiment"]) if "sentiment" in row else None,
        emotion=Emotion(row["emotion"]) if "emotion" in row else None,
        signals=None if signals is None else tuple(SignalKind(kind) for kind in signals),
        disclosure=DisclosureKind(row["disclosure"]) if "disclosure" in row else None,
        sarcasm=row.get("sarcasm"),
    )
