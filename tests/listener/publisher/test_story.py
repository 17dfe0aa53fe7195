"""The story: the same for the same epoch, with the cast and the events it promises."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from listener.publisher.post import Event, Place, StoryPost
from listener.publisher.story import later, posts
from listener.publisher.wording import data_file, dated, lines

TOKYO = ZoneInfo("Asia/Tokyo")


def of(event: Event, found: Iterable[StoryPost], place: Place | None = None) -> list[StoryPost]:
    return [post for post in found if post.event is event and place in (None, post.place)]


def words(post: StoryPost) -> str:
    return f"{post.title}\n{post.text}"


def test_the_same_epoch_tells_the_same_story(epoch: datetime) -> None:
    first = posts(epoch)
    posts.cache_clear()
    assert posts(epoch) == first


def test_another_day_tells_the_same_crisis_at_another_time(epoch: datetime) -> None:
    moved = epoch + timedelta(days=2, hours=9)
    here = [(post.created_at - epoch, post.text) for post in of(Event.CRISIS, posts(epoch))]
    there = [(post.created_at - moved, post.text) for post in of(Event.CRISIS, posts(moved))]
    assert here == there


def test_it_covers_ninety_days_before_and_fourteen_after(epoch: datetime) -> None:
    story = posts(epoch)
    assert timedelta(days=-90) <= story[0].created_at - epoch < timedelta(days=-89)
    assert timedelta(days=13) < story[-1].created_at - epoch < timedelta(days=14)
    assert [post.created_at for post in story] == sorted(post.created_at for post in story)


def test_ordinary_days_follow_until_day_sixty(epoch: datetime) -> None:
    calm = later(epoch)
    days = {(post.created_at - epoch).days for post in calm}
    assert days == set(range(14, 60))
    assert {post.event for post in calm} <= {Event.ORDINARY, Event.RIVAL, Event.HOMONYM}


def test_ids_are_unique_and_grow_with_time(epoch: datetime) -> None:
    everything = posts(epoch) + later(epoch)
    assert len({post.id for post in everything}) == len(everything)
    for place in Place:
        ids = [int(post.id) for post in everything if post.place is place]
        assert ids == sorted(ids)


def test_a_social_id_holds_its_time(epoch: datetime) -> None:
    post = next(post for post in posts(epoch) if post.place is Place.SOCIAL)
    assert int(post.id) >> 16 == int(post.created_at.timestamp() * 1000)


def test_only_copies_repeat_a_text(epoch: datetime) -> None:
    counted = Counter(words(post) for post in posts(epoch) if post.event not in (Event.BOTS, Event.PRESS))
    assert [text for text, count in counted.items() if count > 1] == []


def test_the_writing_is_various() -> None:
    files = ("social", "cast", "bill", "rival", "crisis", "feeds", "reviews")
    texts = {line for name in files for block in _blocks(data_file(name)) for line in lines(block)}
    japanese = {text for text in texts if any("ぁ" <= ch <= "ヿ" for ch in text)}
    crisis = {line for block in _blocks(data_file("crisis")) for line in lines(block)}
    assert len(japanese) >= 550
    assert len(crisis) >= 150
    assert len(lines(data_file("social")["english"])) >= 60


def _blocks(part: object) -> Iterable[str]:
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict):
        for value in part.values():
            yield from _blocks(value)
    elif isinstance(part, list):
        for value in part:
            yield from _blocks(value)


def test_no_slot_stays_open(epoch: datetime) -> None:
    assert [post.text for post in posts(epoch) if "{" in words(post) or "⏎" in words(post)] == []


def test_ordinary_days_have_the_volume_of_a_small_chain(epoch: datetime) -> None:
    calm = [
        post
        for post in posts(epoch)
        if post.created_at < epoch and post.event in (Event.ORDINARY, Event.RIVAL)
    ]
    days = Counter(post.created_at.astimezone(TOKYO).date() for post in calm)
    per_day = sum(days.values()) / 90
    assert 13 <= per_day <= 20
    assert max(days.values()) <= 30


def test_weekends_are_busier_and_nights_are_quiet(epoch: datetime) -> None:
    calm = [
        post.created_at.astimezone(TOKYO)
        for post in of(Event.ORDINARY, posts(epoch))
        if post.created_at < epoch
    ]
    weekend = sum(at.weekday() >= 5 for at in calm) / 2
    weekday = sum(at.weekday() < 5 for at in calm) / 5
    night = sum(at.hour < 5 for at in calm) / 5
    day = sum(7 <= at.hour < 22 for at in calm) / 15
    assert weekend > weekday * 1.15
    assert night < day / 3


def test_tourists_write_in_english(epoch: datetime) -> None:
    own = of(Event.ORDINARY, posts(epoch), Place.SOCIAL)
    share = sum(post.lang == "en" for post in own) / len(own)
    assert 0.04 <= share <= 0.13


def test_five_advocates_recommend_over_many_weeks(epoch: datetime) -> None:
    by_person: dict[str, list[StoryPost]] = defaultdict(list)
    for post in of(Event.ADVOCATE, posts(epoch)):
        by_person[post.account.name].append(post)
    assert len(by_person) == 5
    for own in by_person.values():
        weeks = {(post.created_at - epoch).days // 7 for post in own if post.created_at < epoch}
        assert 10 <= len(own) <= 20
        assert len(weeks) >= 8
        assert any(0 <= (post.created_at - epoch).days < 2 for post in own)  # speaks up in the crisis
        assert len({post.place for post in own}) >= 2


def test_promoters_disclose_some_posts_only(epoch: datetime) -> None:
    paid = of(Event.PROMOTER, posts(epoch))
    disclosed = [
        post for post in paid if any(sign in post.text for sign in ("PR", "提供", "タイアップ", "広告"))
    ]
    assert len({post.account.handle for post in paid}) == 2
    assert 0 < len(disclosed) < len(paid)


def test_the_bots_post_copies_within_minutes(epoch: datetime) -> None:
    waves: dict[str, list[StoryPost]] = defaultdict(list)
    for post in of(Event.BOTS, posts(epoch)):
        waves[post.text].append(post)
    assert len(waves) == 2
    for wave in waves.values():
        assert len({post.account.handle for post in wave}) == 12
        assert wave[-1].created_at - wave[0].created_at < timedelta(minutes=8)


def test_the_campaign_has_a_week_of_prize_posts(epoch: datetime) -> None:
    entries = of(Event.CAMPAIGN, posts(epoch))
    days = {(post.created_at - epoch).days for post in entries}
    assert len(entries) >= 80
    assert min(days) >= -50
    assert max(days) <= -44


def test_the_bill_is_one_loud_complaint_with_echoes(epoch: datetime) -> None:
    bill = of(Event.BILL, posts(epoch))
    loud = [post for post in bill if post.likes > 500]
    assert {post.account.handle for post in loud} == {"sakura_no_3"}
    assert 30 <= len(bill) - len(loud) <= 40
    assert bill[0] is loud[0]
    assert bill[-1].created_at - bill[0].created_at <= timedelta(days=2)


def test_six_outlets_print_each_press_release(epoch: datetime) -> None:
    outlets: dict[str, set[str]] = defaultdict(set)
    for post in of(Event.PRESS, posts(epoch)):
        outlets[post.title.removeprefix("【新着】")].add(post.outlet)
    assert [len(found) for found in outlets.values()] == [6, 6]


class TestCrisis:
    @pytest.fixture
    def crisis(self, epoch: datetime) -> list[StoryPost]:
        return of(Event.CRISIS, posts(epoch), Place.SOCIAL)

    def test_it_begins_at_the_epoch(self, crisis: list[StoryPost], epoch: datetime) -> None:
        assert crisis[0].created_at == epoch
        assert crisis[0].account.handle == "haru_0412"

    def test_it_grows_to_sixty_an_hour_in_three_hours(self, crisis: list[StoryPost], epoch: datetime) -> None:
        hours = Counter(int((post.created_at - epoch) / timedelta(hours=1)) for post in crisis)
        assert hours[0] < hours[1] < hours[2] <= hours[3]
        assert 50 <= hours[3] <= 75
        assert hours[3] > hours[5] > hours[8]

    def test_many_people_not_many_posts_each(self, crisis: list[StoryPost], epoch: datetime) -> None:
        day = [post for post in crisis if post.created_at <= epoch + timedelta(hours=20)]
        assert 240 <= len(day) <= 280
        assert 180 <= len({post.account.handle for post in day}) <= 225

    def test_an_account_with_eighty_thousand_followers_amplifies_it(
        self, crisis: list[StoryPost], epoch: datetime
    ) -> None:
        loudest = max(crisis, key=lambda post: post.account.followers)
        assert loudest.account.followers > 80_000
        assert loudest.created_at - epoch == timedelta(minutes=50)

    def test_nobody_knows_of_the_news_or_the_apology_before(
        self, crisis: list[StoryPost], epoch: datetime
    ) -> None:
        for post in crisis:
            after = post.created_at - epoch
            if "ニュース" in post.text or "報道" in post.text:
                assert after > timedelta(hours=2), post.text
            if "謝罪" in post.text and "まだ" not in post.text:
                assert after >= timedelta(hours=6), post.text

    def test_the_company_apologises_after_six_hours(self, crisis: list[StoryPost], epoch: datetime) -> None:
        apology = next(post for post in crisis if "【お詫び】" in post.text)
        assert apology.account.handle == "minamo_coffee"
        assert apology.created_at - epoch == timedelta(hours=6)

    def test_the_news_comes_after_two_hours(self, epoch: datetime) -> None:
        first = of(Event.CRISIS, posts(epoch), Place.NEWS)[0]
        assert timedelta(hours=2) <= first.created_at - epoch < timedelta(hours=2, minutes=10)

    def test_it_calms_down(self, crisis: list[StoryPost], epoch: datetime) -> None:
        late = [post for post in crisis if post.created_at > epoch + timedelta(days=3)]
        second_day = [
            post for post in crisis if timedelta(hours=20) < post.created_at - epoch < timedelta(days=3)
        ]
        assert late == []
        assert 30 <= len(second_day) <= 70


def test_counts_grow_towards_the_end(epoch: datetime) -> None:
    post = max(posts(epoch), key=lambda post: post.likes)
    counts = [post.grown(post.likes, post.created_at + timedelta(hours=hours)) for hours in (0, 1, 6, 48)]
    assert counts[0] == 0
    assert counts == sorted(counts)
    assert post.likes * 0.99 <= counts[-1] <= post.likes


def test_dated_lines_are_read_with_their_day() -> None:
    assert dated("-3.5 | まち | 題\n0 | a | b\n") == [(-3.5, ["まち", "題"]), (0.0, ["a", "b"])]


def test_a_story_can_begin_at_any_hour() -> None:
    for hour in (0, 14, 15, 23):
        found = posts(datetime(2026, 2, 28, hour, tzinfo=UTC))
        assert len({post.id for post in found}) == len(found)
