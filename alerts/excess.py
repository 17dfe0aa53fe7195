"""More people are negative than usual: the rule `negative_excess` (pure).

In every window two numbers are compared with what is usual for the topic at this time: different people who are
negative, and different people who are not. An incident needs all of this of one window:

1. *more*: so many negative people are less likely than the alert budget allows, given how many others speak now
   and in the hours before. Talk that doubles as a whole explains twice the negative people; talk that turns
   explains fewer.
2. *mostly negative*: of those who came on top of the usual, 60 % are negative; or 45 %, where that is unlikely even if
   something harmless made them speak: a model calls up to half of the blame something else.
3. *worse*: the more people speak, the surer must it be that a larger part of them is negative than usual.
4. *enough*: `min_authors` people and `min_ratio` times the usual number; one person fewer where two tell of the same
   or the chance is half of what it may be.

People who tell of the same new thing in words of their own (alerts/causes.py) are no chance meeting: each chance is
divided by how much likelier that is in a crisis than in ordinary talk, and multiplied where many speak and no two
tell of the same. Who tells of a bad thing (`_is_bad`) counts among the negative; who tells neutrally of one of which
too few tell to say counts for neither side. In the same way a chance is divided where fewer of the negative are the
topic's regulars (alerts/regulars.py) than in ordinary talk, and multiplied where more are. In a window of minutes it is
also multiplied where those who came in the last three hours are not mostly negative.

What it will not do: know a namesake from the brand, or count people whom no source brings.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from alerts.baseline import Baseline, Expected, Span
from alerts.chance import binomial_at_most
from alerts.evidence import rank
from alerts.talk import Talk, Together
from alerts.thresholds import CrisisSettings, Finding, Shown
from alerts.windows import Window, negative_voices, windows_until
from storage.types import History, Reason, Severity

NEGATIVE_EXCESS = "negative_excess"
BACKLOG = timedelta(hours=1)  # how long after a gap its posts may still come in
# Part of the people on top of the usual that must be negative. Of an ironical, spoken, hashtagged crisis the bundled
# model calls half negative (the publisher's story: 21 of 43), so that is enough where the share is so unlikely.
_MOSTLY, _NEARLY_HALF, _NEARLY_HALF_CHANCE = 0.6, 0.45, 0.03
# The share of three negative people and more must be less likely than this divided by their number: ten people prove in
# the same minutes what three cannot. Two prove nothing by their share.
_WORSE = 0.4
_FEW = 6  # among so few, two who go on and on are one quarrel and count as one person
_LOOKS = 100.0  # looks a day through a window of half an hour
# Through a window over an hour so many times as many as by its length: in a shorter one time counts.
_LONGER, _LONG = 2.7, 60
_CALM_CHANCE = 0.003  # below this a window still counts as unusual for an open incident
_CALM_RATIO = 1.5
_CALM_WINDOW = 720  # longer windows echo a burst for a day: they do not keep an incident open
# In the ordinary talk of a topic without history 6 % of the negative people tell of what another one tells of, as the
# words see it (python -m benchmarks.causes); with its own words known, 2 to 3 %. The 6 % count for 20 people.
_JOINING, _JOINING_WEIGHT = 0.06, 20.0
# A thing is bad when one in three who tell of it is negative (a model misses half of the blame), two at least, and of
# more than three people more than is likely by chance: those of a launch tell of one thing, too, and some are critics.
_BAD, _CRITICS, _FIRST, _BAD_CHANCE = 3, 2, 3, 0.05
_BRIEF = 30  # in a shorter window only people who tell of the same count: two of them hardly meet by chance
_TOGETHER = 2  # among so few people it means nothing that no two tell of the same
_REGULARS_WEIGHT = 3.0  # strangers who are added to the people of the topic's past
_REGULARS_MOST = 0.97  # never so sure that only regulars speak
_REGULARS_LEAST = 0.3  # the regulars themselves may turn: so much and no more do they count against a crisis
_STRANGERS_MOST = 50.0  # a campaign brings strangers as well: so much and no more do they count for a crisis
_FEWER = 1.5  # so many times smaller than allowed must the chance be for one person fewer
# A crisis is mostly blame in the hours before, too: for each tenth that is missing to eight tenths of those on top of
# the usual in three hours, a shorter window's chance counts as so many times larger.
_HOURS, _HOURS_BLAME, _HOURS_TENTH = 180, 0.8, 1.8
_SURE = 3.0  # so many times smaller than allowed: for a warning


@dataclass(frozen=True, slots=True)
class Sight:
    """One window against what is usual. `chance` is that of `negative` people where so many others speak, now and in
    the hours before, that `mean` would be usual.

    `together` are those of the negative who tell of the same, and `odds` how much likelier that is in a crisis than in
    ordinary talk; `regulars` of the negative spoke of the topic before, and `strangers` are the odds of that. `chance`
    was divided by both, and multiplied where the hours before were not mostly blame.
    """

    minutes: int
    negative: int
    other: int
    usual: Expected
    mean: float
    chance: float
    together: Together = field(default_factory=Together)
    odds: float = 1.0
    regulars: int = 0
    strangers: float = 1.0

    @property
    def blaming(self) -> int:
        """People who are negative themselves."""
        return self.negative - self.together.neutral

    @property
    def ratio(self) -> float:
        return self.negative / self.mean

    @property
    def blame(self) -> float:
        """Part of the people on top of the usual that is negative."""
        more = self.negative - self.usual.negative
        return more / (more + max(0.0, self.other - self.usual.other)) if more > 0 else 0.0


@dataclass(frozen=True, slots=True)
class _Spoken:
    """Who spoke after `since`: different people who are `blaming`, and others; `usual` says how many of both are."""

    minutes: int
    since: float
    blaming: int
    other: int
    usual: Expected
    together: Together


def negative_excess(
    history: History,
    talk: Talk,
    usual: Baseline,
    settings: CrisisSettings,
    now: datetime,
    told: datetime | None,
) -> Finding:
    """What the windows that end now show; mentions up to `told` are left out."""
    lengths = sorted(settings.windows_min, reverse=True)
    spoken = [_spoken(history, talk, usual, now, told, minutes) for minutes in lengths]
    seen = _sights(spoken, history, talk, usual, now)
    active = any(
        one.minutes <= _CALM_WINDOW
        and one.negative >= min(2, settings.min_authors)
        and one.chance < _CALM_CHANCE
        and one.ratio >= _CALM_RATIO
        for one in seen
    )
    firing = [one for one in seen if _fires(one, usual, settings)]
    if not firing:
        return Finding(None, active)
    severity = max((_severity(one, settings) for one in firing), key=lambda one: one.rank)
    best = min(firing, key=lambda one: (one.chance / one.minutes, one.minutes))

    def show() -> Shown:
        (window,) = windows_until(history.recent, now, (best.minutes,), settings.story_limit, told)
        return Shown((_reason(best, window, usual),), rank(negative_voices(window)))

    return Finding(severity, active, show)


def _sights(
    spoken: Sequence[_Spoken], history: History, talk: Talk, usual: Baseline, now: datetime
) -> list[Sight]:
    """Every window, the longest first. Its level is the highest that the others show in it or in a longer one.

    What brings people to speak (a campaign, a broadcast) does so for hours: its critics may meet in minutes in which
    hardly anybody else speaks. For the same reason the chance of a window of minutes counts as larger where those who
    came in the last hours are not mostly negative.
    """
    level, harmless, seen = (0.0, 0.0), 1.0, []
    for one in spoken:
        level = max(level, usual.level(one.other, one.usual))
        sight = _sight(history, talk, usual, one, level, now.timestamp())
        if one.minutes >= _HOURS:
            harmless = _HOURS_TENTH ** (10 * max(0.0, _HOURS_BLAME - sight.blame))
        else:
            sight = replace(sight, chance=min(1.0, sight.chance * harmless))
        seen.append(sight)
    return seen


def _spoken(
    history: History, talk: Talk, usual: Baseline, now: datetime, told: datetime | None, minutes: int
) -> _Spoken:
    start = now - timedelta(minutes=minutes)
    since, until = (start if told is None else max(start, told)).timestamp(), now.timestamp()
    blaming, other = talk.count(since, until)
    expected = usual.people(
        usual.usual_hours(start, now) + _backlog(usual, history.gaps, start, now), minutes
    )
    together = talk.together(since, until, lambda blaming, others: _is_bad(blaming, others, usual, expected))
    # Whose first post is a copy too many is not among the others, but may tell of a cause in the next.
    other = max(0, other - together.neutral - together.unsure)
    return _Spoken(minutes, since, blaming, other, expected, together)


def _sight(
    history: History, talk: Talk, usual: Baseline, spoken: _Spoken, level: tuple[float, float], until: float
) -> Sight:
    together, expected = spoken.together, spoken.usual
    negative = spoken.blaming + together.neutral
    if negative <= _FEW and _is_quarrel(negative, together, talk, spoken.since, until):
        negative -= 1
    if negative < 2:
        return Sight(spoken.minutes, negative, spoken.other, expected, expected.negative, 1.0, together)
    regulars = talk.regulars(spoken.since, until)
    chance, mean = usual.surprise(negative, expected, level)
    odds = _together_odds(negative, min(together.joined, negative - 1), *history.joining)
    strangers = _newcomer_odds(spoken.blaming, regulars, *history.regulars)
    return Sight(
        spoken.minutes,
        negative,
        spoken.other,
        expected,
        mean,
        min(1.0, chance / (odds * strangers)),
        together,
        odds,
        regulars,
        strangers,
    )


def _is_quarrel(negative: int, together: Together, talk: Talk, since: float, until: float) -> bool:
    """Whether two of so few people answer each other: they go on and on, or one of only two speaks again."""
    if negative == _TOGETHER and not together.joined:
        return talk.insistent(since, until, 2) > 0
    return negative > 1 and talk.insistent(since, until, 3) > 1


def _is_bad(blaming: int, others: int, usual: Baseline, expected: Expected) -> bool | None:
    """Whether a thing is bad that so many tell negatively, and so many otherwise; None: too few tell of it to say."""
    people = blaming + others
    if not others or not blaming:
        return not others
    if people <= _FIRST:
        return True if blaming >= _CRITICS else None
    if blaming < _CRITICS or blaming * _BAD < people:
        return False
    return usual.share_surprise(blaming, others, expected) <= _BAD_CHANCE


def _together_odds(people: int, joined: int, usually: int, of: int) -> float:
    """How much likelier it is in a crisis that `joined` of `people` tell of what another one told of.

    In ordinary talk a person joins by chance as seldom as `usually` of `of` earlier did; in a crisis every part
    from there to all is as likely. In ordinary talk these odds are 1 on average, so a chance that is divided
    by them is passed as seldom as it says.
    """
    rate = (_JOINING * _JOINING_WEIGHT + usually) / (_JOINING_WEIGHT + of)
    odds = _odds(joined, people - 1, rate)
    return max(odds, 1.0) if people <= _TOGETHER else odds


def _newcomer_odds(people: int, regulars: int, usually: float, of: float) -> float:
    """How much likelier it is in a crisis than in ordinary talk that `regulars` of `people` spoke of the topic before.

    Of ordinary days' people `usually` of `of` did. Bounded both ways: any burst brings people of whom nobody heard
    before, a campaign as well; and the regulars may turn, too.
    """
    rate = min(usually / (_REGULARS_WEIGHT + of), _REGULARS_MOST)
    if rate <= 0:
        return 1.0
    return min(_STRANGERS_MOST, max(_REGULARS_LEAST, _odds(people - regulars, people, 1 - rate)))


def _odds(hits: int, trials: int, rate: float) -> float:
    """How much likelier `hits` of `trials` are where every part from `rate` to all is as likely than at `rate`."""
    crisis = math.lgamma(hits + 1) + math.lgamma(trials - hits + 1) - math.lgamma(trials + 2)
    crisis += math.log(max(binomial_at_most(hits, trials + 1, rate), 1e-300) / (1 - rate))
    ordinary = hits * math.log(rate) + (trials - hits) * math.log1p(-rate)
    return math.exp(min(crisis - ordinary, 300.0))


def _backlog(usual: Baseline, gaps: Sequence[Span], start: datetime, now: datetime) -> float:
    """Usual hours whose posts may have arrived in the window at once, with the time of arrival, after a gap.

    That is so when a gap ended in the window, or up to an hour before.
    """
    hours = 0.0
    for gap_start, gap_end in gaps:
        if start - BACKLOG <= gap_end <= now and gap_start < start:
            lost_from = max(gap_start, gap_end - timedelta(hours=24))
            hours += usual.usual_hours(lost_from, min(start, gap_end))
    return hours


def _fires(seen: Sight, usual: Baseline, settings: CrisisSettings) -> bool:
    fewer = seen.negative < settings.min_authors
    if seen.negative < settings.min_authors - 1 or seen.blaming < min(2, settings.min_authors):
        return False
    if seen.minutes < _BRIEF and not seen.together.joined:
        return False
    surer = _FEWER if fewer and not seen.together.joined else 1.0
    if seen.chance * surer > allowed_chance(seen.minutes, settings) or seen.ratio < settings.min_ratio:
        return False
    worse = usual.share_surprise(seen.negative, seen.other, seen.usual) / max(1.0, seen.odds)
    least_blame = _NEARLY_HALF if worse <= _NEARLY_HALF_CHANCE else _MOSTLY
    return seen.blame >= least_blame and (seen.negative <= _TOGETHER or worse * seen.negative <= _WORSE)


def allowed_chance(minutes: int, settings: CrisisSettings) -> float:
    """How unlikely a window of `minutes` must be to fire by chance `false_alerts_per_month` times in 30 days.

    Windows slide, and a long one changes more often than its length says: half an hour counts as 100 looks a day, an
    hour as 71, two hours as 135, two days as 28.
    """
    return settings.false_alerts_per_month / (_looks_a_day(minutes) * 30)


def _looks_a_day(minutes: int) -> float:
    return _LOOKS * math.sqrt(30 / minutes) * (_LONGER if minutes > _LONG else 1.0)


def _severity(seen: Sight, settings: CrisisSettings) -> Severity:
    if seen.blaming >= settings.crisis_authors and seen.ratio >= settings.crisis_ratio:
        return Severity.CRISIS
    sure = seen.chance * _SURE <= allowed_chance(seen.minutes, settings)
    if sure and seen.blaming >= settings.warning_authors and seen.ratio >= settings.warning_ratio:
        return Severity.WARNING
    return Severity.WATCH


def _reason(seen: Sight, window: Window, usual: Baseline) -> Reason:
    days = min(1 / (_looks_a_day(seen.minutes) * max(seen.chance, 1e-12)), 36500.0)
    first = min((one.at for one in window.negative.values()), default=window.start)
    return Reason(
        NEGATIVE_EXCESS,
        {
            "window_min": seen.minutes,
            "count": seen.blaming,
            "authors": seen.blaming,
            "telling": seen.together.neutral,
            "same_cause": seen.together.most,
            "regulars": seen.regulars,
            "mentions": window.mentions,
            "expected": round(seen.usual.negative, 2),
            "expected_now": round(seen.mean, 2),
            "others": seen.other,
            "p": seen.chance,
            "share": round(seen.blaming / max(1, seen.negative + seen.other), 3),
            "baseline_share": round(usual.share, 3),
            "false_alarm_days": round(days, 1),
            "since": first.astimezone(UTC).isoformat(timespec="seconds"),
        },
    )
