from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from storage.db import MentionFilter, Store
from tests.storage.samples import TOPIC
from tests.storage.writer import PAGE

ROOT = Path(__file__).parents[2]


def killed_after(url: str, first: int, pages: int) -> int:
    """Let a writer save some pages from `first` on, kill -9 it in the middle of the next; the last it saved."""
    writer = subprocess.Popen(
        [sys.executable, "-m", "tests.storage.writer", url, str(first)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert writer.stdout is not None
    told = [int(writer.stdout.readline()) for _ in range(pages)]
    writer.kill()
    told += [int(line) for line in writer.stdout.read().split()]
    writer.stdout.close()
    assert writer.wait() == -9
    return told[-1]


def test_kill_9_loses_nothing_committed_and_leaves_nothing_half_written(url: str) -> None:
    first = 1
    for pages in (1, 2, 3, 5):
        told = killed_after(url, first, pages)
        with Store.open(url) as store:
            assert store.integrity() == []
            state = store.source("writer")
            assert state is not None
            saved = state.cursor["page"]
            assert saved in (told, told + 1)  # the next one may have been committed and not told
            assert store.count(MentionFilter(topic=TOPIC)) == saved * PAGE
            assert (
                sum(store.mention(m.id or 0) == m for m in store.mentions(MentionFilter(), limit=PAGE))
                == PAGE
            )
        first = saved + 1
