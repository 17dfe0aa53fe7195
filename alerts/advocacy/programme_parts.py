"""The sections of the programme's report, one function each: figures into sentences (pure)."""

from __future__ import annotations

from datetime import timedelta

from alerts.advocacy.before_after import SHORTEST
from alerts.advocacy.impact import Referred
from alerts.advocacy.interrupted import FEWEST, Estimate
from alerts.advocacy.programme_sentences import Pen, Statement, refs
from alerts.incident.sentences import Ground, Ref
from storage.types import Mention

QUOTES, TASKS = 5, 10


def summary(pen: Pen) -> list[Statement]:
    now, before = pen.seen.figures, pen.seen.before
    shown = refs("mention", now.mentions or before.mentions)
    liked = refs("mention", now.positive or before.positive)
    enrolled = refs("advocate", (one.id for one in pen.seen.members if one.enrolled_at(now.end)))
    found = [
        pen.state(
            "enrolled", {"n": now.enrolled, "before": _enrolled_at_start(pen)}, enrolled, day=_last_day(pen)
        ),
        pen.state(
            "mentions",
            {"n": len(now.mentions), "people": len(now.people), "before": len(before.mentions)},
            shown,
            change=pen.change(len(now.mentions), len(before.mentions)),
        ),
        pen.state(
            "positive",
            {"n": len(now.positive), "all": now.positive_all},
            liked,
            share=pen.percent(now.share_of_positive),
            before_share=pen.percent(before.share_of_positive),
        ),
        pen.state(
            "positive.all",
            {"all": now.volume_all},
            liked,
            share=pen.percent(now.share_of_all),
            before_share=pen.percent(before.share_of_all),
        ),
        pen.state("reach", {"n": now.reach, "before": before.reach}, shown),
    ]
    if now.reach_unknown:
        found.append(pen.state("reach.unknown", {"k": now.reach_unknown}, shown))
    return [*found, pen.state("engagement", {"n": now.engagement, "before": before.engagement}, shown)]


def people(pen: Pen) -> list[Statement]:
    seen, now = pen.seen, pen.seen.figures
    came = [(one, one.came) for one in seen.rungs if one.came]
    steps = refs("step", (step for one, _ in came for step in one.steps))
    standing = [(one.stage.value, one.at_end) for one in seen.rungs if one.at_end]
    moves = (
        pen.state(
            "moves",
            {one.stage.value: n for one, n in came},
            steps,
            ground=Ground.RECORD,
            list=pen.people((pen.stage(one.stage.value), n) for one, n in came),
        )
        if came
        else pen.state("moves.none", {"n": 0}, ground=Ground.RECORD)
    )
    found = [
        pen.state("found", {"n": len(seen.found)}, refs("advocate", seen.found)),
        pen.state("candidates", {"n": len(seen.candidates)}, refs("advocate", seen.candidates)),
        moves,
    ]
    if standing:
        named = pen.people((pen.stage(code), n) for code, n in standing)
        everybody = refs("advocate", (one.id for one in seen.members))
        found.append(
            pen.state(
                "stages", dict(standing), everybody, ground=Ground.RECORD, day=_last_day(pen), list=named
            )
        )
    posted = refs("advocate", now.people)
    found.append(pen.state("posted", {"n": len(now.people), "all": now.enrolled}, posted))
    return [*found, pen.state("silent", {"n": len(seen.silent)}, refs("advocate", seen.silent))]


def posts(pen: Pen) -> list[Statement]:
    """The positive posts with most reactions, in the words of those who agreed; the others are counted."""
    theirs = _known(pen, pen.seen.figures.positive)
    if not theirs:
        return [pen.state("posts.none", {"n": 0})]
    allowed = [one for one in theirs if pen.seen.names(one)]
    shown = allowed[:QUOTES]
    found = [_quote(pen, one) for one in shown]
    if rest := allowed[QUOTES:]:
        found.append(pen.state("quotes.more", {"n": len(rest)}, _refs(rest)))
    if others := [one for one in theirs if not pen.seen.names(one)]:
        found.append(pen.state("uncounted", {"n": len(others)}, _refs(others)))
    return found


def disclosure(pen: Pen) -> list[Statement]:
    now, before = pen.seen.figures, pen.seen.before
    numbers = {
        "all": len(now.programme),
        "n": len(now.undisclosed),
        "before": len(before.undisclosed),
    }
    code = "undisclosed" if now.undisclosed else "undisclosed.none"
    return [pen.state(code, numbers, refs("mention", now.undisclosed or now.programme))]


def defence(pen: Pen) -> list[Statement]:
    now, before = pen.seen.figures, pen.seen.before
    crises = {"n": len(now.incidents), "before": len(before.incidents)}
    found = [pen.state("crises", crises, refs("incident", now.incidents or before.incidents))]
    if not now.incidents:
        return found
    numbers = {"n": len(now.defence), "people": len(now.defenders), "before": len(before.defence)}
    spoken = refs("mention", now.defence) or refs("incident", now.incidents)
    allowed = [one for one in _known(pen, now.defence) if pen.seen.names(one)]
    return [*found, pen.state("defence", numbers, spoken), *(_quote(pen, one) for one in allowed[:QUOTES])]


def referrals(pen: Pen) -> list[Statement]:
    now, before = pen.seen.figures.referrals, pen.seen.before.referrals
    events = refs("referral", now.ids)
    if not now.any:
        return [pen.state("referrals.none", {"n": 0})]
    counts = {name: now.counts[name] for name in ("invited", "clicked", "purchased")}
    numbers = {**counts, "customers": now.customers, "before": before.counts["purchased"]}
    found = [pen.state("referrals", numbers, events, ground=Ground.RECORD)]
    if now.values:
        found.append(
            pen.state(
                "referrals.value", dict(now.values), events, ground=Ground.RECORD,
                list=money(pen, now), before=money(pen, before) or pen.say("nothing"),
            )
        )  # fmt: skip
    return [*found, pen.state("referrals.known", {"n": now.known}, events, ground=Ground.RECORD)]


def survey(pen: Pen) -> list[Statement]:
    """Nothing at all where no survey was ever imported for the topic."""
    now, before = pen.seen.survey, pen.seen.survey_before
    if now is None:
        return []
    if now.nps is None or now.low is None or now.high is None:
        return [pen.state("survey.none", {"n": len(now.answers)})]
    earlier = before.nps if before is not None else None
    shown = {"low": now.low, "high": now.high, "nps": now.nps}
    return [
        pen.state(
            "survey", {"n": len(now.answers), **shown}, refs("survey", now.answers), ground=Ground.RECORD,
            before=pen.say("survey.unknown") if earlier is None else pen.signed(earlier, 0),
            **{name: pen.signed(value, 0) for name, value in shown.items()},
        )
    ]  # fmt: skip


def effect(pen: Pen) -> list[Statement]:
    found = pen.seen.effect
    contacted = refs("advocate", (one.id for one in pen.seen.members if one.contacted_at is not None))
    if found.code != "measured" or found.before is None or found.after is None:
        numbers = {"n": found.contacted, "fewest": FEWEST, "weeks": SHORTEST}
        return [pen.state(f"effect.{found.code}", numbers, contacted)]
    first = {"people": found.people, "weeks": found.weeks, "before": found.before, "after": found.after}
    said = [
        pen.state(
            "effect.weeks", first, contacted, before=pen.rate(found.before), after=pen.rate(found.after)
        )
    ]
    if found.difference is not None:
        verdict = "unclear"
        if found.difference.clear:
            verdict = "clear.more" if found.difference.value > 0 else "clear.less"
        others = {"others": found.comparisons}
        said.append(_estimated(pen, f"effect.{verdict}", found.difference, contacted, others))
    else:
        said.append(pen.state("effect.alone", {"others": found.comparisons}, contacted))
    for code, estimate, digits in (
        ("effect.level", found.level, 2), ("effect.slope", found.slope, 3), ("effect.sentiment", found.sentiment, 2),
    ):  # fmt: skip
        if estimate is not None:
            more = {"people": estimate.people} if code == "effect.sentiment" else {}
            said.append(_estimated(pen, code, estimate, contacted, more, digits))
    return said


def tasks(pen: Pen) -> list[Statement]:
    waiting, now = pen.seen.tasks, pen.seen.now
    late = [one for one in waiting if one.due is not None and one.due < now]
    steps = refs("step", (one.id for one in waiting))
    found = [pen.state("tasks", {"n": len(waiting), "late": len(late)}, steps, ground=Ground.RECORD)]
    for one in waiting[:TASKS]:
        code = "task.some_day" if one.due is None else "task.late" if one in late else "task"
        due = pen.day(one.due) if one.due is not None else ""
        found.append(
            pen.state(
                code, {"id": one.advocate_id}, refs("step", [one.id]), ground=Ground.RECORD,
                id=one.advocate_id, title=one.title, due=due,
            )
        )  # fmt: skip
    return found


def money(pen: Pen, of: Referred) -> str:
    """12,300円、45 USD: never added up."""
    named = []
    for currency, amount in of.values.items():
        unit = pen.say("yen") if currency == "JPY" else currency
        gap = "" if pen.lang == "ja" and currency == "JPY" else " "
        named.append(f"{pen.number(amount)}{gap}{unit}".rstrip())
    return pen.say("join").join(named)


def _estimated(
    pen: Pen, code: str, found: Estimate, evidence: tuple[Ref, ...], more: dict[str, int], digits: int = 2
) -> Statement:
    three = {"value": found.value, "low": found.low, "high": found.high}
    return pen.state(
        code, {**more, **three}, evidence, ground=Ground.ESTIMATE,
        **{name: pen.signed(value, digits) for name, value in three.items()},
    )  # fmt: skip


def _quote(pen: Pen, one: Mention) -> Statement:
    total = one.post.engagement.total or 0
    return pen.state(
        "quote",
        {"n": total},
        _refs([one]),
        quote=pen.excerpt(one),
        who=pen.seen.names(one) or "",
        where=pen.place(one),
        when=pen.when(one.post.created_at),
    )


def _known(pen: Pen, ids: tuple[int, ...]) -> list[Mention]:
    """The mentions, those with most reactions first."""
    there = [pen.seen.mentions[number] for number in ids if number in pen.seen.mentions]
    return sorted(
        there, key=lambda one: (-(one.post.engagement.total or 0), one.post.created_at, one.id or 0)
    )


def _refs(mentions: list[Mention]) -> tuple[Ref, ...]:
    return refs("mention", (one.id for one in mentions if one.id is not None))


def _enrolled_at_start(pen: Pen) -> int:
    return sum(one.enrolled_at(pen.seen.figures.start) for one in pen.seen.members)


def _last_day(pen: Pen) -> str:
    """The last day that is counted: a month that is over ends at midnight."""
    return pen.day(pen.seen.figures.end - timedelta(seconds=1))
