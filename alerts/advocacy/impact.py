"""What the programme's people did in a stretch of time, beside the stretch before (pure).

Enrolled people's posts count while they were enrolled: from the consent until they left. A post has to say that we
are behind it from the first contact on, so the disclosures are counted from there. Nobody who opted out or was
erased is in any of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from alerts.advocacy.membership import Member
from alerts.journey import lacks_disclosure
from storage.referrals import Referral, ReferralKind
from storage.types import Incident, Label, Mention, SignalKind


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month of the topic's time zone, in UTC; a running one ends now, and `before` is as long."""

    name: str  # 2026-10
    start: datetime
    end: datetime
    before_start: datetime
    before_end: datetime
    running: bool


@dataclass(frozen=True, slots=True)
class Referred:
    """Events by kind, different customers and buyers, what they paid by currency; `known` are enrolled people's."""

    counts: Mapping[str, int]
    customers: int
    buyers: int
    values: Mapping[str, float]
    known: int
    ids: tuple[int, ...]

    @property
    def any(self) -> bool:
        return bool(sum(self.counts.values()))


@dataclass(frozen=True, slots=True)
class Figures:
    """One stretch. Ids are of mentions, the latest first; `people` and `defenders` are advocates.

    `reach` adds the author's followers once a post; what is unknown is counted beside it and adds nothing.
    `programme` are the posts since the first contact, `undisclosed` those of them that hide it.
    """

    start: datetime
    end: datetime
    enrolled: int
    people: tuple[int, ...]
    mentions: tuple[int, ...]
    positive: tuple[int, ...]
    reach: int
    reach_unknown: int
    engagement: int
    engagement_unknown: int
    positive_all: int
    volume_all: int
    programme: tuple[int, ...]
    undisclosed: tuple[int, ...]
    incidents: tuple[int, ...]
    defence: tuple[int, ...]
    defenders: tuple[int, ...]
    referrals: Referred = field(default_factory=lambda: referred((), frozenset()))

    @property
    def share_of_positive(self) -> float | None:
        """Of all positive mentions; None without any."""
        return len(self.positive) / self.positive_all if self.positive_all else None

    @property
    def share_of_all(self) -> float | None:
        return len(self.positive) / self.volume_all if self.volume_all else None


@dataclass(frozen=True, slots=True)
class Around:
    """What else is known: the topic's positive and all mentions in the stretch, incidents, referrals.

    `reach` is the followers by mention, where they are known.
    """

    positive: int
    volume: int
    reach: Mapping[int, int] = field(default_factory=dict)
    incidents: Sequence[Incident] = ()
    referrals: Sequence[Referral] = ()


def month(name: str, timezone: str, now: datetime) -> Month:
    """`name` is YYYY-MM. Raises ValueError for another text, and for a month that has not begun."""
    first = datetime.strptime(f"{name}-01", "%Y-%m-%d").replace(tzinfo=UTC).date()
    zone = ZoneInfo(timezone)
    start, over = _midnight(first, zone), _midnight(_next(first), zone)
    if start >= now or name != f"{first:%Y-%m}":
        raise ValueError(name)
    before = _midnight(_before(first), zone)
    if now >= over:
        return Month(name, start, over, before, start, running=False)
    return Month(name, start, now, before, min(start, before + (now - start)), running=True)


def latest_months(timezone: str, now: datetime, count: int) -> list[str]:
    """The names of the running month and those before it, the newest first."""
    day = now.astimezone(ZoneInfo(timezone)).date().replace(day=1)
    found = []
    for _ in range(count):
        found.append(f"{day:%Y-%m}")
        day = _before(day)
    return found


def measure(
    start: datetime,
    end: datetime,
    people: Sequence[Member],
    posts: Mapping[int, Sequence[Mention]],
    around: Around,
) -> Figures:
    """The figures of [start, end); `posts` are mentions of the members by advocate."""
    inside = [
        (member, one)
        for member in people
        for one in posts.get(member.id, ())
        if start <= one.post.created_at < end
    ]
    inside.sort(key=lambda pair: (pair[1].post.created_at, pair[1].id or 0), reverse=True)
    theirs = [(member, one) for member, one in inside if member.enrolled_at(one.post.created_at)]
    programme = [(member, one) for member, one in inside if member.in_programme_at(one.post.created_at)]
    crises = [one for one in around.incidents if _overlaps(one, start, end)]
    defence = [(member, one) for member, one in theirs if _defends(one) and _during(one, crises)]
    followers = [around.reach.get(one.id or 0) for _, one in theirs]
    reactions = [one.post.engagement.total for _, one in theirs]
    enrolled = frozenset(one.id for one in people if one.enrolled_at(end))
    return Figures(
        start=start,
        end=end,
        enrolled=len(enrolled),
        people=_people(theirs),
        mentions=_ids(one for _, one in theirs),
        positive=_ids(one for _, one in theirs if _likes(one)),
        reach=sum(count or 0 for count in followers),
        reach_unknown=followers.count(None),
        engagement=sum(count or 0 for count in reactions),
        engagement_unknown=reactions.count(None),
        positive_all=around.positive,
        volume_all=around.volume,
        programme=_ids(one for _, one in programme),
        undisclosed=_ids(one for who, one in programme if lacks_disclosure(one, who.contacted_at)),
        incidents=tuple(one.id for one in crises if one.id is not None),
        defence=_ids(one for _, one in defence),
        defenders=_people(defence),
        referrals=referred(around.referrals, enrolled),
    )


def referred(events: Iterable[Referral], enrolled: frozenset[int]) -> Referred:
    """Customers are told apart where the tool says who they are; currencies are never added up."""
    listed = list(events)
    bought = [one for one in listed if one.kind == ReferralKind.PURCHASED]
    values: dict[str, float] = {}
    for one in bought:
        if one.value is not None:
            values[one.currency] = values.get(one.currency, 0.0) + one.value
    came = [one for one in listed if one.kind in (ReferralKind.REFERRED, ReferralKind.PURCHASED)]
    return Referred(
        counts={kind.value: sum(one.kind == kind for one in listed) for kind in ReferralKind},
        customers=len({one.customer for one in came} - {""}),
        buyers=len({one.customer for one in bought} - {""}),
        values=dict(sorted(values.items())),
        known=sum(one.advocate_id in enrolled for one in listed),
        ids=tuple(one.id for one in listed if one.id is not None),
    )


def _likes(mention: Mention) -> bool:
    return mention.analysis.sentiment.label is Label.POSITIVE


def _defends(mention: Mention) -> bool:
    return _likes(mention) or mention.analysis.has(SignalKind.DEFEND)


def _during(mention: Mention, crises: Iterable[Incident]) -> bool:
    at = mention.post.created_at
    return any(one.opened_at <= at and (one.resolved_at is None or at < one.resolved_at) for one in crises)


def _overlaps(incident: Incident, start: datetime, end: datetime) -> bool:
    return incident.opened_at < end and (incident.resolved_at is None or incident.resolved_at > start)


def _ids(mentions: Iterable[Mention]) -> tuple[int, ...]:
    return tuple(one.id for one in mentions if one.id is not None)


def _people(pairs: Iterable[tuple[Member, Mention]]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(member.id for member, _ in pairs))


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _next(first: date) -> date:
    return first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)


def _before(first: date) -> date:
    return first.replace(year=first.year - (first.month == 1), month=(first.month - 2) % 12 + 1)
