"""The operator's manual of sources: its examples are valid, and it names every key."""

from __future__ import annotations

import ast
import inspect
import re
import sys
import textwrap
from pathlib import Path

import pytest
import yaml

from listener.collectors import COLLECTORS, collector_class
from listener.collectors.feed_presets import PRESETS

MANUAL = (Path(__file__).parents[3] / "docs" / "sources.md").read_text(encoding="utf-8")


def examples():
    """Every source that the manual and the docstrings of our two collectors show."""
    blocks = re.findall(r"```yaml\n(.*?)```", MANUAL, re.DOTALL)
    for kind in ("feed", "appstore"):
        source = inspect.getsource(sys.modules[collector_class(kind).__module__])
        manual = ast.get_docstring(ast.parse(source)) or ""
        blocks.append(textwrap.dedent(re.search(r"(?ms)^    sources:\n.*?(?=^\S)", manual)[0]))
    return [source for block in blocks for source in yaml.safe_load(block)["sources"]]


@pytest.mark.parametrize("source", examples(), ids=lambda source: source["name"])
def test_examples_are_valid(source):
    keys = {key.removesuffix("_env"): value for key, value in source.items()}
    assert collector_class(source["kind"]).Config(**keys).name == source["name"]


def test_the_manual_shows_every_kind():
    assert {source["kind"] for source in examples()} == set(COLLECTORS)
    assert all(f"## {kind}" in MANUAL for kind in COLLECTORS)


@pytest.mark.parametrize("kind", COLLECTORS)
def test_the_manual_names_every_key(kind):
    chapter = re.search(rf"(?ms)^## {kind}\b.*?(?=^## )", MANUAL)[0] + MANUAL.split("\n## ")[0]
    missing = [
        key for key in collector_class(kind).Config.model_fields if not re.search(rf"`{key}[`_]", chapter)
    ]
    assert missing == []


@pytest.mark.parametrize("preset", PRESETS)
def test_the_manual_names_every_preset(preset):
    assert f"| `{preset}` | `{PRESETS[preset].parameter}`" in MANUAL
