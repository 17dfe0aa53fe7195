"""Invented mentions, incidents, advocates and messages for the tests of this folder."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from storage.notices import Alert, AlertKind, Field, Message, Quote
from storage.types import (
    Advocate,
    Analysis,
    Author,
    Contribution,
    Disclosure,
    DisclosureKind,
    Emotion,
    Engagement,
    Incident,
    IncidentState,
    Label,
    Mention,
    Post,
    Reason,
    Sentiment,
    Severity,
    Signal,
    SignalKind,
    Span,
    Topic,
)

NOW = datetime(2026, 11, 22, 14, 50, tzinfo=UTC)  # 23:50 in Tokyo
TOPIC = Topic(name="ミナモ珈琲", brand="ミナモ珈琲", aliases=("ミナモコーヒー", "minamo coffee"))
AUTHOR = Author(platform="mastodon", external_id="42", handle="hanako", name="花子", followers=1200)
_SCORES = {Label.POSITIVE: 0.9, Label.NEUTRAL: 0.0, Label.NEGATIVE: -0.9}


def analysis(
    label: Label = Label.NEGATIVE,
    *,
    signals: tuple[SignalKind, ...] = (),
    sponsored: str = "",
    sarcasm: bool = False,
) -> Analysis:
    disclosure = (
        Disclosure(DisclosureKind.SPONSORED, 0.99, Span(0, len(sponsored), sponsored, "rule"))
        if sponsored
        else Disclosure(DisclosureKind.ORGANIC, 0.9)
    )
    return Analysis(
        sentiment=Sentiment(label, _SCORES[label], 0.9, "test"),
        emotion=Emotion.NONE,
        signals=tuple(Signal(kind, 0.9) for kind in signals),
        disclosure=disclosure,
        sarcasm=sarcasm,
        lang="ja",
    )


def mention(
    number: int = 1,
    text: str = "レジの対応がひどい",
    *,
    label: Label = Label.NEGATIVE,
    author: Author | None = AUTHOR,
    at: datetime = NOW,
    story: int | None = None,
    source: str = "fedi",
    url: str | None = None,
    engagement: Engagement = Engagement(),  # noqa: B008 (frozen)
    **more: Any,
) -> Mention:
    post = Post(
        platform=author.platform if author else "news",
        external_id=str(number),
        source=source,
        text=text,
        created_at=at,
        fetched_at=at,
        url=f"https://social.example.jp/@x/{number}" if url is None else url,
        author=author,
        engagement=engagement,
    )
    return Mention(
        post=post,
        topic=TOPIC.name,
        matched=(),
        analysis=analysis(label, **more),
        id=number,
        story=number if story is None else story,
    )


def incident(severity: Severity = Severity.WARNING, **more: Any) -> Incident:
    opened_at = NOW - timedelta(minutes=10)
    values: dict[str, Any] = {
        "window_min": 60,
        "count": 38,
        "authors": 38,
        "expected": 2.1,
        "p": 1e-9,
        "share": 0.62,
        "baseline_share": 0.11,
        "false_alarm_days": 3650.0,
        "since": (NOW - timedelta(minutes=60)).isoformat(),
        "opened_as": severity.value,
    }
    return Incident(
        **{
            "key": "ミナモ珈琲/negative_excess/20261122T1440Z",
            "topic": TOPIC.name,
            "kind": "negative_excess",
            "severity": severity,
            "state": IncidentState.OPEN,
            "opened_at": opened_at,
            "updated_at": opened_at,
            "reasons": (Reason("negative_excess", values),),
            "evidence": (1, 2),
            "id": 7,
            **more,
        }
    )


def advocate(score: float = 72.0, *, organic: bool = True, author: Author = AUTHOR) -> Advocate:
    return Advocate(
        author=author,
        topic=TOPIC.name,
        score=score,
        contributions=(
            Contribution("praise_weeks", 34.6, (1, 2), "毎朝ミナモ"),
            Contribution("few_mentions", -9.0),
        ),
        organic=organic,
        organic_reasons=(Reason("no_sign_of_payment", {"mentions": 9}),),
        mentions=9,
        first_at=NOW - timedelta(days=80),
        last_at=NOW - timedelta(days=1),
        id=3,
    )


def alert(subject: Incident | Advocate | Mention | str | None = None, **more: Any) -> Alert:
    about = incident() if subject is None else subject
    severity = about.severity if isinstance(about, Incident) else Severity.WATCH
    return Alert(
        **{
            "key": f"{about.key}/opened/{severity.value}" if isinstance(about, Incident) else "k",
            "kind": AlertKind.INCIDENT,
            "topic": TOPIC.name,
            "severity": severity,
            "reason": Reason("opened"),
            "created_at": NOW,
            "subject": about,
            "mentions": (mention(1), mention(2, "返金されない")),
            **more,
        }
    )


def message(**more: Any) -> Message:
    return Message(
        **{
            "key": "ミナモ珈琲/negative_excess/20261122T1440Z/opened/warning",
            "thread": "ミナモ珈琲/negative_excess/20261122T1440Z",
            "lang": "ja",
            "severity": Severity.WARNING,
            "title": "【炎上の兆し】ミナモ珈琲：ネガティブな投稿が60分で38件（平常時2.1件）",
            "summary": "11/22 22:50から、38人がネガティブな投稿をしています。",
            "reasons": ("平常値の18.1倍です。",),
            "fields": (Field("ネガティブ率", "62%"), Field("次の対応", "1. 確認する\n2. 連絡する")),
            "quotes": (
                Quote("返金されない", "花子 (@hanako)", "https://social.example.jp/1", NOW, Label.NEGATIVE),
            ),
            "link": "http://127.0.0.1:8484/incidents/7",
            "footer": "Kikimimi（聞き耳）からの自動通知です。",
            **more,
        }
    )
