"""How well `alerts.advocacy.prospects` foresees who becomes an advocate within sixty days.

    python -m benchmarks.prospects [--seed N] [--authors 5000] [--json]

The invented population of benchmarks/advocates.py goes the whole way (file, matching, the bundled model, the store),
and its year is looked back upon as `kikimimi prospects --backtest` does: every month is predicted with what was known
then. Beside the model stand the present score alone and the mentions of the last thirty days. What became of somebody
is what the score itself said later; the labels of the population are not used. The last line of output is one JSON
object. Developed on seeds 1 and 2; 11 and 12 are for reporting only.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.advocates import NOW, REPORTED, collect
from benchmarks.population import population
from listener import foresight
from listener.config import load as load_config
from storage.db import Store

SHOWN = ("auc", "brier", "skill", "average_precision")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.prospects", description=__doc__)
    parser.add_argument("--seed", type=int, action="append", help="a population; several may be given")
    parser.add_argument("--authors", type=int, default=5000)
    parser.add_argument("--json", action="store_true", help="only the JSON object")
    asked = parser.parse_args()
    found = [measure(seed, asked.authors) for seed in asked.seed or REPORTED]
    if not asked.json:
        for one in found:
            _show(one)
    _say(json.dumps({"authors": asked.authors, "seeds": found}, ensure_ascii=False, default=str))


def measure(seed: int, authors: int) -> dict[str, Any]:
    """One population from its file to the figures."""
    with tempfile.TemporaryDirectory(prefix="kikimimi-prospects-") as name:
        collect(Path(name), population(seed, authors))
        config = load_config(Path(name) / "config.yaml", {})
        with Store.open(config.database_url) as store:
            started = time.perf_counter()
            found = foresight.outlook(
                store, config.topics[0].topic(), config.thresholds.advocate, NOW + timedelta(seconds=1)
            )
            seconds = time.perf_counter() - started
    tried = found.backtest
    return {
        "seed": seed,
        "candidates": found.candidates,
        "became_advocates": found.made,
        "fallback": found.fallback.code if found.fallback else None,
        "backtest": asdict(tried) if tried else None,
        "probabilities": [
            round(one.probability, 3) for one in found.prospects[:10] if one.probability is not None
        ],
        "seconds": round(seconds, 1),
    }


# ------------------------------------------------------------------ words


def _show(one: Mapping[str, Any]) -> None:
    _say(
        f"\nseed {one['seed']}: {one['candidates']} candidates now, {one['became_advocates']} became advocates"
    )
    tried = one["backtest"]
    if tried is None:
        _say(f"  nothing could be tried out: {one['fallback']}")
        return
    _say(
        f"  {tried['cases']} cases of {tried['people']} people, {tried['outcomes']} came true "
        f"({tried['made']} people); of the first ten a month {tried['hits']} of {tried['listed']}"
    )
    for name in ("model", "score", "mentions"):
        _say(f"  {name:<10}" + "  ".join(f"{figure} {tried[name][figure]:.4f}" for figure in SHOWN))
    for each in tried["bins"]:
        _say(
            f"  said {each['said']:6.1%}  happened {each['happened']:6.1%}  "
            f"({each['floor']:.1%}–{each['ceiling']:.1%}, {each['people']} people)"
        )
    _say(f"  {one['seconds']} s")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
