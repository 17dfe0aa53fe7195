"""Why a mention was judged so: the page, the API, and whose model answers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from html import unescape

import pytest
from fastapi.testclient import TestClient

from listener.config import Config
from listener.web.app import create_app
from nlp.analyze import Analyzer
from nlp.sentiment import Prediction, Thresholds, load
from storage.db import MentionFilter, Store
from storage.types import DisclosureKind, Label
from tests.listener.web.conftest import FixedClock, browser_like
from tests.listener.web.seed import HOSTILE


class CountingModel:
    """The word list, counting how often it is asked."""

    name = "counting-1"
    thresholds = Thresholds()

    def __init__(self) -> None:
        self.asked = 0
        self._words = load("lexicon")

    def predict(self, texts: Sequence[tuple[str, str | None]]) -> list[Prediction]:
        self.asked += 1
        return self._words.predict(texts)


def mention_id(store: Store, where: MentionFilter) -> int:
    (mention,) = store.mentions(where, limit=1)
    assert mention.id is not None
    return mention.id


@pytest.fixture
def negative(store: Store) -> int:
    return mention_id(store, MentionFilter(topic="minamo", label=Label.NEGATIVE))


def test_the_page_shows_the_words_with_signs_and_a_legend(client: TestClient, negative: int) -> None:
    page = client.get(f"/mentions/{negative}/explanation").text
    assert re.search(
        r'<mark class="x-negative x-\d"[^>]*>[^<]+<small aria-hidden="true">&#8288;−+</small>', page
    )
    assert "ネガティブ方向: " in page  # in words, for those who hear the page
    assert "ポジティブ方向" in page
    assert "感情スコア" in page
    assert "style=" not in page  # the policy of the page would not apply it
    english = client.get(f"/mentions/{negative}/explanation?lang=en").text
    assert "toward negative" in english


def test_every_mention_links_to_its_explanation(client: TestClient, negative: int) -> None:
    page = client.get("/topics/minamo?period=90d&sentiment=negative").text
    assert f'href="/mentions/{negative}/explanation" data-explain' in page
    own = client.get(f"/mentions/{negative}/explanation").text
    assert f'href="/mentions/{negative}/explanation" data-explain' not in own


def test_the_text_is_whole_and_hostile_text_is_only_text(client: TestClient, store: Store) -> None:
    number = mention_id(store, MentionFilter(topic="minamo", text="window.pwned"))
    page = client.get(f"/mentions/{number}/explanation").text
    assert "<script>window" not in page
    shown = page.split('<p class="x-text">', 1)[1].split("</p>\n", 1)[0]
    plain = re.sub(r'<small.*?</small>|<span class="hidden">.*?</span>|</?mark[^>]*>', "", shown)
    assert unescape(plain).strip() == HOSTILE


def test_a_rule_is_named_in_the_readers_language(client: TestClient, store: Store) -> None:
    number = mention_id(store, MentionFilter(topic="minamo", disclosure=DisclosureKind.SPONSORED))
    page = unescape(client.get(f"/mentions/{number}/explanation").text)
    assert "という表現があるため、「PR・広告」と判定しました（ルール: " in page
    english = unescape(client.get(f"/mentions/{number}/explanation?lang=en").text)
    assert "is why it counts as" in english


def test_the_api_tells_the_same(client: TestClient, store: Store, negative: int) -> None:
    found = client.get(f"/api/mentions/{negative}/explanation").json()
    text = store.mentions_by_id([negative])[0].post.full_text
    assert found["id"] == negative
    assert all(text[part["start"] : part["end"]] == part["text"] for part in found["parts"])
    total = sum(part["effect"] for part in found["parts"])
    assert total == pytest.approx(found["sentiment"]["score"], abs=0.01)
    assert set(found) == {"id", "target", "sentiment", "score_untold", "disclosure", "parts"}


@pytest.mark.parametrize("number", ["999999", str(2**80)])
def test_an_unknown_mention_is_missing(client: TestClient, number: str) -> None:
    assert client.get(f"/mentions/{number}/explanation").status_code == 404
    answer = client.get(f"/api/mentions/{number}/explanation")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "missing")


def test_mistakes_are_named(client: TestClient, negative: int) -> None:
    for address in (f"/api/mentions/{negative}/explanation?lagn=en", "/api/mentions/first/explanation"):
        answer = client.get(address)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "request")


def test_the_services_own_model_answers(store: Store, config: Config, negative: int) -> None:
    model = CountingModel()
    app = create_app(store=store, config=config, clock=FixedClock(), analyzer=Analyzer(model))
    reader = browser_like(app)
    assert model.asked == 0
    said = reader.get(f"/api/mentions/{negative}/explanation").json()
    assert said["sentiment"]["model"] == "counting-1"
    assert model.asked > 0
    page = reader.get(f"/mentions/{negative}/explanation").text
    assert "現在のモデル counting-1 の判定を示します" in page


def test_many_readers_get_the_same_answer(client: TestClient, negative: int) -> None:
    address = f"/api/mentions/{negative}/explanation"
    expected = client.get(address).json()
    with ThreadPoolExecutor(4) as pool:
        assert all(found == expected for found in pool.map(lambda _: client.get(address).json(), range(8)))


def test_without_a_model_the_reader_learns_where_to_look(store: Store, config: Config, negative: int) -> None:
    broken = config.model_copy(update={"device": "cuda"})
    reader = browser_like(create_app(store=store, config=broken, clock=FixedClock()))
    answer = reader.get(f"/api/mentions/{negative}/explanation")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "model")
    assert "device: auto" in answer.json()["error"]["message"]
    page = reader.get(f"/mentions/{negative}/explanation")
    assert page.status_code == 503
    assert "kikimimi check" in page.text
