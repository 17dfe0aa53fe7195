"""The model card's generated parts: text between two marks, and figures in docs/images."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
CARD = ROOT / "docs" / "model-card.md"
IMAGES = ROOT / "docs" / "images"


def write(name: str, text: str, card: Path = CARD) -> None:
    """Replace what stands between `<!-- name -->` and `<!-- /name -->` in the model card."""
    page = card.read_text(encoding="utf-8")
    pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
    if not pattern.search(page):
        raise SystemExit(
            f"{card} has no <!-- {name} --> … <!-- /{name} --> to write into; put the two marks back"
        )
    card.write_text(
        pattern.sub(lambda match: f"{match[1]}{text.strip()}\n{match[2]}", page), encoding="utf-8"
    )


def draw(name: str, svg: str) -> None:
    (IMAGES / f"{name}.svg").write_text(svg, encoding="utf-8")


def table(head: list[str], rows: list[list[str]]) -> list[str]:
    """A Markdown table: the first column is text, the others are numbers."""
    lines = [f"| {' | '.join(head)} |", "|---|" + "---:|" * (len(head) - 1)]
    return lines + [f"| {' | '.join(row)} |" for row in rows]
