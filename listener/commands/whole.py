"""A file that is there whole or not at all."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from listener.commands.errors import CommandError


@contextmanager
def whole(path: Path | None) -> Iterator[IO[str]]:
    """Write to `path`, which appears (or is replaced) only when the block ends well; stdout without a path.

    Raises CommandError when the place cannot be written to.
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
        raise CommandError(f"--out: {path}: {problem.strerror}; choose a place you can write to") from problem
    finally:
        part.unlink(missing_ok=True)
