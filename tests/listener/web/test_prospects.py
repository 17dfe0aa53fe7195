"""The page of prospects and its JSON: what is kept is shown, with its interval and its reasons, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from alerts.advocacy.ahead import Missing
from alerts.advocacy.calibration import Bin, Quality
from alerts.advocacy.prospects import Backtest, Influence
from alerts.advocacy.traits import NAMES
from listener import foresight
from listener.foresight import Board, Kept
from listener.web import prospects
from listener.web.language import Words
from storage.db import MentionFilter, Store
from storage.types import Advocate, Author, Label, Reason, Stage
from tests.listener.web.seed import NOW, OWN

JA, EN = Words("ja"), Words("en")
GOOD = Quality(auc=0.96, brier=0.026, skill=0.41, average_precision=0.59)
BINS = (
    Bin(0.0, 0.1, 0.03, 0.02, 0.01, 0.05, 900, 300),
    Bin(0.1, 0.45, 0.3, 0.35, 0.2, 0.5, 120, 80),
    Bin(0.45, 1.0, 0.6, 0.58, 0.4, 0.74, 40, 30),
)
TRIED = Backtest(NOW, NOW, 1060, 350, 80, 50, 70, 41, GOOD, GOOD, GOOD, BINS)


def kept(store: Store, *, fallback: Reason | None = None, score: float = 41.0) -> Advocate:
    """A candidate with a post, ranked and worked out."""
    (mention, *_) = store.mentions(MentionFilter(topic=OWN, label=Label.POSITIVE), limit=1)
    author = mention.post.author or Author("mastodon", "nobody", "nobody", "nobody")
    row = Advocate(author, OWN, score, (), True, (), 4, NOW, NOW)
    (advocate,) = store.save_advocates(OWN, [row], NOW)
    likely = (None, None, None) if fallback else (0.52, 0.4, 0.74)
    influences = () if fallback else (Influence("heading", 64.6, 2.1), Influence("silence", 41.0, -0.4))
    one = Kept(advocate.id or 0, *likely, influences, Missing(3, 1), (mention.id or 0,))
    board = Board(OWN, NOW, 365, 50, 120, fallback, None if fallback else TRIED, (one,))
    store.set_setting(foresight.SETTING + OWN, foresight._BOARD.dump_json(board).decode())
    return advocate


def test_before_the_first_days_work(own_client: TestClient) -> None:
    page = own_client.get("/programme/prospects")
    assert page.status_code == 200
    assert "まだ計算していません" in page.text
    assert 'href="/programme/prospects" aria-current="page"' in page.text
    shown = own_client.get("/api/prospects").json()
    assert (shown["topic"], shown["at"], shown["prospects"]) == (OWN, None, [])


def test_a_prospect_with_its_interval_reasons_and_posts(own_store: Store, own_client: TestClient) -> None:
    advocate = kept(own_store)
    page = own_client.get("/programme/prospects").text
    for words in (
        "52%（実績40%〜74%）",
        "あと3週の好意的な投稿で基準に届きます（人にすすめる投稿なら、あと1週）",
        "いまの調子が続くと、60日後のスコアは65点",
        "最後の好意的な投稿から41日",
        "41人（59%）が60日以内に基準に届きました",
        f'href="/advocates/{advocate.id}"',
    ):
        assert words in page, words
    assert page.count('class="measured"') == len(BINS)
    english = own_client.get("/programme/prospects?lang=en").text
    assert "52% (measured 40%–74%)" in english
    assert "3 more weeks with praise reach the threshold (recommending you: 1 week)" in english


def test_without_probabilities_it_says_why(own_store: Store, own_client: TestClient) -> None:
    kept(own_store, fallback=Reason("short_history", {"days": 90, "least": 150}))
    page = own_client.get("/programme/prospects").text
    assert "履歴がまだ90日分のため、可能性は計算していません" in page
    assert "%（実績" not in page
    assert "calibration" not in page


def test_the_json(own_store: Store, own_client: TestClient) -> None:
    advocate = kept(own_store)
    shown = own_client.get("/api/prospects", params={"topic": OWN}).json()
    (one,) = shown["prospects"]
    assert (one["advocate"], one["probability"], one["low"], one["high"]) == (advocate.id, 0.52, 0.4, 0.74)
    assert [each["trait"] for each in one["influences"]] == ["heading", "silence"]
    assert one["missing"]["praise"] == 3
    assert len(one["evidence"]) == 1
    assert shown["backtest"]["model"]["auc"] == 0.96
    assert own_client.get("/api/prospects", params={"topic": "tomarigi"}).status_code == 400
    assert own_client.get("/api/prospects", params={"topik": OWN}).status_code == 400


def test_who_is_contacted_is_gone_at_once(own_store: Store, own_client: TestClient) -> None:
    advocate = kept(own_store)
    for stage in (Stage.REVIEWED, Stage.CONTACTED):
        own_store.people.move(advocate.id or 0, stage, by="佐藤", now=NOW)
    assert own_client.get("/api/prospects").json()["prospects"] == []
    assert "見込みのある人はいません" in own_client.get("/programme/prospects").text


def test_who_has_arrived_is_gone(own_store: Store, own_client: TestClient) -> None:
    kept(own_store, score=77.0)
    assert own_client.get("/api/prospects").json()["prospects"] == []


@pytest.mark.parametrize("words", [JA, EN])
def test_every_trait_has_words_for_any_value(words: Words) -> None:
    for name in NAMES:
        for value in (0.0, 0.3, 1.0, 3.7, -2.0):
            said = prospects.influence(Influence(name, value, 0.5), words)
            assert said
            assert "{" not in said


@pytest.mark.parametrize("code", ["short_history", "few_outcomes", "untried", "no_better"])
def test_every_reason_has_words(code: str) -> None:
    values = {"days": 90, "made": 12, "least": 30, "skill": -0.1}
    for words in (JA, EN):
        assert "{" not in prospects.why_not(Reason(code, values), words)


def test_what_is_missing_in_words() -> None:
    assert prospects.to_go(Missing(1, 1), JA) == "あと1週の好意的な投稿で基準に届きます"
    assert "人にすすめる投稿があれば、あと2週" in prospects.to_go(Missing(None, 2), JA)
    assert prospects.to_go(Missing(None, None), EN).startswith("Not within 8 more weeks")
    assert prospects.to_go(Missing(1, None), EN) == "1 more week with praise reaches the threshold"


def test_small_shares_keep_a_decimal() -> None:
    assert prospects.chance(0.004, 0.0, 0.02, EN) == "0.4% (measured 0%–2%)"
    assert prospects.chance(None, None, None, EN) == EN("unknown.dash")


def test_the_plot_stands_inside_its_frame() -> None:
    for bins in (BINS, (), (replace(BINS[0], low=0.0, high=1.0),)):
        plot = prospects.plot(bins, JA)
        assert len(plot.dots) == len(bins)
        for dot in plot.dots:
            assert prospects.TOP <= dot.top <= dot.y <= dot.bottom <= prospects.BOTTOM
            assert prospects.LEFT <= dot.x <= prospects.RIGHT
