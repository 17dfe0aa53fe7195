"""Phrases that a brand cannot leave unanswered, however few say them (pure)."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from alerts.evidence import rank
from alerts.talk import Talk
from alerts.thresholds import CALM, CrisisSettings, Finding, Shown
from alerts.windows import Window, negative_voices, windows_until
from storage.types import History, Observation, Reason, Severity

CRITICAL_PHRASE = "critical_phrase"


def critical_phrase(
    history: History, talk: Talk, settings: CrisisSettings, now: datetime, told: datetime | None
) -> Finding:
    """Distinct people who negatively used a critical phrase in the last 24 hours. `talk` has the same rows."""
    start = max(now - timedelta(hours=24), told or now - timedelta(hours=24))
    hits: Counter[str] = Counter()
    spoken = []
    for row in talk.negative_rows(start.timestamp(), now.timestamp()):
        seen = history.recent[row]
        found = seen.text and phrases_in(seen.text, settings.critical_phrases, settings.critical_exceptions)
        if found:
            spoken.append(seen)
            hits.update(found)
    if not spoken:
        return CALM
    (window,) = windows_until(spoken, now, (1440,), settings.story_limit, told)
    if window.count < settings.critical_authors:
        return Finding(None, True)
    severity = Severity.CRISIS if window.count >= settings.warning_authors else Severity.WARNING
    if window.count < 2:
        severity = Severity.WATCH
    shown = Shown((_reason(hits, spoken, window),), rank(negative_voices(window)))
    return Finding(severity, any(now - seen.at < timedelta(hours=6) for seen in spoken), lambda: shown)


def _reason(hits: Counter[str], spoken: Sequence[Observation], window: Window) -> Reason:
    first = min(seen.at for seen in spoken)
    return Reason(
        CRITICAL_PHRASE,
        {
            "phrase": max(hits, key=lambda one: (hits[one], len(one))),
            "phrases": sorted(hits, key=lambda one: (-hits[one], one))[:5],
            "count": window.count,
            "authors": window.count,
            "mentions": len(spoken),
            "window_min": 1440,
            "since": first.astimezone(UTC).isoformat(timespec="seconds"),
        },
    )


@lru_cache(maxsize=20_000)
def phrases_in(text: str, phrases: tuple[str, ...], exceptions: tuple[str, ...]) -> tuple[str, ...]:
    """The folded phrases that stand in `text` once the exceptions are taken out."""
    left = folded(text)
    for exception in exceptions:
        left = left.replace(folded(exception), " ")
    return tuple(phrase for phrase in map(folded, phrases) if phrase in left)


@lru_cache(maxsize=20_000)
def folded(text: str) -> str:
    """Width and case folded, without spaces: how phrases are compared."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
