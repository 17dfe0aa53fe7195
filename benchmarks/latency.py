"""How soon Slack knows: from the moment a post is visible until the message arrives, at so many posts a second.

    python -m benchmarks.latency [--rate 50] [--seconds 120] [--interval 15] [--sources 1] [--json]

Starts the real service (`kikimimi run` in a process of its own, the bundled model, SQLite, an empty database) before a
loopback server that speaks Mastodon's API and publishes `rate` posts a second, each of them a mention: ordinary talk
about one brand; in the second half every second post is blame of another one, by somebody new. Both brands are watched.
Stage and service share two cores (`--cores`).

The post that makes the detector fire is found afterwards: the first moment at which `alerts.crises.detect`, given the
stored history as it stood then, opens an incident. From that post's moment to Slack's request is the latency. One run
has one such post, and the next poll may happen to be near; so the figure to hold against the limit, `at_worst`, adds to
the longest that any post of the run waited to be stored the time from the storing of this one to the message.

When a post was stored is known from outside: a page is stored before the next one is asked for. The last line of
output is one JSON object; times are in seconds, `beyond` means less the polling interval.
"""

from __future__ import annotations

import argparse
import json
import logging
import math
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from alerts.crises import detect
from alerts.thresholds import CrisisSettings
from benchmarks.latency_stage import BRAND, HOOK, OTHER, Script, Stage
from listener.topic_memory import TopicMemory
from storage.db import MentionFilter, Store
from storage.notices import AlertKind, Delivery
from storage.types import Label, Topic

ROOT = Path(__file__).parents[1]
LIMIT_S = 10.0  # the bar: beyond the polling interval
START_S, LAST_S = 300.0, 120.0  # how long the service may take to start, and to read what is left
OVERLAP = (
    "30s"  # of what was read is read again; the default of an hour would be 180,000 posts at 50 a second
)
STEP = 20  # negative posts between two looks, until one of them fires
log = logging.getLogger("kikimimi.bench")


@dataclass(frozen=True)
class Fired:
    """The post that makes the detector fire: when it was visible, when it was stored, when Slack knew."""

    post: int
    visible: float
    stored: float
    told: float


# ------------------------------------------------------------------ the run


def config(stage: Stage, interval_s: float, port: int) -> str:
    """JSON is YAML, too."""
    source = {
        "kind": "mastodon",
        "instance": stage.url,
        "interval": f"{interval_s:g}s",
        "overlap": OVERLAP,
        "max_pages": 1000,
    }
    names = [f"{BRAND}-{number}" for number in range(stage.script.sources)]
    return json.dumps(
        {
            "web": {"port": port},
            "storage": {"path": "latency.db"},
            "network": {"allow": ["127.0.0.1"]},
            "topics": [{"name": name, "brand": name} for name in (BRAND, OTHER)],
            "sources": [{**source, "name": name, "tag": name.replace("-", "_")} for name in names],
            "channels": [{"name": "slack", "kind": "slack", "webhook_url_env": "SLACK_WEBHOOK_URL"}],
            "routes": [{"channels": ["slack"]}],
        }
    )


@contextmanager
def service(stage: Stage, folder: Path, interval_s: float) -> Iterator[subprocess.Popen[bytes]]:
    """`kikimimi run` until the block ends; what it says is in service.log."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (folder / "config.yaml").write_text(config(stage, interval_s, port), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "SLACK_WEBHOOK_URL": stage.url + HOOK}
    with (folder / "service.log").open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "listener", "run"],
            cwd=folder, env=environment, stdout=said, stderr=said,
        )  # fmt: skip
        try:
            yield process
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def run(stage: Stage, folder: Path, interval_s: float) -> None:
    """The whole script, and until everything is stored and told, or `LAST_S` is over."""
    with service(stage, folder, interval_s) as process:
        _wait(stage.begun.is_set, START_S, process, folder)
        log.info("the service asks; %d posts follow", stage.script.posts)
        _wait(lambda: stage.now() > stage.script.seconds, stage.script.seconds + 1, process, folder)
        _wait(lambda: _all_read(stage), LAST_S, process, folder)
        _wait(lambda: stage.now() > stage.script.seconds + interval_s + LIMIT_S, LAST_S, process, folder)


def _wait(over: Callable[[], bool], longest_s: float, process: subprocess.Popen[bytes], folder: Path) -> None:
    end = time.monotonic() + longest_s
    while not over() and time.monotonic() < end:
        if process.poll() is not None:
            said = (folder / "service.log").read_text(encoding="utf-8", errors="replace")
            raise SystemExit(f"the service ended:\n{said[-2000:]}")
        time.sleep(0.2)


def _all_read(stage: Stage) -> bool:
    """Every post was answered, and the polls are over."""
    seen = {number for one in stage.log.asked for number in one.posts}
    return len(seen) >= stage.script.posts and not stage.log.asked[-1].posts


# ------------------------------------------------------------------ what was measured


@dataclass(frozen=True)
class Poll:
    """One poll of a source: when it began and ended, and when each of its new posts was stored, at the latest."""

    began: float
    ended: float
    stored: dict[int, float]


def polls(stage: Stage) -> list[Poll]:
    """A page is stored when the next one is asked for; a poll ends with an empty page."""
    found = []
    for source in range(stage.script.sources):
        asked = [one for one in stage.log.asked if one.source == source]
        began, stored, known = None, dict[int, float](), set[int]()
        for page, following in pairwise(asked):
            began = page.at if began is None else began
            stored |= dict.fromkeys(set(page.posts) - known, following.at)
            known |= set(page.posts)
            if not page.posts or not following.posts:
                found += [Poll(began, following.at, stored)] if page.posts else []
                began, stored = None, {}
        if began is not None:  # we stopped before the poll was over
            found.append(Poll(began, asked[-1].at, stored))
    return sorted(found, key=lambda poll: poll.began)


def fired(stage: Stage, store: Store, found: Sequence[Poll]) -> Fired | None:
    """None: nothing fired, or Slack was not told."""
    moment, told = first_moment(store, stage), told_at(stage, store)
    if moment is None or told is None:
        return None
    number = max(0, math.floor((moment - stage.zero_at).total_seconds() * stage.script.rate + 1e-6))
    stored = next((one.stored[number] for one in found if number in one.stored), None)
    return None if stored is None else Fired(number, stage.visible(number), stored, told)


def first_moment(store: Store, stage: Stage) -> datetime | None:
    """When the detector would have opened an incident, had every post been stored the moment it was visible."""
    topic = Topic(name=BRAND, brand=BRAND)
    end = stage.zero_at + timedelta(seconds=stage.script.seconds)
    seen = store.observations(BRAND, stage.zero_at - timedelta(seconds=1), end)
    moments = [one.at for one in seen if one.label is Label.NEGATIVE]

    memory = TopicMemory()

    def fires(moment: datetime) -> bool:
        history = memory.given(store, store.history(topic, moment), moment)
        return bool(detect(history, (), CrisisSettings(), moment))

    coarse = next((n for n in range(STEP - 1, len(moments), STEP) if fires(moments[n])), None)
    if coarse is None:
        return None
    return next(moment for moment in moments[coarse - STEP + 1 : coarse + 1] if fires(moment))


def told_at(stage: Stage, store: Store) -> float | None:
    """When the message about the incident reached Slack's address."""
    rows = [row for row in store.notifications(1000, BRAND) if row.kind is AlertKind.INCIDENT]
    first = min(rows, key=lambda row: row.id or 0, default=None)
    if first is None:
        return None
    return next((at for at, body in stage.log.slack if first.title in spoken(body)), None)


def spoken(body: str) -> str:
    return json.dumps(json.loads(body), ensure_ascii=False)


def spread(values: Sequence[float]) -> dict[str, float]:
    """Median, 95th percentile and maximum."""
    if not values:
        return {}
    middle, high = np.percentile(np.asarray(values), [50, 95])
    return {"p50": round(float(middle), 2), "p95": round(float(high), 2), "max": round(max(values), 2)}


def figures(stage: Stage, store: Store, interval_s: float) -> dict[str, Any]:
    """The JSON object: what was sent, how long it took, whether collecting kept up."""
    found, script = polls(stage), stage.script
    stored = {number: at for poll in found for number, at in poll.stored.items()}
    waits = [at - stage.visible(number) for number, at in stored.items()]
    full = [poll for poll in found if poll.began > interval_s and poll.ended < script.seconds]
    sent = [row for row in store.notifications(1000) if row.state is Delivery.SENT]
    one = fired(stage, store, found)
    return {
        "posts": script.posts,
        "stored": store.count(MentionFilter()),
        "stored_after": spread(waits),
        "stored_beyond": spread([wait - interval_s for wait in waits]),
        "poll": spread([poll.ended - poll.began for poll in full]),
        "keeps_up": len(stored) == script.posts
        and all(poll.ended - poll.began <= interval_s + LIMIT_S for poll in full),
        "notifications": len(sent),
        "slack_requests": len(stage.log.slack),
        "twice": len(stage.log.slack) - len({body for _, body in stage.log.slack}),
        "fired": one and shown(one, interval_s, max(waits)),
    }


def shown(one: Fired, interval_s: float, longest_s: float) -> dict[str, Any]:
    """`longest_s`: what the slowest post of the run waited to be stored."""
    beyond = longest_s - interval_s + max(0.0, one.told - one.stored)
    return {
        "post": one.post,
        "visible": round(one.visible, 2),
        "stored": round(one.stored, 2),
        "slack": round(one.told, 2),
        "latency": round(one.told - one.visible, 2),
        "beyond": round(one.told - one.visible - interval_s, 2),
        "at_worst": round(beyond, 2),
        "limit": LIMIT_S,
        "within": beyond <= LIMIT_S,
    }


# ------------------------------------------------------------------ the command


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rate", type=float, default=50, help="posts a second")
    parser.add_argument(
        "--seconds", type=float, default=120, help="how long posts appear; the wave is the second half"
    )
    parser.add_argument("--interval", type=float, default=15, help="the polling interval in seconds")
    parser.add_argument("--sources", type=int, default=1, help="hashtags over which the posts are spread")
    parser.add_argument("--cores", type=int, default=2, help="processors that may be used, by us as well")
    parser.add_argument(
        "--keep", type=Path, help="an empty folder for database and log; default: thrown away"
    )
    parser.add_argument("--json", action="store_true", help="print the JSON line only")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING if options.json else logging.INFO, format="%(message)s")
    cores = sorted(os.sched_getaffinity(0))[: options.cores]
    os.sched_setaffinity(0, cores)
    busy = round(os.getloadavg()[0], 2)
    script = Script(options.rate, options.seconds, options.seconds / 2, options.sources)
    with tempfile.TemporaryDirectory(prefix="kikimimi-latency-") as passing, Stage(script) as stage:
        folder = options.keep or Path(passing)
        folder.mkdir(parents=True, exist_ok=True)
        run(stage, folder, options.interval)
        with Store.open(f"sqlite:///{folder / 'latency.db'}") as store:
            measured = figures(stage, store, options.interval)
    setting = {
        "rate": options.rate,
        "seconds": options.seconds,
        "wave": script.wave,
        "interval": options.interval,
    }
    machine = {"sources": options.sources, "cores": len(cores), "load_before": busy}
    sys.stdout.write(json.dumps({**setting, **machine, **measured}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
