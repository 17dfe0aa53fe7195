"""Is an author's praise free and their own? The reasons, for and against, each with its words (pure).

Plain reasons make somebody "not organic". Faint ones (`looks_…`) never do: nobody is called paid on a guess. They
stand beside the verdict and lower the score.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from alerts.advocacy.person import Judged, Person
from storage.types import Reason

PRIZE_SHARE, COPIED_SHARE = 0.3, 0.5
_BOT_NAME = re.compile(r"(?:^|[_\-\W\d])bot(?:$|[_\-\W\d])|ボット|自動(?:投稿|配信)", re.IGNORECASE)
_PAID_NAME = re.compile(
    r"アンバサダー|ambassador|案件|#?\bPR\b|インフルエンサー|お仕事依頼|アフィ|クーポン|割引情報|お得情報|最安",
    re.IGNORECASE,
)
_PRIZE_NAME = re.compile(r"懸賞|プレゼント企画|当選|応募|キャンペーン|プレ企画", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`against`: plain reasons. `faint`: doubts with their strength 0…1 and the mentions that raise them."""

    against: tuple[Reason, ...]
    faint: tuple[tuple[Reason, float, tuple[Judged, ...]], ...]

    @property
    def organic(self) -> bool:
        return not self.against

    @property
    def codes(self) -> frozenset[str]:
        return frozenset(reason.code for reason in self.against)

    def reasons(self, mentions: int) -> tuple[Reason, ...]:
        """All of them; when nothing at all speaks against the author, that is the reason."""
        found = self.against + tuple(reason for reason, _, _ in self.faint)
        return found or (Reason("no_sign_of_payment", {"mentions": mentions}),)


def verdict(person: Person) -> Verdict:
    return Verdict(tuple(_against(person)), tuple(_faint(person)))


def _against(person: Person) -> list[Reason]:
    size = len(person.judged)
    found = []
    for why in ("sponsored", "affiliate"):
        if shown := person.bought(why):
            found.append(Reason(why, {"count": len(shown), "of": size, **_shown(shown)}))
    if person.official:
        found.append(Reason("official_account", {"name": person.official}))
    if shown := person.bought("employee"):
        found.append(Reason("employee", _shown(shown)))
    if person.author.bot or _BOT_NAME.search(person.author.name) or _BOT_NAME.search(person.author.handle):
        found.append(Reason("bot", {"handle": person.author.handle}))
    if person.ring:
        found.append(Reason("ring", {"count": len(person.crowd), "of": size}))
    copied = person.crowd | person.own
    if not person.ring and size >= 3 and len(copied) / size >= COPIED_SHARE:
        found.append(Reason("copied_text", {"count": len(copied), "of": size}))
    shown = person.bought("prize")
    if shown and len(shown) / size >= PRIZE_SHARE:
        found.append(Reason("prize_campaign", {"count": len(shown), "of": size, **_shown(shown)}))
    return found


def _faint(person: Person) -> list[tuple[Reason, float, tuple[Judged, ...]]]:
    found = []
    habits = person.habits
    if habits.doubt:
        places = tuple(person.judged[place] for place in habits.shown)
        found.append((Reason("looks_like_staff", {"words": habits.words}), habits.doubt, places))
    if person.clockwork:
        found.append((Reason("looks_automatic", {"mentions": len(person.judged)}), 0.9, person.judged))
    guessed = tuple(one for one in person.judged if one.guessed >= 0.3)
    share = sum(one.guessed for one in guessed) / (len(person.judged) + 1)
    if len(guessed) >= 2 and share >= 0.12:
        reason = Reason(
            "looks_paid", {"count": len(guessed), "of": len(person.judged), "words": _advert(guessed)}
        )
        found.append((reason, min(1.0, 2.5 * share), guessed))
    for pattern in (_PAID_NAME, _PRIZE_NAME):
        match = pattern.search(person.author.name) or pattern.search(person.author.handle)
        if match:
            found.append((Reason("telling_name", {"words": match[0]}), 0.6, ()))
    return found


def _shown(judged: Sequence[Judged]) -> dict[str, object]:
    return {"words": judged[-1].words, "mention": judged[-1].mention.id}


def _advert(guessed: Sequence[Judged]) -> str:
    return "、".join(dict.fromkeys(one.marks.advert for one in guessed if one.marks.advert)) or "—"
