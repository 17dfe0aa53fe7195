"""How well `alerts.crises` finds invented crises: recall, delay, false alarms.

    python -m benchmarks.crises --data DIR --seeds 11,21 [--every 1] [--tiers 0.5,3,20] [--json]

DIR holds `streams.py` (labelled mention streams by seed) and `metric.py` (the score). Every brand is watched
from the end of its warm-up, at the end of every minute that brought a negative mention, with nothing but what was
known at that moment. The last line of output is one JSON object.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import logging
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from alerts.baseline import Baseline
from alerts.crises import CrisisSettings, detect, usual_for
from alerts.talk import Talk, columns
from storage.types import (
    Bucket,
    Emotion,
    History,
    Incident,
    IncidentState,
    Label,
    Observation,
    Topic,
)

START = datetime(2026, 1, 4, 15, tzinfo=UTC)  # Monday 00:00 in Tokyo
LEARN_EVERY = 180  # minutes for which a baseline is good
REMEMBERED = timedelta(days=2)  # resolved incidents that detection is told of, as in listener/watching.py
COPIES = 500_000  # cluster numbers from here on are copies of one text
log = logging.getLogger("kikimimi.bench")


class Stream:
    """One brand's mentions, given out as the History that was known at a minute."""

    def __init__(self, brand: dict[str, Any], story_limit: int) -> None:
        self.topic = Topic(name=brand["id"], brand=brand["id"])
        self.minutes = brand["t"]
        self.recent = [self._observation(brand, i) for i in range(len(brand["t"]))]
        hour = (brand["t"] // 60).astype(int)
        size = brand["days"] * 24 + 1
        self.volume = np.bincount(hour, minlength=size)
        self.negative = np.bincount(hour, weights=brand["pred"], minlength=size).astype(int)
        people = np.unique(np.column_stack([hour, brand["auth"]]), axis=0)[:, 0]
        self.authors = np.bincount(people, minlength=size)
        self.buckets = tuple(self._bucket(h) for h in range(size))
        self.talk = columns(
            START.timestamp() + 60 * np.asarray(brand["t"], dtype=np.float64),
            np.asarray(brand["pred"]) > 0,
            np.asarray(brand["auth"], dtype=np.int64),
            np.where(np.asarray(brand["cl"]) >= COPIES, brand["cl"], -1).astype(np.int64),
            story_limit,
        )

    @staticmethod
    def _observation(brand: dict[str, Any], i: int) -> Observation:
        cluster = int(brand["cl"][i])
        return Observation(
            mention_id=i + 1,
            at=START + timedelta(minutes=float(brand["t"][i])),
            author=f"bench:{int(brand['auth'][i])}",
            label=Label.NEGATIVE if brand["pred"][i] else Label.NEUTRAL,
            emotion=Emotion.NONE,
            story=cluster if cluster >= COPIES else None,
            reach=None,
            engagement=None,
            platform="news" if brand["src"][i] == 1 else "bench",
        )

    def _bucket(self, h: int) -> Bucket:
        volume, negative = int(self.volume[h]), int(self.negative[h])
        return Bucket(
            start=START + timedelta(hours=h),
            volume=volume,
            neutral=volume - negative,
            negative=negative,
            authors=int(self.authors[h]),
        )

    def at(self, minute: float) -> tuple[History, Talk]:
        """What was known at `minute`: the last 48 h singly, the hours that were over, the columns of the former."""
        first, last = np.searchsorted(self.minutes, [minute - 2880, minute], side="right")
        hour = int(minute // 60)
        history = History(
            topic=self.topic,
            since=START,
            buckets=self.buckets[max(0, hour - 56 * 24) : hour],
            recent=tuple(self.recent[first:last]),
        )
        return history, self.talk.part(first, last)


def watch(brand: dict[str, Any], settings: CrisisSettings, every: int) -> list[float]:
    """The minutes at which a new incident was opened.

    We look at the end of each `every` minutes that brought a negative mention: without one nothing can open. While
    an incident is open we also look every hour, because it may be over.
    """
    stream, opened = Stream(brand, settings.story_limit), []
    known: list[Incident] = []
    usual: Baseline | None = None
    usual_at = 0.0
    for minute, fresh in _looks(brand, every):
        if not fresh and not any(one.state is not IncidentState.RESOLVED for one in known):
            continue
        now = START + timedelta(minutes=minute)
        history, talk = stream.at(minute)
        if usual is None or minute - usual_at >= LEARN_EVERY:
            usual, usual_at = usual_for(history, settings, now, known), minute
        for incident in detect(history, known, settings, now, baseline=usual, talk=talk):
            if all(one.key != incident.key for one in known):
                opened.append(minute)
            known = [one for one in known if one.key != incident.key] + [incident]
        known = [one for one in known if one.resolved_at is None or now - one.resolved_at <= REMEMBERED]
    return opened


def _looks(brand: dict[str, Any], every: int) -> list[tuple[float, bool]]:
    """Minutes to look at after the warm-up, in order, and whether a negative mention is new."""
    start, end = brand["warm"] * 1440, brand["days"] * 1440
    times = np.asarray(brand["t"])[np.asarray(brand["pred"]) > 0]
    fresh = np.ceil(times / every) * every
    fresh = np.unique(fresh[(fresh > start) & (fresh < end)])
    hourly = np.setdiff1d(np.arange(start, end, 60.0), fresh)
    looks = [(float(minute), True) for minute in fresh] + [(float(minute), False) for minute in hourly]
    return sorted(looks)


def load(folder: Path, name: str) -> ModuleType:
    """A module from a file outside the packages."""
    path = folder / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"bench_{name}", path)
    if spec is None or spec.loader is None or not path.is_file():
        raise SystemExit(f"{path} is missing: give the folder with streams.py and metric.py as --data")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with streams.py and metric.py")
    parser.add_argument("--seeds", default="11,21")
    parser.add_argument("--every", type=int, default=1, help="minutes between two looks")
    parser.add_argument("--tiers", default="", help="only brands with so many mentions a day, e.g. 0.5,3,20")
    parser.add_argument("--workers", type=int, default=2, help="processes")
    parser.add_argument("--json", action="store_true", help="print the JSON line only")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING if options.json else logging.INFO, format="%(message)s")
    streams, metric = load(options.data, "streams"), load(options.data, "metric")
    tiers = {float(x) for x in options.tiers.split(",") if x}
    every_brand = [
        brand for seed in options.seeds.split(",") for brand in streams.make(int(seed), p0mix=True)
    ]
    brands = [brand for brand in every_brand if not tiers or brand["V"] in tiers]
    alerts = watch_all(brands, options.every, options.workers)
    score = metric.evaluate(brands, alerts)
    by_tier = {
        str(tier): _tier_score(metric, brands, alerts, tier) for tier in sorted({b["V"] for b in brands})
    }
    summary = {"seeds": options.seeds, "every_min": options.every, **score, "by_tier": by_tier}
    sys.stdout.write(json.dumps(summary, ensure_ascii=False) + "\n")


def watch_all(brands: Sequence[dict[str, Any]], every: int, workers: int) -> list[list[float]]:
    """The alerts of each brand, with the shipped settings: what an operator gets."""
    job = partial(watch, settings=CrisisSettings(), every=every)
    if workers < 2 or len(brands) < 2:
        return [job(brand) for brand in brands]
    with ProcessPoolExecutor(workers) as pool:
        return list(pool.map(job, brands))


def _tier_score(
    metric: ModuleType, brands: list[dict[str, Any]], alerts: list[list[float]], tier: float
) -> dict[str, float]:
    chosen = [i for i, brand in enumerate(brands) if brand["V"] == tier]
    score = metric.evaluate([brands[i] for i in chosen], [alerts[i] for i in chosen])
    return {name: round(score[name], 3) for name in ("recall", "false_per_brand_month", "median_delay_min")}


if __name__ == "__main__":
    main()
