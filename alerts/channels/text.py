"""What the channels that show text have in common: marks, bylines, links, paragraphs. Names no channel."""

from __future__ import annotations

import json
import re
from urllib.parse import urlsplit

import httpx

from alerts.message import cut
from alerts.words import say
from listener.http import FetchError
from storage.notices import Message, Quote
from storage.types import Severity

# Told apart by shape as well as by colour; the title says it in words.
_MARK = {Severity.WATCH: "🟡", Severity.WARNING: "🔶", Severity.CRISIS: "🚨"}
_LONGEST_LINK = 1000  # what LINE takes, the strictest


def is_over(message: Message) -> bool:
    """Whether it says that an incident is over; a key is "<incident>/<reason>/<severity>"."""
    return message.key.split("/")[-2:-1] == ["resolved"]


def mark(message: Message) -> str:
    return "✅" if is_over(message) else _MARK[message.severity]


def headline(message: Message) -> str:
    """The title in one line, with its mark."""
    return f"{mark(message)} {' '.join(message.title.split())}"


def name_of(quote: Quote) -> str:
    return cut(" ".join(quote.author.split()), 80)


def byline(quote: Quote, lang: str) -> str:
    """花子 (@hanako)・11/22 23:50・ネガティブ"""
    label = say(f"label.{quote.label.value}", lang)
    return f"{name_of(quote)}・{quote.at:%m/%d %H:%M}・{label}"


def web_link(url: str, limit: int = _LONGEST_LINK) -> str:
    """`url` in ASCII, with nothing in it that ends a link in any markup; "" when it is no web address or too long."""
    try:
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
            return ""
        safe = re.sub(r'[\\"<>|{}^` ]', lambda one: f"%{ord(one[0]):02X}", str(httpx.URL(url)))
    except (httpx.InvalidURL, ValueError):
        return ""
    return safe if safe.isascii() and len(safe) <= limit else ""


def paragraphs(message: Message) -> list[str]:
    """Everything but the title as plain paragraphs: what happened, what to do, why, who says so."""
    lang = message.lang
    short = [f"{one.name}: {one.value}" for one in message.fields if "\n" not in one.value]
    found = [message.summary, "\n".join(short)]
    found += [f"■ {one.name}\n{one.value}" for one in message.fields if "\n" in one.value]
    if message.link:
        found.append(f"▶ {say('button', lang)}\n{message.link}")
    if message.reasons:
        found.append("\n".join([f"■ {say('why', lang)}", *(f"・{reason}" for reason in message.reasons)]))
    for number, quote in enumerate(message.quotes):
        heading = f"■ {say('quotes', lang)}\n" if number == 0 else ""
        link = web_link(quote.url)
        lines = [f"{heading}「{quote.text}」" if lang == "ja" else f"{heading}“{quote.text}”"]
        found.append("\n".join([*lines, byline(quote, lang), *([link] if link else [])]))
    found.append(message.footer)
    return [one for one in found if one.strip()]


def answer_of(error: FetchError) -> dict[str, object]:
    """The JSON object that the other side refused with, {} when it sent none."""
    try:
        said = json.loads(error.body)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
