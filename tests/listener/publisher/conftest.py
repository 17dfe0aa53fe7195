"""A publisher on free ports, and a clock that stands until the test moves it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from listener.publisher import Publisher

EPOCH = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)


@dataclass
class SetClock:
    """A clock that shows what it is told."""

    at: datetime
    speed: float = 1.0

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def epoch() -> datetime:
    return EPOCH


@pytest.fixture(scope="session")
def one_clock() -> SetClock:
    return SetClock(EPOCH)


@pytest.fixture
def clock(one_clock: SetClock) -> SetClock:
    one_clock.at = EPOCH + timedelta(hours=7)
    return one_clock


@pytest.fixture(scope="session")
def one_publisher(one_clock: SetClock, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Publisher]:
    mailbox = tmp_path_factory.mktemp("publisher") / "mailbox"
    with Publisher(one_clock, EPOCH, port=0, smtp_port=0, mailbox=mailbox) as running:
        yield running


@pytest.fixture
def publisher(one_publisher: Publisher, clock: SetClock) -> Publisher:
    """One for all tests that only read; the clock is set back for each."""
    return one_publisher


@pytest.fixture
def web(publisher: Publisher) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=publisher.base) as client:
        yield client
