"""Where recorded answers of real services lie, when they do: they hold real people's words and are never copied here.

KIKIMIMI_RECORDINGS=/path/to/data     or a folder shared/data beside the repository's folder
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"


def recordings(*parts: str) -> Path:
    """A file or folder among the recordings; skips the test, saying so, when it is not there."""
    place = Path(os.environ.get("KIKIMIMI_RECORDINGS", _BESIDE)).joinpath(*parts)
    if not place.exists():
        pytest.skip(f"no recordings here: {'/'.join(parts)} (set KIKIMIMI_RECORDINGS)")
    return place


def names(*parts: str, pattern: str = "*") -> list[str]:
    """File names for parametrize, which may not skip: [""] when there are none, for `recordings` to skip."""
    place = Path(os.environ.get("KIKIMIMI_RECORDINGS", _BESIDE)).joinpath(*parts)
    found = sorted(path.name for path in place.glob(pattern) if path.suffix != ".txt")
    return found or ["(none)"]
