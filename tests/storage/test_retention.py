from __future__ import annotations

from storage.db import MentionFilter, Store
from storage.types import Fetch, Incident, IncidentState, Outcome, Severity
from tests.storage.samples import DAY, HOUR, MINUTE, NOW, TOPIC, author, mention, post, save
from tests.storage.test_advocates import advocate

OLD = NOW - 100 * DAY


def names(store: Store) -> list[str]:
    return sorted(m.post.external_id for m in store.mentions(MentionFilter(), limit=5000))


def table_sizes(store: Store) -> tuple[int, ...]:
    with store._database.read() as connection:
        return tuple(
            connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one()
            for name in ("mention", "post", "author")
        )


def test_purging_forgets_the_old_and_keeps_rollups(store: Store) -> None:
    save(
        store,
        mention(post("old", created_at=OLD, author=author("gone"))),
        mention(post("old", created_at=OLD, author=author("gone")), "トマリギ"),
        mention(post("old2", created_at=OLD)),
        mention(post("new")),
    )
    before = store.buckets(TOPIC, OLD - DAY, NOW)
    assert store.purge(NOW - 50 * DAY) == 3
    assert names(store) == ["new"]
    assert table_sizes(store) == (1, 1, 1)
    assert store.buckets(TOPIC, OLD - DAY, NOW) == before
    assert store.integrity() == []
    assert store.purge(NOW - 50 * DAY) == 0


def test_what_was_purged_is_not_counted_again(store: Store) -> None:
    old = post("old", created_at=OLD)
    save(store, mention(old))
    store.purge(NOW - 50 * DAY)
    assert store.fresh([(old, TOPIC)]) == set()
    assert save(store, mention(old), mention(post("new")), seen=(old,))[0].post.external_id == "new"
    assert store.totals(TOPIC, OLD - DAY, NOW).volume == 2
    store.purge(OLD - DAY)
    assert store.fresh([(old, TOPIC)]) == set()


def test_the_horizon_is_a_whole_hour(store: Store) -> None:
    save(
        store,
        mention(post("1", created_at=NOW - 29 * MINUTE)),
        mention(post("2", created_at=NOW - 31 * MINUTE)),
    )
    assert store.purge(NOW) == 1
    assert names(store) == ["1"]
    assert store.integrity() == []


def test_evidence_and_advocates_outlive_the_purge(store: Store) -> None:
    (shown,) = save(store, mention(post("shown", created_at=OLD, author=author("troll"))))
    save(
        store,
        mention(post("praise", created_at=OLD)),
        mention(post("plain", created_at=OLD, author=author("x"))),
    )
    fields = {"opened_at": OLD, "updated_at": OLD, "reasons": (), "evidence": (shown.id or 0,)}
    opened = store.save_incident(
        Incident("k", TOPIC, "burst", Severity.CRISIS, IncidentState.OPEN, **fields)  # type: ignore[arg-type]
    )
    (hana,) = store.save_advocates(TOPIC, [advocate()], NOW)
    assert store.purge(NOW - 50 * DAY) == 2
    assert store.mentions(MentionFilter()) == [shown]
    assert [copy.text for copy in store.evidence(opened.id or 0)] == [shown.post.full_text]
    assert store.advocate(hana.id or 0) == hana
    assert table_sizes(store) == (1, 1, 2)
    save(store, mention(post("shown", created_at=OLD, text="書きかえ", fetched_at=NOW + HOUR)))
    assert store.mentions(MentionFilter()) == [shown]


def test_many_batches_are_purged(store: Store) -> None:
    save(store, *(mention(post(str(n), created_at=OLD, author=author(f"a{n}"))) for n in range(1100)))
    assert store.purge(NOW) == 1100
    assert table_sizes(store) == (0, 0, 0)


def test_the_log_of_fetches_is_purged_too(store: Store) -> None:
    for at in (OLD, NOW - DAY):
        store.record_fetch(Fetch("feed-1", at, at + MINUTE, Outcome.OK), kind="feed")
    store.purge(NOW - 50 * DAY)
    assert [fetch.started_at for fetch in store.fetches()] == [NOW - DAY]


def test_settings_are_remembered(url: str) -> None:
    with Store.open(url) as store:
        assert store.setting("began") is None
        store.set_setting("began", "きのう")
        store.set_setting("began", "今日")
    with Store.open(url) as store:
        assert store.setting("began") == "今日"
