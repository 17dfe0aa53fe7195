"""A real store with an invented month in it, and the page on top."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from listener.config import Config, load
from listener.web.app import create_app
from storage.db import Store
from tests.listener.web.seed import NOW, fill

HOME = "http://127.0.0.1:8484"
YAML = """
language: ja
timezone: Asia/Tokyo
model: lexicon
web: {port: 8484}
topics:
  - {name: minamo, brand: ミナモ珈琲, aliases: [minamo coffee]}
  - {name: tomarigi, brand: トマリギコーヒー, own: false}
sources:
  - {name: mastodon-tag, kind: mastodon, instance: "https://social.example", tag: ミナモ珈琲, interval: 15m}
  - {name: misskey-search, kind: misskey, instance: "https://mi.example", query: ミナモ珈琲, interval: 15m}
  - {name: news-feed, kind: feed, url: "https://news.example/feed.xml", interval: 15m}
  - {name: archive, kind: feed, url: "https://news.example/old.xml", interval: 1h, enabled: false}
"""


@dataclass(frozen=True)
class FixedClock:
    """A clock that stands still, so that every page can be compared."""

    moment: datetime = NOW
    speed: float = 0.0

    def now(self) -> datetime:
        return self.moment


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database file with the invented month, made once."""
    path = tmp_path_factory.mktemp("filled") / "web.db"
    with Store.open(f"sqlite:///{path}") as store:
        fill(store)
    return path


@pytest.fixture(scope="session")
def store(filled: Path) -> Iterator[Store]:
    """The filled store, shared: for tests that only read."""
    with Store.open(f"sqlite:///{filled}") as opened:
        yield opened


@pytest.fixture
def own_store(filled: Path, tmp_path: Path) -> Iterator[Store]:
    """A copy of the filled store that the test may change."""
    for part in filled.parent.glob(f"{filled.name}*"):
        shutil.copy(part, tmp_path / part.name)
    with Store.open(f"sqlite:///{tmp_path / filled.name}") as opened:
        yield opened


@pytest.fixture(scope="session")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    return configured(tmp_path_factory.mktemp("config"))


def configured(folder: Path, more: str = "") -> Config:
    """The configuration of these tests, with `more` replacing its web section."""
    path = folder / "config.yaml"
    path.write_text(YAML.replace("web: {port: 8484}", more) if more else YAML, encoding="utf-8")
    return load(path, {"WEB_PASSWORD": "correct horse"})


@pytest.fixture(scope="session")
def app(store: Store, config: Config) -> FastAPI:
    return create_app(store=store, config=config, clock=FixedClock())


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    """A reader of the shared store, with cookies of its own."""
    return browser_like(app)


@pytest.fixture
def own_client(own_store: Store, config: Config) -> TestClient:
    """Somebody who may change the test's own store."""
    return browser_like(create_app(store=own_store, config=config, clock=FixedClock()))


def browser_like(app: FastAPI, *, follow_redirects: bool = True) -> TestClient:
    """A client that says where its forms come from, as browsers do."""
    return TestClient(app, base_url=HOME, headers={"Origin": HOME}, follow_redirects=follow_redirects)
