"""How well `alerts.crises` finds invented crises: recall, delay, false alarms.

    python -m benchmarks.crises --data DIR --seeds 11,21 [--every 0] [--tiers 0.5,3,20] [--subjects 0.5] [--json]

DIR holds `streams.py` (labelled mention streams by seed) and `metric.py` (the score). Every brand is watched from the
end of its warm-up, at every mention that is negative or tells of what another told of (by the streams' own clusters),
or with `--every 1` at the end of every minute that brought one, with nothing but what was known at that moment. In the
streams only crises have a subject that people tell of in words of their own; with `--subjects 0.5` half of those who
speak in a campaign, a wave of praise, a television slot or of a namesake's affairs tell of one thing, too. The last
line of output is one JSON object.
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

from alerts.causes import NEWS
from alerts.replay import Past, replay
from alerts.thresholds import CrisisSettings
from storage.types import Emotion, Label, Observation, Topic

START = datetime(2026, 1, 4, 15, tzinfo=UTC)  # Monday 00:00 in Tokyo
SUBJECT = 200_000  # cluster numbers from here on are subjects that `with_subjects` gave
WITH_SUBJECT = frozenset({"campaign", "viral_pos", "tv_slot", "homonym"})
COPIES = 500_000  # cluster numbers from here on are copies of one text; below, one thing in different words
log = logging.getLogger("kikimimi.bench")


def past_of(brand: dict[str, Any], story_limit: int) -> Past:
    """One brand's mentions, for watching again."""
    began: dict[int, float] = {}
    for cluster, minute in zip(brand["cl"].tolist(), brand["t"].tolist(), strict=True):
        began.setdefault(cluster, minute)
    return Past(
        Topic(name=brand["id"], brand=brand["id"]),
        [_observation(brand, i, began) for i in range(len(brand["t"]))],
        story_limit,
        since=START,
        until=START + timedelta(days=brand["days"]),
    )


def _observation(brand: dict[str, Any], i: int, began: dict[int, float]) -> Observation:
    cluster = int(brand["cl"][i])
    news = brand["t"][i] - began[cluster] <= NEWS / timedelta(minutes=1)
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
        cause=cluster if news and 0 <= cluster < COPIES else None,
    )


def with_subjects(brand: dict[str, Any], part: float) -> dict[str, Any]:
    """The brand with one subject for each harmless burst, of which so large a part of its people tell."""
    chance = np.random.default_rng([int(brand["t"].sum()), len(brand["t"])]).random(len(brand["t"]))
    clusters = brand["cl"].copy()
    for number, label in enumerate(brand["labels"]):
        if label["kind"] in WITH_SUBJECT:
            inside = (brand["t"] >= label["t0"]) & (brand["t"] <= label["t1"]) & (brand["inc"] == -2)
            clusters[inside & (clusters < 0) & (chance < part)] = SUBJECT + number
    return {**brand, "cl": clusters}


def watch(brand: dict[str, Any], settings: CrisisSettings, every: int) -> list[float]:
    """The minutes at which a new incident was opened, from the end of the warm-up on."""
    start, end = (START + timedelta(days=brand[name]) for name in ("warm", "days"))
    past = past_of(brand, settings.story_limit)
    opened = replay(past, settings, start, end, every=timedelta(minutes=every))
    return [(one.opened_at - START) / timedelta(minutes=1) for one in opened]


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
    parser.add_argument("--every", type=int, default=0, help="minutes between two looks; 0: at every mention")
    parser.add_argument("--tiers", default="", help="only brands with so many mentions a day, e.g. 0.5,3,20")
    parser.add_argument(
        "--subjects", type=float, default=0, help="part of harmless bursts that tell of one thing"
    )
    parser.add_argument("--workers", type=int, default=2, help="processes")
    parser.add_argument("--json", action="store_true", help="print the JSON line only")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING if options.json else logging.INFO, format="%(message)s")
    streams, metric = load(options.data, "streams"), load(options.data, "metric")
    tiers = {float(x) for x in options.tiers.split(",") if x}
    every_brand = [
        brand for seed in options.seeds.split(",") for brand in streams.make(int(seed), p0mix=True)
    ]
    brands = [
        with_subjects(brand, options.subjects) if options.subjects else brand
        for brand in every_brand
        if not tiers or brand["V"] in tiers
    ]
    alerts = watch_all(brands, options.every, options.workers)
    score = metric.evaluate(brands, alerts)
    by_tier = {
        str(tier): _tier_score(metric, brands, alerts, tier) for tier in sorted({b["V"] for b in brands})
    }
    given = {"seeds": options.seeds, "every_min": options.every, "subjects": options.subjects}
    summary = {**given, **score, "by_tier": by_tier}
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
