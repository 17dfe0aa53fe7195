"""The review page, a mention's page, and what a person's word changes."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from listener.config import Config
from listener.review import Why, margin, questions
from listener.web.app import create_app
from storage.db import MentionFilter, Store
from storage.types import Emotion, Label, Mention, Sentiment, SignalKind
from storage.verdicts import Correction, CorrectionKind, Labels
from tests.listener.web.conftest import FixedClock, browser_like
from tests.listener.web.seed import NOW, OWN, RIVAL, mention

MINUTES = timedelta(minutes=1)


def unsure(
    number: int, confidence: float, *, text: str = "", score: float = 0.1, **fields: object
) -> Mention:
    words = text or f"ミナモ珈琲、まあ、うん。{number}回目。"
    one = mention(number, NOW - number % 100 * MINUTES, words, Label.NEUTRAL, **fields)  # type: ignore[arg-type]
    doubt = Sentiment(Label.NEUTRAL, score, confidence, "bundled-test")
    return replace(one, analysis=replace(one.analysis, sentiment=doubt))


@pytest.fixture
def doubtful(own_store: Store) -> dict[str, int]:
    """What waits in the test's own store, by name."""
    fan = own_store.advocates(OWN)[0].author
    rival = unsure(8005, 0.41, text="トマリギコーヒーはどうだろう", topic=RIVAL)
    some = {
        "close": unsure(8001, 0.36),
        "clearer": unsure(8002, 0.59, score=0.2),
        "candidate": unsure(8003, 0.58, author=fan),
        "sure": unsure(8004, 0.61),
        "rival": rival,
        "copied": unsure(8007, 0.45, story=4242),
        "copy": unsure(8006, 0.45, story=4242),
    }
    saved = own_store.save_page(
        source="s", kind="file", mentions=list(some.values()), seen=[], cursor={}, at=NOW
    )
    numbers = [one.id or 0 for one in saved]
    return dict(zip(some, numbers, strict=True))


def order(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'<article[^>]* id="mention-(\d+)"', page)]


def say(client: TestClient, number: int, act: str, **fields: object) -> str:
    data = {"by": "佐藤", "back": "/review"} | fields
    answer = client.post(f"/mentions/{number}/{act}", data=data)
    assert answer.status_code == 200, answer.text
    return html.unescape(answer.text)


def stored(store: Store, number: int) -> Mention:
    found = store.mention(number)
    assert found is not None
    return found


def test_the_most_useful_questions_come_first(own_client: TestClient, doubtful: dict[str, int]) -> None:
    page = own_client.get("/review").text
    shown = order(page)
    assert shown[0] == doubtful["candidate"]
    assert "推奨者の候補" in page
    assert set(shown) == {doubtful[name] for name in ("candidate", "close", "clearer", "copy")}
    assert shown.index(doubtful["close"]) < shown.index(doubtful["clearer"])
    assert "60%未満" in page
    assert (
        'href="/review" aria-current="page">要確認<span class="count " title="確認待ち 4件">4</span>' in page
    )
    assert order(own_client.get("/review?topic=tomarigi").text) == [doubtful["rival"]]


def test_what_an_open_incident_stands_on_comes_first_of_all(
    own_client: TestClient, own_store: Store, doubtful: dict[str, int]
) -> None:
    (incident,) = own_store.open_incidents()
    named = (*incident.evidence, doubtful["clearer"])
    own_store.save_incident(replace(incident, evidence=named, updated_at=NOW))
    page = own_client.get("/review").text
    assert order(page)[:2] == [doubtful["clearer"], doubtful["candidate"]]
    assert "進行中の炎上・異変" in page


def test_nothing_waits(client: TestClient) -> None:
    page = client.get("/review").text
    assert "確認を待っている言及はありません。" in page
    assert 'href="/review" aria-current="page">要確認</a>' in page


def test_at_most_so_many_wait(own_store: Store, config: Config, doubtful: dict[str, int]) -> None:
    few = config.model_copy(update={"review": config.review.model_copy(update={"limit": 2})})
    assert len(questions(own_store, few, NOW, [OWN])) == 2
    none = config.model_copy(update={"review": config.review.model_copy(update={"min_confidence": 0.0})})
    assert questions(own_store, none, NOW, [OWN]) == []
    page = browser_like(create_app(store=own_store, config=few, clock=FixedClock())).get("/").text
    assert "確認待ち 2件" in page
    assert [one.why for one in questions(own_store, config, NOW, [OWN])] == [Why.ADVOCATE, *[Why.DOUBT] * 3]


@pytest.mark.parametrize(
    ("label", "confidence", "score", "expected"),
    [
        (Label.NEUTRAL, 0.5, 0.1, 0.2),  # 0.3 0.5 0.2
        (Label.POSITIVE, 0.5, 0.1, 0.1),  # 0.5 0.1 0.4
        (Label.NEGATIVE, 0.6, -0.5, 0.3),  # 0.1 0.3 0.6
        (Label.NEUTRAL, 1.0, 0.0, 1.0),
    ],
)
def test_the_margin_follows_from_score_and_confidence(
    label: Label, confidence: float, score: float, expected: float
) -> None:
    assert margin(Sentiment(label, score, confidence, "m")) == pytest.approx(expected)


def test_a_correction_is_saved_shown_and_counted(
    own_client: TestClient, own_store: Store, doubtful: dict[str, int]
) -> None:
    number = doubtful["close"]
    before = own_store.totals(OWN, NOW - timedelta(hours=1), NOW)
    page = say(
        own_client, number, "correct", sentiment="negative", signals=["complaint", "question"],
        signals_shown="", sarcasm="yes", emotion="", disclosure="", note="褒めていない",
    )  # fmt: skip
    assert "訂正を保存し、集計に反映しました。" in page
    assert "モデルの判定: 中立・シグナルなし・皮肉ではない → 人の訂正: ネガティブ・苦情、質問・皮肉" in page
    assert number not in order(page)
    assert "佐藤として記録します。" in page
    told = stored(own_store, number)
    assert told.correction is not None
    assert (told.correction.by, told.correction.at, told.correction.note) == ("佐藤", NOW, "褒めていない")
    assert told.correction.labels == Labels(
        sentiment=Label.NEGATIVE, signals=(SignalKind.COMPLAINT, SignalKind.QUESTION), sarcasm=True
    )
    after = own_store.totals(OWN, NOW - timedelta(hours=1), NOW)
    assert (after.negative, after.neutral) == (before.negative + 1, before.neutral - 1)
    assert own_store.integrity() == []
    topic = html.unescape(own_client.get("/topics/minamo?sentiment=negative&period=24h").text)
    assert "人の訂正: ネガティブ" in topic
    assert "人の判定" in topic
    english = html.unescape(own_client.get(f"/mentions/{number}?lang=en").text)
    assert "The model: Neutral · No signals · No sarcasm → a person: Negative" in english


def test_signals_left_as_they_were_shown_say_nothing(
    own_client: TestClient, own_store: Store, doubtful: dict[str, int]
) -> None:
    number = own_store.mentions(MentionFilter(topic=OWN, signal=SignalKind.PRAISE), 1)[0].id or 0
    form = own_client.get(f"/mentions/{number}").text
    assert 'name="signals_shown" value="praise"' in form
    assert 'name="signals" value="praise" checked' in form
    say(own_client, number, "correct", emotion="surprise", signals=["praise"], signals_shown="praise")
    told = stored(own_store, number)
    assert told.correction is not None
    assert told.correction.labels == Labels(emotion=Emotion.SURPRISE)
    say(own_client, number, "correct", signals_shown="praise")
    assert stored(own_store, number).analysis.signals == ()


def test_confirming_and_setting_aside(
    own_client: TestClient, own_store: Store, doubtful: dict[str, int]
) -> None:
    page = say(own_client, doubtful["close"], "confirm")
    assert "モデルの判定: 中立・自発的な投稿 → 人が確認: 判定どおり" in page
    assert stored(own_store, doubtful["close"]).analysis.sentiment.confidence == 1.0
    page = say(own_client, doubtful["clearer"], "irrelevant")
    assert "人の訂正: ブランドと無関係（集計から除外）" in page
    assert order(page) == [doubtful["candidate"], doubtful["copy"]]
    listed = own_client.get("/topics/minamo?period=24h").text
    assert doubtful["clearer"] not in order(listed)
    assert own_client.get(f"/mentions/{doubtful['clearer']}").status_code == 200
    assert own_store.integrity() == []


def test_a_correction_is_undone_and_stays_in_the_history(
    own_client: TestClient, own_store: Store, doubtful: dict[str, int]
) -> None:
    number = doubtful["close"]
    before = stored(own_store, number)
    own = f"/mentions/{number}"
    say(own_client, number, "correct", sentiment="positive", back=own)
    page = say(own_client, number, "undo", by="鈴木", back=own)
    assert "訂正を取り消しました。" in page
    assert "訂正: ポジティブ" in page
    assert "直前の訂正を取り消し" in page
    assert "鈴木" in page
    assert stored(own_store, number) == before
    assert "取り消せる訂正がありません" in say(own_client, number, "undo", back=own)


def test_a_form_without_a_choice_changes_nothing(
    own_client: TestClient, own_store: Store, doubtful: dict[str, int]
) -> None:
    page = say(own_client, doubtful["close"], "correct", sentiment="", signals_shown="")
    assert "訂正する項目が選ばれていません" in page
    assert stored(own_store, doubtful["close"]).correction is None


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"by": "   "}, 400),
        ({"by": "あ" * 61}, 400),
        ({"sentiment": "angry"}, 400),
        ({"signals": ["complaint", "nonsense"]}, 400),
        ({"note": "x" * 501}, 400),
    ],
)
def test_a_form_that_cannot_be_read_changes_nothing(
    own_client: TestClient, own_store: Store, doubtful: dict[str, int], fields: dict[str, object], status: int
) -> None:
    number = doubtful["close"]
    data = {"by": "佐藤", "back": "/review", "sentiment": "negative"} | fields
    assert own_client.post(f"/mentions/{number}/correct", data=data).status_code == status
    assert stored(own_store, number).correction is None


@pytest.mark.parametrize("act", ["correct", "confirm", "irrelevant", "undo"])
def test_a_form_from_elsewhere_or_about_nothing_is_refused(
    own_client: TestClient, own_store: Store, doubtful: dict[str, int], act: str
) -> None:
    number, data = doubtful["close"], {"by": "だれか", "back": "/review", "sentiment": "negative"}
    foreign = {"Origin": "https://evil.example"}
    assert own_client.post(f"/mentions/{number}/{act}", data=data, headers=foreign).status_code == 403
    assert stored(own_store, number).correction is None
    for missing in (0, 999_999, 2**70):
        assert own_client.post(f"/mentions/{missing}/{act}", data=data).status_code == 404
        assert own_client.get(f"/mentions/{missing}").status_code == 404


def test_the_way_back_stays_at_home(own_store: Store, config: Config, doubtful: dict[str, int]) -> None:
    app = create_app(store=own_store, config=config, clock=FixedClock())
    client = browser_like(app, follow_redirects=False)
    for back, goal in (
        ("https://evil.example", "/?done=confirm"),
        ("/review?topic=minamo", "/review?topic=minamo&done=confirm"),
    ):
        answer = client.post(f"/mentions/{doubtful['close']}/confirm", data={"by": "佐藤", "back": back})
        assert (answer.status_code, answer.headers["location"]) == (303, goal)


def test_words_of_strangers_and_colleagues_are_only_text(
    own_client: TestClient, doubtful: dict[str, int]
) -> None:
    number, bad = doubtful["close"], "<script>window.pwned = 1</script>"
    data = {"by": bad, "note": bad, "back": f"/mentions/{number}", "sentiment": "negative"}
    page = own_client.post(f"/mentions/{number}/correct", data=data).text
    assert "<script>window" not in page
    assert page.count("&lt;script&gt;window") >= 2


def test_the_api_tells_what_waits_and_what_was_said(
    own_client: TestClient, own_store: Store, doubtful: dict[str, int]
) -> None:
    waiting = own_client.get("/api/review").json()
    assert waiting["total"] == 4
    assert (waiting["waiting"][0]["why"], waiting["waiting"][1]["why"]) == ("advocate", "doubt")
    assert 0 <= waiting["waiting"][0]["margin"] < 1
    assert waiting["waiting"][0]["mention"]["id"] == doubtful["candidate"]
    assert own_client.get("/api/review?topic=tomarigi").json()["total"] == 1
    number = doubtful["close"]
    own_store.judgements.correct(
        Correction(number, CorrectionKind.CORRECT, "佐藤", NOW, Labels(sentiment=Label.NEGATIVE), note="皮肉")
    )
    (told,) = own_client.get("/api/corrections").json()["mentions"]
    assert told["id"] == number
    assert told["sentiment"] == {"label": "negative", "score": -1.0, "confidence": 1.0, "model": "person"}
    assert told["model_said"]["sentiment"]["label"] == "neutral"
    assert told["correction"] == {
        "kind": "correct", "by": "佐藤", "at": "2026-11-22T14:50:00Z", "note": "皮肉",
        "labels": {"sentiment": "negative", "emotion": None, "signals": None, "disclosure": None, "sarcasm": None},
    }  # fmt: skip
    assert own_client.get("/api/corrections?topic=tomarigi").json() == {"mentions": []}
    (plain,) = own_client.get("/api/mentions?limit=1&sentiment=positive").json()["mentions"]
    assert plain["correction"] is plain["model_said"] is None
    assert own_client.get("/api/review?topic=nobody").status_code == 400
