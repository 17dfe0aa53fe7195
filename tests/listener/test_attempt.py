"""When to try a source again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from listener.attempt import next_try

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


@pytest.mark.parametrize(
    ("failures", "retry_after", "permanent", "minutes"),
    [
        (0, None, False, 15),  # it went well: at its interval
        (1, None, False, 30),
        (2, None, False, 60),
        (4, None, False, 240),
        (5, None, False, 360),  # never longer than six hours
        (500, None, False, 360),
        (1, 10.0, False, 30),  # Retry-After is a lower bound …
        (1, 7200.0, False, 120),  # … and may be longer than our own
        (9, 36000.0, False, 600),
        (1, None, True, 1440),  # closed for good: look once a day
    ],
)
def test_next_try(failures: int, retry_after: float | None, permanent: bool, minutes: int) -> None:
    due = next_try(QUARTER, failures=failures, now=NOW, retry_after=retry_after, permanent=permanent)
    assert due - NOW == timedelta(minutes=minutes)


def test_an_interval_longer_than_the_cap_stays() -> None:
    assert next_try(timedelta(days=1), failures=3, now=NOW) - NOW == timedelta(days=1)
