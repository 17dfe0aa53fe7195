"""Block Kit as HTML, and what Slack would refuse of it."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from listener.publisher.mrkdwn import plain, to_html

# Limits that Slack documents for Block Kit.
MAX_BLOCKS = 50
MAX_HEADER, MAX_TEXT, MAX_FIELD, MAX_FIELDS = 150, 3000, 2000, 10
MAX_BUTTON, MAX_URL, MAX_BUTTONS, MAX_CONTEXT = 75, 3000, 25, 10


def problems(blocks: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Why Slack would answer invalid_blocks, one sentence a reason."""
    if len(blocks) > MAX_BLOCKS:
        yield f"no more than {MAX_BLOCKS} items allowed [json-pointer:/blocks]"
    for number, block in enumerate(blocks):
        for problem in _block_problems(block):
            yield f"{problem} [json-pointer:/blocks/{number}]"


def _block_problems(block: Mapping[str, Any]) -> Iterator[str]:
    match block.get("type"):
        case "header":
            if (block.get("text") or {}).get("type") != "plain_text":
                yield "a header's text is plain_text"
            yield from _too_long(block.get("text"), MAX_HEADER)
        case "section":
            yield from _section_problems(block)
        case "actions":
            yield from _actions_problems(block.get("elements") or [])
        case "context":
            elements = block.get("elements") or []
            if not 1 <= len(elements) <= MAX_CONTEXT:
                yield f"1 to {MAX_CONTEXT} elements"
            for element in elements:
                yield from _too_long(element, MAX_TEXT, needed=element.get("type") != "image")
        case "divider" | "image" | "rich_text":
            pass
        case kind:
            yield f"unsupported type: {kind}"


def _section_problems(section: Mapping[str, Any]) -> Iterator[str]:
    fields = section.get("fields") or []
    if not section.get("text") and not fields:
        yield "a section needs text or fields"
    yield from _too_long(section.get("text"), MAX_TEXT, needed="text" in section)
    if len(fields) > MAX_FIELDS:
        yield f"no more than {MAX_FIELDS} fields"
    for field in fields:
        yield from _too_long(field, MAX_FIELD)


def _actions_problems(buttons: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if not 1 <= len(buttons) <= MAX_BUTTONS:
        yield f"1 to {MAX_BUTTONS} elements"
    for button in buttons:
        yield from _too_long(button.get("text"), MAX_BUTTON)
        if len(button.get("url") or "") > MAX_URL:
            yield f"a url has no more than {MAX_URL} characters"


def _too_long(text: Any, limit: int, *, needed: bool = True) -> Iterator[str]:
    words = text.get("text") if isinstance(text, Mapping) else None
    if not isinstance(words, str) or not words:
        if needed:
            yield "must have text of at least 1 character"
    elif len(words) > limit:
        yield f"must be less than {limit + 1} characters"


def render(blocks: Sequence[Mapping[str, Any]]) -> str:
    """The blocks as HTML, one <div> each."""
    return "".join(f'<div class="block {_kind(block)}">{_inner(block)}</div>' for block in blocks)


def _kind(block: Mapping[str, Any]) -> str:
    return html.escape(str(block.get("type", "unknown")), quote=True)


def _inner(block: Mapping[str, Any]) -> str:
    match block.get("type"):
        case "header":
            return _text(block.get("text"))
        case "section":
            fields = "".join(f"<div>{_text(field)}</div>" for field in block.get("fields") or [])
            words = f'<div class="words">{_text(block.get("text"))}</div>' if block.get("text") else ""
            body = words + (f'<div class="fields">{fields}</div>' if fields else "")
            accessory = block.get("accessory")
            return f'<div class="grow">{body}</div>{_element(accessory)}' if accessory else body
        case "context" | "actions":
            return "".join(_element(element) for element in block.get("elements") or [])
        case "divider":
            return "<hr>"
        case "image":
            return _picture(block)
        case "rich_text":
            return html.escape(_rich(block))
        case kind:
            return f"（このプレビューでは表示できないブロック / not shown by this preview: {html.escape(str(kind))}）"


def _text(text: Any) -> str:
    if not isinstance(text, Mapping):
        return ""
    words = str(text.get("text", ""))
    return to_html(words) if text.get("type") == "mrkdwn" else plain(words)


def _element(element: Any) -> str:
    match element.get("type"):
        case "button":
            style = element.get("style") if element.get("style") in ("primary", "danger") else ""
            url = str(element.get("url") or "")
            words = _text(element.get("text"))
            if url.startswith(("http://", "https://")):
                return f'<a class="button {style}" href="{html.escape(url)}">{words}</a>'
            return f'<span class="button {style}">{words}</span>'
        case "image":
            return _picture(element)
        case _:
            return f"<span>{_text(element)}</span>"


def _picture(image: Mapping[str, Any]) -> str:
    # Never loaded: this machine has no network to load it from.
    return f'<span class="picture">{html.escape(str(image.get("alt_text", "")))}</span>'


def _rich(part: Any) -> str:
    """The words of a rich_text block, without its styles."""
    if not isinstance(part, Mapping):
        return ""
    own = str(part.get("text") or part.get("url") or "")
    return own + "".join(_rich(child) for child in part.get("elements") or [])
