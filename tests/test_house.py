"""The rules of the house, measured on the tree itself."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("listener", "nlp", "storage", "alerts", "benchmarks")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = node.body[1:] if ast.get_docstring(node) else node.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_no_file_is_longer_than_400_lines() -> None:
    long = [name(path) for path in MODULES if path.read_text(encoding="utf-8").count("\n") > 400]
    assert long == []


def test_no_function_is_longer_than_50_lines() -> None:
    long = [f"{name(p)}:{f.lineno} {f.name}" for p in MODULES for f in functions(p) if length(f) > 50]
    assert long == []


def test_the_pipeline_fits_on_a_page() -> None:
    assert (ROOT / "listener/pipeline.py").read_text(encoding="utf-8").count("\n") <= 120


def test_broad_excepts_stand_only_at_the_job_boundaries() -> None:
    broad = {
        name(path)
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or getattr(node.type, "id", "") in {"Exception", "BaseException"})
    }
    assert broad == {"listener/attempt.py", "listener/scheduler.py"}


@pytest.mark.parametrize("command", [["--help"], ["score", "--help"], ["run", "--help"]])
def test_help_loads_no_torch(command: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "listener", *command],
        capture_output=True, text=True, cwd=ROOT, check=False,
    )  # fmt: skip
    assert done.returncode == 0
    imported = {line.split("|")[-1].strip() for line in done.stderr.splitlines() if "|" in line}
    assert "typer" in imported
    assert imported.isdisjoint({"torch", "transformers", "spacy", "onnxruntime", "sqlalchemy"})
