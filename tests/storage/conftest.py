"""Every test that takes `store` or `url` runs on a real SQLite file and on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from storage.db import Store
from tests.storage.postgres import make_schema, postgres
from tests.storage.samples import empty

_numbers = count(1)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    with postgres() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgres"])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Makes the URL of a new empty database."""
    if request.param == "sqlite":
        return lambda: f"sqlite:///{tmp_path}/{next(_numbers)}.db"
    server: str = request.getfixturevalue("postgres_server")
    return lambda: make_schema(server, f"test{next(_numbers)}")


@pytest.fixture
def url(new_url: Callable[[], str]) -> str:
    return new_url()


@pytest.fixture(scope="session")
def shared_schema(postgres_server: str) -> str:
    return make_schema(postgres_server, "shared")


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An open and empty store. On PostgreSQL it is one schema, emptied: making the tables takes longer."""
    url = (
        f"sqlite:///{tmp_path}/k.db"
        if request.param == "sqlite"
        else request.getfixturevalue("shared_schema")
    )
    with Store.open(url) as opened:
        empty(opened)
        yield opened
