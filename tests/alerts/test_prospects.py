"""Who may become an advocate: nothing of the future is used, nobody is listed who must not be, nothing overstated."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from alerts.advocacy import past, prospects
from alerts.advocacy.ahead import missing
from alerts.advocacy.past import Case, Past, looks_from, read
from alerts.advocacy.prospects import Outlook, outlook
from alerts.advocacy.traits import NAMES
from alerts.advocates import AdvocateSettings, judged, qualifies, rank
from storage.types import Author, Label
from tests.alerts.made import NOW, TOPIC, mention
from tests.alerts.prospects_made import DAY, People, R, garbled, until, year

SETTINGS = AdvocateSettings()


@pytest.fixture(scope="module")
def people() -> People:
    return year()


@pytest.fixture(scope="module")
def found(people: People) -> Outlook:
    return outlook(TOPIC, people, SETTINGS, NOW, contacted={})


@pytest.fixture(scope="module")
def everything(people: People) -> Past:
    return read(TOPIC, people, SETTINGS, NOW, {})


# ------------------------------------------------------------------ no leak


@pytest.mark.parametrize("seed", range(3))
def test_another_future_changes_no_trait(people: People, everything: Past, seed: int) -> None:
    """At each cut-off the cases are those that a reader of that day would have seen, whatever came after."""
    dice = random.Random(seed)
    at = dice.choice(sorted({case.at for case in everything.cases}))
    otherwise = [(author, garbled(dice, posts, at)) for author, posts in people]
    for others in (otherwise, until(people, at)):
        seen = read(TOPIC, others, SETTINGS, at, {})
        then = {one.writer: one.traits for one in seen.candidates}
        assert then == {case.writer: case.traits for case in everything.cases if case.at == at}
        assert then


def test_an_outcome_is_known_only_after_sixty_days(everything: Past) -> None:
    cases = everything.cases
    assert max(case.at for case in cases) == NOW - past.HORIZON
    assert [case.at for case in cases] == sorted(case.at for case in cases)


def test_what_became_is_what_the_score_said_later(people: People, everything: Past) -> None:
    """Checked by the ranking itself, at the four looks after a cut-off."""
    cases = everything.cases
    at = sorted({case.at for case in cases})[5]
    later = set()
    for look in range(1, 5):
        ranking = rank(TOPIC, people, SETTINGS, at + look * past.LOOK_EVERY)
        later |= {
            f"{one.author.name}\t{one.author.external_id}" for one in ranking if qualifies(one, SETTINGS)
        }
    month = [case for case in cases if case.at == at]
    assert {case.writer for case in month if case.became} == later & {case.writer for case in month}
    assert any(case.became for case in month)
    assert not all(case.became for case in month)


def test_a_month_is_asked_with_what_was_known_then() -> None:
    """For four months a high score leads there, from the fifth on a low one: nobody could know that in the fifth."""
    begin = datetime(2026, 1, 1, tzinfo=UTC)

    def case(month: int, number: int) -> Case:
        high = number % 2 == 0
        traits = tuple(50.0 * high if name == "score" else 0.0 for name in NAMES)
        return Case(begin + 30 * month * DAY, f"w{number}", traits, high if month < 4 else not high)

    cases = [case(month, number) for month in range(6) for number in range(60)]
    early = prospects.backtest([one for one in cases if one.at < begin + 120 * DAY])
    whole = prospects.backtest(cases)
    assert early is not None
    assert whole is not None
    assert early.model.auc > 0.99
    # Months 2 and 3 are right, 4 and 5 wrong: with a glance at month 4 the fifth would be right too.
    assert whole.model.auc < 0.6


def test_looks_are_counted_back_from_now() -> None:
    looks = looks_from(NOW - timedelta(days=100), NOW)
    assert looks[-1] == NOW
    assert looks[0] >= NOW - timedelta(days=70)
    assert {after - before for before, after in pairwise(looks)} == {past.LOOK_EVERY}
    assert looks_from(NOW, NOW) == [NOW]


# ------------------------------------------------------------------ what is said


def test_a_year_is_enough_to_tell(found: Outlook) -> None:
    tried = found.backtest
    assert found.fallback is None
    assert tried is not None
    assert found.made >= prospects.LEAST_MADE
    assert tried.model.auc > 0.9
    assert tried.model.skill > 0.3
    assert tried.model.auc > tried.mentions.auc
    assert tried.hits > tried.listed * tried.outcomes / tried.cases
    likely = [one.probability for one in found.prospects]
    assert (
        likely == sorted(likely, key=lambda one: -(one or 0))
        or max(likely, key=lambda p: p or 0) == likely[0]
    )


def test_no_probability_goes_beyond_what_was_measured(found: Outlook) -> None:
    tried = found.backtest
    assert tried is not None
    intervals = {(one.floor, one.ceiling) for one in tried.bins}
    for one in found.prospects:
        assert one.probability is not None
        assert (one.low, one.high) in intervals
        assert (one.low or 0) <= one.probability <= (one.high or 0)
    assert (tried.bins[0].low, tried.bins[-1].high) == (0.0, 1.0)
    for before, after in pairwise(tried.bins):
        assert before.high == after.low


def test_whoever_grows_stands_before_whoever_passes(found: Outlook) -> None:
    first = [one.author.name for one in found.prospects[:3]]
    assert all(name.startswith("fan") for name in first)
    told = found.prospects[0]
    assert told.influences[0].adds > 0
    assert told.evidence
    assert len(told.evidence) <= 5


def test_the_same_people_in_another_order_say_the_same(people: People, found: Outlook) -> None:
    again = outlook(TOPIC, people[::-1], SETTINGS, NOW, contacted={})
    assert again == found


# ------------------------------------------------------------------ too little to tell


def test_a_short_history_is_ranked_by_score_and_says_so(people: People) -> None:
    lately = [
        (author, [one for one in posts if NOW - one.post.created_at < 100 * DAY]) for author, posts in people
    ]
    found = outlook(TOPIC, [one for one in lately if one[1]], SETTINGS, NOW, contacted={})
    assert found.fallback is not None
    assert found.fallback.code == "short_history"
    assert 95 <= found.fallback.values["days"] < 100
    assert {one.probability for one in found.prospects} == {None}
    assert all(one.influences == () for one in found.prospects)
    scores = [one.score for one in found.prospects]
    assert scores == sorted(scores, reverse=True)
    assert scores


def test_few_outcomes_are_ranked_by_score_and_say_so() -> None:
    found = outlook(TOPIC, year(3, growing=12, passing=60), SETTINGS, NOW, contacted={})
    assert found.fallback is not None
    assert found.fallback.code == "few_outcomes"
    assert found.fallback.values["made"] <= 12
    assert {one.probability for one in found.prospects} == {None}


def test_a_prediction_that_is_worth_nothing_is_not_shown(found: Outlook) -> None:
    tried = found.backtest
    assert tried is not None
    useless = replace(tried, model=replace(tried.model, skill=-0.02))
    reason = prospects._fallback(found.days, found.made, useless)
    assert reason is not None
    assert (reason.code, reason.values["skill"]) == ("no_better", -0.02)
    reason = prospects._fallback(found.days, found.made, None)
    assert reason is not None
    assert reason.code == "untried"


def test_nothing_at_all() -> None:
    found = outlook(TOPIC, [], SETTINGS, NOW, contacted={})
    assert (found.prospects, found.candidates, found.days) == ((), 0, 0)
    assert found.fallback is not None


# ------------------------------------------------------------------ who is listed


def test_who_was_an_advocate_once_is_none_in_waiting(people: People, found: Outlook) -> None:
    ever = set()
    for look in looks_from(NOW - 400 * DAY, NOW):
        ever |= {one.author for one in rank(TOPIC, people, SETTINGS, look) if qualifies(one, SETTINGS)}
    assert not ever & {one.author for one in found.prospects}


def test_who_was_contacted_is_none_in_waiting(people: People, found: Outlook) -> None:
    first, second = found.prospects[0].author, found.prospects[1].author
    contacted = {
        (first.platform, first.external_id): NOW - DAY,
        (second.platform, second.external_id): NOW + DAY,
    }
    listed = [one.author for one in outlook(TOPIC, people, SETTINGS, NOW, contacted=contacted).prospects]
    assert first not in listed
    assert second in listed


def test_a_case_that_contact_cut_short_is_no_case(people: People, everything: Past) -> None:
    no = next(case for case in everything.cases if not case.became)
    yes = next(case for case in everything.cases if case.became)
    contacted = {("mastodon", one.writer.split("\t")[1]): one.at + DAY for one in (no, yes)}
    again = {(case.at, case.writer) for case in read(TOPIC, people, SETTINGS, NOW, contacted).cases}
    assert (no.at, no.writer) not in again
    assert (yes.at, yes.writer) in again


def test_who_is_not_organic_is_none_in_waiting() -> None:
    author = Author(platform="x", external_id="p", handle="p", name="ぴー", followers=10)
    posts = [
        mention(n, f"ここが好き{n}", label=Label.POSITIVE, author=author, at=NOW - 7 * n * DAY)
        for n in range(4)
    ]
    assert outlook(TOPIC, [(author, posts[::-1])], SETTINGS, NOW, contacted={}).candidates == 1
    paid = mention(9, "#PR いただきました", label=Label.POSITIVE, author=author, at=NOW, sponsored="#PR")
    assert outlook(TOPIC, [(author, [*posts[::-1], paid])], SETTINGS, NOW, contacted={}).candidates == 0


# ------------------------------------------------------------------ what is missing


@pytest.mark.parametrize("recommends", [False, True])
def test_what_is_said_to_be_missing_is_what_is_missing(
    people: People, found: Outlook, recommends: bool
) -> None:
    """Whoever writes the posts that are asked for gets there, and not a week earlier."""
    by_author = dict(people)
    checked = 0
    for one in found.prospects[:20]:
        count = one.missing.recommending if recommends else one.missing.praise
        if count is None:
            continue
        for weeks, there in ((count, True), (count - 1, False)):
            history = [old for old in by_author[one.author] if NOW - old.post.created_at < past.MEMORY]
            like = [old for old in history if old.analysis.sentiment.label is Label.POSITIVE][-1]
            signals = (R,) if recommends else ()
            for week in range(1, weeks + 1):
                text = "みんなにおすすめ" if recommends else "おいしい"
                new = mention(
                    90_000 + week, text, label=Label.POSITIVE, author=one.author, signals=signals,
                    at=NOW + 7 * week * DAY - timedelta(hours=week * week * 7 % 40, minutes=13 * week),
                )  # fmt: skip
                history.append(
                    replace(new, analysis=replace(new.analysis, sentiment=like.analysis.sentiment))
                )
            (after,) = rank(TOPIC, [(one.author, history)], SETTINGS, NOW + 7 * weeks * DAY)
            assert qualifies(after, SETTINGS) is there, (one.author.name, weeks, after.score)
        checked += 1
    assert checked


def test_far_away_is_said() -> None:
    author = Author(platform="x", external_id="p", handle="p", name="ぴー", followers=10)
    posts = [mention(1, "好き", label=Label.POSITIVE, author=author, at=NOW - DAY)]
    ((person, verdict),) = judged(TOPIC, [(author, posts)], SETTINGS, NOW)
    assert missing(person, verdict, TOPIC, SETTINGS, NOW).praise is None
    easy = SETTINGS.model_copy(update={"min_score": 5.0, "min_weeks": 3})
    assert missing(person, verdict, TOPIC, easy, NOW).praise == 2
