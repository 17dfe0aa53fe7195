"""`kikimimi score`: the model on texts or on a JSONL file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from listener.commands.errors import CommandError
from listener.commands.output import err, out
from listener.commands.whole import whole
from nlp.analyze import Analyzer
from nlp.score import score_lines
from nlp.sentiment import ModelError, load

COLOURS = {"positive": "green", "neutral": "dim", "negative": "red"}


def score_texts(texts: list[str], *, target: str | None, model: str) -> None:
    """A table of what the model makes of each text."""
    table = Table(
        "text", "sentiment", "score", "conf.", "emotion", "signals", "disclosure", "sarcasm", show_lines=True
    )
    for line in score_lines(({"text": text} for text in texts), analyzer_for(model), target=target):
        table.add_row(
            line["text"],
            f"[{COLOURS[line['sentiment']]}]{line['sentiment']}[/]",
            f"{line['score']:+.2f}",
            f"{line['confidence']:.2f}",
            line["emotion"],
            " ".join(line["signals"]),
            line["disclosure"],
            "yes" if line["sarcasm"] else "",
        )
    out.print(table)


def score_file(source: Path, target_file: Path | None, *, target: str | None, model: str) -> None:
    """JSONL in, JSONL out, in order. The output file appears only when it is whole."""
    total = _count_lines(source)
    analyzer = analyzer_for(model)
    columns = (TextColumn("scoring"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as progress, whole(target_file) as sink:
        task = progress.add_task("scoring", total=total)
        try:
            for line in score_lines(_lines(source), analyzer, target=target):
                sink.write(json.dumps(line, ensure_ascii=False) + "\n")
                progress.advance(task)
        except ValueError as problem:
            raise CommandError(f"{source}: {problem}") from problem


def analyzer_for(model: str) -> Analyzer:
    """The model that `--model` names. Raises CommandError."""
    try:
        return Analyzer(load(model))
    except ModelError as problem:
        raise CommandError(f"--model: {problem}") from problem


def _count_lines(path: Path) -> int:
    try:
        with path.open("rb") as handle:
            return sum(1 for line in handle if line.strip())
    except OSError as problem:
        raise CommandError(
            f"--file: {path}: {problem.strerror}; give a JSONL file that can be read"
        ) from problem


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8-sig") as handle:
        for number, raw in enumerate(handle, start=1):
            if not raw.strip():
                continue
            try:
                line = json.loads(raw)
            except json.JSONDecodeError as problem:
                raise ValueError(
                    f"line {number}: not JSON ({problem.msg}); write one object a line"
                ) from problem
            if not isinstance(line, dict):
                raise ValueError(f'line {number}: not an object; write {{"text": "…"}}')
            yield line
