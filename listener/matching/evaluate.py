"""Does a post meet a query, and which of its words did it. Pure: the tokenizer, if any, is an argument."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias
from urllib.parse import urlsplit

from listener.matching import edges
from listener.matching.fold import Folded, fold, fold_word
from listener.matching.script import HIRAGANA, KATAKANA, LATIN, script_of
from listener.matching.tree import And, Compare, Field, Marked, Near, Node, Not, Or, Query, Term, Title
from storage.types import Post, Span

Boundaries: TypeAlias = Callable[[str], frozenset[int]]
MAX_SPANS = 100  # a post that repeats a word a thousand times has shown enough
_SIGNS = {"<": operator.lt, "<=": operator.le, "=": operator.eq, ">=": operator.ge, ">": operator.gt}


@dataclass(frozen=True, slots=True)
class Hit:
    """A place in the folded text that meets one node. `why` is the term as the query writes it."""

    start: int
    end: int
    why: str
    parts: tuple[Hit, ...] = ()  # what a NEAR joined


@dataclass
class Reading:
    """One post being read: its folded text, and the tokenizer's word edges, asked for at most once."""

    post: Post
    boundaries: Boundaries | None = None
    text: str = ""
    folded: Folded = field(init=False)
    _edges: frozenset[int] | None = None

    def __post_init__(self) -> None:
        self.text = self.post.full_text
        self.folded = fold(self.text)

    @property
    def seam(self) -> int:
        """Where the title ends and the text begins; −1 when there is only one of them."""
        return len(self.post.title) if self.post.title and self.post.text else -1

    def word_edges(self) -> frozenset[int]:
        if self._edges is None:
            self._edges = self.boundaries(self.text) if self.boundaries else frozenset()
        return self._edges

    def span(self, hit: Hit) -> tuple[int, int]:
        return self.folded.starts[hit.start], self.folded.ends[hit.end - 1]


def match(query: Query, post: Post, *, boundaries: Boundaries | None = None) -> tuple[Span, ...] | None:
    """The spans of `post.full_text` that met the query, in order; None when the post does not meet it.

    `boundaries` gives the token starts and ends of a text: it lets a term count inside a run of one script
    (京都 in 京都市) where the tokenizer sees a word end.
    """
    reading = Reading(post, boundaries)
    if query.needles and not any(needle in reading.folded.text for needle in query.needles):
        return None
    hits = hits_of(query.root, reading)
    return None if hits is None else _spans(hits, reading)


def hits_of(node: Node, reading: Reading, *, title: bool = False) -> list[Hit] | None:
    """Where the node is met: an empty list when by something outside the text, None when it is not."""
    match node:
        case Term() | Marked():
            return _places(node, reading, title=title)
        case Title():
            return hits_of(node.part, reading, title=True)
        case And():
            found = [hits_of(part, reading, title=title) for part in node.parts]
            return None if None in found else [hit for hits in found for hit in hits or ()]
        case Or():
            found = [hits_of(part, reading, title=title) for part in node.parts]
            met = [hits for hits in found if hits is not None]
            return [hit for hits in met for hit in hits] if met else None
        case Not():
            return [] if hits_of(node.part, reading, title=title) is None else None
        case Near():
            return _near(node, reading, title=title)
        case Field():
            return [] if _has_value(node, reading.post) else None
        case Compare():
            return [] if _compares(node, reading.post) else None


# ------------------------------------------------------------------ words


def _places(node: Term | Marked, reading: Reading, *, title: bool) -> list[Hit] | None:
    found = []
    for hit in candidates(node, reading, title=title):
        if edges.stands_alone(node, hit.start, hit.end, reading.folded, reading.word_edges):
            found.append(hit)
            if len(found) == MAX_SPANS:
                break
    if not found and isinstance(node, Marked) and node.mark == "#" and not title:
        return [] if _has_tag(node, reading.post) else None
    return found or None


def candidates(node: Term | Marked, reading: Reading, *, title: bool = False) -> Iterator[Hit]:
    """Everywhere the letters stand, in one piece, whether or not they are a word of their own there."""
    folded, seam = reading.folded, reading.seam
    needle = node.folded if isinstance(node, Term) else f"{node.mark}{node.folded}"
    at = folded.text.find(needle)
    while at >= 0:
        end = at + len(needle)
        start_original, end_original = folded.starts[at], folded.ends[end - 1]
        in_title = end_original <= len(reading.post.title)
        across = start_original < seam < end_original
        if (
            folded.whole(at, end)
            and not across
            and (in_title or not title)
            and edges.in_one_piece(node, at, folded)
        ):
            yield Hit(at, end, node.text)
        at = folded.text.find(needle, at + 1)


def _has_tag(node: Marked, post: Post) -> bool:
    names = [fold_word(tag.lstrip("#＃")) for tag in post.tags]
    return any(name.startswith(node.folded) if node.prefix else name == node.folded for name in names)


def _near(node: Near, reading: Reading, *, title: bool) -> list[Hit] | None:
    left = hits_of(node.left, reading, title=title)
    right = hits_of(node.right, reading, title=title)
    if not left or not right:
        return None
    units = _units(reading.folded)
    found = []
    for one in left:
        for other in right:
            first, second = sorted((one, other), key=lambda hit: hit.start)
            apart = units[second.start] - units[first.end - 1] - 1 if first.end <= second.start else -1
            if 0 <= apart <= node.distance or first.end == second.start:
                found.append(Hit(first.start, second.end, "NEAR", (one, other)))
    return found or None


def _units(folded: Folded) -> list[int]:
    """The number of each folded character's unit: a word of Latin letters is one, any other character too."""
    units: list[int] = []
    count, before = -1, ""
    for index, start in enumerate(folded.starts):
        script = script_of(folded.original[start])
        if script != LATIN or before != LATIN or index in folded.gaps:
            count += 1
        units.append(count)
        before = script
    return units


# ------------------------------------------------------------------ fields


def _has_value(node: Field, post: Post) -> bool:
    match node.name:
        case "author":
            return any(_equals(node, name) for name in _names(post))
        case "lang":
            return _language(post) == node.value.split("-")[0]
        case "site":
            return _on_site(node, post.url)
        case "source":
            return _equals(node, fold_word(post.source))
        case _:
            return _equals(node, fold_word(post.platform))


def _equals(node: Field, value: str) -> bool:
    return value.startswith(node.value) if node.prefix else value == node.value


def _names(post: Post) -> list[str]:
    """The ways to name a post's author: handle, handle without its server, display name."""
    if post.author is None:
        return []
    handle = fold_word(post.author.handle.removeprefix("@"))
    names = [handle, handle.split("@")[0], fold_word(post.author.name)]
    return [name for name in names if name]


def _language(post: Post) -> str:
    """What the source declares; else ja for kana, en for Latin letters alone: right for our two languages."""
    if post.lang:
        return post.lang.lower().replace("_", "-").split("-")[0]
    scripts = {script_of(char) for char in post.full_text}
    if scripts & {HIRAGANA, KATAKANA}:
        return "ja"
    return "en" if LATIN in scripts and post.full_text.isascii() else ""


def _on_site(node: Field, url: str) -> bool:
    address = urlsplit(url.lower())
    host = (address.hostname or "").removeprefix("www.")
    domain, _, path = node.value.removeprefix("www.").partition("/")
    return (
        bool(host)
        and (host == domain or host.endswith(f".{domain}"))
        and address.path.startswith(f"/{path}" if path else "")
    )


def _compares(node: Compare, post: Post) -> bool:
    """What a source does not say compares with nothing."""
    value = post.rating if node.name == "rating" else post.author.followers if post.author else None
    return value is not None and bool(_SIGNS[node.sign](value, node.number))


# ------------------------------------------------------------------ spans


def _spans(hits: list[Hit], reading: Reading) -> tuple[Span, ...]:
    """Spans in order; one that lies within another is left out."""
    places: dict[tuple[int, int], str] = {}
    for hit in _leaves(hits):
        places.setdefault(reading.span(hit), hit.why)
    kept: list[Span] = []
    for start, end in sorted(places, key=lambda place: (place[0], -place[1])):
        if not kept or end > kept[-1].end:
            kept.append(Span(start, end, reading.text[start:end], places[(start, end)]))
    return tuple(kept[:MAX_SPANS])


def _leaves(hits: list[Hit]) -> Iterator[Hit]:
    for hit in hits:
        if hit.parts:
            yield from _leaves(list(hit.parts))
        else:
            yield hit
