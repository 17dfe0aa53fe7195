"""A topic's history → its incidents: opened, changed or resolved (pure).

Two rules. `negative_excess`: more distinct people are negative in a window than the topic's own past makes
likely, and a larger share of all who speak. `critical_phrase`: several people negatively use a phrase that a
brand cannot leave unanswered (食中毒, 情報漏えい). At most one incident of a kind is open for a topic; while
it stays open only its severity may rise, and it is resolved when nothing was unusual for `quiet_hours`.

What it will not do: tell a just complaint from an unjust one, or see people whose posts no source brings.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from pydantic import BaseModel, ConfigDict, Field

from alerts.baseline import Baseline, learn
from alerts.evidence import rank
from alerts.windows import Window, negative_voices, windows_until
from storage.types import History, Incident, IncidentState, Label, Reason, Severity

NEGATIVE_EXCESS = "negative_excess"
CRITICAL_PHRASE = "critical_phrase"
REFRESH = timedelta(minutes=60)  # an active incident is written anew at most once an hour
BACKLOG = timedelta(hours=1)  # how long after a gap its posts may still come in
_SHARE_CHANCE = 0.01  # the share of negative voices must be less likely than this
_COUNT_CHANCE = 0.03  # where the share alone is beyond doubt, the number must be less likely than this
_CALM_CHANCE = 0.003  # below this a window still counts as unusual for an open incident
_CALM_RATIO = 1.5
_CALM_WINDOW = 360  # longer windows echo a burst for hours: they do not keep an incident open
_LOOKS = 2.0  # independent looks per window length: windows slide, so more than one

CRITICAL_PHRASES = (
    "食中毒", "異物混入", "異物が混入", "虫が入って", "髪の毛が入って", "金属片", "アレルギー表示",
    "産地偽装", "賞味期限切れ", "情報漏えい", "情報漏洩", "個人情報", "不正アクセス", "不正利用",
    "差別", "パワハラ", "セクハラ", "いじめ", "盗撮", "暴行", "バイトテロ",
    "発火", "火傷", "やけど", "健康被害", "リコール", "隠蔽", "捏造", "詐欺", "訴訟", "逮捕", "不買",
    "薬機法", "food poisoning", "foreign object", "data breach", "data leak", "racist", "harassment",
    "boycott", "lawsuit", "caught fire",
)  # fmt: skip
CRITICAL_EXCEPTIONS = (
    "差別化", "無差別", "食中毒予防", "食中毒対策", "個人情報保護方針", "個人情報の取り扱い",
)  # fmt: skip


class CrisisSettings(BaseModel):
    """When something counts as a crisis. The budget: one false alarm in `false_alarm_days`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    windows_min: tuple[int, ...] = Field(
        default=(30, 60, 180, 360, 1440), description="window lengths in minutes"
    )
    false_alarm_days: float = Field(
        default=120.0, gt=0, description="days between false alarms, as the model expects"
    )
    min_authors: int = Field(default=3, ge=1, description="fewest distinct people to open an incident")
    min_ratio: float = Field(default=2.0, ge=1, description="fewest times the usual number")
    warning_authors: int = Field(default=8, ge=1, description="distinct people for a warning")
    warning_ratio: float = Field(default=3.0, ge=1, description="times the usual number for a warning")
    crisis_authors: int = Field(default=20, ge=1, description="distinct people for a crisis")
    crisis_ratio: float = Field(default=5.0, ge=1, description="times the usual number for a crisis")
    story_limit: int = Field(default=2, ge=1, description="people counted for copies of one text, at most")
    quiet_hours: float = Field(
        default=12.0, gt=0, description="hours without anything unusual until the all-clear"
    )
    baseline_days: int = Field(default=42, ge=7, description="days of history to compare with")
    lag_hours: int = Field(default=48, ge=0, description="the newest hours are not part of what is usual")
    prior_per_day: float = Field(
        default=2.0, gt=0, description="negative mentions a day assumed without history"
    )
    prior_share: float = Field(default=0.15, gt=0, lt=1, description="negative share assumed without history")
    critical_phrases: tuple[str, ...] = Field(
        default=CRITICAL_PHRASES, description="phrases that always matter"
    )
    critical_exceptions: tuple[str, ...] = Field(
        default=CRITICAL_EXCEPTIONS, description="phrases that only look so"
    )
    critical_authors: int = Field(
        default=2, ge=1, description="distinct people with a critical phrase in 24 hours"
    )


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule sees now: `severity` None when it would not open an incident; `active` still unusual."""

    severity: Severity | None
    active: bool
    reasons: tuple[Reason, ...]
    evidence: tuple[int, ...]


CALM = Finding(None, False, (), ())


def detect(
    history: History,
    known: Sequence[Incident],
    settings: CrisisSettings,
    now: datetime,
    *,
    baseline: Baseline | None = None,
) -> list[Incident]:
    """The incidents that are new or have changed since `known`; empty when there is nothing to say.

    `known` holds the topic's open incidents and those resolved in the last two days: mentions from before a
    resolution do not open the next incident. `baseline` may be one learned within the hour.
    """
    usual = baseline or usual_for(history, settings, now)
    changed = []
    for kind, rule in RULES.items():
        mine = [one for one in known if one.kind == kind and one.topic == history.topic.name]
        current = next((one for one in mine if one.state is not IncidentState.RESOLVED), None)
        told = max((one.resolved_at for one in mine if one.resolved_at), default=None)
        finding = rule(history, usual, settings, now, told)
        incident = _step(current, kind, finding, history, settings, now)
        if incident is not None:
            changed.append(incident)
    return changed


def usual_for(history: History, settings: CrisisSettings, now: datetime) -> Baseline:
    """The baseline as these settings want it; good for the hour."""
    return learn(
        history,
        now,
        windows=settings.windows_min,
        days=settings.baseline_days,
        lag_hours=settings.lag_hours,
        prior_per_day=settings.prior_per_day,
        prior_share=settings.prior_share,
        story_limit=settings.story_limit,
    )


# ------------------------------------------------------------------ one incident, one step


def _step(
    current: Incident | None,
    kind: str,
    finding: Finding,
    history: History,
    settings: CrisisSettings,
    now: datetime,
) -> Incident | None:
    if current is None:
        return _opened(kind, finding, history, now) if finding.severity else None
    if finding.severity and finding.severity.rank > current.severity.rank:
        worse = _renewed(replace(current, severity=finding.severity), finding, now)
        first, *others = worse.reasons
        severe = Reason(first.code, {**first.values, "severe_at": now.astimezone(UTC).isoformat()})
        return replace(worse, reasons=(severe, *others))
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


def _calm_since(current: Incident, gaps: Sequence[tuple[datetime, datetime]]) -> datetime:
    """Silence while no source could be read is no calm."""
    return max([current.updated_at, *(end for _, end in gaps)])


def _opened(kind: str, finding: Finding, history: History, now: datetime) -> Incident:
    assert finding.severity is not None
    opened_at = now.replace(second=0, microsecond=0)
    name = history.topic.name
    first, *others = finding.reasons
    origin = {"opened_as": finding.severity.value, "severe_at": now.astimezone(UTC).isoformat()}
    return Incident(
        key=f"{name}/{kind}/{opened_at.astimezone(UTC):%Y%m%dT%H%MZ}",
        topic=name,
        kind=kind,
        severity=finding.severity,
        state=IncidentState.OPEN,
        opened_at=opened_at,
        updated_at=now,
        reasons=(Reason(first.code, {**first.values, **origin}), *others),
        evidence=finding.evidence,
    )


def _renewed(current: Incident, finding: Finding, now: datetime) -> Incident:
    """`current` with what is seen now; when it began, how it opened and its peak are kept."""
    if not finding.reasons:
        return replace(current, updated_at=now)
    before = current.reasons[0].values if current.reasons else {}
    first, *others = finding.reasons
    values = dict(first.values)
    values["opened_as"] = before.get("opened_as", current.severity.value)
    values["severe_at"] = before.get("severe_at", current.opened_at.astimezone(UTC).isoformat())
    if "since" in before:
        values["since"] = min(str(before["since"]), str(values.get("since", before["since"])))
    values["peak"] = max(_number(before, "peak"), _number(before, "count"), _number(values, "count"))
    evidence = tuple(dict.fromkeys((*current.evidence[:5], *finding.evidence, *current.evidence)))[:12]
    return replace(
        current,
        updated_at=now,
        reasons=(Reason(first.code, values), *others),
        evidence=evidence,
    )


def _number(values: Mapping[str, object], name: str) -> int:
    known = values.get(name, 0)
    return int(known) if isinstance(known, int | float) else 0


# ------------------------------------------------------------------ more negative people than usual


def negative_excess(
    history: History, usual: Baseline, settings: CrisisSettings, now: datetime, told: datetime | None
) -> Finding:
    """Distinct negative people per window against the negative binomial, and their share of all voices."""
    looks = len(settings.windows_min) * _LOOKS * 1440
    best: tuple[float, Window, Reason] | None = None
    severity: Severity | None = None
    active = False
    for window in windows_until(history.recent, now, settings.windows_min, settings.story_limit, told):
        if window.count < min(2, settings.min_authors):
            continue
        expected = _expected(window, usual, history.gaps, now)
        chance = usual.surprise(window.count, window.minutes, expected)
        ratio = window.count / expected if expected > 0 else float(window.count)
        if window.minutes <= _CALM_WINDOW:
            active = active or (chance < _CALM_CHANCE and ratio >= _CALM_RATIO)
        days = 1 / max(chance * looks / window.minutes, 1e-9)
        if window.count < settings.min_authors or ratio < settings.min_ratio:
            continue
        share_chance = usual.share_surprise(window.negative_weight, window.voices)
        if not _fires(chance, share_chance, window.minutes / (looks * settings.false_alarm_days)):
            continue
        chance, days = (
            min(chance, share_chance),
            max(days, window.minutes / (looks * max(share_chance, 1e-12))),
        )
        severity = _higher(severity, _severity(window.count, ratio, days, settings))
        if best is None or chance < best[0]:
            best = (chance, window, _reason(window, usual, expected, chance, days))
    if best is None:
        return Finding(None, active, (), ())
    return Finding(severity, active, (best[2],), rank(negative_voices(best[1])))


def _fires(count_chance: float, share_chance: float, budget: float) -> bool:
    """One of number and share is as unlikely as the budget asks, and the other at least unusual.

    A campaign brings numbers at the usual share, a few lone complaints a high share of next to nothing.
    """
    many = count_chance <= budget and share_chance <= _SHARE_CHANCE
    turned = share_chance <= budget and count_chance <= _COUNT_CHANCE
    return many or turned


def _expected(
    window: Window, usual: Baseline, gaps: Sequence[tuple[datetime, datetime]], now: datetime
) -> float:
    """The usual number of distinct negative voices in the window.

    When a gap ended in it, or up to an hour before, the backlog of the gap has arrived at once and may carry
    the time of arrival: what was usual during the gap is added.
    """
    start = window.start
    expected = usual.expected(start, now)
    for gap_start, gap_end in gaps:
        if start - BACKLOG <= gap_end <= now and gap_start < start:
            lost_from = max(gap_start, gap_end - timedelta(hours=24))
            expected += usual.expected(lost_from, min(start, gap_end))
    return expected * usual.distinct[window.minutes]


def _severity(count: int, ratio: float, days: float, settings: CrisisSettings) -> Severity:
    if count >= settings.crisis_authors and ratio >= settings.crisis_ratio:
        return Severity.CRISIS
    if (
        count >= settings.warning_authors
        and ratio >= settings.warning_ratio
        and days >= 3 * settings.false_alarm_days
    ):
        return Severity.WARNING
    return Severity.WATCH


def _higher(one: Severity | None, other: Severity) -> Severity:
    return other if one is None or other.rank > one.rank else one


def _reason(window: Window, usual: Baseline, expected: float, chance: float, days: float) -> Reason:
    first = min(seen.at for seen in window.negative.values())
    return Reason(
        NEGATIVE_EXCESS,
        {
            "window_min": window.minutes,
            "count": window.count,
            "authors": window.count,
            "mentions": window.mentions,
            "expected": round(expected, 2),
            "p": chance,
            "share": round(window.share, 3),
            "baseline_share": round(usual.share, 3),
            "false_alarm_days": round(min(days, 36500.0), 1),
            "since": first.astimezone(UTC).isoformat(timespec="seconds"),
        },
    )


# ------------------------------------------------------------------ phrases that always matter


def critical_phrase(
    history: History, usual: Baseline, settings: CrisisSettings, now: datetime, told: datetime | None
) -> Finding:
    """Distinct people who negatively used a critical phrase in the last 24 hours."""
    start = max(now - timedelta(hours=24), told or now - timedelta(hours=24))
    phrases = [folded(phrase) for phrase in settings.critical_phrases]
    exceptions = [folded(phrase) for phrase in settings.critical_exceptions]
    hits: dict[str, int] = {}
    spoken = []
    for seen in history.recent:
        if not start < seen.at <= now or seen.label is not Label.NEGATIVE or not seen.text:
            continue
        text = folded(seen.text)
        for exception in exceptions:
            text = text.replace(exception, " ")
        found = [phrase for phrase in phrases if phrase in text]
        if found:
            spoken.append(seen)
            for phrase in found:
                hits[phrase] = hits.get(phrase, 0) + 1
    if not spoken:
        return CALM
    window = next(iter(windows_until(spoken, now, (1440,), settings.story_limit, told)))
    if window.count < settings.critical_authors:
        return Finding(None, True, (), ())
    severity = Severity.CRISIS if window.count >= settings.warning_authors else Severity.WARNING
    if window.count < 2:
        severity = Severity.WATCH
    phrase = max(hits, key=lambda one: (hits[one], len(one)))
    first = min(seen.at for seen in spoken)
    reason = Reason(
        CRITICAL_PHRASE,
        {
            "phrase": phrase,
            "phrases": sorted(hits, key=lambda one: (-hits[one], one))[:5],
            "count": window.count,
            "authors": window.count,
            "mentions": len(spoken),
            "window_min": 1440,
            "since": first.astimezone(UTC).isoformat(timespec="seconds"),
        },
    )
    active = any(now - seen.at < timedelta(hours=6) for seen in spoken)
    return Finding(severity, active, (reason,), rank(negative_voices(window)))


def folded(text: str) -> str:
    """Width and case folded, without spaces: how phrases are compared."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


Rule = Callable[[History, Baseline, CrisisSettings, datetime, "datetime | None"], Finding]
RULES: dict[str, Rule] = {NEGATIVE_EXCESS: negative_excess, CRITICAL_PHRASE: critical_phrase}
