"""Threads fit the share of the machine that a container was given."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nlp.sentiment.cores import cores


@pytest.fixture(autouse=True)
def large_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(64)), raising=False)


@pytest.mark.parametrize(
    ("own", "files", "expected"),
    [
        ("0::/", {"cpu.max": "200000 100000"}, 2),
        ("0::/", {"cpu.max": "max 100000"}, 64),
        ("0::/", {"cpu.max": "150000 100000"}, 2),
        ("0::/", {"cpu.max": "10000 100000"}, 1),
        ("0::/", {"cpu.max": "9900000 100000"}, 64),  # a share larger than the machine
        ("0::/", {}, 64),
        ("0::/a.slice/b.scope", {"a.slice/cpu.max": "300000 100000", "a.slice/b.scope/cpu.max": "max"}, 3),
        ("0::/seen/from/outside", {"cpu.max": "400000 100000"}, 4),
        ("1:cpu:/", {"cpu/cpu.cfs_quota_us": "250000", "cpu/cpu.cfs_period_us": "100000"}, 3),
        ("1:cpu:/", {"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, 64),
        (
            "9:memory:/docker/x\n4:cpu,cpuacct:/docker/x\n0::/",
            {
                "cpu,cpuacct/docker/x/cpu.cfs_quota_us": "100000",
                "cpu,cpuacct/docker/x/cpu.cfs_period_us": "100000",
            },
            1,
        ),
        ("0::/", {"cpu.max": "oops"}, 64),
        ("0::/", {"cpu.max": "100000 0"}, 64),
    ],
)
def test_the_smallest_share_holds(tmp_path: Path, own: str, files: dict[str, str], expected: int) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text + "\n", encoding="ascii")
    (tmp_path / "own").write_text(own + "\n", encoding="ascii")
    assert cores(tmp_path, tmp_path / "own") == expected


def test_a_system_without_control_groups_has_its_cores(tmp_path: Path) -> None:
    assert cores(tmp_path / "none", tmp_path / "neither") == 64
