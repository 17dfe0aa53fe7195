"""Why a text was judged so: how much each of its phrases brought to the score, and what a rule decided.

The text is judged again without some of its phrases, in many combinations, and the score is divided among them
(nlp/shares.py): the effects add up to the score. A long text is divided among its sentences first, and then
within the three that moved most. So a short text costs some forty readings, and none more than some sixty of it
whole. Works with any model, and leaves nothing in its memory.

What it will not do: where a text is longer than the model reads (256 tokens for the bundled one), leaving out a
part brings another into view, and the division is only rough.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from nlp.analyze import LONGEST, Analyzer, Request, model_input
from nlp.normalize import canonical
from nlp.phrases import Phrase, phrases, sentences
from nlp.sentiment import Prediction, SentimentModel, predict_once
from nlp.shares import Company, companies, shares
from storage.types import Analysis

_SHORT = 20  # phrases: a text of no more is divided among them at once
_READINGS, _LOCAL_READINGS = 40, 24  # of a text, of one of its sentences; 62 divide no better
_SENTENCES, _LOCAL_PHRASES = 14, 10  # parts of a long text, and of one of its sentences
_CLOSER = 3  # sentences of a long text that are divided themselves
_FAINT = 0.04  # of the score: a full stop more or less moves the bundled model as far
_STRENGTHS = (0.6, 0.3, 0.1)  # of the strongest part: strong, clear, slight
_STRONG = 0.25  # of the score: where nothing moves it this far, nothing is strong
_WORDS_FOR_SURE = 200  # letters: a text this long has words in it
_NOTHING = 0.0  # the score of a text without words


@dataclass(frozen=True, slots=True)
class Part:
    """A phrase (or, where it moved little in a long text, a sentence): `text` is the original's [start, end).

    `effect`: how much of the score −1…1 it brought; above 0 toward positive. `strength`: 0 (none) … 3 (strong).
    `kind`: "word", "sentence", "target", "tag", "link", "emoji" or "kaomoji".
    """

    start: int
    end: int
    text: str
    kind: str
    effect: float
    strength: int = 0


@dataclass(frozen=True, slots=True)
class Explanation:
    """What the model and the rules say of a text, and what each part has to do with it, in the text's order.

    `score_untold`: the score if the target were not told; None where none was. A disclosure that a rule decided
    has its words as evidence in `analysis`, and the rule's name as the evidence's `why`.
    """

    text: str
    target: str | None
    analysis: Analysis
    parts: tuple[Part, ...]
    score_untold: float | None

    @property
    def telling(self) -> list[Part]:
        """The parts that moved the score, the strongest first."""
        return sorted((part for part in self.parts if part.strength), key=lambda part: -abs(part.effect))


def explain(request: Request, analyzer: Analyzer) -> Explanation:
    """The analysis of one text with its reasons. Thread-safe, as the analyzer is."""
    text, target = request.text[:LONGEST], request.target or None
    (analysis,) = analyzer.analyze([Request(text, target, request.lang)])
    cut = phrases(text, target)
    if not cut or not canonical(text).text:
        return Explanation(text, target, analysis, (), None)
    reader = _Reader(text, target, analyzer.model)
    score = analysis.sentiment.score
    if len(cut) <= _SHORT:
        effects = reader.divide([[one] for one in cut], score, _READINGS)
        parts = [_part(text, one, effect) for one, effect in zip(cut, effects, strict=True)]
    else:
        parts = _by_sentence(reader, cut, score)
    untold = round(reader.scores([(text, None)])[0], 4) if target else None
    return Explanation(text, target, analysis, _with_strength(parts), untold)


class _Reader:
    """One text, read with and without some of its parts."""

    def __init__(self, text: str, target: str | None, model: SentimentModel) -> None:
        self.text = text
        self.target = target
        self._model = model

    def divide(
        self, groups: Sequence[Sequence[Phrase]], score: float, most: int, *, within: bool = False
    ) -> list[float]:
        """`score` as the sum of what each group brought; `within`: of the groups alone, without what is around."""
        if len(groups) == 1:
            return [score]
        weights = companies(len(groups), most)
        tried = [(self._only(groups, some, within=within), self.target) for some in weights]
        worth: Mapping[Company, float] = dict(zip(weights, self.scores(tried), strict=True))
        return shares(len(groups), dict(worth), weights, score)

    def scores(self, texts: Sequence[tuple[str, str | None]]) -> list[float]:
        """The score of each variant, read once; one without a word in it says nothing."""
        asked = [model_input(text, target) for text, target in texts]
        new = [
            pair for pair in dict.fromkeys(asked) if len(pair[0]) > _WORDS_FOR_SURE or canonical(pair[0]).text
        ]
        known = dict(zip(new, map(_score, predict_once(self._model, new)), strict=True))
        return [known.get(pair, _NOTHING) for pair in asked]

    def _only(self, groups: Sequence[Sequence[Phrase]], some: Company, *, within: bool) -> str:
        """The text without the groups that are not in `some`; what stands between phrases stays."""
        first, last = (groups[0][0].start, groups[-1][-1].end) if within else (0, len(self.text))
        kept, at = [], first
        for index, group in enumerate(groups):
            if index not in some:
                kept.append(self.text[at : group[0].start])
                at = group[-1].end
        return "".join([*kept, self.text[at:last]])


def _by_sentence(reader: _Reader, cut: list[Phrase], score: float) -> list[Part]:
    """A long text: divided among its sentences, then within those that moved most."""
    groups = _merged(sentences(reader.text, cut), _SENTENCES)
    effects = reader.divide(groups, score, _READINGS)
    strongest = sorted(range(len(groups)), key=lambda index: -abs(effects[index]))[:_CLOSER]
    parts: list[Part] = []
    for index, (group, effect) in enumerate(zip(groups, effects, strict=True)):
        whole = _part(reader.text, Phrase(group[0].start, group[-1].end, "sentence"), effect)
        parts += _closer(reader, group, whole) if index in strongest else [whole]
    return parts


def _closer(reader: _Reader, group: list[Phrase], whole: Part) -> list[Part]:
    """A sentence divided among its phrases; as it is where alone it does not say what it says in the text."""
    if abs(whole.effect) < _FAINT:
        return [whole]
    alone = reader.scores([(whole.text, reader.target)])[0]
    if alone * whole.effect <= 0 or abs(alone) < abs(whole.effect) / 2:
        return [whole]
    inside = _merged([[one] for one in group], _LOCAL_PHRASES)
    effects = reader.divide(inside, alone, _LOCAL_READINGS, within=True)
    return [
        _part(reader.text, Phrase(some[0].start, some[-1].end, some[0].kind), effect * whole.effect / alone)
        for some, effect in zip(inside, effects, strict=True)
    ]


def _merged(groups: list[list[Phrase]], most: int) -> list[list[Phrase]]:
    """At most `most` groups: neighbours are put together, evenly."""
    size = math.ceil(len(groups) / most)
    return [
        [phrase for group in groups[at : at + size] for phrase in group] for at in range(0, len(groups), size)
    ]


def _part(text: str, phrase: Phrase, effect: float) -> Part:
    return Part(phrase.start, phrase.end, text[phrase.start : phrase.end], phrase.kind, round(effect, 4))


def _with_strength(parts: Sequence[Part]) -> tuple[Part, ...]:
    """Strengths relative to the strongest part, as long as that is strong itself."""
    most = max([_STRONG, *(abs(part.effect) for part in parts)])
    return tuple(replace(part, strength=_strength(abs(part.effect), most)) for part in parts)


def _strength(effect: float, most: float) -> int:
    return 0 if effect < _FAINT else sum(effect >= share * most for share in _STRENGTHS)


def _score(prediction: Prediction) -> float:
    return prediction.sentiment[0] - prediction.sentiment[2]


def fields(explanation: Explanation) -> dict[str, Any]:
    """The explanation as JSON has it, without the text."""
    sentiment, disclosure = explanation.analysis.sentiment, explanation.analysis.disclosure
    shown = disclosure.evidence
    return {
        "target": explanation.target,
        "sentiment": {
            "label": sentiment.label.value,
            "score": sentiment.score,
            "confidence": sentiment.confidence,
            "model": sentiment.model,
        },
        "score_untold": explanation.score_untold,
        "disclosure": {
            "kind": disclosure.kind.value,
            "confidence": disclosure.confidence,
            "rule": shown.why if shown else None,
            "evidence": {"start": shown.start, "end": shown.end, "text": shown.text} if shown else None,
        },
        "parts": [asdict(part) for part in explanation.parts],
    }
