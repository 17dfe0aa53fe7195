"""What time it is. The service asks a Clock; decisions get `now` as an argument and ask nobody."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """`speed` is how many seconds pass on this clock in one real second."""

    speed: float

    def now(self) -> datetime:
        """The time as aware UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    speed = 1.0

    def now(self) -> datetime:
        return datetime.now(UTC)


class VirtualClock:
    """A clock that stands at `start` until `go`, then runs `speed` times as fast as real time.

    It counts on the monotonic clock, so a step of the machine's clock does not reach it.
    """

    def __init__(self, start: datetime, speed: float) -> None:
        if start.tzinfo is None or speed <= 0:
            raise ValueError("a virtual clock needs an aware start time and a speed above 0")
        self.speed = speed
        self._start = start.astimezone(UTC)
        self._zero: float | None = None

    def go(self) -> None:
        self._zero = time.monotonic()

    def now(self) -> datetime:
        if self._zero is None:
            return self._start
        return self._start + timedelta(seconds=(time.monotonic() - self._zero) * self.speed)
