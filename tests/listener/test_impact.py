"""The programme with a real store behind it: who is in the figures, who is named, what each sentence rests on."""

from __future__ import annotations

import json
import re
import string
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from alerts import words_programme
from alerts.advocacy import programme_plain
from alerts.advocacy.before_after import BeforeAfter
from alerts.advocacy.impact import month
from alerts.advocacy.interrupted import Estimate
from alerts.advocacy.programme import Programme
from alerts.advocacy.programme_report import Report, numbers, to_json, write
from alerts.advocacy.programme_sentences import Statement
from alerts.incident.sentences import Ref
from listener import impact
from listener.config import Config
from storage.consents import Consent, ConsentKind
from storage.db import MentionFilter, Store
from storage.responses import SCALES, SurveyGiven, SurveyKind
from storage.types import Label
from tests.listener.programme_seed import (
    ERASED,
    GONE,
    JOINED,
    LEFT_US,
    MONTH,
    NOW,
    OTHERS,
    OWN,
    QUOTED,
    fill_programme,
    person,
)
from tests.listener.web.conftest import configured

LANGS = ("ja", "en")


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    return configured(tmp_path_factory.mktemp("config"))


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """For tests that only read."""
    with Store.open(f"sqlite:///{tmp_path_factory.mktemp('programme')}/p.db") as store:
        fill_programme(store)
        yield store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path}/p.db") as opened:
        yield opened


def opened(store: Store, config: Config, name: str = MONTH) -> Programme:
    topic = next(one for one in config.topics if one.name == OWN).topic()
    return impact.open_programme(store, config, topic, month(name, topic.timezone, NOW), NOW)


@pytest.fixture(scope="module")
def seen(shared: Store, config: Config) -> Programme:
    return opened(shared, config)


@pytest.fixture(scope="module", params=LANGS)
def report(request: pytest.FixtureRequest, seen: Programme) -> Report:
    return write(seen, lang=request.param, base="https://kikimimi.example")


# ------------------------------------------------------------------ the figures are the store's


def test_the_figures_are_what_the_store_holds(seen: Programme, shared: Store) -> None:
    start, end = seen.month.start, seen.month.end
    mine = [
        one
        for name in JOINED
        for one in shared.mentions(
            MentionFilter(topic=OWN, author=f"mastodon:{person(name).external_id}", since=start, until=end),
            500,
        )
    ]
    enrolled = [
        one
        for one in mine
        if not (
            one.post.author == person("つむぎ") and one.post.created_at < start + timedelta(days=4, hours=9)
        )
    ]
    figures = seen.figures
    assert set(figures.mentions) == {one.id for one in enrolled}
    assert set(figures.programme) == {one.id for one in mine}
    assert len(figures.positive) == sum(one.analysis.sentiment.label is Label.POSITIVE for one in enrolled)
    assert figures.reach == sum(one.post.author.followers or 0 for one in enrolled if one.post.author)
    assert figures.engagement == sum(one.post.engagement.total or 0 for one in enrolled)
    # The hours keep what erased people once posted; nothing else is left of it.
    totals = shared.totals(OWN, start, end)
    assert (figures.volume_all, figures.positive_all) == (totals.volume, totals.positive)
    hidden = [one for one in mine if "#PR" not in one.post.text]
    assert set(figures.undisclosed) == {one.id for one in hidden}
    assert figures.enrolled == 5


def test_the_crisis_the_referrals_the_tasks(seen: Programme) -> None:
    assert len(seen.figures.defence) == 2
    assert seen.figures.referrals.counts["purchased"] == 2
    assert seen.figures.referrals.values == {"JPY": 5500.0}
    assert seen.before.referrals.values == {"JPY": 1200.0}
    assert [task.title for task in seen.tasks] == ["新作の試飲会に案内する", "引用の同意をお願いする"]
    assert len(seen.found) == 1
    assert len(seen.candidates) == len(OTHERS)


def test_the_change_after_contact_is_found_beside_the_others(seen: Programme) -> None:
    """The seed lets the contacted post about 0.8 times a week more."""
    effect = seen.effect
    assert (effect.code, effect.people, effect.comparisons) == ("measured", 5, 8)
    assert effect.difference is not None
    assert effect.difference.low < 0.8 < effect.difference.high
    assert effect.difference.clear


def test_an_empty_store_makes_a_report_all_the_same(store: Store, config: Config) -> None:
    empty = opened(store, config)
    assert (empty.figures.mentions, empty.effect.code, empty.survey) == ((), "too_few", None)
    for lang in LANGS:
        text = programme_plain.text(write(empty, lang=lang))
        assert "0" in text
        assert "None" not in text


# ------------------------------------------------------------------ who may appear


def test_who_opted_out_or_was_erased_is_nowhere(seen: Programme, report: Report, shared: Store) -> None:
    said = json.dumps(to_json(report), ensure_ascii=False) + programme_plain.text(report)
    refused = [person(LEFT_US), person(ERASED)]
    for who in refused:
        assert who.name not in said
        assert who.handle not in said
    accounts = {(one.advocate.author.platform, one.advocate.author.external_id) for one in seen.members}
    assert accounts == {("mastodon", person(name).external_id) for name in JOINED}
    theirs = {
        one.id
        for who in refused
        for one in shared.mentions(MentionFilter(topic=OWN, author=f"mastodon:{who.external_id}"), 500)
    }
    assert theirs  # the posts of who opted out are still there
    cited = {ref.id for one in report.statements for ref in one.evidence if ref.kind == "mention"}
    assert not theirs & cited
    assert seen.effect.contacted == len(JOINED)


def test_only_who_agreed_is_named_and_quoted(seen: Programme, report: Report) -> None:
    said = json.dumps(to_json(report), ensure_ascii=False) + programme_plain.text(report)
    for name in (*JOINED, *OTHERS, *GONE):
        assert (name in said) is (name in QUOTED), name
        assert person(name).handle not in said
    assert "翌日に届いた" in said
    assert "責めすぎでは" not in said  # it defends us, and its author did not agree to be quoted
    assert all("social.example" not in note.url for note in report.notes)


def test_a_quote_ends_with_the_consent(store: Store, config: Config) -> None:
    ids = fill_programme(store)
    withdrawn = Consent(ids["ひより"], ConsentKind.WITHDRAWN, frozenset({"quote"}), NOW, "佐藤", "電話")
    store.people.record(withdrawn, NOW)
    text = programme_plain.text(write(opened(store, config), lang="ja"))
    assert "ひより" not in text
    assert "翌日に届いた" not in text
    assert "そうた" in text


def test_an_opt_out_takes_the_person_out_of_every_figure(store: Store, config: Config) -> None:
    fill_programme(store)
    before = opened(store, config)
    store.privacy.opt_out(person("そうた"), NOW, by="佐藤")
    after = opened(store, config)
    assert after.figures.enrolled == before.figures.enrolled - 1
    assert len(after.figures.mentions) < len(before.figures.mentions)
    assert after.effect.contacted == before.effect.contacted - 1
    assert "そうた" not in programme_plain.text(write(after, lang="ja"))


# ------------------------------------------------------------------ sentences


def test_every_sentence_names_its_numbers_and_rests_on_something(report: Report) -> None:
    assert len(report.statements) > 25
    for one in report.statements:
        assert one.numbers, one.text
        assert one.evidence, one.text
        assert report.notes_of(one), one.text
        plain = one.text.replace(",", "").replace("−", "-")
        for name, number in one.numbers.items():
            shown = re.findall(r"-?\d+(?:\.\d+)?", plain)
            near = [float(piece) for piece in shown if abs(abs(float(piece)) - abs(number)) <= 0.5]
            assert near, (name, number, one.text)


def test_a_sentence_without_numbers_or_evidence_cannot_be_written() -> None:
    for made in ({}, {"n": 1.0}):
        evidence = (Ref("mention", 1),) if not made else ()
        with pytest.raises(ValueError, match="needs numbers and evidence"):
            Statement("すばらしい月でした。", made, evidence)


def test_the_sections_and_charts_are_there(report: Report) -> None:
    codes = [section.code for section in report.sections]
    assert codes == ["summary", "people", "posts", "disclosure", "defence", "referrals", "effect", "tasks"]
    assert [column.name for column in report.columns] == [f"2026-{n:02d}" for n in range(5, 11)]
    assert report.steps[0].people == len(OTHERS)
    assert report.points[0].week == -report.points[-1].week - 1
    assert [note.number for note in report.notes] == list(range(1, len(report.notes) + 1))


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (-0.2, 0.4, "増えたとも減ったともいえません"),
        (0.1, 0.7, "増えたといえます"),
        (-0.7, -0.1, "減ったといえます"),
    ],
)
def test_what_may_be_claimed_follows_the_interval(
    seen: Programme, low: float, high: float, expected: str
) -> None:
    changed = replace(seen.effect, difference=Estimate((low + high) / 2, low, high, 5))
    text = programme_plain.text(write(replace(seen, effect=changed), lang="ja"))
    claims = ("増えたとも減ったともいえません", "増えたといえます", "減ったといえます")
    assert [claim in text for claim in claims] == [claim == expected for claim in claims]
    assert "平均への回帰" in text


@pytest.mark.parametrize("code", ["too_few", "too_short"])
def test_without_enough_people_it_says_so_and_gives_no_number(seen: Programme, code: str) -> None:
    text = programme_plain.text(write(replace(seen, effect=BeforeAfter(code, 2)), lang="ja"))
    assert "数字は出していません" in text
    assert "信頼区間" not in text


def test_without_a_comparison_nothing_is_claimed(seen: Programme) -> None:
    alone = replace(seen.effect, difference=None, comparisons=1)
    text = programme_plain.text(write(replace(seen, effect=alone), lang="ja"))
    assert "変化かどうかはいえません" in text
    assert "増えたといえます" not in text


def test_a_running_month_says_so(shared: Store, config: Config) -> None:
    running = opened(shared, config, "2026-11")
    assert running.month.running
    text = programme_plain.text(write(running, lang="ja"))
    assert "月の途中" in text
    assert "前月の同じ日数は" in text


def test_a_survey_stands_beside_when_there_is_one(store: Store, config: Config) -> None:
    fill_programme(store)
    at = opened(store, config).month.start + timedelta(days=3)
    given = [
        SurveyGiven(SurveyKind.NPS, at, score, SCALES[SurveyKind.NPS], external_id=f"s{place}")
        for place, score in enumerate((10, 9, 9, 8, 3))
    ]
    store.surveys.add(OWN, "survey", given, NOW)
    found = opened(store, config)
    assert found.survey is not None
    assert (found.survey.nps, len(found.survey.answers)) == (40.0, 5)
    text = programme_plain.text(write(found, lang="ja"))
    assert "アンケートのNPSは+40です" in text
    assert "前月は回答なし" in text


def test_the_numbers_are_plain_json(seen: Programme) -> None:
    said = json.loads(json.dumps(numbers(seen)))
    assert said["month"]["mentions"] == len(seen.figures.mentions)
    assert said["before_after"]["difference"]["people"] == 5
    assert said["funnel"]["active"]["at_end"] == 3


@pytest.mark.parametrize("code", sorted(words_programme.WORDS))
def test_both_languages_name_the_same_values(code: str) -> None:
    def names(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    both = words_programme.WORDS[code]
    if not code.startswith("month"):
        assert names(both["ja"]) == names(both["en"])
    assert both["ja"]
    assert both["en"]
