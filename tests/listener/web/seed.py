"""An invented month of an invented coffee shop, stored through the store's own door."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from storage.db import Store
from storage.notices import Delivery, Notification
from storage.types import (
    Advocate,
    Analysis,
    Author,
    Contribution,
    Disclosure,
    DisclosureKind,
    Emotion,
    Engagement,
    Fetch,
    Incident,
    IncidentState,
    Label,
    Mention,
    Outcome,
    Post,
    Reason,
    Sentiment,
    Severity,
    Signal,
    SignalKind,
    Span,
)

NOW = datetime(2026, 11, 22, 14, 50, tzinfo=UTC)  # 23:50 in Tokyo
OWN, RIVAL = "minamo", "tomarigi"
BRANDS = {OWN: "ミナモ珈琲", RIVAL: "トマリギコーヒー"}
HOSTILE = '<script>window.pwned = 1</script><img src=x onerror="window.pwned = 2"> ミナモ珈琲はどう？ "\'</p>'

PRAISE = (
    (
        "{brand}の深煎り、香りがよくて毎朝の楽しみになっている。友だちにもすすめた。",
        SignalKind.RECOMMEND,
        "友だちにもすすめた",
    ),
    (
        "{brand}、駅前店の店員さんがいつも丁寧。雨の日に傘袋をそっと出してくれて感動した。",
        SignalKind.PRAISE,
        "いつも丁寧",
    ),
    (
        "もう3年通っているけど{brand}のモーニングは本当に飽きない。",
        SignalKind.TESTIMONIAL,
        "もう3年通っている",
    ),
    (
        "新作のほうじ茶ラテ、甘すぎなくて好み。{brand}は季節ものが上手い。",
        SignalKind.PRAISE,
        "甘すぎなくて好み",
    ),
)
PLAIN = (
    ("{brand}の横浜店、来週オープンらしい。", None, ""),
    ("{brand}って電源席ありますか？", SignalKind.QUESTION, "電源席ありますか"),
    ("待ち合わせまで{brand}で作業中。", None, ""),
    ("{brand}が来月から営業時間を変更するとのこと。", None, ""),
)
BLAME = (
    (
        "{brand}のアプリ、注文してもポイントが付かない。何度目だろう。",
        SignalKind.COMPLAINT,
        "ポイントが付かない",
    ),
    ("{brand}、30分待っても呼ばれないのはさすがにつらい。", SignalKind.COMPLAINT, "30分待っても呼ばれない"),
    ("値上げしてから{brand}には行かなくなった。", SignalKind.CHURN_INTENT, "行かなくなった"),
)
STORM = (
    (
        "{brand}の返金対応、電話がまったくつながらない。問い合わせ窓口の意味がない。",
        SignalKind.COMPLAINT,
        "電話がまったくつながらない",
    ),
    (
        "{brand}の二重請求、うちも被害にあった。みんな明細を確認したほうがいい。",
        SignalKind.WARN,
        "明細を確認したほうがいい",
    ),
    (
        "{brand}で二重に引き落とされてた。謝罪もないならもう使わない。",
        SignalKind.CHURN_INTENT,
        "もう使わない",
    ),
)
NAMES = (
    "はるか",
    "港町のねこ",
    "kenta_dev",
    "ゆずこしょう",
    "朝型ランナー",
    "みかん箱",
    "tabi_note",
    "コーヒー係",
    "さくら",
    "夜ふかし",
)
PLATFORMS = ("mastodon", "misskey", "appstore", "news")


def analysis(
    text: str, label: Label, kind: SignalKind | None, evidence: str, *, sponsored: str = ""
) -> Analysis:
    """What a model could have said about `text`."""
    score = {Label.POSITIVE: 0.81, Label.NEUTRAL: 0.02, Label.NEGATIVE: -0.86}[label]
    signals = (Signal(kind, 0.91, _span(text, evidence, kind.value)),) if kind else ()
    paid = Disclosure(DisclosureKind.SPONSORED, 1.0, _span(text, sponsored, "rule"))
    mood = {Label.POSITIVE: Emotion.JOY, Label.NEUTRAL: Emotion.NONE, Label.NEGATIVE: Emotion.ANGER}[label]
    return Analysis(
        sentiment=Sentiment(label, score, 0.93, "bundled-test"),
        emotion=mood,
        signals=signals,
        disclosure=paid if sponsored else Disclosure(DisclosureKind.ORGANIC, 0.97),
        sarcasm=False,
        lang="ja",
    )


def mention(
    number: int,
    at: datetime,
    text: str,
    label: Label,
    *,
    topic: str = OWN,
    platform: str = "mastodon",
    kind: SignalKind | None = None,
    evidence: str = "",
    author: Author | None = None,
    story: int | None = None,
    sponsored: str = "",
    url: str | None = None,
    likes: int | None = None,
) -> Mention:
    """One invented mention; its author's followers are known for every second author."""
    name = NAMES[number % len(NAMES)]
    known = author or Author(
        platform,
        f"u{number % 40}",
        f"user{number % 40}",
        name,
        "",
        120 * (number % 40) if number % 2 else None,
    )
    post = Post(
        platform=platform,
        external_id=f"{topic}-{number}",
        source={
            "mastodon": "mastodon-tag",
            "misskey": "misskey-search",
            "appstore": "app-reviews",
            "news": "news-feed",
        }[platform],
        text=text,
        title="アプリの評価" if platform == "appstore" else "",
        created_at=at,
        fetched_at=at,
        url=f"https://social.example/@{known.handle}/{number}" if url is None else url,
        author=None if platform == "news" else known,
        publisher="みなと経済新聞" if platform == "news" else "",
        lang="ja",
        rating={Label.POSITIVE: 5.0, Label.NEUTRAL: 3.0, Label.NEGATIVE: 1.0}[label]
        if platform == "appstore"
        else None,
        engagement=Engagement()
        if platform == "news"
        else Engagement(likes=number % 17 if likes is None else likes, reposts=number % 5),
    )
    said = analysis(post.full_text, label, kind, evidence, sponsored=sponsored)
    brand = BRANDS[topic]
    return Mention(post, topic, (_span(post.full_text, brand, "term"),), said, story=story)


def month(topic: str, per_day: int, seed: int, days: int = 30) -> list[Mention]:
    """A quiet month up to two hours before NOW."""
    dice = random.Random(seed)
    found: list[Mention] = []
    for number in range(per_day * days):
        at = NOW - timedelta(hours=2) - timedelta(minutes=dice.randrange(days * 1440))
        label = dice.choices(list(Label), weights=(5, 4, 2))[0]
        pool = {Label.POSITIVE: PRAISE, Label.NEUTRAL: PLAIN, Label.NEGATIVE: BLAME}[label]
        text, kind, evidence = dice.choice(pool)
        platform = dice.choices(PLATFORMS, weights=(6, 3, 2, 1))[0]
        found.append(
            mention(
                number,
                at,
                text.format(brand=BRANDS[topic]),
                label,
                topic=topic,
                platform=platform,
                kind=kind,
                evidence=evidence,
            )
        )
    return found


def storm(count: int = 36) -> list[Mention]:
    """Seventy minutes of anger about a double charge, one of it copied often."""
    first = Author("mastodon", "origin", "nagisa_k", "なぎさ", "https://social.example/@nagisa_k", 8200)
    dice = random.Random(3)
    found = []
    for number in range(count):
        at = NOW - timedelta(minutes=70 - number * 69 / count)
        text, kind, evidence = STORM[1] if number == 0 else dice.choice(STORM)
        found.append(
            mention(
                5000 + number,
                at,
                text.format(brand=BRANDS[OWN]),
                Label.NEGATIVE,
                kind=kind,
                evidence=evidence,
                author=first if number == 0 else None,
                story=777 + STORM.index((text, kind, evidence)),
                likes=412 if number == 0 else None,
            )
        )
    return found


def special() -> list[Mention]:
    """A hostile post, a sponsored one, one with a link that is none, and a long one in English."""
    brand = BRANDS[OWN]
    fan = Author("mastodon", "fan-1", "hikari_cafe", "ひかり", "https://social.example/@hikari_cafe", 1340)
    paid = Author("misskey", "paid-1", "gourmet_pr", "グルメ案内人", "", 52000)
    long_text = f"【長文】{brand}の話。\n" + "朝いちばんの静かな店内で読書をする時間が好きです。" * 24
    minutes = timedelta(minutes=1)
    return [
        mention(9001, NOW - 4 * minutes, HOSTILE, Label.NEUTRAL, author=None, url="javascript:alert(1)"),
        mention(
            9002,
            NOW - 300 * minutes,
            f"#PR {brand}さまから新作をいただきました。最高です。",
            Label.POSITIVE,
            platform="misskey",
            author=paid,
            sponsored="#PR",
            kind=SignalKind.PRAISE,
            evidence="最高です",
        ),
        mention(9003, NOW - 500 * minutes, long_text, Label.POSITIVE, author=fan),
        *(
            mention(
                9100 + week,
                NOW - timedelta(days=7 * week + 1),
                PRAISE[week % 4][0].format(brand=brand),
                Label.POSITIVE,
                author=fan,
                kind=PRAISE[week % 4][1],
                evidence=PRAISE[week % 4][2],
            )
            for week in range(4)
        ),
    ]


def fill(store: Store) -> Incident:
    """Everything; returns the open incident."""
    every = month(OWN, 12, 7) + month(RIVAL, 6, 8)
    saved = store.save_page(
        source="mastodon-tag",
        kind="mastodon",
        mentions=every,
        seen=[],
        cursor={"since": "1"},
        at=NOW - timedelta(hours=2),
    )
    assert saved
    angry = store.save_page(
        source="mastodon-tag", kind="mastodon", mentions=storm(), seen=[], cursor={"since": "2"}, at=NOW
    )
    extra = store.save_page(
        source="misskey-search", kind="misskey", mentions=special(), seen=[], cursor={}, at=NOW
    )
    _fetches(store)
    incident = _incidents(store, angry)
    _notifications(store, incident)
    _advocates(store, extra)
    return incident


def _fetches(store: Store) -> None:
    failing = "HTTP 503 from news.example; the server is overloaded, it is tried again later"
    for name, kind in (("mastodon-tag", "mastodon"), ("misskey-search", "misskey"), ("news-feed", "feed")):
        for number in range(12, -1, -1):
            start = NOW - timedelta(minutes=3 + 15 * number)
            bad = name == "news-feed" and number < 3
            outcome = Outcome.FAILED if bad else Outcome.UNCHANGED if number % 3 == 1 else Outcome.OK
            store.record_fetch(
                Fetch(
                    name,
                    start,
                    start + timedelta(seconds=1.4),
                    outcome,
                    posts=0 if outcome != Outcome.OK else 12,
                    mentions=0 if outcome != Outcome.OK else 3,
                    error=failing if bad else "",
                    next_at=start + timedelta(minutes=20 if bad else 15),
                ),
                kind=kind,
            )


def _incidents(store: Store, angry: list[Mention]) -> Incident:
    opened = NOW - timedelta(minutes=52)
    told = {
        "window_min": 60,
        "count": 34,
        "authors": 34,
        "mentions": 36,
        "expected": 0.7,
        "p": 1e-9,
        "share": 0.94,
        "baseline_share": 0.18,
        "false_alarm_days": 3650.0,
        "since": (NOW - timedelta(minutes=70)).isoformat(),
        "opened_as": "warning",
        "severe_at": opened.isoformat(),
        "peak": 34,
    }
    current = Incident(
        key="minamo/negative_excess/1",
        topic=OWN,
        kind="negative_excess",
        severity=Severity.CRISIS,
        state=IncidentState.OPEN,
        opened_at=opened,
        updated_at=NOW - timedelta(minutes=2),
        reasons=(Reason("negative_excess", told),),
        evidence=tuple(one.id for one in angry[:8] if one.id),
    )
    past = replace(
        current,
        key="minamo/negative_excess/0",
        severity=Severity.WARNING,
        state=IncidentState.RESOLVED,
        opened_at=NOW - timedelta(days=11),
        updated_at=NOW - timedelta(days=10, hours=18),
        resolved_at=NOW - timedelta(days=10, hours=18),
        evidence=(),
        reasons=(Reason("negative_excess", {**told, "count": 9, "peak": 9}), Reason("quiet", {"hours": 6.0})),
    )
    store.save_incident(past)
    return store.save_incident(current)


def _notifications(store: Store, incident: Incident) -> None:
    rows = (
        ("slack", Delivery.SENT, "", 51),
        ("mail", Delivery.RETRY, "SMTP 451: please try again later", 51),
        ("webhook", Delivery.FAILED, "HTTP 410: the address is gone; check the channel's url", 50),
    )
    for channel, state, error, minutes in rows:
        at = NOW - timedelta(minutes=minutes)
        begun = store.begin_notification(
            Notification(
                f"{incident.key}/opened/crisis",
                channel,
                Delivery.SENDING,
                1,
                at,
                at,
                topic=OWN,
                title="【炎上】minamo：ネガティブな投稿が1時間で34件（平常時0.7件）",
                payload="{}",
            )
        )
        assert begun is not None
        assert begun.id is not None
        next_at = NOW + timedelta(minutes=3) if state == Delivery.RETRY else None
        store.finish_notification(begun.id, state=state, now=at, error=error, next_at=next_at)


def _advocates(store: Store, extra: list[Mention]) -> None:
    fans = [one for one in extra if one.post.author and one.post.author.external_id == "fan-1"]
    paid = next(one for one in extra if one.post.author and one.post.author.external_id == "paid-1")
    ids = tuple(one.id for one in fans if one.id is not None)
    assert fans[0].post.author is not None
    assert paid.post.author is not None
    store.save_advocates(
        OWN,
        [
            Advocate(
                fans[0].post.author,
                OWN,
                72.4,
                (
                    Contribution("praise_weeks", 29.5, ids, fans[1].post.text),
                    Contribution("recommendations", 24.0, ids[1:2], "友だちにもすすめた"),
                    Contribution("testimonials", 14.0, ids[2:3], "もう3年通っている"),
                    Contribution("originality", 10.0),
                    Contribution("reach", 6.3),
                    Contribution("few_mentions", -11.4),
                ),
                True,
                (Reason("no_sign_of_payment", {"mentions": len(ids)}),),
                len(ids),
                NOW - timedelta(days=22),
                NOW - timedelta(hours=8),
            ),
            Advocate(
                paid.post.author,
                OWN,
                21.0,
                (
                    Contribution("praise_weeks", 41.0, (paid.id or 0,), "最高です"),
                    Contribution("sponsored", -20.0),
                ),
                False,
                (Reason("sponsored", {"count": 1, "of": 1, "words": "#PR", "mention": paid.id}),),
                1,
                NOW - timedelta(hours=5),
                NOW - timedelta(hours=5),
            ),
        ],
        NOW,
    )


def _span(text: str, words: str, why: str) -> Span:
    start = text.find(words)
    assert start >= 0, f"{words!r} is not in {text!r}"
    return Span(start, start + len(words), words, why)
