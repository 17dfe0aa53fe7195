"""A digest in words: the parts that `alerts.message` makes a message of (pure)."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from alerts.digest import change
from alerts.message import Parts, amount, clock_time
from alerts.words import say
from storage.notices import Alert, Digest, Field, TopicDigest
from storage.types import Incident, IncidentState

NAMES = 5
_DAYS = {"ja": "月火水木金土日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}


def parts(alert: Alert, lang: str, zone: ZoneInfo) -> Parts:
    """Title, one sentence, a line for each topic, and what needs a person."""
    digest = alert.subject
    assert isinstance(digest, Digest)
    own = [one for one in digest.topics if one.own]
    values = {
        "day": _day(digest, lang, zone),
        "volume": amount(sum(one.volume for one in own), lang),
        "negative": amount(sum(one.negative for one in own), lang),
    }
    kind = "nothing" if digest.empty else "title"
    title = say(f"digest.{kind}.{digest.period}", lang, **values)
    return (
        title,
        _summary(digest, lang),
        tuple(_topic(one, lang) for one in digest.topics),
        _fields(digest, lang, zone),
    )


def _summary(digest: Digest, lang: str) -> str:
    if not digest.incidents:
        return say("digest.calm", lang)
    unresolved = sum(one.state is not IncidentState.RESOLVED for one in digest.incidents)
    return say("digest.incidents", lang, n=len(digest.incidents), open=unresolved)


def _topic(one: TopicDigest, lang: str) -> str:
    differs = dict(change(one.volume, one.volume_before))
    return say(
        "digest.topic" if one.own else "digest.competitor",
        lang,
        topic=one.topic,
        volume=amount(one.volume, lang),
        change=say(f"digest.change.{differs.pop('code')}", lang, **differs),
        positive=amount(one.positive, lang),
        negative=amount(one.negative, lang),
        before=amount(one.negative_before, lang),
    )


def _fields(digest: Digest, lang: str, zone: ZoneInfo) -> tuple[Field, ...]:
    """Only what there is: an empty line would have to be read."""
    found = {
        "incidents": "\n".join(_incident(one, lang, zone) for one in digest.incidents),
        "advocates": _names(digest.advocates, lang),
        "waiting": say("digest.waiting", lang, n=digest.waiting) if digest.waiting else "",
        "failing": _names(digest.failing, lang),
    }
    return tuple(Field(say(f"field.{name}", lang), value) for name, value in found.items() if value)


def _incident(one: Incident, lang: str, zone: ZoneInfo) -> str:
    return say(
        "digest.incident",
        lang,
        topic=one.topic,
        severity=say(f"severity.{one.severity.value}", lang),
        state=say(f"digest.state.{one.state.value}", lang),
        when=clock_time(one.opened_at, lang, zone),
    )


def _names(names: tuple[str, ...], lang: str) -> str:
    shown = [
        *names[:NAMES],
        *([say("digest.more", lang, n=len(names) - NAMES)] if len(names) > NAMES else []),
    ]
    return say("digest.join", lang).join(shown)


def _day(digest: Digest, lang: str, zone: ZoneInfo) -> str:
    """A day by its date; what ends at nine is called by the day on which most of it lay."""
    start, end = digest.start.astimezone(zone), (digest.end - timedelta(seconds=1)).astimezone(zone)
    if digest.period == "daily":
        return _date(start if start.hour < 12 else end, lang)
    return (
        f"{_date(start, lang)}〜{_date(end, lang)}"
        if lang == "ja"
        else f"{_date(start, lang)} – {_date(end, lang)}"
    )


def _date(moment: datetime, lang: str) -> str:
    day = _DAYS["ja" if lang == "ja" else "en"][moment.weekday()]
    return f"{moment.month}/{moment.day}（{day}）" if lang == "ja" else f"{day} {moment:%b} {moment.day}"
