"""Folding keeps the way back: a span of the original folds to the term that found it."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from listener.matching import match, parse
from listener.matching.fold import fold
from listener.matching.parse import query_for
from listener.matching.tree import Term
from storage.types import Topic
from tests.listener.matching.posts import post

PIECES = st.sampled_from(
    ["ミナモ", "みなも", "ﾐﾅﾓ", "ｶﾞ", "か\u3099", "ー", "〜", "－", "-", "・", "･", " ", "\u3000", "\n", "珈琲",
     "髙", "㌔", "㍿", "e\u0301", "É", "ß", "ＡＢ", "ab", "ı", "İ", "\u200b", "。", "#", "🍵", "👨‍👩‍👧", "ヴ", "ゔ",
     "店", "1", "①", "ﬁ"]
)  # fmt: skip
TEXTS = st.one_of(st.lists(PIECES, max_size=12).map("".join), st.text(max_size=30))


# A busy machine is no failure of the code.
CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@CALM
@given(TEXTS)
def test_every_folded_character_points_into_the_original(text: str) -> None:
    folded = fold(text)
    assert len(folded.text) == len(folded.starts) == len(folded.ends)
    assert all(0 <= start < end <= len(text) for start, end in zip(folded.starts, folded.ends, strict=True))
    assert list(folded.starts) == sorted(folded.starts)


@CALM
@given(TEXTS, st.data())
def test_a_word_is_found_in_its_own_text_and_its_span_folds_to_it(text: str, data: st.DataObject) -> None:
    term = data.draw(
        st.sampled_from(["ミナモ", "ガ", "珈琲", "高", "キロ", "ab", "é", "コーヒー", "ミナモ・珈琲"])
    )
    query = query_for(Topic("t", term))
    one = post(f"{text}「{term}」{text}")
    spans = match(query, one)
    assert spans
    assert isinstance(query.root, Term)
    for span in spans:
        assert one.full_text[span.start : span.end] == span.text
        assert fold(span.text).text == query.root.folded


@CALM
@given(TEXTS)
def test_any_text_can_be_asked_for_and_answers(text: str) -> None:
    """Neither a strange query nor a strange post ends in anything but an answer or a QueryError."""
    try:
        query = parse(text)
    except ValueError:
        return
    assert match(query, post(text)) is None or isinstance(match(query, post(text)), tuple)


@CALM
@given(TEXTS)
def test_the_quick_and_the_careful_way_agree(text: str) -> None:
    """A character of no width sends the whole text the careful way; the rest of it folds the same."""
    quick, careful = fold(text), fold(f"{text}\u200b。")
    assert careful.text == quick.text + "。"
    assert list(careful.starts)[: len(quick.text)] == list(quick.starts)
