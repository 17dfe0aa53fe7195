"""Letters to an advocate, as drafts for a person to read and send (pure). Nothing here sends anything.

A draft names the public post it is about, asks for nothing but what its purpose says, and carries the disclosure
rule, the way to say no, and how long we keep what. It never offers anything for praise: a test reads all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from alerts.words_outreach import words
from storage.types import Author, Mention

LONGEST_QUOTE = 140
_PLATFORMS = {
    "appstore": "App Store", "hackernews": "Hacker News", "mastodon": "Mastodon", "misskey": "Misskey", "x": "X",
    "bluesky": "Bluesky", "youtube": "YouTube", "instagram": "Instagram",
}  # fmt: skip


class Purpose(StrEnum):
    """What a letter is for."""

    QUOTE = "quote"
    AMBASSADOR = "ambassador"
    COMMUNITY = "community"
    REFERRAL = "referral"
    THANKS = "thanks"
    DISCLOSURE = "disclosure"


GIVES = frozenset({Purpose.AMBASSADOR, Purpose.COMMUNITY, Purpose.REFERRAL, Purpose.DISCLOSURE})
"""Letters after which something of value may be given, or was: they name the marking in full."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who writes: the brand, a person's name or "", where an answer goes, and the retention in days."""

    brand: str
    name: str
    contact: str
    days: int


@dataclass(frozen=True, slots=True)
class Draft:
    """A letter for a person to check, change and send. `mention_id` is the post it is about."""

    purpose: Purpose
    lang: str
    subject: str
    body: str
    mention_id: int | None


def draft(
    purpose: Purpose, author: Author, about: Mention, sender: Sender, *, lang: str, timezone: str
) -> Draft:
    """The letter. Raises ValueError without an address to answer to: a letter that cannot be declined is none."""
    if not sender.contact.strip():
        raise ValueError("a letter needs an address to answer to")
    said = words(lang)
    post = about.post
    named = {
        "brand": sender.brand,
        "sender": sender.name.strip() or said["sender"],
        "contact": sender.contact.strip(),
        "days": str(sender.days),
        "name": author.name.strip() or author.handle.strip() or author.external_id,
        "platform": _PLATFORMS.get(post.platform, post.platform),
        "date": _date(about, lang, timezone),
        "quote": quoted(post.text or post.title),
        "url": post.url,
    }
    known = purpose is Purpose.DISCLOSURE
    parts = (
        "greeting.known" if known else "greeting",
        "why",
        f"body.{purpose.value}",
        "rule.value" if purpose in GIVES else "rule.none",
        "decline.disclosure" if known else "decline",
        "privacy",
        "signature",
    )
    body = "\n\n".join(_filled(said[part], named).rstrip() for part in parts)
    return Draft(purpose, lang, _filled(said[f"subject.{purpose.value}"], named), f"{body}\n", about.id)


def quoted(text: str) -> str:
    """The post's words on one line; a long post ends with a whole sentence where there is one, else with "…"."""
    line = " ".join(text.split())
    if len(line) <= LONGEST_QUOTE:
        return line
    cut = line[:LONGEST_QUOTE]
    end = max(cut.rfind(mark) for mark in "。！？!?")
    return cut[: end + 1] + "（…）" if end >= LONGEST_QUOTE // 3 else cut.rstrip() + "…"


def _filled(template: str, named: dict[str, str]) -> str:
    """Fill the names in, once: what a stranger wrote in braces stays as it is."""
    return template.format_map(named)


def _date(about: Mention, lang: str, timezone: str) -> str:
    day = about.post.created_at.astimezone(ZoneInfo(timezone))
    return f"{day.year}年{day.month}月{day.day}日" if lang == "ja" else f"{day.day} {day:%B %Y}"
