"""Drafting a letter to an advocate from what the store knows; nothing is sent."""

from __future__ import annotations

from dataclasses import dataclass

from alerts.handover import refused_platform
from alerts.outreach import Draft, Purpose, Sender, draft
from alerts.words_handover import explain
from listener.config import Config
from storage.db import Store
from storage.types import Advocate, Mention


class LetterError(ValueError):
    """No letter can be drafted; `code` says why, and the message what to do.

    unknown (no such advocate), reddit, opted_out, mention (not theirs), no_post, contact (no address for an answer).
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Letter:
    """What letter is wanted: to whom, for what, about which post (None: the most telling), in whose name."""

    advocate: int
    purpose: Purpose
    lang: str
    mention: int | None = None
    sender: str = ""
    contact: str = ""


def letter(store: Store, config: Config, wanted: Letter) -> tuple[Advocate, Draft]:
    """Raises LetterError."""
    contact = wanted.contact.strip() or config.network.contact.strip()
    if not contact:
        raise LetterError(
            "contact", "--contact: say where an answer goes, or set network.contact in config.yaml"
        )
    advocate = _advocate(store, wanted.advocate, config.language)
    about = _about(store, advocate, wanted.mention)
    brand = next((one.brand for one in config.topics if one.name == advocate.topic), advocate.topic)
    sender = Sender(brand, wanted.sender, contact, config.storage.retention_days)
    found = draft(wanted.purpose, advocate.author, about, sender, lang=wanted.lang, timezone=config.timezone)
    return advocate, found


def _advocate(store: Store, number: int, lang: str) -> Advocate:
    found = store.advocate(number) if 0 < number < 2**63 else None
    if found is None:
        raise LetterError("unknown", f"there is no advocate {number}; `kikimimi advocates` lists them")
    if refused_platform(found.author):
        raise LetterError("reddit", explain("reddit", lang))
    if store.privacy.refusal(found.author) is not None:
        raise LetterError("opted_out", f"advocate {number} opted out: write nothing to them")
    return found


def _about(store: Store, advocate: Advocate, number: int | None) -> Mention:
    """The post named, or else the most telling one that has an address."""
    if number is not None:
        mention = store.mention(number) if 0 < number < 2**63 else None
        author = mention.post.author if mention else None
        them = (advocate.author.platform, advocate.author.external_id)
        if mention is None or author is None or (author.platform, author.external_id) != them:
            raise LetterError("mention", f"--mention: {number} is no post of advocate {advocate.id}")
        return mention
    parts = sorted(advocate.contributions, key=lambda part: -part.points)
    shown = [one for part in parts if part.points > 0 for one in part.evidence]
    mentions = store.mentions_by_id(dict.fromkeys(shown))
    linked = [one for one in mentions if one.post.url]
    if not (linked or mentions):
        raise LetterError(
            "no_post", f"no post of advocate {advocate.id} is stored any more; name one with --mention"
        )
    return (linked or mentions)[0]
