"""Japanese words for spaCy by MeCab (fugashi) and UniDic (unidic-lite); SudachiPy is not needed.

>>> japanese = blank()
>>> [word.lemma_ for word in japanese("コーヒーが美味しかった")]
['コーヒー', 'が', '美味しい', 'た']

A pipeline saved with this tokenizer loads again after `register()` (or `blank()`) has run in the process.
spaCy is imported when a Doc or a pipeline is made; `boundaries` does without it.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import fugashi
import unidic_lite

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc
    from spacy.vocab import Vocab

REGISTERED = "kikimimi.mecab.v1"

# UniDic's part of speech (first levels joined by "-", longest that fits) → universal part of speech.
_POS: dict[str, str] = {
    "代名詞": "PRON",
    "副詞": "ADV",
    "助動詞": "AUX",
    "助詞": "ADP",
    "助詞-接続助詞": "SCONJ",
    "助詞-終助詞": "PART",
    "助詞-準体助詞": "SCONJ",
    "動詞": "VERB",
    "動詞-非自立可能": "VERB",
    "名詞": "NOUN",
    "名詞-固有名詞": "PROPN",
    "名詞-数詞": "NUM",
    "形容詞": "ADJ",
    "形状詞": "ADJ",
    "形状詞-助動詞語幹": "AUX",
    "感動詞": "INTJ",
    "感動詞-フィラー": "INTJ",
    "接尾辞": "NOUN",
    "接続詞": "CCONJ",
    "接頭辞": "NOUN",
    "空白": "SPACE",
    "補助記号": "PUNCT",
    "記号": "SYM",
    "連体詞": "DET",
}
_UNREADABLE = re.compile(
    r"[\s\x00-\x1f\x7f\ud800-\udfff]"
)  # MeCab ends at NUL and cannot take a lone surrogate
_MORPH_SIGNS = str.maketrans("", "", "|=,")
_threads = threading.local()


@dataclass(frozen=True, slots=True)
class Word:
    """One word as MeCab sees it; `text[start:end]` is its surface. Empty strings where UniDic has nothing."""

    start: int
    end: int
    surface: str
    lemma: str
    tag: str
    reading: str
    inflection: str


def words(text: str) -> Iterator[Word]:
    """The words of `text` in order, white space left out."""
    readable = _UNREADABLE.sub(" ", text)
    at = 0
    for node in _tagger()(readable):
        start = readable.find(node.surface, at)
        if start < 0 or not node.surface:
            continue
        at = start + len(node.surface)
        yield _word(node, start, at, text[start:at])


def boundaries(text: str) -> frozenset[int]:
    """Where words start and where they end in `text`."""
    return frozenset(edge for word in words(text) for edge in (word.start, word.end))


def _tagger() -> Any:
    """One tagger a thread: MeCab's own state is not shared safely. Takes 0.1 s to make."""
    if not hasattr(_threads, "tagger"):
        folder = Path(unidic_lite.DICDIR)
        _threads.tagger = fugashi.Tagger(f'-r "{folder / "mecabrc"}" -d "{folder}"')
    return _threads.tagger


def _word(node: Any, start: int, end: int, surface: str) -> Word:
    feature = node.feature
    levels = [level for level in (feature.pos1, feature.pos2, feature.pos3, feature.pos4) if _said(level)]
    lemma = _said(feature.lemma).split("-")[0]  # UniDic gives loan words as 「コーヒー-coffee」
    inflection = ";".join(filter(None, (_said(feature.cType), _said(feature.cForm))))
    return Word(start, end, surface, lemma or surface, "-".join(levels), _said(feature.kana), inflection)


def _said(value: str | None) -> str:
    return "" if value in (None, "*") else str(value)


def _pos(tag: str) -> str:
    levels = tag.split("-")
    for count in range(len(levels), 0, -1):
        found = _POS.get("-".join(levels[:count]))
        if found:
            return found
    return "X"


class MecabTokenizer:
    """text → spaCy Doc with lemma, part of speech, UniDic tag, and `Reading` in the morphology.

    Lemmas are UniDic's, which bring spellings together (おいしい and 美味しい). White space is kept: the Doc's
    text is the text. Nothing is configurable, so there is nothing to save.
    """

    def __init__(self, vocab: Vocab) -> None:
        self.vocab = vocab

    def __call__(self, text: str) -> Doc:
        from spacy.tokens import Doc

        pieces = list(_pieces(text))
        return Doc(
            self.vocab,
            words=[word.surface for word, _ in pieces],
            spaces=[space for _, space in pieces],
            tags=[word.tag for word, _ in pieces],
            pos=[_pos(word.tag) for word, _ in pieces],
            lemmas=[word.lemma for word, _ in pieces],
            morphs=[_morph(word) for word, _ in pieces],
        )

    def pipe(self, texts: Iterable[str], batch_size: int = 1000) -> Iterator[Doc]:
        yield from map(self, texts)

    def to_bytes(self, **_: Any) -> bytes:
        return b""

    def from_bytes(self, _bytes: bytes, **_: Any) -> MecabTokenizer:
        return self

    def to_disk(self, _path: str | Path, **_: Any) -> None:
        """Nothing to write."""

    def from_disk(self, _path: str | Path, **_: Any) -> MecabTokenizer:
        return self


def _pieces(text: str) -> Iterator[tuple[Word, bool]]:
    """Words and white space as spaCy wants them: one space may hang on a word, other space is a word."""
    at = 0
    last: Word | None = None
    for word in (*words(text), None):
        gap = text[at : word.start if word else len(text)]
        if last:
            yield last, gap.startswith(" ")
            gap = gap.removeprefix(" ")
        if gap:
            start = (word.start if word else len(text)) - len(gap)
            yield Word(start, start + len(gap), gap, gap, "空白", "", ""), False
        if word:
            at = word.end
        last = word


def _morph(word: Word) -> str:
    said = {"Inflection": word.inflection, "Reading": word.reading}
    return "|".join(f"{name}={value.translate(_MORPH_SIGNS)}" for name, value in said.items() if value)


def create_tokenizer() -> Callable[[Language], MecabTokenizer]:
    """What spaCy's registry holds under REGISTERED."""
    return lambda language: MecabTokenizer(language.vocab)


def register() -> None:
    """Make the tokenizer known to spaCy under REGISTERED, so that saved pipelines load."""
    import spacy

    if not spacy.registry.has("tokenizers", REGISTERED):
        spacy.registry.tokenizers.register(REGISTERED, func=create_tokenizer)


def blank() -> Language:
    """An empty Japanese pipeline (as `spacy.blank("ja")`) with this tokenizer."""
    import spacy

    register()
    return spacy.blank("ja", config={"nlp": {"tokenizer": {"@tokenizers": REGISTERED}}})
