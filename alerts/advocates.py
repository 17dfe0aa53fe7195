"""People and their mentions → organic advocates, with every point of the score explained (pure).

An advocate praised repeatedly over weeks, unpaid, in words of their own. The score is 0…100 and the sum of
its contributions, each with the mentions that show it (`alerts/advocacy/` makes them, docs/advocates.md says how).
One gushing post is not an advocate: the score stays below `min_score` until praise was seen in `min_weeks`
different weeks.

What it will not do: follow one person across platforms unless the import gives one id for both, or tell that
somebody was paid who does not say so and does not act like it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.advocacy import nps, organic
from alerts.advocacy.nps import AuthorNps, ImpliedNps, Standing
from alerts.advocacy.organic import Verdict
from alerts.advocacy.person import Person, gather, judge
from alerts.advocacy.points import parts
from alerts.advocacy.settings import AdvocateSettings
from storage.types import Advocate, Author, Contribution, Mention, Topic

__all__ = [
    "AdvocateSettings",
    "AuthorNps",
    "ImpliedNps",
    "Standing",
    "Study",
    "judged",
    "qualifies",
    "rank",
    "scored",
    "study",
]


@dataclass(frozen=True, slots=True)
class Study:
    """Who recommends a topic, best first; where each author stands; and what all of them come to."""

    advocates: tuple[Advocate, ...]
    authors: tuple[AuthorNps, ...]
    implied: ImpliedNps


def rank(
    topic: Topic,
    people: Iterable[tuple[Author, Sequence[Mention]]],
    settings: AdvocateSettings,
    now: datetime,
) -> list[Advocate]:
    """Everybody with genuine or doubtful praise and at least `keep_score` points, best first.

    `people` are authors with their mentions of the topic. Doubtful ones stay in the list with `organic` False
    and the reasons, so that a person can judge.
    """
    return list(study(topic, people, settings, now).advocates)


def study(
    topic: Topic,
    people: Iterable[tuple[Author, Sequence[Mention]]],
    settings: AdvocateSettings,
    now: datetime,
) -> Study:
    """`rank`, and the implied NPS of all authors. Nothing later than `now` is looked at."""
    known = judged(topic, people, settings, now)
    authors = nps.stand([(person, verdict.organic) for person, verdict in known])
    return Study(scored(known, topic, settings, now), tuple(authors), nps.implied(topic.name, authors))


def judged(
    topic: Topic,
    people: Iterable[tuple[Author, Sequence[Mention]]],
    settings: AdvocateSettings,
    now: datetime,
) -> list[tuple[Person, Verdict]]:
    """Every author's history read once: what no weight changes."""
    return [(person, organic.verdict(person)) for person in judge(gather(people, settings, now), topic)]


def scored(
    known: Sequence[tuple[Person, Verdict]], topic: Topic, settings: AdvocateSettings, now: datetime
) -> tuple[Advocate, ...]:
    """Who has any praise and at least `keep_score` points, best first."""
    everybody = [_advocate(one, verdict, topic, settings, now) for one, verdict in known if _praises(one)]
    listed = [advocate for advocate in everybody if advocate.score >= settings.keep_score]
    return tuple(sorted(listed, key=lambda one: (-one.score, one.author.platform, one.author.external_id)))


def qualifies(advocate: Advocate, settings: AdvocateSettings) -> bool:
    """True for those to tell somebody about: organic and with enough points."""
    return advocate.organic and advocate.score >= settings.min_score


def _praises(person: Person) -> bool:
    return any(one.attitude > 0 for one in person.judged)


def _advocate(
    person: Person, verdict: Verdict, topic: Topic, settings: AdvocateSettings, now: datetime
) -> Advocate:
    found = parts(person, verdict, settings, now)
    total = sum(part.points for part in found)
    if person.weeks < settings.min_weeks and total >= settings.min_score:
        # Explained like every other part: a score can be added up by hand.
        found.append(Contribution("too_few_weeks", round(settings.min_score - 0.1 - total, 1)))
    shown = tuple(part for part in found if abs(part.points) >= 0.05)
    return Advocate(
        author=person.author,
        topic=topic.name,
        score=round(min(100.0, max(0.0, sum(part.points for part in shown))), 1),
        contributions=tuple(sorted(shown, key=lambda part: -part.points)),
        organic=verdict.organic,
        organic_reasons=verdict.reasons(len(person.judged)),
        mentions=len(person.judged),
        first_at=person.judged[0].mention.post.created_at,
        last_at=person.judged[-1].mention.post.created_at,
    )
