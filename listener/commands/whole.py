"""A file that is there whole or not at all."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from listener.commands.errors import CommandError


@contextmanager
def whole(path: Path | None, *, place: str = "--out") -> Iterator[IO[str]]:
    """Write to `path`, which appears (or is replaced) only when the block ends well; stdout without a path.

    Raises CommandError when it cannot be written; `place` is how the command calls the path.
    """
    if path is None:
        yield sys.stdout
        return
    part = path.with_name(path.name + ".part")
    try:
        with part.open("w", encoding="utf-8", newline="") as handle:
            yield handle
        part.replace(path)
    except OSError as problem:
        raise CommandError(
            f"{place}: {path}: {problem.strerror}; choose a place you can write to"
        ) from problem
    finally:
        part.unlink(missing_ok=True)
