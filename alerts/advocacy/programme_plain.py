"""The programme's report as plain text: headings, marked sentences, numbered evidence (pure)."""

from __future__ import annotations

from alerts.advocacy.programme_report import SHOWN, Report
from alerts.advocacy.programme_sentences import Statement
from alerts.words_programme import say


def text(report: Report) -> str:
    lines = [report.title, report.made]
    for section in report.sections:
        lines += ["", _headed(section.title, report.lang)]
        lines += [_line(report, one) for one in section.statements]
        lines += (
            [f"※{section.note}" if report.lang == "ja" else f"Note: {section.note}"] if section.note else []
        )
    lines += ["", _headed(say("notes", report.lang), report.lang)]
    lines += [f"[{one.number}] {one.text}{f' {one.url}' if one.url else ''}" for one in report.notes]
    return "\n".join([*lines, "", *([report.link] if report.link else []), report.foot]) + "\n"


def _headed(title: str, lang: str) -> str:
    return f"■ {title}" if lang == "ja" else f"## {title}"


def _line(report: Report, one: Statement) -> str:
    ground = say(f"ground.{one.ground.value}", report.lang)
    mark = f"【{ground}】" if report.lang == "ja" else f"[{ground}] "
    numbers = "".join(f"[{note.number}]" for note in report.notes_of(one))
    left = len(one.evidence) - SHOWN
    rest = say("notes.more", report.lang, n=left) if left > 0 else ""
    more = (f"（{rest}）" if report.lang == "ja" else f" ({rest})") if rest else ""
    return f"・{mark}{one.text} {numbers}{more}"
