from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlmodel import SQLModel

from storage.db import MentionFilter, Store, StoreError
from tests.storage.samples import NOW, mention, save


def test_models_and_migrations_agree(url: str) -> None:
    Store.open(url).close()
    engine = create_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []
    engine.dispose()


def test_opening_again_keeps_what_is_stored(url: str) -> None:
    with Store.open(url) as store:
        save(store, mention())
    with Store.open(url) as store:
        assert store.count(MentionFilter()) == 1


def test_many_open_an_empty_database_at_once(new_url: Callable[[], str]) -> None:
    url, faults = new_url(), list[str]()

    def start() -> None:
        with Store.open(url) as store:
            faults.extend(store.integrity())

    threads = [threading.Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Store.open(url) as store:
        assert faults == store.integrity() == []


def test_a_newer_database_is_refused(url: str) -> None:
    Store.open(url).close()
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(StoreError, match=r"newer kikimimi.*9999.*install the newer one again"):
        Store.open(url)


def test_sqlite_is_opened_for_many_threads_and_for_power_cuts(tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path}/deep/er/k.db") as store, store._database.read() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}


def test_readers_do_not_wait_for_a_writer(tmp_path: Path) -> None:
    path = tmp_path / "k.db"
    with Store.open(f"sqlite:///{path}") as store:
        save(store, mention())
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        other.execute("DELETE FROM mention")
        assert store.count(MentionFilter()) == 1
        other.execute("ROLLBACK")
        other.close()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite://", "needs a file that lasts"),
        ("sqlite:///:memory:", "needs a file that lasts"),
        ("mysql://root@localhost/x", "no storage for 'mysql'"),
        ("not a url", "cannot be read"),
        ("postgresql://user:hush@127.0.0.1:1/none", "Check that PostgreSQL runs"),
    ],
)
def test_an_url_that_cannot_be_opened_says_what_to_do(url: str, said: str) -> None:
    with pytest.raises(StoreError, match=said) as caught:
        Store.open(url)
    assert "hush" not in str(caught.value)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "k.db"
    path.write_text("これはデータベースではありません。" * 100)
    with pytest.raises(StoreError, match="name another path"):
        Store.open(f"sqlite:///{path}")
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot make the folder"):
        Store.open(f"sqlite:///{tmp_path}/file/k.db")


def test_errors_do_not_quote_what_people_wrote(url: str) -> None:
    with Store.open(url) as store:
        with store._database.write() as connection:
            connection.execute(text("DROP TABLE correction"))
            connection.execute(text("DROP TABLE testimonial"))
            connection.execute(text("DROP TABLE mention"))
        with pytest.raises(StoreError) as caught:
            save(store, mention())
        assert "おいしい" not in str(caught.value)
        assert store.source("mastodon-jp") is None


def test_a_naive_time_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="zone"):
        store.purge(NOW.replace(tzinfo=None))
    with pytest.raises(ValueError, match="zone"):
        store.due_notifications(NOW.replace(tzinfo=None))
