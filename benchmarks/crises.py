"""How well `alerts.crises` finds invented crises: recall, delay, false alarms.

    python -m benchmarks.crises --data DIR --seeds 11,21 [--every 10] [--tiers 0.5,3,20] [--json]

DIR holds `streams.py` (labelled mention streams by seed) and `metric.py` (the score). Every brand is watched
every few minutes from the end of its warm-up, with nothing but what was known at that moment. The last line
of output is one JSON object.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import logging
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from alerts.baseline import Baseline
from alerts.crises import CrisisSettings, detect, usual_for
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
COPIES = 500_000  # cluster numbers from here on are copies of one text
log = logging.getLogger("kikimimi.bench")


class Stream:
    """One brand's mentions, given out as the History that was known at a minute."""

    def __init__(self, brand: dict[str, Any]) -> None:
        self.topic = Topic(name=brand["id"], brand=brand["id"])
        self.minutes = brand["t"]
        self.recent = [self._observation(brand, i) for i in range(len(brand["t"]))]
        hour = (brand["t"] // 60).astype(int)
        size = brand["days"] * 24 + 1
        self.volume = np.bincount(hour, minlength=size)
        self.negative = np.bincount(hour, weights=brand["pred"], minlength=size).astype(int)
        self.buckets = tuple(self._bucket(h) for h in range(size))

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
        start = START + timedelta(hours=h)
        return Bucket(start=start, volume=volume, neutral=volume - negative, negative=negative)

    def history(self, minute: float) -> History:
        first, last = np.searchsorted(self.minutes, [minute - 2880, minute], side="right")
        hour = int(minute // 60)
        return History(
            topic=self.topic,
            since=START,
            buckets=self.buckets[max(0, hour - 56 * 24) : hour],
            recent=tuple(self.recent[first:last]),
        )


def watch(brand: dict[str, Any], settings: CrisisSettings, every: int) -> list[float]:
    """The minutes at which a new incident was opened."""
    stream, opened = Stream(brand), []
    known: dict[str, Incident] = {}
    usual: Baseline | None = None
    usual_at = seen_until = 0.0
    times = brand["t"][brand["pred"] > 0]
    for minute in np.arange(brand["warm"] * 1440.0, brand["days"] * 1440.0, every):
        now = START + timedelta(minutes=float(minute))
        before, until = np.searchsorted(times, [seen_until, minute], side="right")
        fresh, seen_until = until > before, minute
        is_open = any(one.state is not IncidentState.RESOLVED for one in known.values())
        if not fresh and not (is_open and minute % 60 == 0):
            continue  # without a new negative mention nothing can open
        history = stream.history(minute)
        if usual is None or minute - usual_at >= 180:
            usual, usual_at = usual_for(history, settings, now), minute
        for incident in detect(history, list(known.values()), settings, now, baseline=usual):
            if incident.key not in known:
                opened.append(float(minute))
            known = {key: one for key, one in known.items() if one.kind != incident.kind}
            known[incident.key] = incident
    return opened


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
    parser.add_argument("--every", type=int, default=10, help="minutes between two looks")
    parser.add_argument("--tiers", default="", help="only brands with so many mentions a day, e.g. 0.5,3,20")
    parser.add_argument("--json", action="store_true", help="print the JSON line only")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING if options.json else logging.INFO, format="%(message)s")
    streams, metric = load(options.data, "streams"), load(options.data, "metric")
    settings = CrisisSettings()  # the shipped ones: what an operator gets
    tiers = {float(x) for x in options.tiers.split(",") if x}
    brands: list[dict[str, Any]] = []
    alerts: list[list[float]] = []
    for seed in (int(x) for x in options.seeds.split(",")):
        for brand in streams.make(seed, p0mix=True):
            if tiers and brand["V"] not in tiers:
                continue
            brands.append(brand)
            alerts.append(watch(brand, settings, options.every))
            log.info("seed %d, brand %s: %d incidents", seed, brand["id"], len(alerts[-1]))
    score = metric.evaluate(brands, alerts)
    by_tier = {
        str(tier): _tier_score(metric, brands, alerts, tier) for tier in sorted({b["V"] for b in brands})
    }
    summary = {"seeds": options.seeds, "every_min": options.every, **score, "by_tier": by_tier}
    sys.stdout.write(json.dumps(summary, ensure_ascii=False) + "\n")


def _tier_score(
    metric: ModuleType, brands: list[dict[str, Any]], alerts: list[list[float]], tier: float
) -> dict[str, float]:
    chosen = [i for i, brand in enumerate(brands) if brand["V"] == tier]
    score = metric.evaluate([brands[i] for i in chosen], [alerts[i] for i in chosen])
    return {name: round(score[name], 3) for name in ("recall", "false_per_brand_month", "median_delay_min")}


if __name__ == "__main__":
    main()
