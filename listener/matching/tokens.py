"""The query's text cut into tokens. Positions are characters of the text as it was typed."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from listener.matching.tree import QueryError

FIELDS = ("title", "author", "lang", "site", "source", "platform", "rating", "followers")
_QUOTES = '"“”„＂'
_OPEN, _CLOSE, _MINUS = "(（", ")）", "-－"
_FIELD = re.compile(r"([A-Za-zＡ-Ｚａ-ｚ]+)[:：]")
_NEAR = re.compile(r"NEAR(?:/(\d*))?")
MAX_LENGTH = 20_000  # characters; a query of a thousand words is half of this
MAX_DISTANCE = 100


@dataclass(frozen=True, slots=True)
class Token:
    """`kind`: ( ) AND OR NOT NEAR word phrase field. A field's `text` is its name; NEAR's is its distance."""

    kind: str
    text: str
    position: int


def tokens(text: str) -> Iterator[Token]:
    """The tokens in order. Raises QueryError for a quote that never closes and the like."""
    if len(text) > MAX_LENGTH:
        raise QueryError(
            f"the query is longer than {MAX_LENGTH:,} characters", MAX_LENGTH, "make two topics of it"
        )
    at = 0
    while at < len(text):
        char = text[at]
        if char.isspace():
            at += 1
            continue
        token, at = _token(text, at)
        yield token


def _token(text: str, at: int) -> tuple[Token, int]:
    char = text[at]
    if char in _OPEN:
        return Token("(", char, at), at + 1
    if char in _CLOSE:
        return Token(")", char, at), at + 1
    if char in _QUOTES:
        return _phrase(text, at)
    if char in _MINUS:
        if at + 1 >= len(text) or text[at + 1].isspace() or text[at + 1] in _CLOSE:
            raise QueryError("a - stands alone", at, "write it right before the word to leave out: -word")
        return Token("NOT", char, at), at + 1
    field = _FIELD.match(text, at)
    if field and not text.startswith("//", field.end()):
        return _field(text, at, field)
    end = at
    while end < len(text) and not text[end].isspace() and text[end] not in _QUOTES + _OPEN + _CLOSE:
        end += 1
    return _word(text[at:end], at), end


def _phrase(text: str, at: int) -> tuple[Token, int]:
    end = at + 1
    while end < len(text) and text[end] not in _QUOTES:
        end += 1
    if end == len(text):
        raise QueryError("this quote is never closed", at, 'add " after the phrase')
    if not text[at + 1 : end].strip():
        raise QueryError("the phrase is empty", at, "write words between the quotes, or take the quotes out")
    return Token("phrase", text[at + 1 : end], at), end + 1


def _field(text: str, at: int, found: re.Match[str]) -> tuple[Token, int]:
    name = unicodedata.normalize("NFKC", found[1]).lower()
    end = found.end()
    if name not in FIELDS:
        near = difflib.get_close_matches(name, FIELDS, n=1)
        guess = f"did you mean {near[0]}:? " if near else ""
        remedy = f"{guess}the fields are {', '.join(FIELDS)}; put text with a colon in it in quotes"
        raise QueryError(f"there is no field {name}:", at, remedy)
    if end == len(text) or text[end].isspace() or text[end] in _CLOSE:
        raise QueryError(
            f"nothing stands after {name}:", at, f"write the value without a space: {name}:value"
        )
    return Token("field", name, at), end


def _word(word: str, at: int) -> Token:
    plain = unicodedata.normalize("NFKC", word)
    if plain in {"AND", "OR", "NOT"}:
        return Token(plain, plain, at)
    near = _NEAR.fullmatch(plain)
    if near is None:
        return Token("word", word, at)
    if not near[1]:
        raise QueryError("NEAR wants a distance", at, "write for example NEAR/10")
    if int(near[1]) > MAX_DISTANCE:
        raise QueryError(f"NEAR reaches {MAX_DISTANCE} at most", at, "use AND for anywhere in the post")
    return Token("NEAR", near[1], at)
