"""Count in how many of the training mentions each word occurs: `python -m nlp.training.words` writes nlp/words.tsv.gz.

One line a word and its count, the commonest first, after a line with the numbers of all and of English mentions; words
in fewer than three mentions are left out. `nlp.rarity` reads it.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path

from nlp.rarity import TABLE
from nlp.terms import terms

DATA = Path(__file__).parent / "data"
FILES = ("mentions.train.jsonl.gz", "mentions.written.jsonl.gz")
LEAST = 3


def count(data: Path = DATA) -> tuple[int, int, Counter[str]]:
    """The numbers of mentions and of English ones, and in how many each word occurs, without the brands' names."""
    mentions, english, found = 0, 0, Counter[str]()
    for name in FILES:
        with gzip.open(data / name, "rt", encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                found.update(terms(row["text"], without=[row["target"]] if row.get("target") else ()))
                mentions += 1
                english += row.get("lang") == "en"
    return mentions, english, found


def main() -> None:
    mentions, english, found = count()
    known = sorted((-number, word) for word, number in found.items() if number >= LEAST)
    table = f"{mentions}\t{english}\n" + "".join(f"{word}\t{-number}\n" for number, word in known)
    TABLE.write_bytes(gzip.compress(table.encode(), 9, mtime=0))


if __name__ == "__main__":
    main()
