"""An invented advocacy programme of an invented coffee shop: ten months, five people in it, eight beside it."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from storage.consents import Consent, ConsentKind, Scope
from storage.db import Store
from storage.journeys import Step, StepKind
from storage.notices import Delivery, Notification
from storage.referrals import ReferralGiven, ReferralKind
from storage.types import (
    Advocate,
    Author,
    Incident,
    IncidentState,
    Label,
    Mention,
    Severity,
    SignalKind,
    Stage,
)
from tests.listener.web.seed import BRANDS, NOW, OWN, PLAIN, PRAISE, mention

WEEK, DAY = timedelta(weeks=1), timedelta(days=1)
BEGAN = datetime(2026, 2, 2, tzinfo=UTC)
CONTACT = datetime(2026, 6, 8, 3, tzinfo=UTC)
MONTH = "2026-10"
CRISIS = (datetime(2026, 10, 14, 1, tzinfo=UTC), datetime(2026, 10, 16, 1, tzinfo=UTC))
BY = "佐藤"

# Five in the programme, one who opted out, one who was erased; then those who were never contacted.
JOINED = ("ひより", "そうた", "みなと", "あおい", "つむぎ")
GONE = ("やめた人", "消えた人")
OTHERS = ("ゆず", "りく", "はな", "れん", "さき", "いつき", "なお", "まお")
QUOTED = ("ひより", "そうた")
LEFT_US, ERASED = GONE


def person(name: str) -> Author:
    number = (*JOINED, *GONE, *OTHERS).index(name)
    return Author("mastodon", f"p{number}", f"acct{number}", name, "", 200 + 100 * number)


def fill_programme(store: Store) -> dict[str, int]:
    """Everything; returns the numbers of those who are still there by name."""
    _save(store, _posts())
    ids = _journeys(store)
    _paperwork(store, ids)
    store.privacy.opt_out(person(LEFT_US), NOW - 2 * DAY, by=BY)
    store.privacy.erase(person(ERASED), NOW - 2 * DAY, by=BY)
    return {name: number for name, number in ids.items() if name not in GONE}


def _posts() -> list[Mention]:
    """About one post a week each; the contacted a little more from the contact on."""
    dice = random.Random(7)
    found: list[Mention] = []
    for name in (*JOINED, *GONE, *OTHERS):
        at = BEGAN
        while at < NOW - DAY:
            more = name in (*JOINED, *GONE) and at >= CONTACT
            for _ in range(dice.choices((0, 1, 2, 3), weights=(2, 3, 4, 3) if more else (4, 5, 2, 0))[0]):
                found.append(_post(20_000 + len(found), at + WEEK * dice.random(), name, dice))
            at += WEEK
    return [*found, *_october()]


def _post(number: int, at: datetime, name: str, dice: random.Random) -> Mention:
    brand = BRANDS[OWN]
    if dice.random() < 0.2:
        return mention(number, at, PLAIN[2][0].format(brand=brand), Label.NEUTRAL, author=person(name))
    text, kind, evidence = dice.choice(PRAISE)
    paid = at >= CONTACT and name in JOINED and dice.random() < 0.8
    said = text.format(brand=brand) + ("　#PR" if paid else "")
    return mention(
        number, at, said, Label.POSITIVE, author=person(name), kind=kind, evidence=evidence,
        sponsored="#PR" if paid else "", likes=dice.randrange(40),
    )  # fmt: skip


def _october() -> list[Mention]:
    """Two who speak up in the crisis: one may be quoted, one may not. And one angry stranger."""
    at = CRISIS[0] + timedelta(hours=5)
    texts = (
        ("ひより", "ミナモ珈琲の返金は翌日に届いた。窓口の人も丁寧だったと伝えておきたい。#PR", "丁寧だった"),
        ("みなと", "ミナモ珈琲を責めすぎでは。あの店の人たちは誠実だよ。#PR", "誠実だよ"),
    )
    spoken = [
        mention(
            30_000 + place, at + timedelta(hours=place), text, Label.POSITIVE, author=person(name),
            kind=SignalKind.DEFEND, evidence=evidence, sponsored="#PR", likes=120 - place,
        )
        for place, (name, text, evidence) in enumerate(texts)
    ]  # fmt: skip
    stranger = Author("mastodon", "stranger", "angry", "通りすがり", "", 12)
    angry = mention(30_010, at, "ミナモ珈琲、返金が遅い。", Label.NEGATIVE, author=stranger)
    return [*spoken, angry]


def _save(store: Store, posts: list[Mention]) -> None:
    store.save_page(source="mastodon-tag", kind="mastodon", mentions=posts, seen=[], cursor={}, at=NOW)
    crisis = Incident(
        "minamo/negative_excess/9", OWN, "negative_excess", Severity.WARNING, IncidentState.RESOLVED,
        CRISIS[0], CRISIS[1], (), (), CRISIS[1],
    )  # fmt: skip
    store.save_incident(crisis)


def _journeys(store: Store) -> dict[str, int]:
    names = (*JOINED, *GONE, *OTHERS)
    ranking = [
        Advocate(person(name), OWN, 80.0 - place, (), True, (), 30, BEGAN, NOW - DAY)
        for place, name in enumerate(names)
    ]
    saved = store.save_advocates(OWN, ranking, NOW)
    ids = {name: one.id or 0 for name, one in zip(names, saved, strict=True)}
    for place, name in enumerate((*JOINED, *GONE)):
        at = CONTACT + place * DAY
        _move(store, ids[name], Stage.REVIEWED, at - DAY)
        _move(store, ids[name], Stage.CONTACTED, at)
        late = name == "つむぎ"  # joins in October
        agreed = datetime(2026, 10, 5, tzinfo=UTC) if late else at + 5 * DAY
        scopes = frozenset(Scope) if name in QUOTED else frozenset({Scope.CONTACT})
        said = Consent(
            ids[name], ConsentKind.GRANTED, scopes, agreed, BY, "メール", "投稿の紹介に同意します",
            name_given=f"{name}さん" if name in QUOTED else "",
        )  # fmt: skip
        store.people.record(said, NOW)
        _move(store, ids[name], Stage.ONBOARDED, agreed + DAY)
        if not late:
            _move(store, ids[name], Stage.ACTIVE, agreed + 9 * DAY)
    _move(store, ids["あおい"], Stage.DORMANT, datetime(2026, 10, 20, tzinfo=UTC))
    return ids


def _move(store: Store, number: int, stage: Stage, at: datetime) -> None:
    store.people.move(number, stage, by=BY, now=NOW, at=at)


def _paperwork(store: Store, ids: dict[str, int]) -> None:
    """Tasks, what was told of as new, referrals of September and October."""
    due = {"due": (NOW - 3 * DAY).isoformat()}
    store.people.write(Step(ids["ひより"], StepKind.TASK, NOW - 9 * DAY, BY, "新作の試飲会に案内する", due))
    store.people.write(Step(ids["みなと"], StepKind.TASK, NOW - 9 * DAY, BY, "引用の同意をお願いする"))
    told = datetime(2026, 10, 9, 2, tzinfo=UTC)
    who = person("ゆず")
    key = f"advocate/{OWN}/{who.platform}:{who.external_id}/new_advocate"
    store.begin_notification(
        Notification(
            key, "slack", Delivery.SENDING, 1, told, told, topic=OWN, title="新しい推奨者", payload="{}"
        )
    )
    events = [
        (9, ReferralKind.PURCHASED, "a@example.com", "k1@example.net", 1200.0),
        (10, ReferralKind.INVITED, "a@example.com", "", None),
        (10, ReferralKind.CLICKED, "a@example.com", "", None),
        (10, ReferralKind.REFERRED, "a@example.com", "k2@example.net", None),
        (10, ReferralKind.PURCHASED, "a@example.com", "k2@example.net", 3400.0),
        (10, ReferralKind.PURCHASED, "b@example.com", "k3@example.net", 2100.0),
    ]
    given = [
        ReferralGiven(
            datetime(2026, month, 12, place, tzinfo=UTC),
            kind,
            who,
            customer,
            value,
            "JPY" if value else "",
            f"e{place}",
        )
        for place, (month, kind, who, customer, value) in enumerate(events)
    ]
    store.referrals.add(OWN, "tool", given, NOW)
