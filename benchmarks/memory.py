"""The memory of a fresh scoring process: `python -m benchmarks.memory FOLDER < JSON list of [text, target]`.

Prints one JSON object, in MB: `peak` (VmHWM) and `after` (VmRSS). Linux only.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from benchmarks.card import ROOT
from nlp.analyze import Analyzer, Request
from nlp.sentiment.trained import Pairs
from nlp.sentiment.transformer import graph_model

_STATUS = Path("/proc/self/status")


def of_process(folder: Path, pairs: Pairs) -> dict[str, float] | None:
    """Run this module in a process of its own. None where the system does not say."""
    if not _STATUS.exists():
        return None
    ended = subprocess.run(
        [sys.executable, "-m", "benchmarks.memory", str(folder)],
        input=json.dumps(pairs), capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    found: dict[str, float] = json.loads(ended.stdout)
    return found


def read(status: str) -> dict[str, float]:
    """`/proc/self/status` → MB at the peak and now."""
    kilobytes = {name: int(value) for name, value in re.findall(r"(VmHWM|VmRSS):\s+(\d+) kB", status)}
    return {"peak": round(kilobytes["VmHWM"] / 1024, 1), "after": round(kilobytes["VmRSS"] / 1024, 1)}


def main() -> None:
    pairs = json.load(sys.stdin)
    Analyzer(graph_model(Path(sys.argv[1]))).analyze([Request(text, target) for text, target in pairs])
    sys.stdout.write(json.dumps(read(_STATUS.read_text(encoding="ascii", errors="replace"))) + "\n")


if __name__ == "__main__":
    main()
