"""A query and a post as a readable tree: which parts are met, where, and why a near miss is none."""

from __future__ import annotations

from collections.abc import Iterator

from listener.matching.evaluate import Boundaries, Hit, Reading, candidates, hits_of
from listener.matching.script import is_edge
from listener.matching.tree import And, Compare, Field, Marked, Near, Node, Not, Or, Query, Term, Title
from storage.types import Post

_AROUND = 10  # characters of the post shown on each side of what was found
_WORDS = {
    "en": {
        "and": "all of these", "or": "any of these", "not": "must not be there", "near": "within {n} of each other",
        "title": "in the title", "found": "{what} — found: {where}", "missing": "{what} — not found",
        "inside": "{what} — only inside a longer word: {where}", "tag": "{what} — among the post's tags",
        "field": "{what}", "more": " and {n} more",
    },
    "ja": {
        "and": "次のすべて", "or": "次のいずれか", "not": "含まれないこと", "near": "{n}語以内に並ぶこと",
        "title": "タイトルの中", "found": "{what} — あり：{where}", "missing": "{what} — なし",
        "inside": "{what} — 長い単語の一部のため対象外：{where}", "tag": "{what} — 投稿のタグにあり",
        "field": "{what}", "more": " ほか{n}か所",
    },
}  # fmt: skip


def explain(
    query: Query, post: Post, *, boundaries: Boundaries | None = None, lang: str = "en"
) -> tuple[str, ...]:
    """One line a part of the query, indented by two spaces a level; ✓ is met, ✗ is not."""
    words = _WORDS.get(lang, _WORDS["en"])
    return tuple(_lines(query.root, Reading(post, boundaries), words, 0, title=False))


def _lines(node: Node, reading: Reading, words: dict[str, str], level: int, *, title: bool) -> Iterator[str]:
    hits = hits_of(node, reading, title=title)
    yield f"{'  ' * level}{'✗' if hits is None else '✓'} {_said(node, hits, reading, words, title=title)}"
    for part in _parts(node):
        yield from _lines(part, reading, words, level + 1, title=title or isinstance(node, Title))


def _parts(node: Node) -> tuple[Node, ...]:
    match node:
        case And() | Or():
            return node.parts
        case Not() | Title():
            return (node.part,)
        case Near():
            return (node.left, node.right)
        case _:
            return ()


def _said(node: Node, hits: list[Hit] | None, reading: Reading, words: dict[str, str], *, title: bool) -> str:
    match node:
        case Term() | Marked():
            return _word_said(node, hits, reading, words, title=title)
        case Field():
            return words["field"].format(what=f"{node.name}:{node.value}{'*' if node.prefix else ''}")
        case Compare():
            return words["field"].format(what=f"{node.name} {node.sign} {node.number:g}")
        case Near():
            return words["near"].format(n=node.distance)
        case _:
            return words[type(node).__name__.lower()]


def _word_said(
    node: Term | Marked, hits: list[Hit] | None, reading: Reading, words: dict[str, str], *, title: bool
) -> str:
    what = f"“{node.text}”"
    if hits:
        more = words["more"].format(n=len(hits) - 1) if len(hits) > 1 else ""
        return words["found"].format(what=what, where=_around(hits[0], reading) + more)
    if hits is not None:
        return words["tag"].format(what=what)
    refused = next(candidates(node, reading, title=title), None)
    if refused:
        return words["inside"].format(what=what, where=_longer_word(refused, reading))
    return words["missing"].format(what=what)


def _around(hit: Hit, reading: Reading) -> str:
    """The place in its sentence: …で[ミナモ珈琲]の新作を…"""
    text = reading.text
    start, end = reading.span(hit)
    left, right = max(start - _AROUND, 0), min(end + _AROUND, len(text))
    before = ("…" if left else "") + text[left:start]
    after = text[end:right] + ("…" if right < len(text) else "")
    return f"{before}[{text[start:end]}]{after}".replace("\n", " ")


def _longer_word(hit: Hit, reading: Reading) -> str:
    start, end = reading.span(hit)
    while not is_edge(reading.text, start):
        start -= 1
    while not is_edge(reading.text, end):
        end += 1
    return reading.text[start:end]
