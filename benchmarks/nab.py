"""How well `alerts.volume` finds spikes in real mention counts: the tweet-volume series of NAB.

    python -m benchmarks.nab --data DIR [--json]

DIR holds `Twitter_volume_<name>.csv` (timestamp, value; five-minute counts), `windows.json` (the labelled windows by
name) and `score.py` (the score). One setting for all series; every bucket is judged with nothing but what came
before it. The last line of output is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from alerts.volume import VolumeSettings, VolumeState, look
from benchmarks.crises import load

PROFILES = ("standard", "low_fp", "low_fn")
log = logging.getLogger("kikimimi.bench")


def watch(stamps: Sequence[str], counts: Sequence[float], settings: VolumeSettings) -> list[int]:
    """The rows at which a spike is told."""
    state, rows = VolumeState(), []
    for row, (stamp, count) in enumerate(zip(stamps, counts, strict=True)):
        state, spike = look(state, count, int(stamp[11:13]), settings)
        if spike is not None:
            rows.append(row)
    return rows


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the series and score.py")
    parser.add_argument("--json", action="store_true", help="print the JSON line only")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING if options.json else logging.INFO, format="%(message)s")
    score = load(options.data, "score")
    windows = json.loads((options.data / "windows.json").read_text(encoding="utf-8"))
    alerts: dict[str, list[int]] = {}
    for name in sorted(windows):
        stamps, counts = score.series(name)
        alerts[name] = watch(stamps, counts, VolumeSettings())
        log.info("%s: %d alerts", name, len(alerts[name]))
    scores = {profile: round(score.score(alerts, profile), 2) for profile in PROFILES}
    summary = {**scores, "alerts": {name: len(rows) for name, rows in alerts.items()}}
    sys.stdout.write(json.dumps(summary) + "\n")


if __name__ == "__main__":
    main()
