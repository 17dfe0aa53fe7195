"""The alerts of `alerts.decide_rules` in words: title, summary, why, fields (pure). `alerts.message` calls it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from alerts.message import Parts, amount, clock_time, display_name, percent, span
from alerts.words import say
from storage.notices import Alert, Field
from storage.types import Mention

_RARE = 0.0001


def parts(alert: Alert, lang: str, zone: ZoneInfo) -> Parts:
    """For an alert whose reason is one of `alerts.words_rules.RULES`."""
    return _PARTS[alert.reason.code](alert, lang, zone)


# ------------------------------------------------------------------ a single post


def _viral(alert: Alert, lang: str, zone: ZoneInfo) -> Parts:
    mention, seen = alert.subject, alert.reason.values
    assert isinstance(mention, Mention)
    label = seen["label"]
    values = {
        "topic": alert.topic,
        "who": display_name(mention.post.author, lang),
        "posted": clock_time(mention.post.created_at, lang, zone),
        "reactions": amount(seen["reactions"], lang),
        "per_hour": amount(round(seen["per_hour"]), lang),
        "usual": amount(round(seen["usual"], 1), lang),
        "limit": amount(round(seen["limit"]), lang),
        "ratio": amount(round(seen["per_hour"] / max(seen["usual"], 0.1), 1), lang),
        "age": span(round(max(seen["age_hours"] * 60, 1)), lang),
    }
    whys = [say("why.viral", lang, **values)]
    if seen["doubling_min"] is not None:
        whys.append(say("why.doubling", lang, time=span(max(round(seen["doubling_min"]), 1), lang)))
    fields = [
        Field(say("field.posted", lang), values["posted"]),
        Field(say("field.reactions", lang), say("value.reactions", lang, n=values["reactions"])),
        Field(say("field.pace", lang), say("value.per_hour", lang, n=values["per_hour"])),
        *_reach(seen, lang),
    ]
    if label == "negative":
        fields.append(Field(say("field.next", lang), say(f"next.{alert.severity.value}", lang)))
    title = say(f"title.{alert.reason.code}.{label}", lang, **values)
    return title, say(f"summary.viral.{label}", lang, **values), tuple(whys), tuple(fields)


def _reach(seen: Mapping[str, Any], lang: str) -> list[Field]:
    known = [(name, n) for name in ("followers", "views") if (n := seen.get(name))]
    words = [say(f"reach.{name}", lang, n=amount(n, lang)) for name, n in known]
    return [Field(say("field.reach", lang), say("join", lang).join(words))] if words else []


# ------------------------------------------------------------------ stars


def _rating(alert: Alert, lang: str, _zone: ZoneInfo) -> Parts:
    seen = alert.reason.values
    values = {
        "topic": alert.topic,
        "source": seen["source"],
        "days": seen["days"],
        "mean": _stars(seen["mean"]),
        "before": _stars(seen["before"]),
        "lost": _stars(seen["before"] - seen["mean"]),
        "reviews": amount(seen["reviews"], lang),
        "reviews_before": amount(seen["reviews_before"], lang),
        "one_star": percent(seen["one_star"]),
        "one_star_before": percent(seen["one_star_before"]),
        "chance": _chance(seen["chance"], lang),
    }
    summary = say("summary.rating_drop", lang, **values)
    stars = say("value.stars", lang, now=values["mean"], before=values["before"])
    worst = say("value.one_star", lang, now=values["one_star"], before=values["one_star_before"])
    counted = say("value.reviews", lang, now=values["reviews"], before=values["reviews_before"])
    fields = [
        Field(say("field.stars", lang), stars),
        Field(say("field.one_star", lang), worst),
        Field(say("field.reviews", lang), counted),
    ]
    if seen["version"]:
        version = {
            "version": seen["version"],
            "n": amount(seen["version_reviews"], lang),
            "mean": _stars(seen["version_mean"]),
        }
        gap = "" if lang == "ja" else " "
        summary = f"{summary}{gap}{say('summary.rating_drop.version', lang, **version)}"
        fields.append(Field(say("field.version", lang), say("value.version", lang, **version)))
    fields.append(Field(say("field.next", lang), say("next.rating_drop", lang)))
    why = say("why.rating_drop", lang, **values)
    return say("title.rating_drop", lang, **values), summary, (why,), tuple(fields)


def _stars(mean: float) -> str:
    return f"{mean:.1f}"


def _chance(chance: float, lang: str) -> str:
    if chance < _RARE:
        return say("chance.rare", lang)
    return say("chance.percent", lang, n=f"{chance * 100:.1g}")


# ------------------------------------------------------------------ talk, and the queue


def _spike(alert: Alert, lang: str, zone: ZoneInfo) -> Parts:
    seen, code = alert.reason.values, alert.reason.code
    values = {
        "topic": alert.topic,
        "window": span(seen["minutes"], lang),
        "count": amount(seen["count"], lang),
        "usual": amount(round(seen["usual"], 1), lang),
        "ratio": amount(round(seen["count"] / max(seen["usual"], 0.1), 1), lang),
        "since": clock_time(datetime.fromisoformat(seen["since"]), lang, zone),
    }
    summary = say(f"summary.{code}", lang, **values)
    if seen["story"] > 1:
        n, mentions = amount(seen["story"], lang), amount(seen["mentions"], lang)
        gap = "" if lang == "ja" else " "
        summary = f"{summary}{gap}{say('summary.story', lang, n=n, mentions=mentions)}"
    shares = {name: percent(seen[name]) for name in ("positive", "negative")}
    fields = (
        Field(say("field.from", lang), values["since"]),
        Field(say("field.people", lang), say("value.people", lang, n=values["count"])),
        Field(say("field.tendency", lang), say("value.tendency", lang, **shares)),
    )
    return say(f"title.{code}", lang, **values), summary, (say("why.spike", lang, **values),), fields


def _queue(alert: Alert, lang: str, _zone: ZoneInfo) -> Parts:
    seen = alert.reason.values
    values = {"limit": amount(seen["limit"], lang), "hours": amount(round(seen["hours"]), lang)}
    step = Field(say("field.next", lang), say("next.review_queue_full", lang))
    title = say("title.review_queue_full", lang, **values)
    return title, say("summary.review_queue_full", lang, **values), (), (step,)


_PARTS: dict[str, Callable[[Alert, str, ZoneInfo], Parts]] = {
    "going_viral": _viral,
    "very_viral": _viral,
    "rating_drop": _rating,
    "competitor_spike": _spike,
    "positive_spike": _spike,
    "talk_spike": _spike,
    "review_queue_full": _queue,
}
