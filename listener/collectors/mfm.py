"""MFM, the markup of Misskey, to plain text: `$[x2 最高]` is 最高, and a custom emoji is no word. Pure."""

from __future__ import annotations

import re

from listener.collectors.markup import tidy

# ":emoji:", ":emoji@host:", and ":@user:" of older versions; people put zero-width spaces around them.
# "12:30:45" is a time: no letter or digit may touch the colons.
_EMOJI = re.compile(r"\u200b?(?<![0-9A-Za-z]):@?[0-9A-Za-z_+-]+(?:@[0-9A-Za-z.-]+)?:(?![0-9A-Za-z])\u200b?")
_FUNCTION = re.compile(r"\$\[([a-z0-9_]+)(?:\.[0-9A-Za-z_.,=%#-]+)?[ \u3000\n]")
_TAGS = re.compile(r"</?(?:b|i|s|small|center|plain|motion|spin|jump|flip|rotate|big)>")
_LINK = re.compile(r"\??\[([^\[\]\n]+)\]\((https?://[^\s()]+(?:\([^\s()]*\)[^\s()]*)*)\)")
_BRACKETED_URL = re.compile(r"<(https?://[^\s<>]+)>")
_MARKS = (
    re.compile(r"\*\*\*?(.+?)\*\*\*?", re.DOTALL),
    re.compile(r"~~(.+?)~~"),
    re.compile(r"__([^_\n]+?)__"),
)


def plain(text: str) -> str:
    """The words a reader sees. A link gives its label; 読み仮名 (ruby) goes, the word under it stays."""
    text = _functions(text)
    text = _TAGS.sub("", text)
    text = _LINK.sub(r"\1", text)
    text = _BRACKETED_URL.sub(r"\1", text)
    for mark in _MARKS:
        text = mark.sub(r"\1", text)
    return tidy(without_emoji(text))


def without_emoji(text: str) -> str:
    """A space where a custom emoji was, so that the words on both sides do not become one."""
    bare = _EMOJI.sub(" ", text)
    return tidy(bare) if bare != text else text


def _functions(text: str) -> str:
    """Unwrap `$[name.options …]`, nested ones too. Brackets that belong to no function stay."""
    open_parts: list[tuple[str, list[str]]] = [("", [])]
    at = 0
    while at < len(text):
        match = _FUNCTION.match(text, at) if text[at] == "$" else None
        if match:
            open_parts.append((match.group(1), []))
            at = match.end()
            continue
        if text[at] == "[":
            open_parts.append(("[", []))
        elif text[at] == "]" and len(open_parts) > 1:
            _close(open_parts)
        else:
            open_parts[-1][1].append(text[at])
        at += 1
    while len(open_parts) > 1:  # never closed: its words stay
        name, pieces = open_parts.pop()
        open_parts[-1][1].append(("[" if name == "[" else "") + "".join(pieces))
    return "".join(open_parts[0][1])


def _close(open_parts: list[tuple[str, list[str]]]) -> None:
    name, pieces = open_parts.pop()
    inner = "".join(pieces)
    if name == "[":
        inner = f"[{inner}]"
    elif name == "ruby":
        inner = inner.rsplit(" ", 1)[0]
    elif name == "unixtime":
        inner = ""
    open_parts[-1][1].append(inner)
