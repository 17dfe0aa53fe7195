"""Why a mention was judged so: the model is asked again, and its answer made ready to be shown."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from listener.reading import target
from listener.web.language import Words
from nlp.analyze import Analyzer, Request
from nlp.explain import Explanation, explain
from nlp.sentiment import load
from storage.types import Mention, Topic

if TYPE_CHECKING:
    from listener.config import Config

SIGNS = {True: "＋", False: "−"}
SHOWN = 8  # phrases in the table: the rest moves little


@dataclass(frozen=True, slots=True)
class Shade:
    """Some of the text. `tone` is "positive", "negative" or "" where nothing moved; `strength` 0 … 3."""

    text: str
    tone: str = ""
    strength: int = 0

    @property
    def signs(self) -> str:
        """The strength for the eye, without colour."""
        return SIGNS[self.tone == "positive"] * self.strength


class Explainer:
    """Explains with the service's own model; a page that runs without one loads it at the first question.

    One question at a time: an explanation reads a post some forty times, and the posts that come in go first.
    """

    def __init__(self, config: Config, analyzer: Analyzer | None) -> None:
        self._config = config
        self._analyzer = analyzer
        self._lock = threading.Lock()

    def explain(self, mention: Mention, topic: Topic | None) -> Explanation:
        """What the model makes of the mention now. Raises ModelError when there is no model to ask."""
        name = target(mention.post, topic, mention.matched) if topic else None
        request = Request(mention.post.full_text, name, mention.post.lang)
        with self._lock:
            if self._analyzer is None:
                self._analyzer = Analyzer(load(self._config.model, device=self._config.device))
            return explain(request, self._analyzer)


def shades(explanation: Explanation) -> list[Shade]:
    """The whole text, cut where the parts begin and end."""
    found: list[Shade] = []
    at = 0
    for part in explanation.parts:
        found.append(Shade(explanation.text[at : part.start]))
        tone = ("positive" if part.effect > 0 else "negative") if part.strength else ""
        found.append(Shade(part.text, tone, part.strength))
        at = part.end
    found.append(Shade(explanation.text[at:]))
    return [shade for shade in found if shade.text]


def notes(explanation: Explanation, mention: Mention, words: Words) -> list[str]:
    """What a reader should know beside the coloured text."""
    return [*_about_the_judgement(explanation, mention, words), *_about_the_disclosure(explanation, words)]


def _about_the_judgement(explanation: Explanation, mention: Mention, t: Words) -> list[str]:
    found: list[str] = []
    now, then = explanation.analysis.sentiment, (mention.model_said or mention.analysis).sentiment
    if mention.correction is not None:
        found.append(t("explain.corrected"))
    elif then.model != now.model:
        found.append(t("explain.other_model", then=then.model, now=now.model))
    if not explanation.parts:
        found.append(t("explain.wordless"))
    elif explanation.score_untold is None:
        found.append(t("explain.whole"))
    if any(part.kind == "sentence" for part in explanation.parts):
        found.append(t("explain.long"))
    return found


def _about_the_disclosure(explanation: Explanation, t: Words) -> list[str]:
    """Only where there is something to explain: a rule that decided, or a model that says "paid"."""
    disclosure = explanation.analysis.disclosure
    kind = t(f"disclosure.{disclosure.kind.value}")
    if disclosure.evidence is not None:
        rule = t.name("rule", disclosure.evidence.why)
        return [t("explain.rule", kind=kind, rule=rule, words=disclosure.evidence.text)]
    if disclosure.kind.value == "sponsored":
        return [t("explain.guess", kind=kind, value=f"{disclosure.confidence:.0%}")]
    return []
