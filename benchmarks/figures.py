"""The model card's three figures, from numbers to SVG. Pure, but for the two files that keep the numbers."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.svg import Axis, Series, chart, step

HERE = Path(__file__).parent
LEARNING, CURVE = HERE / "learning.json", HERE / "curve.json"


@dataclass(frozen=True, slots=True)
class Bin:
    """Held-out lines whose confidence is like: how sure the model was, how often it was right (0…1)."""

    low: float
    high: float
    lines: int
    sure: float
    right: float


@dataclass(frozen=True, slots=True)
class Trained:
    """One point of the learning curve: `mentions` learned from, macro-F1 on the held-out ones."""

    mentions: int
    dev_macro_f1: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class Placed:
    """One model on the quality/speed curve. `measured`: the day."""

    name: str
    layers: int
    posts_per_second: float
    macro_f1: float
    measured: str


def calibration(bins: Sequence[Bin], error: float) -> str:
    axis = step(min([each.low for each in bins] + [0.4]), 1.0, 0.1)
    most = max((each.lines for each in bins), default=1)
    dots = Series(
        tuple((each.sure, each.right) for each in bins),
        sizes=tuple(round(3 + 7 * math.sqrt(each.lines / most), 1) for each in bins),
    )
    said = "; ".join(f"sure {each.sure:.2f}, right {each.right:.2f}, {each.lines} lines" for each in bins)
    lowest = min([each.right for each in bins] + [axis.low])
    up = step(lowest, 1.0, 0.1)
    return chart(
        f"Does the confidence mean what it says? Expected error {error:.3f}",
        f"Confidence against the share of right answers; on the dashed line they are equal. {said}.",
        replace(axis, title="confidence (larger dot: more lines)"),
        replace(up, title="share that is right"),
        [dots],
        aim=((max(axis.low, up.low), max(axis.low, up.low)), (1, 1)),
    )


def learning(runs: Sequence[Trained]) -> str:
    """Joined in order of size; the notes go into the text alternative and the card's table."""
    ordered = sorted(runs, key=lambda run: run.mentions)
    scores = [run.dev_macro_f1 for run in ordered]
    said = "; ".join(f"{run.mentions:,} mentions: {run.dev_macro_f1:.3f}" for run in ordered)
    most = max(run.mentions for run in ordered)
    size = 10 ** math.floor(math.log10(most))
    return chart(
        "More mentions to learn from, better answers",
        f"Macro-F1 on the held-out mentions by how many mentions were learned from. {said}.",
        replace(step(0, most, size if most > 3 * size else size / 5), title="mentions learned from"),
        replace(step(min(scores) - 0.01, max(scores) + 0.01, 0.02), title="macro-F1, held out"),
        [Series(tuple((run.mentions, run.dev_macro_f1) for run in ordered))],
    )


def curve(models: Sequence[Placed]) -> str:
    ordered = sorted(models, key=lambda each: each.posts_per_second)
    rates, scores = [each.posts_per_second for each in ordered], [each.macro_f1 for each in ordered]
    ticks = tuple(float(base * 10**power) for power in range(5) for base in (1, 2, 5))
    low = max([tick for tick in ticks if tick <= min(rates) * 0.8] or [ticks[0]])
    high = min([tick for tick in ticks if tick >= max(rates) * 1.25] or [ticks[-1]])
    shown = tuple(tick for tick in ticks if low <= tick <= high)
    said = "; ".join(
        f"{each.name}: {each.posts_per_second:.0f} posts/s, {each.macro_f1:.3f}" for each in ordered
    )
    return chart(
        "Quality and speed",
        f"Macro-F1 on the held-out mentions against posts a second. {said}.",
        Axis("posts a second (each doubling equally far)", low, high, shown, log=True),
        replace(step(min(scores) - 0.01, max(scores) + 0.01, 0.02), title="macro-F1, held out"),
        [
            Series(
                tuple(zip(rates, scores, strict=True)),
                names=tuple(
                    f"{each.name} ({each.layers} layers)" if each.layers else each.name for each in ordered
                ),
            )
        ],
    )


def runs() -> list[Trained]:
    return [Trained(**each) for each in _read(LEARNING)]


def placed() -> list[Placed]:
    return [Placed(**each) for each in _read(CURVE)]


def keep(models: Sequence[Placed]) -> list[Placed]:
    """Put the models into curve.json: a new measurement replaces the one of the same name. Returns all."""
    found = {each.name: each for each in [*placed(), *models]}
    CURVE.write_text(json.dumps([asdict(each) for each in found.values()], indent=1) + "\n", encoding="utf-8")
    return list(found.values())


def _read(file: Path) -> list[dict[str, Any]]:
    if not file.exists():
        return []
    found: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
    return found
