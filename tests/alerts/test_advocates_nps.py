"""Implied NPS: where authors stand by what they wrote, and what all of them come to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from alerts.advocacy.nps import implied
from alerts.advocates import AuthorNps, Standing, study
from storage.types import Author, Label, Mention, SignalKind
from tests.alerts.made import AUTHOR, NOW, TOPIC, mention
from tests.alerts.test_advocates import FAITHFUL, SETTINGS, praise


def person(name: str) -> Author:
    return replace(AUTHOR, external_id=name, name=name, handle=name)


def standing(*mentions: Mention) -> AuthorNps:
    (found,) = study(TOPIC, [(AUTHOR, mentions)], SETTINGS, NOW).authors
    return found


def authors(promoters: int, passives: int, detractors: int) -> list[AuthorNps]:
    classes = (
        [Standing.PROMOTER] * promoters + [Standing.PASSIVE] * passives + [Standing.DETRACTOR] * detractors
    )
    return [AuthorNps(AUTHOR, one, 0.0, True, ()) for one in classes]


def test_who_keeps_praising_is_a_promoter_and_who_complains_a_detractor() -> None:
    fan = standing(*FAITHFUL)
    assert (fan.standing, fan.counted) == (Standing.PROMOTER, True)
    assert fan.reasons[0].values["recommends"] >= 2
    critic = standing(mention(1), mention(2, "二度と行かない"))
    assert (critic.standing, critic.counted) == (Standing.DETRACTOR, True)


def test_one_kind_word_is_not_yet_a_promoter() -> None:
    once = standing(praise(1, 1, "今日のラテもよかった"))
    assert once.standing is Standing.PASSIVE
    assert "one_post" in [reason.code for reason in once.reasons]


def test_the_newest_counts_most() -> None:
    before = [praise(n, 20 + 2.3 * n, f"{n}度目もよかった") for n in range(1, 6)]
    after = [mention(10 + n, f"対応がひどい{n}") for n in range(4)]
    assert standing(*before).standing is Standing.PROMOTER
    assert standing(*before, *after).standing is Standing.DETRACTOR


def test_who_says_nothing_or_is_not_free_is_not_counted() -> None:
    neutral = mention(1, "駅前店は9時まで", label=Label.NEUTRAL)
    assert not standing(neutral).counted
    paid = standing(
        *FAITHFUL, praise(7, 0.1, "#PR ミナモさんから提供", (SignalKind.PRAISE,), sponsored="#PR")
    )
    assert not paid.counted
    found = study(TOPIC, [(person("a"), [neutral])], SETTINGS, NOW).implied
    assert (found.nps, found.low, found.not_counted) == (None, None, 1)


@pytest.mark.parametrize(
    ("counts", "nps"), [((50, 30, 20), 30.0), ((1, 0, 0), 100.0), ((0, 5, 5), -50.0), ((3, 4, 3), 0.0)]
)
def test_the_number_and_its_interval(counts: tuple[int, int, int], nps: float) -> None:
    found = implied("t", authors(*counts))
    assert found.nps == nps
    assert found.low is not None
    assert found.high is not None
    assert -100 <= found.low < found.high <= 100
    assert found.low <= nps <= found.high or sum(counts) < 2


def test_more_authors_narrow_the_interval() -> None:
    few, many = implied("t", authors(5, 3, 2)), implied("t", authors(500, 300, 200))
    assert (many.high or 0) - (many.low or 0) < ((few.high or 0) - (few.low or 0)) / 5
    # The textbook interval of a difference of shares from 1,000 answers: 30 ± 4.8
    assert many.low == pytest.approx(25.1, abs=0.3)
    assert many.high == pytest.approx(34.7, abs=0.3)


def test_nothing_later_than_now_is_looked_at() -> None:
    people = [(AUTHOR, FAITHFUL)]
    then = FAITHFUL[2].post.created_at
    early = study(TOPIC, people, SETTINGS, then)
    assert early == study(TOPIC, [(AUTHOR, FAITHFUL[:3])], SETTINGS, then)
    assert early.advocates[0].last_at == then
