"""Runs the real service in a child process and kills it with SIGKILL, again and again.

    python -m tests.kill_driver CONFIG KILLS SEED

Everything is imported before the first fork, so that a life is spent collecting and sending, not importing.
The last child is left alone until CONFIG's folder holds a file `done`, and must then end by SIGTERM.
Prints one JSON line: how long each life lasted.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

from listener.clock import SystemClock
from listener.config import Config, load
from listener.service import opened, running


def serve(config_path: Path) -> None:
    """The service until SIGTERM, as `kikimimi run` does it."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    with opened(quick(load(config_path, os.environ)), SystemClock()) as service, running(service):
        stop.wait()


def quick(config: Config) -> Config:
    """Collect every 0.2 s: the shortest interval that config.yaml takes outlives most lives here."""
    often = timedelta(seconds=0.2)
    return config.model_copy(
        update={"sources": tuple(one.model_copy(update={"interval": often}) for one in config.sources)}
    )


def life(config_path: Path) -> int:
    child = os.fork()
    if child == 0:
        try:
            serve(config_path)
        finally:
            os._exit(0)
    return child


def main() -> None:
    config_path, kills, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    dice = random.Random(seed)
    lives = []
    for _ in range(kills):
        child, lasts = life(config_path), dice.uniform(0.05, 2.0)
        time.sleep(lasts)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        lives.append(round(lasts, 3))
    child = life(config_path)
    deadline = time.monotonic() + 300
    while not (config_path.parent / "done").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    os.kill(child, signal.SIGTERM)
    os.waitpid(child, 0)
    sys.stdout.write(json.dumps(lives) + "\n")


if __name__ == "__main__":
    main()
