"""The benchmarks' pure parts: slices, the peers' words as classes, figures, the card's marks."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from benchmarks import figures, quality_page, speed_page
from benchmarks.card import CARD, table, write
from benchmarks.figures import Bin, Placed, Trained
from benchmarks.memory import read
from benchmarks.peers_worker import PEERS, of_asari, of_mlask, of_oseti
from benchmarks.quality import confusion, rates, reliability
from benchmarks.slices import has_slang, key, slice_of, slices, two_brands
from benchmarks.speed_page import ratios

SVG = "{http://www.w3.org/2000/svg}"


def row(text: str, target: str | None = "ミナモ", **other: Any) -> dict[str, Any]:
    plain = {"source": "post", "lang": "ja", "style": "plain", "sarcasm": False}
    return {"text": text, "target": target, **plain, **other}


def indices(rows: list[dict[str, Any]], name: str) -> tuple[int, ...]:
    found = {each.name: each.indices for each in slices(rows, known=frozenset())}
    return found.get(name, ())


@pytest.mark.parametrize(
    ("text", "slang"),
    [
        ("ミナモやばい", True),
        ("えぐすぎて笑った", True),
        ("完全に沼", True),
        ("それは草", True),
        ("対応が神だった", True),
        ("庭の雑草を抜いた", False),
        ("神社の帰りに寄った", False),
        ("普通においしい", False),
    ],
)
def test_slang_that_flips(text: str, slang: bool) -> None:
    assert has_slang(text) is slang


def test_each_line_is_in_the_slices_it_belongs_to() -> None:
    rows = [
        row("短い"),
        row("あ" * 21, style="witty"),
        row("い" * 60, sarcasm=True),
        row("う" * 121, lang="en"),
    ]
    assert indices(rows, "all") == (0, 1, 2, 3)
    assert indices(rows, "≤ 20 letters") == (0,)
    assert indices(rows, "21–60 letters") == (1, 2)
    assert indices(rows, "61–120 letters") == ()
    assert indices(rows, "> 120 letters") == (3,)
    assert indices(rows, "witty") == (1,)
    assert indices(rows, "sarcastic") == (2,)
    assert indices(rows, "English") == (3,)


def test_two_brands_are_a_text_under_two_targets_or_one_that_a_person_listed() -> None:
    rows = [
        row("甲と乙", "甲"),
        row("甲と乙", "乙"),
        row("丙より甲", "甲"),
        row("甲だけ", "甲"),
        row("甲だけ", "甲"),
    ]
    assert two_brands(rows, known=frozenset({key("丙より甲")})) == (0, 1, 2)
    assert indices(rows, "one named") == (2, 3, 4)


def test_a_line_is_named_by_its_rarest_slice() -> None:
    rows = [row("えぐい", style="witty"), row("普通", style="witty"), row("普通だ")]
    assert slice_of(0, slices(rows, known=frozenset())) == "やばい えぐい 沼 草 神 …"
    assert slice_of(2, slices(rows, known=frozenset())) == "plain"


@pytest.mark.parametrize(
    ("positive", "said"),
    [(0.9, "positive"), (2 / 3, "positive"), (0.5, "neutral"), (1 / 3, "negative"), (0.1, "negative")],
)
def test_asari_is_cut_into_thirds(positive: float, said: str) -> None:
    classes = [{"class_name": "negative", "confidence": 1 - positive}]
    assert of_asari({"classes": [*classes, {"class_name": "positive", "confidence": positive}]}) == said


@pytest.mark.parametrize(
    ("scores", "said"),
    [([1.0, -0.5], "positive"), ([1.0, -1.0], "neutral"), ([], "neutral"), ([-0.1], "negative")],
)
def test_oseti_is_the_sign_of_the_mean(scores: list[float], said: str) -> None:
    assert of_oseti(scores) == said


@pytest.mark.parametrize(
    ("valence", "said"),
    [
        ("POSITIVE", "positive"),
        ("mostly_POSITIVE", "positive"),
        ("mostly_NEGATIVE", "negative"),
        ("NEUTRAL", "neutral"),
        (None, "neutral"),
    ],
)
def test_mlask_by_its_word(valence: str | None, said: str) -> None:
    assert of_mlask(valence) == said


def test_rates_confusion_and_reliability() -> None:
    right, said = np.array([0, 1, 2, 2]), np.array([0, 1, 2, 0])
    assert rates(said, right) == {"accuracy": 0.75, "macro_f1": 0.7778}
    assert confusion(said, right) == [[1, 0, 0], [0, 1, 0], [1, 0, 1]]
    shares = np.array([[0.9, 0.1, 0.0], [0.1, 0.9, 0.0], [0.2, 0.2, 0.6], [0.5, 0.2, 0.3]])
    bins = reliability(shares, right)
    assert [(each.lines, each.sure, each.right) for each in bins] == [
        (1, 0.5, 0.0),
        (1, 0.6, 1.0),
        (2, 0.9, 1.0),
    ]


DRAWN = {
    "calibration": (
        figures.calibration([Bin(0.4, 0.47, 3, 0.45, 0.3), Bin(0.93, 1, 9, 0.97, 0.95)], 0.02),
        2,
    ),
    "learning": (
        figures.learning([Trained(6600, 0.77), Trained(2400, 0.7), Trained(12000, 0.82, "<new>")]),
        3,
    ),
    "curve": (figures.curve([Placed("<e5>", 12, 160, 0.8, "d"), Placed("fast", 4, 700, 0.77, "d")]), 2),
}


@pytest.mark.parametrize("name", DRAWN)
def test_figures_are_svg_with_every_point_inside_and_a_text_alternative(name: str) -> None:
    svg, points = DRAWN[name]
    drawing = ElementTree.fromstring(svg)
    assert drawing.get("role") == "img"
    assert drawing.get("aria-labelledby") == "title says"
    assert drawing.findtext(f"{SVG}title")
    assert drawing.findtext(f"{SVG}desc")
    dots = drawing.findall(f"{SVG}circle")
    assert len(dots) == points
    assert all(0 < float(dot.get("cx", 0)) < 640 and 0 < float(dot.get("cy", 0)) < 360 for dot in dots)
    assert "prefers-color-scheme: dark" in svg


def test_points_stand_where_their_numbers_say() -> None:
    drawing = ElementTree.fromstring(figures.learning([Trained(1000, 0.7), Trained(2000, 0.8)]))
    first, second = drawing.findall(f"{SVG}circle")
    assert float(first.get("cx", 0)) < float(second.get("cx", 0))
    assert float(first.get("cy", 0)) > float(second.get("cy", 0))  # higher is better


def test_write_replaces_what_is_between_the_marks_and_nothing_else(tmp_path: Path) -> None:
    card = tmp_path / "card.md"
    card.write_text("a\n<!-- peers -->\nold \\1\n<!-- /peers -->\nz\n", encoding="utf-8")
    write("peers", r"new \1", card)
    write("peers", r"new \1", card)
    assert card.read_text(encoding="utf-8") == "a\n<!-- peers -->\nnew \\1\n<!-- /peers -->\nz\n"
    with pytest.raises(SystemExit, match="put the two marks back"):
        write("speed", "x", card)


@pytest.mark.parametrize("name", ["quality", "peers", "rounding", "learning", "failures", "speed", "curve"])
def test_the_card_has_a_place_for_every_part(name: str) -> None:
    page = CARD.read_text(encoding="utf-8")
    assert page.count(f"<!-- {name} -->") == page.count(f"<!-- /{name} -->") == 1


def test_a_peer_that_did_not_run_says_why() -> None:
    half = {"accuracy": 0.5, "macro_f1": 0.4}
    said = {
        "measured": "2026-11-22",
        "lines": {"mentions": 2, "hotel": 1},
        "beside": [
            {"name": "ours", "mentions": half, "hotel": half},
            {"name": "asari 0.2.0", "problem": "no locale"},
        ],
    }
    page = quality_page.peers(said)
    assert "| ours | 0.500 · 0.400 | 0.500 · 0.400 |" in page
    assert "| asari 0.2.0 (did not run: no locale) | – | – |" in page
    assert list(PEERS) == ["asari", "oseti", "pymlask", "mlask-official"]


def test_ratios_are_taken_within_a_round() -> None:
    found = list(ratios({"bundled": [100.0, 50.0, 90.0], "bert 32": [10.0, 4.0, 10.0]}))
    assert found == [
        {"of": "bundled", "to": "bert 32", "median": 10.0, "lowest": 9.0, "highest": 12.5, "bar": 10.0}
    ]


def test_memory_is_read_from_the_process_status() -> None:
    assert read("Name:\tpython\nVmHWM:\t  204800 kB\nVmRSS:\t  102400 kB\n") == {
        "peak": 200.0,
        "after": 100.0,
    }


def test_tables() -> None:
    assert table(["a", "b"], [["x", "1"]]) == ["| a | b |", "|---|---:|", "| x | 1 |"]
    assert "| fast | 4 | 700 | 0.770 | d |" in speed_page.curve([Placed("fast", 4, 700, 0.77, "d")])
