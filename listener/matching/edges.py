"""Is a place in the text the word that was asked for, or only letters inside a longer word."""

from __future__ import annotations

from collections.abc import Callable

from listener.matching.fold import SOFT, Folded
from listener.matching.script import JAPANESE, KANJI, KATAKANA, LATIN, OTHER, is_edge, script_of
from listener.matching.tree import Marked, Term


def in_one_piece(node: Term | Marked, at: int, folded: Folded) -> bool:
    """True when the gaps in the text fit those in the term.

    Between katakana and another Japanese character a space or middle dot may come and go
    (ミナモ・コーヒー); between Latin words it may not, and a line break parts what the query does not part.
    """
    if isinstance(node, Marked):
        return not any(at < gap < at + 1 + len(node.folded) for gap in folded.gaps)
    for index in range(1, len(node.folded)):
        gap = folded.gaps.get(at + index, 0)
        wanted = index in node.gaps
        if wanted == bool(gap):
            continue
        if gap not in (0, SOFT) or not _joins(folded, at + index):
            return False
    return True


def _joins(folded: Folded, index: int) -> bool:
    scripts = {script_of(folded.original[folded.starts[at]]) for at in (index - 1, index)}
    return scripts <= JAPANESE and KATAKANA in scripts


def stands_alone(
    node: Term | Marked, start: int, end: int, folded: Folded, word_edges: Callable[[], frozenset[int]]
) -> bool:
    """True when both ends of the folded slice are ends of a word.

    An end is one where the script changes or a gap stands, or where `word_edges` (asked only when needed) has
    a token begin or end. A name of mixed script may be followed or preceded by more kanji: ミナモ珈琲店.
    """
    first, last = folded.starts[start], folded.ends[end - 1]
    text = folded.original
    if isinstance(node, Marked):
        return _mark_begins(node, text, first) and (
            node.prefix or end in folded.gaps or _mark_ends(node, text, last)
        )
    left = start in folded.gaps or is_edge(text, first)
    right = node.prefix or end in folded.gaps or is_edge(text, last)
    if left and right:
        return True
    if _is_name_of_mixed_script(text[first:last]):
        left = left or _kanji_on_both_sides(text, first)
        right = right or _kanji_on_both_sides(text, last)
        if left and right:
            return True
    if _latin_on_both_sides(text, first, left) or _latin_on_both_sides(text, last, right):
        return False  # a tokenizer may well cut ONLINE in two
    edges = word_edges()
    return (left or first in edges) and (right or last in edges)


def _mark_begins(node: Marked, text: str, at: int) -> bool:
    """A # counts anywhere; an @ after a letter belongs to a mail address."""
    return node.mark == "#" or at == 0 or script_of(text[at - 1]) != LATIN


def _mark_ends(node: Marked, text: str, at: int) -> bool:
    """A tag goes on through letters of every script; a handle through Latin ones, and a dot between them."""
    if at >= len(text):
        return True
    if node.mark == "#":
        return script_of(text[at]) == OTHER
    return script_of(text[at]) != LATIN and not (text[at] in ".-" and _more(text, at))


def _more(text: str, at: int) -> bool:
    """A dot or hyphen inside a handle, with letters after it."""
    return at + 1 < len(text) and script_of(text[at + 1]) == LATIN


def _is_name_of_mixed_script(written: str) -> bool:
    scripts = {script_of(char) for char in written}
    return KANJI in scripts and bool(scripts & {KATAKANA, LATIN})


def _kanji_on_both_sides(text: str, at: int) -> bool:
    return script_of(text[at - 1]) == KANJI == script_of(text[at])


def _latin_on_both_sides(text: str, at: int, is_end: bool) -> bool:
    return not is_end and script_of(text[at - 1]) == LATIN == script_of(text[at])
