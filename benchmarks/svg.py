"""Small charts as SVG, written by hand: legible on light and dark pages, with a text alternative. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 640, 360
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 24, 44, 52
# The picture brings its own ground, so that it can be read whatever page it lies on.
_STYLE = """
text { font: 13px system-ui, sans-serif; fill: #333 } .title { font-weight: 600; font-size: 15px }
.ground { fill: #fff } .grid { stroke: #ddd } .aim { stroke: #777; stroke-dasharray: 5 4; fill: none }
.a { stroke: #0b6bcb; fill: #0b6bcb } .b { stroke: #b3450b; fill: #b3450b } .line { fill: none; stroke-width: 2 }
@media (prefers-color-scheme: dark) {
  text { fill: #ddd } .ground { fill: #161b22 } .grid { stroke: #333b45 } .aim { stroke: #999 }
  .a { stroke: #6cb6ff; fill: #6cb6ff } .b { stroke: #f0985c; fill: #f0985c } .line { fill: none }
}
""".strip()


@dataclass(frozen=True, slots=True)
class Axis:
    """`low` … `high` along one side; `log`: equal steps are equal ratios."""

    title: str
    low: float
    high: float
    ticks: tuple[float, ...]
    log: bool = False

    def share(self, value: float) -> float:
        """Where a value stands, 0…1; beyond the ends it stands at the end."""
        low, high, at = self.low, self.high, min(max(value, self.low), self.high)
        if self.log:
            low, high, at = math.log(low), math.log(high), math.log(at)
        return (at - low) / (high - low)


@dataclass(frozen=True, slots=True)
class Series:
    """Points (x, y) in one colour, "a" or "b"; `joined` by a line; `names` stand beside them, `sizes` are radii."""

    points: tuple[tuple[float, float], ...]
    colour: str = "a"
    joined: bool = True
    names: tuple[str, ...] = ()
    sizes: tuple[float, ...] = ()


def chart(
    title: str,
    says: str,
    x: Axis,
    y: Axis,
    series: Sequence[Series],
    *,
    aim: Sequence[tuple[float, float]] = (),
) -> str:
    """A chart of points. `says`: what it shows, in words, for those who do not see it. `aim`: a dashed line."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
        ' aria-labelledby="title says">',
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="says">{escape(says)}</desc>',
        f"<style>{_STYLE}</style>",
        f'<rect class="ground" width="{WIDTH}" height="{HEIGHT}" rx="8"/>',
        f'<text class="title" x="{_LEFT}" y="26">{escape(title)}</text>',
        *_grid(x, y),
    ]
    if aim:
        parts.append(f'<polyline class="aim" points="{_path(aim, x, y)}"/>')
    for each in series:
        parts += _drawn(each, x, y)
    return "\n".join([*parts, "</svg>"]) + "\n"


def step(low: float, high: float, size: float) -> Axis:
    """An untitled axis with a tick every `size`, its ends moved out to ticks."""
    first, last = math.floor(low / size + 1e-9), math.ceil(high / size - 1e-9)
    last = max(last, first + 1)
    ticks = tuple(round(at * size, 10) for at in range(first, last + 1))
    return Axis("", ticks[0], ticks[-1], ticks)


def _grid(x: Axis, y: Axis) -> list[str]:
    parts = []
    for tick in x.ticks:
        at = _x(tick, x)
        parts.append(f'<line class="grid" x1="{at}" y1="{_TOP}" x2="{at}" y2="{HEIGHT - _BOTTOM}"/>')
        parts.append(f'<text x="{at}" y="{HEIGHT - _BOTTOM + 18}" text-anchor="middle">{tick:,g}</text>')
    for tick in y.ticks:
        at = _y(tick, y)
        parts.append(f'<line class="grid" x1="{_LEFT}" y1="{at}" x2="{WIDTH - _RIGHT}" y2="{at}"/>')
        parts.append(f'<text x="{_LEFT - 8}" y="{at + 4:g}" text-anchor="end">{tick:g}</text>')
    middle = (_LEFT + WIDTH - _RIGHT) / 2
    parts.append(f'<text x="{middle:g}" y="{HEIGHT - 12}" text-anchor="middle">{escape(x.title)}</text>')
    up = (_TOP + HEIGHT - _BOTTOM) / 2
    parts.append(
        f'<text transform="translate(16 {up:g}) rotate(-90)" text-anchor="middle">{escape(y.title)}</text>'
    )
    return parts


def _drawn(series: Series, x: Axis, y: Axis) -> list[str]:
    parts = []
    if series.joined and len(series.points) > 1:
        parts.append(f'<polyline class="{series.colour} line" points="{_path(series.points, x, y)}"/>')
    for index, (right, up) in enumerate(series.points):
        radius = series.sizes[index] if series.sizes else 4
        at, height = _x(right, x), _y(up, y)
        parts.append(f'<circle class="{series.colour}" cx="{at}" cy="{height}" r="{radius:g}"/>')
        if series.names:
            end = x.share(right) > 0.7
            side, anchor = (at - 9, "end") if end else (at + 9, "start")
            parts.append(
                f'<text x="{side:g}" y="{height - 8:g}" text-anchor="{anchor}">{escape(series.names[index])}</text>'
            )
    return parts


def _path(points: Sequence[tuple[float, float]], x: Axis, y: Axis) -> str:
    return " ".join(f"{_x(right, x)},{_y(up, y)}" for right, up in points)


def _x(value: float, axis: Axis) -> float:
    return round(_LEFT + axis.share(value) * (WIDTH - _LEFT - _RIGHT), 1)


def _y(value: float, axis: Axis) -> float:
    return round(HEIGHT - _BOTTOM - axis.share(value) * (HEIGHT - _TOP - _BOTTOM), 1)
