"""When something counts as a crisis: the operator's settings, and what a rule answers (pure)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from storage.types import Reason, Severity

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
    """When something counts as a crisis. The budget: so many false alarms a topic and month, at most."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    windows_min: tuple[int, ...] = Field(
        default=(15, 30, 60, 120, 180, 360, 720, 1440, 2880),
        description="window lengths in minutes; under 30 only people who tell of the same count",
    )
    false_alerts_per_month: float = Field(
        default=0.5, gt=0, le=30, description="false alarms a topic and month that you accept"
    )
    min_authors: int = Field(
        default=3,
        ge=1,
        description="fewest distinct people to open an incident;"
        " one fewer where two tell of the same or it is hardly chance",
    )
    min_ratio: float = Field(default=2.0, ge=1, description="fewest times the usual number")
    warning_authors: int = Field(default=8, ge=1, description="distinct people for a warning")
    warning_ratio: float = Field(default=3.0, ge=1, description="times the usual number for a warning")
    crisis_authors: int = Field(default=20, ge=1, description="distinct people for a crisis")
    crisis_ratio: float = Field(default=5.0, ge=1, description="times the usual number for a crisis")
    story_limit: int = Field(default=1, ge=1, description="people counted for copies of one text, at most")
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
class Shown:
    """What is behind a finding: the reasons with their numbers, and the mentions that show it."""

    reasons: tuple[Reason, ...] = ()
    evidence: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule sees now: `severity` None when it would not open an incident; `active` still unusual.

    `show` works out what is behind it: called only when an incident is written, because it takes longer.
    """

    severity: Severity | None = None
    active: bool = False
    show: Callable[[], Shown] = Shown


CALM = Finding()
