"""Both languages say everything, and a reader gets the right one."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from listener.web.language import TABLES, Words, choose
from listener.web.site import FOLDER
from storage.notices import Delivery
from storage.types import DisclosureKind, Emotion, IncidentState, Label, Outcome, SignalKind, Stage

USED = re.compile(r"""(?:\bt|\bwords)\(\s*["']([a-z_0-9.]+)["']\s*[,)]""")


def test_both_languages_have_the_same_keys() -> None:
    assert TABLES["ja"].keys() == TABLES["en"].keys()


@pytest.mark.parametrize("key", sorted(TABLES["ja"]))
def test_both_languages_name_the_same_values(key: str) -> None:
    def names(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    assert names(TABLES["ja"][key]) == names(TABLES["en"][key])


def _sources() -> list[Path]:
    return [*FOLDER.glob("templates/*.html"), *FOLDER.rglob("*.py")]


def test_every_key_in_use_has_words() -> None:
    used = {key for path in _sources() for key in USED.findall(path.read_text(encoding="utf-8"))}
    assert len(used) > 150
    assert used - TABLES["ja"].keys() == set()


def test_every_key_has_a_use() -> None:
    everything = "\n".join(
        path.read_text(encoding="utf-8") for path in _sources() if path.parent.name != "words"
    )
    groups = {
        key.rsplit(".", 1)[0]
        for key in TABLES["ja"]
        if f'"{key}"' not in everything and f"'{key}'" not in everything
    }
    built = {
        "survey.kind", "survey.result", "survey.short", "survey.step", "survey.verdict",
        "acting", "alert_kind", "backtest", "channel_state", "told",
        "chart.volume", "collector", "correction", "delivery", "disclosure", "done", "emotion", "engagement", "error",
        "error.title", "explain.strength", "filter", "health", "incident_kind", "language", "nav", "organic",
        "organic_reason", "outcome", "people.consent", "people.done", "people.problem", "people.scope", "people.step",
        "people.urgency", "period", "platform", "rule", "sentiment", "signal", "stage", "state", "why",
        "aspect", "fit_none", "fit_reason", "programme_name", "region", "segments", "segments.chip", "segments.done",
        "segments.problem", "impact",
        "prospects.backtest", "prospects.by", "prospects.column", "prospects.fallback", "prospects.trait",
        "prospects.without",
        "handover.done", "handover.problem", "handover.state", "letter.language", "letter.problem", "letter.purpose",
        "testimonials.done", "testimonials.form", "testimonials.lacks", "testimonials.problem", "testimonials.state",
        "course", "done.merge", "done.split", "event", "fate", "format", "make", "mark", "next", "pace", "report",
        "todo",
    }  # fmt: skip
    assert groups <= built


@pytest.mark.parametrize(
    ("group", "codes"),
    [
        ("sentiment", Label), ("signal", SignalKind), ("disclosure", DisclosureKind), ("state", IncidentState),
        ("stage", Stage), ("delivery", Delivery), ("outcome", Outcome),
        ("emotion", [one for one in Emotion if one != Emotion.NONE]),
    ],
)  # fmt: skip
def test_every_code_has_words(group: str, codes: list[str]) -> None:
    for code in codes:
        for table in TABLES.values():
            assert f"{group}.{code}" in table


def test_japanese_is_japanese() -> None:
    """Only names and marks have no kana or kanji."""
    latin = {
        key for key, text in TABLES["ja"].items() if re.search(r"[A-Za-z]{2}", re.sub(r"\{\w+\}", "", text))
    }
    foreign = {key for key in latin if not re.search(r"[ぁ-ヿ一-鿿]", TABLES["ja"][key])}
    assert all(key.startswith(("platform.", "collector.", "author.bot", "format.")) for key in foreign), (
        foreign
    )


def test_two_forms() -> None:
    english = Words("en")
    assert english("mention.count", n=1) == "1 mention"
    assert english("mention.count", n=2) == "2 mentions"
    assert Words("ja")("mention.count", n=1) == "言及 1件"


def test_a_missing_word_is_an_error() -> None:
    with pytest.raises(KeyError):
        Words("ja")("no.such.key")


@pytest.mark.parametrize(
    ("asked", "remembered", "accepted", "expected"),
    [
        ("en", "ja", "ja", "en"),
        (None, "en", "ja", "en"),
        (None, None, "en-US,en;q=0.9,ja;q=0.8", "en"),
        (None, None, "ja;q=0.4, en;q=0.7", "en"),
        (None, None, "fr-FR, de;q=0.9", "ja"),
        (None, None, "en;q=0", "ja"),
        (None, None, "en;q=oops", "ja"),
        ("xx", "yy", None, "ja"),
        ("<script>", None, "", "ja"),
    ],
)
def test_the_readers_language(
    asked: str | None, remembered: str | None, accepted: str | None, expected: str
) -> None:
    assert choose(asked=asked, remembered=remembered, accepted=accepted, default="ja") == expected
