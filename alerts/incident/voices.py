"""Who speaks in a crisis: who carries it far, who is new, who stands up for us, which media took it up (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from storage.types import Author, Label, Mention, SignalKind, Topic

Account = tuple[str, str]  # (platform, external id)

MEDIA_PLATFORMS = frozenset({"news", "prtimes"})
_PRESS_TOO = frozenset({"feed", "web"})  # may be the press: it is when it names its publisher
_OFFICIAL = re.compile(r"公式|広報|official")
_GLAD = 0.5  # a score from which a post counts as speaking well of us; weak praise is often a model's mistake


@dataclass(frozen=True, slots=True)
class Voice:
    """One account and what it said in the window, oldest first. None where no source tells.

    `advocate` says that we know the account as an advocate of the topic.
    """

    author: Author
    mentions: tuple[Mention, ...]
    followers: int | None
    engagement: int | None
    advocate: bool = False

    @property
    def ids(self) -> tuple[int, ...]:
        return ids_of(self.mentions)


@dataclass(frozen=True, slots=True)
class People:
    """`known` is the number of accounts; posts whose author no source names are in `unnamed`."""

    known: int
    unnamed: int
    new: tuple[Voice, ...]
    active: tuple[Voice, ...]
    followed: tuple[Voice, ...]


def ids_of(mentions: Iterable[Mention]) -> tuple[int, ...]:
    return tuple(mention.id for mention in mentions if mention.id is not None)


def account(author: Author) -> Account:
    return (author.platform, author.external_id)


def voices(mentions: Sequence[Mention], advocates: frozenset[Account] = frozenset()) -> list[Voice]:
    """By account, in the order of their first mention."""
    groups: dict[Account, list[Mention]] = {}
    for mention in mentions:
        if mention.post.author is not None:
            groups.setdefault(account(mention.post.author), []).append(mention)
    return [_voice(group, name in advocates) for name, group in groups.items()]


def _voice(group: Sequence[Mention], advocate: bool) -> Voice:
    author = group[-1].post.author
    assert author is not None
    followers = [
        m.post.author.followers for m in group if m.post.author and m.post.author.followers is not None
    ]
    totals = [total for m in group if (total := m.post.engagement.total) is not None]
    return Voice(
        author, tuple(group), max(followers, default=None), sum(totals) if totals else None, advocate
    )


def people(mentions: Sequence[Mention], seen_before: frozenset[Account], *, limit: int = 5) -> People:
    """`seen_before` are the accounts that spoke of the topic before the window."""
    every = voices(mentions)
    active = sorted((one for one in every if len(one.mentions) > 1), key=lambda one: -len(one.mentions))
    followed = sorted((one for one in every if one.followers), key=lambda one: -(one.followers or 0))
    return People(
        known=len(every),
        unnamed=sum(mention.post.author is None for mention in mentions),
        new=tuple(one for one in every if account(one.author) not in seen_before),
        active=tuple(active[:limit]),
        followed=tuple(followed[:limit]),
    )


def amplifiers(mentions: Sequence[Mention], *, limit: int = 6) -> tuple[Voice, ...]:
    """The accounts that carried it furthest: by followers, and ten for every reaction that their posts drew."""
    found = [one for one in voices(mentions) if _weight(one) > 0]
    return tuple(sorted(found, key=lambda one: (-_weight(one), one.mentions[0].post.created_at))[:limit])


def _weight(voice: Voice) -> int:
    return (voice.followers or 0) + 10 * (voice.engagement or 0)


def media(mentions: Sequence[Mention]) -> tuple[Mention, ...]:
    """What news sites wrote, oldest first; a bookmark of an article, or a blog, is no news."""
    return tuple(
        one
        for one in mentions
        if one.post.platform in MEDIA_PLATFORMS or (one.post.publisher and one.post.platform in _PRESS_TOO)
    )


def is_official(mention: Mention, topic: Topic) -> bool:
    """Whether the account bears our name and calls itself official: probably we ourselves."""
    author = mention.post.author
    if author is None:
        return False
    name = f"{author.name} {author.handle}".casefold()
    ours = any(one.casefold() in name for one in (topic.brand, *topic.aliases))
    return ours and _OFFICIAL.search(name) is not None


def speaks_up(mention: Mention) -> bool:
    """Defends us, or says something good about us, unpaid, in the middle of it; whether that can be believed, see
    `defenders`.
    """
    analysis = mention.analysis
    if analysis.disclosure.kind.value == "sponsored" or analysis.sentiment.label is Label.NEGATIVE:
        return False
    return analysis.sentiment.score >= _GLAD or analysis.has(SignalKind.DEFEND)


def defenders(mentions: Sequence[Mention], advocates: frozenset[Account]) -> tuple[Voice, ...]:
    """Those who defend us first, then our advocates, then by followers.

    Praise alone counts only of a known advocate: in the middle of a crisis a model takes much short blame for
    praise (of the publisher's story 14 of 17), and a report that names an accuser as a supporter is worse than one
    that misses a friend.
    """
    found = voices([one for one in mentions if speaks_up(one)], advocates)

    def defends(voice: Voice) -> bool:
        return any(one.analysis.has(SignalKind.DEFEND) for one in voice.mentions)

    believed = [one for one in found if one.advocate or defends(one)]
    return tuple(
        sorted(believed, key=lambda one: (not defends(one), not one.advocate, -(one.followers or 0)))
    )
