from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from listener.clock import SystemClock, VirtualClock

START = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_virtual_clock_stands_until_go_and_then_runs_fast() -> None:
    clock = VirtualClock(START, speed=3600)
    time.sleep(0.01)
    assert clock.now() == START
    clock.go()
    before = time.monotonic()
    time.sleep(0.02)
    passed = clock.now() - START
    assert (
        timedelta(seconds=0.02 * 3600) <= passed <= timedelta(seconds=(time.monotonic() - before + 1) * 3600)
    )


@pytest.mark.parametrize(("start", "speed"), [(START.replace(tzinfo=None), 1.0), (START, 0.0), (START, -1.0)])
def test_a_virtual_clock_refuses_what_it_cannot_run(start: datetime, speed: float) -> None:
    with pytest.raises(ValueError, match="aware start time"):
        VirtualClock(start, speed)


def test_the_system_clock_is_aware() -> None:
    assert SystemClock().now().utcoffset() == timedelta(0)
