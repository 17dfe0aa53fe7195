"""Which advocates a saved filter finds, and which groups are worth saving (pure).

A segment is evaluated when it is looked at: it holds conditions, and the people are whoever meets them then. Without
a stage asked for, those who left are in no segment.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from itertools import product

from alerts.advocacy.aspects import ASPECTS, praised
from alerts.advocacy.fit import Programme, Suggestion, suggest
from alerts.advocacy.regions import REGIONS, regions
from storage.journeys import Journey
from storage.segmentation import SegmentError, Wanted
from storage.types import Advocate, Label, Mention, Stage, Topic

LEAST = 5  # people: a smaller group is a list of names
MOST = 12  # suggestions
PROGRAMMES = tuple(one.value for one in Programme)
_AXES = ("aspect", "region", "platform")


@dataclass(frozen=True, slots=True)
class Profile:
    """An advocate with everything that a segment can ask about.

    `aspects` and `regions` by code, with the mentions that show them, newest first. `consents` are the scopes that
    stand now.
    """

    advocate: Advocate
    journey: Journey
    consents: frozenset[str]
    platforms: frozenset[str]
    lang: str
    aspects: Mapping[str, tuple[int, ...]]
    regions: Mapping[str, tuple[int, ...]]
    last_at: datetime
    asked: Callable[[], Suggestion] = field(compare=False, repr=False)

    @property
    def suggestion(self) -> Suggestion:
        """The programmes that suit. Worked out when somebody asks, once: it is half of the work of a profile."""
        return self.asked()


@dataclass(frozen=True, slots=True)
class MicroSegment:
    """A group that shows by itself: the filter that finds it, and how many it finds."""

    wanted: Wanted
    people: int


@dataclass(frozen=True, slots=True)
class Sum:
    """What a segment comes to. `consenting`: any consent stands; `exportable`: that for a hand-over does."""

    people: int
    consenting: int
    exportable: int
    programmes: tuple[tuple[str, int], ...]

    @property
    def share(self) -> float | None:
        """Of the people, with a consent; None where there is nobody."""
        return self.consenting / self.people if self.people else None


def check(wanted: Wanted, topics: Iterable[str]) -> None:
    """Raises SegmentError for a word that is in no list: such a filter finds nobody and says nothing."""
    known: Mapping[str, Iterable[str]] = {
        "topic": topics, "programme": PROGRAMMES, "aspect": ASPECTS, "region": REGIONS,
    }  # fmt: skip
    for name, words in known.items():
        if (word := getattr(wanted, name)) and word not in words:
            raise SegmentError(name, **{name: word})


# ------------------------------------------------------------------ one advocate


def profile(
    advocate: Advocate,
    mentions: Sequence[Mention],
    organic: Sequence[Mention],
    topic: Topic,
    now: datetime,
    *,
    journey: Journey,
    consents: frozenset[str] = frozenset(),
) -> Profile:
    """`mentions` are all of theirs, `organic` those from before the first contact: only these speak for a programme."""
    seen = sorted(
        (m for m in mentions if m.post.created_at <= now), key=lambda m: m.post.created_at, reverse=True
    )
    langs = Counter(mention.analysis.lang for mention in seen)
    return Profile(
        advocate=advocate,
        journey=journey,
        consents=consents,
        platforms=frozenset({advocate.author.platform, *(mention.post.platform for mention in seen)}),
        lang=langs.most_common(1)[0][0] if langs else "",
        aspects=_shown(
            (mention, praised(mention.post.full_text)) for mention in seen if _favourable(mention)
        ),
        regions=_shown((mention, regions(mention.post.full_text)) for mention in seen),
        last_at=seen[0].post.created_at if seen else advocate.last_at,
        asked=cache(
            lambda: suggest(advocate, organic, topic, now, opted_out=journey.opted_out_at is not None)
        ),
    )


def _favourable(mention: Mention) -> bool:
    return mention.analysis.sentiment.label is Label.POSITIVE and not mention.analysis.sarcasm


def _shown(found: Iterable[tuple[Mention, frozenset[str]]]) -> dict[str, tuple[int, ...]]:
    ids: dict[str, list[int]] = defaultdict(list)
    for mention, codes in found:
        for code in sorted(codes):
            ids[code] += [mention.id] if mention.id is not None else []
    return {code: tuple(some) for code, some in ids.items()}


# ------------------------------------------------------------------ one filter


def may_match(advocate: Advocate, journey: Journey, wanted: Wanted) -> bool:
    """What can be told without reading a post; False is final."""
    stage = advocate.stage.value == wanted.stage if wanted.stage else advocate.stage is not Stage.LEFT
    return (
        stage
        and journey.opted_out_at is None
        and wanted.topic in ("", advocate.topic)
        and wanted.organic in (None, advocate.organic)
        and wanted.min_score <= advocate.score <= wanted.max_score
        and wanted.owner in ("", journey.owner)
        and (not wanted.tag or wanted.tag in journey.tags)
    )


def matches(one: Profile, wanted: Wanted, now: datetime) -> bool:
    """Every condition holds."""
    late = wanted.within_days is not None and now - one.last_at > timedelta(days=wanted.within_days)
    return (
        may_match(one.advocate, one.journey, wanted)
        and not late
        and (not wanted.platform or wanted.platform in one.platforms)
        and wanted.lang in ("", one.lang)
        and (not wanted.aspect or wanted.aspect in one.aspects)
        and (not wanted.region or wanted.region in one.regions)
        and (not wanted.programme or wanted.programme in {fit.programme for fit in one.suggestion.fits})
    )


def members(profiles: Iterable[Profile], wanted: Wanted, now: datetime) -> list[Profile]:
    """Best score first."""
    found = [one for one in profiles if matches(one, wanted, now)]
    return sorted(found, key=lambda one: (-one.advocate.score, one.advocate.id or 0))


def summed(people: Sequence[Profile]) -> Sum:
    """`programmes`: for how many each is suggested, the most frequent first."""
    suggested = Counter(fit.programme.value for one in people for fit in one.suggestion.fits)
    order = sorted(suggested.items(), key=lambda pair: (-pair[1], PROGRAMMES.index(pair[0])))
    consenting = sum(bool(one.consents) for one in people)
    return Sum(len(people), consenting, sum("export" in one.consents for one in people), tuple(order))


# ------------------------------------------------------------------ groups worth saving


def micro_segments(
    profiles: Iterable[Profile],
    base: Wanted,
    now: datetime,
    *,
    least: int = LEAST,
    saved: Iterable[Wanted] = (),
) -> list[MicroSegment]:
    """Groups of at least `least` people of one topic who share an aspect, a region or a platform, or several of them.

    `base` says who counts at all (organic ones from a score on). A condition that leaves nobody out says nothing, so
    of filters that find the same people the shortest stays. The narrowest groups come first, then the largest.
    """
    known = set(saved)
    by_topic: dict[str, list[Profile]] = defaultdict(list)
    for one in profiles:
        if matches(one, base, now):
            by_topic[one.advocate.topic].append(one)
    found: list[MicroSegment] = []
    for topic, people in sorted(by_topic.items()):
        groups = _groups(people, replace(base, topic=topic), least)
        told = {(1 << len(people)) - 1}  # everybody of the topic is no group
        shortest = sorted(groups.items(), key=lambda group: (_conditions(group[0]), not group[0].aspect))
        for wanted, marked in shortest:
            if marked not in told:
                told.add(marked)
                found += [] if wanted in known else [MicroSegment(wanted, marked.bit_count())]
    found.sort(key=lambda one: (-_conditions(one.wanted), -one.people))
    return found[:MOST]


def _groups(people: Sequence[Profile], base: Wanted, least: int) -> dict[Wanted, int]:
    """Every filter over one, two or three axes that finds enough people, and who they are: a bit for each.

    A platform alone is no group.
    """
    axes: list[dict[str, int]] = [{"": (1 << len(people)) - 1} for _ in _AXES]
    for place, one in enumerate(people):
        for axis, values in zip(axes, (one.aspects, one.regions, one.platforms), strict=True):
            for value in values:
                axis[value] = axis.get(value, 0) | 1 << place
    found: dict[Wanted, int] = {}
    for (aspect, some), (region, others), (platform, rest) in product(*(axis.items() for axis in axes)):
        marked = some & others & rest
        if (aspect or region) and marked.bit_count() >= least:
            found[replace(base, aspect=aspect, region=region, platform=platform)] = marked
    return found


def _conditions(wanted: Wanted) -> int:
    return sum(bool(getattr(wanted, axis)) for axis in _AXES)
