"""How many cores this process may use: more threads than that wait for one another.

A container started with a share of a large machine (`docker run --cpus 2`) sees all of its cores. The share is written
in the control group: `cpu.max` (cgroup v2) or `cpu.cfs_quota_us` (v1), of the process's own group and those above it.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from pathlib import Path

_GROUPS, _OWN = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")


def cores(groups: Path = _GROUPS, own: Path = _OWN) -> int:
    """At least 1; a share of 1.5 cores counts as 2. `groups`: where control groups are mounted; `own`: our names."""
    seen = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min([seen, *(math.ceil(share) for share in _shares(groups, own))]))


def _shares(groups: Path, own: Path) -> Iterator[float]:
    """Every limit that holds for us, in cores."""
    for line in _text(own).splitlines():
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if not controllers or "cpu" in controllers.split(","):
            for folder in _upwards(groups / controllers, path):
                yield from _share(folder)


def _upwards(mount: Path, path: str) -> Iterator[Path]:
    """The group's folder and those above it. Inside a container the group is itself the mount."""
    folder = mount / path.lstrip("/")
    yield from (one for one in (folder, *folder.parents) if one == mount or mount in one.parents)


def _share(folder: Path) -> Iterator[float]:
    quota, _, period = _text(folder / "cpu.max").strip().partition(" ")
    if not quota:
        quota, period = (_text(folder / f"cpu.cfs_{name}_us").strip() for name in ("quota", "period"))
    if quota.isdigit() and period.isdigit() and int(period):
        yield int(quota) / int(period)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii")
    except (OSError, ValueError):
        return ""
