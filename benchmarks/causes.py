"""How well `alerts.causes` finds who tells of the same thing: on the bundled publisher's story, and on crisis posts.

    python -m benchmarks.causes [--json]

The publisher's posts about its café chain (three months of ordinary talk, then the crisis) are read in the order in
which they were made, with the words and the rule of the product. Of the crisis: the part that joined an earlier post of
it within 24 hours, and the largest cause. The same part of its campaign for a new drink, which is harmless: what
speaks of one thing is no crisis for that alone. Of ordinary posts: the part that joined an earlier ordinary one within
24 hours, which should be next to none. The second set is the held-out crisis slice of the model (nlp/training/data):
about eight posts on each of some thirty incidents, written to differ as much as they can. The third is what happens by
chance: twelve complaints about different brands of one line of business, taken for one brand's, after so many earlier
ones. The limits of the rule were chosen on these texts. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import gzip
import json
import logging
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from listener.publisher.post import Event, Place, StoryPost
from listener.publisher.story import posts
from listener.topic_memory import causes_for, with_causes
from nlp.training.words import DATA
from storage.types import Emotion, Label, Observation, Topic

EPOCH = datetime(2026, 6, 1, tzinfo=UTC)
DAY = timedelta(hours=24)
BRAND = Topic("ミナモ", "ミナモ珈琲", ("ミナモコーヒー", "minamo coffee", "ミナモ"))
LINES = frozenset(
    ["cafe", "hotel", "restaurant", "app", "game", "bank", "telecom", "airline", "cosmetics", "ec"]
)
TWELVE, DRAWS = 12, 20
log = logging.getLogger("kikimimi.bench")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print the JSON line only")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING if options.json else logging.INFO, format="%(message)s")
    result = {"story": story(), "crisis_slice": crisis_slice(), "by_chance": by_chance()}
    for name, figures in result.items():
        log.info("%s: %s", name, figures)
    sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")


def story() -> dict[str, Any]:
    """The publisher's story, on its social network."""
    told = [
        post
        for post in posts(EPOCH)
        if post.place is Place.SOCIAL and any(name in post.text for name in (BRAND.brand, *BRAND.aliases))
    ]
    seen = with_causes(BRAND, [_observed(number, post) for number, post in enumerate(told, 1)])
    crisis = [one for one, post in zip(seen, told, strict=True) if post.event is Event.CRISIS]
    ordinary = [one for one, post in zip(seen, told, strict=True) if post.event is Event.ORDINARY]
    campaign = [one for one, post in zip(seen, told, strict=True) if post.event is Event.CAMPAIGN]
    first = [one for one in crisis if one.at - crisis[0].at <= timedelta(hours=3)]
    return {
        "crisis": len(crisis),
        "crisis_joined": round(joined(crisis), 3),
        "crisis_joined_first_3h": round(joined(first), 3),
        "largest_cause": Counter(one.cause for one in crisis if one.cause is not None).most_common(1)[0][1],
        "campaign": len(campaign),
        "campaign_joined": round(joined(campaign), 3),
        "ordinary": len(ordinary),
        "ordinary_joined": round(joined(ordinary), 3),
    }


def joined(seen: Sequence[Observation]) -> float:
    """The part of `seen` that tells of what an earlier one of them, within a day, told of."""
    last: dict[int, datetime] = {}
    count = 0
    for one in seen:
        if one.cause is not None:
            count += one.cause in last and one.at - last[one.cause] <= DAY
            last[one.cause] = one.at
    return count / len(seen)


def crisis_slice() -> dict[str, Any]:
    """The negative posts on each brand's incident, ten minutes apart; without any earlier talk of the brand."""
    about: dict[str, list[str]] = defaultdict(list)
    with gzip.open(DATA / "mentions.crisis.jsonl.gz", "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            if row["sentiment"] == Label.NEGATIVE:
                about[row["target"]].append(row["text"])
    followers, joining = 0, 0.0
    for brand, texts in about.items():
        seen = [_negative(number, text) for number, text in enumerate(texts, 1)]
        joining += joined(with_causes(Topic(brand, brand), seen)) * len(seen)
        followers += len(seen) - 1
    return {"negative_after_the_first": followers, "joined": round(joining / followers, 3)}


def by_chance() -> dict[str, float]:
    """The part of unrelated complaints that join another one, by how many earlier ones the topic had."""
    about: dict[str, list[str]] = defaultdict(list)
    for name in ("mentions.dev.jsonl.gz", "mentions.written.jsonl.gz"):
        with gzip.open(DATA / name, "rt", encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                if row.get("vertical") in LINES and row["target"] and row["sentiment"] == Label.NEGATIVE:
                    about[row["vertical"]].append(row["text"].replace(row["target"], BRAND.brand))
    return {str(earlier): _joined_by_chance(about, earlier) for earlier in (0, 60, 200)}


def _joined_by_chance(about: Mapping[str, Sequence[str]], earlier: int) -> float:
    dice, joining, every = random.Random(3), 0.0, 0
    for texts in about.values():
        for _ in range(DRAWS):
            chosen = dice.sample(texts, min(len(texts), earlier + TWELVE))
            known = causes_for(BRAND)
            known.given([_negative(n - 2000, text) for n, text in enumerate(chosen[TWELVE:])])
            seen = known.given([_negative(n, text) for n, text in enumerate(chosen[:TWELVE], 1)])
            joining += joined(seen) * len(seen)
            every += len(seen)
    return round(joining / every, 3)


def _observed(number: int, post: StoryPost) -> Observation:
    return Observation(
        number, post.created_at, post.account.handle, Label.NEUTRAL, Emotion.NONE, None, None, None, "social",
        post.text,
    )  # fmt: skip


def _negative(number: int, text: str) -> Observation:
    at = EPOCH + number * timedelta(minutes=10)
    return Observation(
        number, at, str(number), Label.NEGATIVE, Emotion.NONE, None, None, None, "social", text
    )


if __name__ == "__main__":
    main()
