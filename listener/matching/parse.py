"""Query text to tree. NEAR binds first, then NOT, then AND (or nothing between two words), then OR."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from listener.matching.fold import fold, fold_word
from listener.matching.tokens import Token, tokens
from listener.matching.tree import (
    And,
    Compare,
    Field,
    Marked,
    Near,
    Node,
    Not,
    Or,
    Query,
    QueryError,
    Term,
    Title,
    compiled,
)
from storage.types import Topic

MAX_DEPTH = 50
_COMPARISON = re.compile(r"(<=|>=|=|<|>|)(\d+(?:\.\d+)?)")
_SIGNS = str.maketrans({"≦": "<=", "≤": "<=", "≧": ">=", "≥": ">=", ",": ""})


@lru_cache(maxsize=1024)
def parse(text: str) -> Query:
    """The query that `text` says. Raises QueryError with position and remedy."""
    return compiled(text, _Parser(text).query())


@lru_cache(maxsize=1024)
def query_for(topic: Topic) -> Query:
    """The topic's own query, or its brand and aliases, any of them. Raises QueryError."""
    if topic.query.strip():
        return parse(topic.query)
    names = dict.fromkeys((topic.brand, *topic.aliases))
    terms = [_term(name, 0) for name in names]
    text = " OR ".join(f'"{name}"' for name in names)
    return compiled(text, terms[0] if len(terms) == 1 else Or(tuple(terms)))


class _Parser:
    """Recursive descent over the tokens."""

    def __init__(self, text: str) -> None:
        self._tokens = list(tokens(text))
        self._at = 0
        self._depth = 0
        self._length = len(text)

    def query(self) -> Node:
        if not self._tokens:
            raise QueryError("the query is empty", 0, "write a word to look for")
        root = self._any()
        extra = self._peek()
        if extra:
            raise QueryError(
                "this parenthesis was never opened", extra.position, "take it out, or add ( before"
            )
        if not _looks_for_something(root):
            raise _only_excludes(root, self._tokens[0].position)
        return root

    def _peek(self, *kinds: str) -> Token | None:
        token = self._tokens[self._at] if self._at < len(self._tokens) else None
        return token if token and (not kinds or token.kind in kinds) else None

    def _take(self) -> Token:
        self._at += 1
        return self._tokens[self._at - 1]

    def _any(self) -> Node:
        parts = [self._all()]
        while self._peek("OR"):
            self._take()
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _all(self) -> Node:
        parts = [self._near()]
        while (token := self._peek()) and token.kind not in {"OR", ")"}:
            if token.kind == "AND":
                self._take()
            parts.append(self._near())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _near(self) -> Node:
        if self._peek("NOT"):
            return Not(self._deeper(self._take(), self._near))
        start = self._peek()
        left = self._one()
        while self._peek("NEAR"):
            token = self._take()
            following = self._peek()
            right = self._one()
            for part, at in ((left, start), (right, following)):
                if not _has_place(part):
                    remedy = "join words, phrases, #tags, or several of them in ( … OR … )"
                    raise QueryError(
                        "NEAR cannot measure this", at.position if at else token.position, remedy
                    )
            left = Near(left, right, int(token.text))
        return left

    def _one(self) -> Node:
        token = self._peek()
        if token is None or token.kind in {"AND", "OR", "NEAR", ")"}:
            raise self._dangling(token)
        self._take()
        match token.kind:
            case "NOT":
                return Not(self._deeper(token, self._one))
            case "(":
                return self._group(token)
            case "field":
                return self._field(token)
            case "phrase":
                return _term(token.text, token.position)
            case _:
                return _word(token)

    def _deeper(self, token: Token, step: Callable[[], Node]) -> Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise QueryError("too many things stand inside each other", token.position, "split the query")
        node = step()
        self._depth -= 1
        return node

    def _group(self, opening: Token) -> Node:
        if self._peek(")"):
            raise QueryError(
                "nothing stands between the parentheses", opening.position, "write a word, or take them out"
            )
        node = self._deeper(opening, self._any)
        if not self._peek(")"):
            raise QueryError(
                "this parenthesis is never closed", opening.position, "add ) where the group ends"
            )
        self._take()
        return node

    def _dangling(self, token: Token | None) -> QueryError:
        before = self._tokens[self._at - 1] if self._at else None
        if before and before.kind in {"AND", "OR", "NEAR", "NOT"}:
            name = f"NEAR/{before.text}" if before.kind == "NEAR" else before.text
            return QueryError(
                f"nothing stands after {name}", before.position, "write a word after it, or take it out"
            )
        if before and before.kind == "(" and token is None:
            return QueryError(
                "this parenthesis is never closed", before.position, "add ) where the group ends"
            )
        if token is None:
            return QueryError("the query ends too early", self._length, "write a word")
        if token.kind == ")":
            return QueryError(
                "this parenthesis was never opened", token.position, "take it out, or add ( before"
            )
        name = f"NEAR/{token.text}" if token.kind == "NEAR" else token.kind
        remedy = f'write a word before it, or put it in quotes to look for the word itself: "{name}"'
        return QueryError(f"nothing stands before {name}", token.position, remedy)

    def _field(self, field: Token) -> Node:
        value = self._take()
        if field.text == "title" and value.kind == "(":
            return Title(self._group(value))
        if field.text == "title" and value.kind in {"word", "phrase"}:
            return Title(_term(value.text, value.position) if value.kind == "phrase" else _word(value))
        if value.kind not in {"word", "phrase"}:
            remedy = f"write {field.text}:value, and join several with OR: {field.text}:a OR {field.text}:b"
            raise QueryError(f"{field.text}: wants one value", value.position, remedy)
        if field.text in {"rating", "followers"}:
            return _compare(field.text, value)
        text, prefix = _without_star(value.text, value.position)
        return Field(field.text, _value(field.text, text), prefix)


def _word(token: Token) -> Node:
    text = token.text
    mark = unicodedata.normalize("NFKC", text[0])
    if mark in {"#", "@"} and len(text) > 1:
        name, prefix = _without_star(text[1:], token.position + 1)
        folded = fold_word(name)
        if folded:
            return Marked(mark, f"{mark}{name}", folded, prefix)
    return _term(text, token.position)


def _term(text: str, position: int) -> Term:
    stem, prefix = _without_star(text.strip(), position)
    folded = fold(stem)
    if not folded.text:
        raise QueryError(f"there is no letter in {text.strip()!r}", position, "write a word")
    gaps = frozenset(at for at in folded.gaps if 0 < at < len(folded.text))
    return Term(text.strip(), folded.text, gaps, prefix)


def _without_star(text: str, position: int) -> tuple[str, bool]:
    stem = text.rstrip("*＊")
    for sign in "*＊":
        if sign in stem:
            remedy = "write * at the end of a word only: 珈琲*"
            raise QueryError("* stands inside the word", position + text.index(sign), remedy)
    if not stem:
        raise QueryError("* stands alone", position, "write the beginning of a word before it: 珈琲*")
    return stem, stem != text


def _value(field: str, text: str) -> str:
    if field == "site":
        return re.sub(r"^https?://(www\.)?", "", text.lower()).rstrip("/")
    return fold_word(text.removeprefix("@") if field == "author" else text)


def _compare(name: str, value: Token) -> Compare:
    text = unicodedata.normalize("NFKC", value.text).translate(_SIGNS)
    found = _COMPARISON.fullmatch(text)
    if not found:
        remedy = "write for example rating:<=2 or followers:>1000"
        raise QueryError(f"{name}: wants a number", value.position, remedy)
    return Compare(name, found[1] or "=", float(found[2]))


def _only_excludes(root: Node, position: int) -> QueryError:
    if isinstance(root, Or) and any(map(_looks_for_something, root.parts)):
        message = "one side of OR only says what must not be there, so nearly every post would match"
        return QueryError(message, position, "use AND NOT, or add a word to that side")
    remedy = "add a word that has to be there: ミナモ -広告"
    return QueryError("the query only says what must not be there", position, remedy)


def _looks_for_something(node: Node) -> bool:
    """False for a part that only excludes: it would match nearly everything."""
    match node:
        case Not():
            return False
        case And():
            return any(map(_looks_for_something, node.parts))
        case Or():
            return all(map(_looks_for_something, node.parts))
        case Title():
            return _looks_for_something(node.part)
        case _:
            return True


def _has_place(node: Node) -> bool:
    """True for a part that stands somewhere in the text, so that a distance to it can be measured."""
    match node:
        case Term() | Marked() | Near():
            return True
        case Or():
            return all(map(_has_place, node.parts))
        case _:
            return False
