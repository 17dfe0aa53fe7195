"""The volume benchmark runs end to end on a series invented here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.nab import main

SCORE = """
def series(name):
    stamps = [f"2015-03-{1 + row // 288:02d} {row // 12 % 24:02d}:{row % 12 * 5:02d}:00" for row in range(3000)]
    return stamps, [20.0 + row % 7 + (900.0 if 2500 <= row < 2530 else 0.0) for row in range(3000)]

def score(alerts, profile):
    return 100.0 if [2500 <= row < 2505 for row in alerts["AAA"]] == [True] else 0.0
"""


def test_last_line_is_one_json_object(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "score.py").write_text(SCORE)
    (tmp_path / "windows.json").write_text(json.dumps({"AAA": []}))
    main(["--data", str(tmp_path), "--json"])
    summary = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert summary == {"standard": 100.0, "low_fp": 100.0, "low_fn": 100.0, "alerts": {"AAA": 1}}
