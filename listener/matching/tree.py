"""A query as a frozen tree. Every node knows where in the query's text it began."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


class QueryError(ValueError):
    """The query cannot be read. `position` counts characters from 0; `remedy` says what to write instead."""

    def __init__(self, message: str, position: int, remedy: str = "") -> None:
        super().__init__(f"{message}, at character {position + 1}" + (f": {remedy}" if remedy else ""))
        self.message = message
        self.position = position
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Term:
    """A word or phrase. `folded` has no gaps; `gaps` are the indices before which one stood; `prefix`: a * ends it."""

    text: str
    folded: str
    gaps: frozenset[int] = frozenset()
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Marked:
    """#tag or @handle: `mark` is the sign, `folded` the name without it."""

    mark: str
    text: str
    folded: str
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """author:, lang:, site:, source: or platform: with the value it has to have."""

    name: str
    value: str
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Compare:
    """rating: or followers: with a comparison, one of < <= = >= >"""

    name: str
    sign: str
    number: float


@dataclass(frozen=True, slots=True)
class Title:
    """The part has to match within the title."""

    part: Node


@dataclass(frozen=True, slots=True)
class Near:
    left: Node
    right: Node
    distance: int


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: Node


Node: TypeAlias = "Term | Marked | Field | Compare | Title | Near | And | Or | Not"


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query. A post without any of `needles` in its folded text cannot match; None: no such test."""

    text: str
    root: Node
    needles: tuple[str, ...] | None


def compiled(text: str, root: Node) -> Query:
    return Query(text, root, _needles(root))


def _needles(node: Node) -> tuple[str, ...] | None:
    """Words of which a matching post has at least one: what makes a hundred topics cheap."""
    match node:
        case Term():
            return (node.folded,)
        case Title():
            return _needles(node.part)
        case Near():
            return _needles(node.left) or _needles(node.right)
        case Or():
            found = [_needles(part) for part in node.parts]
            return (
                None if None in found else tuple(dict.fromkeys(one for words in found for one in words or ()))
            )
        case And():
            known = [words for part in node.parts if (words := _needles(part))]
            return min(known, key=lambda words: (len(words), -min(map(len, words))), default=None)
        case _:
            return None
