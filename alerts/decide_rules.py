"""What the rules about single posts, stars, talk and the review queue call for: an alert, or None (pure).

Continues `alerts.decide`: a key names the thing and when it began, so one thing is told once a channel for ever.
`RETOLD` is how long an alert is asked for again after it was found; dispatch tells it once, and a crash in between
loses nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from alerts.decide import about
from alerts.queues import QueueState
from alerts.ratings import Drop
from alerts.spikes import Spike
from alerts.viral import Level, Viral
from storage.notices import Alert, AlertKind
from storage.types import Label, Mention, Reason, Severity, Topic

RETOLD = timedelta(hours=1)
SHOWN = 5  # stories of a spike

_VIRAL = {
    (Label.NEGATIVE, Level.GOING): Severity.WARNING,
    (Label.NEGATIVE, Level.VERY): Severity.CRISIS,
    (Label.NEUTRAL, Level.GOING): Severity.WATCH,
    (Label.NEUTRAL, Level.VERY): Severity.WARNING,
    (Label.POSITIVE, Level.GOING): Severity.WATCH,
    (Label.POSITIVE, Level.VERY): Severity.WATCH,
}
"""How many people are about to read a complaint is a matter for tonight; praise waits until the morning."""


def viral_alert(mention: Mention, viral: Viral, topic: Topic, now: datetime) -> Alert | None:
    """A post about an own topic goes viral: once for each level, whatever its tendency."""
    level = {Level.GOING: "going_viral", Level.VERY: "very_viral"}.get(viral.level)
    if level is None or not topic.own:
        return None
    label, post = mention.analysis.sentiment.label, mention.post
    values = {
        "label": label.value,
        "reactions": viral.reactions,
        "per_hour": viral.per_hour,
        "usual": viral.usual,
        "limit": viral.limit,
        "age_hours": viral.age_hours,
        "doubling_min": viral.doubling_min,
        "followers": post.author.followers if post.author else None,
        "views": post.engagement.views,
    }
    return Alert(
        key=f"mention/{topic.name}/{post.platform}:{post.external_id}/{level}",
        kind=AlertKind.MENTION,
        topic=topic.name,
        severity=_VIRAL[label, viral.level],
        reason=Reason(level, values),
        created_at=now,
        subject=mention,
        mentions=(mention,),
        tags=topic.tags,
    )


def rating_alert(
    drop: Drop, topic: Topic, now: datetime, *, mentions: Sequence[Mention] = ()
) -> Alert | None:
    """The stars of a source have fallen; told when it is found, and again only after they came back."""
    if not topic.own or now - drop.since > RETOLD:
        return None
    values = {
        "source": drop.source,
        "mean": drop.mean,
        "before": drop.before,
        "reviews": drop.reviews,
        "reviews_before": drop.reviews_before,
        "one_star": drop.one_star,
        "one_star_before": drop.one_star_before,
        "chance": drop.chance,
        "days": drop.days,
        "version": drop.version,
        "version_reviews": drop.version_reviews,
        "version_mean": drop.version_mean,
    }
    key = f"rating/{topic.name}/{drop.source}/{drop.since.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    reason = Reason("rating_drop", values)
    return about(topic, drop.source, key, reason, Severity.WARNING, now, mentions)


def spike_alert(
    spike: Spike, topic: Topic, now: datetime, *, stories: Sequence[tuple[Mention, int]] = ()
) -> Alert | None:
    """Talk has shot up. `stories` are its largest, each by one mention and with how many it has."""
    if now - spike.found_at > RETOLD:
        return None
    values = {
        "since": spike.start.isoformat(),
        "minutes": spike.minutes,
        "count": spike.count,
        "usual": spike.usual,
        "positive": spike.positive,
        "negative": spike.negative,
        "story": stories[0][1] if stories else 0,
        "mentions": sum(count for _, count in stories),
    }
    key = f"spike/{topic.name}/{spike.start.astimezone(UTC):%Y%m%dT%H%MZ}"
    shown = [mention for mention, _ in stories[:SHOWN]]
    return about(topic, topic.name, key, Reason(spike.code, values), Severity.WATCH, now, shown)


def queue_alert(state: QueueState, limit: int, now: datetime) -> Alert | None:
    """The review queue is full, and has been for a while."""
    if state.full_since is None or state.told_at is None or now - state.told_at > RETOLD:
        return None
    hours = (state.told_at - state.full_since) / timedelta(hours=1)
    return Alert(
        key=f"review_queue/full/{state.told_at.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        kind=AlertKind.TREND,
        topic="",
        severity=Severity.WATCH,
        reason=Reason("review_queue_full", {"limit": limit, "hours": hours}),
        created_at=now,
        subject="",
    )
