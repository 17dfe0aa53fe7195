"""What every command prints with: JSON on stdout, words and tables on stderr or the terminal."""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console

from listener.commands.errors import CommandError
from listener.config import Config, load

out = Console()
err = Console(stderr=True)


def load_config(path: Path) -> Config:
    """config.yaml with the environment's secrets; its warnings go to stderr."""
    config = load(path, os.environ)
    for warning in config.warnings:
        err.print(f"[yellow]warning:[/] {warning}", highlight=False)
    return config


def as_json(value: Any) -> Any:
    """Values of the vocabulary as JSON: dataclasses as objects, times as ISO 8601 in UTC."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: as_json(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, Mapping):
        return {str(key): as_json(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [as_json(inner) for inner in value]
    return value


def print_json(value: Any, *, indent: int | None = 2) -> None:
    sys.stdout.write(json.dumps(as_json(value), ensure_ascii=False, indent=indent) + "\n")
    sys.stdout.flush()


def write_out(content: bytes, path: Path | None) -> None:
    """To stdout, or to a file that appears only when it is whole. Raises CommandError where it cannot be written."""
    if path is None:
        sys.stdout.write(content.decode())
        sys.stdout.flush()
        return
    part = path.with_name(path.name + ".part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError as problem:
        raise CommandError(f"--out: {path}: {problem.strerror}; choose a place you can write to") from problem
    finally:
        part.unlink(missing_ok=True)


def parse_time(text: str | None, *, timezone: str, option: str) -> datetime | None:
    """A time as the user writes it; without an offset it is in the config's timezone.

    Raises CommandError naming the option and the accepted form.
    """
    if text is None:
        return None
    try:
        value = datetime.fromisoformat(text)
    except ValueError as problem:
        raise CommandError(
            f"{option}: '{text}' is not a time; write 2026-11-01, 2026-11-01T09:00 or 2026-11-01T00:00:00Z"
        ) from problem
    return (value if value.tzinfo else value.replace(tzinfo=ZoneInfo(timezone))).astimezone(UTC)


def choose_topics(config: Config, name: str | None) -> list[str]:
    """The topics a command is about. Raises CommandError for one that config.yaml does not know."""
    names = [topic.name for topic in config.topics]
    if name is None:
        return names
    if name not in names:
        raise CommandError(f"--topic: no topic is called '{name}'; config.yaml has {', '.join(names)}")
    return [name]
