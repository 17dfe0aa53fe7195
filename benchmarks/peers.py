"""What other packages from PyPI say of the same texts. They run in an environment of their own, var/peers."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.card import ROOT
from benchmarks.peers_worker import PEERS

HOME = ROOT / "var" / "peers"
#: peer → what is installed for it. ipadic is the dictionary that the three MeCab ones were written for.
PINNED: dict[str, str] = {
    "asari": "asari==0.2.0",
    "oseti": "oseti==0.4.3.1",
    "pymlask": "pymlask==0.3.3",
    "mlask-official": "mlask-official==0.5.0",
}
_ALSO = ("ipadic==1.0.0",)
_WORKER = Path(__file__).parent / "peers_worker.py"
_SECONDS = 1800
_log = logging.getLogger("kikimimi.bench")


@dataclass(frozen=True, slots=True)
class Verdicts:
    """A peer's classes for the texts, in order, or `problem`: why it could not run."""

    name: str
    classes: tuple[str, ...] = ()
    problem: str | None = None


def ask(texts: Sequence[str]) -> list[Verdicts]:
    """Every peer's word on the texts. Makes the environment when it is missing (network, about 300 MB)."""
    problem = install()
    if problem:
        return [Verdicts(f"{name} {_version(name)}", problem=problem) for name in PEERS]
    return [_run(name, texts) for name in PEERS]


def install() -> str | None:
    """Make var/peers unless it is whole. Returns why that failed."""
    done = HOME / "installed.txt"
    wanted = "\n".join([*PINNED.values(), *_ALSO])
    if done.exists() and done.read_text(encoding="utf-8") == wanted:
        return None
    _log.info("peers: installing %s into %s (once, some minutes)", ", ".join(PINNED.values()), HOME)
    for command in (
        [sys.executable, "-m", "venv", str(HOME)],
        [str(_python()), "-m", "pip", "install", "--disable-pip-version-check", "-q", *wanted.split("\n")],
    ):
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        if ended.returncode:
            return f"not installed: {_last(ended.stderr)}"
    done.write_text(wanted, encoding="utf-8")
    return None


def _run(name: str, texts: Sequence[str]) -> Verdicts:
    _log.info("peers: %s reads %d texts", name, len(texts))
    lines = "".join(json.dumps(text.replace("\n", " ")) + "\n" for text in texts)
    label = f"{name} {_version(name)}"
    try:
        ended = subprocess.run(
            [str(_python()), str(_WORKER), name],
            input=lines, capture_output=True, text=True, check=False, env=_environment(), timeout=_SECONDS,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return Verdicts(label, problem=f"took longer than {_SECONDS} s")
    classes = tuple(ended.stdout.split())
    if ended.returncode or len(classes) != len(texts):
        return Verdicts(label, problem=_last(ended.stderr))
    return Verdicts(label, classes)


def _environment() -> dict[str, str]:
    """asari's graph asks the C library for the locale en_US.UTF-8. Where it is not generated, C.UTF-8, which knows
    the same letters, lends itself under that name: no root needed.
    """
    locales = HOME / "locale"
    lent = next((path for path in map(Path, _C_UTF8) if path.is_dir()), None)
    if lent and not (locales / "en_US.UTF-8").exists():
        locales.mkdir(exist_ok=True)
        (locales / "en_US.UTF-8").symlink_to(lent)
    found = {"LOCPATH": str(locales)} if lent else {}
    return {**os.environ, **found, "PYTHONUTF8": "1", "PYTHONWARNINGS": "ignore", "HF_HUB_OFFLINE": "1"}


_C_UTF8 = ("/usr/lib/locale/C.utf8", "/usr/lib/locale/C.UTF-8")


def _python() -> Path:
    return HOME / ("Scripts" if os.name == "nt" else "bin") / "python"


def _version(name: str) -> str:
    return PINNED[name].partition("==")[2]


def _last(errors: str) -> str:
    """The last line that says something, short enough for a table."""
    lines = [line.strip() for line in errors.splitlines() if line.strip() and not line.startswith("[notice]")]
    return lines[-1].replace("|", "/")[:200] if lines else "ended without a word"
