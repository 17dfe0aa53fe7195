"""Files of answers: our own columns, Delighted's archive, Qualtrics' three and two header rows. All rows invented."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from listener.feedback.cells import Moments
from listener.feedback.surveys import SurveyAsk, read
from listener.feedback.table import FeedbackError, Taken, refuse
from storage.responses import Scale, SurveyGiven, SurveyKind

MOMENTS = Moments(ZoneInfo("Asia/Tokyo"), datetime(2026, 11, 22, tzinfo=UTC))
GENERIC = """回答ID,回答日時,点数,コメント,メールアドレス,店舗,電話
a-1,2026/11/1 9:05,9,"豆の話が、
長くて楽しい",hana@mail.example.jp,駅前店,090-0000-0000
a-2,2026年11月2日,３,,,港北店,
a-3,2026-11-03T00:00:00Z,,まだ答えていません,,港北店,
"""
IDS = '"{{""ImportId"":""{}""}}"'
QUALTRICS = "\n".join(
    (
        "StartDate,EndDate,Status,Progress,RecordedDate,ResponseId,RecipientEmail,UserLanguage,Q1_NPS_GROUP,Q1,Q2,region",
        "開始日,終了日,回答タイプ,進行状況,記録日,回答ID,受信者のメール,ユーザーの言語,推奨グループ,"
        "ミナモ珈琲を友人にすすめますか,その理由は,region",
        ",".join(IDS.format(name) for name in (
            "startDate", "endDate", "status", "progress", "recordedDate", "_recordId", "recipientEmail",
            "userLanguage", "QID1_NPS_GROUP", "QID1", "QID2_TEXT", "region")),
        "2026-10-01 08:28:09,2026-10-01 08:28:48,0,100,2026-10-01 08:28:48,R_aa,sora@mail.example.jp,JA,3,10,"
        "深煎りが好き,関東",
        "2026-10-02 08:28:09,2026-10-02 08:29:48,1,100,2026-10-02 08:29:48,R_bb,,JA,3,10,自分で試した,関東",
        "2026-10-03 08:28:09,2026-10-03 08:29:48,0,40,2026-10-03 08:29:48,R_cc,,JA,,,,関西",
        "",
    )
)  # fmt: skip
LEGACY = """\ufeffV1,V3,V5,V7,V8,V9,Q1,Q2,
ResponseID,Name,EmailAddress,Status,StartDate,EndDate,Wie wahrscheinlich empfehlen Sie uns?,Warum?,
R_dd,Anonym,,0,2024-07-18 08:28:09,2024-07-18 08:28:48,7,Ganz gut,
"""
DELIGHTED = """Survey Response ID,Person ID,Name,Email,Score,Comment,Created At,Tags,Property: Store,Country
456,123,朝倉 ゆき,Yuki@Mail.example.jp,10,"また来ます",2026-05-02 10:00:00 UTC,vip,本店,JP
457,124,,,6,,2026-05-03 10:00:00 UTC,,駅前店,JP
"""


def written(folder: Path, text: str, name: str = "answers.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def taken(path: Path, **ask: object) -> Taken[SurveyGiven]:
    return read(path, SurveyAsk(**ask), MOMENTS)  # type: ignore[arg-type]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
def test_our_own_columns_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    found = taken(written(tmp_path, GENERIC, encoding=encoding))
    first, second = found.rows
    assert (found.bad, found.unanswered) == ((), 1)
    assert (first.external_id, first.score, first.comment) == ("a-1", 9, "豆の話が、\n長くて楽しい")
    assert first.at == datetime(2026, 11, 1, 0, 5, tzinfo=UTC)
    assert (first.email, first.kind) == ("hana@mail.example.jp", SurveyKind.NPS)
    assert first.properties == {"店舗": "駅前店"}  # a telephone number is nobody's segment
    assert (second.score, second.at) == (3, datetime(2026, 11, 1, 15, tzinfo=UTC))


def test_jsonl_with_objects_within(tmp_path: Path) -> None:
    rows = [
        {"id": "456", "person": {"id": "123", "email": "a@mail.example.jp"}, "score": 10, "survey_type": "nps",
         "comment": None, "created_at": 1778000000, "person_properties": {"store": "本店", "phone": "1"}, "tags": []},
    ]  # fmt: skip
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (one,) = taken(written(tmp_path, text, "answers.jsonl"), preset="delighted").rows
    assert (one.external_id, one.email, one.score, one.comment) == ("456", "a@mail.example.jp", 10, "")
    assert one.at == datetime.fromtimestamp(1778000000, UTC)
    assert one.properties == {"store": "本店"}


def test_delighteds_archive(tmp_path: Path) -> None:
    path = written(tmp_path, DELIGHTED)
    first, second = taken(path, preset="delighted", segments=("Country",)).rows
    assert (first.external_id, first.email, first.score) == ("456", "Yuki@Mail.example.jp", 10)
    assert first.at == datetime(2026, 5, 2, 10, tzinfo=UTC)
    assert first.properties == {"store": "本店", "country": "JP"}
    assert (second.score, second.email) == (6, "")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_qualtrics_three_header_rows(tmp_path: Path, encoding: str) -> None:
    path = written(tmp_path, QUALTRICS, encoding=encoding)
    found = taken(path, preset="qualtrics", columns={"comment": "その理由は"})
    (one,) = found.rows
    assert found.unanswered == 2  # a preview, and one who gave up
    assert (one.external_id, one.score, one.comment, one.email) == (
        "R_aa",
        10,
        "深煎りが好き",
        "sora@mail.example.jp",
    )
    assert one.at == datetime(2026, 9, 30, 23, 28, 48, tzinfo=UTC)
    assert one.properties == {"region": "関東"}
    by_words = taken(path, preset="qualtrics", question="ミナモ珈琲を友人にすすめますか")
    assert [row.score for row in by_words.rows] == [10]


def test_qualtrics_two_header_rows(tmp_path: Path) -> None:
    (one,) = taken(
        written(tmp_path, LEGACY), preset="qualtrics", question="Q1", columns={"comment": "Q2"}
    ).rows
    assert (one.external_id, one.score, one.comment) == ("R_dd", 7, "Ganz gut")
    assert one.at == datetime(2024, 7, 17, 23, 28, 48, tzinfo=UTC)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("x,2026-11-01,11,,,", "line 2: score: '11' is out of range; a whole number from 0 to 10"),
        ("x,2026-11-01,8.5,,,", "out of range"),
        ("x,2026-11-01,good,,,", "score: 'good' is not a number"),
        ("x,soon,8,,,", "at: 'soon' is not a time"),
        ("x,,8,,,", "when was it answered"),
        ("x,2027-01-01,8,,,", "in the future"),
        ("x,2026-11-01,8,,hana,", "email: not an e-mail address"),
        ("x,2026-11-01,8,,,stars", "kind: 'stars' is unknown"),
        ("x,2026-11-01,8,,,,more", "7 cells"),
    ],
)
def test_a_bad_row_is_named_with_its_line_and_remedy(tmp_path: Path, row: str, words: str) -> None:
    path = written(tmp_path, f"id,at,score,comment,email,kind\n{row}\ny,2026-11-02,8,,,\n")
    found = taken(path)
    assert [one.external_id for one in found.rows] == ["y"]
    with pytest.raises(FeedbackError, match="nothing was stored") as told:
        refuse(found.bad, str(path))
    assert words in str(told.value)
    assert "--skip-bad" in str(told.value)


@pytest.mark.parametrize(
    ("kind", "scale", "scores"),
    [("csat", None, (1, 5)), ("ces", None, (1, 7)), ("ces", Scale(1, 5), (1, 5)), ("nps", None, (0, 10))],
)
def test_each_question_has_its_scale(
    tmp_path: Path, kind: str, scale: Scale | None, scores: Sequence[int]
) -> None:
    low, high = scores
    lines = "".join(f"2026-11-01,{score}\n" for score in (low - 1, low, high, high + 1))
    found = taken(written(tmp_path, f"at,score\n{lines}"), kind=SurveyKind(kind), scale=scale)
    assert [one.score for one in found.rows] == [low, high]
    assert [one.line for one in found.bad] == [2, 5]


@pytest.mark.parametrize(
    ("text", "name", "ask", "words"),
    [
        ("", "a.csv", {}, "empty"),
        ("id,at\n", "a.csv", {}, "no column for score; the file has: id, at"),
        ("at,score\n", "a.csv", {"columns": {"stars": "x"}}, "--column stars"),
        ("at,score\n", "a.csv", {"segments": ("店",)}, "--segment 店"),
        ("[]", "a.json", {}, ".jsonl"),
        ("at,score\n", "a.csv", {"scale": Scale(1, 5)}, "--scale"),
        ("a,b\n1,2\n3,4\n", "a.csv", {"preset": "qualtrics"}, "ImportId"),
        (QUALTRICS.replace("Q1_NPS_GROUP", "group"), "a.csv", {"preset": "qualtrics"}, "--question COLUMN"),
        (QUALTRICS, "a.csv", {"preset": "qualtrics", "question": "Q9"}, "called 'q9'"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_says_what_to_do(
    tmp_path: Path, text: str, name: str, ask: dict[str, object], words: str
) -> None:
    with pytest.raises(FeedbackError) as told:
        taken(written(tmp_path, text, name), **ask)
    assert words.casefold() in str(told.value).casefold()


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FeedbackError, match=r"nowhere\.csv"):
        taken(tmp_path / "nowhere.csv")


def test_no_message_repeats_an_address(tmp_path: Path) -> None:
    found = taken(written(tmp_path, "at,score\n2026-11-01,hana@mail.example.jp\n"))
    assert "@" not in found.bad[0].problem
