"""Who spoke in the last minutes: one person counts once a window, one copied text counts few times (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.baseline import voice
from storage.types import Label, Observation


@dataclass(frozen=True, slots=True)
class Window:
    """The voices of one window that ends now.

    `negative` holds the earliest negative observation of each negative voice. `negative_weight` adds for each
    voice the part of its mentions that is negative, so a person with a hundred posts weighs no more than one.
    """

    start: datetime
    minutes: int
    negative: Mapping[str, Observation]
    voices: int
    negative_weight: float
    mentions: int

    @property
    def count(self) -> int:
        return len(self.negative)

    @property
    def share(self) -> float:
        return self.negative_weight / self.voices if self.voices else 0.0


def windows_until(
    recent: Sequence[Observation],
    now: datetime,
    lengths_min: Sequence[int],
    story_limit: int,
    after: datetime | None = None,
) -> list[Window]:
    """One window for each length, in one pass from the newest observation back.

    At most `story_limit` mentions of one story count. Observations up to `after` are left out.
    """
    found: list[Window] = []
    negative: dict[str, Observation] = {}
    spoken: dict[str, list[int]] = {}
    stories: dict[int, int] = {}
    mentions = 0
    newest = len(recent) - 1
    for minutes in sorted(lengths_min):
        start = now - timedelta(minutes=minutes)
        floor = start if after is None else max(start, after)
        while newest >= 0 and recent[newest].at > floor:
            seen = recent[newest]
            newest -= 1
            if seen.at > now:
                continue
            mentions += 1
            if seen.story is not None:
                stories[seen.story] = stories.get(seen.story, 0) + 1
                if stories[seen.story] > story_limit:
                    continue
            who = voice(seen)
            tally = spoken.setdefault(who, [0, 0])
            tally[1] += 1
            if seen.label is Label.NEGATIVE:
                tally[0] += 1
                negative[who] = seen
        weight = sum(bad / every for bad, every in spoken.values() if bad)
        found.append(Window(start, minutes, dict(negative), len(spoken), weight, mentions))
    return found


def negative_voices(window: Window) -> list[Observation]:
    """The negative observations of the window, one a voice, oldest first."""
    return sorted(window.negative.values(), key=lambda seen: (seen.at, seen.mention_id))
