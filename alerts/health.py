"""How a channel is: well, resting after failures in a row, or disabled by an error that stays (pure)."""

from __future__ import annotations

from datetime import datetime, timedelta

from storage.notices import ChannelHealth

FAILURES = 5  # in a row; then the channel rests, and is tried with one message
REST = timedelta(minutes=5)
CHECK_EVERY = timedelta(minutes=15)  # how often a disabled channel is asked whether it works again
FRESH = timedelta(minutes=1)
KEPT = timedelta(hours=24)  # older alerts for a channel that does not work are given up


def is_well(health: ChannelHealth | None) -> bool:
    return health is None or (health.disabled_at is None and health.failures < FAILURES)


def is_fresh(health: ChannelHealth, now: datetime) -> bool:
    """Whether a success needs no writing down: nothing is held against it, and it worked a moment ago."""
    ok = health.last_ok_at
    return health.failures == 0 and not health.disabled_at and ok is not None and ok <= now < ok + FRESH


def rest_left(health: ChannelHealth, now: datetime) -> bool:
    """Whether it still rests. A rest longer than any was written by a clock that has been set back since."""
    longest = CHECK_EVERY if health.disabled_at else REST
    return health.rest_until is not None and now < health.rest_until <= now + longest


def state(health: ChannelHealth | None) -> str:
    """`unused`, `ok`, `failing`, `resting` or `disabled`."""
    if health is None or (health.last_ok_at is None and health.last_failed_at is None):
        return "unused"
    if health.disabled_at is not None:
        return "disabled"
    if health.failures >= FAILURES:
        return "resting"
    return "failing" if health.failures else "ok"
