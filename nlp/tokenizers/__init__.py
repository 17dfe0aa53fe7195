"""What a tokenizer is, and the tokenizers there are; a module is imported when its tokenizer is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from spacy.tokens import Doc


class Tokenizer(Protocol):
    """Cuts a text into words. The Doc's text is always the text it was made from."""

    def __init__(self, vocab: Any) -> None: ...

    def __call__(self, text: str) -> Doc: ...


TOKENIZERS: dict[str, str] = {"mecab": "nlp.tokenizers.mecab:MecabTokenizer"}


def tokenizer_class(name: str) -> type[Tokenizer]:
    """The class behind a name in TOKENIZERS. Raises KeyError for another name."""
    module, _, attribute = TOKENIZERS[name].partition(":")
    found: type[Tokenizer] = getattr(import_module(module), attribute)
    return found
