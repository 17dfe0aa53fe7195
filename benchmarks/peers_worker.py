"""Runs in the peers' own environment (var/peers), never in the product's: one peer, texts in, classes out.

    python peers_worker.py oseti  < lines of JSON strings  > lines of "positive" | "neutral" | "negative"

Standard library and the named peer only. The mappings to three classes follow from what each peer says of itself
and were fixed before anything was measured:

- asari gives the probability of positive against negative and knows no neutral: from 2/3 on it is positive, up to
  1/3 negative, between neutral (thirds of its scale).
- oseti gives a score from −1 to 1 for each sentence: the sign of their mean; 0 (no word found) is neutral.
- pymlask (`orientation`) and mlask-official (`valence`) say POSITIVE, NEGATIVE, mostly_…, NEUTRAL or nothing:
  "mostly" counts as the class, nothing as neutral.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any


def of_asari(said: Mapping[str, Any]) -> str:
    positive = next(each["confidence"] for each in said["classes"] if each["class_name"] == "positive")
    if positive >= 2 / 3:
        return "positive"
    return "negative" if positive <= 1 / 3 else "neutral"


def of_oseti(scores: Sequence[float]) -> str:
    mean = sum(scores) / len(scores) if scores else 0.0
    if mean == 0:
        return "neutral"
    return "positive" if mean > 0 else "negative"


def of_mlask(valence: str | None) -> str:
    word = (valence or "").upper()
    if word.endswith("POSITIVE"):
        return "positive"
    return "negative" if word.endswith("NEGATIVE") else "neutral"


def asari() -> Callable[[str], str]:
    sonar = import_module("asari.api").Sonar()
    return lambda text: of_asari(sonar.ping(text=text))


def oseti() -> Callable[[str], str]:
    analyzer = import_module("oseti").Analyzer(mecab_args=import_module("ipadic").MECAB_ARGS)
    return lambda text: of_oseti(analyzer.analyze(text))


def pymlask() -> Callable[[str], str]:
    analyzer = import_module("mlask").MLAsk(import_module("ipadic").MECAB_ARGS)
    return lambda text: of_mlask(analyzer.analyze(text).get("orientation"))


def mlask_official() -> Callable[[str], str]:
    analyzer = import_module("mlask_official").MLAskOfficial(import_module("ipadic").MECAB_ARGS)
    return lambda text: of_mlask(analyzer.analyze(text).get("valence"))


PEERS: dict[str, Callable[[], Callable[[str], str]]] = {
    "asari": asari,
    "oseti": oseti,
    "pymlask": pymlask,
    "mlask-official": mlask_official,
}


def main() -> None:
    judge = PEERS[sys.argv[1]]()
    for line in sys.stdin:
        sys.stdout.write(judge(json.loads(line)) + "\n")


if __name__ == "__main__":
    main()
