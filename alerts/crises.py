"""A topic's history → its incidents: opened, changed, resolved or opened again (pure).

Two rules. `negative_excess` (alerts/excess.py): more distinct people are negative in a window than the topic's own
past makes likely. `critical_phrase` (alerts/phrases.py): several people negatively use a phrase that a brand
cannot leave unanswered (食中毒, 情報漏えい). At most one incident of a kind is open for a topic; while it stays
open only its severity may rise, and it is resolved when nothing was unusual for `quiet_hours`. What comes within
`COOL_DOWN` of that is the same crisis: the incident is opened again, unless the new finding dwarfs it.

What it will not do: tell a just complaint from an unjust one, or see people whose posts no source brings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from alerts.baseline import Baseline, Span, learn
from alerts.excess import NEGATIVE_EXCESS, negative_excess
from alerts.phrases import CRITICAL_PHRASE, critical_phrase
from alerts.talk import Talk, talk_of
from alerts.thresholds import CrisisSettings, Finding
from storage.types import History, Incident, IncidentState, Reason

__all__ = ["COOL_DOWN", "CRITICAL_PHRASE", "NEGATIVE_EXCESS", "CrisisSettings", "detect", "usual_for"]

REFRESH = timedelta(minutes=60)  # an active incident is written anew at most once an hour
COOL_DOWN = timedelta(hours=36)  # what comes so soon after the all-clear is the next wave of the same crisis
DWARFS = 3  # so many times the peak of the last incident, and more severe: not a wave of it but another
SHUT_OUT = timedelta(days=7)  # an incident's hours are kept out of the baseline so long: then they are usual


def detect(
    history: History,
    known: Sequence[Incident],
    settings: CrisisSettings,
    now: datetime,
    *,
    baseline: Baseline | None = None,
    talk: Talk | None = None,
) -> list[Incident]:
    """The incidents that are new or have changed since `known`; empty when there is nothing to say.

    `known` holds the topic's open incidents and those resolved in the last two days: mentions from before a
    resolution do not open the next incident. `baseline` may be one learned within the hour, and `talk` the
    columns of `history.recent` where the caller has them at hand.
    """
    mine = [one for one in known if one.topic == history.topic.name]
    usual = baseline or usual_for(history, settings, now, mine)
    spoken = talk_of(history.recent, settings.story_limit) if talk is None else talk
    changed = []
    for kind in (NEGATIVE_EXCESS, CRITICAL_PHRASE):
        same = [one for one in mine if one.kind == kind]
        told = max((one.resolved_at for one in same if one.resolved_at), default=None)
        if kind == NEGATIVE_EXCESS:
            finding = negative_excess(history, spoken, usual, settings, now, told)
        else:
            finding = critical_phrase(history, spoken, settings, now, told)
        incident = _step(same, kind, finding, history, settings, now)
        if incident is not None:
            changed.append(incident)
    return changed


def usual_for(
    history: History, settings: CrisisSettings, now: datetime, known: Sequence[Incident] = ()
) -> Baseline:
    """The baseline as these settings want it, without the hours of `known` incidents; good for the hour."""
    return learn(
        history,
        now,
        windows=settings.windows_min,
        days=settings.baseline_days,
        lag_hours=settings.lag_hours,
        prior_per_day=settings.prior_per_day,
        prior_share=settings.prior_share,
        unusual=[_span(one, now) for one in known],
    )


def _span(incident: Incident, now: datetime) -> Span:
    values = incident.reasons[0].values if incident.reasons else {}
    since = datetime.fromisoformat(values["since"]) if "since" in values else incident.opened_at
    return since, min(incident.resolved_at or now, incident.opened_at + SHUT_OUT)


# ------------------------------------------------------------------ one incident, one step


def _step(
    same: Sequence[Incident],
    kind: str,
    finding: Finding,
    history: History,
    settings: CrisisSettings,
    now: datetime,
) -> Incident | None:
    """The next state of the topic's incident of this kind. `same` are those known of that kind."""
    current = next((one for one in same if one.state is not IncidentState.RESOLVED), None)
    if current is None:
        if finding.severity is None:
            return None
        last = _cooling(same, finding, now)
        return _opened(kind, finding, history, now) if last is None else _reopened(last, finding, now)
    if finding.severity and finding.severity.rank > current.severity.rank:
        worse = _renewed(replace(current, severity=finding.severity), finding, now)
        return _noted(worse, rose_from=current.severity.value, severe_at=_moment(now))
    if finding.active:
        return _renewed(current, finding, now) if now - current.updated_at >= REFRESH else None
    calm_since = _calm_since(current, history.gaps)
    if now - calm_since < timedelta(hours=settings.quiet_hours):
        return None
    quiet = Reason("quiet", {"hours": round((now - current.updated_at) / timedelta(hours=1), 1)})
    return replace(
        current,
        state=IncidentState.RESOLVED,
        resolved_at=now,
        updated_at=now,
        reasons=(*current.reasons, quiet),
    )


def _cooling(same: Sequence[Incident], finding: Finding, now: datetime) -> Incident | None:
    """The incident that detection closed so lately that `finding` is its next wave; None: it is another.

    What a person closed stays closed: the next is another.
    """
    closed = [one for one in same if one.resolved_at is not None]
    last = max(closed, key=lambda one: one.resolved_at or one.opened_at, default=None)
    if last is None or last.resolved_at is None or now - last.resolved_at > COOL_DOWN:
        return None
    if all(reason.code != "quiet" for reason in last.reasons):
        return None
    before, values = last.reasons[0].values, finding.show().reasons[0].values
    peak = max(_number(before, "peak"), _number(before, "count"), 1)
    more_severe = finding.severity is not None and finding.severity.rank > last.severity.rank
    return None if more_severe and _number(values, "count") >= DWARFS * peak else last


def _reopened(last: Incident, finding: Finding, now: datetime) -> Incident:
    severity = max(last.severity, finding.severity or last.severity, key=lambda one: one.rank)
    again = replace(last, state=IncidentState.OPEN, resolved_at=None, acknowledged_by="", severity=severity)
    rose = {} if severity is last.severity else {"rose_from": last.severity.value}
    return _noted(_renewed(again, finding, now), **rose, severe_at=_moment(now), reopened_at=_moment(now))


def _noted(incident: Incident, **values: str) -> Incident:
    """`incident` with values written into its first reason."""
    first, *others = incident.reasons
    return replace(incident, reasons=(Reason(first.code, {**first.values, **values}), *others))


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _calm_since(current: Incident, gaps: Sequence[tuple[datetime, datetime]]) -> datetime:
    """Silence while no source could be read is no calm."""
    return max([current.updated_at, *(end for _, end in gaps)])


def _opened(kind: str, finding: Finding, history: History, now: datetime) -> Incident:
    assert finding.severity is not None
    name = history.topic.name
    shown = finding.show()
    first, *others = shown.reasons
    origin = {"opened_as": finding.severity.value, "severe_at": _moment(now)}
    return Incident(
        key=f"{name}/{kind}/{now.astimezone(UTC):%Y%m%dT%H%MZ}",
        topic=name,
        kind=kind,
        severity=finding.severity,
        state=IncidentState.OPEN,
        opened_at=now,
        updated_at=now,
        reasons=(Reason(first.code, {**first.values, **origin}), *others),
        evidence=shown.evidence,
    )


def _renewed(current: Incident, finding: Finding, now: datetime) -> Incident:
    """`current` with what is seen now; when it began, how it opened and its peak are kept."""
    shown = finding.show()
    if not shown.reasons:
        return replace(current, updated_at=now)
    before = current.reasons[0].values if current.reasons else {}
    first, *others = shown.reasons
    values = dict(first.values)
    values["opened_as"] = before.get("opened_as", current.severity.value)
    values["severe_at"] = before.get("severe_at", _moment(current.opened_at))
    if "since" in before:
        values["since"] = min(str(before["since"]), str(values.get("since", before["since"])))
    values.update({name: before[name] for name in ("rose_from", "reopened_at") if name in before})
    values["peak"] = max(_number(before, "peak"), _number(before, "count"), _number(values, "count"))
    evidence = tuple(dict.fromkeys((*current.evidence[:5], *shown.evidence, *current.evidence)))[:12]
    return replace(
        current,
        updated_at=now,
        reasons=(Reason(first.code, values), *others),
        evidence=evidence,
    )


def _number(values: Mapping[str, object], name: str) -> int:
    known = values.get(name, 0)
    return int(known) if isinstance(known, int | float) else 0
