"""Sentences worth quoting with all that a person needs to publish them: the cut, the permission, the credit (pure).

`alerts.testimonials` finds a sentence; a person may correct where it begins and ends, approve it or hide it. It may be
published only while a consent to be quoted stands, under the name that came with that consent or under none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from enum import StrEnum

from alerts.testimonials import Permission, Testimonial
from storage.consents import Standing
from storage.quotes import Choice, Curation, Publication


class State(StrEnum):
    """May this sentence be published, and if not, what stands in the way."""

    NOT_ASKED = "not_asked"
    ASKED = "asked"
    GRANTED = "granted"
    REFUSED = "refused"  # taken back, ended, or refused
    BLOCKED = "blocked"  # opted out, or a platform whose terms forbid it


_STATES = {
    Permission.NOT_ASKED: State.NOT_ASKED,
    Permission.ASKED: State.ASKED,
    Permission.GRANTED: State.GRANTED,
    Permission.REFUSED: State.REFUSED,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known of an author: their number if they are an advocate, what stands, and whether they are out of it."""

    permission: Permission
    blocked: bool = False
    advocate_id: int | None = None
    stands: Standing | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """One sentence: `found` as it is cut now, `full_text` of its post, and what people said and did about it."""

    found: Testimonial
    full_text: str
    state: State
    advocate_id: int | None
    stands: Standing | None
    choice: Choice
    aspects: tuple[str, ...]
    published: tuple[Publication, ...] = ()

    @property
    def publishable(self) -> bool:
        return self.state is State.GRANTED and self.choice is not Choice.HIDDEN


def quote(
    found: Testimonial,
    full_text: str,
    asked: Asked,
    word: Curation | None,
    aspects: Iterable[str] = (),
    published: Sequence[Publication] = (),
) -> Quote:
    """Put together; a person's word counts as long as the post still says what they saw."""
    choice = Choice.UNDECIDED
    if word is not None and word.quote and full_text[word.start : word.end] == word.quote:
        found = replace(found, quote=word.quote, start=word.start, end=word.end)
        choice = word.choice
    state = State.BLOCKED if asked.blocked else _STATES[asked.permission]
    stands = asked.stands if state is State.GRANTED else None
    return Quote(
        found, full_text, state, asked.advocate_id, stands, choice, tuple(sorted(aspects)), tuple(published)
    )


def cut(full_text: str, wanted: str) -> tuple[int, int] | None:
    """Where the post says exactly this; None when it says something else. Line breaks at the ends do not count."""
    words = wanted.replace("\r\n", "\n").strip()
    start = full_text.find(words) if words else -1
    return None if start < 0 else (start, start + len(words))


def credit(one: Quote, platform: str, zone: tzinfo, lang: str) -> str:
    """Whose words these are, as may be printed: the name given with the consent, or nobody's."""
    day = one.found.created_at.astimezone(zone)
    name = one.stands.name_given.strip() if one.stands else ""
    if lang == "ja":
        return f"{f'{name}さん' if name else 'お客様の声'}（{platform}への投稿、{day.year}年{day.month}月）"
    return f"{name or 'A customer'} (on {platform}, {day:%B %Y})"


def may_stand_at(one: Quote, now: datetime) -> bool:
    """Whether the sentence may be printed at `now`: a long page may have been read before a consent ended."""
    until = one.stands.until if one.stands else None
    return one.publishable and (until is None or until > now)
