"""The programme of a topic with what the store knows: the one place where pages and commands get it.

Read are the posts since half a year before the first contact, or six months back: what figures and the comparison
before and after need. Without anybody in the programme no post is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from alerts.advocacy.before_after import (
    LONGEST,
    WEEK,
    Account,
    BeforeAfter,
    Voices,
    before_after,
    voices,
)
from alerts.advocacy.impact import Around, Figures, Month, latest_months, measure, month
from alerts.advocacy.membership import Member, funnel, members, open_tasks
from alerts.advocacy.programme import TREND, Programme, Surveyed, silent, trend
from alerts.advocacy.surveys import figure
from alerts.advocates import qualifies
from listener.config import Config
from storage.consents import Scope
from storage.db import Store
from storage.responses import SCALES, SurveyKind
from storage.types import Advocate, Author, Mention, Stage, Topic

EVERYBODY = 1_000_000
LATEST_TOLD = 5_000  # notifications of a topic among which the new advocates of a month are looked for


def open_programme(store: Store, config: Config, topic: Topic, asked: Month, now: datetime) -> Programme:
    """Everything about one topic and month as it is known at `now`."""
    ranked = store.advocates(topic.name, limit=EVERYBODY)
    journeys = store.people.journeys([one.id or 0 for one in ranked])
    contacted = {number: way.contacted_at for number, way in journeys.items() if way.contacted_at is not None}
    people = members(ranked, contacted, store.impact.steps(topic.name))
    months = [month(name, topic.timezone, now) for name in _months_to(asked, topic, now)]
    heard = _heard(store, topic, people, months[0].start, asked)
    reach = store.impact.reach(heard.mentions)
    spans = ((asked.start, asked.end), (asked.before_start, asked.before_end))
    now_and_before = [_figures(store, topic, people, heard, reach, span, now) for span in spans]
    surveys = [_surveyed(store, topic, span, now) for span in spans]
    settings = config.thresholds.advocate
    waiting = (one for one in ranked if one.stage in (Stage.CANDIDATE, Stage.REVIEWED))
    return Programme(
        topic=topic,
        month=asked,
        now=now,
        figures=now_and_before[0],
        before=now_and_before[1],
        rungs=funnel(people, asked.start, asked.end),
        members=people,
        candidates=tuple(one.id or 0 for one in waiting if qualifies(one, settings)),
        found=_found(store, topic, ranked, asked),
        silent=silent(people, heard.posts, asked.end),
        tasks=open_tasks(people),
        mentions=heard.mentions,
        quotable=_quotable(store, topic, now),
        effect=_effect(store, topic, people, ranked, heard, asked),
        trend=trend(people, heard.posts, months),
        survey=surveys[0] if any(one.answers for one in surveys) else None,
        survey_before=surveys[1],
    )


def _months_to(asked: Month, topic: Topic, now: datetime) -> list[str]:
    """`TREND` months up to the one asked for, the oldest first."""
    last = min(asked.end, now)
    names = latest_months(topic.timezone, last, TREND + 1)
    return sorted(name for name in names if name <= asked.name)[-TREND:]


# ------------------------------------------------------------------ posts


@dataclass
class _Heard:
    """Everybody's posts since `since` as columns; the members' whole, by advocate (`posts`) and by id (`mentions`).

    `first` is the first post of all, None without any; `bots` are the accounts that the platform calls automatic.
    """

    since: datetime
    posts: dict[int, list[Mention]] = field(default_factory=dict)
    mentions: dict[int, Mention] = field(default_factory=dict)
    bots: set[Account] = field(default_factory=set)
    first: datetime | None = None
    voices: Voices = field(default_factory=lambda: voices([]))


def _heard(store: Store, topic: Topic, people: Sequence[Member], since: datetime, asked: Month) -> _Heard:
    begins = [one.contacted_at - LONGEST * WEEK for one in people if one.contacted_at is not None]
    found = _Heard(min([since, *begins]))
    if people:
        everybody = store.authors_with_mentions(topic.name, found.since, asked.end)
        accounts = {_account(one.advocate.author): one.id for one in people}
        found.voices = voices(_noted(everybody, found, accounts), accounts)
    return found


def _noted(
    everybody: Iterable[tuple[Author, list[Mention]]], found: _Heard, members_of: Mapping[Account, int]
) -> Iterator[tuple[Author, list[Mention]]]:
    """Passes everybody on, a few at a time, and keeps what is needed of them later."""
    for author, mentions in everybody:
        account, first = _account(author), mentions[0].post.created_at
        found.first = min(first, found.first or first)
        if author.bot:
            found.bots.add(account)
        if account in members_of:
            found.posts[members_of[account]] = mentions
            found.mentions.update({one.id: one for one in mentions if one.id is not None})
        yield author, mentions


# ------------------------------------------------------------------ figures


def _figures(
    store: Store,
    topic: Topic,
    people: Sequence[Member],
    heard: _Heard,
    reach: dict[int, int],
    span: tuple[datetime, datetime],
    now: datetime,
) -> Figures:
    totals = store.totals(topic.name, *span)
    around = Around(
        positive=totals.positive,
        volume=totals.volume,
        reach=reach,
        incidents=store.incidents(topic.name, limit=EVERYBODY),
        referrals=store.referrals.between(topic.name, *span, now=now),
    )
    return measure(*span, people, heard.posts, around)


def _surveyed(store: Store, topic: Topic, span: tuple[datetime, datetime], now: datetime) -> Surveyed:
    """The NPS of everybody who answered, in the programme or not."""
    answers = [one for one in store.surveys.between(topic.name, *span, now=now) if one.kind is SurveyKind.NPS]
    found = figure(SurveyKind.NPS, SCALES[SurveyKind.NPS], (one.score for one in answers))
    return Surveyed(
        found.value, found.low, found.high, tuple(one.id for one in answers if one.id is not None)
    )


def _effect(
    store: Store,
    topic: Topic,
    people: Sequence[Member],
    ranked: Sequence[Advocate],
    heard: _Heard,
    asked: Month,
) -> BeforeAfter:
    contacted = {
        _account(one.advocate.author): one.contacted_at
        for one in people
        if one.contacted_at is not None and one.contacted_at < asked.end
    }
    return before_after(
        heard.voices,
        contacted,
        # Before the first post that we have, nothing is known: that is not silence.
        max(heard.since, heard.first or asked.end),
        asked.end,
        busy=store.people.contacted_at(),
        barred=frozenset({_account(one.author) for one in ranked if not one.organic} | heard.bots),
    )


def _found(store: Store, topic: Topic, ranked: Sequence[Advocate], asked: Month) -> tuple[int, ...]:
    """Who was told of as a new advocate in the month."""
    told = {
        one.alert_key
        for one in store.notifications(LATEST_TOLD, topic.name)
        if one.alert_key.endswith("/new_advocate") and asked.start <= one.created_at < asked.end
    }
    keys = {
        f"advocate/{topic.name}/{one.author.platform}:{one.author.external_id}/new_advocate": one.id or 0
        for one in ranked
    }
    return tuple(number for key, number in keys.items() if key in told)


def _quotable(store: Store, topic: Topic, now: datetime) -> dict[Account, str]:
    """The accounts whose consent to be quoted stands now, with the name to use."""
    return {
        _account(one.author): one.name_given or one.author.name or one.author.handle or one.author.external_id
        for one in store.people.contacts(topic.name, Scope.QUOTE, now)
    }


def _account(author: Author) -> Account:
    return author.platform, author.external_id
