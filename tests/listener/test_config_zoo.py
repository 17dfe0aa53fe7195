"""The zoo: one mistake a file. Each file's first comments say the line, the key and a word of the remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from listener.config import ConfigError, load

ZOO = Path(__file__).parents[1] / "data" / "config"
FILES = sorted(ZOO.glob("*.yaml"))
ENVIRON = {"ZOO_SET": "https://hooks.slack.example/services/hunter2-set", "ZOO_EMPTY": " "}


def expected(file: Path) -> tuple[int, str, str]:
    """The header, whatever the file is encoded in: it is ASCII but for one key."""
    body = file.read_bytes().replace(b"\0", b"").decode("utf-8", errors="replace")
    said = dict(line.lstrip("\ufeff\ufffd# ").split(":", 1) for line in body.splitlines()[:3])
    return int(said["line"]), said["key"].strip(" "), said["remedy"].strip()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_one_mistake_is_named_with_line_key_and_remedy(file: Path) -> None:
    line, key, remedy = expected(file)
    with pytest.raises(ConfigError) as caught:
        load(file, ENVIRON)
    words = str(caught.value)
    assert [(problem.line, problem.key) for problem in caught.value.problems] == [(line, key)], words
    problem = caught.value.problems[0]
    assert remedy in problem.remedy
    assert problem.message
    assert words.startswith(f"{file}:{line}: " if line else f"{file}: ")
    assert "hunter2" not in words


def test_the_zoo_has_its_animals() -> None:
    assert len(FILES) >= 40
