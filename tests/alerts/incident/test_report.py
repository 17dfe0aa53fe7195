"""Every sentence has evidence, facts and estimates are apart, and what was issued comes back word by word."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from alerts.incident import plain
from alerts.incident.growth import Course
from alerts.incident.report import Earlier, Order, Report, figures, from_json, to_json, write
from alerts.incident.sentences import Ground, Sentence
from alerts.words_report import WORDS
from storage.cases import Event, EventKind, Fate, Mark, ReportKind
from storage.types import IncidentState
from tests.alerts.incident.cases import (
    HOUR,
    MINUTE,
    OPENED,
    REPLY,
    TAKEN,
    WORSE,
    crowd,
    incident,
    made,
    special,
)
from tests.alerts.made import NOW

ISSUE = Event(1, EventKind.REPORT, NOW, by="佐藤", values={"kind": "first"}, id=590)


def order(kind: ReportKind = ReportKind.FIRST, **changes: Any) -> Order:
    base = Order(kind=kind, number=1, timezone="Asia/Tokyo", by="佐藤", issue=ISSUE, next_at=NOW + HOUR)
    return replace(base, **changes)


def dossiers() -> list[Any]:
    full = made(events=(OPENED, WORSE, TAKEN, REPLY))
    over = incident(state=IncidentState.RESOLVED, resolved_at=NOW)
    return [full, made(), made(mentions=[]), made(mentions=crowd(3), earlier=()), made(incident=over)]


EARLIER = Earlier(
    NOW - 30 * MINUTE, {**figures(made(mentions=crowd(12)), "Asia/Tokyo"), "severity": "warning"}, 580
)


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("kind", list(ReportKind))
@pytest.mark.parametrize("which", range(5))
def test_every_sentence_has_its_evidence(which: int, kind: ReportKind, lang: str) -> None:
    seen = dossiers()[which]
    report = write(seen, order(kind, earlier=EARLIER, marks=(Mark(1, 1, 100, Fate.GONE, NOW),)), lang=lang)
    mentions = {one.id for one in seen.mentions} | set(seen.incident.evidence)
    events = {event.id for event in (*seen.events, ISSUE)} | {EARLIER.event_id}
    assert len(report.sentences) >= 8
    for sentence in report.sentences:
        assert sentence.evidence, sentence.text
        for ref in sentence.evidence:
            assert ref.id in (mentions if ref.kind == "mention" else events), sentence.text
        notes = report.notes_of(sentence)
        assert len(notes) == min(3, len(sentence.evidence)), sentence.text
    assert [note.number for note in report.notes] == list(range(1, len(report.notes) + 1))


def test_a_sentence_without_evidence_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="needs evidence"):
        Sentence("原因は店員の不注意です。", ())


def said(report: Report, code: str) -> str:
    return "\n".join(
        one.text for section in report.sections if section.code == code for one in section.sentences
    )


def test_the_first_report_in_japanese() -> None:
    report = write(made(events=(OPENED, WORSE, TAKEN, REPLY)), order(), lang="ja")
    assert [section.title for section in report.sections] == [
        "発生日時", "概要", "拡散状況", "主な論点", "代表的な投稿", "当社を支持する声", "当社の対応",
        "今後の見通し", "次回更新",
    ]  # fmt: skip
    assert report.title == "【第一報】ミナモ珈琲に関するネガティブな投稿の増加（炎上）"
    assert "はる (@haru)" in said(report, "when")
    assert "ネガティブな投稿が41件（41アカウント）" in said(report, "what")
    assert "くらしメモ (@watch)（Mastodon、フォロワー80,400人）" in said(report, "spread")
    assert "「確認しております」（https://minamo.example/n/1）" in said(report, "ours")
    assert "11月23日(月) 00:50ごろ" in said(report, "next")


def test_a_deletion_is_said_with_when_it_was_seen_and_once_more_in_the_next_report() -> None:
    marks = (
        Mark(1, 1, 100, Fate.GONE, NOW - HOUR),
        Mark(2, 1, 101, Fate.GONE, NOW - 10 * MINUTE),
        Mark(3, 1, 102, Fate.CHANGED, NOW),
        Mark(4, 1, 103, Fate.GONE, NOW - HOUR),
        Mark(4, 1, 103, Fate.BACK, NOW),
    )
    report = write(made(), order(ReportKind.FOLLOW_UP, number=2, earlier=EARLIER, marks=marks), lang="ja")
    assert "証拠として保存した投稿のうち、2件の削除を確認しました" in said(report, "ours")
    assert "1件は保存後に本文が変更されています" in said(report, "ours")
    assert "前回の報告のあと、証拠の投稿1件の削除を確認しました" in said(report, "change")
    english = write(made(), order(marks=marks), lang="en")
    assert "2 of the posts kept as evidence were seen to be deleted" in said(english, "ours")


def test_facts_and_estimates_are_kept_apart() -> None:
    report = write(made(), order(), lang="ja")
    grounds = {one.text: one.ground for one in report.sentences}
    assert all(
        ground is Ground.FACT for text, ground in grounds.items() if text.startswith("収集した投稿のうち")
    )
    outlook = next(section for section in report.sections if section.code == "outlook")
    assert {one.ground for one in outlook.sentences} == {Ground.ESTIMATE}
    lines = plain.text(report).splitlines()
    assert any(line.startswith("・【推定】") for line in lines)
    assert any(line.startswith("・【事実】") for line in lines)


def test_a_follow_up_says_what_changed_and_a_final_report_ends() -> None:
    report = write(made(), order(ReportKind.FOLLOW_UP, number=2, earlier=EARLIER), lang="ja")
    change = said(report, "change")
    assert "ネガティブな投稿は12件から41件になりました（+29件）" in change
    assert "「炎上の兆し」から「炎上」に変わりました" in change
    assert report.title.startswith("【続報（第2報）】")
    final = write(made(), order(ReportKind.FINAL, number=3, earlier=EARLIER), lang="ja")
    assert said(final, "next") == "本報をもって終報とします。"
    assert "change" not in {section.code for section in write(made(), order(), lang="ja").sections}


def test_no_forecast_is_invented() -> None:
    few = made(mentions=crowd(6))
    assert few.growth.course is Course.UNCLEAR
    assert "示せるだけの根拠は、まだありません" in said(write(few, order(), lang="ja"), "outlook")


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_a_report_comes_back_from_json_as_it_was(lang: str) -> None:
    report = write(made(), order(earlier=EARLIER), lang=lang)
    assert from_json(json.loads(json.dumps(to_json(report)))) == report


def test_slack_text_can_leave_the_notes_out() -> None:
    report = write(made(), order(link="http://kikimimi.example/incidents/1"), lang="en")
    full, short = plain.text(report), plain.text(report, notes=False)
    assert "## Evidence" in full
    assert "[1]" not in short
    assert "http://kikimimi.example/incidents/1" in short


def test_the_pictures_count_what_the_report_counts() -> None:
    seen = made(mentions=crowd() + special())
    report = write(seen, order(), lang="ja")
    assert sum(bar.total for bar in report.bars) == len(seen.mentions)
    assert sum(bar.negative for bar in report.bars) == len(seen.negative)
    assert [one.name for one in report.shares] == [one.word for one in seen.points]


def test_both_languages_name_the_same_values() -> None:
    for code, texts in WORDS.items():
        ja, en = (set(re.findall(r"{(\w+)}", texts[lang])) for lang in ("ja", "en"))
        assert ja == en, code
