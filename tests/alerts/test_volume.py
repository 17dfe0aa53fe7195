"""Spikes in mention volume: what is one, what is none, and that nothing of the future is needed."""

from __future__ import annotations

import random

from alerts.volume import Spike, VolumeSettings, VolumeState, look

DAY = 288


def counts(days: int, *, usual: float = 20.0, seed: int = 3) -> list[float]:
    """Five-minute counts of quiet days: uneven as talk is, busier in the evening."""
    dice = random.Random(seed)
    rhythm = [0.5 if hour < 7 else 1.6 if hour > 18 else 1.0 for hour in range(24)]
    return [usual * rhythm[row // 12 % 24] * dice.gammavariate(6, 1 / 6) for row in range(days * DAY)]


def told(series: list[float], settings: VolumeSettings | None = None) -> dict[int, Spike]:
    state, found = VolumeState(), {}
    for row, count in enumerate(series):
        state, spike = look(state, count, row // 12 % 24, settings or VolumeSettings())
        if spike is not None:
            found[row] = spike
    return found


def test_quiet_weeks_are_silent() -> None:
    assert told(counts(28)) == {}


def test_a_burst_is_told_once_and_with_its_numbers() -> None:
    series = counts(21)
    burst = 15 * DAY + 100
    for row in range(burst, burst + 60):
        series[row] += 600
    ((row, spike),) = told(series).items()
    assert burst <= row <= burst + 2
    assert spike.count > 5 * spike.usual
    assert spike.scatters > spike.limit


def test_a_topic_that_spikes_every_day_needs_more() -> None:
    spiky = counts(28)
    for day in range(26):
        for row in range(day * DAY + 150, day * DAY + 156):
            spiky[row] += 400
    late = [row for row in told(spiky) if row > 10 * DAY]
    assert late == []
    for row in range(27 * DAY, 27 * DAY + 12):
        spiky[row] += 6000
    assert any(row >= 27 * DAY for row in told(spiky))


def test_a_few_mentions_of_a_small_topic_are_no_spike() -> None:
    series = [0.0] * (20 * DAY)
    for row in range(0, len(series), 97):
        series[row] = 1.0
    series[15 * DAY] = 4.0
    assert told(series) == {}


def test_what_comes_later_changes_nothing_before() -> None:
    series = counts(16)
    series[12 * DAY] = 3000.0
    assert told(series[: 13 * DAY]) == {row: one for row, one in told(series).items() if row < 13 * DAY}
