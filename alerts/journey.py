"""An advocate's way through the programme: the next steps, what is due, which posts are whose doing (pure).

Organic until contacted: from the first contact on, what somebody posts may come of our asking. It no longer speaks
for them in the score, and it has to say that we are behind it (景品表示法, the rule on hidden advertising in force
since October 2023). A post that finds fault with us is nobody's advertisement and needs no such words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from alerts.advocates import AdvocateSettings
from storage.journeys import MOVES, Task
from storage.notices import Alert, AlertKind
from storage.types import Advocate, Author, DisclosureKind, Label, Mention, Reason, Severity, Stage, Topic

Account = tuple[str, str]  # (platform, external id)
SOON = timedelta(days=2)
TOLD_WITHIN = timedelta(days=30)  # a post that was found out later than this is history


# ------------------------------------------------------------------ steps and tasks


def next_steps(stage: Stage) -> tuple[Stage, ...]:
    """The steps that a person may take now by a button; a consent has a form of its own."""
    return tuple(one for one in MOVES[stage] if one is not Stage.CONSENTED)


def may_consent(stage: Stage) -> bool:
    """Only somebody whom we have asked can say yes."""
    return stage not in (Stage.CANDIDATE, Stage.REVIEWED, Stage.LEFT)


def urgency(task: Task, now: datetime) -> str:
    """`done`, `overdue`, `soon` or `open`."""
    if task.done_at is not None:
        return "done"
    if task.due is None:
        return "open"
    return "overdue" if task.due < now else "soon" if task.due - now <= SOON else "open"


# ------------------------------------------------------------------ whose doing a post is


def is_programme(mention: Mention, contacted_at: datetime | None) -> bool:
    return contacted_at is not None and mention.post.created_at >= contacted_at


def discloses(mention: Mention) -> bool:
    """The post says in plain words that somebody is behind it; a model's guess is no disclosure."""
    said = mention.analysis.disclosure
    return said.kind is DisclosureKind.SPONSORED and said.evidence is not None


def lacks_disclosure(mention: Mention, contacted_at: datetime | None) -> bool:
    """A programme post that a reader would take for unprompted praise."""
    against = mention.analysis.sentiment.label is Label.NEGATIVE
    return is_programme(mention, contacted_at) and not against and not discloses(mention)


def organic_part(
    people: Iterable[tuple[Author, Sequence[Mention]]], contacted: Mapping[Account, datetime]
) -> Iterator[tuple[Author, Sequence[Mention]]]:
    """What of everybody's mentions may count for a score: those from before the first contact."""
    for author, mentions in people:
        at = contacted.get((author.platform, author.external_id))
        own = [one for one in mentions if not is_programme(one, at)] if at is not None else mentions
        if own:
            yield author, own


# ------------------------------------------------------------------ what to tell


def undisclosed_alerts(
    advocate: Advocate, contacted_at: datetime, mentions: Iterable[Mention], topic: Topic, now: datetime
) -> list[Alert]:
    """One alert a programme post that hides the relation; the key is the post's, so it is told once."""
    if not topic.own or advocate.stage is Stage.LEFT:
        return []
    found = []
    for one in mentions:
        late = now - one.post.created_at > TOLD_WITHIN
        if late or one.post.created_at > now or not lacks_disclosure(one, contacted_at):
            continue
        values = {
            "stage": advocate.stage.value,
            "contacted_at": contacted_at.isoformat(),
            "mention": one.id,
            "score": advocate.score,
        }
        post = f"{one.post.platform}:{one.post.external_id}"
        found.append(_alert(advocate, "undisclosed_programme_post", post, values, (one,), topic, now))
    return found


def recovered_alert(
    advocate: Advocate, mentions: Sequence[Mention], topic: Topic, settings: AdvocateSettings, now: datetime
) -> Alert | None:
    """Somebody who had turned is well disposed again: as many positive mentions in a row as it took to turn.

    `mentions` are theirs, oldest first. Neutral ones neither turn nor recover anybody.
    """
    if not topic.own:
        return None
    enough = settings.detractor_negatives
    judged = [one for one in mentions if one.analysis.sentiment.label is not Label.NEUTRAL]
    latest = judged[-enough:]
    if len(latest) < enough or any(_negative(one) for one in latest):
        return None
    before = judged[: len(judged) - enough]
    while before and not _negative(before[-1]):
        before.pop()
    fallen = before[-enough:]
    if len(fallen) < enough or not all(map(_negative, fallen)):
        return None
    if now - latest[-1].post.created_at > TOLD_WITHIN:
        return None
    month = f"{fallen[-1].post.created_at.astimezone(UTC):%Y-%m}"
    values = {"positives": len(latest), "score": advocate.score}
    return _alert(advocate, "detractor_recovered", month, values, tuple(latest), topic, now)


def _negative(mention: Mention) -> bool:
    return mention.analysis.sentiment.label is Label.NEGATIVE


_SEVERITY = {"undisclosed_programme_post": Severity.WARNING, "detractor_recovered": Severity.WATCH}


def _alert(
    advocate: Advocate,
    code: str,
    what: str,
    values: Mapping[str, object],
    mentions: tuple[Mention, ...],
    topic: Topic,
    now: datetime,
) -> Alert:
    who = f"{advocate.author.platform}:{advocate.author.external_id}"
    return Alert(
        key=f"advocate/{topic.name}/{who}/{code}/{what}",
        kind=AlertKind.ADVOCATE,
        topic=topic.name,
        severity=_SEVERITY[code],
        reason=Reason(code, dict(values)),
        created_at=now,
        subject=advocate,
        mentions=mentions,
        tags=topic.tags,
    )
