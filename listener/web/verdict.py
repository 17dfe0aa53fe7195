"""A correction in the reader's words: what the model said and what a person said instead. Pure."""

from __future__ import annotations

from listener.web.language import Words
from storage.types import Analysis, Emotion, Mention
from storage.verdicts import Correction, CorrectionKind, Labels


def correction_line(mention: Mention, t: Words) -> str:
    """One line about the word that stands; empty where nobody has spoken."""
    word, model = mention.correction, mention.model_said
    if word is None or model is None:
        return ""
    if word.kind is CorrectionKind.IRRELEVANT:
        return t("correction.irrelevant", judged=judged(model, t))
    before, after = _of_model(model, word.labels, t), labelled(word.labels, t)
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    if not changed:
        return t("correction.confirmed", judged=judged(model, t))
    dot = t("correction.dot")
    return t(
        "correction.changed",
        before=dot.join(old for old, _ in changed),
        after=dot.join(new for _, new in changed),
    )


def history_line(word: Correction, t: Words) -> str:
    """What a person did, in one entry of a mention's history."""
    if word.kind in {CorrectionKind.UNDO, CorrectionKind.IRRELEVANT}:
        return t(f"correction.{word.kind.value}_done")
    return t(f"correction.{word.kind.value}_done", labels=t("correction.dot").join(labelled(word.labels, t)))


def judged(analysis: Analysis, t: Words) -> str:
    """All that is said of a mention, in few words."""
    kinds = t("list.comma").join(t(f"signal.{one.kind.value}") for one in analysis.signals)
    feeling = "" if analysis.emotion is Emotion.NONE else t(f"emotion.{analysis.emotion.value}")
    paid = t(f"disclosure.{analysis.disclosure.kind.value}")
    parts = [t(f"sentiment.{analysis.sentiment.label.value}"), kinds, feeling, paid]
    return t("correction.dot").join([*(one for one in parts if one), *([t("sarcasm")] * analysis.sarcasm)])


def labelled(labels: Labels, t: Words) -> list[str]:
    """The labelled fields, each in words."""
    words = []
    if labels.sentiment is not None:
        words.append(t(f"sentiment.{labels.sentiment.value}"))
    if labels.signals is not None:
        words.append(
            t("list.comma").join(sorted(t(f"signal.{one.value}") for one in labels.signals))
            or t("correction.no_signal")
        )
    if labels.emotion is not None:
        none = labels.emotion is Emotion.NONE
        words.append(t("correction.no_emotion") if none else t(f"emotion.{labels.emotion.value}"))
    if labels.disclosure is not None:
        words.append(t(f"disclosure.{labels.disclosure.value}"))
    if labels.sarcasm is not None:
        words.append(t("sarcasm") if labels.sarcasm else t("correction.no_sarcasm"))
    return words


def _of_model(model: Analysis, labels: Labels, t: Words) -> list[str]:
    """What the model said of the fields that a person labelled, in the same order."""
    said = Labels(
        sentiment=None if labels.sentiment is None else model.sentiment.label,
        emotion=None if labels.emotion is None else model.emotion,
        signals=None if labels.signals is None else tuple(one.kind for one in model.signals),
        disclosure=None if labels.disclosure is None else model.disclosure.kind,
        sarcasm=None if labels.sarcasm is None else model.sarcasm,
    )
    return labelled(said, t)
