"""`kikimimi surveys show` and `referrals show`: what was answered and who brought whom, as figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, cast
from zoneinfo import ZoneInfo

from rich.markup import escape
from rich.table import Table

from alerts.advocacy.nps import ImpliedNps
from alerts.advocacy.referrals import ReferralSummary, Share
from alerts.advocacy.surveys import FEW, Figure, Summary, Verdict
from listener import watching
from listener.clock import SystemClock
from listener.commands.errors import CommandError
from listener.commands.output import choose_topics, err, load_config, out, parse_time, print_json
from listener.config import Config, TopicConfig
from listener.feedback.overview import (
    USUAL_STRETCH,
    WHY_DIFFERENT,
    Asked,
    referral_shape,
    referred,
    survey_shape,
    surveyed,
)
from storage.db import Store
from storage.responses import SurveyKind

_SAID = {
    Verdict.ABOVE: "higher",
    Verdict.BELOW: "lower",
    Verdict.SAME: "no difference to claim",
    Verdict.FEW: "too few to compare",
}


@dataclass(frozen=True)
class Ask:
    """What the person at the keyboard wants to see."""

    topic: str | None
    since: str | None
    until: str | None
    step: str
    customers: int | None = None


def surveys(path: Path, ask: Ask, *, as_json: bool) -> None:
    config = load_config(path)
    shapes = []
    with Store.open(config.database_url) as store:
        for topic, asked in _asked(config, ask):
            _, found = surveyed(store, asked)
            study = watching.studied(store, topic.topic(), config.thresholds.advocate, asked.now)
            if as_json:
                shapes.append(survey_shape(asked, found, study.implied))
            else:
                _show_surveys(asked, found, study.implied)
    if as_json:
        print_json(shapes)


def referrals(path: Path, ask: Ask, *, as_json: bool) -> None:
    config = load_config(path)
    shapes = []
    with Store.open(config.database_url) as store:
        for _, asked in _asked(config, ask):
            found = referred(store, asked, ask.customers)
            if as_json:
                shapes.append(referral_shape(asked, found))
            else:
                _show_referrals(asked, found)
    if as_json:
        print_json(shapes)


def _asked(config: Config, ask: Ask) -> Iterator[tuple[TopicConfig, Asked]]:
    """Our own topics, or the one that was named."""
    names = choose_topics(config, ask.topic)
    now = SystemClock().now()
    until = parse_time(ask.until, timezone=config.timezone, option="--until") or now
    since = parse_time(ask.since, timezone=config.timezone, option="--since") or until - USUAL_STRETCH
    if since >= until:
        raise CommandError("--since: must be before --until")
    step = cast("Literal['month', 'quarter']", ask.step)
    for one in config.topics:
        if one.name in names and (one.own or ask.topic):
            yield one, Asked(one.name, since, until, ZoneInfo(one.topic().timezone), step, now)


# ------------------------------------------------------------------ tables


def _show_surveys(asked: Asked, found: list[Summary], implied: ImpliedNps) -> None:
    if not found:
        err.print(f"{escape(asked.topic)}: no answers yet; `kikimimi surveys import` reads them from a file")
        return
    table = Table("what", "of", "figure", "95 % interval", "n", "beside", title=escape(asked.topic))
    for one in found:
        name = one.figure.kind.value.upper()
        table.add_row(name, "all", *_cells(one.figure), "")
        for period in one.periods:
            before = f"{_SAID[period.verdict]} (before)" if period.verdict else ""
            table.add_row(name, _period(period.start, asked.step), *_cells(period.figure), before)
        for column, segments in one.segments.items():
            for segment in segments:
                place = escape(f"{column}: {segment.value}")
                table.add_row(name, place, *_cells(segment.figure), f"{_SAID[segment.verdict]} (the rest)")
    if implied.nps is not None:
        counted = implied.promoters + implied.passives + implied.detractors
        interval = f"{implied.low:+.1f} … {implied.high:+.1f}"
        table.add_row("NPS", "implied", f"{implied.nps:+.1f}", interval, str(counted), "")
    out.print(table)
    err.print(f"Implied: {WHY_DIFFERENT}.")


def _cells(one: Figure) -> tuple[str, str, str]:
    number = f"{one.n}: too few to read" if one.n < FEW else str(one.n)
    if one.value is None or one.low is None or one.high is None:
        return "", "", number
    if one.kind is SurveyKind.NPS:
        return f"{one.value:+.1f}", f"{one.low:+.1f} … {one.high:+.1f}", number
    if one.kind is SurveyKind.CSAT:
        return f"{one.value:.0%}", f"{one.low:.0%} … {one.high:.0%}", number
    return f"{one.value:.2f}", f"{one.low:.2f} … {one.high:.2f}", number


def _period(start: datetime, step: str) -> str:
    month = f"{start:%Y-%m}"
    return month if step == "month" else f"{month[:4]} Q{(int(month[5:]) + 2) // 3}"


def _show_referrals(asked: Asked, found: ReferralSummary) -> None:
    if not (found.customers or found.invited or found.clicked):
        err.print(
            f"{escape(asked.topic)}: no referrals yet; `kikimimi referrals import` reads them from a file"
        )
        return
    table = Table("what", "figure", "95 % interval", "of", title=escape(asked.topic))
    table.add_row("invited", str(found.invited), "", "")
    table.add_row("clicks", str(found.clicked), "", "")
    table.add_row("people who brought customers", str(found.referrers), "", "")
    table.add_row("referred customers", str(found.customers), "", "")
    if found.per_customer:
        table.add_row("referral rate, of customers", *_share(found.per_customer))
    table.add_row("referral rate, of recognised advocates", *_share(found.per_advocate))
    table.add_row("conversion: bought, of those referred", *_share(found.conversion))
    for one in found.worth:
        few = f"{one.customers}: too few to read" if one.few else str(one.customers)
        interval = f"{one.low:,.2f} … {one.high:,.2f}"
        table.add_row(f"{one.currency} per referred customer", f"{one.mean:,.2f}", interval, few)
        table.add_row(f"{one.currency} in all", f"{one.revenue:,.2f}", "", f"{one.orders} orders")
        table.add_row(f"{one.currency} per person who refers", f"{one.per_referrer:,.2f}", "", "")
    out.print(table)


def _share(one: Share) -> tuple[str, str, str]:
    if one.value is None or one.low is None or one.high is None:
        return "", "", "0"
    few = f"{one.of}: too few to read" if one.few else str(one.of)
    return f"{one.value:.1%}", f"{one.low:.1%} … {one.high:.1%}", few
