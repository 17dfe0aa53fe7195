"""Splitting: nothing lost, nothing over the limit, no character cut; and a retry that goes on where it stopped."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from alerts.channels import ChannelError
from alerts.channels.apprise_channel import texts as apprise_texts
from alerts.channels.chatwork import bodies
from alerts.channels.discord import payloads as discord_payloads
from alerts.channels.line import bubbles
from alerts.channels.line import texts as line_texts
from alerts.channels.parts import MOST, Posted, Progress, pack, split, units, utf8, wider
from alerts.channels.slack import messages as slack_messages
from alerts.channels.teams import payloads as teams_payloads
from alerts.message import characters
from listener.publisher.blocks import problems as slack_problems
from storage.notices import Field, Message, Quote
from storage.types import Label
from tests.alerts.channels.vendors import discord_problems, line_problems, teams_problems, u16
from tests.alerts.made import NOW, message

FAMILY, FLAG, THUMB, GA = "👨‍👩‍👧‍👦", "🇯🇵", "👍🏽", "か\u3099"
PIECES = st.sampled_from(
    ["あ", "炎上", "a", " ", "。", "\n", "、", "𠮷", "髙", "葛󠄀", "①", "ｶﾞ", FAMILY, FLAG, THUMB, GA, "❤️", "1️⃣",
     "[toall]", "[/info]", "<!channel>", "@everyone", "**", "](https://x.example)", "\\", "&", "한", "ᄒ\u1161\u11ab",
     "https://example.jp/a_b?c=d&e=(f)"]
)  # fmt: skip
TEXT = st.lists(st.one_of(PIECES, st.text(max_size=3)), max_size=60).map("".join)
LONG = st.tuples(TEXT, st.integers(1, 40)).map(lambda given: given[0] * given[1])


@given(TEXT, st.integers(30, 90), st.sampled_from([units, utf8, wider, len]))
def test_split_loses_nothing_and_cuts_no_character(text: str, limit: int, size: Any) -> None:
    pieces = split(text, limit, size=size)
    assert "".join(pieces) == text
    assert all(0 < size(one) <= limit for one in pieces)
    ends, at = set(), 0
    for one in characters(text):
        at += len(one)
        ends.add(at)
        if size(one) > limit:
            return  # such a "character" may come apart
    at = 0
    for piece in pieces:
        at += len(piece)
        assert at in ends


@pytest.mark.parametrize("whole", [FAMILY, FLAG, THUMB, GA, "葛󠄀", "1️⃣", "ᄒ\u1161\u11ab", "𠮷"])
def test_what_reads_as_one_character_stays_whole(whole: str) -> None:
    for before in range(12):
        pieces = split("x" * before + whole * 9, max(13, units(whole)))
        assert "".join(pieces).count(whole) == sum(piece.count(whole) for piece in pieces) == 9


def test_splits_after_lines_and_sentences() -> None:
    text = "一つ目の文です。二つ目の文です。\n次の行です。最後の文です"
    assert split(text, 20) == ["一つ目の文です。二つ目の文です。\n", "次の行です。最後の文です"]
    assert split(text, 14)[0] == "一つ目の文です。"


def test_a_letter_under_ten_thousand_marks_is_still_sent() -> None:
    pieces = split("a" + "\u0301" * 10_000, 500)
    assert all(units(one) <= 500 for one in pieces)


def test_pack_ends_with_where_to_read_on() -> None:
    made = pack(["x" * 10] * 100, lambda some: sum(map(len, some)) <= 25, more="more")
    assert len(made) == MOST
    assert made[0] == ["x" * 10] * 2
    assert made[-1][-1] == "more"
    assert sum(map(len, made[-1])) <= 25


# ------------------------------------------------------------------ every channel, every limit

URLS = ["", "https://例え.jp/投稿?a=(1)", "javascript:x", "https://x.example/" + "a" * 2000]
MESSAGES = st.builds(
    lambda title, summary, reasons, fields, quotes, lang: message(
        title=title, summary=summary, reasons=tuple(reasons), lang=lang,
        fields=tuple(Field(name, value) for name, value in fields),
        quotes=tuple(Quote(text, author, url, NOW, Label.NEGATIVE) for text, author, url in quotes),
    ),
    TEXT.map(lambda text: f"【警告】{text}"), LONG.map(lambda text: f"概要{text}"), st.lists(TEXT, max_size=4),
    st.lists(st.tuples(PIECES.map(lambda name: f"項目{name}"), LONG), max_size=4),
    st.lists(
        st.tuples(LONG, TEXT, st.sampled_from(URLS)),
        max_size=4,
    ),
    st.sampled_from(["ja", "en"]),
)  # fmt: skip


KINDS = ("teams", "discord", "flex", "text", "slack", "chatwork", "apprise")


def found_problems(told: Message) -> dict[str, list[str]]:
    """What each vendor would refuse about this message."""
    teams = [json.dumps(one, ensure_ascii=False).encode() for one in teams_payloads(told)]
    made = bubbles(told)
    chatwork, apprise = bodies(told), apprise_texts(told, body=1000, title=80)
    return {
        "teams": [problem for one in teams for problem in teams_problems(one)],
        "discord": [problem for one in discord_payloads(told) for problem in discord_problems(one)],
        "flex": [problem for at in range(0, len(made), 5) for problem in line_problems(made[at : at + 5])],
        "text": [problem for one in line_texts(told) for problem in line_problems([one])],
        "slack": [str(problem) for one in slack_messages(told) for problem in slack_problems(one)],
        "chatwork": [one for one in chatwork if len(one.encode()) > 65_535 or one.count("[info]") != 1],
        "apprise": [body for title, body in apprise if not 0 < u16(body) <= 1000 or u16(title) > 80],
    }


# A failing message shrinks for minutes and is no more telling for it.
@settings(max_examples=40, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(MESSAGES)
def test_every_message_keeps_every_vendors_limits(told: Message) -> None:
    assert found_problems(told) == {kind: [] for kind in KINDS}
    for block in (block for blocks in slack_messages(told) for block in blocks):
        texts = (
            [block["text"]["text"]] if "text" in block else [one["text"] for one in block.get("fields", ())]
        )
        limit = {"header": 150}.get(block["type"], 3000 if "text" in block else 2000)
        assert all(0 < units(one) <= limit for one in texts)
    assert all(sum(len(words) for words in _words(one)) < 13_000 for one in slack_messages(told))
    assert not any("[toall]" in one or one.count("[/info]") != 1 for one in bodies(told))
    for block in (block for blocks in slack_messages(told) for block in blocks):
        # A header is plain text: nothing in it is markup.
        assert block["type"] == "header" or not any("<!channel>" in words for words in _words(block))


def _words(tree: Any) -> list[str]:
    if isinstance(tree, dict):
        said = [tree["text"]] if isinstance(tree.get("text"), str) else []
        return said + [words for one in tree.values() for words in _words(one)]
    return [words for one in tree for words in _words(one)] if isinstance(tree, list) else []


@pytest.mark.parametrize("repeat", [1, 30, 140])
def test_nothing_is_left_out_of_a_long_message(repeat: int) -> None:
    long = "".join(f"{number}番目の投稿{FAMILY}です。" for number in range(repeat * 6))
    told = message(summary=long, quotes=(Quote(long, "花子", "https://x.example/1", NOW, Label.NEGATIVE),))
    whole = {
        "teams": _words(teams_payloads(told)),
        "flex": _words(bubbles(told)),
        "text": [one["text"] for one in line_texts(told)],
        "chatwork": bodies(told),
        "slack": _words(slack_messages(told)),
        "discord": [
            e.get("description", "") for one in discord_payloads(told) for e in one.get("embeds", ())
        ],
        "apprise": [body for _, body in apprise_texts(told, body=9000, title=80)],
    }
    for channel, said in whole.items():
        text = "\n".join(said)
        missing = [n for n in range(repeat * 6) if text.count(f"{n}番目の投稿{FAMILY}です。") < 2]
        assert missing == [], channel


# ------------------------------------------------------------------ going on after a failure


def test_a_retry_goes_on_after_what_arrived() -> None:
    progress, posted = Progress(), []
    refusals = [ChannelError("later", retry_after=3)]

    def post(part: str, number: int, first: str) -> Posted:
        if number == 1 and refusals:
            raise refusals.pop()
        posted.append((part, number, first))
        return Posted(f"id{number}")

    with pytest.raises(ChannelError):
        progress.send("key", ["a", "b", "c"], post)
    assert progress.send("key", ["a", "b", "c"], post) == "id0"
    assert posted == [("a", 0, ""), ("b", 1, "id0"), ("c", 2, "id0")]
    assert progress.send("key", ["a"], post) == "id0"  # told anew: begins anew


def test_a_pause_that_is_asked_for_is_kept_between_parts_only() -> None:
    progress = Progress()
    with pytest.raises(ChannelError) as caught:
        progress.send("key", ["a", "b"], lambda part, number, first: Posted("1", 7.0))
    assert (caught.value.permanent, caught.value.retry_after) == (False, 7.0)
    assert progress.send("key", ["a", "b"], lambda part, number, first: Posted("2", 7.0)) == "1"


def test_a_permanent_error_forgets_the_parts() -> None:
    progress, numbers = Progress(), []

    def post(part: str, number: int, first: str) -> Posted:
        numbers.append(number)
        if number == 1:
            raise ChannelError("gone", permanent=True)
        return Posted("1")

    for _ in range(2):
        with pytest.raises(ChannelError):
            progress.send("key", ["a", "b"], post)
    assert numbers == [0, 1, 0, 1]
