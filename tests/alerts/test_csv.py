from __future__ import annotations

import csv
import io

import pytest

from alerts.exports.csv import BOM, advocates, guard, incidents, mentions
from tests.alerts.made import advocate, incident, mention


def rows(lines: list[str]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO("".join(lines).removeprefix(BOM), newline="")))


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        ('=HYPERLINK("http://evil.example","x")', '\'=HYPERLINK("http://evil.example","x")'),
        ("+81-3-1234", "'+81-3-1234"),
        ("-1", "-1"),
        ("-cmd|' /C calc'!A0", "'-cmd|' /C calc'!A0"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1+1", "'\t=1+1"),
        ("  =1+1", "'  =1+1"),
        ("＝1+1", "'＝1+1"),
        ("@hanako", "'@hanako"),
        ("おいしい=最高", "おいしい=最高"),
        (None, ""),
        (True, "true"),
        (-0.9, "-0.9"),
        (12345678901234567890, "12345678901234567890"),
    ],
)
def test_no_cell_is_a_formula(cell: str | int | float | bool | None, safe: str) -> None:
    assert guard(cell) == safe


def test_mentions_round_trip_with_japanese_and_line_breaks() -> None:
    text = '「返金」されない,\n"なぜ"？'
    lines = list(mentions([mention(5, text)]))
    assert lines[0].startswith(BOM + "id,topic")
    (row,) = rows(lines)
    assert row["text"] == text
    assert row["created_at"] == "2026-11-22 23:50:00+09:00"
    assert row["likes"] == ""
    assert row["label"] == "negative"


def test_without_bom_and_every_kind() -> None:
    (person,) = rows(list(advocates([advocate()], bom=False)))
    assert person["score"] == "72.0"
    assert person["contributions"] == "praise_weeks +34.6; few_mentions -9.0"
    (crisis,) = rows(list(incidents([incident()], bom=False)))
    assert crisis["key"] == incident().key
    assert crisis["resolved_at"] == ""
