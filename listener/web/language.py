"""Which language a reader gets, and the words in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from listener.web.words.acting_en import WORDS as ACTING_EN
from listener.web.words.acting_ja import WORDS as ACTING_JA
from listener.web.words.advocates_en import WORDS as ADVOCATES_EN
from listener.web.words.advocates_ja import WORDS as ADVOCATES_JA
from listener.web.words.backtest_en import WORDS as BACKTEST_EN
from listener.web.words.backtest_ja import WORDS as BACKTEST_JA
from listener.web.words.delivery_en import WORDS as DELIVERY_EN
from listener.web.words.delivery_ja import WORDS as DELIVERY_JA
from listener.web.words.en import WORDS as EN
from listener.web.words.explain_en import WORDS as EXPLAIN_EN
from listener.web.words.explain_ja import WORDS as EXPLAIN_JA
from listener.web.words.handover_en import WORDS as HANDOVER_EN
from listener.web.words.handover_ja import WORDS as HANDOVER_JA
from listener.web.words.impact_en import WORDS as IMPACT_EN
from listener.web.words.impact_ja import WORDS as IMPACT_JA
from listener.web.words.incidents_en import WORDS as INCIDENTS_EN
from listener.web.words.incidents_ja import WORDS as INCIDENTS_JA
from listener.web.words.ja import WORDS as JA
from listener.web.words.people_en import WORDS as PEOPLE_EN
from listener.web.words.people_ja import WORDS as PEOPLE_JA
from listener.web.words.programme_en import WORDS as PROGRAMME_EN
from listener.web.words.programme_ja import WORDS as PROGRAMME_JA
from listener.web.words.prospects_en import WORDS as PROSPECTS_EN
from listener.web.words.prospects_ja import WORDS as PROSPECTS_JA
from listener.web.words.review_en import WORDS as REVIEW_EN
from listener.web.words.review_ja import WORDS as REVIEW_JA
from listener.web.words.segments_en import WORDS as SEGMENTS_EN
from listener.web.words.segments_ja import WORDS as SEGMENTS_JA
from listener.web.words.surveys_en import WORDS as SURVEYS_EN
from listener.web.words.surveys_ja import WORDS as SURVEYS_JA
from listener.web.words.testimonials_en import WORDS as TESTIMONIALS_EN
from listener.web.words.testimonials_ja import WORDS as TESTIMONIALS_JA

TABLES: dict[str, Mapping[str, str]] = {
    "ja": {
        **JA,
        **ACTING_JA,
        **ADVOCATES_JA,
        **BACKTEST_JA,
        **DELIVERY_JA,
        **EXPLAIN_JA,
        **HANDOVER_JA,
        **IMPACT_JA,
        **INCIDENTS_JA,
        **PEOPLE_JA,
        **PROGRAMME_JA,
        **PROSPECTS_JA,
        **REVIEW_JA,
        **SEGMENTS_JA,
        **SURVEYS_JA,
        **TESTIMONIALS_JA,
    },
    "en": {
        **EN,
        **ACTING_EN,
        **ADVOCATES_EN,
        **BACKTEST_EN,
        **DELIVERY_EN,
        **EXPLAIN_EN,
        **HANDOVER_EN,
        **IMPACT_EN,
        **INCIDENTS_EN,
        **PEOPLE_EN,
        **PROGRAMME_EN,
        **PROSPECTS_EN,
        **REVIEW_EN,
        **SEGMENTS_EN,
        **SURVEYS_EN,
        **TESTIMONIALS_EN,
    },
}
COOKIE = "kikimimi_lang"


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language. Call it with a key and the values its text names in braces.

    A text may hold two forms, "one|many"; `n` picks. An unknown key is a KeyError: a page with a hole in
    it must not ship.
    """

    lang: str

    def __call__(self, key: str, **values: Any) -> str:
        text = TABLES[self.lang][key]
        if "|" in text and "n" in values:
            one, many = text.split("|", 1)
            text = one if values["n"] in (1, "1") else many
        return text.format(**values) if values else text

    def name(self, group: str, code: str) -> str:
        """The word for a code of a group ("platform", "x"); the code itself when there is none."""
        return TABLES[self.lang].get(f"{group}.{code}", code)


def choose(*, asked: str | None, remembered: str | None, accepted: str | None, default: str) -> str:
    """The language: ?lang= first, then the cookie, then Accept-Language, then the configured one."""
    for wish in (asked, remembered):
        if wish in TABLES:
            return wish
    return _accepted(accepted or "") or (default if default in TABLES else "ja")


def _accepted(header: str) -> str | None:
    """The best of our languages in an Accept-Language header, by its q values."""
    wishes: list[tuple[float, int, str]] = []
    for position, part in enumerate(header.split(",")):
        tag, _, parameters = part.strip().partition(";")
        lang = tag.strip().lower().split("-")[0]
        if lang in TABLES:
            wishes.append((-_quality(parameters), position, lang))
    return min(wishes)[2] if wishes and min(wishes)[0] < 0 else None


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
