"""A mention's text cut into pieces: what matched the topic, what shows a signal, and the rest. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from storage.types import Mention, Span


@dataclass(frozen=True, slots=True)
class Piece:
    """Some of the text; `marks` holds "match", "signal" and "disclosure", `why` what the evidence is for."""

    text: str
    marks: frozenset[str] = frozenset()
    why: tuple[str, ...] = ()


def title_pieces(mention: Mention) -> tuple[Piece, ...]:
    post = mention.post
    return pieces(mention, 0, len(post.title)) if post.title and post.text else ()


def body_pieces(mention: Mention) -> tuple[Piece, ...]:
    """The text, or the title of a post that has nothing else."""
    post = mention.post
    start = len(post.title) + 1 if post.title and post.text else 0
    return pieces(mention, start, len(post.full_text))


def pieces(mention: Mention, start: int, end: int) -> tuple[Piece, ...]:
    """Cut `full_text[start:end]` wherever a mark begins or ends; marks may overlap.

    A span whose text is not what stands there (an edited post) is left out: no mark is better than a
    wrong one.
    """
    text = mention.post.full_text
    marked = [entry for entry in _marks(mention) if text[entry[0].start : entry[0].end] == entry[0].text]
    cuts = {start, end}
    for span, _, _ in marked:
        cuts.update(place for place in (span.start, span.end) if start < place < end)
    edges = sorted(cuts)
    found: list[Piece] = []
    for left, right in pairwise(edges):
        over = [(mark, why) for span, mark, why in marked if span.start <= left and right <= span.end]
        found.append(
            Piece(
                text[left:right],
                frozenset(mark for mark, _ in over),
                tuple(dict.fromkeys(why for _, why in over if why)),
            )
        )
    return tuple(found)


def _marks(mention: Mention) -> list[tuple[Span, str, str]]:
    marks = [(span, "match", "") for span in mention.matched]
    for signal in mention.analysis.signals:
        if signal.evidence is not None:
            marks.append((signal.evidence, "signal", signal.kind.value))
    disclosure = mention.analysis.disclosure
    if disclosure.evidence is not None:
        marks.append((disclosure.evidence, "disclosure", disclosure.kind.value))
    return [mark for mark in marks if mark[0].end > mark[0].start]
