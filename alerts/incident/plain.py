"""A report as plain text, for Slack, mail or a chat: headings, marked sentences, numbered evidence (pure)."""

from __future__ import annotations

from alerts import words_report
from alerts.incident.report import SHOWN, Report, Section
from alerts.incident.sentences import Sentence


def text(report: Report, *, notes: bool = True) -> str:
    """Without `notes` the evidence is left out, for a message that is read on a phone."""
    lines = [report.title, report.made]
    for section in report.sections:
        lines += [
            "",
            _heading(section, report.lang),
            *(_line(report, one, notes) for one in section.sentences),
        ]
    if notes and report.notes:
        lines += ["", _headed(words_report.say("notes", report.lang), report.lang)]
        lines += [f"[{one.number}] {one.text}{f' {one.url}' if one.url else ''}" for one in report.notes]
    lines += ["", *([report.link] if report.link else []), report.foot]
    return "\n".join(lines) + "\n"


def _heading(section: Section, lang: str) -> str:
    return _headed(section.title, lang)


def _headed(title: str, lang: str) -> str:
    return f"■ {title}" if lang == "ja" else f"## {title}"


def _line(report: Report, sentence: Sentence, notes: bool) -> str:
    ground = words_report.say(f"ground.{sentence.ground.value}", report.lang)
    mark = f"【{ground}】" if report.lang == "ja" else f"[{ground}] "
    return f"・{mark}{sentence.text}{marks(report, sentence) if notes else ''}"


def marks(report: Report, sentence: Sentence) -> str:
    """[1][2] and how many more there are."""
    numbers = "".join(f"[{note.number}]" for note in report.notes_of(sentence))
    more = len(sentence.evidence) - SHOWN
    rest = f"（{words_report.say('notes.more', report.lang, n=more)}）" if more > 0 else ""
    return f" {numbers}{rest if report.lang == 'ja' else rest.replace('（', ' (').replace('）', ')')}"
