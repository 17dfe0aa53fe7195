import random

import pytest

from nlp.stories import ALONE, assign, fingerprint

PRESS = (
    "ミナモ珈琲は12日、全国の店舗で使う紙カップを来年4月までに再生材料へ切り替えると発表した。"
    "年間およそ300トンの廃棄物を減らせる見込みで、費用は価格に転嫁しないとしている。"
)
OTHER = (
    "トマリギコーヒーは13日、朝の時間帯に限って飲み物の価格を見直すと発表した。対象は関東の80店で、"
    "値下げの幅は30円から60円。来月1日から始め、利用の少ない平日の朝に客を呼び込むねらいがある。"
)


def same(first: str, second: str) -> bool:
    stories = assign([fingerprint(first), fingerprint(second)], [])
    return stories[0] == stories[1] != ALONE


@pytest.mark.parametrize(
    "copy",
    [
        PRESS,
        f"RT @minamo_fan: {PRESS}",
        f"{PRESS} https://example.com/news/1 #ミナモ珈琲",
        f"【速報】{PRESS}",
        f"{PRESS} - ミナモ経済新聞",
        PRESS.replace("300トン", "310トン"),
        PRESS.replace("。", "。\n").replace("12", "１２"),
    ],
)
def test_copies_are_one_story(copy: str) -> None:
    assert same(PRESS, copy)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (PRESS, OTHER),
        ("ミナモ珈琲のラテが来月から値上げだって", "ミナモ珈琲のラテが来月から値下げだって"),
        ("最高！", "最高！"),
        ("ミナモ珈琲おいしい", "ミナモ珈琲おいしい"),
        ("", ""),
        ("https://example.com/a", "https://example.com/a"),
    ],
)
def test_different_posts_and_short_ones_are_not(first: str, second: str) -> None:
    assert not same(first, second)


def test_a_short_press_line_groups_only_by_the_same_words() -> None:
    line = "ミナモ珈琲、全店で紙カップを廃止へ"
    assert same(line, f"{line} https://example.com/1")
    assert not same(line, line.replace("廃止", "導入"))


def test_fingerprints_fit_a_signed_64_bit_column() -> None:
    for text in (PRESS, OTHER, "ミナモ珈琲、全店で紙カップを廃止へ", "最高"):
        assert 0 <= fingerprint(text) < 2**63


def test_a_story_keeps_the_id_of_its_first_mention() -> None:
    first, second = fingerprint(PRESS), fingerprint(f"【速報】{PRESS}")
    assert first != second
    assert assign([second], [first]) == [first]
    assert assign([second, first], []) == [second, second]


def test_the_nearest_of_many_known_stories_is_found() -> None:
    chance = random.Random(3)
    known = [chance.getrandbits(62) for _ in range(100_000)] + [fingerprint(PRESS)]
    assert assign([fingerprint(f"{PRESS} 続報を待つ"), ALONE], known) == [fingerprint(PRESS), ALONE]
