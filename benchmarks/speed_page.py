"""The speed figures as Markdown for the model card. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Any

from benchmarks.card import table
from benchmarks.figures import Placed

Figures = Mapping[str, Any]

_MEMORY_BAR, _LATENCY_BAR = 350, 15
#: what stands on the left of a ratio, on its right, and the least that is promised.
RATIOS = (
    ("bundled", "bert 32", 10.0),
    ("fast", "bert 32", 15.0),
    ("bundled singly", "bert 1", 60.0),
    ("fast singly", "bert 1", None),
    ("bundled", "bert 1", None),
    ("bundled", "torch", None),
    ("bundled", "onnx fp32", None),
    ("bundled", "openvino f32", None),
    ("bundled", "openvino bf16", None),
    ("bundled", "openvino int8", None),
)


def ratios(rates: Mapping[str, Sequence[float]]) -> Iterator[Figures]:
    """Each ratio within its round: median, lowest and highest of the rounds."""
    for left, right, bar in RATIOS:
        if left in rates and right in rates:
            each = [mine / theirs for mine, theirs in zip(rates[left], rates[right], strict=True)]
            yield {
                "of": left,
                "to": right,
                "median": round(median(each), 2),
                "lowest": round(min(each), 2),
                "highest": round(max(each), 2),
                "bar": bar,
            }


def speed(said: Figures) -> str:
    parts = [
        f"Measured {said['measured']}: {said['posts']} posts with target, {said['rounds']} rounds in turns,"
        f" {said['threads']} threads, {said['machine']}.",
        "",
        *_rates(said),
        "",
        *_ratios(said),
        "",
        *_alone(said),
    ]
    if said["absent"]:
        parts += ["", *(f"{name}: {why}." for name, why in said["absent"].items())]
    return "\n".join(parts)


def _rates(said: Figures) -> list[str]:
    rows = []
    for key, name in said["names"].items():
        rates, few = said["rates"][key], said["few"].get(key)
        note = f" (on {few} of the posts)" if few else ""
        rows.append([f"{name}{note}", f"{median(rates):.1f}", f"{min(rates):.1f}–{max(rates):.1f}"])
    return table(["what runs", "posts a second, median", "lowest–highest"], rows)


def _ratios(said: Figures) -> list[str]:
    names = said["names"]
    rows = [
        [
            f"{names[one['of']]} ÷ {names[one['to']]}",
            f"{one['median']:.1f}×",
            f"{one['lowest']:.1f}–{one['highest']:.1f}×",
            f"≥ {one['bar']:g}×" if one["bar"] else "",
        ]
        for one in said["ratios"]
    ]
    return table(["how many times as fast, within a round", "median", "lowest–highest", "aim"], rows)


def _alone(said: Figures) -> list[str]:
    rows = []
    for key, one in said["latency"].items():
        used = said["memory"].get(key)
        rows.append(
            [
                said["names"][key],
                f"{one['median_ms']:.1f} ms",
                f"{one['p95_ms']:.1f} ms",
                f"{used['after']:.0f} MB" if used else "–",
                f"{used['peak']:.0f} MB" if used else "–",
            ]
        )
    head = [
        "model",
        f"one post alone, median (aim ≤ {_LATENCY_BAR} ms)",
        "95 of 100 within",
        f"memory of a fresh scoring process (aim ≤ {_MEMORY_BAR} MB)",
        "its peak",
    ]
    return table(head, rows)


def curve(models: Sequence[Placed]) -> str:
    ordered = sorted(models, key=lambda each: each.posts_per_second)
    rows = [
        [
            each.name,
            str(each.layers or "–"),
            f"{each.posts_per_second:.0f}",
            f"{each.macro_f1:.3f}",
            each.measured,
        ]
        for each in ordered
    ]
    return "\n".join(
        table(["model, int8", "layers", "posts a second", "macro-F1, held out", "measured"], rows)
    )
