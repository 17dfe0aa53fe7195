"""Score the lines of a file, batch by batch, so that a file of any size runs in little memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from nlp.analyze import Analyzer, Request
from storage.types import Analysis

_BATCH = 512  # lines: enough to sort by length, little enough to see progress


def score_lines(
    lines: Iterable[Mapping[str, Any]], analyzer: Analyzer, target: str | None = None
) -> Iterator[dict[str, Any]]:
    """The same lines in order, each with sentiment, score, confidence, emotion, signals, disclosure, sarcasm, model.

    A line's own "target" goes before `target`, and its "lang" helps where the text does not say. A field that
    is there already is replaced. Raises ValueError naming the line (from 1) that has no "text".
    """
    numbered = enumerate(lines, start=1)
    while batch := list(islice(numbered, _BATCH)):
        requests = [_request(line, number, target) for number, line in batch]
        for (_, line), analysis in zip(batch, analyzer.analyze(requests), strict=True):
            yield {**line, **_fields(analysis)}


def _request(line: Mapping[str, Any], number: int, target: str | None) -> Request:
    text = line.get("text") if isinstance(line, Mapping) else None
    if not isinstance(text, str):
        raise ValueError(f'line {number} has no "text"; give every line one, such as {{"text": "…"}}')
    own, lang = line.get("target"), line.get("lang")
    return Request(
        text=text,
        target=own if isinstance(own, str) and own else target,
        lang=lang if isinstance(lang, str) else None,
    )


def _fields(analysis: Analysis) -> dict[str, Any]:
    return {
        "sentiment": analysis.sentiment.label.value,
        "score": analysis.sentiment.score,
        "confidence": analysis.sentiment.confidence,
        "emotion": analysis.emotion.value,
        "signals": [signal.kind.value for signal in analysis.signals],
        "disclosure": analysis.disclosure.kind.value,
        "sarcasm": analysis.sarcasm,
        "model": analysis.sentiment.model,
    }
