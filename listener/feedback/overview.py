"""Everything that was answered and everybody who was brought, of one topic, as figures and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from alerts.advocacy.nps import ImpliedNps
from alerts.advocacy.referrals import ReferralSummary, Share, summary
from alerts.advocacy.surveys import Figure, Step, Summary, summaries
from storage.consents import Scope
from storage.db import Store
from storage.responses import SurveyResponse

USUAL_STRETCH = timedelta(days=731)
WHY_DIFFERENT = (
    "the surveyed NPS is what customers answered when you asked them; the implied one is what people wrote unasked. "
    "Who answers is not who posts: happy regulars answer, the delighted and the angry post"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which topic and which stretch of time, split by what, as things stand at `now`."""

    topic: str
    since: datetime
    until: datetime
    zone: tzinfo
    step: Step
    now: datetime


def surveyed(store: Store, asked: Asked) -> tuple[list[SurveyResponse], list[Summary]]:
    """The answers, oldest first, and one summary a question."""
    responses = store.surveys.between(asked.topic, asked.since, asked.until, now=asked.now)
    return responses, summaries(responses, asked.zone, asked.step)


def referred(store: Store, asked: Asked, customers: int | None = None) -> ReferralSummary:
    found = store.referrals.between(asked.topic, asked.since, asked.until, now=asked.now)
    contacts = store.people.contacts(asked.topic, Scope.CONTACT, asked.now)
    known = {one.advocate_id for one in contacts if one.email}
    return summary(found, asked.zone, advocates=known, customers=customers, step=asked.step)


# ------------------------------------------------------------------ as JSON


def survey_shape(asked: Asked, found: Sequence[Summary], implied: ImpliedNps | None) -> dict[str, Any]:
    return {
        **_head(asked),
        "surveys": [_summary_shape(one) for one in found],
        "implied": None if implied is None else _implied_shape(implied),
    }


def referral_shape(asked: Asked, found: ReferralSummary) -> dict[str, Any]:
    return {
        **_head(asked),
        "invited": found.invited,
        "clicked": found.clicked,
        "referrers": found.referrers,
        "customers": found.customers,
        "rate_per_customer": None if found.per_customer is None else _share_shape(found.per_customer),
        "rate_per_advocate": _share_shape(found.per_advocate),
        "conversion": _share_shape(found.conversion),
        "worth": [
            {
                "currency": one.currency, "revenue": one.revenue, "orders": one.orders, "customers": one.customers,
                "per_customer": one.mean, "low": one.low, "high": one.high, "few": one.few,
                "per_buyer": one.per_buyer, "per_referrer": one.per_referrer,
            }
            for one in found.worth
        ],
        "people": [
            {
                "referrer": one.referrer, "advocate": one.advocate_id, "customers": one.customers,
                "buyers": one.buyers, "revenue": one.revenue,
            }
            for one in found.people
        ],
        "periods": [
            {
                "start": one.start.isoformat(), "customers": one.customers, "buyers": one.buyers,
                "revenue": one.revenue,
            }
            for one in found.periods
        ],
    }  # fmt: skip


def _head(asked: Asked) -> dict[str, Any]:
    return {
        "topic": asked.topic,
        "since": _time(asked.since),
        "until": _time(asked.until),
        "step": asked.step,
    }


def _summary_shape(one: Summary) -> dict[str, Any]:
    return {
        **figure_shape(one.figure),
        "periods": [
            {
                "start": period.start.isoformat(),
                **figure_shape(period.figure),
                "against_before": period.verdict,
            }
            for period in one.periods
        ],
        "segments": {
            name: [
                {
                    "segment": segment.value,
                    **figure_shape(segment.figure),
                    "against_rest": segment.verdict.value,
                }
                for segment in segments
            ]
            for name, segments in one.segments.items()
        },
    }


def figure_shape(one: Figure) -> dict[str, Any]:
    first = one.scale.low
    return {
        "kind": one.kind.value,
        "scale": [one.scale.low, one.scale.high],
        "n": one.n,
        "value": one.value,
        "low": one.low,
        "high": one.high,
        "few": one.few,
        "counts": {str(first + index): count for index, count in enumerate(one.counts)},
    }


def _implied_shape(one: ImpliedNps) -> dict[str, Any]:
    counted = one.promoters + one.passives + one.detractors
    return {
        "nps": one.nps,
        "low": one.low,
        "high": one.high,
        "authors": counted,
        "why_different": WHY_DIFFERENT,
    }


def _share_shape(one: Share) -> dict[str, Any]:
    return {
        "hits": one.hits,
        "of": one.of,
        "value": one.value,
        "low": one.low,
        "high": one.high,
        "few": one.few,
    }


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
