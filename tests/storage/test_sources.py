from __future__ import annotations

from storage.db import Store
from storage.types import Fetch, Outcome, SourceState
from tests.storage.samples import HOUR, MINUTE, NOW, save

FAILED = Fetch("feed-1", NOW, NOW + MINUTE, Outcome.FAILED, error="503: try later", next_at=NOW + HOUR)
FINE = Fetch("feed-1", NOW + HOUR, NOW + HOUR, Outcome.OK, posts=5, mentions=2, next_at=NOW + 2 * HOUR)
QUIET = Fetch("feed-1", NOW + 2 * HOUR, NOW + 2 * HOUR, Outcome.UNCHANGED)


def test_every_try_leaves_a_row_and_moves_the_state(store: Store) -> None:
    assert store.source("feed-1") is None
    store.record_fetch(FAILED, kind="feed")
    store.record_fetch(FAILED, kind="feed")
    assert store.source("feed-1") == SourceState(
        "feed-1", "feed", {}, last_at=NOW + MINUTE, last_outcome=Outcome.FAILED, error="503: try later", failures=2,
        next_at=NOW + HOUR,
    )  # fmt: skip
    store.record_fetch(FINE, kind="feed")
    store.record_fetch(QUIET, kind="feed")
    assert store.source("feed-1") == SourceState(
        "feed-1", "feed", {}, last_at=NOW + 2 * HOUR, last_ok_at=NOW + 2 * HOUR, last_outcome=Outcome.UNCHANGED,
        posts=5, mentions=2,
    )  # fmt: skip
    assert store.fetches("feed-1", 3) == [QUIET, FINE, FAILED]


def test_a_failure_keeps_the_cursor_and_the_last_success(store: Store) -> None:
    store.record_fetch(FINE, kind="feed")
    save(store, source="feed-1")
    store.record_fetch(FAILED, kind="feed")
    state = store.source("feed-1")
    assert state is not None
    assert (state.cursor, state.last_ok_at, state.failures) == ({"since": "9"}, NOW + HOUR, 1)
    save(store, source="feed-1")
    after = store.source("feed-1")
    assert after is not None
    assert (after.failures, after.error, after.posts) == (1, "503: try later", 5)


def test_sources_come_by_name_and_fetches_of_all(store: Store) -> None:
    save(store, source="b")
    store.record_fetch(FINE, kind="feed")
    save(store, source="a")
    assert [state.name for state in store.sources()] == ["a", "b", "feed-1"]
    assert store.fetches() == [FINE]
    assert store.fetches("b") == []
