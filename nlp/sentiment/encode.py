"""Text and target → token ids, the same way in training and in use. Loads `tokenizers` only."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tokenizers import Tokenizer

from nlp.normalize import canonical

BEGIN, PAD, END = 0, 1, 2
MAX_TOKENS = 256
_HEAD_SHARE = 0.6  # reviews end on their verdict, so a long text keeps its beginning and its end
_MAX_TARGET = 32
_MAX_LETTERS = 4000  # far more than 256 tokens; what is between is never looked at


class Encoder:
    """`<s> text </s>`, or `<s> text </s></s> target </s>`, at most `max_tokens` long.

    A longer text loses its middle: its first 60 % and last 40 % of the room are kept.
    """

    def __init__(self, file: Path, *, max_tokens: int = MAX_TOKENS) -> None:
        self._tokenizer = Tokenizer.from_file(str(file))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._max_tokens = max_tokens

    def encode(self, pairs: Sequence[tuple[str, str | None]]) -> list[list[int]]:
        texts = self._ids([canonical(_clip(text)).text for text, _ in pairs])
        targets = self._ids([canonical(target).text if target else "" for _, target in pairs])
        return [self._join(text, target) for text, target in zip(texts, targets, strict=True)]

    def _ids(self, texts: list[str]) -> list[list[int]]:
        return [found.ids for found in self._tokenizer.encode_batch(texts, add_special_tokens=False)]

    def _join(self, text: list[int], target: list[int]) -> list[int]:
        tail = [END, END, *target[:_MAX_TARGET], END] if target else [END]
        room = self._max_tokens - 1 - len(tail)
        if len(text) > room:
            head = int(room * _HEAD_SHARE)
            text = text[:head] + text[len(text) - (room - head) :]
        return [BEGIN, *text, *tail]


def _clip(text: str) -> str:
    """The two ends of a very long text, so that its middle costs nothing."""
    if len(text) <= _MAX_LETTERS:
        return text
    head = int(_MAX_LETTERS * _HEAD_SHARE)
    return f"{text[:head]} {text[head - _MAX_LETTERS :]}"
