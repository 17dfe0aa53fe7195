"""Talk shoots up: about a competitor, in praise of us, or about us without any tendency (pure).

The rule is `alerts.volume`, on different people in buckets of five minutes and of an hour: the first sees what breaks
within minutes at a busy topic, the second what builds up over an hour at a quiet one. Buckets of the last `LATE`
are looked at again at each look, because sources bring posts late; older ones are learned from, once. One alert a
spike: after it, a topic is silent for as long as the rule is (`VolumeSettings.silent_hours`).

What it will not do: tell a spike of our own topic that is mostly negative. That is for `alerts.crises`.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from alerts.volume import Spike as Jump
from alerts.volume import VolumeSettings, VolumeState, look
from storage.measures import Voice
from storage.types import Label, Mention

LATE = timedelta(hours=2)
MEMORY = timedelta(days=28)  # what a topic without a state learns from
FRESH = timedelta(hours=6)  # a spike that is found later (we were down) is not news
HOUR = timedelta(hours=1)
MINUTES, AN_HOUR = VolumeSettings(), VolumeSettings(bucket_min=60, smooth_min=60)
WIDTHS = {"all": (MINUTES, AN_HOUR), "positive": (AN_HOUR,)}  # praise is no emergency
_VERSION = 1


class SpikeSettings(BaseModel):
    """When a spike of talk is told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool = Field(default=True, description="false: no such alerts, and competitors are not watched")
    min_people: int = Field(default=10, ge=2, description="fewest different people within the spike")
    min_ratio: float = Field(default=3.0, gt=1, description="fewest times the usual number")
    learn_days: float = Field(
        default=2.0, ge=0, description="days of a topic's talk to know before any alert"
    )
    positive_share: float = Field(
        default=0.6, gt=0, le=1, description="part of the people for a positive spike"
    )
    negative_share: float = Field(
        default=0.4, gt=0, le=1, description="from this part on it is left to the rules on crises"
    )


@dataclass(frozen=True, slots=True)
class Spike:
    """`count` different people spoke in `minutes` from `start`; `usual` do so at this time of day. Shares 0…1."""

    code: str
    start: datetime
    found_at: datetime
    minutes: int
    count: int
    usual: float
    positive: float
    negative: float


@dataclass(frozen=True, slots=True)
class SpikeState:
    """What is known of a topic up to `until`: each series of counts, and the spike that was told last."""

    until: datetime
    series: Mapping[str, VolumeState] = field(default_factory=dict)
    told: Spike | None = None


def begin(first: datetime | None, now: datetime) -> SpikeState:
    """A state that knows nothing yet and will read from the topic's `first` mention on, as far as memory goes."""
    settled = _hour(now - LATE)
    return SpikeState(until=min(max(_hour(first or now), _hour(now - MEMORY)), settled))


def look_again(
    state: SpikeState,
    voices: Sequence[Voice],
    *,
    own: bool,
    zone: tzinfo,
    settings: SpikeSettings,
    now: datetime,
) -> SpikeState:
    """The state a look later. `voices` are all from `state.until` less an hour on, oldest first.

    `told` is new when a spike is to be told; its `found_at` is `now` then.
    """
    settled = max(state.until, _hour(now - LATE))
    sides = {"all": list(voices)}
    if own:
        sides["positive"] = [one for one in voices if one.label is Label.POSITIVE]
    series, found = {}, []
    for side, theirs in sides.items():
        for width in WIDTHS[side]:
            name = f"{side}/{width.bucket_min}"
            known = state.series.get(name, VolumeState())
            series[name], jumps = _walk(known, theirs, width, state.until, settled, zone, settings, now)
            found += [(jump, start, width, side) for jump, start in jumps]
    spikes = [_spike(*one, voices, own=own, settings=settings, now=now) for one in found]
    new = [one for one in spikes if one is not None and _is_news(one, state.told, now)]
    told = min(new, key=lambda one: (one.start, one.minutes), default=None)
    return SpikeState(settled, series, told or state.told)


def _walk(
    known: VolumeState,
    voices: Sequence[Voice],
    width: VolumeSettings,
    since: datetime,
    settled: datetime,
    zone: tzinfo,
    settings: SpikeSettings,
    now: datetime,
) -> tuple[VolumeState, list[tuple[Jump, datetime]]]:
    """Every bucket from `since` to the running one: the state at `settled`, and the jumps on the way."""
    length = timedelta(minutes=width.bucket_min)
    people: dict[int, set[object]] = defaultdict(set)
    for number, voice in enumerate(voices):
        if since <= voice.at <= now:
            people[(voice.at - since) // length].add(voice.author if voice.author is not None else (number,))
    state, at_settled, jumps = known, known, []
    for n in range((now - since) // length + 1):
        start = since + n * length
        enough = state.buckets * length >= timedelta(days=settings.learn_days)
        state, jump = look(state, len(people.get(n, ())), start.astimezone(zone).hour, width)
        if jump is not None:
            state = replace(state, alerted=None)  # what is too small to tell must not silence what follows
            jumps += [(jump, start)] if enough and now - start <= FRESH else []
        if start + length <= settled:
            at_settled = state
    return at_settled, jumps


def _spike(
    jump: Jump,
    start: datetime,
    width: VolumeSettings,
    side: str,
    voices: Sequence[Voice],
    *,
    own: bool,
    settings: SpikeSettings,
    now: datetime,
) -> Spike | None:
    """The jump with who spoke in it; None when it is too small, or a matter for the rules on crises."""
    end = start + timedelta(minutes=width.bucket_min)
    first = end - timedelta(minutes=width.smooth_min)
    times = [voice.at for voice in voices]
    inside = voices[bisect_left(times, first) : bisect_left(times, min(end, now))]
    count, positive, negative = (
        _people(inside),
        _people(inside, Label.POSITIVE),
        _people(inside, Label.NEGATIVE),
    )
    if count == 0:
        return None
    praised, blamed = positive / count, negative / count
    code = _code(own, side, praised, blamed, settings)
    counted = positive if side == "positive" else count
    usual = jump.usual * width.smooth_min / width.bucket_min
    if code is None or counted < max(settings.min_people, settings.min_ratio * usual):
        return None
    return Spike(
        code=code,
        start=first.astimezone(UTC),
        found_at=now.astimezone(UTC),
        minutes=width.smooth_min,
        count=counted,
        usual=usual,
        positive=praised,
        negative=blamed,
    )


def _code(own: bool, side: str, praised: float, blamed: float, settings: SpikeSettings) -> str | None:
    if not own:
        return "competitor_spike"
    if blamed >= settings.negative_share:
        return None
    return "positive_spike" if side == "positive" or praised >= settings.positive_share else "talk_spike"


def _is_news(spike: Spike, told: Spike | None, now: datetime) -> bool:
    silent = timedelta(hours=MINUTES.silent_hours)
    return now - spike.start <= FRESH and (told is None or spike.start - told.start > silent)


def _people(voices: Iterable[Voice], label: Label | None = None) -> int:
    """Different people; somebody unknown is one each time."""
    spoke = [one for one in voices if label is None or one.label is label]
    known = {one.author for one in spoke if one.author is not None}
    return len(known) + sum(one.author is None for one in spoke)


def _hour(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


# ------------------------------------------------------------------ what it is about


def stories(mentions: Sequence[Mention]) -> list[tuple[Mention, int]]:
    """The largest first, each by its mention with the most reactions, and how many mentions it has."""
    groups: dict[int, list[Mention]] = defaultdict(list)
    for mention in mentions:
        groups[mention.story if mention.story is not None else -(mention.id or 0) - 1].append(mention)
    shown = [(max(same, key=_reactions), len(same)) for same in groups.values()]
    return sorted(shown, key=lambda one: (-one[1], -_reactions(one[0])))


def _reactions(mention: Mention) -> int:
    return mention.post.engagement.total or 0


# ------------------------------------------------------------------ between two looks


def to_json(state: SpikeState) -> str:
    """Only Python reads it again: what a topic has not shown yet is -Infinity in it."""
    known = {name: asdict(one) for name, one in state.series.items()}
    row = {
        "version": _VERSION,
        "until": state.until,
        "series": known,
        "told": state.told and asdict(state.told),
    }
    return json.dumps(row, default=datetime.isoformat)


def from_json(text: str | None) -> SpikeState | None:
    """None when there is none, or when it was written by a rule that counted otherwise."""
    row = json.loads(text) if text else {}
    wanted = {one.name for one in fields(VolumeState)}
    if row.get("version") != _VERSION or any(set(one) != wanted for one in row["series"].values()):
        return None
    told = row["told"]
    return SpikeState(
        until=datetime.fromisoformat(row["until"]),
        series={name: _volume_state(one) for name, one in row["series"].items()},
        told=told
        and Spike(**{**told, **{n: datetime.fromisoformat(told[n]) for n in ("start", "found_at")}}),
    )


def _volume_state(row: Mapping[str, Any]) -> VolumeState:
    known: dict[str, Any] = {name: tuple(one) if isinstance(one, list) else one for name, one in row.items()}
    return VolumeState(**known)
