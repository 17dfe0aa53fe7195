"""Slack's mrkdwn as HTML: *bold*, _italic_, ~strike~, `code`, quotes, links, mentions and a few emoji."""

from __future__ import annotations

import html
import re

_EMOJI = {
    "rotating_light": "🚨", "warning": "⚠️", "fire": "🔥", "bell": "🔔", "white_check_mark": "✅", "star": "⭐",
    "speech_balloon": "💬", "mag": "🔍", "chart_with_upwards_trend": "📈", "eyes": "👀", "tada": "🎉", "link": "🔗",
    "red_circle": "🔴", "large_orange_circle": "🟠", "large_yellow_circle": "🟡", "large_green_circle": "🟢",
    "heart": "❤️", "sparkles": "✨", "mega": "📣", "page_facing_up": "📄", "bust_in_silhouette": "👤", "x": "❌",
}  # fmt: skip
_CODE = re.compile(r"```(.+?)```|`([^`\n]+)`", re.DOTALL)
_ANGLE = re.compile(r"<([^<>\n]+)>")
# As in Slack, a letter right before or behind the sign (a Japanese one too) keeps it from being markup.
_STYLES = (
    (re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])"), "b"),
    (re.compile(r"(?<![\w_])_(?=\S)([^_\n]+?)(?<=\S)_(?![\w_])"), "i"),
    (re.compile(r"(?<![\w~])~(?=\S)([^~\n]+?)(?<=\S)~(?![\w~])"), "s"),
)
_PLACEHOLDER = re.compile(r"\x02(\d+)\x03")


def to_html(text: str) -> str:
    """The text as Slack would show it. Everything that is not markup comes out escaped."""
    kept: list[str] = []

    def keep(piece: str) -> str:
        kept.append(piece)
        return f"\x02{len(kept) - 1}\x03"

    text = re.sub(r"[\x02\x03]", "", text)
    text = _CODE.sub(lambda found: keep(_code(found)), text)
    text = _ANGLE.sub(lambda found: keep(_angle(found.group(1))), text)
    text = _plain(text)
    for pattern, tag in _STYLES:
        text = pattern.sub(rf"<{tag}>\1</{tag}>", text)
    text = "".join(_lines(emoji(text)))
    while _PLACEHOLDER.search(text):
        text = _PLACEHOLDER.sub(lambda found: kept[int(found.group(1))], text)
    return text


def emoji(text: str) -> str:
    """`:name:` as the emoji, where we know it."""
    return re.sub(r":([a-z_]+):", lambda found: _EMOJI.get(found.group(1), found.group(0)), text)


def plain(text: str) -> str:
    """A plain_text object: only escapes and emoji."""
    return emoji(_plain(text)).replace("\n", "<br>")


def _plain(text: str) -> str:
    # Slack sends &, < and > as entities, and shows anything else as it is.
    return html.escape(html.unescape(text), quote=True)


def _code(found: re.Match[str]) -> str:
    block, inline = found.groups()
    return f"<pre>{_plain(block.strip())}</pre>" if block else f"<code>{_plain(inline)}</code>"


def _angle(inside: str) -> str:
    target, _, label = inside.partition("|")
    if target.startswith(("http://", "https://", "mailto:")):
        href = _plain(target)
        return f'<a href="{href}" rel="noreferrer">{plain(label or target)}</a>'
    if target[0] in "@#!":
        shown = label or {"!here": "@here", "!channel": "@channel"}.get(target, target.split("^")[-1])
        return f'<span class="at">{_plain(shown)}</span>'
    return _plain(f"<{inside}>")


def _lines(text: str) -> list[str]:
    """Lines with breaks between them, quoted lines together in a bar."""
    parts: list[str] = []
    quoted: list[str] = []
    for line in text.split("\n"):
        if line.startswith("&gt;"):
            quoted.append(line.removeprefix("&gt;").lstrip())
            continue
        if quoted:
            parts.append(f"<blockquote>{'<br>'.join(quoted)}</blockquote>")
            quoted = []
        elif parts:
            parts.append("<br>")
        parts.append(line)
    if quoted:
        parts.append(f"<blockquote>{'<br>'.join(quoted)}</blockquote>")
    return parts
