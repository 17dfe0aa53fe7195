"""The benchmark runs end to end on a brand invented here, and sees nothing of the future."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from benchmarks.crises import START, SUBJECT, main, past_of, with_subjects

STREAMS = """
import numpy as np

def make(seed, p0mix=False):
    rng = np.random.default_rng(seed)
    calm = np.sort(rng.uniform(0, 40 * 1440, 600))
    burst = 35 * 1440 + np.sort(rng.uniform(0, 120, 30))
    t = np.concatenate([calm, burst])
    order = np.argsort(t, kind="stable")
    bad = np.concatenate([np.zeros(600, int), np.ones(30, int)])[order]
    label = dict(kind="fast", crisis=1, t0=burst[0], t5=burst[4], t1=burst[-1] + 1440, n=30, times=burst)
    zeros = np.zeros(630, int)
    return [dict(V=15, id="15-0", t=t[order], pred=bad, auth=np.arange(630), src=zeros, cl=zeros - 1,
                 labels=[label], days=40, warm=21)]
"""
METRIC = """
def evaluate(brands, alerts):
    hits = [t for t in alerts[0] if brands[0]["labels"][0]["t0"] <= t <= brands[0]["labels"][0]["t1"]]
    return {"recall": float(bool(hits)), "false_per_brand_month": float(len(alerts[0]) - len(hits)),
            "median_delay_min": hits[0] - brands[0]["labels"][0]["t0"] if hits else -1.0}
"""


def test_last_line_is_one_json_object(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "streams.py").write_text(STREAMS)
    (tmp_path / "metric.py").write_text(METRIC)
    main(["--data", str(tmp_path), "--seeds", "11", "--json"])
    summary = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert summary["seeds"] == "11"
    assert summary["recall"] == 1.0
    assert summary["false_per_brand_month"] == 0.0
    assert 0 < summary["median_delay_min"] < 60
    assert set(summary["by_tier"]) == {"15"}


def test_missing_data_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"streams\.py is missing"):
        main(["--data", str(tmp_path)])


def test_history_ends_now() -> None:
    times = np.array([10.0, 70.0, 130.0])
    ones = np.ones(3, int)
    brand = {"id": "b", "t": times, "pred": ones, "auth": ones, "src": ones * 0, "cl": ones * -1, "days": 1}
    history, talk = past_of(brand, 1).at(START + timedelta(minutes=100))
    assert [seen.mention_id for seen in history.recent] == [1, 2]
    assert len(talk.at) == 2
    assert sum(bucket.volume for bucket in history.buckets) == 1  # the hour that runs is not over


def test_a_harmless_burst_can_have_a_subject_and_a_crisis_keeps_its_own() -> None:
    t = np.arange(100.0)
    labels = [
        {"kind": "campaign", "crisis": 0, "t0": 10.0, "t1": 59.0},
        {"kind": "complaint_thread", "crisis": 0, "t0": 60.0, "t1": 69.0},
        {"kind": "fast", "crisis": 1, "t0": 70.0, "t1": 99.0},
    ]
    brand = {"t": t, "cl": np.where(t >= 70, 100_002, -1), "inc": np.where(t < 10, -1, -2), "labels": labels}
    given = with_subjects(brand, 0.5)["cl"]
    assert (given[t >= 60] == brand["cl"][t >= 60]).all()
    assert (given[t < 10] == -1).all()
    burst = given[(t >= 10) & (t < 60)]
    assert set(burst) == {-1, SUBJECT}
    assert 10 < (burst == SUBJECT).sum() < 40
