"""Sentences worth quoting, found in mentions, with whether we may quote them (pure).

A quotable sentence stands alone: complete, first-hand, with a concrete benefit, about this brand only. Nobody
else is named in it, nothing was paid for it, and it means what it says. It is word by word what the author wrote.
What this will not do: judge taste, or grant permission. Publish a sentence only when its author said yes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from alerts.advocacy.wording import folded, marks
from storage.consents import Consent, Scope, standing
from storage.types import Author, DisclosureKind, Label, Mention, SignalKind, Topic

SHORTEST, LONGEST = 12, 160
_MANY = 3  # accounts with the same sentence of twelve letters or more: that is no chance
SURE = 0.5  # of sentiment toward the brand: below it the sentence is as likely to be lukewarm


class Permission(StrEnum):
    """May we quote this author?"""

    NOT_ASKED = "not asked"
    ASKED = "asked"
    GRANTED = "granted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Testimonial:
    """One sentence: `quote` is `full_text[start:end]` of its post; `benefit` the words that make it concrete."""

    mention_id: int | None
    topic: str
    quote: str
    start: int
    end: int
    benefit: str
    url: str
    created_at: datetime
    author: Author
    permission: Permission


Permit = Callable[[Author], Permission]

_SENTENCE = re.compile(r"[^。．！？!?\n]+[。．！？!?]*[」』）)]?")
_ENGLISH = re.compile(r"[^.!?\n]+[.!?]*")
_JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_ENDS = re.compile(
    r"(?:[。．！？!]|(?:です|ます|でした|ました|だった|った|んだ|てる|ている|した|れる|なる|ある|いる|ない|しい|よい|いい|だ)"
    r"(?:よ|ね|な|わ|よね)?[ー〜!！♪]*)$"
)
_HANGS = re.compile(
    r"^(?:でも|けど|だけど|しかし|ただ|それ|その|あれ|あの|なので|だから|ちなみに|って|と思|のに"
    r"|but|however|that|it |this )",
    re.I,
)
_TAIL = re.compile(r"(?:\s*(?:#\S+|https?://\S+|[\U0001F000-\U0001FAFF\u2600-\u27BF\uFE0F]))+\s*$")
_HEARSAY = re.compile(
    r"らしい|とのこと|だそう|と聞|って聞|そうです|みたいです|と言っ|って言っ|によると|評判"
    r"|\b(?:i heard|apparently|they say|reportedly)\b",
    re.I,
)
_WISH = re.compile(
    r"(?:たい|つもり|予定|気になる|気になって)(?:です|なあ|な|!|！|。|$)|\b(?:want to|will try|going to)\b",
    re.I,
)
_FIRST_HAND = re.compile(
    r"(?:た|だ)(?:[。！!よねわし]|けど|$|ら|り|の|こと|時|とき|ので|から|お|、|です|んです)|(?:て|で)(?:い?る|い?ます|くれ|もら|いただ|助か)"
    r"|(?:私|僕|俺|自分|うち)|通って|通い|使って|愛用|リピ|\b(?:i|i'm|i've|my|we|our|me)\b",
    re.I,
)
_BENEFIT = re.compile(
    r"おかげ|助か(?:っ|り|る)|楽に|なくなっ|減っ|増え(?:た|て)|早く|速く|続いて|集中でき|落ち着(?:い|け)|仕事がはかど|はかど(?:る|っ)"
    r"|(?:味|香り|コク|接客|対応|店員さん|スタッフさん|説明|席|電源|wi-?fi|価格|値段|量|サイズ|使い心地|操作|画面|アプリ|サポート|返金|配送|豆|ラテ|ケーキ|モーニング|ランチ)"
    r"[^。！？!?\n]{0,20}(?:良|よ(?:く|か)|いい|美味|おいし|うま|丁寧|親切|早|速|安|広|静|使いやす|分かりやす|わかりやす|優し|嬉し|うれし|最高|好き|十分|ちょうど|感動|完璧|豊か)"
    r"|(?:丁寧|親切)に[^。\n]{0,16}(?:教え|対応|説明|聞い|して)|(?:すぐ|その場で|無料で)[^。\n]{0,16}(?:交換|対応|直|返)"
    r"|(?:おいしく|美味しく)なった|[0-9一二三四五六七八九十]+(?:年|か月|ヶ月|週間|回)[^。\n]{0,12}(?:通|使|飲|愛用|続)"
    r"|\b(?:saved|saves|helped|fixed|replaced|faster|easier|friendly|quiet|fresh|lasted|years|months)\b",
    re.I,
)
_BAD = re.compile(
    r"残念|微妙|まず(?:い|か)|ひど|最悪|ダメ|だめ|がっかり|不満|高すぎ|遅すぎ|けれど|けど|だが|ですが|ものの|のに|惜し|改善して|"
    r"\b(?:but|although|unfortunately|bad|worst|slow|rude)\b",
    re.I,
)
_SARCASM = re.compile(
    r"[（(](?:棒|笑|皮肉)[）)]|[（(]?棒読み|さすが(?:です)?ね[ー〜]|草$|ww+|笑$|（怒）|\byeah right\b", re.I
)
_ROLES = (
    r"(?:店員|店長|スタッフ|お客|お隣|皆|みな|職人|バリスタ|お母|お父|お姉|お兄|オーナー|係|業者|配達員|お子)"
)
_SOMEBODY = re.compile(
    r"@\w|(?:[一-龥々]{1,4}|[ァ-ヶー]{2,8}|[a-z]{2,12})(?:さん|くん|君|ちゃん|様|氏|先生)|\b(?:mr|mrs|ms|dr)\.? [a-z]",
    re.I,
)
_ROLE_NAME = re.compile(rf"{_ROLES}(?:さん|さま|様)?(?:たち)?")


def find(
    mentions: Iterable[Mention], topic: Topic, rivals: Sequence[Topic], permit: Permit
) -> list[Testimonial]:
    """The quotable sentences, at most one a mention, those with permission first, then the newest.

    Words that several accounts wrote are left out (`_own_words`), unless their author agreed to be quoted.
    """
    own = tuple(sorted((folded(name) for name in (topic.brand, *topic.aliases)), key=len, reverse=True))
    others = tuple(
        name
        for rival in rivals
        for name in map(folded, (rival.brand, *rival.aliases))
        if name and name not in own
    )
    found = []
    for mention in mentions:
        author = mention.post.author
        if author is None or not _genuine(mention, own):
            continue
        best = max(_quotable(mention, others), key=lambda one: len(one[2]), default=None)
        if best is not None:
            found.append(_testimonial(mention, author, best, permit(author)))
    found = _own_words(found)
    order = (Permission.GRANTED, Permission.ASKED, Permission.NOT_ASKED, Permission.REFUSED)
    found.sort(key=lambda one: one.created_at, reverse=True)
    found.sort(key=lambda one: order.index(one.permission))
    return found


def _own_words(found: list[Testimonial]) -> list[Testimonial]:
    """Of the same sentence from two accounts the first stands; from `_MANY` it is a ring's or a campaign's."""
    by_words: dict[str, list[Testimonial]] = {}
    for one in found:
        by_words.setdefault(folded(one.quote).strip(" 。.!！?？"), []).append(one)
    kept = []
    for same in by_words.values():
        accounts = {(one.author.platform, one.author.external_id) for one in same}
        first = min(same, key=lambda one: one.created_at)
        kept += [
            one
            for one in same
            if one.permission is Permission.GRANTED or (one is first and len(accounts) < _MANY)
        ]
    return kept


def permission(
    ledger: Sequence[Consent], *, asked_at: datetime | None, opted_out: bool, now: datetime
) -> Permission:
    """What an author's ledger says about quoting; the latest word counts."""
    stands = standing(ledger, now)
    if opted_out:
        return Permission.REFUSED
    if stands is not None and Scope.QUOTE in stands.scopes:
        return Permission.GRANTED
    if any(Scope.QUOTE in row.scopes for row in ledger if row.at <= now):
        return Permission.REFUSED  # it was allowed once, and is no more
    return Permission.NOT_ASKED if asked_at is None or asked_at > now else Permission.ASKED


def _genuine(mention: Mention, own: tuple[str, ...]) -> bool:
    """The post as a whole: praise, unpaid, no copy of somebody else's words, no machine, no sarcasm."""
    analysis, post = mention.analysis, mention.post
    said = marks(post.full_text, own)
    paid = said.prize or said.affiliate or said.staff or said.advert
    return not (
        analysis.sentiment.label is not Label.POSITIVE
        or analysis.sentiment.score < SURE
        or analysis.sarcasm
        or analysis.disclosure.kind is DisclosureKind.SPONSORED
        or post.repost_of
        or (post.author and post.author.bot)
        or analysis.has(SignalKind.COMPLAINT, SignalKind.WARN, SignalKind.CHURN_INTENT)
        or paid
    )


def _quotable(mention: Mention, others: tuple[str, ...]) -> Iterator[tuple[int, int, str]]:
    """Start, end and benefit of each sentence that may stand alone."""
    for start, end in sentences(mention.post.full_text):
        sentence = mention.post.full_text[start:end]
        plain = folded(sentence)
        benefit = _BENEFIT.search(plain)
        if benefit and _stands_alone(plain) and not _names_others(plain, others):
            yield start, end, benefit[0]


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Where each sentence begins and ends; hashtags, links and emoji at its end are left off."""
    for match in (_SENTENCE if _JAPANESE.search(text) else _ENGLISH).finditer(text):
        piece = match[0]
        tail = _TAIL.search(piece)
        kept = piece[: tail.start()] if tail else piece
        start = match.start() + len(kept) - len(kept.lstrip())
        end = match.start() + len(kept.rstrip())
        if end > start:
            yield start, end


def _stands_alone(plain: str) -> bool:
    japanese = _JAPANESE.search(plain) is not None
    complete = _ENDS.search(plain) if japanese else plain.endswith((".", "!"))
    return bool(
        SHORTEST <= len(plain) <= LONGEST
        and complete
        and not plain.endswith(("?", "？"))
        and not _HANGS.search(plain)
        and _FIRST_HAND.search(plain)
        and not _HEARSAY.search(plain)
        and not _WISH.search(plain)
        and not _BAD.search(plain)
        and not _SARCASM.search(plain)
        and "http" not in plain
    )


def _names_others(plain: str, others: tuple[str, ...]) -> bool:
    return bool(_SOMEBODY.search(_ROLE_NAME.sub("", plain))) or any(name in plain for name in others)


def _testimonial(
    mention: Mention, author: Author, best: tuple[int, int, str], allowed: Permission
) -> Testimonial:
    start, end, benefit = best
    return Testimonial(
        mention.id,
        mention.topic,
        mention.post.full_text[start:end],
        start,
        end,
        benefit,
        mention.post.url,
        mention.post.created_at,
        author,
        allowed,
    )
