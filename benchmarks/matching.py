"""How fast 100 topics are matched against 10,000 posts: `python -m benchmarks.matching`.

The posts are invented and the same on every run; a tenth of them name one of 400 brands.
"""

from __future__ import annotations

import random
import sys
import time
from datetime import UTC, datetime

from listener.matching import match, parse
from storage.types import Post

TOPICS, POSTS, WORDS = 100, 10_000, 25
_AT = datetime(2026, 11, 1, tzinfo=UTC)
_WORDS = (
    *("今日は", "駅前で", "コーヒーを", "飲んだ。", "とても", "美味しい！", "ﾐﾅﾓ", "〜", "\n", "の"),
    "a walk in the rain ",
)


def posts(count: int = POSTS) -> list[Post]:
    """Invented posts of about 100 characters."""
    draw = random.Random(20261101)
    made = []
    for number in range(count):
        words = [draw.choice(_WORDS) for _ in range(WORDS)]
        if draw.random() < 0.1:
            brand = draw.randrange(400)
            words.append(draw.choice((f"「ミナモ{brand}号店」", f" MINAMO{brand} ", f"ﾐﾅﾓ{brand}で")))
        made.append(Post("bench", str(number), "bench", "".join(words), _AT, _AT))
    return made


def main() -> None:
    names = (f"(ミナモ{n} OR minamo{n} OR ミナモ{n}号店)" for n in range(TOPICS))
    queries = [parse(f"{name} -広告 -(求人 OR アルバイト)") for name in names]
    written = posts()
    began = time.perf_counter()
    found = sum(match(query, post) is not None for post in written for query in queries)
    took = time.perf_counter() - began
    sys.stdout.write(
        f"{TOPICS} topics x {POSTS:,} posts: {took:.2f} s, {POSTS / took:,.0f} posts/s, {found} matches\n"
    )


if __name__ == "__main__":
    main()
