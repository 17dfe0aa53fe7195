from __future__ import annotations

from alerts.incident.terms import telling


def test_new_words_lead_and_usual_ones_are_left_out() -> None:
    now = {number: frozenset({"氷", "店"} if number % 2 else {"スコップ", "店"}) for number in range(40)}
    before = [frozenset({"店", "ラテ"})] * 200
    found = telling(now, before)
    assert {term.word for term in found} == {"氷", "スコップ"}
    ice = next(term for term in found if term.word == "氷")
    assert (len(ice.mentions), ice.share, ice.before) == (20, 0.5, 0)
    assert ice.z is not None
    assert ice.z > 3


def test_a_rare_word_needs_more_than_chance() -> None:
    now = {number: frozenset({"店"}) for number in range(40)} | {99: frozenset({"珍しい"})}
    assert telling(now, [frozenset({"店"})] * 100) == ()


def test_a_word_within_a_longer_one_is_said_once() -> None:
    now = {number: frozenset({"スコップ", "アイススコップ"}) for number in range(20)}
    assert len(telling(now, [frozenset({"店"})] * 50)) == 1


def test_without_earlier_talk_nothing_is_compared() -> None:
    found = telling({number: frozenset({"氷"}) for number in range(5)}, [])
    assert [(term.word, term.z) for term in found] == [("氷", None)]
