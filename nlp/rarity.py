"""How rare a word is in what people write about brands of all kinds.

Counted over the 34,000 training mentions (nlp/training/words.py). Two posts that share 「スコップ」 say more by it
than two that share 「買う」: the rarer a word, the less likely they share it by chance.
"""

from __future__ import annotations

import gzip
from functools import cache
from pathlib import Path

TABLE = Path(__file__).parent / "words.tsv.gz"


def share(word: str) -> float:
    """The part of all posts about brands that use `word`, as `nlp.terms` gives it; never 0.

    An English word is measured by the English mentions, of which there are fewer; a web address by all.
    """
    mentions, english, counts = _table()
    of = english if word.isascii() and "." not in word else mentions
    return min(1.0, (counts.get(word, 0) + 1) / (of + 1))


@cache
def _table() -> tuple[int, int, dict[str, int]]:
    first, *lines = gzip.decompress(TABLE.read_bytes()).decode("utf-8").splitlines()
    pairs = (line.split("\t") for line in lines)
    mentions, english = first.split("\t")
    return int(mentions), int(english), {word: int(number) for word, number in pairs}
