"""The programme of one topic in one month: everything that the page and the report say (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.advocacy.before_after import Account, BeforeAfter
from alerts.advocacy.impact import Figures, Month
from alerts.advocacy.membership import SILENT, Member, Rung
from storage.journeys import Task
from storage.types import Label, Mention, Topic

TREND = 6  # months


@dataclass(frozen=True, slots=True)
class Bar:
    """The enrolled people's posts of one month, YYYY-MM, by feeling."""

    month: str
    positive: int
    neutral: int
    negative: int

    @property
    def total(self) -> int:
        return self.positive + self.neutral + self.negative


@dataclass(frozen=True, slots=True)
class Surveyed:
    """The NPS of a survey with its interval and the answers behind it; None without answers."""

    nps: float | None
    low: float | None
    high: float | None
    answers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Programme:
    """`figures` of the month and of the stretch `before`.

    `candidates` and `tasks` are as they stand at `now`; `found` were told of as new in the month; `silent` are the
    enrolled without a post for long. `mentions` are the members' of both stretches. `quotable` are the accounts that
    agreed to be quoted, with the name they gave.
    """

    topic: Topic
    month: Month
    now: datetime
    figures: Figures
    before: Figures
    rungs: tuple[Rung, ...]
    members: tuple[Member, ...]
    candidates: tuple[int, ...]
    found: tuple[int, ...]
    silent: tuple[int, ...]
    tasks: tuple[Task, ...]
    mentions: Mapping[int, Mention]
    quotable: Mapping[Account, str]
    effect: BeforeAfter
    trend: tuple[Bar, ...] = ()
    survey: Surveyed | None = None
    survey_before: Surveyed | None = None

    def names(self, mention: Mention) -> str | None:
        """What the author of a mention may be called; None for somebody who did not agree to be quoted."""
        author = mention.post.author
        return None if author is None else self.quotable.get((author.platform, author.external_id))


def silent(
    people: Sequence[Member], posts: Mapping[int, Sequence[Mention]], end: datetime
) -> tuple[int, ...]:
    """The enrolled who have not posted for `SILENT` before `end`."""
    lately = {
        one.id
        for one in people
        if any(end - SILENT <= mention.post.created_at < end for mention in posts.get(one.id, ()))
    }
    return tuple(one.id for one in people if one.enrolled_at(end) and one.id not in lately)


def trend(
    people: Sequence[Member], posts: Mapping[int, Sequence[Mention]], months: Sequence[Month]
) -> tuple[Bar, ...]:
    """The enrolled people's posts in each of these months."""
    theirs = [
        mention
        for one in people
        for mention in posts.get(one.id, ())
        if one.enrolled_at(mention.post.created_at)
    ]
    found = []
    for one in months:
        labels = [
            mention.analysis.sentiment.label
            for mention in theirs
            if one.start <= mention.post.created_at < one.end
        ]
        found.append(Bar(one.name, *(labels.count(label) for label in Label)))
    return tuple(found)
