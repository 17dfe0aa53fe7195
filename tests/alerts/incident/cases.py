"""An invented crisis about a scoop that fell into the ice, as a case for a dossier."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from alerts.incident.dossier import Case, Dossier, dossier
from alerts.incident.voices import account
from storage.cases import Event, EventKind
from storage.types import (
    Author,
    Emotion,
    Engagement,
    Incident,
    IncidentState,
    Label,
    Mention,
    Reason,
    Severity,
    SignalKind,
)
from tests.alerts.made import NOW, TOPIC, analysis, mention

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SINCE = NOW - 70 * MINUTE
FIRST = Author("mastodon", "haru", "haru", "はる", followers=342)
LOUD = Author("mastodon", "watch", "watch", "くらしメモ", followers=80_400)
OFFICIAL = Author("mastodon", "own", "minamo", "ミナモ珈琲【公式】", followers=26_300)
FAN = Author("mastodon", "fan", "fan", "ひかり", followers=900)
ANGRY = (
    "氷にスコップを落とすなんて汚い",
    "スコップを洗わない店には行かない",
    "氷の動画を見て気持ち悪くなった",
    "店の説明を待っている",
)
WORDS = {"氷", "スコップ", "汚い", "洗う", "動画", "説明", "店員", "丁寧", "おいしい"}


def crowd(count: int = 40, *, start: float = 0, minutes: float = 60) -> list[Mention]:
    """Angry posts by different people, evenly over `minutes` from `start` minutes after SINCE."""
    found = []
    for number in range(count):
        text = ANGRY[number % len(ANGRY)]
        author = Author("mastodon", f"a{number}", f"a{number}", f"投稿者{number}")
        at = SINCE + (start + minutes * number / count) * MINUTE
        one = mention(100 + number, text, author=author, at=at, story=7 if number % 4 == 0 else None)
        angry = replace(one.analysis, emotion=Emotion.DISGUST if number % 2 else Emotion.ANGER)
        found.append(replace(one, analysis=angry))
    return found


def special() -> list[Mention]:
    """The first post (which the model misread), the loudest, the press, ourselves and one on our side."""
    first = "落としたスコップを氷の中に戻している動画を見た"
    return [
        mention(1, first, label=Label.POSITIVE, author=FIRST, at=SINCE - 30 * MINUTE),
        mention(2, "【拡散】氷とスコップの動画", author=LOUD, at=SINCE + MINUTE, engagement=Engagement(likes=600)),
        mention(3, "店舗で不衛生な行為か", label=Label.NEUTRAL, author=None, at=SINCE + 30 * MINUTE),
        mention(4, "事実関係を確認しています。氷の件", label=Label.NEUTRAL, author=OFFICIAL, at=SINCE + 40 * MINUTE),
        mention(
            5, "店員さんはいつも丁寧です。怒鳴るのは違う", label=Label.POSITIVE, author=FAN, at=SINCE + 41 * MINUTE,
            signals=(SignalKind.DEFEND,),
        ),
    ]  # fmt: skip


def usual(count: int = 120) -> list[Mention]:
    """A quiet month before it."""
    texts = ("ラテがおいしい", "店員さんが丁寧", "レジの説明が長い")
    return [
        mention(1000 + number, texts[number % 3], label=Label.NEUTRAL, at=SINCE - 2 * DAY - number * 5 * HOUR)
        for number in range(count)
    ]


def words(text: str) -> frozenset[str]:
    return frozenset(word for word in WORDS if word in text)


def incident(**changes: Any) -> Incident:
    seen = {"window_min": 60, "count": 30, "expected": 0.7, "since": SINCE.isoformat()}
    base = Incident(
        key="k/1", topic=TOPIC.name, kind="negative_excess", severity=Severity.CRISIS, state=IncidentState.OPEN,
        opened_at=SINCE + 20 * MINUTE, updated_at=NOW, reasons=(Reason("negative_excess", seen),),
        evidence=(100, 101), id=1,
    )  # fmt: skip
    return replace(base, **changes)


OPENED = Event(1, EventKind.OPENED, SINCE + 20 * MINUTE, values={"severity": "warning"}, id=501)
WORSE = Event(
    1, EventKind.ESCALATED, SINCE + 25 * MINUTE, values={"from": "warning", "severity": "crisis"}, id=502
)
TAKEN = Event(1, EventKind.ACKNOWLEDGED, SINCE + 27 * MINUTE, by="佐藤", id=503)
REPLY = Event(
    1, EventKind.REPLY, SINCE + 50 * MINUTE, by="佐藤", note="確認しております", id=504,
    values={"url": "https://minamo.example/n/1"},
)  # fmt: skip


def case(mentions: list[Mention] | None = None, **changes: Any) -> Case:
    now = sorted(
        mentions if mentions is not None else crowd() + special(), key=lambda one: one.post.created_at
    )
    before = usual()
    base = Case(
        topic=TOPIC, incident=incident(), mentions=tuple(now), earlier=tuple(before),
        words={one.id: words(one.post.full_text) for one in (*now, *before) if one.id is not None},
        now=NOW, read_until=NOW, events=(OPENED, WORSE, TAKEN),
        seen_before=frozenset({("mastodon", "a0"), ("mastodon", "a1")}), advocates=frozenset({account(FAN)}),
    )  # fmt: skip
    return replace(base, **changes)


def made(**changes: Any) -> Dossier:
    return dossier(case(**changes))


__all__ = ["analysis", "case", "crowd", "incident", "made", "special"]
