"""A commented config.yaml out of what was answered. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from listener.setup.proposals import Block, Value
from listener.setup.words import WORDS

# Text that YAML reads as text without quotes: letters, kana and kanji, and harmless signs between them.
_BARE = re.compile(r"[A-Za-zぁ-んァ-ヺー一-龠][\wぁ-んァ-ヺー一-龠./@+-]*(?: [\wぁ-んァ-ヺー一-龠./@+-]+)*")
_NOT_TEXT = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


@dataclass(frozen=True, slots=True)
class Answers:
    """What `init` learned. Blocks hold keys as they stand in the file; no secret among them."""

    language: str
    brand: str
    aliases: Sequence[str] = ()
    competitors: Sequence[str] = ()
    sources: Sequence[Block] = ()
    channels: Sequence[Block] = ()
    contact: str = ""
    routes: Sequence[Block] = field(default_factory=tuple)


def rendered(answers: Answers) -> str:
    """The file's text."""
    return "\n".join(_lines(answers)) + "\n"


def _lines(answers: Answers) -> Iterator[str]:
    words = WORDS[answers.language]
    yield f"# {words['c_head']}"
    yield f"# {words['c_secrets']}"
    yield f"language: {answers.language}"
    yield "timezone: Asia/Tokyo" if answers.language == "ja" else "timezone: UTC"
    yield from ("", f"# {words['c_topics']}", "topics:")
    yield from _block(
        {"name": _name(answers.brand), "brand": answers.brand, "aliases": list(answers.aliases)}
    )
    yield f"    # {words['c_query']}"
    for name in answers.competitors:
        yield f"  # {words['c_own']}"
        yield from _block({"name": _name(name), "brand": name, "own": False})
    for key, blocks in (
        ("sources", answers.sources),
        ("channels", answers.channels),
        ("routes", answers.routes),
    ):
        if blocks:
            yield from ("", f"# {words[f'c_{key}']}", f"{key}:")
        for block in blocks:
            yield from _block(block)


def _name(brand: str) -> str:
    return brand.replace("/", "／").strip()[:100]


def _block(block: Block) -> Iterator[str]:
    start = "  - "
    for key, value in block.items():
        if value == [] or value == "":
            continue
        yield f"{start}{key}: {written(value)}"
        start = "    "


def written(value: Value) -> str:
    """A value as YAML reads it back; quoted wherever there is doubt."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if not isinstance(value, str):
        return f"[{', '.join(written(one) for one in value)}]"
    if _BARE.fullmatch(value) and value.lower() not in _NOT_TEXT:
        return value
    if re.fullmatch(r"\d+[smhdw]", value):
        return value
    return json.dumps(value, ensure_ascii=False)
