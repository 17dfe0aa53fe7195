"""A process that saves pages until it is killed: `python -m tests.storage.writer URL FIRST`.

It prints the number of each page after it was saved, so that the test knows what must be there.
"""

from __future__ import annotations

import sys
from itertools import count

from storage.db import Store
from storage.types import Engagement, Post
from tests.storage.samples import MINUTE, NOW, author, mention, post

PAGE = 20


def page(number: int) -> list[Post]:
    return [
        post(
            f"{number}-{n}",
            author=author(f"a{n % 7}", followers=number),
            created_at=NOW - (number + n) * MINUTE,
        )
        for n in range(PAGE)
    ]


def main(url: str, first: int) -> None:
    with Store.open(url) as store:
        for number in count(first):
            again = tuple(
                post(f"{number - 1}-{n}", engagement=Engagement(likes=number), author=author(f"a{n % 7}"))
                for n in range(PAGE)
            )
            store.save_page(
                source="writer",
                kind="test",
                mentions=[mention(of) for of in page(number)],
                seen=again,
                cursor={"page": number},
                at=NOW,
            )
            print(number, flush=True)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
