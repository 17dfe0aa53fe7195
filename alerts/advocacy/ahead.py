"""Where a candidate's score would stand if they went on as they do, and how much is still missing. Pure.

Both are the score itself (`points.parts`) with posts added in thought: nothing is guessed about how it is made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from alerts.advocacy.organic import Verdict
from alerts.advocacy.person import Judged, Person
from alerts.advocacy.points import parts
from alerts.advocacy.settings import AdvocateSettings
from storage.types import Topic

WEEK = timedelta(days=7)
MOST_WEEKS = 8
_LATELY = timedelta(days=60)
_USUAL_RECOMMENDS, _USUAL_TESTIMONIALS = 0.25, 0.15  # of a post with praise, as if one such post were added


@dataclass(frozen=True, slots=True)
class Missing:
    """Weeks with one more post of praise each, until the threshold is reached: with plain praise, and with praise that
    recommends us to others. None: not within `MOST_WEEKS`."""

    praise: int | None
    recommending: int | None


def missing(
    person: Person, verdict: Verdict, topic: Topic, settings: AdvocateSettings, now: datetime
) -> Missing:
    """From the next week on, one post a week. The person has praise."""

    def weeks(recommends: float) -> int | None:
        for count in range(1, MOST_WEEKS + 1):
            later = _with(person, _posts(person, count, recommends, 0.0, now), topic)
            if (
                later.weeks >= settings.min_weeks
                and _score(later, verdict, settings, now + WEEK * count) >= settings.min_score
            ):
                return count
        return None

    return Missing(weeks(0.0), weeks(1.0))


def heading(
    person: Person, verdict: Verdict, topic: Topic, settings: AdvocateSettings, now: datetime
) -> float:
    """The score in sixty days if they go on at their own pace, in their own manner. The person has praise."""
    praised = [one for one in person.judged if one.praise > 0]
    days = max((now - praised[0].mention.post.created_at) / timedelta(days=1), 60.0)
    lately = {_week(one) for one in praised if now - one.mention.post.created_at < _LATELY}
    expected = 0.5 * len(lately) + 0.5 * person.weeks * 60 / days
    count = min(MOST_WEEKS, round(expected))
    recommends = (sum(one.recommends for one in praised) + _USUAL_RECOMMENDS) / (len(praised) + 1)
    tells = (sum(one.testimonial for one in praised) + _USUAL_TESTIMONIALS) / (len(praised) + 1)
    later = _with(person, _posts(person, count, recommends, tells, now), topic)
    return min(100.0, max(0.0, _score(later, verdict, settings, now + _LATELY)))


def _posts(person: Person, count: int, recommends: float, tells: float, now: datetime) -> list[Judged]:
    """Praise as the person's newest, one a week from the next one on."""
    like = next(one for one in reversed(person.judged) if one.praise > 0)
    found = []
    for number in range(1, count + 1):
        post = replace(like.mention.post, created_at=now + WEEK * number)
        mention = replace(like.mention, post=post, id=None)
        found.append(replace(like, mention=mention, recommends=recommends, testimonial=tells, defends=0.0))
    return found


def _with(person: Person, added: Sequence[Judged], topic: Topic) -> Person:
    """The person with posts to come, whose weeks and months are new ones where they are."""
    if not added:
        return person
    zone = ZoneInfo(topic.timezone)
    there = [one for place, one in enumerate(person.judged) if one.praise > 0 and place not in person.crowd]
    months = {_month(one, zone) for one in there}
    new = {_month(one, zone) for one in added} - months
    return replace(
        person,
        judged=(*person.judged, *added),
        weeks=person.weeks + len(added),
        months=person.months + len(new),
    )


def _score(person: Person, verdict: Verdict, settings: AdvocateSettings, now: datetime) -> float:
    return sum(part.points for part in parts(person, verdict, settings, now))


def _week(one: Judged) -> tuple[int, int]:
    return one.mention.post.created_at.isocalendar()[:2]


def _month(one: Judged, zone: ZoneInfo) -> tuple[int, int]:
    at = one.mention.post.created_at.astimezone(zone)
    return at.year, at.month
